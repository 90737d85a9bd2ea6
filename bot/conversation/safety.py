"""The safety screen: words of immediate danger, found without any network or database.

The table of patterns is `content/safety.yml`; each row carries its examples and counter-examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import content
from nlu.patterns import Rule, Text
from nlu.text import LIMIT

OVERLAP = 200
"""Characters that two pieces of a long message share."""
MOST = 4
"""Pieces that are read: all of what a door lets in (`bot.messages.TEXT_LIMIT`)."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the screen found: `risk` is emergency or disclosure, `row` names the row of the table."""

    row: str
    intent: str
    risk: str
    types: tuple[str, ...]
    reporter: str


def screen(raw: str) -> Alarm | None:
    """Return the first alarm of the table that the text raises, or None. Pure; under a millisecond for a usual message.

    A long message is read piece by piece: danger in the middle of it counts as much as at its ends.
    """
    alarms = [alarm for piece in _pieces(raw) if (alarm := _first(Text(piece, bare=True)))]
    return next((alarm for alarm in alarms if alarm.risk == "emergency"), alarms[0] if alarms else None)


def _first(text: Text) -> Alarm | None:
    return next((alarm for alarm, rule in _rules() if rule.fits(text)), None)


def _pieces(raw: str) -> list[str]:
    """Return a message whole, or in pieces that overlap, each as long as is read at a time; of a flood, the ends."""
    starts = range(0, max(1, len(raw) - OVERLAP), LIMIT - OVERLAP)
    kept = starts if len(starts) <= MOST else (*starts[: MOST - 1], len(raw) - LIMIT)
    return [raw[start : start + LIMIT] for start in kept]


@cache
def _rules() -> tuple[tuple[Alarm, Rule], ...]:
    words = content.safety_words()
    return tuple(
        (
            Alarm(row["id"], row["intent"], row["risk"], tuple(row.get("types", ())), row.get("reporter", "self")),
            Rule(row, words),
        )
        for row in content.safety_patterns()
    )
