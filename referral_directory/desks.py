"""Who reads the call-back requests that people make: staff of their commune, or who supervises the house's province."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select, true
from sqlalchemy.sql.elements import ColumnElement

from referral_directory.keeper import CONFIRMED
from referral_directory.keeping import staff
from referral_directory.places import load


def reader_of(db: Connection, commune: int | None, home: str) -> str:
    """Return who reads the requests of a commune: its "commune", the "province" that runs this installation, or "".

    Who may not read them yet (`CONFIRMED`) does not count. Of somebody who named no commune the province reads; without one, the commune that they tell afterwards may.
    """
    of_commune = and_(staff.c.role == "commune", staff.c.commune == commune if commune else true())
    of_house = and_(staff.c.role == "province", staff.c.province == home)
    known = load().commune(commune) if commune else None
    at_home = bool(home) and (known is None or known.province.name == home)
    order = ("commune", "province") if commune else ("province", "commune")
    asked = {"commune": of_commune, **({"province": of_house} if at_home else {})}
    return next((who for who in order if who in asked and _is_there(db, asked[who])), "")


def _is_there(db: Connection, condition: ColumnElement[bool]) -> bool:
    return db.execute(select(staff.c.id).where(staff.c.active, CONFIRMED, condition).limit(1)).first() is not None
