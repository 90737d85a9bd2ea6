"""Campaigns in the people store: the row of each day, how far it is, and what staff may do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from bot.store.keys import Keys
from bot.store.pace import clock
from bot.store.schema import ENDS, bucket, campaign, contact, delivery

PAGE = 20_000
"""Rows that one transaction writes."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one campaign is on one channel."""

    id: int
    name: str
    day: date
    bot: str
    state: str
    policy: str
    version: str
    counts: dict[str, int]
    rate: float | None = None
    held_until: float = 0.0
    """Until when the channel is silent, by the database's clock."""

    @property
    def left(self) -> int:
        """Return how many rows have not ended."""
        return self.counts["total"] - sum(n for end, n in self.counts.items() if end != "total")

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest takes at the bot's pace, where that is known."""
        return self.left / self.rate if self.rate else None


def begin(
    db: Connection,
    name: str,
    day: date,
    bot: str,
    version: str,
    policy: str,
    priority: int,
    now: datetime,
    state: str = "fanning_out",
) -> tuple[int, str, int]:
    """Return id, state and cursor of a day's campaign, made when it is new and locked; the unique key keeps it one."""
    make = pg_insert if db.dialect.name == "postgresql" else lite_insert
    values = {
        "name": name, "day": day, "bot": bot, "state": state, "policy": policy, "version": version,
        "priority": priority, "created_at": now.timestamp(),
    }  # fmt: skip
    db.execute(make(campaign).values(values).on_conflict_do_nothing())
    query = select(campaign.c.id, campaign.c.state, campaign.c.cursor).where(
        campaign.c.name == name, campaign.c.day == day, campaign.c.bot == bot
    )
    found = db.execute(query.with_for_update()).one()
    return int(found.id), str(found.state), int(found.cursor)


def unplanned(db: Connection, bot: str) -> list[tuple[int, str, float]]:
    """Return id, name and beginning of a channel's campaigns whose rows are not all written, the oldest first."""
    query = select(campaign.c.id, campaign.c.name, campaign.c.created_at)
    mine = (campaign.c.bot == bot, campaign.c.state == "fanning_out")
    return [
        (int(r.id), str(r.name), float(r.created_at)) for r in db.execute(query.where(*mine).order_by(campaign.c.id))
    ]


def stays_paused(db: Connection, name: str, day: date, bot: str) -> bool:
    """Tell whether the last day before `day` of a daily campaign was paused, and nobody has let it go on.

    A single day that was cancelled lifts no pause.
    """
    before = (campaign.c.name == name, campaign.c.bot == bot, campaign.c.day < day, campaign.c.state != "cancelled")
    query = select(campaign.c.state).where(*before).order_by(campaign.c.day.desc()).limit(1)
    return db.execute(query).scalar() == "paused"


def move(db: Connection, one: int, cursor: int, state: str | None = None) -> None:
    """Note how far a fan-out has come, in the transaction that wrote its rows."""
    change: dict[str, Any] = {"cursor": cursor} | ({"state": state} if state else {})
    db.execute(update(campaign).where(campaign.c.id == one).values(**change))


def change(db: Connection, name: str, day: date | None, state: str) -> int:
    """Pause, resume or cancel a campaign on every channel (of one day, or all that have not ended); return how many."""
    allowed = {"paused": ("running", "fanning_out"), "fanning_out": ("paused",)}
    before = allowed.get(state, ("running", "fanning_out", "paused"))
    which = [campaign.c.name == name, campaign.c.state.in_(before)]
    if day:
        which.append(campaign.c.day == day)
    return int(db.execute(update(campaign).where(*which).values(state=state)).rowcount)


def count_as_arrived(db: Connection, name: str, day: date) -> int:
    """Count a day's messages of unknown end as sent, on every channel; return how many."""
    found = 0
    for one in _locked(db, name, day):
        mine = (delivery.c.campaign_id == one, delivery.c.state == "unknown")
        number = db.execute(update(delivery).where(*mine).values(state="sent", error="assumed")).rowcount
        _moved(db, one, number, sent=campaign.c.sent + number)
        found += number
    return found


def send_unknown(db: Connection, name: str, day: date, now: datetime, until: datetime) -> int:
    """Make a day's messages of unknown end ready again on every channel; return how many.

    Each is valid until its own end or `until`, whichever is later; those that are over by now stay unknown, and so do
    those of a cancelled day.
    """
    found, night = 0, until.timestamp()
    for one in _locked(db, name, day, but="cancelled"):
        mine = (delivery.c.campaign_id == one, delivery.c.state == "unknown")
        valid = case((delivery.c.expires > night, delivery.c.expires), else_=night)
        ready = {"state": "ready", "owner": None, "due": clock(db), "expires": valid}
        number = db.execute(update(delivery).where(*mine, valid > now.timestamp()).values(**ready)).rowcount
        _moved(db, one, number)
        ended = (campaign.c.id == one, campaign.c.state == "done")
        if number:
            db.execute(update(campaign).where(*ended).values(state="running"))
        found += number
    return found


def _locked(db: Connection, name: str, day: date, but: str = "") -> list[int]:
    """Return a day's campaigns on every channel, once the workers of those channels have left them alone."""
    mine = (campaign.c.name == name, campaign.c.day == day, campaign.c.state != but)
    bots = select(campaign.c.bot).where(*mine)
    db.execute(select(bucket).where(bucket.c.bot.in_(bots)).order_by(bucket.c.bot).with_for_update()).all()
    return list(db.execute(select(campaign.c.id).where(*mine).order_by(campaign.c.id)).scalars())


