"""A small network over the counts of words, learnt with all labels at once: it generalises where single words do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

HIDDEN = 64
EPOCHS = 12
BATCH = 128
RATE = 2e-3
FASTER = 10.0
"""The first layer is sparse: its rows are touched seldom and step further."""
DROPPED = 0.5


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of two layers, float16 (the first is large)."""

    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray

    def heads(self, rows: sparse.csr_matrix) -> np.ndarray:
        """Return the log-odds (one column a label; the intents' columns before softmax)."""
        hidden = np.maximum(times(rows, self.first) + self.first_bias, 0)
        return hidden @ self.second.astype(np.float32) + self.second_bias

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name."""
        return {name: getattr(self, name) for name in ("first", "first_bias", "second", "second_bias")}


def times(rows: sparse.csr_matrix, weights: np.ndarray) -> np.ndarray:
    """Return `rows @ weights` for weights kept as float16: only the rows that a message touches are widened."""
    product = np.zeros((rows.shape[0], weights.shape[1]), np.float32)
    for i, (start, end) in enumerate(zip(rows.indptr, rows.indptr[1:], strict=False)):
        product[i] = rows.data[start:end] @ weights[rows.indices[start:end]].astype(np.float32)
    return product


def learn(rows: sparse.csr_matrix, truth: np.ndarray, one_of: slice, weight: np.ndarray, seed: int = 0) -> Network:
    """Fit to `truth` (lines × labels, 0 or 1): softmax over the columns `one_of`, yes or no in the others.

    `weight` says how much each column's error counts. Words and hidden units are dropped at random while learning.
    """
    chance = np.random.default_rng(seed)
    labels = truth.shape[1]
    first = (chance.standard_normal((rows.shape[1], HIDDEN)) * 0.1).astype(np.float32)
    second = (chance.standard_normal((HIDDEN, labels)) / np.sqrt(HIDDEN)).astype(np.float32)
    small = [np.zeros(HIDDEN, np.float32), second, np.zeros(labels, np.float32)]
    mean, square = [np.zeros_like(p) for p in small], [np.zeros_like(p) for p in small]
    touched = np.zeros(rows.shape[1], np.float32)
    steps = EPOCHS * -(-rows.shape[0] // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = chance.permutation(rows.shape[0])
        for start in range(0, len(order), BATCH):
            step += 1
            rate = RATE * (1 - step / steps) + 1e-5
            chosen = order[start : start + BATCH]
            batch = rows[chosen]
            batch.data = batch.data * _mask(batch.data.shape, chance)
            before = batch @ first + small[0]
            alive = _mask(before.shape, chance)
            hidden = np.maximum(before, 0) * alive
            error = (_answers(hidden @ small[1] + small[2], one_of) - truth[chosen]) * weight / len(chosen)
            back = (error @ small[1].T) * alive * (before > 0)
            columns = np.unique(batch.indices)
            slope = batch[:, columns].T @ back
            touched[columns] += (slope * slope).mean(axis=1)
            first[columns] -= FASTER * rate * slope / (np.sqrt(touched[columns])[:, None] + 1e-5)
            for part, change, m, v in zip(
                small, (back.sum(axis=0), hidden.T @ error, error.sum(axis=0)), mean, square, strict=True
            ):
                m += 0.1 * (change - m)
                v += 0.001 * (change * change - v)
                part -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return Network(*map(short, (first, *small)))


def short(weights: np.ndarray) -> np.ndarray:
    """Return weights as float16 with six of its ten bits after the first: a file of them deflates to three quarters,
    and no weight but the very smallest moves by more than one in a hundred."""
    bits = weights.astype(np.float16).view(np.uint16).astype(np.uint32)
    return ((bits + 8) >> 4 << 4).astype(np.uint16).view(np.float16)


def _answers(heads: np.ndarray, one_of: slice) -> np.ndarray:
    found = 1 / (1 + np.exp(-np.clip(heads, -30, 30)))
    choice = np.exp(heads[:, one_of] - heads[:, one_of].max(axis=1, keepdims=True))
    found[:, one_of] = choice / choice.sum(axis=1, keepdims=True)
    return found


def _mask(shape: tuple[int, ...], chance: np.random.Generator) -> np.ndarray:
    return ((chance.random(shape) > DROPPED) / (1 - DROPPED)).astype(np.float32)
