"""One linear model with several heads: intent, told or not, emergency, kinds of violence, who tells."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from nlu.components import thresholds
from nlu.components.features import Features, Views
from nlu.labels import DISCLOSURE, INTENTS, OUT_OF_SCOPE, PERPETRATOR, TYPES
from nlu.text import fold, tokens

_NLU = Path(__file__).resolve().parent.parent
_TELLING = [n for n, intent in enumerate(INTENTS) if intent in DISCLOSURE or intent in ("emergency", "self_harm")]
_ONE = ("told", "urgent", "witness")
_HEADS = (*_ONE, *(f"kind:{t}" for t in TYPES), *(f"intent:{i}" for i in INTENTS))
"""Columns of the coefficients: three yes-or-no heads, the kinds, then the intents (one against the rest)."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TinCayClassifier(GraphComponent, IntentClassifier):
    """Gives `intent`, the whole `intent_ranking`, and `scores` with every head and the thresholds."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._features: Features | None = None
        self._weights = np.zeros((0, len(_HEADS)), np.float32)
        self._bias = np.zeros(len(_HEADS), np.float32)
        self._calibration = {"told": (1.0, 0.0), "urgent": (1.0, 0.0)}
        self._thresholds: dict[str, float] = {}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C` of the logistic regressions, and how many columns of the features are kept."""
        return {"C": 10.0, "columns": 130_000}

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str:
        """Let the cache see edits of what is no component: the label scheme, the helpers, the development lines."""
        files = [*_NLU.glob("*.py"), *_NLU.glob("components/*.py"), *_NLU.glob("development/*.yml")]
        return "".join(f.read_text(encoding="utf-8") for f in sorted(files))

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> TinCayClassifier:
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the heads, choose thresholds on the development lines, and write the model."""
        lines = [m for m in training_data.training_examples if m.get(INTENT) in INTENTS]
        _tell(f"Đã đọc {len(lines)} dòng (kể cả bản sao không dấu)")
        self._features, rows = Features.fit([_views(m.get(TEXT) or "") for m in lines])
        _tell(f"Đã đếm {rows.shape[1]} đặc trưng; đang học {len(_HEADS)} nhãn")
        self._fit(rows, lines)
        self._choose(load_data(str(_NLU / "development")).training_examples)
        self._write()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Understand each message."""
        for message in messages:
            self._understand(message)
        return messages

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TinCayClassifier:
        """Read what `train` wrote; whatever is wrong with it is raised."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            made._features = Features.load(folder)
            arrays = np.load(folder / "heads.npz", allow_pickle=False)
            made._weights, made._bias = arrays["weights"].astype(np.float32), arrays["bias"]
            kept = json.loads((folder / "thresholds.json").read_text(encoding="utf-8"))
            made._calibration, made._thresholds = kept["calibration"], kept["thresholds"]
        return made

    def _fit(self, rows: sparse.csr_matrix, lines: list[Message]) -> None:
        truth = _truth(lines)
        weights = np.zeros((rows.shape[1], len(_HEADS)), np.float32)
        for column, head in enumerate(_HEADS):
            use = truth["told"] if head == "witness" else slice(None)
            model = LogisticRegression(C=self._config["C"], solver="liblinear", random_state=0, class_weight=_balance(head))
            model.fit(rows[use], truth[head][use])
            weights[:, column] = model.coef_[0]
            self._bias[column] = model.intercept_[0]
            if column % 12 == 11:
                _tell(f"{column + 1}/{len(_HEADS)} nhãn")
        strength = np.abs(weights).max(axis=1)
        best = np.sort(np.argsort(-strength, kind="stable")[: int(self._config["columns"])])
        assert self._features is not None
        self._features = self._features.keep(best)
        self._weights = weights[best].astype(np.float16).astype(np.float32)

    def _choose(self, lines: list[Message]) -> None:
        truth = _truth(lines * 2)
        texts = [m.get(TEXT) or "" for m in lines]
        heads = self._heads([_views(t) for t in texts] + [_views(fold(t)) for t in texts])
        for head in ("told", "urgent"):
            raw = heads[:, _HEADS.index(head)] + (_told_by_intent(heads) if head == "told" else 0)
            fit = LogisticRegression(C=1e6, solver="liblinear", random_state=0).fit(raw[:, None], truth[head])
            self._calibration[head] = (float(fit.coef_[0][0]), float(fit.intercept_[0]))
        said = self._probabilities(heads)
        labels = {"told": truth["told"], "urgent": truth["urgent"], "own": truth[f"intent:{PERPETRATOR}"]}
        labels["types"] = np.stack([truth[f"kind:{t}"] for t in TYPES], axis=1)
        own = said["intents"][:, INTENTS.index(PERPETRATOR)]
        self._thresholds = thresholds.choose(said["told"], said["urgent"], own, said["types"], labels)
        told = said["told"] >= self._thresholds["told"]
        calm = ~truth["told"] & ~labels["own"]
        _tell(f"Dòng phát triển: nhận ra {told[truth['told']].mean():.1%}, báo nhầm {told[calm].mean():.1%}")

    def _write(self) -> None:
        assert self._features is not None
        with self._storage.write_to(self._resource) as folder:
            self._features.save(folder)
            np.savez_compressed(folder / "heads.npz", weights=self._weights.astype(np.float16), bias=self._bias)
            kept = {"calibration": self._calibration, "thresholds": self._thresholds}
            (folder / "thresholds.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")

    def _understand(self, message: Message) -> None:
        views = _views(message.get(TEXT) or "")
        if any(c.isalnum() for c in views[1]):
            said = self._probabilities(self._heads([views]))
            intents = said["intents"][0]
        else:
            intents = np.array([float(i == OUT_OF_SCOPE) for i in INTENTS])
            said = {"told": [0.0], "urgent": [0.0], "witness": [0.0], "types": [np.zeros(len(TYPES))]}
        ranking = [{"name": INTENTS[i], "confidence": float(intents[i])} for i in np.argsort(-intents)]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        told, witness = float(said["told"][0]), float(said["witness"][0])
        emergency, sensitive = min(told, float(said["urgent"][0])), float(intents[INTENTS.index(PERPETRATOR)])
        risks = {"emergency": emergency, "disclosure": told - emergency, "sensitive": min(1 - told, sensitive)}
        scores = {
            "intents": {name: float(p) for name, p in zip(INTENTS, intents)},
            "told": told,
            "risks": {**risks, "none": 1 - sum(risks.values())},
            "types": {name: float(p) for name, p in zip(TYPES, said["types"][0])},
            "reporters": {"self": told * (1 - witness), "witness": told * witness, "none": 1 - told},
            "thresholds": self._thresholds,
        }
        message.set("scores", scores, add_to_output=True)

    def _heads(self, texts: list[Views]) -> np.ndarray:
        assert self._features is not None
        return np.asarray(self._features.rows(texts) @ self._weights) + self._bias

    def _probabilities(self, heads: np.ndarray) -> dict[str, np.ndarray]:
        intents = _sigmoid(heads[:, -len(INTENTS) :])
        a, b = self._calibration["told"]
        c, d = self._calibration["urgent"]
        return {
            "told": _sigmoid(a * (heads[:, 0] + _told_by_intent(heads)) + b),
            "urgent": _sigmoid(c * heads[:, 1] + d),
            "witness": _sigmoid(heads[:, 2]),
            "types": _sigmoid(heads[:, len(_ONE) : len(_ONE) + len(TYPES)]),
            "intents": intents / intents.sum(axis=1, keepdims=True),
        }


def _told_by_intent(heads: np.ndarray) -> np.ndarray:
    """Return the log-odds that one of the telling intents is meant."""
    intents = _sigmoid(heads[:, -len(INTENTS) :])
    share = (intents / intents.sum(axis=1, keepdims=True))[:, _TELLING].sum(axis=1).clip(1e-4, 1 - 1e-4)
    return np.log(share / (1 - share))


def _truth(lines: list[Message]) -> dict[str, np.ndarray]:
    """Return one yes-or-no column a head, from the labels that stand with the lines."""
    rows = [(m.get(INTENT), (m.get("metadata") or {}).get("intent") or {}) for m in lines]
    found = {
        "told": np.array([row.get("risk") in ("emergency", "disclosure") for _, row in rows]),
        "urgent": np.array([row.get("risk") == "emergency" for _, row in rows]),
        "witness": np.array([row.get("reporter") == "witness" for _, row in rows]),
    }
    found |= {f"kind:{kind}": np.array([kind in row.get("types", ()) for _, row in rows]) for kind in TYPES}
    return found | {f"intent:{intent}": np.array([name == intent for name, _ in rows]) for intent in INTENTS}


def _balance(head: str) -> str | None:
    return None if head == "told" else "balanced"


def _views(text: str) -> Views:
    words = tokens(text)
    return " ".join(words), " ".join(fold(w) for w in words)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def _tell(line: str) -> None:
    print(f"[tincay] {line}", flush=True, file=sys.stdout)
