"""The days to come as the pages of campaigns show them: what goes out, when, and to how many people who have not had it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

import content
from bot.campaign import plan
from bot.campaign.plan import Forecast
from bot.channels.names import CHANNELS
from bot.clock import VIETNAM
from bot.staff.visit import Visit
from bot.store import audience, pace
from content import seasons
from content.seasons import Item


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is known of the days from today on."""

    name: str
    """The season of today, or ""."""
    channels: tuple[Forecast, ...]
    items: dict[date, Counter[Item]]
    rest: dict[str, int]
    """By channel, how many people's message of today is not planned yet."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One day of the calendar: what most people get, how many other items go out, and to whom."""

    day: date
    name: str
    occasion: str
    text: str
    others: int
    dropped: bool
    """Staff left this day out."""
    over: bool
    """It is today, and everybody has their message or a row for it."""
    to: tuple[tuple[str, int, str], ...]
    """Channel, people, the hour at which the last message leaves; no people where nothing is pushed."""


def look(db: Connection, visit: Visit, days: int) -> Ahead:
    """Forecast so many days from today."""
    today = visit.now.astimezone(VIETNAM).date()
    season = seasons.season_on(today)
    name = season.name if season else ""
    limits = plan.limits_of(visit.site.paces, {bot: pace.used(db, bot, visit.now) for bot in visit.site.paces})
    left = audience.waiting(db, name, datetime.combine(today, time(), VIETNAM))
    channels = tuple(plan.forecast(audience.size(db), limits, visit.now, days, left))
    items = plan.items(audience.rounds(db, name, today), [today + timedelta(days=n) for n in range(days)])
    return Ahead(name, channels, items, {f.bot: f.days[0].messages for f in channels})


def coming(found: Ahead, dropped: Collection[tuple[str, date]], first: date, days: int) -> list[Coming]:
    """Return so many days from `first`: what is sent, and to how many on which channel."""
    planned = {(f.bot, d.day): d for f in found.channels for d in f.days}
    bots = list(dict.fromkeys(bot for bot, _ in planned))
    made = []
    for day in (first + timedelta(days=n) for n in range(days)):
        season = seasons.season_on(day)
        name = season.name if season else ""
        plans = [(bot, planned[bot, day.isoformat()]) for bot in bots if (bot, day.isoformat()) in planned]
        to = tuple((bot, p.messages if p.push else 0, p.last_at) for bot, p in plans)
        occasion = "; ".join(one for one in content.observances(day) if one.startswith("Ngày"))
        special = season.special(day) if season else None
        most = special or next((item for item, _ in found.items.get(day, Counter[Item]()).most_common(1)), None)
        others = len({item.id for item in found.items.get(day, ())} - {most.id}) if most else 0
        over = day == min(found.items) and any(p.push for _, p in plans) and not any(n for _, n, _ in to)
        made.append(Coming(day, name, occasion, most.text if most else "", others, (name, day) in dropped, over, to))
    return made


def warnings(found: Ahead) -> list[str]:
    """Return what cannot fit, channel by channel."""
    return [f"{CHANNELS.get(f.bot, f.bot)}: {warning}" for f in found.channels for warning in f.warnings]
