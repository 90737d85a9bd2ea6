"""Campaigns in the people store: their rows, who gets them, how far they are, and what staff may do with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from bot.store.keys import Keys
from bot.store.people import FOR_GOOD
from bot.store.schema import ENDS, bucket, campaign, contact, delivery, subscription

PAGE = 20_000
"""Rows that one transaction of a fan-out writes."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What the calendar may know of a person who asked for messages: their choices, never what they told."""

    contact: int
    minute: int
    topics: tuple[str, ...] = ()
    youth: bool = False
    province: str = ""
    commune: int | None = None
    discreet: bool = False
    paused_until: float = 0.0
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a campaign is for; empty fields mean everybody who subscribed."""

    youth: bool = False
    province: str = ""
    commune: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One row that the calendar wants: a message for one person, or one that came too late."""

    contact: int
    item: str
    expires: float
    late: bool = False
    shown: str = ""
    """The person's items of this round, with this one."""


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

    @property
    def left(self) -> int:
        """Return how many rows have not ended."""
        return self.counts["total"] - sum(n for end, n in self.counts.items() if end != "total")

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest takes at the bot's pace, where that is known."""
        return self.left / self.rate if self.rate else None


def begin(
    db: Connection, name: str, day: date, bot: str, version: str, policy: str, priority: int, now: datetime
) -> tuple[int, str, int]:
    """Return id, state and cursor of a day's campaign, made when it is new and locked; the unique key keeps it one."""
    make = pg_insert if db.dialect.name == "postgresql" else lite_insert
    values = {
        "name": name, "day": day, "bot": bot, "state": "fanning_out", "policy": policy, "version": version,
        "priority": priority, "created_at": now.timestamp(),
    }  # fmt: skip
    db.execute(make(campaign).values(values).on_conflict_do_nothing())
    query = select(campaign.c.id, campaign.c.state, campaign.c.cursor).where(
        campaign.c.name == name, campaign.c.day == day, campaign.c.bot == bot
    )
    found = db.execute(query.with_for_update()).one()
    return int(found.id), str(found.state), int(found.cursor)


def move(db: Connection, one: int, cursor: int, state: str | None = None) -> None:
    """Note how far a fan-out has come, in the transaction that wrote its rows."""
    change: dict[str, Any] = {"cursor": cursor} | ({"state": state} if state else {})
    db.execute(update(campaign).where(campaign.c.id == one).values(**change))


def has_subscribers(db: Connection, bot: str) -> bool:
    """Tell whether anybody on this channel asked for messages."""
    query = select(contact.c.id).join(subscription, subscription.c.contact_id == contact.c.id)
    return db.execute(query.where(contact.c.channel == bot, contact.c.gone == 0).limit(1)).first() is not None


def subscribers(db: Connection, bot: str, after: tuple[int, int], until: int, limit: int = 5_000) -> list[Subscriber]:
    """Return a page of a channel's subscribers by (minute, contact), after a place and up to a minute of the day."""
    s, c = subscription.c, contact.c
    query = (
        select(s.contact_id, s.minute, s.topics, s.youth, s.province, s.commune, s.discreet, s.paused_until, s.shown)
        .join(contact, c.id == s.contact_id)
        .where(
            c.channel == bot, c.gone == 0, s.minute <= until, s.minute >= after[0],
            (s.minute > after[0]) | (s.contact_id > after[1]),
        )
        .order_by(s.minute, s.contact_id)
        .limit(limit)
    )  # fmt: skip
    return [
        Subscriber(
            r.contact_id, r.minute, tuple(r.topics.split()), bool(r.youth), r.province, r.commune, bool(r.discreet),
            r.paused_until, tuple(r.shown.split()),
        )
        for r in db.execute(query)
    ]  # fmt: skip


