"""Which entries nobody has called for long: the list for the person at the phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, or_, select

from referral_directory.keeper import Keeper
from referral_directory.models import phone, service

CALL_DAYS = 60
"""After so many days without a call an entry is due again."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A shown entry that is due for a call; `phone` is the public number, "" where it has none."""

    id: str
    name: str
    kind: str
    commune: int
    province: str
    phone: str
    verified: date | None
    """The day of the last call that found all right; None: never."""


def stale(
    db: Connection, keeper: Keeper, today: date, days: int = CALL_DAYS, province: str = "", commune: int = 0
) -> list[Stale]:
    """Return the approved entries of this person's scope that were never verified, or not within `days`: by province and
    commune, those longest without a call first."""
    number = select(func.min(phone.c.number)).where(phone.c.service_id == service.c.id, phone.c.visibility == "public")
    due = or_(service.c.assured_date.is_(None), service.c.assured_date < today - timedelta(days=days))
    wanted = select(
        service.c.id, service.c.name, service.c.kind, service.c.commune, service.c.province,
        number.scalar_subquery().label("phone"), service.c.assured_date,
    ).where(keeper.scope(service), service.c.state == "approved", service.c.status != "defunct", ~service.c.sample, due)  # fmt: skip
    if province:
        wanted = wanted.where(service.c.province == province)
    if commune:
        wanted = wanted.where(service.c.commune == commune)
    found = [
        Stale(r.id, r.name, r.kind, r.commune, r.province, r.phone or "", r.assured_date) for r in db.execute(wanted)
    ]
    return sorted(found, key=lambda s: (s.province, s.commune, s.verified or date.min, s.name, s.id))
