"""What was done: the history of a record field by field, its calls, and the audit of everybody's deeds."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sqlalchemy import Connection, false, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from referral_directory.changes import differences
from referral_directory.fields import FIELD_NAMES, PRIVATE, in_words, sees_private
from referral_directory.keeper import Keeper
from referral_directory.keeping import audit, history, staff, verification
from referral_directory.models import service
from referral_directory.places import load
from referral_directory.record import Record


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of a change; values that the reader may not see are None."""

    field: str
    old: str | None = dataclasses.field(repr=False)
    new: str | None = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Approved:
    """One approved change: when (seconds), who wrote and who approved it, and its fields."""

    at: float
    author: str
    approver: str
    fields: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that checked a service: when (seconds), by whom, what was found (a key of `FOUND`)."""

    at: float
    by: str
    found: str
    note: str | None = dataclasses.field(repr=False)
    """None where there is one that the reader may not see."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the audit; `name` is that of the service or person it was done to, "" where none is there."""

    id: int
    at: float
    who: str
    action: str
    entity: str
    entity_id: str
    commune: int
    name: str = ""


def history_of(
    db: Connection, keeper: Keeper, service_id: str, limit: int = 5, before: float | None = None
) -> list[Approved]:
    """Return the approved changes of a service in this person's scope, the newest first; `before` leaves older ones.

    Old places may have been private: only staff of the commune read them, and only what was written while it was theirs.
    """
    older = () if before is None else (history.c.at < before,)
    when = select(history.c.at).where(history.c.service_id == service_id, *older).distinct()
    last = when.order_by(history.c.at.desc()).limit(limit).subquery()
    author, approver = staff.alias("author"), staff.alias("approver")
    query = (
        select(
            history, service.c.commune, service.c.province, author.c.name.label("writer"),
            approver.c.name.label("decider"),
        )
        .join(service, service.c.id == history.c.service_id)
        .join(author, author.c.id == history.c.author)
        .join(approver, approver.c.id == history.c.approver)
        .where(history.c.service_id == service_id, keeper.scope(service), history.c.at.in_(select(last.c.at)))
        .order_by(history.c.at.desc(), history.c.id)
    )  # fmt: skip
    rows = db.execute(query).all()
    if not rows:
        return []
    spans = _spans(db, keeper, service_id, rows[0].commune, rows[0].province)
    sees_now = spans[0][1]
    found: dict[tuple[float, str, str], list[Changed]] = {}
    for row in rows:
        public = row.field not in PRIVATE
        saw_before, saw_after = _before_and_after(spans, row.at)
        old = _old(row.field, row.old) if public or (sees_now and saw_before) else None
        new = in_words(row.field, row.new) if public or (sees_now and saw_after) else None
        found.setdefault((row.at, row.writer, row.decider), []).append(
            Changed(FIELD_NAMES.get(row.field, row.field), old, new)
        )
    return [Approved(*key, tuple(changes)) for key, changes in found.items()]


def _spans(db: Connection, keeper: Keeper, service_id: str, commune: int, province: str) -> list[tuple[float, bool]]:
    """Return the stays of a service, the newest first: since when (seconds), and whether this person sees the private parts
    of what is there. The first stay began at 0.

    `commune` and `province` are those of today; the moves of its history lead back from them.
    """
    moved = history.c.field.in_(("commune", "province")) & (history.c.service_id == service_id) & (history.c.old != "")
    moves = select(history.c.at, history.c.field, history.c.old).where(moved).order_by(history.c.at.desc())
    spans: dict[float, bool] = {}
    for row in db.execute(moves):
        spans.setdefault(row.at, sees_private(keeper, commune, province))
        commune, province = (int(row.old), province) if row.field == "commune" else (commune, row.old)
    return [*spans.items(), (0.0, sees_private(keeper, commune, province))]


def _before_and_after(spans: list[tuple[float, bool]], at: float) -> tuple[bool, bool]:
    """Tell whether this person sees the private parts where the service was just before a moment, and where it was from
    then on; only a move at that very moment makes a difference."""
    before = next(sees for since, sees in spans if since < at)
    after = next(sees for since, sees in spans if since <= at)
    return before, after