def _moved(db: Connection, one: int, number: int, **counters: Any) -> None:
    """Take messages out of the count of unknown ones."""
    db.execute(update(campaign).where(campaign.c.id == one).values(unknown=campaign.c.unknown - number, **counters))


def sweep(db: Connection, moment: datetime, limit: int = PAGE) -> int:
    """End rows that may not leave any more (cancelled, too late) and campaigns with nothing left; return the rows."""
    cancelled = db.execute(_SWEEP_CANCELLED, {"limit": limit}).all()
    late = db.execute(_SWEEP_LATE, {"moment": moment.timestamp(), "limit": limit}).all()
    for end, rows in (("cancelled", cancelled), ("expired", late)):
        for one in sorted({r.campaign_id for r in rows}):
            number = sum(r.campaign_id == one for r in rows)
            db.execute(update(campaign).where(campaign.c.id == one).values({end: campaign.c[end] + number}))
    db.execute(_SWEEP_DONE, {"today": moment.date(), "yesterday": moment.date() - timedelta(days=1)})
    return len(cancelled) + len(late)


def progress(db: Connection, since: date | None = None, name: str = "") -> list[Progress]:
    """Return all campaigns since a day, the newest first."""
    query = select(campaign, bucket.c.rate, bucket.c.paused_until).join(
        bucket, bucket.c.bot == campaign.c.bot, isouter=True
    )
    if since:
        query = query.where(campaign.c.day >= since)
    if name:
        query = query.where(campaign.c.name == name)
    return [
        Progress(
            r.id,
            r.name,
            r.day,
            r.bot,
            r.state,
            r.policy,
            r.version,
            {end: getattr(r, end) for end in ENDS},
            r.rate,
            r.paused_until or 0.0,
        )
        for r in db.execute(query.order_by(campaign.c.day.desc(), campaign.c.id))
    ]


def is_known(db: Connection, name: str, day: date | None = None) -> bool:
    """Tell whether there ever was a campaign of this name (on this day)."""
    query = select(campaign.c.id).where(campaign.c.name == name, *([campaign.c.day == day] if day else []))
    return db.execute(query.limit(1)).first() is not None


def states(db: Connection, one: int) -> dict[str, int]:
    """Count the rows of a campaign by state: what the counters must agree with."""
    query = select(delivery.c.state, func.count()).where(delivery.c.campaign_id == one).group_by(delivery.c.state)
    return {state: int(number) for state, number in db.execute(query)}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A campaign message that a person has on the screen."""

    id: int
    bot: str
    chat: str = field(repr=False)
    message_ids: tuple[str, ...]
    at: float
    """When it was sent, by the database's clock."""


def leaving(db: Connection, name: str, day: date) -> int:
    """Return how many of a campaign's messages are on their way: they may still arrive, whatever staff said since."""
    query = select(func.count()).select_from(campaign).join(delivery, delivery.c.campaign_id == campaign.c.id)
    mine = (campaign.c.name == name, campaign.c.day == day, delivery.c.state == "sending")
    return int(db.execute(query.where(*mine)).scalar_one())


def arrived(db: Connection, keys: Keys, name: str, day: date, after: int, limit: int = 500) -> list[Arrived]:
    """Return a page of a campaign's messages whose platform id is known, by row after `after`."""
    query = (
        select(delivery.c.id, campaign.c.bot, contact.c.chat, delivery.c.message_id, delivery.c.due)
        .join(campaign, campaign.c.id == delivery.c.campaign_id)
        .join(contact, contact.c.id == delivery.c.contact_id)
        .where(campaign.c.name == name, campaign.c.day == day, delivery.c.id > after, delivery.c.state == "sent")
        .where(delivery.c.message_id.is_not(None))
        .order_by(delivery.c.id)
        .limit(limit)
    )
    return [
        Arrived(r.id, r.bot, keys.open(r.chat, "chat"), tuple(keys.open(r.message_id, "message").split()), r.due)
        for r in db.execute(query)
    ]


def taken_back(db: Connection, rows: Sequence[int]) -> None:
    """Note that these messages were deleted again; they stay counted as sent, since they were."""
    db.execute(update(delivery).where(delivery.c.id.in_(rows)).values(message_id=None, error="retracted"))


_SWEEP_CANCELLED = text("""
    UPDATE delivery SET state = 'cancelled' WHERE id IN (
        SELECT d.id FROM campaign k JOIN delivery d ON d.campaign_id = k.id
        WHERE k.state = 'cancelled' AND d.state = 'ready' LIMIT :limit)
    RETURNING campaign_id
""")
_SWEEP_LATE = text("""
    UPDATE delivery SET state = 'expired' WHERE id IN (
        SELECT d.id FROM campaign k JOIN delivery d ON d.campaign_id = k.id
        WHERE k.state IN ('running', 'fanning_out', 'paused') AND d.state = 'ready' AND d.expires <= :moment
        LIMIT :limit)
    RETURNING campaign_id
""")
# One of yesterday that no worker has begun to plan may still leave: staff began it in the evening for the morning.
_SWEEP_DONE = text("""
    UPDATE campaign SET state = 'done'
    WHERE (state = 'running' OR (state = 'fanning_out' AND day < :today AND (cursor > 0 OR day < :yesterday)))
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.campaign_id = campaign.id AND d.state = 'ready')
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.campaign_id = campaign.id AND d.state = 'sending')
""")
