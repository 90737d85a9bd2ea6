"""A member of staff: what they own of the directory, and the line of the audit that tells what they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, insert, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from referral_directory.keeping import MACHINE, audit, staff


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
    confirmed: bool = True
    """False: one person alone gave them the account or a new password; what is private stays closed to them."""

    def owns(self, commune: int, province: str) -> bool:
        """Tell whether a record of that commune (0: of the whole province) is this person's to see and change."""
        match self.role:
            case "admin":
                return True
            case "province":
                return province == self.province
            case _:
                return commune == self.commune

    def scope(self, rows: FromClause) -> ColumnElement[bool]:
        """Return the condition that leaves what this person owns of a table with `commune` and `province`."""
        match self.role:
            case "admin":
                return true()
            case "province":
                return rows.c.province == self.province
            case _:
                return rows.c.commune == self.commune


CONFIRMED = or_(staff.c.given_by.is_(None), staff.c.confirmed_by.is_not(None))
"""The condition of an account that no single member of staff could have taken over."""


def keeper_of(row: Any) -> Keeper:
    """Return the member of staff of a row of `staff`."""
    confirmed = row.given_by is None or row.confirmed_by is not None
    return Keeper(row.id, row.name, row.role, row.commune, row.province, row.login, confirmed)


def find_keeper(db: Connection, staff_id: str) -> Keeper | None:
    """Return an active member of staff, or None."""
    row = db.execute(select(staff).where(staff.c.id == staff_id, staff.c.active)).first()
    return keeper_of(row) if row else None


def machine(db: Connection, now: datetime) -> Keeper:
    """Return the keeper in whose name the command line works: it proposes everywhere; the database lets it neither sign
    in, nor approve, nor verify."""
    if find_keeper(db, MACHINE) is None:
        values = {"id": MACHINE, "login": MACHINE, "name": "Dòng lệnh của máy chủ", "role": "admin"}
        db.execute(insert(staff).values(**values, created_at=now.timestamp()))
    return Keeper(MACHINE, "Dòng lệnh của máy chủ", "admin", login=MACHINE)


def note(
    db: Connection, keeper: Keeper | None, action: str, entity: str, entity_id: str, now: datetime, commune: int = 0
) -> None:
    """Write one line of the audit, in the transaction of what it tells about."""
    who = keeper.id if keeper else None
    line = {"at": now.timestamp(), "staff_id": who, "action": action, "entity": entity, "entity_id": entity_id}
    db.execute(insert(audit).values(**line, commune=commune))
