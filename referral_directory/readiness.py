"""How ready the communes of a province are: at least one trusted address that somebody called in the last 90 days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, and_, case, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from nlu.text import fold
from referral_directory.keeper import Keeper
from referral_directory.keeping import staff
from referral_directory.models import phone, service
from referral_directory.places import Commune, load
from referral_directory.routing import FRESH_DAYS

OPENS = (11, 15)
CLOSES = (12, 15)
"""First and last day of the action month."""
REMINDERS = (14, 7, 1)
"""Days before its first day on which those who are missing are reminded."""


WHY = {"none": "Chưa có địa chỉ tin cậy", "never": "Chưa cuộc gọi nào thấy đúng như ghi", "old": "Quá 90 ngày chưa gọi"}


@dataclass(frozen=True, slots=True)
class Missing:
    """A commune without a verified trusted address, and whom to call next."""

    commune: Commune
    why: str
    """A key of `WHY`."""
    last: date | None
    call: str = ""
    """Name of the service to call next, "" where none is known."""
    number: str = ""
    staff: int = 0
    """Active members of staff of the commune."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """The share of communes of a province that are ready on a day."""

    province: str
    communes: int
    ready: int
    missing: tuple[Missing, ...] = ()
    called: tuple[tuple[Commune, date], ...] = ()
    """The communes that are ready, by name, and the last call of each."""

    @property
    def percent(self) -> int:
        """Whole percents, rounded down: 100 means all."""
        return 100 * self.ready // self.communes if self.communes else 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The way to the first day of the action month, counted back from it."""

    opens: date
    days: int
    """Days until then; 0 or less while the month is on."""
    reminders: tuple[date, ...]
    counts_from: date
    """A call on this day or later still counts on the first day."""
    due: int | None
    """The reminder that is due today (14, 7 or 1), or None."""


def readiness(db: Connection, province: str, today: date) -> Readiness:
    """Return the readiness of one province, its missing communes first by what is nearest to done, then by name."""
    communes = [c for c in load().communes if c.province.name == province]
    last = dict(_last_calls(db, service.c.province == province))
    fresh = today - timedelta(days=FRESH_DAYS)
    left = [c for c in communes if (day := last.get(c.code)) is None or day < fresh]
    numbers = _next_calls(db, province)
    people = _staff_counts(db, province)
    missing = [
        Missing(
            c, "none" if c.code not in last else "never" if last[c.code] is None else "old", last.get(c.code),
            *numbers.get(c.code, ("", "")), people.get(c.code, 0),
        )
        for c in left
    ]  # fmt: skip
    missing.sort(key=lambda m: (("old", "never", "none").index(m.why), not m.call, fold(m.commune.name)))
    done = [(c, day) for c in communes if (day := last.get(c.code)) is not None and day >= fresh]
    done.sort(key=lambda one: fold(one[0].name))
    return Readiness(province, len(communes), len(done), tuple(missing), tuple(done))


def is_ready(db: Connection, commune: int, today: date) -> bool:
    """Tell whether one commune is ready."""
    last = dict(_last_calls(db, service.c.commune == commune)).get(commune)
    return last is not None and last >= today - timedelta(days=FRESH_DAYS)


def readiness_of_all(db: Connection, today: date) -> list[Readiness]:
    """Return the readiness of every province, without its list, the least ready first."""
    fresh = today - timedelta(days=FRESH_DAYS)
    ready: dict[str, int] = {}
    for code, day in _last_calls(db, true()):
        commune = load().commune(code)
        if commune and day and day >= fresh:
            ready[commune.province.name] = ready.get(commune.province.name, 0) + 1
    sizes: dict[str, int] = {}
    for commune in load().communes:
        sizes[commune.province.name] = sizes.get(commune.province.name, 0) + 1
    found = [Readiness(name, size, ready.get(name, 0)) for name, size in sizes.items()]
    return sorted(found, key=lambda r: (r.percent, fold(r.province)))


def together(provinces: Iterable[Readiness]) -> Readiness:
    """Return the readiness of several provinces as one, without a list."""
    found = list(provinces)
    return Readiness("", sum(r.communes for r in found), sum(r.ready for r in found))


def plan(today: date) -> Plan:
    """Return the way to the action month of this year, or of the next one once this year's is over."""
    year = today.year + (today > date(today.year, *CLOSES))
    opens = date(year, *OPENS)
    days = (opens - today).days
    reminders = tuple(opens - timedelta(days=n) for n in REMINDERS)
    return Plan(opens, days, reminders, opens - timedelta(days=FRESH_DAYS), days if days in REMINDERS else None)


def season_of(day: date) -> date:
    """Return the first day of the season that a day lies in: the last 15 November."""
    return date(day.year - ((day.month, day.day) < OPENS), *OPENS)


def provinces_of(keeper: Keeper) -> tuple[str, ...]:
    """Return the provinces whose board this person may read."""
    return () if keeper.role == "commune" else tuple(p.name for p in load().provinces if keeper.owns(0, p.name))


def _last_calls(db: Connection, where: ColumnElement[bool]) -> list[tuple[int, date | None]]:
    """Return the last call of the trusted addresses that are shown, by commune."""
    shown = and_(
        where, service.c.kind == "trusted_address", service.c.state == "approved", service.c.status == "active",
        service.c.sample.is_(False),
    )  # fmt: skip
    query = select(service.c.commune, func.max(service.c.assured_date)).where(shown).group_by(service.c.commune)
    return [(int(code), day) for code, day in db.execute(query)]


def _next_calls(db: Connection, province: str) -> dict[int, tuple[str, str]]:
    """Return (name, public number) of whom to call for each commune: its trusted address, else union, committee, health."""
    order = case(
        {"trusted_address": 0, "womens_union": 1, "peoples_committee": 2, "health_station": 3, "police": 4},
        value=service.c.kind,
        else_=9,
    )
    query = (
        select(service.c.commune, service.c.name, phone.c.number)
        .join(phone, and_(phone.c.service_id == service.c.id, phone.c.visibility == "public"))
        .where(
            service.c.province == province, service.c.commune > 0, service.c.state == "approved",
            service.c.status == "active", service.c.sample.is_(False),
        )
        .order_by(order.desc(), service.c.name_fold.desc())
    )  # fmt: skip
    return {int(code): (name, number) for code, name, number in db.execute(query)}


def _staff_counts(db: Connection, province: str) -> dict[int, int]:
    query = (
        select(staff.c.commune, func.count())
        .where(staff.c.active, staff.c.role == "commune", staff.c.province == province)
        .group_by(staff.c.commune)
    )
    return {int(code): int(n) for code, n in db.execute(query)}
