"""Training copies: the same line without marks, and with the noise of real keyboards. Prediction is left alone."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.noise import noisy
from nlu.text import fold

_NLU = Path(__file__).resolve().parent.parent


class _Copies(GraphComponent):
    """Adds changed copies of every training line; registered as a tokenizer so that it runs first."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str:
        """Let the cache see edits of how lines are changed."""
        return "".join((_NLU / name).read_text(encoding="utf-8") for name in ("noise.py", "text.py"))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Make the component as Rasa asks for it."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the lines and their copies."""
        chance = random.Random(int(self._config.get("seed", 1)))  # noqa: S311 - noise, no secret
        copies = []
        for message in training_data.training_examples:
            changed = self.change(message.get(TEXT) or "", chance)
            if changed and changed != message.get(TEXT):
                copies.append(Message({**message.data, TEXT: changed}))
        return training_data.merge(TrainingData(copies))

    def process(self, messages: list[Message]) -> list[Message]:
        """Leave what people write alone."""
        return messages

    def change(self, text: str, chance: random.Random) -> str:
        """Return the changed copy of one line."""
        raise NotImplementedError


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class NoisyCopies(_Copies):
    """One copy of some lines as another hand would have typed it: dialect, short forms, a slipped finger, a greeting."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """A seed, and the share of lines that are copied."""
        return {"seed": 7, "share": 0.5}

    def change(self, text: str, chance: random.Random) -> str:
        """Return a noisy copy, or "" for a line that is left out."""
        if chance.random() > float(self._config["share"]):
            return ""
        return noisy(text, chance)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class FoldedCopies(_Copies):
    """A copy of every line without its marks."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """A seed that is not used."""
        return {"seed": 1}

    def change(self, text: str, chance: random.Random) -> str:
        """Return the line without marks."""
        return fold(text)
