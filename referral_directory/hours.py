"""Opening hours: read from the words that staff write, and asked whether a place is open at a moment. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nlu.text import fold, squeeze

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""Days of the week as HSDS writes them (RFC 5545)."""

_ALWAYS = ("ca ngay dem", "24/24", "24/7", "24h", "24 gio", "bat ky luc nao", "ngay dem")
_OFFICE = ("gio hanh chinh",)
_NAMES = {"2": 0, "hai": 0, "3": 1, "ba": 1, "4": 2, "tu": 2, "5": 3, "nam": 3, "6": 4, "sau": 4, "7": 5, "bay": 5}
_DAY = rf"(?:thu\s*|t)({'|'.join(_NAMES)})\b|\b(chu nhat|cn)\b"
_TO = r"\s*(?:-|–|den|toi)\s*"
_SPAN = re.compile(rf"(?:{_DAY}){_TO}(?:{_DAY})")
_ONE_DAY = re.compile(_DAY)
_TIME = r"(\d{1,2})\s*(?:h|g|gio|:)\s*(\d{2})?(?!\d)"
_TIMES = re.compile(rf"{_TIME}{_TO}{_TIME}")


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours of some days: `opens` and `closes` as HH:MM; a night that passes midnight closes earlier than it opens."""

    days: tuple[str, ...]
    opens: str
    closes: str


def read_hours(words: str) -> list[Opening]:
    """Return the openings that the words tell, or an empty list where they cannot be read.

    Read are "cả ngày đêm", "giờ hành chính", "7h30-11h30, 13h30-17h thứ 2 đến thứ 6", "8:00–20:00 cả tuần".
    """
    text = squeeze(fold(words))
    if any(sign in text for sign in _ALWAYS):
        return [Opening(DAYS, "00:00", "24:00")]
    if any(sign in text for sign in _OFFICE):
        return [Opening(DAYS[:5], "07:30", "11:30"), Opening(DAYS[:5], "13:30", "17:00")]
    days = _days(text)
    found = []
    for h1, m1, h2, m2 in _TIMES.findall(text):
        opens, closes = _clock(h1, m1), _clock(h2, m2)
        if opens is None or closes is None or opens == closes:
            return []
        found.append(Opening(days, opens, closes))
    return found


def is_open(openings: Iterable[Opening], now: datetime) -> bool | None:
    """Tell whether a place is open at `now` (local time); None where its hours are not known."""
    known = list(openings)
    if not known:
        return None
    today, yesterday, time = DAYS[now.weekday()], DAYS[now.weekday() - 1], f"{now:%H:%M}"
    for opening in known:
        overnight = opening.closes < opening.opens
        if today in opening.days and opening.opens <= time and (overnight or time < opening.closes):
            return True
        if overnight and yesterday in opening.days and time < opening.closes:
            return True
    return False


def _days(text: str) -> tuple[str, ...]:
    span = _SPAN.search(text)
    if span:
        first, last = _day(span[1], span[2]), _day(span[3], span[4])
        return tuple(DAYS[n % 7] for n in range(first, last + 1 if last >= first else last + 8))
    named = sorted({_day(m[1], m[2]) for m in _ONE_DAY.finditer(text)})
    return tuple(DAYS[n] for n in named) or DAYS


def _day(number: str | None, sunday: str | None) -> int:
    return 6 if sunday else _NAMES[number or ""]


def _clock(hour: str, minute: str) -> str | None:
    h, m = int(hour), int(minute or 0)
    return f"{h:02}:{m:02}" if (h < 24 and m < 60) or (h, m) == (24, 0) else None
