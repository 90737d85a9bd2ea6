"""The safety screen: words of immediate danger, found without any network or database.

The table of patterns is `content/safety.yml`; each row carries its examples and counter-examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import content
from nlu.patterns import Rule, Text


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the screen found: `risk` is emergency or disclosure, `row` names the row of the table."""

    row: str
    intent: str
    risk: str
    types: tuple[str, ...]
    reporter: str


def screen(raw: str) -> Alarm | None:
    """Return the first alarm of the table that the text raises, or None. Pure; well under a millisecond."""
    text = Text(raw, bare=True)
    return next((alarm for alarm, rule in _rules() if rule.fits(text)), None)


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
