"""What happens in a commune: somebody of it writes an event, somebody else approves it, then residents are told.

Each function keeps to an open transaction of the directory, and writes its line of the audit there.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    and_,
    insert,
    select,
    true,
    update,
)
from sqlalchemy import ForeignKey as Key

from content.languages import weekday
from referral_directory.keeper import Keeper, OutOfScope, Refused, note
from referral_directory.keeping import staff
from referral_directory.models import MACHINE, directory
from referral_directory.places import load

TITLE, PLACE, WORDS = 120, 120, 300
"""Letters of the parts of an event."""
LASTS = 3 * 3600.0
"""How long after its beginning an event is still announced, in seconds."""

event = Table(
    "event",
    directory,
    Column("id", String(36), primary_key=True),
    Column("commune", Integer, nullable=False, comment="code of today's commune"),
    Column("province", String(40), nullable=False),
    Column("title", String(TITLE), nullable=False),
    Column("place", String(PLACE), nullable=False),
    Column("starts_at", Float, nullable=False, comment="seconds since 1970"),
    Column("words", String(WORDS), nullable=False, server_default=""),
    Column("state", String(10), nullable=False, comment="only approved ones are announced"),
    Column("author", String(36), Key("staff.id"), nullable=False),
    Column("written_at", Float, nullable=False),
    Column("decided_by", String(36), Key("staff.id")),
    Column("decided_at", Float),
    Column("reason", String(300), nullable=False, server_default="", comment="why it was returned"),
    CheckConstraint("state IN ('waiting', 'approved', 'returned', 'dropped')", name="event_state"),
    CheckConstraint("decided_by IS NULL OR decided_by <> author", name="event_two_persons"),
    CheckConstraint("state NOT IN ('approved', 'returned') OR decided_by IS NOT NULL", name="event_decided"),
    CheckConstraint(
        f"author <> '{MACHINE}' AND (decided_by IS NULL OR decided_by <> '{MACHINE}')", name="event_machine"
    ),
    CheckConstraint("commune > 0", name="event_commune"),
    Index("event_place", "commune", "state", "starts_at"),
    Index("event_province", "province", "state", "starts_at"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An event as somebody writes it; `starts_at` in seconds since 1970."""

    title: str
    place: str
    starts_at: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as staff see it, with who wrote and who decided; moments in seconds since 1970."""

    id: str
    commune: int
    title: str
    place: str
    starts_at: float
    words: str
    state: str
    author_id: str
    author: str
    written_at: float
    decided_by: str
    reason: str

    @property
    def edition(self) -> str:
        """A mark of what is announced: who approves sends back the mark of what they read."""
        told = repr((self.title, self.place, self.starts_at, self.words))
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def write(db: Connection, keeper: Keeper, wanted: Wanted, now: datetime, event_id: str = "") -> str:
    """Keep an event of the writer's own commune until somebody else approves it; return its id.

    With `event_id` the writer's own event is written anew, as long as nobody approved it. One sent twice is kept once.
    """
    if keeper.role != "commune":
        raise OutOfScope("Sự kiện do cán bộ xã ghi.")
    commune = load().commune(keeper.commune)
    if commune is None:
        raise OutOfScope("Xã này không còn.")
    values: dict[str, Any] = {
        "title": wanted.title, "place": wanted.place, "starts_at": wanted.starts_at, "words": wanted.words,
        "state": "waiting", "written_at": now.timestamp(), "decided_by": None, "decided_at": None, "reason": "",
    }  # fmt: skip
    if event_id:
        there = _locked(db, keeper, event_id)
        if there.author != keeper.id or there.state not in ("waiting", "returned"):
            raise Refused("Chỉ người viết mới sửa được, khi chưa ai duyệt. Đã duyệt thì rút rồi ghi sự kiện mới.")
        db.execute(update(event).where(event.c.id == event_id).values(**values))
    else:
        if twin := _twin(db, keeper, wanted):
            return twin
        event_id = str(uuid.uuid4())
        where = {"commune": commune.code, "province": commune.province.name, "author": keeper.id}
        db.execute(insert(event).values(id=event_id, **where, **values))
    note(db, keeper, "write_event", "event", event_id, now, commune.code)
    return event_id


def approve(db: Connection, keeper: Keeper, event_id: str, edition: str, now: datetime) -> None:
    """Let residents be told of an event as the approver read it (`Event.edition`). Its writer cannot approve it."""
    there = _waiting(db, keeper, event_id)
    if one_of(db, keeper, event_id).edition != edition:
        raise Refused("Người viết vừa đổi sự kiện này. Mở lại trang và đọc lại rồi hãy duyệt.")
    if there.starts_at < now.timestamp():
        raise Refused("Sự kiện này đã qua giờ bắt đầu nên không cần duyệt nữa.")
    _decide(db, keeper, event_id, "approved", now)
    note(db, keeper, "approve_event", "event", event_id, now, there.commune)


def send_back(db: Connection, keeper: Keeper, event_id: str, reason: str, now: datetime) -> None:
    """Return an event to its writer with a reason."""
    there = _waiting(db, keeper, event_id)
    if not reason.strip():
        raise Refused("Ghi lý do trả lại để người viết biết phải sửa gì.")
    _decide(db, keeper, event_id, "returned", now, reason.strip()[:300])
    note(db, keeper, "return_event", "event", event_id, now, there.commune)


def drop(db: Connection, keeper: Keeper, event_id: str, now: datetime) -> None:
    """Take an event back at once, approved or not: announcing less needs no second person."""
    there = _locked(db, keeper, event_id)
    if there.state == "dropped":
        raise Refused("Sự kiện này đã được rút.")
    if there.state != "approved" and there.author != keeper.id:
        raise Refused("Chỉ người viết mới bỏ được sự kiện chưa duyệt. Bạn có thể trả lại kèm lý do.")
    db.execute(update(event).where(event.c.id == event_id).values(state="dropped"))
    note(db, keeper, "drop_event", "event", event_id, now, there.commune)


def of_keeper(db: Connection, keeper: Keeper, since: float, limit: int, state: str = "") -> list[Event]:
    """Return the events of this person's scope that begin after a moment, the soonest first."""
    chosen = event.c.state == state if state else event.c.state != "dropped"
    query = _read().where(keeper.scope(event), chosen, event.c.starts_at > since)
    return [_event(row) for row in db.execute(query.order_by(event.c.starts_at, event.c.id).limit(limit))]


