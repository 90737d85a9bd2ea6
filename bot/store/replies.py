"""Replies in the people store: rows that a worker claims, sends and settles; each function keeps to an open transaction."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, text, update

from bot.errors import SettingsError
from bot.messages import Button, Outgoing
from bot.store.engine import upsert
from bot.store.keys import Keys
from bot.store.schema import contact, delivery, seen, worker
from content.languages import SOURCE

READY, SENDING = text("delivery.state = 'ready'"), text("delivery.state = 'sending'")
"""Written out, since SQLite takes an index of some rows only where it can read which rows are meant."""

STUCK_SECONDS = 120
"""A row that is being sent for so long was lost between two steps, even if its worker lives."""


DELETABLE_SECONDS = 48 * 3600.0
"""How old a message may be that a platform still deletes."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery row that this worker may send now."""

    id: int
    contact: int
    channel: str
    chat: str = field(repr=False)
    outgoing: Outgoing
    attempt: int
    erases: tuple[str, ...] = field(default=(), repr=False)
    """The platform's ids of the messages that go from the screen with it."""


_PUT = insert(delivery).returning(delivery.c.id)


def put(db: Connection, keys: Keys, who: int, replies: Iterable[Outgoing], owner: str, now: datetime) -> list[int]:
    """Store replies as rows that `owner` is already sending; return their ids in order."""
    ids = []
    for n, reply in enumerate(replies):
        values = {
            "contact_id": who, "state": "sending", "owner": owner, "body": keys.seal(_as_json(reply), "delivery"),
            "due": time.time() + n / 1000, "created_at": now.timestamp(),
        }  # fmt: skip
        ids.append(int(db.execute(_PUT, values).scalar_one()))
    return ids


def settle(
    db: Connection, row: int, owner: str, state: str, message_id: bytes | None = None, error: str | None = None
) -> None:
    """Record how a row of ours ended; its text is emptied. A row that another worker took over is left alone.

    `message_id` is what the platform calls it, sealed (`sealed_id`).
    """
    db.execute(
        update(delivery)
        .where(delivery.c.id == row, delivery.c.owner == owner, delivery.c.state == "sending")
        .values(
            state=state,
            body=None,
            message_id=message_id,
            error=error,
            attempt=delivery.c.attempt + 1,
            due=time.time(),
        )
    )


def sealed_id(keys: Keys, message_id: str | None) -> bytes | None:
    """Return the platform's ids of a message, separated by spaces, as they are kept."""
    return keys.seal(message_id, "message") if message_id else None


def put_back(db: Connection, row: int, owner: str, due: float, error: str) -> None:
    """Give a row back for later."""
    db.execute(
        update(delivery)
        .where(delivery.c.id == row, delivery.c.owner == owner, delivery.c.state == "sending")
        .values(state="ready", owner=None, due=due, error=error, attempt=delivery.c.attempt + 1)
    )


def follow(db: Connection, row: int, first: int, owner: str) -> None:
    """Give a row back untried: due right after row `first` of the same person, or gone with it."""
    before = db.execute(select(delivery.c.state, delivery.c.due).where(delivery.c.id == first)).first()
    if before is None or before.state == "gone":
        return settle(db, row, owner, "gone")
    ours = (delivery.c.id == row, delivery.c.owner == owner, delivery.c.state == "sending")
    change = {"state": "ready", "owner": None, "due": before.due, "error": "after"}
    db.execute(update(delivery).where(*ours).values(**change))
    return None


