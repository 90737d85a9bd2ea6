"""The same line as another keyboard, another mood or a shorter breath gives it: who was heard must still be heard.

Held over the told development lines that are heard as told as they stand (387 of 433 when the floors were set), by the
path of a live message. The floors lie about two points under what was measured on 21/11/2026.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from bot.conversation.understanding import Understood
from bot.evaluation.variants import slip, telex
from nlu.labels import TOLD
from nlu.lines import DEVELOPMENT, read
from nlu.text import fold
from tests.whole.conftest import Ask

Change = Callable[[str], str]
Heard = list[tuple[str, Understood]]


@pytest.fixture(scope="module")
def heard(ask: Ask) -> Heard:
    """Every told line that is heard as told, with what was understood."""
    told = [line.text for line in read(DEVELOPMENT) if line.risk in TOLD]
    return [(text, said) for text, said in zip(told, ask(told), strict=True) if said.risk in TOLD]


def first_half(text: str) -> str:
    """Return the line with the last half of its words cut off: a finger came too early on "send"."""
    words = text.split()
    return " ".join(words[: (len(words) + 1) // 2])


UNSEEN: dict[str, Change] = {
    "NFC": lambda text: unicodedata.normalize("NFC", text),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_can_see_changes_nothing(ask: Ask, heard: Heard, name: str) -> None:
    """The two Unicode forms of a letter look the same: every label is the same."""
    for (text, before), after in zip(heard, ask([UNSEEN[name](text) for text, _ in heard]), strict=True):
        assert _labels(after) == _labels(before), text


def test_capitals_are_heard_as_loud_as_they_are(ask: Ask, heard: Heard) -> None:
    """Upper case: who told has still told, every one."""
    after = ask([text.upper() for text, _ in heard])
    assert [text for (text, _), said in zip(heard, after, strict=True) if said.risk not in TOLD] == []


SEEN: dict[str, tuple[Change, float, float]] = {  # measured: still told, still told or asked
    "without marks": (fold, 0.95, 0.98),  # .977, .997
    "telex": (telex, 0.97, 0.99),  # .995, 1.0
    "one slip": (slip, 0.92, 0.98),  # .938 of 402, more lines being heard at all
    "tears behind": (lambda text: text + " 😭😭", 0.94, 0.98),  # .969, 1.0
    "a tear in front": (lambda text: "😭 " + text, 0.95, 0.98),  # .974, 1.0
    "alo in front": (lambda text: "alo " + text, 0.97, 0.99),  # .990, .995
    "a greeting in front": (
        lambda text: "chào chị ạ. " + text,
        0.93,
        0.95,
    ),  # .961, .966: a short word of danger is lost behind it
    "the first half": (first_half, 0.79, 0.95),  # .813 of 402: many a line tells in its second half
}


@pytest.mark.parametrize("name", SEEN)
def test_what_is_told_stays_told(ask: Ask, heard: Heard, name: str) -> None:
    """Of those who were heard, nearly all are still heard, and all but a few at least asked."""
    change, told, asked = SEEN[name]
    after = ask([change(text) for text, _ in heard])
    assert sum(said.risk in TOLD for said in after) >= told * len(heard)
    assert sum(said.act != "let_be" for said in after) >= asked * len(heard)


def _labels(said: Understood) -> tuple[object, ...]:
    return said.intent, said.risk, said.types, said.reporter, said.act, said.place
