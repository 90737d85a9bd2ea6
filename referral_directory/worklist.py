"""What waits for a member of staff: changes to approve, changes that came back, services that nobody called lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from referral_directory.changes import OPEN
from referral_directory.keeper import Keeper
from referral_directory.keeping import MACHINE, revision, staff, verification
from referral_directory.models import service
from referral_directory.publishing import lacking
from referral_directory.record import Record
from referral_directory.routing import FRESH_DAYS, HIDDEN_DAYS

CALL_DAYS = 60
"""After so many days without a call a service stands on the work list."""


@dataclass(frozen=True, slots=True)
class Change:
    """One open change as a list shows it."""

    id: str
    service_id: str
    name: str
    kind: str
    commune: int
    province: str
    state: str
    is_new: bool
    retires: bool
    author: str
    written_at: float
    reason: str = ""
    decided_by: str = ""
    """Who returned it, or ""."""
    lacks: tuple[str, ...] = ()
    """Fields without which nobody can approve it."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """One service that should be called: `days` since the last call that found all right, None if there was none."""

    id: str
    name: str
    kind: str
    commune: int
    province: str
    days: int | None
    tries: int
    """Calls since the last one that somebody answered."""
    found: str
    """What the last answered call found (a key of `FOUND`), "" where there was none."""
    called_at: float
    """When that was, in seconds; 0 for never."""
    stage: str
    """What residents see of it: "call" (as verified), "old" (as not verified lately), "hidden" (not at all)."""


def to_approve(db: Connection, keeper: Keeper, limit: int = 20) -> list[Change]:
    """Return the waiting changes of others that this person may approve, the longest waiting first."""
    return _changes(db, _of_others(keeper), limit)


def own_changes(db: Connection, keeper: Keeper, limit: int = 20) -> list[Change]:
    """Return this person's own open changes: returned ones first, then drafts, then what waits for others."""
    order = case({"returned": 0, "draft": 1}, value=revision.c.state, else_=2)
    mine = and_(revision.c.state.in_(OPEN), revision.c.author == keeper.id, _in_scope(keeper))
    return _changes(db, mine, limit, order)


def count_to_approve(db: Connection, keeper: Keeper) -> int:
    """Return how many changes of others wait for this person."""
    return int(db.execute(select(func.count()).select_from(revision).where(_of_others(keeper))).scalar_one())


def _of_others(keeper: Keeper) -> ColumnElement[bool]:
    return and_(revision.c.state == "waiting", revision.c.author != keeper.id, _in_scope(keeper))


def _in_scope(keeper: Keeper) -> ColumnElement[bool]:
    if keeper.role == "admin":
        return true()
    return revision.c.service_id.in_(select(service.c.id).where(keeper.scope(service)))


def is_overdue(today: date, days: int = CALL_DAYS) -> ColumnElement[bool]:
    """Return the condition of a service shown to residents that nobody found right within so many days."""
    old = service.c.assured_date.is_(None) | (service.c.assured_date < today - timedelta(days=days))
    return and_(service.c.state == "approved", service.c.status == "active", service.c.sample.is_(False), old)


def overdue(db: Connection, keeper: Keeper, today: date, limit: int = 20) -> list[Overdue]:
    """Return the services to call: those that nobody ever called, then those whose last call is longest ago."""
    oldest = service.c.assured_date.asc().nulls_first()
    query = select(service, _stage(today).label("stage")).where(keeper.scope(service), is_overdue(today))
    rows = db.execute(query.order_by(oldest, service.c.name_fold, service.c.id).limit(limit)).all()
    calls = _calls(db, [row.id for row in rows])
    return [
        Overdue(
            row.id, row.name, row.kind, row.commune, row.province,
            (today - row.assured_date).days if row.assured_date else None, *calls.get(row.id, (0, "", 0.0)), row.stage,
        )
        for row in rows
    ]  # fmt: skip


def count_overdue(db: Connection, keeper: Keeper, today: date) -> dict[str, int]:
    """Return how many services are in each stage of `Overdue.stage`; zero for none."""
    stage = _stage(today)
    query = select(stage, func.count()).where(keeper.scope(service), is_overdue(today)).group_by(stage)
    return {"call": 0, "old": 0, "hidden": 0} | {stage: int(n) for stage, n in db.execute(query)}


