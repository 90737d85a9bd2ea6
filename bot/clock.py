"""The time: real, or started at a chosen moment for trials and running on from there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from bot.errors import SettingsError

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
Clock = Callable[[], datetime]

WAKES, SLEEPS = time_of_day(6, 30), time_of_day(21)
"""Nothing that a person did not ask for leaves outside of these hours of Vietnam."""
_EARLY = timedelta(seconds=30)
"""A message claimed now may leave a little later."""


def clock(start: str = "") -> Clock:
    """Return a function that tells the time in Vietnam; `start` (ISO 8601) sets its first answer."""
    if not start:
        return lambda: datetime.now(VIETNAM)
    try:
        first = datetime.fromisoformat(start)
        if not 2000 <= first.year <= 2100:
            raise ValueError
    except ValueError:
        raise SettingsError(
            f"TINCAY_NOW={start!r} không phải thời điểm ISO từ năm 2000 đến 2100, ví dụ 2026-11-25T06:59+07:00. / "
            "Not an ISO moment of the years 2000 to 2100."
        ) from None
    first = (first if first.tzinfo else first.replace(tzinfo=VIETNAM)).astimezone(VIETNAM)
    begun = time.monotonic()
    return lambda: first + timedelta(seconds=time.monotonic() - begun)


def is_quiet(moment: datetime) -> bool:
    """Tell whether no campaign message may leave at `moment`: 21:00 to 06:30 in Vietnam, and the last seconds before."""
    here = moment.astimezone(VIETNAM)
    return not here.time() >= WAKES or not (here + _EARLY).time() < SLEEPS or here.time() >= SLEEPS
