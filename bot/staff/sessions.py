"""Who is signed in: one row a session, found by the SHA-256 of a random token that only the browser has."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from referral_directory.keeper import Keeper, keeper_of
from referral_directory.keeping import audit, session, staff

IDLE_SECONDS = 30 * 60.0
WHOLE_SECONDS = 12 * 3600.0
FORM_SECONDS = 12 * 3600.0
"""So much longer than a session lives it is known whose a form of it is."""
FAILED_DAYS = 90
"""How long a failed sign-in is told."""
SEEN_SECONDS = 60.0
"""How exactly it is kept when somebody was last seen: a page that only reads seldom writes."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A session that counts, and who it belongs to, as the database knows them now."""

    keeper: Keeper
    token: bytes
    csrf: str
    full: bool
    """False: the code of the second factor is still missing."""
    new_password: bool
    has_totp: bool
    seen_at: float


def begin(db: Connection, staff_id: str, now: datetime, full: bool) -> str:
    """Open a session and return its token, which is stored nowhere."""
    token, at = secrets.token_urlsafe(32), now.timestamp()
    line = {"token": digest(token), "staff_id": staff_id, "csrf": secrets.token_urlsafe(32)}
    db.execute(insert(session).values(**line, full=full, created_at=at, seen_at=at))
    return token


def renew(db: Connection, token: bytes, staff_id: str, now: datetime) -> str:
    """Exchange a session for a full one and return its token; "" where the session was ended meanwhile.

    Whoever gives the account away (a password reset) comes before this or after it, never between: both want its row.
    """
    db.execute(select(staff.c.id).where(staff.c.id == staff_id).with_for_update())
    ended = db.execute(delete(session).where(session.c.token == token)).rowcount
    return begin(db, staff_id, now, full=True) if ended == 1 else ""


def find(db: Connection, token: str, now: datetime) -> Signed | None:
    """Return the session of a cookie, or None when there is none, it has lived its time, or its owner may not sign in."""
    if not 20 <= len(token) <= 64:
        return None
    query = (
        select(session, staff)
        .join(staff, staff.c.id == session.c.staff_id)
        .where(session.c.token == digest(token), staff.c.active, is_live(now))
    )
    row = db.execute(query).first()
    if row is None:
        return None
    return Signed(keeper_of(row), row.token, row.csrf, row.full, row.new_password, row.totp is not None, row.seen_at)


def touch(db: Connection, token: bytes, now: datetime) -> None:
    """Note that somebody was seen."""
    db.execute(update(session).where(session.c.token == token).values(seen_at=now.timestamp()))


def owner_of(db: Connection, csrf: str) -> str:
    """Return the id of who had the session that this form belongs to, ended or not; "" where it is not known any more."""
    known = select(session.c.staff_id).join(staff, staff.c.id == session.c.staff_id)
    return str(db.execute(known.where(session.c.csrf == csrf, session.c.full, staff.c.active)).scalar() or "")


def is_live(now: datetime) -> ColumnElement[bool]:
    """Return the condition of a session that counts."""
    at = now.timestamp()
    return and_(session.c.seen_at > at - IDLE_SECONDS, session.c.created_at > at - WHOLE_SECONDS)


def let_go(db: Connection, token: bytes) -> None:
    """End one session whose owner signs in anew: it opens nothing, but its forms are still known as that person's."""
    db.execute(update(session).where(session.c.token == token).values(seen_at=0.0))


def end(db: Connection, token: bytes) -> None:
    """End one session."""
    db.execute(delete(session).where(session.c.token == token))


def end_all(db: Connection, staff_id: str, but: bytes = b"") -> None:
    """End every session of somebody, on whatever device, but one."""
    db.execute(delete(session).where(session.c.staff_id == staff_id, session.c.token != but))


def clear_old(db: Connection, now: datetime) -> None:
    """Delete the sessions that ended so long ago that no page of theirs is still open."""
    db.execute(delete(session).where(session.c.created_at < now.timestamp() - WHOLE_SECONDS - FORM_SECONDS))


def forget_failures(db: Connection, now: datetime) -> None:
    """Delete the lines of old failed sign-ins: a stranger who tries names must not fill the audit for ever."""
    old = now.timestamp() - FAILED_DAYS * 86_400
    db.execute(delete(audit).where(audit.c.action == "sign_in_failed", audit.c.at < old))


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return sha256(token.encode()).digest()
