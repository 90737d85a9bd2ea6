"""The gate: today's model on lines of voices that it was never trained on. A worse model does not pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.conversation.understanding import Understood
from bot.evaluation import Judged, measure
from bot.evaluation.figures import worse
from nlu.lines import DEVELOPMENT, Line, read
from nlu.text import fold
from tests.whole import record
from tests.whole.conftest import Ask

LINES = list(read(DEVELOPMENT))


def _judged(said: list[Understood], lines: list[Line]) -> list[Judged]:
    rows = [{"intent": x.intent, "risk": x.risk, "types": list(x.types), "reporter": x.reporter} for x in lines]
    return [Judged(row, heard) for row, heard in zip(rows, said, strict=True)]


FLOORS = {"told_recall": 0.86, "told_or_asked": 0.97, "emergency_recall": 0.76, "intent_accuracy": 0.72}
CEILINGS = {"false_alarms": 0.09, "false_emergencies": 0.03, "emergency_missed_entirely": 1}


VARIANTS = {"as typed": str, "without marks": fold}


@pytest.mark.parametrize("name", VARIANTS)
def test_nobody_who_tells_is_lost_by_a_change(ask: Ask, name: str) -> None:
    """Recall of telling and of danger does not fall, false alarms do not rise: by what is promised, and by the record."""
    change: Callable[[str], str] = VARIANTS[name]
    figures = measure(_judged(ask([change(x.text) for x in LINES]), LINES))
    for promised, least in FLOORS.items():
        assert float(figures[promised] or 0) >= least, (promised, figures)
    for promised, most in CEILINGS.items():
        assert float(figures[promised] or 0) <= most, (promised, figures)
    assert worse({name: record.read()[name]}, {name: figures}) == [], "meant so? see tests/whole/record.py"
