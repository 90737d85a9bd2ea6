"""Bring what the models say to probabilities, and choose where to act; fitted on development lines at each training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlu.components import thresholds
from nlu.labels import DANGER_AT, KINDS, ONE_OF, OWN_AT, TOLD_AT


@dataclass(frozen=True)
class Calibration:
    """For one opinion or several: the weight of each and a shift, for told and for danger; the thresholds."""

    told: list[float]
    danger: list[float]
    thresholds: dict[str, float]

    @classmethod
    def fit(cls, opinions: list[np.ndarray], truth: np.ndarray) -> Calibration:
        """Fit on development lines: the log-odds that each opinion gives them, and what is true."""
        told, danger, own = truth[:, TOLD_AT], truth[:, DANGER_AT], truth[:, OWN_AT]
        plain = cls(_weights(opinions, TOLD_AT, told), _weights(opinions, DANGER_AT, danger), {})
        said = plain.probabilities(opinions)
        labels = {"told": told, "emergency": danger, "perpetrator": own, "types": truth[:, KINDS]}
        chosen = thresholds.choose(said[:, TOLD_AT], said[:, DANGER_AT], said[:, OWN_AT], said[:, KINDS], labels)
        return cls(plain.told, plain.danger, chosen)

    def probabilities(self, opinions: list[np.ndarray]) -> np.ndarray:
        """Return probabilities, one column a head: means of the opinions, for told and danger a weighted sum.

        Danger is never likelier than telling.
        """
        found = sigmoid(np.mean(opinions, axis=0))
        found[:, ONE_OF] = softmax(np.mean([np.log(softmax(heads[:, ONE_OF]) + 1e-9) for heads in opinions], axis=0))
        for column, (*weights, shift) in ((TOLD_AT, self.told), (DANGER_AT, self.danger)):
            found[:, column] = sigmoid(np.stack([heads[:, column] for heads in opinions], axis=1) @ weights + shift)
        found[:, DANGER_AT] = np.minimum(found[:, DANGER_AT], found[:, TOLD_AT])
        return found

    def summary(self, opinions: list[np.ndarray], truth: np.ndarray) -> str:
        """Return in a few words what these thresholds find."""
        said = self.probabilities(opinions)
        told, danger = truth[:, TOLD_AT], truth[:, DANGER_AT]
        now = said[:, DANGER_AT] >= self.thresholds["emergency"]
        acts = (said[:, TOLD_AT] >= self.thresholds["told"]) | now
        shares = acts[told], acts[~told & ~truth[:, OWN_AT]], now[danger]
        heard, false, urgent = (f"{100 * hits.mean():.1f} %".replace(".", ",") for hits in shares)
        return f"nhận ra {heard} lời kể, báo nhầm {false}; nguy cấp {urgent}"


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return probabilities for log-odds."""
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def softmax(x: np.ndarray) -> np.ndarray:
    """Return rows that add up to one."""
    found = np.exp(x - x.max(axis=1, keepdims=True))
    return found / found.sum(axis=1, keepdims=True)


def _weights(opinions: list[np.ndarray], column: int, truth: np.ndarray) -> list[float]:
    """Return the weight of each opinion and the shift."""
    said = np.stack([heads[:, column] for heads in opinions], axis=1)
    fit = LogisticRegression(C=1e6, solver="liblinear", random_state=0).fit(said, truth)
    return [*map(float, fit.coef_[0]), float(fit.intercept_[0])]
