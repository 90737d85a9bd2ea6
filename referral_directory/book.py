"""What residents may see of the directory: approved, active and public alone leaves here. And its sample rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from referral_directory import record as records
from referral_directory.hours import read_hours
from referral_directory.models import (
    address,
    attribute,
    language,
    location,
    organization,
    phone,
    schedule,
    service,
    service_at_location,
    taxonomy_term,
)
from referral_directory.opening import Opening
from referral_directory.places import load
from referral_directory.record import Record
from referral_directory.routing import Entry

_NAMESPACE = uuid.UUID("6d0c3a52-52e9-4c3f-8a53-6a1f1d0b6b1e")
_VIETNAM = timezone(timedelta(hours=7))


def entries_of(db: Connection, commune: int) -> list[Entry]:
    """Return what residents may see of a commune's services and of its province's; the filter is in the query."""
    known = load().commune(commune)
    return _entries(db, [commune], known.province.name) if known else []


def entries_beside(db: Connection, communes: Iterable[int]) -> list[Entry]:
    """Return what residents may see of the services of these communes, as neighbours of their own."""
    return _entries(db, list(communes), "", own="neighbour")


def entries_of_province(db: Connection, province: str) -> list[Entry]:
    """Return what residents may see of the services of a whole province."""
    return _entries(db, [], province)


def _entries(db: Connection, communes: list[int], province: str, own: str = "commune") -> list[Entry]:
    place = {"communes": [c for c in communes if c], "province": province}
    rows = {row.id: row for row in db.execute(_SERVICES, place).all()}  # a second phone or place adds nothing
    return [_entry(row, own) for row in rows.values()]


def _entry(row: Any, own: str) -> Entry:
    told, (hours, openings) = _told(row.terms or ""), _hours(row.hours or "")
    return Entry(
        row.name, row.kind, row.number or "", row.address_1 or "", hours, row.assured_date, bool(row.sample),
        reach=own if row.commune else "province", openings=openings,
        takes=told.get("takes", ()), types=told.get("for", ()), languages=tuple((row.languages or "").split()),
        shelter=next(iter(told.get("shelter", ())), ""),
        where=None if row.latitude is None or row.longitude is None else (row.latitude, row.longitude),
        distance_km=row.distance_km,
        since=day_of(row.last_modified),
    )  # fmt: skip


def day_of(moment: float) -> date | None:
    """Return the day in Vietnam of a moment (seconds since 1970), None for 0."""
    return datetime.fromtimestamp(moment, _VIETNAM).date() if moment else None


def as_entry(record: Record, verified: date | None, since: date | None, sample: bool = False) -> Entry:
    """Return a record as residents see it once it is approved (a test compares it with what the tables give)."""
    place = record.address_public
    there = place and record.latitude is not None and record.longitude is not None
    return Entry(
        record.name, record.kind, record.phone, record.address if place else "", record.hours, verified, sample,
        reach="commune" if record.commune else "province", openings=tuple(read_hours(record.hours)),
        takes=tuple(sorted(record.takes)), types=tuple(sorted(record.types)), languages=tuple(sorted(record.languages)),
        shelter=record.shelter, where=(record.latitude or 0.0, record.longitude or 0.0) if there else None,
        distance_km=record.distance_km, since=since,
    )  # fmt: skip


@lru_cache(maxsize=1_000)
def _told(terms: str) -> dict[str, tuple[str, ...]]:
    """Return the codes of each taxonomy in ``"takes/children takes/men for/online"``."""
    pairs = [term.split("/") for term in sorted(terms.split())]
    return {taxonomy: tuple(code for t, code in pairs if t == taxonomy) for taxonomy, _ in pairs}


@lru_cache(maxsize=1_000)
def _hours(rows: str) -> tuple[str, tuple[Opening, ...]]:
    """Return words and openings of schedule rows: days, opens, closes and words, a line each (see `_HOURS`)."""
    words, found = "", []
    for row in sorted(rows.split(_NEXT)) if rows else ():
        days, opens, closes, words = row.split(" ", 3)
        if opens and closes:
            found.append(Opening(tuple(days.split(",")) if days else (), opens, closes))
    return words, tuple(found)


def _said(taxonomy: str, code: str) -> ColumnElement[bool]:
    """Return the condition that a service has this term."""
    said, term = attribute.alias(), records.term_id(taxonomy, code)
    return exists().where(said.c.link_id == service.c.id, said.c.taxonomy_term_id == term)


_PUBLISHED = and_(_said("decision", "number"), _said("decision", "consent"))
"""The commune published it by a decision, and who lives there agreed."""
_SHOWN = and_(
    or_(
        service.c.commune.in_(bindparam("communes", expanding=True)),
        and_(service.c.commune == 0, service.c.province == bindparam("province")),
    ),
    service.c.state == "approved",
    service.c.status == "active",
    or_(service.c.kind != "trusted_address", service.c.sample, _PUBLISHED),
)
"""What residents may see; built once, as all statements here: that takes longer than to carry them out."""
_TERMS = (
    select(func.aggregate_strings(taxonomy_term.c.taxonomy + "/" + taxonomy_term.c.code, " "))
    .join(attribute, attribute.c.taxonomy_term_id == taxonomy_term.c.id)
    .where(attribute.c.link_id == service.c.id)
)
_LANGUAGES = select(func.aggregate_strings(language.c.code, " ")).where(language.c.service_id == service.c.id)
_NEXT = "\x1f"
"""Between the rows of a schedule: a letter that no words hold."""
_HOURS = select(
    func.aggregate_strings(
        func.coalesce(schedule.c.byday, "") + " " + func.coalesce(schedule.c.opens_at, "") + " "
        + func.coalesce(schedule.c.closes_at, "") + " " + schedule.c.description, _NEXT,
    )
).where(schedule.c.service_id == service.c.id)  # fmt: skip
_SERVICES = (
    select(
        service.c.id, service.c.name, service.c.kind, service.c.commune, service.c.assured_date, service.c.sample,
        service.c.distance_km, service.c.last_modified, phone.c.number, location.c.latitude, location.c.longitude,
        address.c.address_1, _TERMS.scalar_subquery().label("terms"), _LANGUAGES.scalar_subquery().label("languages"),
        _HOURS.scalar_subquery().label("hours"),
    )
    .outerjoin(phone, and_(phone.c.service_id == service.c.id, phone.c.visibility == "public"))
    .outerjoin(service_at_location, service_at_location.c.service_id == service.c.id)
    .outerjoin(location, and_(location.c.id == service_at_location.c.location_id, location.c.visibility == "public"))
    .outerjoin(address, address.c.location_id == location.c.id)
    .where(_SHOWN)
    .order_by(phone.c.number.desc(), address.c.address_1.desc())
)  # fmt: skip
"""One row a service, with all that routing asks for: a decision costs one query."""


def add(db: Connection, record: Record, checked: date | None = None) -> None:
    """Add one sample record; a second time with the same name changes nothing."""
    key = str(uuid.uuid5(_NAMESPACE, f"{record.commune}/{record.kind}/{record.name}"))
    if not db.execute(select(service.c.id).where(service.c.id == key)).first():
        records.write(db, key, record, state="approved", sample=True, assured_date=checked)


def set_sample(db: Connection, wanted: bool, today: date) -> None:
    """Bring the sample communes in or take every sample row out."""
    if not wanted:
        samples = list(db.execute(select(service.c.id).where(service.c.sample)).scalars())
        for table in (location, organization):  # one id for all rows of a record; the rest goes with these
            db.execute(delete(table).where(table.c.id.in_(samples)))
        return
    for code, city, province in SAMPLE_COMMUNES:
        for kind, name, hours in _SAMPLE:
            sample = Record(
                kind=kind, name=f"[MẪU] {name} {city}", commune=code, province=province, phone="000 0000 000",
                address="địa chỉ mẫu", address_public=True, hours=hours,
            )  # fmt: skip
            add(db, sample, today)


SAMPLE_COMMUNES = (
    (15178, "Xã Cẩm Tân", "Thanh Hóa"),
    (31507, "Phường Sóc Trăng", "Cần Thơ"),
    (29242, "Phường Trà Vinh", "Vĩnh Long"),
    (3127, "Phường Điện Biên Phủ", "Điện Biên"),
    (3390, "Xã Bình Lư", "Lai Châu"),
)
"""Communes of the five plans this project started from; their entries are made up and say so."""

_SAMPLE = (
    ("trusted_address", "Địa chỉ tin cậy", "cả ngày đêm"),
    ("police", "Công an", "cả ngày đêm"),
    ("peoples_committee", "UBND", "giờ hành chính"),
    ("womens_union", "Hội Liên hiệp Phụ nữ", "giờ hành chính"),
    ("health_station", "Trạm y tế", "cả ngày đêm"),
)
