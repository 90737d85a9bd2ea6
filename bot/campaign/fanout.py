"""Turn the calendar into rows: each minute for those whose hour has come, and page by page for a message to all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from bot.campaign.calendar import due
from bot.clock import SLEEPS, VIETNAM, WAKES, is_quiet
from bot.errors import SettingsError
from bot.store import audience, campaigns
from bot.store import pace as paces
from bot.store.audience import Audience
from content import seasons
from content.seasons import Once, Season
from referral_directory.places import load

_PLACES = 10**12
"""The cursor of a day is minute * _PLACES + contact: a place in the order of the fan-out."""
PEOPLE = 5_000
"""People that one transaction plans."""


def fan_out(db: Connection, bot: str, now: datetime, coming: Mapping[int, Collection[date]] | None = None) -> bool:
    """Write one page of a channel's rows; return whether more waits. Running it twice changes nothing.

    `coming` are the days with an approved event, by commune: who asked for its messages is told that there is one.
    """
    return _daily(db, bot, now, coming or {}) or _once(db, bot, now)


def start(db: Connection, name: str, bot: str, now: datetime) -> str:
    """Begin a message that staff send once and return its state; beginning it again on the same day changes nothing."""
    once = seasons.onces().get(name)
    if once is None:
        known = ", ".join(sorted(seasons.onces())) or "chưa có"
        raise SettingsError(f"Không có chiến dịch gửi một lần tên '{name}'. Có: {known}.")
    _check_whom(once)
    return campaigns.begin(db, name, now.date(), bot, once.version, once.policy, once.priority, now)[1]


def hold_ahead(db: Connection, name: str, bots: Iterable[str], now: datetime, day: date | None = None) -> int:
    """Pause a season where no day of it is paused yet, before its next day begins; return on how many channels it is.

    With `day`, the season is paused from that day on.
    """
    season, today = _ahead(name, now, day), now.date()
    tomorrow = today + timedelta(days=1)
    held = 0
    for bot in bots if season else ():
        if day is None and campaigns.stays_paused(db, name, tomorrow, bot):
            held += 1
        elif season:
            held += any(
                _begin(db, season, one, bot, now, "paused") == "paused" for one in ([day] if day else [today, tomorrow])
            )
    return held


def cancel_ahead(db: Connection, name: str, bots: Iterable[str], now: datetime, day: date | None = None) -> int:
    """Cancel a season's day (today without `day`) that has not begun; return on how many channels."""
    season = _ahead(name, now, day)
    one = day or now.date()
    if season is None or not season.covers(one):
        return 0
    return sum(_begin(db, season, one, bot, now, "cancelled") == "cancelled" for bot in bots)


def _check_whom(once: Once) -> None:
    """Raise `SettingsError` for a province or commune that is none: nobody would get the message, in silence."""
    places = load()
    if once.province and once.province not in {p.name for p in places.provinces}:
        raise SettingsError(f"{once.name}.yml: province '{once.province}' không phải tên tỉnh, thành phố hiện nay.")
    if once.commune is not None and places.commune(once.commune) is None:
        raise SettingsError(f"{once.name}.yml: commune {once.commune} không phải mã xã, phường hiện nay.")


def _ahead(name: str, now: datetime, day: date | None) -> Season | None:
    known = next((s for s in seasons.seasons() if s.name == name), None)
    return known if day is None or day >= now.date() else None


def _begin(db: Connection, season: Season, day: date, bot: str, now: datetime, state: str) -> str:
    return campaigns.begin(
        db, season.name, day, bot, season.version, season.policy, season.priority, now, state
    )[1]  # fmt: skip


def _daily(db: Connection, bot: str, now: datetime, coming: Mapping[int, Collection[date]]) -> bool:
    here = now.astimezone(VIETNAM)
    season = seasons.season_on(here.date())
    if season is None or (is_quiet(here) and here.time() < SLEEPS) or not audience.has_subscribers(db, bot):
        return False
    first = "paused" if campaigns.stays_paused(db, season.name, here.date(), bot) else "fanning_out"
    one, state, cursor = campaigns.begin(
        db, season.name, here.date(), bot, season.version, season.policy, season.priority, now, first
    )
    minute = min(here.hour * 60 + here.minute, SLEEPS.hour * 60)
    if state != "fanning_out" or cursor >= (minute + 1) * _PLACES - 1:
        return False
    page = audience.subscribers(db, bot, divmod(cursor, _PLACES), minute, PEOPLE)
    audience.add(db, one, due(season, page, here, coming), paces.clock(db), now.timestamp())
    if len(page) == PEOPLE:
        campaigns.move(db, one, page[-1].minute * _PLACES + page[-1].contact)
        return True
    over = here.time() >= SLEEPS
    campaigns.move(db, one, (minute + 1) * _PLACES - 1, "running" if over else None)
    return False


def _once(db: Connection, bot: str, now: datetime) -> bool:
    for one, name, begun in campaigns.unplanned(db, bot):
        if once := seasons.onces().get(name):
            return _page(db, one, bot, once, datetime.fromtimestamp(begun, VIETNAM), now)
    return False


def _page(db: Connection, one: int, bot: str, once: Once, begun: datetime, now: datetime) -> bool:
    until = _by_day(begun, timedelta(hours=once.hours))  # of staff's word, however late a worker hears it
    whom = Audience(once.youth, once.province, once.commune)
    return audience.add_everybody(
        db, one, bot, once.item.key, whom, until.timestamp(), now.timestamp(), paces.clock(db)
    )


def _by_day(now: datetime, lasts: timedelta) -> datetime:
    """Return when a message of that many hours expires: hours of the night, in which nothing leaves, do not count."""
    here = now.astimezone(VIETNAM)
    while True:
        morning, evening = _at(here, WAKES), _at(here, SLEEPS)
        here = max(here, morning)
        if here + lasts <= evening:
            return here + lasts
        lasts -= max(timedelta(0), evening - here)
        here = morning + timedelta(days=1)


def _at(day: datetime, hour: time) -> datetime:
    return day.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
