"""The safety screen: words of immediate danger, found without any network or database.

The table of patterns is `content/safety.yml`; each row carries its examples and counter-examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import content
from nlu.patterns import Rule, Text
from nlu.text import LIMIT

OVERLAP = 200
"""Characters that two pieces of a long message share."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the screen found: `risk` is emergency or disclosure, `row` names the row of the table."""

    row: str
    intent: str
    risk: str
    types: tuple[str, ...]
    reporter: str

    @property
    def urgent(self) -> bool:
        """Tell whether somebody is in danger now."""
        return self.risk == "emergency"


def screen(raw: str) -> Alarm | None:
    """Return the first alarm of the table that the text raises, or None. Pure; under a millisecond for a usual message,
    a second or more for 100,000 characters.

    A long message is read piece by piece: danger in the middle of it counts as much as at its ends.
    """
    told = None
    for piece in _pieces(raw):
        alarm = _first(Text(piece, bare=True))
        if alarm and alarm.urgent:
            return alarm
        told = told or alarm
    return told


def _first(text: Text) -> Alarm | None:
    return next((alarm for alarm, rule in _rules() if rule.fits(text)), None)


def _pieces(raw: str) -> Iterator[str]:
    """Yield a message whole, or in pieces that overlap, each as long as is read at a time."""
    for start in range(0, max(1, len(raw) - OVERLAP), LIMIT - OVERLAP):
        yield raw[start : start + LIMIT]


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
