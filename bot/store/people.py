"""People in the people store: who they are, what they chose, what is forgotten; each function keeps to an open transaction."""

from __future__ import annotations

import hmac
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from bot.errors import SettingsError
from bot.store.engine import upsert
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
)

CONSENT_VERSION = "2026-11"
"""Version of the consent words of `content/replies/campaign.yml`; change it with the words."""

CONVERSATION_DAYS = 30
"""A state lives so long after the last message."""
CHILD_DAYS = 1
"""That of who is under 16."""

FOR_GOOD = 1e12
"""A pause that only the person ends."""


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
        upsert(db, contact, ("lookup",), values)
        found = db.execute(query.with_for_update()).scalar_one()
    else:
        db.execute(update(contact).where(contact.c.id == found).values(seen_at=now.timestamp(), gone=0))
    return int(found)


def known(db: Connection, keys: Keys, channel: str, chat: str) -> int | None:
    """Return the id of a contact, or None for a stranger."""
    return db.execute(select(contact.c.id).where(contact.c.lookup == keys.find(channel, chat))).scalar()


def are_ours(db: Connection, keys: Keys, newest: int = 20) -> bool:
    """Tell whether these keys read the people kept here: the newest contacts, where there is any."""
    query = select(contact.c.channel, contact.c.lookup, contact.c.chat).order_by(contact.c.id.desc()).limit(newest)
    rows = db.execute(query).all()
    return not rows or any(_is_read(keys, r.channel, r.lookup, r.chat) for r in rows)


def _is_read(keys: Keys, channel: str, lookup: bytes, chat: bytes) -> bool:
    try:
        return keys.find(channel, keys.open(chat, "chat")) == bytes(lookup)
    except SettingsError:
        return False


def is_new(db: Connection, keys: Keys, who: int, message_id: str, now: datetime, cry: str = "") -> bool:
    """Note a message id and tell whether it is new; the unique key decides.

    Of a cry id and words are one mark: neither hides the other. The mark is a keyed hash.
    """
    make = pg_insert if db.dialect.name == "postgresql" else lite_insert
    mark = keys.mark(f"seen:{who}", f"{message_id}\0{cry}" if cry else message_id)
    sealed = keys.seal(message_id, "message")
    values = {"contact_id": who, "mark": mark, "message_id": sealed, "at": now.timestamp()}
    noted = make(seen).values(**values).on_conflict_do_nothing().returning(seen.c.at)
    return db.execute(noted).first() is not None


def state_of(db: Connection, keys: Keys, who: int, now: datetime) -> dict[str, Any]:
    """Return the stored conversation state, or an empty dict; one past its end is none, swept or not."""
    lives = conversation.c.expires_at > now.timestamp()
    sealed = db.execute(select(conversation.c.state).where(conversation.c.contact_id == who, lives)).scalar()
    return dict(keys.open(sealed, "state")) if sealed else {}


def keep_state(db: Connection, keys: Keys, who: int, state: dict[str, Any], now: datetime, brief: bool = False) -> None:
    """Store the conversation state and when it goes; a brief one is that of a child."""
    expires = now.timestamp() + 86_400.0 * (CHILD_DAYS if brief else CONVERSATION_DAYS)
    values = {"contact_id": who, "state": keys.seal(state, "state"), "expires_at": expires}
    upsert(db, conversation, ("contact_id",), values)


def drop_state(db: Connection, who: int) -> None:
    """Delete the conversation state."""
    db.execute(delete(conversation).where(conversation.c.contact_id == who))


def subscribed_at(db: Connection, who: int) -> int | None:
    """Return the minute of the day of the subscription, or None."""
    return db.execute(select(subscription.c.minute).where(subscription.c.contact_id == who)).scalar()


def commune_of(db: Connection, who: int) -> int | None:
    """Return the commune that a subscriber told for the messages, or None."""
    return db.execute(select(subscription.c.commune).where(subscription.c.contact_id == who)).scalar()


def subscribe(db: Connection, who: int, minute: int, now: datetime) -> None:
    """Keep a subscription and the receipt of the consent just given; a pause ends with it."""
    upsert(db, subscription, ("contact_id",), {"contact_id": who, "minute": minute, "paused_until": 0.0})
    agree(db, who, "campaign", now)


def agree(db: Connection, who: int, purpose: str, now: datetime) -> None:
    """Keep the receipt of a consent just given: what for, to which words, when."""
    receipt = {"contact_id": who, "purpose": purpose, "version": CONSENT_VERSION, "at": now.timestamp()}
    upsert(db, consent, ("contact_id", "purpose"), receipt)


def consents(db: Connection, who: int) -> list[tuple[str, str, float]]:
    """Return purpose, version and moment (seconds) of what somebody agreed to, the oldest first."""
    query = select(consent.c.purpose, consent.c.version, consent.c.at).where(consent.c.contact_id == who)
    return [(str(p), str(v), float(at)) for p, v, at in db.execute(query.order_by(consent.c.at, consent.c.purpose))]


def keep_safe_word(db: Connection, keys: Keys, who: int, word: str) -> None:
    """Keep a keyed hash of somebody's own word, or ("") none."""
    mark = keys.mark(f"safe:{who}", word) if word else None
    db.execute(update(contact).where(contact.c.id == who).values(safe_word=mark))


def is_safe_word(db: Connection, keys: Keys, who: int, word: str) -> bool:
    """Tell whether this is somebody's own word, compared in constant time."""
    mark = db.execute(select(contact.c.safe_word).where(contact.c.id == who)).scalar()
    return mark is not None and hmac.compare_digest(bytes(mark), keys.mark(f"safe:{who}", word))


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
    upsert(db, tally, tuple(keys), {**keys, "count": 1}, added=("count",))


def counts_since(db: Connection, since: date) -> dict[str, int]:
    """Return what was counted from that day on, all provinces together."""
    total = func.sum(tally.c.count)
    query = select(tally.c.what, total).where(tally.c.day >= since).group_by(tally.c.what).order_by(tally.c.what)
    return {what: int(count) for what, count in db.execute(query)}
