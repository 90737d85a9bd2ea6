"""Cut words into the pieces that the encoder knows, by the unigram model of multilingual-e5-small (SentencePiece).

A message typed without marks is read through what its words may stand for: the row of "danh" is the mean of đánh, danh,
dành, weighed by how often people write them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property

from nlu.text import LIMIT, fold, is_picture, tokens

START, UNKNOWN, END = "<s>", "<unk>", "</s>"
FIRST, LAST = 120, 60
"""Pieces of one message that are read: a tale is told in its beginning and its end."""
MOST = FIRST + LAST + 2
"""Rows of one message, its start and its end among them."""
_WORD = "\u2581"
"""Marks the beginning of a word."""
_UNKNOWN_COST = -10.0
"""Added to the score of the rarest piece for a letter that no piece holds."""
_REMEMBERED = 24
"""Letters of a word that is remembered; longer ones nobody types twice."""
_MARKED = 0.12
"""A message has marks when more than this part of its words has; "không" alone among nine may be a slip."""


@dataclass(frozen=True)
class Pieces:
    """The rows of all pieces, and of the words of messages without marks; the log-probability of each piece."""

    rows: dict[str, int]
    scores: dict[str, float]
    bare: dict[str, int]
    _cut: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def of(self, text: str) -> list[int]:
        """Return the rows of one message, its start and its end among them."""
        found: list[int] = []
        without_marks = marked(text) < _MARKED
        for word in words_of(text):
            row = self.bare.get(word) if without_marks else None
            found += [row] if row is not None else [self.rows[piece] for piece in self.cut(word)]
        if len(found) > FIRST + LAST:
            found = [*found[:FIRST], *found[-LAST:]]
        return [self.rows[START], *found, self.rows[END]]

    def cut(self, word: str) -> list[str]:
        """Return the likeliest pieces of one word."""
        if len(word) > _REMEMBERED:
            return self._best(_WORD + word)
        if word not in self._cut:
            if len(self._cut) > 50_000:
                self._cut.clear()
            self._cut[word] = self._best(_WORD + word)
        return self._cut[word]

    def _best(self, text: str) -> list[str]:
        """Follow the best way through the text (Viterbi)."""
        best: list[tuple[float, int, str]] = [(0.0, 0, "")]
        for end in range(1, len(text) + 1):
            ways = [(best[end - 1][0] + self._unknown, end - 1, UNKNOWN)]
            for start in range(max(0, end - self._longest), end):
                score = self.scores.get(text[start:end])
                if score is not None:
                    ways.append((best[start][0] + score, start, text[start:end]))
            best.append(max(ways))
        found: list[str] = []
        end = len(text)
        while end:
            _, end, piece = best[end]
            found.append(piece)
        return found[::-1]

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.scores))

    @cached_property
    def _unknown(self) -> float:
        return min(self.scores.values()) + _UNKNOWN_COST


def words_of(text: str) -> list[str]:
    """Return the normalised words of a message, without emoji."""
    return [word for word in tokens(text) if not is_picture(word)]


def marked(text: str) -> float:
    """Return which part of the words has marks, as they were typed: "ck", which is read as chồng, has none."""
    spelt = [word for word in unicodedata.normalize("NFC", text[:LIMIT]).lower().split() if any(map(str.isalpha, word))]
    return sum(word != fold(word) for word in spelt) / max(1, len(spelt))
