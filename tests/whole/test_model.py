"""The gate: today's model on lines of voices that it was never trained on. A worse model does not pass."""

from __future__ import annotations

import pytest

from bot.evaluation.figures import Judged, measure, worse
from bot.evaluation.rows import read_rows
from bot.evaluation.variants import USUAL, VARIANTS
from nlu.lines import DEVELOPMENT
from tests.whole import record
from tests.whole.conftest import Ask

FLOORS = {"told_recall": 0.89, "told_or_asked": 0.98, "emergency_recall": 0.88, "intent_accuracy": 0.73}
CEILINGS = {"false_alarms": 0.09, "false_emergencies": 0.035, "emergency_missed_entirely": 1}


@pytest.mark.parametrize("name", USUAL)
def test_nobody_who_tells_is_lost_by_a_change(ask: Ask, name: str) -> None:
    """Recall of telling and of danger does not fall, false alarms do not rise: by what is promised, and by the record."""
    rows = read_rows(DEVELOPMENT)
    said = ask([VARIANTS[name](row["text"]) for row in rows])
    figures = measure([Judged(row, heard) for row, heard in zip(rows, said, strict=True)])
    for promised, least in FLOORS.items():
        assert float(figures[promised] or 0) >= least, (promised, figures)
    for promised, most in CEILINGS.items():
        assert float(figures[promised] or 0) <= most, (promised, figures)
    assert worse({name: record.read()[name]}, {name: figures}) == [], "meant so? see tests/whole/record.py"
