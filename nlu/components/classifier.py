"""What a message says: a linear model and a small network, each with a head for every label, averaged."""

from __future__ import annotations

import json
import multiprocessing
import sys
import unicodedata
from itertools import pairwise
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

from nlu.components import network, thresholds
from nlu.components.features import Features, Views
from nlu.components.network import Network
from nlu.labels import DANGER, DISCLOSURE, INTENTS, OUT_OF_SCOPE, PERPETRATOR, TYPES
from nlu.text import fold, tokens

_NLU = Path(__file__).resolve().parent.parent
_HEADS = (*INTENTS, "told", "danger", "witness", *TYPES)
"""Columns of the coefficients: one of the intents; told or not, danger now, about somebody else; each kind."""
_ONE_OF = slice(0, len(INTENTS))
_TOLD, _DANGER, _WITNESS = (_HEADS.index(name) for name in ("told", "danger", "witness"))
_KINDS = slice(_WITNESS + 1, None)
_TELLING = [n for n, intent in enumerate(INTENTS) if intent in DISCLOSURE or intent in DANGER]
_OWN = INTENTS.index(PERPETRATOR)
_ENDS = frozenset(".,;!?…")
_SOLVER = {"solver": "liblinear", "dual": True, "tol": 0.1, "max_iter": 100, "random_state": 0}
"""The dual form is seven times as quick on these rows as the primal, at the same ranking of the development lines."""
_PICTURES = ("So", "Sk", "Mn", "Cf", "Cn")
"""Emoji and what belongs to them: tears behind a cry for help made it sound like a joke."""


