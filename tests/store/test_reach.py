"""Whom messages reached: counted once a season, by province, on the day when the first one arrived."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select, update

from bot.store import reach
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.schema import campaign, contact, delivery, subscription, tally
from referral_directory.readiness import season_of
from tests.delivery.conftest import DAY, CountingWire, run_until, start_campaign, subscribe, worker
from tests.delivery.conftest import keys as keys
from tests.delivery.conftest import store as store


def counted(store: Engine, since: date = date(2026, 11, 15)) -> dict[tuple[date, str], int]:
    """Count everybody who is not counted yet; return all counts by day and province."""
    page: int | None = 0
    while page is not None:
        with transaction(store) as db:
            page = reach.count_reached(db, since, page)
    with transaction(store) as db:
        rows = db.execute(select(tally.c.day, tally.c.province, tally.c.count).where(tally.c.what == "reached"))
        return {(r.day, r.province): r.count for r in rows}


def sent(store: Engine, keys: Keys, name: str, day: date) -> None:
    """Send a campaign of a day to everybody."""
    wire = CountingWire()
    one = start_campaign(store, name=name, day=day)
    door = worker(store, keys, wire)

    def done() -> bool:
        with transaction(store) as db:
            left = select(delivery.c.id).where(
                delivery.c.campaign_id == one, delivery.c.state.in_(("ready", "sending"))
            )
            return db.execute(left).first() is None

    asyncio.run(run_until(door, done))


def test_each_person_is_counted_once_where_they_are(store: Engine, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days of messages, one province told by two of five; who got nothing is not counted; the next year all anew."""
    monkeypatch.setattr(reach, "PAGE", 2)
    subscribe(store, keys, 5)
    with transaction(store) as db:
        ids = db.execute(select(contact.c.id).order_by(contact.c.id)).scalars().all()
        db.execute(update(subscription).where(subscription.c.contact_id.in_(ids[:2])).values(province="Thanh Hóa"))
        db.execute(update(subscription).where(subscription.c.contact_id == ids[4]).values(paused_until=1e12))
    assert counted(store) == {}
    sent(store, keys, "một", DAY)
    both = {(DAY, "Thanh Hóa"): 2, (DAY, ""): 2}
    assert counted(store) == both
    assert counted(store) == both
    with transaction(store) as db:
        db.execute(update(subscription).values(paused_until=0))
        db.execute(update(delivery).values(due=0.0))
    sent(store, keys, "hai", DAY + timedelta(days=1))
    assert counted(store) == {**both, (DAY + timedelta(days=1), ""): 1}
    with transaction(store) as db:
        db.execute(update(campaign).values(day=date(2027, 11, 15)))
    assert counted(store, date(2027, 11, 15)) == {
        **both, (DAY + timedelta(days=1), ""): 1, (date(2027, 11, 15), ""): 3, (date(2027, 11, 15), "Thanh Hóa"): 2,
    }  # fmt: skip


@pytest.mark.parametrize(("day", "first"), [("2026-11-14", "2025-11-15"), ("2026-11-15", "2026-11-15"), ("2027-01-02", "2026-11-15")])  # fmt: skip
def test_a_season_begins_with_the_action_month(day: str, first: str) -> None:
    """From one 15 November to the day before the next."""
    assert season_of(date.fromisoformat(day)) == date.fromisoformat(first)
