"""What the model may say in the middle of a conversation, and what is added to a call-back."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.allowed import allowed
from bot.conversation.flows import callback
from bot.conversation.state import Conversation, Heard, World
from bot.conversation.understanding import Understood
from bot.messages import Incoming

NOW = datetime(2026, 11, 21, 14)


def heard(text: str, intent: str, sure: float = 0.9) -> Heard:
    """Return a message that the model reads as `intent`."""
    said = Understood(intent, sure, "disclosure", act="act", reporter="self", source="rasa")
    return Heard(Incoming("terminal", "a", "1", text), said)


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("tôi đánh vợ tôi", True),
        ("chồng em hay cáu lắm", False),
        ("em sợ nó đánh con em", False),
        ("anh lỡ tát vợ", True),
    ],
)
def test_who_told_hurts_nobody_without_a_deed(text: str, stays: bool) -> None:
    """After telling, only words for an own deed are taken for one."""
    read = allowed(Conversation(told=True), heard(text, "perpetrator"), NOW).understood
    assert (read.intent == "perpetrator") is stays


def test_the_hour_joins_the_words_for_a_call_back() -> None:
    """The number stays, and the hour stands behind it."""
    talk = Conversation(asked="callback_consent", draft="0912345678")
    step = callback.words_added(talk, heard("9h sáng nha", "affirm"), World(NOW, lambda _: [], lambda: None))
    assert step.talk.draft == "0912345678; 9h sáng nha"
