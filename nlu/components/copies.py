"""Training copies: the same line without marks, and with the noise of real keyboards. Prediction is left alone."""

from __future__ import annotations

import random
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.text import fold

_NEIGHBOURS = {
    "a": "sq",
    "o": "ip",
    "e": "wr",
    "n": "bm",
    "h": "gj",
    "i": "uo",
    "u": "yi",
    "c": "xv",
    "t": "ry",
    "m": "n",
}
_SHORT = {"không": "ko", "được": "dc", "chồng": "ck", "vợ": "vk", "gì": "j", "với": "vs", "cũng": "cx", "rồi": "r"}
_SOUTH = {"không": "hổng", "vợ": "dợ", "về": "dìa", "tôi": "tui", "đánh": "quánh", "ông ấy": "ổng", "bà ấy": "bả"}
_CENTRE = {"gì": "chi", "sao": "răng", "thế": "rứa", "mày": "mi", "tao": "tau", "nó": "hắn", "đâu": "mô"}


_GREETINGS = (
    "chào chị ạ.", "alo", "ad ơi", "cho em hỏi", "dạ em chào anh chị", "xin chào", "chị ơi", "cháu chào cô ạ,", "hello", "bạn ơi",
    "e chào ad", "cô ơi", "có ai không", "kính gửi anh chị,", "hi", "cho tui hỏi cái này",
)  # fmt: skip


class _Copies(GraphComponent):
    """Adds changed copies of every training line; registered as a tokenizer so that it runs first."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

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
        if chance.random() < 0.2:
            return f"{chance.choice(_GREETINGS)} {text}"
        words = chance.choice((_SHORT, _SOUTH, _CENTRE, {}))
        noisy = " ".join(words.get(word.lower(), word) for word in text.split())
        return _slip(noisy, chance) if not words or chance.random() < 0.3 else noisy


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


def _slip(text: str, chance: random.Random) -> str:
    """Let one finger slip: a neighbour key, a doubled or a lost letter, two letters swapped."""
    spots = [i for i, c in enumerate(text) if c.isalpha()]
    if len(spots) < 8:
        return text
    i = chance.choice(spots[1:-1])
    near = _NEIGHBOURS.get(text[i].lower())
    kind = chance.randrange(4)
    if kind == 0 and near:
        return text[:i] + chance.choice(near) + text[i + 1 :]
    if kind == 1:
        return text[:i] + text[i] + text[i:]
    if kind == 2:
        return text[:i] + text[i + 1 :]
    return text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :]
