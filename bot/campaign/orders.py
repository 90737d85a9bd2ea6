"""What staff tell a campaign: hold it, let it go on, end a day, and what becomes of messages whose end nobody knows."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import Connection

from bot.campaign.fanout import cancel_ahead, hold_ahead
from bot.clock import SLEEPS, VIETNAM, is_quiet
from bot.store import campaigns
from bot.store import pace as paces
from bot.store.pace import Pace


def pause(db: Connection, name: str, bots: Collection[str], now: datetime, day: date | None = None) -> int:
    """Hold a campaign until it is resumed, the days to come too; return on how many channels and days."""
    return max(campaigns.change(db, name, day, "paused"), hold_ahead(db, name, bots, now, day))


def resume(db: Connection, name: str, day: date | None = None) -> int:
    """Let what is paused go on; return on how many channels and days."""
    return campaigns.change(db, name, day, "fanning_out")


def cancel(db: Connection, name: str, bots: Collection[str], now: datetime, day: date | None = None) -> int:
    """End a day for good, begun or not (without `day` all that have not ended); return on how many channels and days."""
    return max(campaigns.change(db, name, day, "cancelled"), cancel_ahead(db, name, bots, now, day))


def send_again(db: Connection, name: str, day: date, now: datetime) -> int:
    """Send a day's messages of unknown end once more, until tonight at the latest; return how many.

    Whoever got the first one gets it twice. Only on its own day, or while the message to all is valid; else 0.
    """
    here = now.astimezone(VIETNAM)
    night = here.replace(hour=SLEEPS.hour, minute=SLEEPS.minute, second=0, microsecond=0)
    return campaigns.send_unknown(db, name, day, now, night if day == here.date() else now)


def waits(
    db: Connection, pace_of: Mapping[str, Pace], held_until: Mapping[str, float], now: datetime
) -> dict[str, str]:
    """Tell for each channel why nothing leaves now, or ""; `held_until` is the end of its silence by the database's clock."""
    clock, found = paces.clock(db), {}
    for bot, until in held_until.items():
        pace = pace_of.get(bot)
        if is_quiet(now):
            found[bot] = "giờ đêm, đi tiếp từ 6:30"
        elif pace and paces.left_for_campaigns(db, bot, pace, now) == 0:
            found[bot] = "hết hạn mức của tháng"
        elif until > clock:
            found[bot] = f"nền tảng bắt nghỉ, thử lại sau {math.ceil((until - clock) / 60)} phút"
        else:
            found[bot] = ""
    return found