def _stage(today: date) -> ColumnElement[str]:
    """Return what residents see of an overdue service; where nobody ever called, the days count from its approval."""
    last = today - timedelta(days=HIDDEN_DAYS)
    midnight = datetime(last.year, last.month, last.day, tzinfo=timezone(timedelta(hours=7))).timestamp()
    never = service.c.assured_date.is_(None)
    hidden = or_(service.c.assured_date < last, and_(never, service.c.last_modified < midnight))
    return case((hidden, "hidden"), (is_overdue(today, FRESH_DAYS), "old"), else_="call")


def is_empty(db: Connection, keeper: Keeper) -> bool:
    """Tell whether nobody wrote any service of this person's yet (samples aside)."""
    there = select(service.c.id).where(keeper.scope(service), service.c.sample.is_(False), service.c.state != "retired")
    return db.execute(there.limit(1)).first() is None


def is_any_shown(db: Connection, keeper: Keeper) -> bool:
    """Tell whether any service of this person's was approved and is shown (samples aside)."""
    shown = (service.c.sample.is_(False), service.c.state == "approved", service.c.status == "active")
    return db.execute(select(service.c.id).where(keeper.scope(service), *shown).limit(1)).first() is not None


def is_sample_only(db: Connection, keeper: Keeper) -> bool:
    """Tell whether residents of this person's places see sample rows and no real one."""
    samples = select(service.c.id).where(keeper.scope(service), service.c.sample).limit(1)
    return not is_any_shown(db, keeper) and db.execute(samples).first() is not None


def approvers(db: Connection, record: Record, author: str, limit: int = 5) -> list[str]:
    """Return the names of those who may approve a change of this record: staff of its commune, then its supervisors."""
    near = and_(staff.c.role == "commune", staff.c.commune == record.commune)
    province = and_(staff.c.role == "province", staff.c.province == record.province)
    may = or_(near, province, staff.c.role == "admin")
    active = (staff.c.active, staff.c.password != "", staff.c.id.not_in((author, MACHINE)))
    order = case({"commune": 0, "province": 1}, value=staff.c.role, else_=2)
    query = select(staff.c.name).where(may, *active).order_by(order, staff.c.name, staff.c.id).limit(limit)
    return list(db.execute(query).scalars())


def _changes(
    db: Connection, condition: ColumnElement[bool], limit: int, first: ColumnElement[int] | None = None
) -> list[Change]:
    """Return the first changes that fulfil a condition; which ones is found in an index, without their records."""
    order = (*([] if first is None else [first]), revision.c.written_at, revision.c.id)
    chosen = list(db.execute(select(revision.c.id).where(condition).order_by(*order).limit(limit)).scalars())
    author, decider = staff.alias("author"), staff.alias("decider")
    r = revision.c
    query = (
        select(
            r.id, r.service_id, service.c.name, service.c.kind, service.c.commune, service.c.province, r.state,
            service.c.version == 0, r.retires, author.c.name, r.written_at, r.reason, decider.c.name, r.record,
        )
        .join(service, service.c.id == r.service_id)
        .join(author, author.c.id == r.author)
        .outerjoin(decider, decider.c.id == r.decided_by)
        .where(r.id.in_(chosen))
    )  # fmt: skip
    found = {row.id: Change(*(*row[:12], row[12] or "", _lacks(row))) for row in db.execute(query)}
    return [found[key] for key in chosen]


def _lacks(row: Any) -> tuple[str, ...]:
    return () if row.retires else tuple(lacking(Record.from_json(row.record)))


def _calls(db: Connection, ids: Iterable[str]) -> dict[str, tuple[int, str, float]]:
    """Return by service how often nobody answered since the last answered call, what that one found, and when."""
    tries: dict[str, int] = {}
    answered: dict[str, tuple[str, float]] = {}
    v = verification.c
    query = select(v.service_id, v.found, v.at).where(v.service_id.in_(list(ids)))
    for service_id, found, at in db.execute(query.order_by(v.at.desc())):
        if found != "no_answer":
            answered.setdefault(service_id, (found, at))
        elif service_id not in answered:
            tries[service_id] = tries.get(service_id, 0) + 1
    return {key: (tries.get(key, 0), *answered.get(key, ("", 0.0))) for key in tries | answered}
