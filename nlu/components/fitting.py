"""Count features, and fit the regressions and the network, in forked processes that share what they learn from."""

from __future__ import annotations

import multiprocessing
import sys
from itertools import pairwise

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from nlu.components import network
from nlu.components.features import Features, Views
from nlu.components.network import Network
from nlu.components.progress import tell
from nlu.labels import HEADS, ONE_OF, TOLD_AT, WITNESS_AT

_SOLVER = {"solver": "liblinear", "dual": True, "tol": 0.1, "max_iter": 100, "random_state": 0}
"""The dual form is seven times as quick on these rows as the primal, at the same ranking of the development lines."""

_counting: list[tuple[Features, list[Views]]] = []
_inherited: dict[str, tuple[sparse.csr_matrix, np.ndarray, float, int]] = {}
"""What the processes of a training take over from their parent: too large to be sent to each."""


def count(features: Features, texts: list[Views], processes: int) -> sparse.csr_matrix:
    """Return the rows of all texts, each process counting a part of them."""
    if processes == 1 or sys.platform != "linux":
        return features.rows(texts)
    _counting.append((features, texts))
    edges = [len(texts) * n // processes for n in range(processes + 1)]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        parts = pool.map(_count_part, pairwise(edges), chunksize=1)
    _counting.clear()
    return sparse.vstack(parts, format="csr")


def fit(
    rows: sparse.csr_matrix, truth: np.ndarray, words: int, strength: float, processes: int
) -> tuple[np.ndarray, np.ndarray, Network]:
    """Return weights and biases of the regressions, and the network: it takes longest, and is begun first.

    `truth` has a column for each of `HEADS`; the network reads the first `words` columns of `rows`, `strength` is C.
    """
    _inherited["given"] = rows, truth, strength, words
    several = processes > 1 and sys.platform == "linux"  # elsewhere a fork is not safe
    pool = multiprocessing.get_context("fork").Pool(processes) if several else None
    learnt = pool.apply_async(_learn_network) if pool else None
    fitted = []
    for done in (pool.imap if pool else map)(_fit_head, range(len(HEADS))):
        fitted.append(done)
        if len(fitted) % 17 == 0:
            tell(f"2/4: nhãn {len(fitted)}/{len(HEADS)}, mạng nhỏ học cùng lúc")
    small = learnt.get() if learnt else _learn_network()
    if pool:
        pool.terminate()
    _inherited.clear()
    return np.stack([weights for weights, _ in fitted], axis=1), np.array([b for _, b in fitted], np.float32), small


def _count_part(part: tuple[int, int]) -> sparse.csr_matrix:
    features, texts = _counting[0]
    return features.rows(texts[slice(*part)])


def _fit_head(column: int) -> tuple[np.ndarray, float]:
    """Fit one head on what the parent gave; return its weights and its bias."""
    rows, truth, strength, _ = _inherited["given"]
    use = truth[:, TOLD_AT] if column == WITNESS_AT else slice(None)
    model = LogisticRegression(**_SOLVER, C=strength, class_weight="balanced").fit(rows[use], truth[use, column])
    return network.short(model.coef_[0]), float(model.intercept_[0])


def _learn_network() -> Network:
    """Fit the network on what the parent gave, on the counts of whole words alone."""
    rows, truth, _, words = _inherited["given"]
    weight = np.array([2.0 if name == "told" else 1.0 for name in HEADS], np.float32)
    return network.learn(rows[:, :words], truth.astype(np.float32), ONE_OF, weight)
