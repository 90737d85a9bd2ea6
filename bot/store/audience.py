"""Whom a campaign is for: its subscribers, and the rows that a fan-out writes for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Select, func, select, text, update

from bot.store.campaigns import PAGE, move
from bot.store.people import FOR_GOOD
from bot.store.schema import campaign, consent, contact, delivery, subscription


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
    news: date | None = None
    """The day whose message told them of an event of their commune."""
    since: float = 0.0
    """When they agreed to their hour: what was due before is not owed to them."""


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
    news: date | None = None
    """Today, where the message also tells of an event of their commune."""


def has_subscribers(db: Connection, bot: str) -> bool:
    """Tell whether anybody on this channel asked for messages."""
    query = select(contact.c.id).join(subscription, subscription.c.contact_id == contact.c.id)
    return db.execute(query.where(contact.c.channel == bot, contact.c.gone == 0).limit(1)).first() is not None


def subscribers(db: Connection, bot: str, after: tuple[int, int], until: int, limit: int = 5_000) -> list[Subscriber]:
    """Return a page of a channel's subscribers by (minute, contact), after a place and up to a minute of the day."""
    s, c = subscription.c, contact.c
    agreed = (consent.c.contact_id == s.contact_id) & (consent.c.purpose == "campaign")
    query = (
        select(
            s.contact_id, s.minute, s.topics, s.youth, s.province, s.commune, s.discreet, s.paused_until, s.shown,
            s.news, consent.c.at,
        )
        .join(contact, c.id == s.contact_id)
        .join(consent, agreed, isouter=True)
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
            r.paused_until, tuple(r.shown.split()), r.news, r.at or 0.0,
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
    seen = json.dumps(
        [
            [r.contact, r.shown, r.news and r.news.isoformat()]
            for r in rows
            if r.contact in new and (r.shown or r.news) and not r.late
        ]
    )
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


def waiting(db: Connection, name: str, midnight: datetime) -> list[tuple[str, int, int]]:
    """Return the same of those who still get a season's message of the day that began at `midnight`: no row names them yet.

    Who agreed after their minute, or pauses beyond it, is not waited for.
    """
    slot = subscription.c.minute * 60 + midnight.timestamp()
    have = _have(name, midnight.date())
    agreed = (consent.c.contact_id == contact.c.id) & (consent.c.purpose == "campaign")
    query = (
        select(contact.c.channel, subscription.c.minute, func.count())
        .join(subscription, subscription.c.contact_id == contact.c.id)
        .join(consent, agreed, isouter=True)
        .where(contact.c.gone == 0, subscription.c.paused_until <= slot, func.coalesce(consent.c.at, 0.0) < slot + 60.0)
        .where(contact.c.id.not_in(have))
        .group_by(contact.c.channel, subscription.c.minute)
        .order_by(contact.c.channel, subscription.c.minute)
    )
    return [(channel, minute, int(number)) for channel, minute, number in db.execute(query)]


def rounds(db: Connection, name: str, day: date) -> list[tuple[Subscriber, bool, int]]:
    """Return how many people stand at the same place of the items, and whether they have a row of that day already.

    In each `Subscriber` only the choices that decide about items are true.
    """
    s = subscription.c
    had = s.contact_id.in_(_have(name, day)).label("had")
    columns = (s.topics, s.youth, s.discreet, s.shown, had)
    query = (
        select(*columns, func.count().label("people"))
        .join(contact, contact.c.id == s.contact_id)
        .where(contact.c.gone == 0, s.paused_until < FOR_GOOD)
        .group_by(*columns)
    )
    return [
        (Subscriber(0, 0, tuple(r.topics.split()), bool(r.youth), discreet=bool(r.discreet), shown=tuple(r.shown.split())),
         bool(r.had), int(r.people))
        for r in db.execute(query)
    ]  # fmt: skip


def _have(name: str, day: date) -> Select[tuple[int]]:
    """Select who has a row of a campaign's day."""
    mine = (campaign.c.name == name, campaign.c.day == day, delivery.c.contact_id.is_not(None))
    return select(delivery.c.contact_id).join(campaign, campaign.c.id == delivery.c.campaign_id).where(*mine)


def size(db: Connection) -> list[tuple[str, int, int]]:
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
        UPDATE subscription SET shown = j.s, news = coalesce(j.n, news)
        FROM (SELECT json_extract(value, '$[0]') AS i, json_extract(value, '$[1]') AS s,
                     json_extract(value, '$[2]') AS n FROM json_each(:rows)) AS j
        WHERE contact_id = j.i"""),
    "postgresql": text("""
        UPDATE subscription SET shown = j->>1, news = coalesce((j->>2)::date, news)
        FROM json_array_elements(CAST(:rows AS json)) AS j
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
