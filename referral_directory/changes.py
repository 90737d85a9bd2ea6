"""How a record changes: somebody writes it, somebody else approves it, everything is written down. Two persons, always.

Each function keeps to an open transaction of the directory, and writes its line of the audit there.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from referral_directory import record as records
from referral_directory.fields import holds_private, sees_private
from referral_directory.keeper import Keeper, OutOfScope, Refused, note
from referral_directory.keeping import FOUND, MACHINE, audit, history, revision, verification
from referral_directory.models import service
from referral_directory.places import load
from referral_directory.publishing import lacking
from referral_directory.record import Record

OPEN = ("draft", "waiting", "returned")
"""States of a revision that waits for somebody; a service has at most one such."""
TAP_SECONDS = 60
"""The same call by the same person, told twice within so many seconds, is one call."""


class Overtaken(Refused):
    """Somebody else changed the record while this change was being written."""


class Stays(Refused):
    """A record with private parts would move, by somebody who does not see them."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A record as somebody wants it; without `service_id` a new service. `base` is the version that the writer saw, and
    `seen` the id of the open revision ("" for none)."""

    record: Record
    service_id: str | None = None
    base: int | None = None
    seen: str | None = None


def propose(
    db: Connection, keeper: Keeper, record: Record, now: datetime, service_id: str | None = None, draft: bool = False
) -> str:
    """Keep one change (or, without `service_id`, a new service), whatever was seen before; return the service's id."""
    return propose_all(db, keeper, [Proposal(record, service_id)], now, draft)[0]


def propose_all(
    db: Connection,
    keeper: Keeper,
    proposals: Sequence[Proposal],
    now: datetime,
    draft: bool = False,
    source: str = "form",
) -> list[str]:
    """Keep changes until somebody else approves them, by a few statements; return the ids of their services.

    Raises `Overtaken` when somebody's change was approved, or written, since the writer looked, `OutOfScope` when a
    service, or the commune it would move to, is not the writer's, `Stays` when private parts that the writer does not
    see would move; none is kept where one is refused.
    """
    if any(not keeper.owns(p.record.commune, p.record.province) or not _is_a_place(p.record) for p in proposals):
        raise OutOfScope("Xã này không thuộc phạm vi của bạn.")
    current = _services(db, keeper, [p.service_id for p in proposals if p.service_id])
    opened = _open_ids(db, [p.service_id for p in proposals if p.service_id and p.seen is not None])
    for p in proposals:
        if p.service_id and p.base is not None and p.base != current[p.service_id].version:
            raise Overtaken("Có người vừa sửa bản ghi này và đã được duyệt. Mở lại để xem bản mới rồi sửa tiếp.")
        if p.service_id and p.seen is not None and p.seen != opened.get(p.service_id, ""):
            raise Overtaken("Có người vừa lưu hoặc xử lý một thay đổi khác của bản ghi này trong lúc bạn viết.")
    _check_moves(db, keeper, [(current[p.service_id], p.record) for p in proposals if p.service_id])
    state = "draft" if draft else "waiting"
    wanted = {p.service_id or str(uuid.uuid4()): p.record for p in proposals}
    if len(wanted) < len(proposals):
        raise Refused("Một bản ghi được sửa hai lần cùng lúc. Giữ lại một lần.")
    new = {key: _bare(record) for key, record in wanted.items() if key not in current}
    records.write_all(db, new, state=state, last_modified=now.timestamp())
    begun = {key: _bare(wanted[key]) for key, row in current.items() if row.state in ("draft", "waiting")}
    records.write_all(db, begun, state=state, last_modified=now.timestamp())
    written = [(key, current[key].version if key in current else 0, record) for key, record in wanted.items()]
    _write_revisions(db, keeper, written, {"state": state, "source": source}, now)
    _note_all(db, keeper, "propose", [(key, record.commune) for key, _, record in written], now)
    return list(wanted)


def retire(db: Connection, keeper: Keeper, service_id: str, now: datetime, why: str = "") -> None:
    """Ask that a service be shown no more, and tell why; somebody else approves it."""
    current = _service(db, keeper, service_id)
    record = records.read(db, [service_id])[service_id]
    written = [(service_id, current.version, record)]
    about = {"state": "waiting", "source": "form", "retires": True, "reason": why.strip()[:300]}
    _write_revisions(db, keeper, written, about, now)
    note(db, keeper, "ask_retire", "service", service_id, now, current.commune)