def take(
    db: Connection,
    keys: Keys,
    owner: str,
    now: float,
    silent_since: float,
    channels: Collection[str] | None = None,
    limit: int = 50,
) -> list[Parcel]:
    """Claim replies that are due or were left by workers silent since then, on these channels; settle who is gone."""
    alive = select(worker.c.id).where(worker.c.beat >= silent_since)
    lost = or_(
        delivery.c.owner.is_(None),
        delivery.c.owner.not_in(alive),
        delivery.c.due < min(now - STUCK_SECONDS, silent_since),
    )
    ids: list[int] = []
    for which in (and_(READY, delivery.c.due <= now), and_(SENDING, lost)):
        query = select(delivery.c.id).where(delivery.c.campaign_id.is_(None), which).order_by(delivery.c.due)
        if channels is not None:
            query = query.join(contact, contact.c.id == delivery.c.contact_id).where(contact.c.channel.in_(channels))
        ids += db.execute(query.limit(limit).with_for_update(skip_locked=True, of=delivery)).scalars()
    if not ids:
        return []
    db.execute(update(delivery).where(delivery.c.id.in_(ids)).values(state="sending", owner=owner, due=now))
    left = select(contact.c.id).where(contact.c.gone == 1)
    db.execute(
        update(delivery).where(delivery.c.id.in_(ids), delivery.c.contact_id.in_(left)).values(state="gone", body=None)
    )
    rows = db.execute(
        select(
            delivery.c.id,
            delivery.c.body,
            delivery.c.attempt,
            contact.c.channel,
            contact.c.chat,
            contact.c.id.label("who"),
        )
        .join(contact, contact.c.id == delivery.c.contact_id)
        .where(delivery.c.id.in_(ids), delivery.c.state == "sending")
        .order_by(delivery.c.id)
    ).all()
    parcels = []
    for r in rows:
        try:
            outgoing, chat = _from_json(keys.open(r.body, "delivery")), keys.open(r.chat, "chat")
        except (SettingsError, TypeError, KeyError, ValueError):  # one row of a lost key must not hold the others
            settle(db, r.id, owner, "failed", error="Unreadable")
            continue
        parcels.append(Parcel(r.id, r.who, r.channel, chat, outgoing, r.attempt))
    return parcels


def beat(db: Connection, owner: str, now: float, held: Collection[int] = ()) -> None:
    """Tell that this worker lives and still sends the rows `held`; workers silent for a day are forgotten."""
    if held:
        ours = (delivery.c.id.in_(held), delivery.c.owner == owner, delivery.c.state == "sending")
        db.execute(update(delivery).where(*ours).values(due=now))
    upsert(db, worker, ("id",), {"id": owner, "beat": now})
    db.execute(delete(worker).where(worker.c.beat < now - 86_400))


def waiting(db: Connection) -> int:
    """Return how many replies are not settled yet."""
    count = select(func.count()).where(delivery.c.campaign_id.is_(None))
    return sum(int(db.execute(count.where(which)).scalar_one()) for which in (READY, SENDING))


def sent_ids(db: Connection, keys: Keys, who: int, since: float) -> list[str]:
    """Return the platform's ids of messages in both directions since then, so that a quick exit can delete them."""
    ours = select(delivery.c.message_id).where(
        delivery.c.contact_id == who, delivery.c.message_id.is_not(None), delivery.c.created_at >= since
    )
    theirs = select(seen.c.message_id).where(seen.c.contact_id == who, seen.c.at >= since)
    return [i for sealed in db.execute(ours.union_all(theirs)).scalars() for i in _opened(keys, sealed)]


def _opened(keys: Keys, sealed: bytes) -> list[str]:
    try:
        return str(keys.open(sealed, "message")).split()
    except SettingsError:  # of a lost key: the others can still be deleted
        return []


def _as_json(outgoing: Outgoing) -> dict[str, Any]:
    """Return a message as JSON values."""
    return {
        "text": outgoing.text,
        "buttons": [[b.label, b.payload] for b in outgoing.buttons],
        "leave": outgoing.leave,
        "ask_location": outgoing.ask_location,
        "first_number": outgoing.first_number,
        "language": outgoing.language,
        "card": outgoing.card,
    }


def _from_json(row: dict[str, Any]) -> Outgoing:
    """Return the message that `_as_json` wrote."""
    return Outgoing(
        row["text"],
        tuple(Button(a, b) for a, b in row["buttons"]),
        row["leave"],
        row["ask_location"],
        row["first_number"],
        row.get("language", SOURCE),  # a row of before has none
        tuple(row.get("card", ())),
    )
