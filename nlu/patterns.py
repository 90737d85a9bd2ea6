"""Tables of patterns over normalised text, which also find the same words typed without any marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from nlu.text import fold, normalise


class Rule:
    """When a row of a table speaks: one of `says`, or all of `together` in any order; and nothing of `unless`."""

    def __init__(self, row: Mapping[str, Any], words: dict[str, str] | None = None, says: str = "says") -> None:
        """Read a row; `says` names its expressions, `words` are the table's groups of words."""
        self._says = Pattern(row[says], words) if row.get(says) else None
        self._together = [Pattern([part], words) for part in row.get("together", ())]
        self._unless = Pattern(row["unless"], words) if row.get("unless") else None

    def fits(self, text: Text) -> bool:
        """Tell whether the row speaks of this text."""
        said = self._says is not None and self._says.search(text) is not None
        if not said and not (self._together and all(part.search(text) for part in self._together)):
            return False
        return self._unless is None or self._unless.search(text) is None


class Pattern:
    """Any of some expressions, as whole words, in either writing."""

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
        folds = [_plain(w) for w in words]
        self.folded = " ".join(folds)
        self.unmarked = sum(a != b for a, b in zip(words, folds, strict=True)) <= len(words) * 0.35


@lru_cache(maxsize=50_000)
def _plain(word: str) -> str:
    """Return one word without marks: a message is read by several tables, and few words make most messages."""
    return fold(word)


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
