"""Counts of words and letters in both views of a message, weighted by TF-IDF; kept as JSON and npz, never pickled."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

Views = tuple[str, str]
"""The normalised text and the same without marks, tokens joined by single spaces."""

# (name, view, what is counted)
_BLOCKS = (
    ("word", 0, {"analyzer": "word", "token_pattern": r"\S+", "ngram_range": (1, 2), "min_df": 2}),
    ("word-folded", 1, {"analyzer": "word", "token_pattern": r"\S+", "ngram_range": (1, 3), "min_df": 2}),
    ("letters", 0, {"analyzer": "char_wb", "ngram_range": (2, 4), "min_df": 4}),
    ("letters-folded", 1, {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 4}),
)


class Features:
    """Turns views into one sparse row a message."""

    def __init__(self, blocks: dict[str, TfidfVectorizer]) -> None:
        self._blocks = blocks

    @classmethod
    def fit(cls, texts: list[Views]) -> tuple[Features, sparse.csr_matrix]:
        """Learn vocabulary and weights; return the features and the rows of `texts`."""
        blocks, rows = {}, []
        for name, view, options in _BLOCKS:
            block = TfidfVectorizer(lowercase=False, sublinear_tf=True, dtype=np.float32, **options)
            rows.append(block.fit_transform([text[view] for text in texts]))
            blocks[name] = block
        return cls(blocks), sparse.hstack(rows, format="csr")

    def rows(self, texts: list[Views]) -> sparse.csr_matrix:
        """Return one row a message."""
        found = [self._blocks[name].transform([text[view] for text in texts]) for name, view, _ in _BLOCKS]
        return sparse.hstack(found, format="csr")

    def keep(self, columns: np.ndarray) -> Features:
        """Return the features reduced to these columns of a row."""
        kept, start = {}, 0
        for name, _, options in _BLOCKS:
            words = self._blocks[name].get_feature_names_out()
            mine = columns[(columns >= start) & (columns < start + len(words))] - start
            kept[name] = _block(options, [str(words[i]) for i in mine], self._blocks[name].idf_[mine])
            start += len(words)
        return Features(kept)

    def save(self, folder: Path) -> None:
        """Write vocabulary and weights."""
        words = {name: block.get_feature_names_out().tolist() for name, block in self._blocks.items()}
        (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "weights.npz", **{n: b.idf_.astype(np.float32) for n, b in self._blocks.items()})

    @classmethod
    def load(cls, folder: Path) -> Features:
        """Read what `save` wrote."""
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        weights = np.load(folder / "weights.npz", allow_pickle=False)
        return cls({name: _block(options, words[name], weights[name]) for name, _, options in _BLOCKS})


def _block(options: dict[str, object], words: list[str], idf: np.ndarray) -> TfidfVectorizer:
    block = TfidfVectorizer(
        lowercase=False, sublinear_tf=True, dtype=np.float32, vocabulary={w: i for i, w in enumerate(words)}, **options
    )
    block.idf_ = np.asarray(idf, dtype=np.float32)
    return block