def one_of(db: Connection, keeper: Keeper, event_id: str) -> Event:
    """Return an event of this person's scope; raise `OutOfScope` for any other."""
    row = db.execute(_read().where(keeper.scope(event), event.c.id == event_id)).first()
    if row is None:
        raise OutOfScope("Không có sự kiện này.")
    return _event(row)


def announced(
    db: Connection, since: float, until: float, commune: int = 0, province: str = "", limit: int = 5
) -> list[Event]:
    """Return approved events that begin between two moments, the soonest first; of one commune, a province, or all."""
    where = and_(
        event.c.commune == commune if commune else true(), event.c.province == province if province else true()
    )
    query = _read().where(where, event.c.state == "approved", event.c.starts_at >= since, event.c.starts_at < until)
    return [_event(row) for row in db.execute(query.order_by(event.c.starts_at, event.c.id).limit(limit))]


def coming(db: Connection, now: datetime, zone: tzinfo) -> dict[int, set[date]]:
    """Return in which communes an approved event begins later today or tomorrow, and on which of the two days."""
    here = now.astimezone(zone)
    until = datetime.combine(here.date() + timedelta(days=2), time(), zone).timestamp()
    query = select(event.c.commune, event.c.starts_at).where(
        event.c.state == "approved", event.c.starts_at > now.timestamp(), event.c.starts_at < until
    )
    found: dict[int, set[date]] = {}
    for commune, starts_at in db.execute(query):
        found.setdefault(commune, set()).add(datetime.fromtimestamp(starts_at, zone).date())
    return found


def of_week(db: Connection, day: date, zone: tzinfo, commune: int = 0, province: str = "") -> tuple[str, ...]:
    """Return the approved events of the week of `day` as sentences of its bulletin; of one commune, a province, or all."""
    monday = datetime.combine(day - timedelta(days=day.weekday()), time(), zone)
    until = (monday + timedelta(days=7)).timestamp()
    found = announced(db, monday.timestamp(), until, commune, "" if commune else province)
    return tuple(sentence(one, zone, told_where=not commune) for one in found)


def line(one: Event, zone: tzinfo) -> str:
    """Return an event as residents read it in the chat."""
    at = datetime.fromtimestamp(one.starts_at, zone)
    more = f" {one.words}" if one.words else ""
    return f"• {at:%H:%M}, {weekday(at)} {at:%d/%m}, {one.place}: {one.title.rstrip('.')}.{more}"


def sentence(one: Event, zone: tzinfo, told_where: bool = False) -> str:
    """Return an event as it is written for the loudspeakers; `told_where` names the commune."""
    at, commune = datetime.fromtimestamp(one.starts_at, zone), load().commune(one.commune)
    where = f"{one.place}, {commune.label}" if told_where and commune else one.place
    more = f" {one.words}" if one.words else ""
    name = weekday(at)
    return f"{name[0].upper()}{name[1:]} ngày {at:%d/%m}, lúc {at:%H:%M}, tại {where}: {one.title.rstrip('.')}.{more}"


def _read() -> Select[Any]:
    author, decider = staff.alias("author"), staff.alias("decider")
    return (
        select(event, author.c.name.label("writer"), decider.c.name.label("decider"))
        .join(author, author.c.id == event.c.author)
        .outerjoin(decider, decider.c.id == event.c.decided_by)
    )


def _event(row: Row[Any]) -> Event:
    return Event(
        row.id, row.commune, row.title, row.place, row.starts_at, row.words, row.state, row.author, row.writer,
        row.written_at, row.decider or "", row.reason,
    )  # fmt: skip


def _twin(db: Connection, keeper: Keeper, wanted: Wanted) -> str:
    """Return the event that this person has sent already, or ""."""
    same = (
        event.c.author == keeper.id, event.c.title == wanted.title, event.c.starts_at == wanted.starts_at,
        event.c.state == "waiting",
    )  # fmt: skip
    return str(db.execute(select(event.c.id).where(*same)).scalar() or "")


def _locked(db: Connection, keeper: Keeper, event_id: str) -> Row[Any]:
    row = db.execute(select(event).where(keeper.scope(event), event.c.id == event_id).with_for_update()).first()
    if row is None:
        raise OutOfScope("Không có sự kiện này.")
    return row


def _waiting(db: Connection, keeper: Keeper, event_id: str) -> Row[Any]:
    row = _locked(db, keeper, event_id)
    if row.author == keeper.id:
        raise Refused("Bạn là người viết sự kiện này. Nhờ một người khác duyệt.")
    if row.state != "waiting":
        raise Refused("Sự kiện này đã có người xử lý.")
    return row


def _decide(db: Connection, keeper: Keeper, event_id: str, state: str, now: datetime, reason: str = "") -> None:
    decided = {"state": state, "decided_by": keeper.id, "decided_at": now.timestamp(), "reason": reason}
    db.execute(update(event).where(event.c.id == event_id).values(**decided))
