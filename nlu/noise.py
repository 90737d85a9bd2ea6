"""Type a line again as another hand would have: dialect, short forms, a slipped finger, a greeting in front."""

from __future__ import annotations

import random

_NEIGHBOURS = {
    "a": "sq",
    "o": "ip",
    "e": "wr",
    "n": "bm",
    "h": "gj",
    "i": "uo",
    "u": "yi",
    "c": "xv",
    "t": "ry",
    "m": "n",
}
_SHORT = {"không": "ko", "được": "dc", "chồng": "ck", "vợ": "vk", "gì": "j", "với": "vs", "cũng": "cx", "rồi": "r"}
_SOUTH = {"không": "hổng", "vợ": "dợ", "về": "dìa", "tôi": "tui", "đánh": "quánh", "ông ấy": "ổng", "bà ấy": "bả"}
_CENTRE = {"gì": "chi", "sao": "răng", "thế": "rứa", "mày": "mi", "tao": "tau", "nó": "hắn", "đâu": "mô"}


_GREETINGS = (
    "chào chị ạ.", "alo", "ad ơi", "cho em hỏi", "dạ em chào anh chị", "xin chào", "chị ơi", "cháu chào cô ạ,", "hello", "bạn ơi",
    "e chào ad", "cô ơi", "có ai không", "kính gửi anh chị,", "hi", "cho tui hỏi cái này",
)  # fmt: skip


def noisy(text: str, chance: random.Random) -> str:
    """Return the line as another hand would have typed it; sometimes that is the same."""
    if chance.random() < 0.2:
        return f"{chance.choice(_GREETINGS)} {text}"
    words = chance.choice((_SHORT, _SOUTH, _CENTRE, {}))
    said = " ".join(words.get(word.lower(), word) for word in text.split())
    return _slip(said, chance) if not words or chance.random() < 0.3 else said


def _slip(text: str, chance: random.Random) -> str:
    """Let one finger slip: a neighbour key, a doubled or a lost letter, two letters swapped."""
    spots = [i for i, c in enumerate(text) if c.isalpha()]
    if len(spots) < 8:
        return text
    i = chance.choice(spots[1:-1])
    near = _NEIGHBOURS.get(text[i].lower())
    kind = chance.randrange(4)
    if kind == 0 and near:
        return text[:i] + chance.choice(near) + text[i + 1 :]
    if kind == 1:
        return text[:i] + text[i] + text[i:]
    if kind == 2:
        return text[:i] + text[i + 1 :]
    return text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :]
