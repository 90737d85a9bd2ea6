"""Call-back requests in the people store: kept sealed, read by the staff in charge alone, gone as soon as they are closed.

Each function keeps to an open transaction. `Desk` says whose requests: the filter is in every query.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.store.keys import Keys
from bot.store.people import add_count
from bot.store.schema import callback_request

NO_COMMUNE = 0
"""In place of a commune: none may read the request. Only `commune IS NULL` is ever given a commune afterwards."""

OUTCOMES = ("reached", "not_reached", "wrong_number", "asked_to_stop")
"""How a request can end; only the count of each is kept."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose requests: those of one commune, or (None) those of people who named none, or wish not to meet theirs."""

    commune: int | None


@dataclass(frozen=True, slots=True)
class CallBack:
    """One open call-back request: when it was made (seconds), for which commune, in the person's own words."""

    id: int
    at: float
    commune: int | None
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Queue:
    """How many requests of a commune (None: of no commune) are open, and since when the oldest waits (seconds)."""

    commune: int | None
    count: int
    oldest: float


def request_callback(db: Connection, keys: Keys, who: int, commune: int | None, words: str, now: datetime) -> None:
    """Keep a call-back request, its words sealed, in place of one still open: one person is called once.

    No commune ever reads the request of somebody who wished that of the one before, nor one made for commune 0.
    """
    sealed = keys.seal(words, "callback")
    r = callback_request
    gone = delete(r).where(r.c.contact_id == who, r.c.state == "open").returning(r.c.commune)
    if NO_COMMUNE in db.execute(gone).scalars().all():
        commune = NO_COMMUNE
    line = {"contact_id": who, "commune": commune, "words": sealed, "created_at": now.timestamp()}
    db.execute(insert(callback_request).values(**line))


def place_callback(db: Connection, who: int, commune: int) -> None:
    """Give this person's open request the commune that they told afterwards; one that has its reader never moves."""
    r = callback_request
    mine = (r.c.contact_id == who, r.c.state == "open", r.c.commune.is_(None))
    db.execute(update(r).where(*mine).values(commune=commune))


def withdraw_callback(db: Connection, who: int) -> None:
    """Take this person's open request away from every commune for good: they wish not to meet anybody there."""
    r = callback_request
    db.execute(update(r).where(r.c.contact_id == who, r.c.state == "open").values(commune=NO_COMMUNE))


def open_callbacks(db: Connection, keys: Keys, commune: int | None = None) -> list[CallBack]:
    """Return the open requests (of one commune, or of all), the oldest first."""
    r = callback_request
    query = select(r.c.id, r.c.created_at, _commune(), r.c.words).where(r.c.state == "open").order_by(r.c.id)
    query = query if commune is None else query.where(r.c.commune == commune)
    return [CallBack(i, at, where, str(keys.open(words, "callback"))) for i, at, where, words in db.execute(query)]


def waiting(db: Connection, desk: Desk) -> list[tuple[int, float]]:
    """Return id and moment of the open requests of a desk, without their words, the oldest first."""
    r = callback_request
    query = select(r.c.id, r.c.created_at).where(r.c.state == "open", _of(desk)).order_by(r.c.id)
    return [(int(i), float(at)) for i, at in db.execute(query)]


def is_waiting(db: Connection, desk: Desk, request: int) -> bool:
    """Tell whether a desk has this open request."""
    return any(i == request for i, _ in waiting(db, desk))


def read_callback(db: Connection, keys: Keys, desk: Desk, request: int) -> CallBack | None:
    """Return one open request of a desk with its words, or None; whoever calls this has noted the view before."""
    r = callback_request
    query = select(r.c.id, r.c.created_at, _commune(), r.c.words)
    row = db.execute(query.where(r.c.id == request, r.c.state == "open", _of(desk))).first()
    return CallBack(row[0], row[1], row[2], str(keys.open(row[3], "callback"))) if row else None


def queues(db: Connection) -> list[Queue]:
    """Return the open requests of every commune as counts."""
    r = callback_request
    where = _commune()
    query = select(where, func.count(), func.min(r.c.created_at)).where(r.c.state == "open").group_by(where)
    return [Queue(where, int(n), float(at)) for where, n, at in db.execute(query)]


def close_callback(db: Connection, desk: Desk, request: int, outcome: str, province: str, now: datetime) -> bool:
    """Delete an open request of a desk with its words and count how it ended; tell whether there was one.

    Who asked not to be called is called for no other request either: they all go. The caller empties the journal.
    """
    r = callback_request
    gone = delete(r).where(r.c.id == request, r.c.state == "open", _of(desk)).returning(r.c.contact_id)
    who = db.execute(gone).scalar()
    if who is None:
        return False
    if outcome == "asked_to_stop":
        db.execute(delete(r).where(r.c.contact_id == who))
    add_count(db, f"callback:{outcome}", province, now)
    return True


def finish_callback(db: Connection, request: int) -> int | None:
    """Delete a request that staff have answered, its words with it; return its commune (0: none), None for no request."""
    r = callback_request
    gone = delete(r).where(r.c.id == request, r.c.state == "open").returning(func.coalesce(_commune(), 0))
    return db.execute(gone).scalar()


def _of(desk: Desk) -> ColumnElement[bool]:
    return _commune().is_(None) if desk.commune is None else callback_request.c.commune == desk.commune


def _commune() -> ColumnElement[int | None]:
    return func.nullif(callback_request.c.commune, NO_COMMUNE)
