"""How a record changes: somebody writes it, somebody else approves it, everything is written down. Two persons, always.

Each function keeps to an open transaction of the directory, and writes its line of the audit there.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, true, update
from sqlalchemy.sql.elements import ColumnElement

from referral_directory import record as records
from referral_directory.keeping import FOUND, audit, history, revision, staff, verification
from referral_directory.models import service
from referral_directory.places import load
from referral_directory.record import Record


class Refused(Exception):
    """A change that may not be made; the message says why, in Vietnamese, as staff read it."""


class OutOfScope(Refused):
    """The record belongs to another commune or province: for this member of staff it is not there."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """A member of staff, as read from the database at this request."""

    id: str
    name: str
    role: str
    commune: int = 0
    province: str = ""
    login: str = ""

    def owns(self, commune: int, province: str) -> bool:
        """Tell whether a record of that commune (0: of the whole province) is this person's to see and change."""
        match self.role:
            case "admin":
                return True
            case "province":
                return province == self.province
            case _:
                return commune == self.commune


def scope(keeper: Keeper) -> ColumnElement[bool]:
    """Return the condition that leaves the services of this member of staff."""
    match keeper.role:
        case "admin":
            return true()
        case "province":
            return service.c.province == keeper.province
        case _:
            return service.c.commune == keeper.commune


def find_keeper(db: Connection, staff_id: str) -> Keeper | None:
    """Return an active member of staff, or None."""
    row = db.execute(select(staff).where(staff.c.id == staff_id, staff.c.active)).first()
    return Keeper(row.id, row.name, row.role, row.commune, row.province, row.login) if row else None


def propose(
    db: Connection,
    keeper: Keeper,
    record: Record,
    now: datetime,
    service_id: str | None = None,
    base: int | None = None,
    draft: bool = False,
    source: str = "form",
) -> str:
    """Keep a change (or, without `service_id`, a new service) until somebody else approves it; return the service's id.

    `base` is the version that the writer saw: raises `Refused` when somebody's change was approved since.
    Raises `OutOfScope` when the service, or the commune it would move to, is not the writer's.
    """
    if not keeper.owns(record.commune, record.province) or not _is_a_place(record):
        raise OutOfScope("Xã này không thuộc phạm vi của bạn.")
    state = "draft" if draft else "waiting"
    if service_id is None:
        service_id, version = str(uuid.uuid4()), 0
        records.write(db, service_id, _bare(record), state=state, last_modified=now.timestamp())
    else:
        current = _service(db, keeper, service_id)
        version = current.version
        if base is not None and base != version:
            raise Refused("Có người vừa sửa bản ghi này và đã được duyệt. Mở lại để xem bản mới rồi sửa tiếp.")
        if current.state in ("draft", "waiting"):
            records.write(db, service_id, _bare(record), state=state, last_modified=now.timestamp())
    _write_revision(db, keeper, service_id, version, record, state, source, now)
    note(db, keeper, "propose", "service", service_id, now, record.commune)
    return service_id


def retire(db: Connection, keeper: Keeper, service_id: str, now: datetime) -> None:
    """Ask that a service be shown no more; somebody else approves it."""
    current = _service(db, keeper, service_id)
    record = records.read(db, [service_id])[service_id]
    _write_revision(db, keeper, service_id, current.version, record, "waiting", "form", now, retires=True)
    note(db, keeper, "ask_retire", "service", service_id, now, current.commune)


def approve(db: Connection, keeper: Keeper, revision_id: str, now: datetime) -> str:
    """Make a waiting change what residents see; return the service's id. The writer of a change cannot approve it."""
    change, current = _waiting(db, keeper, revision_id)
    if change.author == keeper.id:
        raise Refused("Bạn là người viết thay đổi này. Nhờ một người khác duyệt.")
    if change.base != current.version:
        raise Refused("Bản ghi đã đổi sau khi thay đổi này được viết. Trả lại để người viết xem lại.")
    wanted = Record.from_json(change.record)
    if not keeper.owns(wanted.commune, wanted.province):
        raise OutOfScope("Xã này không thuộc phạm vi của bạn.")
    before = records.read(db, [current.id])[current.id] if current.version else None
    at = now.timestamp()
    columns = {
        "state": "retired" if change.retires else "approved", "version": current.version + 1,
        "edited_by": change.author, "approved_by": keeper.id, "last_modified": at,
    }  # fmt: skip
    records.write(db, current.id, wanted, **columns)
    rows = [("state", current.state, columns["state"])] if current.state != columns["state"] else []
    for field, old, new in (*rows, *differences(before, wanted)):
        line = {"service_id": current.id, "at": at, "field": field, "old": old, "new": new}
        db.execute(insert(history).values(**line, author=change.author, approver=keeper.id))
    _decide(db, revision_id, "approved", keeper, at)
    note(db, keeper, "approve", "service", current.id, now, wanted.commune)
    return str(current.id)


