"""The quiz on the law: questions that hang on facts, and the five of a day."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

import content
from content import Fact

A_DAY = 5
"""Questions of a day."""
_FILE = Path(__file__).parent / "quiz.yml"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; what is told after the answer is its fact, and without that it is not asked."""

    id: str
    fact: str
    text: str
    right: str
    wrong: tuple[str, ...]

    def choices(self, day: date) -> list[str]:
        """Return the answers to choose from, in the order of that day (for everybody the same)."""
        mixed = sorted((self.right, *self.wrong))
        random.Random(f"{self.id} {day}").shuffle(mixed)  # noqa: S311 - an order, not a secret
        return mixed


@cache
def bank() -> dict[str, Question]:
    """Return every question by its id, in the order of the file."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["questions"]
    return {r["id"]: Question(r["id"], r["fact"], r["ask"], r["right"], tuple(r["wrong"])) for r in rows}


def of_day(day: date) -> list[Question]:
    """Return the five questions of a day: no question comes twice within a round of all that may be asked."""
    may = [question for question in bank().values() if content.current(question.fact, day=day)]
    days = max(1, len(may) // A_DAY)
    round_, place = divmod(day.toordinal(), days)
    random.Random(round_).shuffle(may)  # noqa: S311 - an order, not a secret
    return may[place * A_DAY : (place + 1) * A_DAY]


def fact_of(question: Question, day: date) -> Fact | None:
    """Return the fact that explains the answer, or None when it may not be served on that day."""
    return next(iter(content.current(question.fact, day=day)), None)
