"""Choose the pieces that Vietnamese needs, and give each its row; words without marks get the mean of what they stand for."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from nlu.encoder.pieces import END, START, UNKNOWN, Pieces, marked, words_of
from nlu.encoder.pretrained import Pretrained
from nlu.lines import Line
from nlu.text import fold, is_syllable

_TYPED = 0.3
"""A line whose words have marks in at least this part shows which marks its words have."""


def vocabulary(lines: list[Line], given: Pretrained) -> tuple[Pieces, np.ndarray]:
    """Return the pieces that Vietnamese needs, and the row of each: of a bare word, the mean of what it may stand for."""
    known = {piece: number for number, piece in enumerate(given.pieces) if piece}
    scores = {piece: float(given.scores[number]) for piece, number in known.items()}
    every = Pieces(known, scores, {})
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    used = {START, END, UNKNOWN}
    for line in lines:
        words = words_of(line.text)
        for word in words:
            used.update(every.cut(word), every.cut(fold(word)))
        if marked(line.text) >= _TYPED:
            for word in filter(str.isalpha, words):
                forms[fold(word)][word] += 1
    kept = [piece for piece in known if piece in used or _may_be_needed(piece)]
    kept.sort(key=lambda piece: (piece not in (START, END), known[piece]))
    embeddings = given.matrix("emb.word", given.width)
    rows = [embeddings[known[piece]] for piece in kept]
    for word in sorted(forms):
        share = [n * embeddings[[known[p] for p in every.cut(form)]].mean(axis=0) for form, n in forms[word].items()]
        rows.append(np.sum(share, axis=0) / forms[word].total())
    bare = {word: len(kept) + n for n, word in enumerate(sorted(forms))}
    return Pieces({p: n for n, p in enumerate(kept)}, {p: scores[p] for p in kept}, bare), np.stack(rows)


def _may_be_needed(piece: str) -> bool:
    """Tell whether a piece that no line holds may stand in a message: a syllable, a letter, a bit of a Latin word."""
    bare = piece.removeprefix("\u2581")
    return piece == piece.lower() and (len(bare) <= 1 or is_syllable(bare) or (len(bare) <= 3 and bare.isascii()))
