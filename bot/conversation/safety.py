"""The safety screen: words of immediate danger, found without any network or database.

The table of patterns is `content/safety.yml`; each row carries its examples and counter-examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import content
from nlu.patterns import Rule, Text
from nlu.text import LIMIT

_NOW = "bây giờ|bay gio|hiện giờ|hien gio|giờ|gio"
_WHO = "nó|no|hắn|hấn|ổng|ông|ong|lão|anh|chồng|chong|ck|ba|bố|bo|cha|họ|ho|chúng|tụi|bọn|em|tôi|toi|con|cháu|chau|đang|dang"
_END = re.compile(
    rf"[.!?;\n…]+|(?<!\d )(?<!\d)(?<!mấy )(?<!may )\b(?=(?:{_NOW}) (?:thì |thi |này |nay )?(?:{_WHO})\b)", re.IGNORECASE
)
"""Where a sentence ends, and where "now" begins another; but "9 giờ nó …" is an hour."""
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

    A long message is read piece by piece, and each sentence of it by itself too: what was yesterday, or in a film, or
    only if, takes back no danger that another sentence tells.
    """
    told = None
    for piece in _pieces(raw):
        alarm = _first(Text(piece, bare=True))
        for found in (alarm, *(_first(Text(sentence, bare=True)) for sentence in _sentences(piece))):
            if found and found.urgent:
                return found
        told = told or alarm
    return told


def _first(text: Text) -> Alarm | None:
    return next((alarm for alarm, rule in _rules() if rule.fits(text)), None)


def _pieces(raw: str) -> Iterator[str]:
    """Yield a message whole, or in pieces that overlap, each as long as is read at a time."""
    for start in range(0, max(1, len(raw) - OVERLAP), LIMIT - OVERLAP):
        yield raw[start : start + LIMIT]


def _sentences(piece: str) -> list[str]:
    """Return the sentences of three words and more, if there are several; "giờ nó …" begins one without a full stop."""
    found = [sentence for sentence in _END.split(piece) if len(sentence.split()) > 2]
    return found if found != [piece] else []


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
