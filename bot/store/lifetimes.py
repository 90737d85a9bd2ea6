"""How long everything of a person is kept, and the sweep that holds the people store to it, page by page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, exists, select
from sqlalchemy.sql.elements import ColumnElement

from bot.clock import VIETNAM
from bot.store.engine import empty_journal, reading, transaction
from bot.store.people import add_count
from bot.store.schema import callback_request, contact, conversation, delivery, seen, subscription

DAY = 86_400.0
SEEN_DAYS = 2
"""Platforms repeat a message for a day at most, and delete none that is older than 48 hours."""
SETTLED_DAYS = 2
"""Rows of what was sent; their words went at once, and the campaign keeps its counts."""
CALLBACK_DAYS = 90
"""A request that nobody closed: whom a number of three months ago reaches, nobody knows."""
IDLE_DAYS = 30
"""After the last message, for who asked us to keep nothing."""
PAGE = 20_000
"""Rows that go at once, so that nobody waits long for the database."""


def sweep(store: Engine, now: datetime, page: int = PAGE) -> bool:
    """Delete one page of what has lived its time, from the journal too; return whether more is left."""
    with transaction(store) as db:
        more = clear_old(db, now, page)
    with reading(store) as db:  # looked for without a lock: most of a million subscribers are idle
        idle = _idle(db, now, page)
    gone = 0
    if idle:
        with transaction(store) as db:
            gone = _drop(db, idle, now)
    empty_journal(store)
    return more or gone >= page


def clear_old(db: Connection, now: datetime, page: int = PAGE) -> bool:
    """Delete old states, message ids, requests, and at most `page` settled rows; return whether more of these are left."""
    at = now.timestamp()
    db.execute(delete(conversation).where(conversation.c.expires_at < at))
    db.execute(delete(seen).where(seen.c.at < at - SEEN_DAYS * DAY))
    lapsed = delete(callback_request).where(callback_request.c.created_at < at - CALLBACK_DAYS * DAY)
    for _ in range(db.execute(lapsed).rowcount):
        add_count(db, "callback:lapsed", "", now.astimezone(VIETNAM))
    settled = (delivery.c.state.not_in(("ready", "sending")), delivery.c.created_at < at - SETTLED_DAYS * DAY)
    ids = select(delivery.c.id).where(*settled).order_by(delivery.c.id).limit(page)
    return db.execute(delete(delivery).where(delivery.c.id.in_(ids))).rowcount >= page


def _idle(db: Connection, now: datetime, page: int) -> list[int]:
    """Return contacts that were long silent and asked for nothing that lasts."""
    lasting = (exists().where(table.c.contact_id == contact.c.id) for table in (subscription, delivery))
    quiet = contact.c.safe_word.is_(None) | (contact.c.gone == 1)
    query = select(contact.c.id).where(_silent(now), quiet, *(~there for there in lasting))
    return list(db.execute(query.order_by(contact.c.id).limit(page)).scalars())


def _drop(db: Connection, idle: list[int], now: datetime) -> int:
    """Delete those of them who still are silent and wait for no call; return how many."""
    waits = exists().where(callback_request.c.contact_id == contact.c.id)
    gone = 0
    for start in range(0, len(idle), 500):
        who = contact.c.id.in_(idle[start : start + 500])
        gone += db.execute(delete(contact).where(who, _silent(now), ~waits)).rowcount
    return gone


def _silent(now: datetime) -> ColumnElement[bool]:
    return contact.c.seen_at < now.timestamp() - IDLE_DAYS * DAY