def drop(db: Connection, keeper: Keeper, revision_id: str, now: datetime) -> str:
    """Take back one's own open change; a new service that nobody approved goes with it. Return the service's id."""
    change = db.execute(select(revision).where(revision.c.id == revision_id).with_for_update()).first()
    if change is None:
        raise OutOfScope("Không có thay đổi này.")
    current = _service(db, keeper, change.service_id)
    if change.author != keeper.id or change.state not in ("draft", "waiting", "returned"):
        raise Refused("Chỉ người viết mới bỏ được thay đổi này, khi chưa ai duyệt.")
    db.execute(update(revision).where(revision.c.id == revision_id).values(state="replaced"))
    if not current.version:
        db.execute(update(service).where(service.c.id == current.id).values(state="retired"))
    note(db, keeper, "drop", "service", current.id, now, current.commune)
    return str(current.id)


def approve(db: Connection, keeper: Keeper, revision_id: str, now: datetime) -> str:
    """Make a waiting change what residents see; return the service's id. The writer of a change cannot approve it."""
    change, current = _waiting(db, keeper, revision_id)
    if change.author == keeper.id:
        raise Refused("Bạn là người viết thay đổi này. Nhờ một người khác duyệt.")
    if keeper.id == MACHINE:
        raise Refused("Máy không duyệt được. Một người đăng nhập vào trang cán bộ và duyệt.")
    if change.base != current.version:
        raise Refused("Bản ghi đã đổi sau khi thay đổi này được viết. Trả lại để người viết xem lại.")
    wanted = Record.from_json(change.record)
    if not keeper.owns(wanted.commune, wanted.province):
        raise OutOfScope("Xã này không thuộc phạm vi của bạn.")
    _check_moves(db, keeper, [(current, wanted)])
    if not change.retires and (missing := lacking(wanted)):
        raise Refused(f"Chưa duyệt được. {' '.join(missing.values())}")
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
    """Write down what somebody found who called: "right" makes the service verified today, "changed" and "closed" take
    the day of its last check away, so that residents read at once that it was not verified lately.

    The last change keeps its moment then: from it the days count until nobody sees the service any more.
    """
    current = _service(db, keeper, service_id)
    if found not in FOUND:
        raise Refused("Chọn kết quả cuộc gọi.")
    if keeper.id == MACHINE:
        raise Refused("Máy không gọi kiểm tra được. Ghi kết quả bằng tên của người đã gọi.")
    if current.state != "approved":
        raise Refused("Bản ghi này chưa được duyệt, chưa cần gọi kiểm tra.")
    said = (verification.c.service_id == service_id, verification.c.by == keeper.id, verification.c.found == found)
    just_now = verification.c.at.between(now.timestamp() - TAP_SECONDS, now.timestamp())
    if db.execute(select(verification.c.id).where(*said, verification.c.note == words.strip()[:300], just_now)).first():
        return  # a second tap on the same button
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
    elif found != "no_answer":
        db.execute(update(service).where(service.c.id == service_id).values(assured_date=None, assurer_email=None))
    note(db, keeper, "verify", "service", service_id, now, current.commune)


def differences(before: Record | None, after: Record) -> list[tuple[str, str, str]]:
    """Return (field, old, new) of every field that differs, as text; of a new record, every field that is filled."""
    told = [
        (f.name, as_text(getattr(before, f.name)) if before else "", as_text(getattr(after, f.name)))
        for f in fields(Record)
    ]
    return [(name, old, new) for name, old, new in told if old != new]


def as_text(value: Any) -> str:
    """Return a field of a record as history keeps it: "" for what is not known."""
    if isinstance(value, bool):
        return "có" if value else ""
    return ", ".join(sorted(value)) if isinstance(value, tuple) else "" if value is None else str(value)


def open_revision(db: Connection, service_id: str) -> Any:
    """Return the draft, waiting or returned revision of a service, or None."""
    mine = revision.c.service_id == service_id
    return db.execute(select(revision).where(mine, revision.c.state.in_(OPEN))).first()


