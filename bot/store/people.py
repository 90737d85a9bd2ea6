"""Functions over the people store; each takes an open transaction and keeps to it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from bot.errors import SettingsError
from bot.messages import Button, Outgoing
from bot.store.keys import Keys
from bot.store.schema import (
    callback_request,
    campaign,
    consent,
    contact,
    conversation,
    delivery,
    seen,
    subscription,
    tally,
    worker,
)

CONSENT_VERSION = "2026-11"
"""Version of the consent words of `content/replies/campaign.yml`; change it with the words."""

READY, SENDING = text("delivery.state = 'ready'"), text("delivery.state = 'sending'")
"""Written out, since SQLite takes an index of some rows only where it can read which rows are meant."""

FOR_GOOD = 1e12
"""A pause that only the person ends."""

STUCK_SECONDS = 120
"""A row that is being sent for so long was lost between two steps, even if its worker lives."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery row that this worker may send now."""

    id: int
    contact: int
    channel: str
    chat: str = field(repr=False)
    outgoing: Outgoing
    attempt: int


def _upsert(db: Connection, table: Any, keys: tuple[str, ...], values: dict[str, Any], change: dict[str, Any]) -> None:
    make = pg_insert if db.dialect.name == "postgresql" else lite_insert
    db.execute(make(table).values(**values).on_conflict_do_update(index_elements=list(keys), set_=change))


def meet(db: Connection, keys: Keys, channel: str, chat: str, now: datetime) -> int:
    """Return the id of the contact, made on the first message, and lock its row until the end of the transaction."""
    lookup = keys.find(channel, chat)
    query = select(contact.c.id).where(contact.c.lookup == lookup)
    found = db.execute(query.with_for_update()).scalar()
    if found is None:
        values = {
            "channel": channel,
            "lookup": lookup,
            "chat": keys.seal(chat, "chat"),
            "seen_at": now.timestamp(),
        }
        _upsert(db, contact, ("lookup",), values, {"seen_at": now.timestamp()})
        found = db.execute(query.with_for_update()).scalar_one()
    else:
        db.execute(update(contact).where(contact.c.id == found).values(seen_at=now.timestamp(), gone=0))
    return int(found)


def known(db: Connection, keys: Keys, channel: str, chat: str) -> int | None:
    """Return the id of a contact, or None for a stranger."""
    return db.execute(select(contact.c.id).where(contact.c.lookup == keys.find(channel, chat))).scalar()


def is_new(db: Connection, who: int, message_id: str, now: datetime) -> bool:
    """Note a message id and tell whether it is new; the unique key decides."""
    make = pg_insert if db.dialect.name == "postgresql" else lite_insert
    values = {"contact_id": who, "message_id": message_id[:80], "at": now.timestamp()}
    noted = make(seen).values(**values).on_conflict_do_nothing().returning(seen.c.at)
    return db.execute(noted).first() is not None


def was_seen(db: Connection, who: int, message_id: str) -> bool:
    """Tell whether a message id was answered before."""
    query = select(seen.c.at).where(seen.c.contact_id == who, seen.c.message_id == message_id[:80])
    return db.execute(query).first() is not None


def state_of(db: Connection, keys: Keys, who: int) -> dict[str, Any]:
    """Return the stored conversation state, or an empty dict."""
    sealed = db.execute(select(conversation.c.state).where(conversation.c.contact_id == who)).scalar()
    return dict(keys.open(sealed, "state")) if sealed else {}


def keep_state(db: Connection, keys: Keys, who: int, state: dict[str, Any], now: datetime) -> None:
    """Store the conversation state."""
    values = {"state": keys.seal(state, "state"), "updated_at": now.timestamp()}
    _upsert(db, conversation, ("contact_id",), {"contact_id": who, **values}, values)


def drop_state(db: Connection, who: int) -> None:
    """Delete the conversation state."""
    db.execute(delete(conversation).where(conversation.c.contact_id == who))


def subscribed_at(db: Connection, who: int) -> int | None:
    """Return the minute of the day of the subscription, or None."""
    return db.execute(select(subscription.c.minute).where(subscription.c.contact_id == who)).scalar()


