"""Who gets which message now. Pure: the season, the people and the moment come in, planned messages come out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from bot.clock import SLEEPS, VIETNAM
from bot.store.audience import Planned, Subscriber
from content.seasons import Item, Season

_NOTHING: Mapping[int, Collection[date]] = {}


def due(
    season: Season, people: Iterable[Subscriber], now: datetime, coming: Mapping[int, Collection[date]] = _NOTHING
) -> list[Planned]:
    """Return today's message of each person whose hour has come; one whose grace is over comes as late.

    Who agreed when the minute of today's message had passed is owed nothing today: the first message comes tomorrow.
    A person gets an item at most once until they have had all that fit them. `coming` are the days with an event, by commune.
    """
    here = now.astimezone(VIETNAM)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    night = here.replace(hour=SLEEPS.hour, minute=SLEEPS.minute, second=0, microsecond=0)
    pool, special = season.on(here.date()), season.special(here.date())
    planned = []
    for person in people:
        slot = midnight + timedelta(minutes=person.minute)
        missed = person.since >= slot.timestamp() + 60.0
        if slot > here or missed or person.paused_until > here.timestamp():
            continue
        found = choose(person, pool, special)
        if found:
            item, shown = found
            expires = min(slot + timedelta(minutes=season.grace), night)
            news = here.date() if _has_news(person, coming, here.date()) else None
            planned.append(
                Planned(person.contact, item.key, expires.timestamp(), expires <= here, " ".join(shown), news)
            )
    return planned


def choose(person: Subscriber, pool: Iterable[Item], special: Item | None = None) -> tuple[Item, list[str]] | None:
    """Return the person's next item and the items of their round with it; None when nothing fits them."""
    if special and _fits(person, special):
        return special, list(person.shown)
    fitting = [item for item in pool if _fits(person, item)]
    if not fitting:
        return None
    shown = list(person.shown)
    new = next((item for item in fitting if item.id not in shown), None)
    if new is None:  # they have had all: a new round begins
        again = {item.id for item in fitting}
        shown, new = [i for i in shown if i not in again], fitting[0]
    return new, [*shown, new.id]


def _has_news(person: Subscriber, coming: Mapping[int, Collection[date]], today: date) -> bool:
    """Tell whether an event near the person, today or tomorrow, is new to them: yesterday's line told of today's too."""
    known = {today} if person.news == today - timedelta(days=1) else set()
    return not person.discreet and bool(set(coming.get(person.commune or 0, ())) - known)


def _fits(person: Subscriber, item: Item) -> bool:
    if person.discreet and not item.calm:
        return False
    if item.youth and not person.youth:
        return False
    return not person.topics or item.topic in person.topics
