"""The safety screen: words of immediate danger, found without any network or database.

The table of patterns is `content/safety.yml`; each row carries its examples and counter-examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import content
from nlu.patterns import Pattern, Text


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
    return next((alarm for alarm, row in rows() if row.fits(text)), None)


@dataclass(frozen=True, slots=True)
class Row:
    """When a row speaks: one of `says`, or all of `together` in any order; and nothing of `unless`."""

    says: Pattern | None
    together: tuple[Pattern, ...]
    unless: Pattern | None

    def fits(self, text: Text) -> bool:
        """Tell whether the text raises this row's alarm."""
        said = self.says is not None and self.says.search(text) is not None
        if not said and not (self.together and all(part.search(text) for part in self.together)):
            return False
        return self.unless is None or self.unless.search(text) is None


@cache
def rows() -> tuple[tuple[Alarm, Row], ...]:
    """Return the table, compiled once (call it at start, so that no message waits for it)."""
    words = content.safety_words()
    return tuple(
        (
            Alarm(row["id"], row["intent"], row["risk"], tuple(row.get("types", ())), row.get("reporter", "self")),
            Row(
                Pattern(row["says"], words) if row.get("says") else None,
                tuple(Pattern([part], words) for part in row.get("together", ())),
                Pattern(row["unless"], words) if row.get("unless") else None,
            ),
        )
        for row in content.safety_patterns()
    )