def _old(field: str, text: str) -> str:
    """Return a value of before in words; what was not there has none."""
    return in_words(field, text) if text else ""


def between(before: Record | None, after: Record, sees: bool) -> tuple[Changed, ...]:
    """Return what differs between two records in the words of people, as somebody may read it who sees, or does not see,
    the private parts of their service."""
    old_hidden = () if sees else PRIVATE if before is None or not before.address_public else ("private_phone",)
    new_hidden = () if sees else ("private_phone",) if after.address_public else PRIVATE
    return tuple(
        Changed(
            FIELD_NAMES[name],
            None if old and name in old_hidden else in_words(name, old) if before else "",
            None if new and name in new_hidden else in_words(name, new),
        )
        for name, old, new in differences(before, after)
    )


def calls_of(
    db: Connection, keeper: Keeper, service_id: str, limit: int = 20, before: float | None = None
) -> list[Call]:
    """Return the calls that checked a service in this person's scope, the newest first; `before` leaves older ones.

    A note may name a private number: it is read like the private parts of that moment.
    """
    older = () if before is None else (verification.c.at < before,)
    query = (
        select(
            verification.c.at, staff.c.name, verification.c.found, verification.c.note, service.c.commune,
            service.c.province,
        )
        .join(staff, staff.c.id == verification.c.by)
        .join(service, service.c.id == verification.c.service_id)
        .where(verification.c.service_id == service_id, keeper.scope(service), *older)
        .order_by(verification.c.at.desc(), verification.c.id)
        .limit(limit)
    )  # fmt: skip
    rows = db.execute(query).all()
    spans = _spans(db, keeper, service_id, rows[0].commune, rows[0].province) if rows else []
    found = []
    for row in rows:
        sees = spans[0][1] and _before_and_after(spans, row.at)[1]
        found.append(Call(row.at, row.name, row.found, row.note if sees or not row.note else None))
    return found


def deeds(
    db: Connection, keeper: Keeper, action: str = "", until: float = 0.0, before: int = 0, limit: int = 40
) -> list[Deed]:
    """Return lines of the audit that this person may read, the newest first; `before` is the id of the last one seen.

    An administrator reads all, a supervisor what was done in the province or by its staff, staff of a commune nothing.
    `until` leaves the deeds before that moment, in seconds.
    """
    chosen = [_audited(keeper)]
    if action:
        chosen.append(audit.c.action == action)
    if until:
        chosen.append(audit.c.at < until)
    if before:
        chosen.append(audit.c.id < before)
    whom = staff.alias("whom")
    query = (
        select(audit, staff.c.name.label("who"), service.c.name.label("service"), whom.c.name.label("whom"))
        .outerjoin(staff, staff.c.id == audit.c.staff_id)
        .outerjoin(service, (service.c.id == audit.c.entity_id) & (audit.c.entity == "service"))
        .outerjoin(whom, (whom.c.id == audit.c.entity_id) & (audit.c.entity == "staff"))
        .where(*chosen)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [
        Deed(r.id, r.at, r.who or "", r.action, r.entity, r.entity_id, r.commune, r.service or r.whom or "")
        for r in db.execute(query)
    ]


def actions(db: Connection, keeper: Keeper) -> list[str]:
    """Return the actions that the audit of this person knows."""
    query = (
        select(audit.c.action)
        .outerjoin(staff, staff.c.id == audit.c.staff_id)
        .outerjoin(service, (service.c.id == audit.c.entity_id) & (audit.c.entity == "service"))
        .where(_audited(keeper))
        .distinct()
    )
    return sorted(db.execute(query).scalars())


def _audited(keeper: Keeper) -> ColumnElement[bool]:
    if keeper.role != "province":
        return true() if keeper.role == "admin" else false()
    codes = [c.code for c in load().communes if keeper.owns(c.code, c.province.name)]
    return or_(audit.c.commune.in_(codes), keeper.scope(staff), keeper.scope(service))