def _open_ids(db: Connection, service_ids: Sequence[str]) -> dict[str, str]:
    """Return the ids of the open revisions of these services, by service."""
    waiting = select(revision.c.id, revision.c.service_id).where(revision.c.state.in_(OPEN))
    return {row.service_id: row.id for row in records.found_in(db, waiting, revision.c.service_id, service_ids)}


def _check_moves(db: Connection, keeper: Keeper, moves: Sequence[tuple[Any, Record]]) -> None:
    """Refuse to move a service (its row, and the record wanted) with private parts that this person does not see: where a
    service is tells who reads them."""
    blind = {
        row.id: row.name
        for row, wanted in moves
        if (row.commune, row.province) != (wanted.commune, wanted.province)
        and not sees_private(keeper, row.commune, row.province)
    }
    opened = select(revision.c.service_id, revision.c.record).where(revision.c.state.in_(OPEN))
    changed = records.found_in(db, opened, revision.c.service_id, blind)
    kept = [*records.read(db, blind).items(), *((row.service_id, Record.from_json(row.record)) for row in changed)]
    for service_id, record in kept:
        if holds_private(record):
            raise Stays(
                f"“{blind[service_id]}” có địa chỉ hoặc số điện thoại mà chỉ cán bộ đang giữ bản ghi xem được, nên bạn "
                "chưa chuyển sang xã hay tỉnh khác được. Nhờ cán bộ ấy bỏ phần riêng trước, rồi bạn chuyển."
            )


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
    return _services(db, keeper, [service_id])[service_id]


def _services(db: Connection, keeper: Keeper, service_ids: Sequence[str]) -> dict[str, Any]:
    """Return the rows of these services, locked; raise `OutOfScope` when one of them is not this person's."""
    mine = select(service).where(keeper.scope(service)).with_for_update()
    found = {row.id: row for row in records.found_in(db, mine, service.c.id, sorted(set(service_ids)))}
    if not found.keys() >= set(service_ids):
        raise OutOfScope("Không có bản ghi này.")
    if any(row.sample for row in found.values()):
        raise Refused("Đây là dữ liệu mẫu để chạy thử, không sửa được. Thêm địa chỉ thật của xã bạn.")
    return found


def _waiting(db: Connection, keeper: Keeper, revision_id: str) -> tuple[Any, Any]:
    change = db.execute(select(revision).where(revision.c.id == revision_id).with_for_update()).first()
    if change is None:
        raise OutOfScope("Không có thay đổi này.")
    current = _service(db, keeper, change.service_id)
    if change.state != "waiting":
        raise Refused("Thay đổi này đã có người xử lý.")
    return change, current


def _write_revisions(
    db: Connection, keeper: Keeper, written: Sequence[tuple[str, int, Record]], about: Mapping[str, Any], now: datetime
) -> None:
    """Write the open revision of each service (id, version it changes, record); the earlier one is replaced."""
    ids = [service_id for service_id, _, _ in written]
    for n in range(0, len(ids), records.AT_ONCE):
        mine = revision.c.service_id.in_(ids[n : n + records.AT_ONCE])
        db.execute(update(revision).where(mine, revision.c.state.in_(OPEN)).values(state="replaced"))
    who = {"author": keeper.id, "written_at": now.timestamp()}
    lines = [
        {"id": str(uuid.uuid4()), "service_id": service_id, "base": base, "record": record.as_json(), **who, **about}
        for service_id, base, record in written
    ]
    if lines:
        db.execute(insert(revision), lines)


def _note_all(db: Connection, keeper: Keeper, action: str, services: Sequence[tuple[str, int]], now: datetime) -> None:
    """Write one line of the audit for each service (id, commune)."""
    about = {"at": now.timestamp(), "staff_id": keeper.id, "action": action, "entity": "service"}
    if services:
        db.execute(insert(audit), [{**about, "entity_id": key, "commune": commune} for key, commune in services])


def _decide(db: Connection, revision_id: str, state: str, keeper: Keeper, at: float, reason: str = "") -> None:
    decided = {"state": state, "decided_by": keeper.id, "decided_at": at, "reason": reason}
    db.execute(update(revision).where(revision.c.id == revision_id).values(**decided))