def add(db: Connection, one: int, rows: Sequence[Planned], now: float, moment: float) -> int:
    """Write rows of a campaign; who has one already is left alone. Return how many are new."""
    if not rows:
        return 0
    values = json.dumps([[r.contact, r.item, r.expires, "expired" if r.late else "ready"] for r in rows])
    done = db.execute(_ADD[db.dialect.name], {"rows": values, "campaign": one, "now": now, "moment": moment}).all()
    new = {r.contact_id for r in done}
    late = sum(r.state == "expired" for r in done)
    db.execute(
        update(campaign)
        .where(campaign.c.id == one)
        .values(total=campaign.c.total + len(done), expired=campaign.c.expired + late)
    )
    seen = json.dumps([[r.contact, r.shown] for r in rows if r.contact in new and r.shown and not r.late])
    db.execute(_SHOWN[db.dialect.name], {"rows": seen})
    return len(done)


def add_everybody(
    db: Connection, one: int, bot: str, item: str, audience: Audience, expires: float, moment: float, now: float
) -> bool:
    """Write one page of a message to a whole audience and move the cursor with it; return whether more is left."""
    cursor = db.execute(select(campaign.c.cursor).where(campaign.c.id == one).with_for_update()).scalar_one()
    values = {
        "cursor": cursor, "campaign": one, "bot": bot, "item": item, "expires": expires, "moment": moment, "now": now,
        "youth": int(audience.youth), "province": audience.province, "commune": audience.commune or 0, "page": PAGE,
    }  # fmt: skip
    last = db.execute(_LAST, values).scalar()
    if last is None:
        move(db, one, -1, "running")
        return False
    added = db.execute(_EVERYBODY, {**values, "last": last}).rowcount
    db.execute(update(campaign).where(campaign.c.id == one).values(cursor=last, total=campaign.c.total + max(0, added)))
    return True


def change(db: Connection, name: str, day: date | None, state: str) -> int:
    """Pause, resume or cancel a campaign on every channel (of one day, or all that have not ended); return how many."""
    allowed = {"paused": ("running", "fanning_out"), "fanning_out": ("paused",)}
    before = allowed.get(state, ("running", "fanning_out", "paused"))
    which = [campaign.c.name == name, campaign.c.state.in_(before)]
    if day:
        which.append(campaign.c.day == day)
    return int(db.execute(update(campaign).where(*which).values(state=state)).rowcount)


def sweep(db: Connection, moment: datetime, limit: int = PAGE) -> int:
    """End rows that may not leave any more (cancelled, too late) and campaigns with nothing left; return the rows."""
    cancelled = db.execute(_SWEEP_CANCELLED, {"limit": limit}).all()
    late = db.execute(_SWEEP_LATE, {"moment": moment.timestamp(), "limit": limit}).all()
    for end, rows in (("cancelled", cancelled), ("expired", late)):
        for one in sorted({r.campaign_id for r in rows}):
            number = sum(r.campaign_id == one for r in rows)
            db.execute(update(campaign).where(campaign.c.id == one).values({end: campaign.c[end] + number}))
    db.execute(_SWEEP_DONE, {"today": moment.date()})
    return len(cancelled) + len(late)


def progress(db: Connection, since: date | None = None, name: str = "") -> list[Progress]:
    """Return all campaigns since a day, the newest first."""
    query = select(campaign, bucket.c.rate).join(bucket, bucket.c.bot == campaign.c.bot, isouter=True)
    if since:
        query = query.where(campaign.c.day >= since)
    if name:
        query = query.where(campaign.c.name == name)
    return [
        Progress(
            r.id, r.name, r.day, r.bot, r.state, r.policy, r.version, {end: getattr(r, end) for end in ENDS}, r.rate
        )
        for r in db.execute(query.order_by(campaign.c.day.desc(), campaign.c.id))
    ]


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


