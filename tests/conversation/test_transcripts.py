"""Conversations as people have them: each file of `transcripts/` is one, read from the top.

# what the file promises
@ 2026-11-21T14:00        the clock
= ask_privacy             what the model says of the next message: intent, and for a telling one the reporter, and how sure
> nó cầm dao đuổi em      a message (">> payload" presses a button, "> " alone is an empty message)
< Gọi 113                 the answer contains this …
! Xã Cẩm Tân              … and not this
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation.keywords import KeywordUnderstanding
from bot.conversation.understanding import Scores
from nlu.labels import DANGER, DISCLOSURE, INTENTS, TYPES
from tests.conftest import Bench


class Told:
    """An understanding that says what the transcript tells it to."""

    def __init__(self, intent: str, reporter: str = "none", sure: str = "0.95") -> None:
        self.intent, self.reporter, self.sure = intent, reporter, float(sure)

    async def scores(self, text: str) -> Scores:
        """Return certain scores for the one intent."""
        told = 0.95 if self.intent in DISCLOSURE or self.intent in DANGER else 0.02
        return Scores(
            intents={i: self.sure if i == self.intent else 0.001 for i in INTENTS},
            told=told,
            risks={"emergency": 0.95 if self.intent == "emergency" else 0.0},
            types={t: 0.95 if DISCLOSURE.get(self.intent) == t else 0.0 for t in TYPES},
            reporters={self.reporter: 0.95},
            thresholds={"told": 0.5, "ask": 0.3, "emergency": 0.5, "perpetrator": 0.5, "types": 0.5},
            source="transcript",
        )


FILES = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_conversation_goes_as_written(bench: Bench, file: Path) -> None:
    """Every line of a transcript holds."""
    answer = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        mark, _, words = line.partition(" ")
        if mark == "@":
            bench.at(words)
        elif mark == ">>":
            answer = bench.say(button=words)
        elif mark == "=":
            bench.understanding(Told(*words.split()))
        elif mark == ">":
            answer = bench.say(words)
            bench.understanding(KeywordUnderstanding())
        elif mark == "<":
            assert words in answer, f"{file.name}:{number}: {words!r} is missing in:\n{answer}"
        elif mark == "!":
            assert words not in answer, f"{file.name}:{number}: {words!r} should not be in:\n{answer}"
        else:
            assert not mark or mark.startswith("#"), f"{file.name}:{number}: what is {mark!r}?"


def test_there_are_transcripts() -> None:
    """The folder is read."""
    assert len(FILES) >= 10