_inherited: dict[str, tuple[sparse.csr_matrix, np.ndarray, float, int]] = {}
"""What the processes of a training take over from their parent: too large to be sent to each."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TinCayClassifier(GraphComponent, IntentClassifier):
    """Gives `intent`, the whole `intent_ranking`, and `scores` with every head and the thresholds."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._features: Features
        self._linear: np.ndarray
        self._bias: np.ndarray
        self._network: Network
        self._calibration: dict[str, tuple[float, float]] = {"told": (1.0, 0.0), "danger": (1.0, 0.0)}
        self._thresholds: dict[str, float] = {}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C` of the regressions, `linear`: their weight beside the network's 1, `clause`: that of the clause that tells
        most beside the whole message, `processes`: heads at a time (each process has liblinear's dice to itself)."""
        return {"C": 5.0, "linear": 2.0, "clause": 0.25, "processes": 2}

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str:
        """Let the cache see edits of what is no component: the label scheme, the helpers, the development lines."""
        files = [*_NLU.glob("*.py"), *_NLU.glob("components/*.py"), *_NLU.glob("development/*.yml")]
        return "".join(f.read_text(encoding="utf-8") for f in sorted(files))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TinCayClassifier:
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit both models, choose thresholds on the development lines, and write what was learnt."""
        lines = [m for m in training_data.training_examples if m.get(INTENT) in INTENTS]
        _tell(f"Đã đọc {_dotted(len(lines))} dòng (kể cả bản sao không dấu, bản sao gõ lệch)")
        views = [_views(m.get(TEXT) or "") for m in lines]
        self._features = Features.fit(views)
        rows = self._features.rows(views)
        _tell(f"1/4: đã đếm {_dotted(rows.shape[1])} đặc trưng")
        truth = _truth(lines)
        self._fit(rows, truth)
        _tell("3/4: đang chọn ngưỡng trên các dòng phát triển")
        self._choose(load_data(str(_NLU / "development")).training_examples)
        self._write()
        _tell("4/4: đã cất mô hình")
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
            linear = np.load(folder / "linear.npz", allow_pickle=False)
            made._linear, made._bias = linear["weights"], linear["bias"]
            made._network = Network(**np.load(folder / "network.npz", allow_pickle=False))
            kept = json.loads((folder / "thresholds.json").read_text(encoding="utf-8"))
            made._calibration, made._thresholds = kept["calibration"], kept["thresholds"]
        return made

    def _fit(self, rows: sparse.csr_matrix, truth: np.ndarray) -> None:
        """Fit the network and the regressions, the network first: it takes longest, and one process is busy with it."""
        _inherited["given"] = rows, truth, self._config["C"], self._features.words
        processes = int(self._config["processes"]) if sys.platform == "linux" else 1  # elsewhere a fork is not safe
        pool = multiprocessing.get_context("fork").Pool(processes) if processes > 1 else None
        learnt = pool.apply_async(_learn_network) if pool else None
        fitted = []
        for done in (pool.imap if pool else map)(_fit_head, range(len(_HEADS))):
            fitted.append(done)
            if len(fitted) % 17 == 0:
                _tell(f"2/4: nhãn {len(fitted)}/{len(_HEADS)}, mạng nhỏ học cùng lúc")
        self._network = learnt.get() if learnt else _learn_network()
        if pool:
            pool.terminate()
        _inherited.clear()
        self._linear = np.stack([weights for weights, _ in fitted], axis=1)
        self._bias = np.array([bias for _, bias in fitted], np.float32)

    def _choose(self, lines: list[Message]) -> None:
        texts = [m.get(TEXT) or "" for m in lines]
        truth = _truth(lines * 2)
        told, danger, own = truth[:, _TOLD], truth[:, _DANGER], truth[:, _OWN]
        heads = self._heads([_views(text) for text in (*texts, *map(fold, texts))])
        for name, column in (("told", _TOLD), ("danger", _DANGER)):
            fit = LogisticRegression(C=1e6, solver="liblinear", random_state=0).fit(
                heads[:, [column]], truth[:, column]
            )
            self._calibration[name] = (float(fit.coef_[0][0]), float(fit.intercept_[0]))
        said = self._probabilities(heads)
        labels = {"told": told, "emergency": danger, "perpetrator": own, "types": truth[:, _KINDS]}
        self._thresholds = thresholds.choose(said[:, _TOLD], said[:, _DANGER], said[:, _OWN], said[:, _KINDS], labels)
        acts = (said[:, _TOLD] >= self._thresholds["told"]) | (said[:, _DANGER] >= self._thresholds["emergency"])
        now = said[danger, _DANGER] >= self._thresholds["emergency"]
        _tell(
            f"nhận ra {_percent(acts[told])} lời kể, báo nhầm {_percent(acts[~told & ~own])}; nguy cấp {_percent(now)}"
        )

    def _write(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            self._features.save(folder)
            np.savez_compressed(folder / "linear.npz", weights=self._linear, bias=self._bias)
            np.savez_compressed(folder / "network.npz", **self._network.arrays())
            kept = {"calibration": self._calibration, "thresholds": self._thresholds}
            (folder / "thresholds.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")

    def _understand(self, message: Message) -> None:
        views = _views(message.get(TEXT) or "")
        if any(character.isalnum() for word in views[1] for character in word):
            said = self._probabilities(self._heads([views]))[0]
        else:
            said = np.array([float(name == OUT_OF_SCOPE) for name in _HEADS])
        ranking = [
            {"name": INTENTS[i], "confidence": float(said[i])} for i in np.argsort(-said[_ONE_OF], kind="stable")
        ]
        told, danger, witness = float(said[_TOLD]), float(said[_DANGER]), float(said[_WITNESS])
        sensitive = min(1 - told, float(said[_OWN]))
        scores = {
            "intents": {name: float(p) for name, p in zip(INTENTS, said[_ONE_OF], strict=True)},
            "told": told,
            "risks": {
                "emergency": danger,
                "disclosure": told - danger,
                "sensitive": sensitive,
                "none": 1 - told - sensitive,
            },
            "types": {name: float(p) for name, p in zip(TYPES, said[_KINDS], strict=True)},
            "reporters": {"self": told * (1 - witness), "witness": told * witness, "none": 1 - told},
            "thresholds": self._thresholds,
        }
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        message.set("scores", scores, add_to_output=True)

    def _heads(self, texts: list[Views]) -> np.ndarray:
        """Return log-odds, one row a message; a clause that tells by itself counts where the rest is other talk."""
        heads = self._whole(texts)
        parts = [(row, clause) for row, views in enumerate(texts) for clause in _clauses(views)]
        if parts:
            strongest = heads[:, _TOLD].copy()
            np.maximum.at(strongest, [row for row, _ in parts], self._whole([clause for _, clause in parts])[:, _TOLD])
            heads[:, _TOLD] += self._config["clause"] * (strongest - heads[:, _TOLD])
        return heads

    def _whole(self, texts: list[Views]) -> np.ndarray:
        """Return log-odds, both models together; told is also what the telling intents sum up to."""
        rows = self._features.rows(texts)
        linear = network.times(rows, self._linear) + self._bias
        small = self._network.heads(rows[:, : self._features.words])
        share = _sigmoid(linear[:, _ONE_OF])
        share /= share.sum(axis=1, keepdims=True)
        choice = np.exp(small[:, _ONE_OF] - small[:, _ONE_OF].max(axis=1, keepdims=True))
        choice /= choice.sum(axis=1, keepdims=True)
        heads = linear + small
        most = float(self._config["linear"])
        heads[:, _ONE_OF] = (most * np.log(share + 1e-9) + np.log(choice + 1e-9)) / (most + 1)
        heads[:, _TOLD] = most * _odds(share) + (small[:, _TOLD] + _odds(choice)) / 2
        heads[:, _KINDS] /= 2
        heads[:, _WITNESS] /= 2
        return heads

    def _probabilities(self, heads: np.ndarray) -> np.ndarray:
        """Return probabilities, one column a head; danger is never likelier than telling."""
        found = _sigmoid(heads)
        intents = np.exp(heads[:, _ONE_OF])
        found[:, _ONE_OF] = intents / intents.sum(axis=1, keepdims=True)
        for name, column in (("told", _TOLD), ("danger", _DANGER)):
            slope, shift = self._calibration[name]
            found[:, column] = _sigmoid(slope * heads[:, column] + shift)
        found[:, _DANGER] = np.minimum(found[:, _DANGER], found[:, _TOLD])
        return found


def _truth(lines: list[Message]) -> np.ndarray:
    """Return one yes-or-no column a head, from the labels that stand with the lines."""
    found = np.zeros((len(lines), len(_HEADS)), bool)
    for row, message in zip(found, lines, strict=True):
        labels = message.get("metadata", {})["intent"]
        row[INTENTS.index(message.get(INTENT))] = True
        row[_TOLD] = labels["risk"] in ("emergency", "disclosure")
        row[_DANGER] = labels["risk"] == "emergency"
        row[_WITNESS] = labels["reporter"] == "witness"
        row[_KINDS] = [kind in labels["types"] for kind in TYPES]
    return found


def _views(text: str) -> Views:
    words = [word for word in tokens(text) if unicodedata.category(word[0]) not in _PICTURES]
    return words, [fold(word) for word in words]


def _clauses(views: Views) -> list[Views]:
    """Return the clauses of four words and more, if there is anything between them and around them."""
    words, folded = views
    ends = [-1, *(i for i, word in enumerate(words) if word in _ENDS), len(words)]
    parts = [(a + 1, b) for a, b in pairwise(ends) if b - a > 4]
    return [(words[a:b], folded[a:b]) for a, b in parts] if len(ends) > 2 else []


def _odds(intents: np.ndarray) -> np.ndarray:
    """Return the log-odds that one of the telling intents is meant."""
    share = intents[:, _TELLING].sum(axis=1).clip(1e-5, 1 - 1e-5)
    return np.log(share / (1 - share))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def _dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _percent(hits: np.ndarray) -> str:
    return f"{100 * hits.mean():.1f} %".replace(".", ",")


def _fit_head(column: int) -> tuple[np.ndarray, float]:
    """Fit one head on what the parent gave; return its weights and its bias."""
    rows, truth, strength, _ = _inherited["given"]
    use = truth[:, _TOLD] if column == _WITNESS else slice(None)
    model = LogisticRegression(**_SOLVER, C=strength, class_weight="balanced").fit(rows[use], truth[use, column])
    return network.short(model.coef_[0]), float(model.intercept_[0])


def _learn_network() -> Network:
    """Fit the network on what the parent gave, on the counts of whole words alone."""
    rows, truth, _, words = _inherited["given"]
    weight = np.array([2.0 if name == "told" else 1.0 for name in _HEADS], np.float32)
    return network.learn(rows[:, :words], truth.astype(np.float32), _ONE_OF, weight)


def _tell(line: str) -> None:
    print(f"[tincay] {line}", flush=True)
