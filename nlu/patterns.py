"""Patterns over normalised text that also find the same words typed without any marks."""

from __future__ import annotations

import re
from functools import cached_property

from nlu.text import fold, normalise


class Pattern:
    """One compiled table row: any of its expressions, as whole words, in either writing."""

    def __init__(self, expressions: list[str], words: dict[str, str] | None = None) -> None:
        self._written = [_fill(e, words or {}) for e in expressions]

    # Compiled with the first message that needs them: a bot that starts answers sooner.

    @cached_property
    def _marked(self) -> re.Pattern[str]:
        return _whole_words(self._written)

    @cached_property
    def _folded(self) -> re.Pattern[str]:
        return _whole_words([_fold_letters(e) for e in self._written])

    def search(self, text: Text) -> re.Match[str] | None:
        """Return the first match in the text as typed, else in its folded form where few marks were typed."""
        return self._marked.search(text.marked) or (self._folded.search(text.folded) if text.unmarked else None)


class Text:
    """A message in the forms that patterns read."""

    __slots__ = ("folded", "marked", "unmarked")

    def __init__(self, raw: str, bare: bool = False) -> None:
        """Read `raw`; with `bare`, without the greeting in front and the emoji at the end."""
        self.marked = normalise(raw)
        if bare:
            self.marked = _ENDING.sub("", _GREETING.sub("", self.marked))
        words = self.marked.split()
        folds = [fold(w) for w in words]
        self.folded = " ".join(folds)
        self.unmarked = sum(a != b for a, b in zip(words, folds, strict=True)) <= len(words) * 0.35


_GREETING = re.compile(
    r"^(?:(?:dạ|da|ạ|alo|alô|xin|em|con|cháu|chau|cho em hỏi) )*(?:chào|chao|hi|hello|helo|alo|alô|dạ|da)"
    r"(?: (?:chị|chi|cô|co|chú|chu|anh|bác|bac|bạn|ban|em|ad|admin|bot|shop|mọi|người|moi|nguoi))*(?: (?:ạ|a|ơi|oi|nhé|nha|nhe))*(?: [.,!])+ "
)
_ENDING = re.compile(r"(?: (?!🆘|😂|🤣)[^\w\s.,;:!?()=])+$")
"""What stands in front of a message and behind it without saying anything."""


def _whole_words(expressions: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(expressions)})(?!\w)")


def _fill(expression: str, words: dict[str, str]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda m: _fill(words[m[1]], words), expression)


def _fold_letters(expression: str) -> str:
    """Fold the letters of an expression and leave its escapes (``\\w``) alone."""
    return re.sub(r"\\.|[^\\]+", lambda m: m[0] if m[0].startswith("\\") else fold(m[0]), expression)
