"""The same line as other hands and keyboards write it. Pure; the same text always changes in the same way."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

from nlu.text import fold

Change = Callable[[str], str]

_KEYS = {"\u0302": "{0}{0}", "\u0306": "{0}w", "\u031b": "{0}w"}
_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def telex(text: str) -> str:
    """Return the raw telex keys of each word, its tone last: ``"đánh em"`` gives ``"ddanhs em"``."""
    return " ".join(_telex_keys(word) for word in unicodedata.normalize("NFC", text).split(" "))


def slip(text: str) -> str:
    """Let one finger slip, somewhere in the text: a key beside, a letter lost, doubled, or swapped with the next."""
    spots = [i for i, letter in enumerate(text[:-1]) if letter.isalpha()]
    if len(spots) < 4:
        return text
    chance = random.Random(text)  # noqa: S311 - noise, no secret
    i = chance.choice(spots[1:])
    beside = _beside(text[i])
    changed = [
        text[:i] + text[i + 1 :],
        text[:i] + text[i] + text[i:],
        text[:i] + text[i + 1] + text[i] + text[i + 2 :],
    ]
    if beside:
        changed.append(text[:i] + chance.choice(beside) + text[i + 1 :])
    return chance.choice(changed)


VARIANTS: dict[str, Change] = {
    "as typed": lambda text: text,
    "without marks": fold,
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "telex": telex,
    "typos": slip,
    "upper case": str.upper,
}
"""Every variant that `tincay evaluate --variants` scores; the first is the line as it stands."""
USUAL = ("as typed", "without marks")
"""The variants that are scored without being asked for, and by which a new model is judged."""


def _telex_keys(word: str) -> str:
    """Keep the punctuation around a word where it is; the tone key follows the last letter."""
    keys, tone, end = [], "", 0
    for letter in word:
        base, *marks = list(unicodedata.normalize("NFD", letter))
        key = {"đ": "dd", "Đ": "DD"}.get(base, base)
        for mark in marks:
            key = _KEYS[mark].format(key) if mark in _KEYS else key
            tone = _TONES.get(mark, tone)
        keys.append(key)
        if letter.isalpha():
            end = len(keys)
    return "".join(keys[:end]) + tone + "".join(keys[end:])


def _beside(letter: str) -> str:
    for row in _ROWS:
        at = row.find(letter.lower())
        if at >= 0:
            return row[max(at - 1, 0) : at] + row[at + 1 : at + 2]
    return ""
