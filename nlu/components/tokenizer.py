"""Tokens for Vietnamese: `text` as a careful writer would have typed it, `lemma` the same without marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.text import fold, tokens

_NLU = Path(__file__).resolve().parent.parent


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Splits and spells out by `nlu.text`; offsets are those of the normalised text."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's own settings for tokenizers, all off."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str:
        """Let the cache see edits of the text module, which is no component."""
        return (_NLU / "text.py").read_text(encoding="utf-8")

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of one message."""
        found, at = [], 0
        for word in tokens(message.get(attribute) or ""):
            found.append(Token(word, at, lemma=fold(word)))
            at += len(word) + 1
        return found