def subscribe(db: Connection, who: int, minute: int, now: datetime) -> None:
    """Keep a subscription and the receipt of the consent just given; a pause ends with it."""
    _upsert(
        db,
        subscription,
        ("contact_id",),
        {"contact_id": who, "minute": minute},
        {"minute": minute, "paused_until": 0.0},
    )
    receipt = {"version": CONSENT_VERSION, "at": now.timestamp()}
    _upsert(db, consent, ("contact_id", "purpose"), {"contact_id": who, "purpose": "campaign", **receipt}, receipt)


def choose(db: Connection, who: int, now: datetime, pause_days: int | None = None, **chosen: Any) -> None:
    """Change a subscription (columns by name; days of a pause, 0 to end it); without a subscription nothing happens."""
    if pause_days is not None:
        chosen["paused_until"] = now.timestamp() + pause_days * 86_400 if pause_days else 0.0
    if chosen:
        db.execute(update(subscription).where(subscription.c.contact_id == who).values(**chosen))


def hush(db: Connection, who: int) -> None:
    """Let no message on violence reach this person until they lift it; nothing here tells why."""
    db.execute(update(subscription).where(subscription.c.contact_id == who).values(discreet=1))


def silence(db: Connection, who: int) -> None:
    """Send nothing until the person asks for it again."""
    db.execute(update(subscription).where(subscription.c.contact_id == who).values(paused_until=FOR_GOOD))


def unsubscribe(db: Connection, who: int) -> None:
    """End the subscription and the consent to it."""
    db.execute(delete(subscription).where(subscription.c.contact_id == who))
    db.execute(delete(consent).where(consent.c.contact_id == who, consent.c.purpose == "campaign"))


def request_callback(db: Connection, keys: Keys, who: int, commune: int | None, words: str, now: datetime) -> None:
    """Keep a call-back request, its words sealed."""
    db.execute(
        insert(callback_request).values(
            contact_id=who, commune=commune, words=keys.seal(words, "callback"), created_at=now.timestamp()
        )
    )


def place_callbacks(db: Connection, who: int, commune: int) -> None:
    """Give this person's open requests the commune that they told afterwards."""
    db.execute(
        update(callback_request)
        .where(
            callback_request.c.contact_id == who,
            callback_request.c.state == "open",
            callback_request.c.commune.is_(None),
        )
        .values(commune=commune)
    )


def forget(db: Connection, who: int) -> None:
    """Delete everything of one person."""
    for table in (conversation, subscription, consent, callback_request, seen):
        db.execute(delete(table).where(table.c.contact_id == who))
    ours = delete(delivery).where(delivery.c.contact_id == who).returning(delivery.c.campaign_id, delivery.c.state)
    for row in db.execute(ours).all():
        if row.campaign_id and row.state in ("ready", "sending"):  # a campaign's counters add up without this person
            change = {"cancelled": campaign.c.cancelled + 1}
            db.execute(update(campaign).where(campaign.c.id == row.campaign_id).values(change))
    db.execute(delete(contact).where(contact.c.id == who))


def move_contact(db: Connection, keys: Keys, who: int, chat: str) -> None:
    """Keep a contact under the chat id that the platform gave it; where that one is known already, the old one is gone."""
    channel = db.execute(select(contact.c.channel).where(contact.c.id == who)).scalar_one()
    if known(db, keys, channel, chat) is not None:
        return mark_gone(db, who)
    new = {"lookup": keys.find(channel, chat), "chat": keys.seal(chat, "chat")}
    db.execute(update(contact).where(contact.c.id == who).values(**new))
    return None


def mark_gone(db: Connection, who: int) -> None:
    """The person left: nothing more is sent, and the subscription ends."""
    db.execute(update(contact).where(contact.c.id == who).values(gone=1))
    unsubscribe(db, who)
    db.execute(
        update(delivery)
        .where(delivery.c.contact_id == who, delivery.c.state == "ready", delivery.c.campaign_id.is_(None))
        .values(state="gone", body=None)
    )  # campaign rows are looked at again before they leave


def add_count(db: Connection, what: str, province: str, now: datetime) -> None:
    """Add one to a count of the day."""
    keys = {"day": now.date(), "province": province, "what": what}
    _upsert(db, tally, tuple(keys), {**keys, "count": 1}, {"count": tally.c.count + 1})