def arrived(db: Connection, keys: Keys, name: str, day: date, after: int, limit: int = 500) -> list[Arrived]:
    """Return a page of a campaign's messages whose platform id is known, by row after `after`."""
    query = (
        select(delivery.c.id, campaign.c.bot, contact.c.chat, delivery.c.message_id)
        .join(campaign, campaign.c.id == delivery.c.campaign_id)
        .join(contact, contact.c.id == delivery.c.contact_id)
        .where(campaign.c.name == name, campaign.c.day == day, delivery.c.id > after, delivery.c.state == "sent")
        .where(delivery.c.message_id.is_not(None))
        .order_by(delivery.c.id)
        .limit(limit)
    )
    return [Arrived(r.id, r.bot, keys.open(r.chat, "chat"), tuple(r.message_id.split())) for r in db.execute(query)]


def taken_back(db: Connection, rows: Sequence[int]) -> None:
    """Note that these messages were deleted again; they stay counted as sent, since they were."""
    db.execute(update(delivery).where(delivery.c.id.in_(rows)).values(message_id=None, error="retracted"))


def audience_size(db: Connection) -> list[tuple[str, int, int]]:
    """Return (channel, minute of the day, how many people) of all subscriptions but those silent after a quick exit."""
    query = (
        select(contact.c.channel, subscription.c.minute, func.count())
        .join(subscription, subscription.c.contact_id == contact.c.id)
        .where(contact.c.gone == 0, subscription.c.paused_until < FOR_GOOD)
        .group_by(contact.c.channel, subscription.c.minute)
        .order_by(contact.c.channel, subscription.c.minute)
    )
    return [(channel, minute, int(number)) for channel, minute, number in db.execute(query)]


_ADD = {
    "sqlite": text("""
        INSERT INTO delivery (campaign_id, contact_id, state, due, item, expires, created_at)
        SELECT :campaign, json_extract(value, '$[0]'), json_extract(value, '$[3]'), :now, json_extract(value, '$[1]'),
               json_extract(value, '$[2]'), :moment
        FROM json_each(:rows) WHERE true ON CONFLICT DO NOTHING RETURNING contact_id, state"""),
    "postgresql": text("""
        INSERT INTO delivery (campaign_id, contact_id, state, due, item, expires, created_at)
        SELECT :campaign, (j->>0)::bigint, j->>3, :now, j->>1, (j->>2)::float8, :moment
        FROM json_array_elements(CAST(:rows AS json)) AS j ON CONFLICT DO NOTHING RETURNING contact_id, state"""),
}
_SHOWN = {
    "sqlite": text("""
        UPDATE subscription SET shown = j.s
        FROM (SELECT json_extract(value, '$[0]') AS i, json_extract(value, '$[1]') AS s FROM json_each(:rows)) AS j
        WHERE contact_id = j.i"""),
    "postgresql": text("""
        UPDATE subscription SET shown = j->>1 FROM json_array_elements(CAST(:rows AS json)) AS j
        WHERE contact_id = (j->>0)::bigint"""),
}
_LAST = text("""
    SELECT max(contact_id) FROM (
        SELECT contact_id FROM subscription WHERE contact_id > :cursor ORDER BY contact_id LIMIT :page) AS page
""")
_EVERYBODY = text("""
    INSERT INTO delivery (campaign_id, contact_id, state, due, item, expires, created_at)
    SELECT :campaign, s.contact_id, 'ready', :now, :item, :expires, :moment
    FROM subscription s JOIN contact c ON c.id = s.contact_id
    WHERE s.contact_id > :cursor AND s.contact_id <= :last AND c.id > :cursor AND c.id <= :last
      AND c.channel = :bot AND c.gone = 0 AND s.paused_until <= :moment
      AND (:youth = 0 OR s.youth = 1) AND (:province = '' OR s.province = :province)
      AND (:commune = 0 OR s.commune = :commune)
    ON CONFLICT DO NOTHING
""")
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
_SWEEP_DONE = text("""
    UPDATE campaign SET state = 'done' WHERE (state = 'running' OR (state = 'fanning_out' AND day < :today))
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.campaign_id = campaign.id AND d.state = 'ready')
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.campaign_id = campaign.id AND d.state = 'sending')
""")
