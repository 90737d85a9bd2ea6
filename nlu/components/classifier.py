"""What a message says: a linear model and a small network, averaged, and beside them an encoder where its files are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
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

from nlu.components import fitting, network
from nlu.components.calibration import Calibration, sigmoid, softmax
from nlu.components.encoder import FILES, Encoder
from nlu.components.features import Features, Views
from nlu.components.network import Network
from nlu.components.progress import tell
from nlu.encoder.pieces import words_of
from nlu.labels import (
    DANGER,
    DANGER_AT,
    DISCLOSURE,
    HEADS,
    INTENTS,
    KINDS,
    ONE_OF,
    OUT_OF_SCOPE,
    OWN_AT,
    TOLD_AT,
    TYPES,
    WITNESS_AT,
    truth,
)
from nlu.text import fold

_NLU = Path(__file__).resolve().parent.parent
_TELLING = [n for n, intent in enumerate(INTENTS) if intent in DISCLOSURE or intent in DANGER]
_ENDS = frozenset(".,;!?…")


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
        self._encoder: Encoder | None = None
        self._calibration: dict[str, Calibration] = {}
        """`alone`, and `together` with the encoder."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C` of the regressions, `linear`: their weight beside the network's 1, `clause`: that of the clause that tells
        most beside the whole message, `processes`: heads at a time (each process has liblinear's dice to itself)."""
        return {"C": 5.0, "linear": 2.0, "clause": 0.25, "processes": 2}

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str:
        """Let the cache see edits of what is no component: the label scheme, the helpers, the development lines, the encoder."""
        patterns = (
            "*.py",
            "components/*.py",
            "encoder/pieces.py",
            *(f"encoder/weights/{name}" for name in FILES),
            "development/*.yml",
        )
        found = hashlib.sha256()
        for file in sorted(file for pattern in patterns for file in _NLU.glob(pattern)):
            found.update(file.read_bytes())
        return found.hexdigest()

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
        tell(f"Đã đọc {_dotted(len(lines))} dòng (kể cả bản sao không dấu, bản sao gõ lệch)")
        views = [_views(m.get(TEXT) or "") for m in lines]
        self._features = Features.fit(views)
        strength, processes = self._config["C"], int(self._config["processes"])
        rows = fitting.count(self._features, views, processes)
        tell(f"1/4: đã đếm {_dotted(rows.shape[1])} đặc trưng")
        self._linear, self._bias, self._network = fitting.fit(
            rows, _truth(lines), self._features.words, strength, processes
        )
        tell("3/4: đang chọn ngưỡng trên các dòng phát triển")
        self._encoder = Encoder.load()
        self._choose(load_data(str(_NLU / "development")).training_examples)
        self._write()
        tell("4/4: đã cất mô hình")
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
            kept = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
        made._calibration = {how: Calibration(**found) for how, found in kept["calibration"].items()}
        if "together" in made._calibration:
            made._encoder = Encoder.load()
        if made._encoder and Encoder.fingerprint() != kept["encoder"]:
            made._encoder = None  # other weights than those that the thresholds were chosen for
        return made

    def _choose(self, lines: list[Message]) -> None:
        """Choose thresholds without the encoder and, where there is one, with it."""
        texts, real = [m.get(TEXT) or "" for m in lines], _truth(lines * 2)
        opinions = self._opinions([*texts, *map(fold, texts)])
        named = {"alone": (opinions[:1], "không có bộ mã hóa"), "together": (opinions, "có bộ mã hóa")}
        for how, (used, title) in named.items() if self._encoder else [("alone", named["alone"])]:
            self._calibration[how] = Calibration.fit(used, real)
            tell(f"{title}: {self._calibration[how].summary(used, real)}")

    def _write(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            self._features.save(folder)
            np.savez_compressed(folder / "linear.npz", weights=self._linear, bias=self._bias)
            np.savez_compressed(folder / "network.npz", **self._network.arrays())
            kept = {
                "calibration": {how: asdict(found) for how, found in self._calibration.items()},
                "encoder": Encoder.fingerprint() if self._encoder else "",
            }
            (folder / "calibration.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")

    def _understand(self, message: Message) -> None:
        text = message.get(TEXT) or ""
        calibration = self._calibration["together" if self._encoder else "alone"]
        if any(character.isalnum() for character in text):
            said = calibration.probabilities(self._opinions([text]))[0]
        else:
            said = np.array([float(name == OUT_OF_SCOPE) for name in HEADS])
        ranking = [{"name": INTENTS[i], "confidence": float(said[i])} for i in np.argsort(-said[ONE_OF], kind="stable")]
        told, danger, witness = float(said[TOLD_AT]), float(said[DANGER_AT]), float(said[WITNESS_AT])
        sensitive = min(1 - told, float(said[OWN_AT]))
        scores = {
            "intents": {name: float(p) for name, p in zip(INTENTS, said[ONE_OF], strict=True)},
            "told": told,
            "risks": {
                "emergency": danger,
                "disclosure": told - danger,
                "sensitive": sensitive,
                "none": 1 - told - sensitive,
            },
            "types": {name: float(p) for name, p in zip(TYPES, said[KINDS], strict=True)},
            "reporters": {"self": told * (1 - witness), "witness": told * witness, "none": 1 - told},
            "thresholds": calibration.thresholds,
        }
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        message.set("scores", scores, add_to_output=True)

    def _opinions(self, texts: list[str]) -> list[np.ndarray]:
        """Return log-odds, one row a message: what the two models say together, and what the encoder says."""
        alone = self._heads(list(map(_views, texts)))
        return [alone, self._encoder.heads(texts)] if self._encoder else [alone]

    def _heads(self, texts: list[Views]) -> np.ndarray:
        """Return log-odds, one row a message; a clause that tells by itself counts where the rest is other talk."""
        heads = self._whole(texts)
        parts = [(row, clause) for row, views in enumerate(texts) for clause in _clauses(views)]
        if parts:
            strongest = heads[:, TOLD_AT].copy()
            np.maximum.at(
                strongest, [row for row, _ in parts], self._whole([clause for _, clause in parts])[:, TOLD_AT]
            )
            heads[:, TOLD_AT] += self._config["clause"] * (strongest - heads[:, TOLD_AT])
        return heads

    def _whole(self, texts: list[Views]) -> np.ndarray:
        """Return log-odds, both models together; told is also what the telling intents sum up to."""
        rows = self._features.rows(texts)
        linear = network.times(rows, self._linear) + self._bias
        small = self._network.heads(rows[:, : self._features.words])
        share = sigmoid(linear[:, ONE_OF])
        share /= share.sum(axis=1, keepdims=True)
        choice = softmax(small[:, ONE_OF])
        heads = linear + small
        most = float(self._config["linear"])
        heads[:, ONE_OF] = (most * np.log(share + 1e-9) + np.log(choice + 1e-9)) / (most + 1)
        heads[:, TOLD_AT] = most * _odds(share) + (small[:, TOLD_AT] + _odds(choice)) / 2
        heads[:, KINDS] /= 2
        heads[:, WITNESS_AT] /= 2
        return heads


def _truth(lines: list[Message]) -> np.ndarray:
    """Return one yes-or-no column a head, from the labels that stand with the lines."""
    labels = [(m.get(INTENT), m.get("metadata", {})["intent"]) for m in lines]
    return np.array([truth(intent, said["risk"], said["types"], said["reporter"]) for intent, said in labels])


def _views(text: str) -> Views:
    words = words_of(text)
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


def _dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")
