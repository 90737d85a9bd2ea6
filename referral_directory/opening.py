"""Opening hours as a value: is a place open at a moment, and when does it open next? Words are read in `hours`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""Days of the week as HSDS writes them (RFC 5545)."""
WORKDAYS = DAYS[:5]
HOLIDAYS = ((1, 1), (4, 30), (5, 1), (9, 1), (9, 2), (9, 3), (11, 24))
"""Public holidays of the solar calendar, as (month, day): hours that are not round the clock may not hold then."""
NEW_YEARS = (
    date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 2), date(2031, 1, 23),
    date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19), date(2035, 2, 8),
)  # fmt: skip
"""First days of Tết: offices rest from two days before it to the fifth day."""
KINGS_DAYS = (
    date(2026, 4, 26), date(2027, 4, 16), date(2028, 4, 4), date(2029, 4, 23), date(2030, 4, 12), date(2031, 4, 1),
    date(2032, 4, 19), date(2033, 4, 9), date(2034, 4, 28), date(2035, 4, 17),
)  # fmt: skip
"""Giỗ Tổ Hùng Vương, the tenth day of the third lunar month."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours of some days: `opens` and `closes` as HH:MM; a night that passes midnight closes earlier than it opens.

    Without `days` the words told none: these are the hours of workdays, and of Saturday and Sunday nobody knows.
    """

    days: tuple[str, ...]
    opens: str
    closes: str

    def holds_on(self, day: date) -> bool | None:
        """Tell whether these are the hours of `day`; None where nobody can say (a holiday, a day not told)."""
        name = DAYS[day.weekday()]
        if self.days and name not in self.days:
            return False
        if self.opens == "00:00" and self.closes == "24:00" and set(self.days) == set(DAYS):
            return True
        return None if _is_holiday(day) or not (self.days or name in WORKDAYS) else True


def is_open(openings: Iterable[Opening], now: datetime) -> bool | None:
    """Tell whether a place is open at `now` (local time); None where its hours are not known for such a day."""
    known = list(openings)
    today, clock = now.date(), f"{now.hour:02}:{now.minute:02}"
    found: list[bool | None] = [] if known else [None]
    for opening in known:
        overnight = opening.closes < opening.opens
        if opening.opens <= clock and (overnight or clock < opening.closes):
            found.append(opening.holds_on(today))
        if overnight and clock < opening.closes:
            found.append(opening.holds_on(today - timedelta(days=1)))
    return True if True in found else None if None in found else False


def next_opening(openings: Iterable[Opening], now: datetime) -> datetime | None:
    """Return the first moment after `now`, within two weeks, at which the place is known to open, or None."""
    known = [o for o in openings if o.opens < "24:00"]
    for ahead in range(15):
        day = now.date() + timedelta(days=ahead)
        moments = [
            datetime.combine(day, time.fromisoformat(o.opens), now.tzinfo) for o in known if o.holds_on(day) is True
        ]
        if later := [moment for moment in moments if moment > now]:
            return min(later)
    return None


@lru_cache(maxsize=64)
def _is_holiday(day: date) -> bool:
    of_new_year = any(-2 <= (day - first).days < 5 for first in NEW_YEARS)
    return (day.month, day.day) in HOLIDAYS or day in KINGS_DAYS or of_new_year
