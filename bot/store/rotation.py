"""Seal everything anew with the first key of the ring: while the bot runs, page by page, and as often as one likes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select, update

from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.schema import callback_request, contact, conversation, delivery, seen, token
from referral_directory.keeping import staff

PAGE = 500
"""Rows of one transaction: nobody waits long for the database."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that holds sealed values: the column that names a row, and what the values are sealed for."""

    column: Any
    key: Any
    purpose: Callable[[Any], str]


def totp_purpose(staff_id: str) -> str:
    """Return what the secret of somebody's second factor is sealed for."""
    return f"totp:{staff_id}"


SEALED = (
    Sealed(contact.c.chat, contact.c.id, lambda _: "chat"),
    Sealed(conversation.c.state, conversation.c.contact_id, lambda _: "state"),
    Sealed(callback_request.c.words, callback_request.c.id, lambda _: "callback"),
    Sealed(delivery.c.body, delivery.c.id, lambda _: "delivery"),
    Sealed(delivery.c.message_id, delivery.c.id, lambda _: "message"),
    Sealed(seen.c.message_id, seen.c.mark, lambda _: "message"),
    Sealed(token.c.pair, token.c.bot, lambda _: "token"),
)
"""Every sealed column of the people store; a test holds it against the schema."""
SEALED_BY_STAFF = (Sealed(staff.c.totp, staff.c.id, totp_purpose),)
"""The same of the directory."""


def rotate(engine: Engine, keys: Keys, tell: Callable[[str, int], None], columns: tuple[Sealed, ...] = SEALED) -> int:
    """Seal anew what an older key sealed; return how many values. What fails half-way goes on where it stopped."""
    done = 0
    for sealed in columns:
        after = None
        while page := _page(engine, keys, sealed, after):
            after, number = page
            done += number
            tell(sealed.column.table.name, done)
    return done


def left(engine: Engine, keys: Keys, columns: tuple[Sealed, ...] = SEALED) -> int:
    """Return how many values older keys still hold: 0 means that these may be thrown away."""
    with transaction(engine) as db:
        return sum(
            int(db.execute(select(func.count()).where(_is_old(sealed, keys, db.dialect.name))).scalar_one())
            for sealed in columns
        )


def _page(engine: Engine, keys: Keys, sealed: Sealed, after: Any) -> tuple[Any, int] | None:
    """Seal one page anew, in one transaction; return the last row of it and how many, or None at the end."""
    with transaction(engine) as db:
        query = select(sealed.key, sealed.column).where(_is_old(sealed, keys, db.dialect.name))
        if after is not None:
            query = query.where(sealed.key > after)
        rows = db.execute(query.order_by(sealed.key).limit(PAGE).with_for_update()).all()
        for key, value in rows:
            purpose = sealed.purpose(key)
            anew = keys.seal(keys.open(value, purpose), purpose)
            where = (sealed.key == key, sealed.column == value)  # a turn may have written in the meantime
            db.execute(update(sealed.column.table).where(*where).values({sealed.column.name: anew}))
    return (rows[-1][0], len(rows)) if rows else None


def _is_old(sealed: Sealed, keys: Keys, dialect: str) -> Any:
    """The condition of a value that another than the first key sealed: its first four bytes name the key."""
    part = func.substring(sealed.column, 1, 4) if dialect == "postgresql" else func.substr(sealed.column, 1, 4)
    return sealed.column.is_not(None) & (part != keys.newest)