def counts_since(db: Connection, since: date) -> dict[str, int]:
    """Return what was counted from that day on, all provinces together."""
    total = func.sum(tally.c.count)
    query = select(tally.c.what, total).where(tally.c.day >= since).group_by(tally.c.what).order_by(tally.c.what)
    return {what: int(count) for what, count in db.execute(query)}


def put(db: Connection, keys: Keys, who: int, replies: Iterable[Outgoing], owner: str, now: datetime) -> list[int]:
    """Store replies as rows that `owner` is already sending; return their ids in order."""
    ids = []
    for n, reply in enumerate(replies):
        values = {
            "contact_id": who, "state": "sending", "owner": owner, "body": keys.seal(as_json(reply), "delivery"),
            "due": time.time() + n / 1000, "created_at": now.timestamp(),
        }  # fmt: skip
        ids.append(int(db.execute(insert(delivery).values(**values).returning(delivery.c.id)).scalar_one()))
    return ids


def settle(
    db: Connection, row: int, owner: str, state: str, message_id: str | None = None, error: str | None = None
) -> None:
    """Record how a row of ours ended; its text is emptied. A row that another worker took over is left alone."""
    db.execute(
        update(delivery)
        .where(delivery.c.id == row, delivery.c.owner == owner, delivery.c.state == "sending")
        .values(
            state=state, body=None, message_id=message_id, error=error, attempt=delivery.c.attempt + 1, due=time.time()
        )
    )


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
    lost = or_(delivery.c.owner.is_(None), delivery.c.owner.not_in(alive), delivery.c.due < now - STUCK_SECONDS)
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
            outgoing, chat = from_json(keys.open(r.body, "delivery")), keys.open(r.chat, "chat")
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
    _upsert(db, worker, ("id",), {"id": owner, "beat": now}, {"beat": now})
    db.execute(delete(worker).where(worker.c.beat < now - 86_400))


def waiting(db: Connection) -> int:
    """Return how many replies are not settled yet."""
    count = select(func.count()).where(delivery.c.campaign_id.is_(None))
    return sum(int(db.execute(count.where(which)).scalar_one()) for which in (READY, SENDING))


def sent_ids(db: Connection, who: int, since: float) -> list[str]:
    """Return the platform's ids of messages in both directions since then, so that a quick exit can delete them."""
    ours = select(delivery.c.message_id).where(
        delivery.c.contact_id == who, delivery.c.message_id.is_not(None), delivery.c.created_at >= since
    )
    theirs = select(seen.c.message_id).where(seen.c.contact_id == who, seen.c.at >= since)
    return [i for ids in db.execute(ours.union_all(theirs)).scalars() for i in (ids or "").split()]


def clear_old(db: Connection, now: float, limit: int = 20_000) -> bool:
    """Delete what has lived its time: states 30 days, message ids 3 days, settled rows 3 days (their text went at once).

    At most `limit` rows go at once, so that nobody waits long for the database; return whether more are left.
    """
    day = 86_400
    db.execute(delete(conversation).where(conversation.c.updated_at < now - 30 * day))
    db.execute(delete(seen).where(seen.c.at < now - 3 * day))
    old = (delivery.c.state.not_in(("ready", "sending")), delivery.c.created_at < now - 3 * day)
    ids = select(delivery.c.id).where(*old).order_by(delivery.c.id).limit(limit)
    return db.execute(delete(delivery).where(delivery.c.id.in_(ids))).rowcount >= limit


def as_json(outgoing: Outgoing) -> dict[str, Any]:
    """Return a message as JSON values."""
    return {
        "text": outgoing.text,
        "buttons": [[b.label, b.payload] for b in outgoing.buttons],
        "leave": outgoing.leave,
        "ask_location": outgoing.ask_location,
        "first_number": outgoing.first_number,
    }


def from_json(row: dict[str, Any]) -> Outgoing:
    """Return the message that `as_json` wrote."""
    return Outgoing(
        row["text"],
        tuple(Button(a, b) for a, b in row["buttons"]),
        row["leave"],
        row["ask_location"],
        row["first_number"],
    )
