"""How place names and typed words are compared: marks, their order, i and y, spaces."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from nlu.text import fold

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_|\n")
_SAME_ONSET = {"s": "x", "tr": "ch", "gi": "d", "r": "d", "v": "d", "ngh": "ng", "gh": "g"}
_SAME_CODA = {"ng": "n", "nh": "n", "t": "c", "ch": "c"}
_ONSETS = re.compile(r"^(?:ngh|gh|tr|gi(?=[aeou])|[srv])")
_CODAS = re.compile(r"(?<=[aeiouy])(?:ng|nh|ch|t)$")
_FINAL_Y = re.compile(r"(?:(?<=[bcdghklmnprstvx])|(?<=^qu))y$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or number of the text; `before` is the punctuation between it and the word before."""

    raw: str
    plain: str
    """Lower case without marks."""
    marked: str
    """Comparable with marks: the tone stands at the end, so that "hoà" is "hòa"."""
    before: str
    glued: bool
    """Nothing stands between this and the word before."""

    @property
    def has_marks(self) -> bool:
        """The writer typed a mark on it."""
        return self.plain != self.marked

    @property
    def capital(self) -> bool:
        """It begins with a capital letter."""
        return self.raw[:1].isupper()


def words(text: str) -> list[Word]:
    """Return the words and numbers of `text` in order; punctuation is kept in front of the next word."""
    found: list[Word] = []
    before, end = "", -1
    text = unicodedata.normalize("NFC", text)
    for match in _WORD.finditer(text):
        raw = match[0]
        if not raw[0].isalnum():
            before += raw
            continue
        found.append(Word(raw, plain(raw), marked(raw), before, glued=match.start() == end))
        before, end = "", match.end()
    return found


@lru_cache(maxsize=20_000)
def plain(syllable: str) -> str:
    """Return the syllable without marks, with i for a final y ("Lý" and "Lí" are one)."""
    bare = fold(syllable)
    if bare.isdigit():
        return bare.lstrip("0") or "0"
    return _FINAL_Y.sub("i", bare)


@lru_cache(maxsize=20_000)
def marked(syllable: str) -> str:
    """Return the syllable in lower case with its tone at the end, equal for every way to type the same sounds."""
    letters = unicodedata.normalize("NFD", syllable.lower())
    tone = "".join(c for c in letters if c in _TONES)
    rest = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    if rest.isdigit():
        return rest.lstrip("0") or "0"
    return _FINAL_Y.sub("i", rest) + tone


@lru_cache(maxsize=20_000)
def sound(bare: str) -> str:
    """Return a syllable without marks as one spelling for what many Vietnamese speak alike: s and x, n and ng."""
    start = _ONSETS.sub(lambda m: _SAME_ONSET[m[0]], bare)
    return _CODAS.sub(lambda m: _SAME_CODA[m[0]], start)


def syllables(name: str) -> tuple[str, ...]:
    """Return the words of a name without hyphens and apostrophes: "Bà Rịa - Vũng Tàu" has four."""
    return tuple(_NAME.findall(name))


def joined(name: str) -> str:
    """Return the name without marks, spaces and punctuation: the key under which names are found."""
    return "".join(plain(s) for s in syllables(name))


def letters(name: str) -> tuple[str, ...]:
    """Return the comparable words of a name with their marks."""
    return tuple(marked(s) for s in syllables(name))


_NAME = re.compile(r"[^\W\d_]+|\d+")
