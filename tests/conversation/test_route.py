"""The order in which a message is read: danger of this minute goes before everything that words can mean."""

from __future__ import annotations

from datetime import datetime
from itertools import product

import pytest

from bot.clock import VIETNAM
from bot.conversation import route
from bot.conversation.state import Conversation, Heard, World
from bot.conversation.understanding import Understood
from bot.messages import Incoming

WORLD = World(datetime(2026, 11, 21, 14, tzinfo=VIETNAM), lambda _: [], lambda: 420)
NOW = Understood("emergency", 1.0, "emergency", ("physical",), "self", "act", entities={"phones": ["0900000000"]})
QUESTIONS = ("", "place", "callback", "callback_consent", "consent:420", "hour", "erase", "checkin")
WORDS = ("nó cầm dao đuổi em", "nó ép em bỏ cái thai", "không phải chuyện này", "tôi đang trốn chồng",
         "khẩu hiệu khác", "8 giờ tối", "có ai biết không", "Cẩm Tân, Cẩm Thủy", ".")  # fmt: skip


def test_the_order_is_the_policy() -> None:
    """Changing the order of a step is a decision: a button, danger, words that mean what they say, then the model."""
    assert [attempt.__name__ for attempt in route.ORDER] == [
        "_button", "_disaster", "_not_listed", "_danger_now", "_own_matters", "_language", "number_or_how", "_hunting",
        "_forced_pills", "_need_that_sounds_like_hurting", "_told_in_words", "_unsaid", "_not_this", "_law_of_a_deed", "_asked_while_telling", "_cannot_call", "_told", "_quick_exit", "_location", "_link_opened",
        "nothing_to_read", "_choice", "_phrase", "_events", "answer_aside", "answer", "_fear_or_need", "_no_refuge",
        "_perhaps_told", "_place_alone", "_hour_alone", "_by_intent",
    ]  # fmt: skip


@pytest.mark.parametrize(("question", "words"), list(product(QUESTIONS, WORDS)))
def test_danger_now_is_answered_whatever_else_it_could_mean(question: str, words: str) -> None:
    """No question that waits, no phrase, place or link takes the answer to a danger away."""
    for told, more in product((False, True), ({}, {"location": (20.2, 105.4)}, {"start": "law"})):
        talk = Conversation(asked=question, told=told, types=("physical",) if told else ())
        heard = Heard(Incoming("terminal", "a", "1", words, **more), NOW)
        step = route.step(talk, heard, WORLD)
        assert "113" in step.replies[0].text.splitlines()[0]
        assert step.talk.told


def test_who_hunts_is_shown_no_refuge_even_in_danger() -> None:
    """ "Where does my wife hide" beside a danger: the danger is answered, and the hunter is remembered."""
    step = route.step(
        Conversation(), Heard(Incoming("terminal", "a", "1", "nó cầm dao đuổi tôi. tìm vợ bỏ nhà đi"), NOW), WORLD
    )
    assert "113" in step.replies[0].text
    assert step.talk.hurts
