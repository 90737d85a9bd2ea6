"""Choose where to act, on development lines that nobody trained on; kept with the model, chosen anew at each training."""

from __future__ import annotations

import numpy as np

FALSE_ALARMS = 0.06
"""Share of calm development lines that may be taken for telling; within it nobody who tells should be missed."""
FALSE_EMERGENCIES = 0.025
"""Share of lines without danger that may be answered as danger."""
ASKED_ANYWAY = 0.30
"""Share of calm lines that may at most be asked gently, or acted on."""
REACHED = 0.99
"""Share of telling lines that should at least be asked."""


def choose(
    told: np.ndarray, emergency: np.ndarray, perpetrator: np.ndarray, types: np.ndarray, labels: dict[str, np.ndarray]
) -> dict[str, float]:
    """Return the thresholds `told`, `ask`, `emergency`, `perpetrator` and `types` (each 0-1)."""
    is_told, is_own = labels["told"], labels["perpetrator"]
    calm = ~is_told & ~is_own
    danger = at_most(emergency[~labels["emergency"]], FALSE_EMERGENCIES)
    act = at_most(np.where(emergency >= danger, 1.0, told)[calm], FALSE_ALARMS)
    ask = max(at_least(told[is_told], REACHED), at_most(told[calm], ASKED_ANYWAY))
    return {
        "told": act,
        "ask": min(ask, act),
        "emergency": danger,
        "perpetrator": best_f1(perpetrator[~is_told], is_own[~is_told]),
        "types": best_f1(types[is_told].ravel(), labels["types"][is_told].ravel()),
    }


def at_most(scores: np.ndarray, share: float) -> float:
    """Return the lowest threshold that at most `share` of these scores reach."""
    ordered = np.sort(scores)[::-1]
    return float(ordered[min(int(share * len(ordered)), len(ordered) - 1)]) + 1e-6


def at_least(scores: np.ndarray, share: float) -> float:
    """Return the highest threshold that at least `share` of these scores reach."""
    ordered = np.sort(scores)
    return float(ordered[int((1 - share) * len(ordered))]) - 1e-6


def best_f1(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return the threshold with the best F1."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    return float(scores[order[int(np.argmax(f1))]]) - 1e-6