def send_back(db: Connection, keeper: Keeper, revision_id: str, reason: str, now: datetime) -> str:
    """Return a waiting change to its writer with a reason; return the service's id."""
    change, current = _waiting(db, keeper, revision_id)
    if change.author == keeper.id:
        raise Refused("Bạn là người viết thay đổi này. Bạn có thể sửa lại, không cần trả lại.")
    if not reason.strip():
        raise Refused("Ghi lý do trả lại để người viết biết phải sửa gì.")
    _decide(db, revision_id, "returned", keeper, now.timestamp(), reason.strip()[:300])
    note(db, keeper, "send_back", "service", current.id, now, current.commune)
    return str(current.id)


def verify(db: Connection, keeper: Keeper, service_id: str, found: str, words: str, now: datetime) -> None:
    """Write down what somebody found who called; only "right" makes the service verified today."""
    current = _service(db, keeper, service_id)
    if found not in FOUND:
        raise Refused("Chọn kết quả cuộc gọi.")
    if current.state != "approved":
        raise Refused("Bản ghi này chưa được duyệt, chưa cần gọi kiểm tra.")
    line = {
        "service_id": service_id,
        "at": now.timestamp(),
        "by": keeper.id,
        "found": found,
        "note": words.strip()[:300],
    }
    db.execute(insert(verification).values(id=str(uuid.uuid4()), **line))
    if found == "right":
        checked = {"assured_date": now.date(), "assurer_email": keeper.login if "@" in keeper.login else None}
        db.execute(update(service).where(service.c.id == service_id).values(**checked, last_modified=now.timestamp()))
    note(db, keeper, "verify", "service", service_id, now, current.commune)


def differences(before: Record | None, after: Record) -> list[tuple[str, str, str]]:
    """Return (field, old, new) of every field that differs, as text; of a new record, every field that is filled."""
    empty = Record(kind="", name="", commune=0, province="")
    return [
        (f.name, as_text(getattr(before or empty, f.name)), as_text(getattr(after, f.name)))
        for f in fields(Record)
        if getattr(before or empty, f.name) != getattr(after, f.name)
    ]


def as_text(value: Any) -> str:
    """Return a field of a record as history keeps it: "" for what is not known."""
    if isinstance(value, bool):
        return "có" if value else ""
    return ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def note(
    db: Connection, keeper: Keeper | None, action: str, entity: str, entity_id: str, now: datetime, commune: int = 0
) -> None:
    """Write one line of the audit, in the transaction of what it tells about."""
    who = keeper.id if keeper else None
    line = {"at": now.timestamp(), "staff_id": who, "action": action, "entity": entity, "entity_id": entity_id}
    db.execute(insert(audit).values(**line, commune=commune))


def open_revision(db: Connection, service_id: str) -> Any:
    """Return the draft, waiting or returned revision of a service, or None."""
    mine = revision.c.service_id == service_id
    return db.execute(select(revision).where(mine, revision.c.state.in_(("draft", "waiting", "returned")))).first()


def _bare(record: Record) -> Record:
    """Return what a service that nobody approved yet shows in a list: nothing private."""
    return replace(
        Record(kind=record.kind, name=record.name, commune=record.commune, province=record.province),
        status=record.status,
    )


def _is_a_place(record: Record) -> bool:
    if not record.commune:
        return any(p.name == record.province for p in load().provinces)
    commune = load().commune(record.commune)
    return commune is not None and commune.province.name == record.province


def _service(db: Connection, keeper: Keeper, service_id: str) -> Any:
    row = db.execute(select(service).where(service.c.id == service_id, scope(keeper)).with_for_update()).first()
    if row is None:
        raise OutOfScope("Không có bản ghi này.")
    return row


def _waiting(db: Connection, keeper: Keeper, revision_id: str) -> tuple[Any, Any]:
    change = db.execute(select(revision).where(revision.c.id == revision_id).with_for_update()).first()
    if change is None:
        raise OutOfScope("Không có thay đổi này.")
    current = _service(db, keeper, change.service_id)
    if change.state != "waiting":
        raise Refused("Thay đổi này đã có người xử lý.")
    return change, current


def _write_revision(
    db: Connection, keeper: Keeper, service_id: str, base: int, record: Record, state: str, source: str,
    now: datetime, retires: bool = False,
) -> None:  # fmt: skip
    earlier = and_(revision.c.service_id == service_id, revision.c.state.in_(("draft", "waiting", "returned")))
    db.execute(update(revision).where(earlier).values(state="replaced"))
    line = {"service_id": service_id, "base": base, "record": record.as_json(), "retires": retires, "state": state}
    about = {"source": source, "author": keeper.id, "written_at": now.timestamp()}
    db.execute(insert(revision).values(id=str(uuid.uuid4()), **line, **about))


def _decide(db: Connection, revision_id: str, state: str, keeper: Keeper, at: float, reason: str = "") -> None:
    decided = {"state": state, "decided_by": keeper.id, "decided_at": at, "reason": reason}
    db.execute(update(revision).where(revision.c.id == revision_id).values(**decided))
