"""The time: real, or started at a chosen moment for trials and running on from there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import SettingsError

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
Clock = Callable[[], datetime]


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
