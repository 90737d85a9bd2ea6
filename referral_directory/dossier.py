"""All that staff need to know of one service before they change, approve or call it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from referral_directory import record as records
from referral_directory.book import day_of
from referral_directory.fields import sees_private
from referral_directory.keeper import Keeper, OutOfScope
from referral_directory.keeping import revision, staff
from referral_directory.models import service
from referral_directory.record import Record, search_key


@dataclass(frozen=True, slots=True)
class Open:
    """The open change of a service, with the whole record as it shall be."""

    id: str
    state: str
    record: Record = field(repr=False)
    retires: bool
    author_id: str
    author: str
    written_at: float
    base: int
    source: str
    reason: str = ""
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One service: what residents see of it (`live`, None before the first approval) and what is being changed."""

    id: str
    name: str
    kind: str
    commune: int
    province: str
    state: str
    status: str
    version: int
    verified: date | None
    since: date | None
    """The day of its last approval, in Vietnam."""
    sample: bool
    live: Record | None = field(repr=False)
    change: Open | None = field(repr=False)

    @property
    def latest(self) -> Record:
        """The record to write on from: the open change, or what is shown."""
        if self.change and not self.change.retires:
            return self.change.record
        return self.live or Record(kind=self.kind, name=self.name, commune=self.commune, province=self.province)

    def sees_private(self, keeper: Keeper) -> bool:
        """Tell whether this person may see the private parts, by where the service is now: an open change moves nothing."""
        return sees_private(keeper, self.commune, self.province)


def dossier(db: Connection, keeper: Keeper, service_id: str) -> Dossier:
    """Return a service of this person's scope; raise `OutOfScope` where there is none."""
    row = db.execute(select(service).where(service.c.id == service_id, keeper.scope(service))).first()
    if row is None:
        raise OutOfScope("Không có bản ghi này.")
    approved = row.version > 0 or row.sample
    live = records.read(db, [row.id])[row.id] if approved else None
    return Dossier(
        row.id, row.name, row.kind, row.commune, row.province, row.state, row.status, row.version, row.assured_date,
        day_of(row.last_modified) if approved else None, bool(row.sample), live, _open(db, revision.c.service_id == row.id),
    )  # fmt: skip


def of_change(db: Connection, keeper: Keeper, revision_id: str) -> Dossier:
    """Return the service of an open change of this person's scope; raise `OutOfScope` when it is not open any more."""
    service_id = db.execute(select(revision.c.service_id).where(revision.c.id == revision_id)).scalar()
    found = dossier(db, keeper, service_id or "")
    if found.change is None or found.change.id != revision_id:
        raise OutOfScope("Thay đổi này đã có người xử lý.")
    return found


def same_name(db: Connection, keeper: Keeper, record: Record, but: str = "") -> str:
    """Return the id of another service of that name in the same commune, or ""."""
    same = (
        service.c.name_fold == search_key(record.name), service.c.commune == record.commune,
        service.c.province == record.province, service.c.state != "retired", service.c.id != but,
    )  # fmt: skip
    return str(db.execute(select(service.c.id).where(keeper.scope(service), *same).limit(1)).scalar() or "")


def _open(db: Connection, condition: Any) -> Open | None:
    author, decider = staff.alias("author"), staff.alias("decider")
    query = (
        select(revision, author.c.name.label("writer"), decider.c.name.label("decider"))
        .join(author, author.c.id == revision.c.author)
        .outerjoin(decider, decider.c.id == revision.c.decided_by)
        .where(condition, revision.c.state.in_(("draft", "waiting", "returned")))
    )
    row = db.execute(query).first()
    if row is None:
        return None
    return Open(
        row.id, row.state, Record.from_json(row.record), row.retires, row.author, row.writer, row.written_at, row.base,
        row.source, row.reason, row.decider or "",
    )  # fmt: skip
