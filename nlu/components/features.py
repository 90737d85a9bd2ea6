"""Counts of words and letters in both views of a message, weighted by TF-IDF; kept as JSON and npz, never pickled."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import sparse

Views = tuple[list[str], list[str]]
"""The words of a message as a careful writer would have typed them, and the same without marks."""


def _runs(words: list[str], most: int) -> Iterator[str]:
    for length in range(1, most + 1):
        for i in range(len(words) - length + 1):
            yield " ".join(words[i : i + length])


def _pairs(words: list[str]) -> Iterator[str]:
    """Yield words that stand near one another: what is between them changes from writer to writer."""
    for i, word in enumerate(words):
        for other in words[i + 1 : i + 5]:
            yield f"{word}…{other}"


def _letters(words: list[str], least: int, most: int) -> Iterator[str]:
    for word in words:  # a word of hundreds of letters is not worth remembering
        yield from (_pieces if len(word) <= 24 else _pieces.__wrapped__)(word, least, most)


@lru_cache(maxsize=100_000)
def _pieces(word: str, least: int, most: int) -> tuple[str, ...]:
    """Return the runs of letters of one word; few words make most of what people write."""
    framed = f" {word} "
    pieces: list[str] = []
    for length in range(least, min(most, len(framed)) + 1):
        pieces += (framed[i : i + length] for i in range(len(framed) - length + 1))
    return tuple(pieces)


_BLOCKS: dict[str, Callable[[Views], Iterator[str]]] = {
    "words": lambda views: _runs(views[0], 2),
    "folded words": lambda views: _runs(views[1], 3),
    "pairs": lambda views: _pairs(views[1]),
    "letters": lambda views: _letters(views[0], 2, 4),
    "folded letters": lambda views: _letters(views[1], 2, 5),
}
_WORDS = ("words", "folded words", "pairs")
_LEAST = {"pairs": 14}
_LEAST_ELSE = 10
"""A feature is kept that stands in so many training lines, copies included."""


class Features:
    """Turns views into one sparse row a message; the columns of words come before those of letters."""

    def __init__(self, columns: dict[str, dict[str, int]], weights: np.ndarray) -> None:
        self._columns = columns
        self._weights = weights
        self.words = sum(len(columns[name]) for name in _WORDS)
        """How many columns count words."""

    @classmethod
    def fit(cls, texts: list[Views]) -> Features:
        """Learn which features there are, and how rare each is."""
        columns: dict[str, dict[str, int]] = {}
        weights: list[float] = []
        for name, count in _BLOCKS.items():
            seen = Counter(term for views in texts for term in set(count(views)))
            least = _LEAST.get(name, _LEAST_ELSE)
            kept = sorted(term for term, n in seen.items() if n >= least)
            columns[name] = {term: len(weights) + i for i, term in enumerate(kept)}
            weights += [float(np.log((1 + len(texts)) / (1 + seen[term])) + 1) for term in kept]
        return cls(columns, np.array(weights, np.float32))

    def rows(self, texts: list[Views]) -> sparse.csr_matrix:
        """Return one row a message: in each block 1 + log of the count, weighted, and of length 1."""
        places: list[np.ndarray] = []
        values: list[np.ndarray] = []
        ends = [0]
        for views in texts:
            end = ends[-1]
            for name, count in _BLOCKS.items():
                column = self._columns[name].get
                found = Counter(at for term in count(views) if (at := column(term)) is not None)
                if found:
                    columns = np.fromiter(found, np.int32, len(found))
                    row = (1 + np.log(np.fromiter(found.values(), np.float32, len(found)))) * self._weights[columns]
                    places.append(columns)
                    values.append(row / np.sqrt(row @ row))
                    end += len(columns)
            ends.append(end)
        if not places:
            return sparse.csr_matrix((len(texts), len(self._weights)), dtype=np.float32)
        cells = (np.concatenate(values), np.concatenate(places), np.array(ends))
        return sparse.csr_matrix(cells, shape=(len(texts), len(self._weights)))

    def save(self, folder: Path) -> None:
        """Write columns and weights."""
        terms = {name: list(known) for name, known in self._columns.items()}
        (folder / "features.json").write_text(json.dumps(terms, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "features.npz", weights=self._weights)

    @classmethod
    def load(cls, folder: Path) -> Features:
        """Read what `save` wrote."""
        terms = json.loads((folder / "features.json").read_text(encoding="utf-8"))
        columns, start = {}, 0
        for name in _BLOCKS:
            columns[name] = {term: start + i for i, term in enumerate(terms[name])}
            start += len(terms[name])
        return cls(columns, np.load(folder / "features.npz", allow_pickle=False)["weights"])
