"""What residents may see of the directory: approved, active and public alone leaves here. And its sample rows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, or_, select

from referral_directory import record as records
from referral_directory.among import among
from referral_directory.hours import read_hours
from referral_directory.models import (
    address,
    location,
    organization,
    phone,
    service,
)
from referral_directory.opening import Opening
from referral_directory.places import load
from referral_directory.record import Record
from referral_directory.routing import Entry

_NAMESPACE = uuid.UUID("6d0c3a52-52e9-4c3f-8a53-6a1f1d0b6b1e")
_VIETNAM = timezone(timedelta(hours=7))


def entries_of(db: Connection, commune: int, beside: Iterable[int] = ()) -> list[Entry]:
    """Return what residents may see of a commune's services, of its province's, and of the neighbours `beside` it.

    One query, in which the filter is: what it does not find was never read.
    """
    known = load().commune(commune)
    return _entries(db, [commune, *beside], known.province.name) if known else []


def entries_of_province(db: Connection, province: str) -> list[Entry]:
    """Return what residents may see of the services of a whole province."""
    return _entries(db, [], province)


def _entries(db: Connection, communes: list[int], province: str) -> list[Entry]:
    """Return entries of the first of these communes, of the others as its neighbours, and of the province."""
    reach = {0: "province", **dict.fromkeys(communes[1:], "neighbour"), **dict.fromkeys(communes[:1], "commune")}
    rows = db.execute(_SERVICES, {"communes": communes, "province": province})
    found = {row.id: row for row in rows}  # a second phone or place adds nothing
    real = {row.commune for row in found.values() if not row.sample}  # a commune that has begun needs no samples
    return [_entry(row, reach) for row in found.values() if not (row.sample and row.commune in real)]


def _entry(row: Any, reach: Mapping[int, str]) -> Entry:
    _, name, kind, commune, verified, sample, distance_km, modified, told, number, lat, lon, address_1 = row
    hours, openings, takes, types, languages, shelter = _told(told)
    return Entry(
        name, kind, number or "", address_1 or "", hours, verified, bool(sample), reach[commune], openings, takes, types,
        languages, shelter, None if lat is None or lon is None else (lat, lon), distance_km, day_of(modified),
    )  # fmt: skip


@lru_cache(maxsize=2_000)
def _told(told: str) -> tuple[str, tuple[Opening, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], str]:
    """Return hours and openings, who is received, kinds of violence, languages and shelter of `service.told`."""
    row = json.loads(told)
    openings = tuple(Opening(tuple(days), opens, closes) for days, opens, closes in row["openings"])
    return row["hours"], openings, *(tuple(row[about]) for about in ("takes", "types", "languages")), row["shelter"]


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


_SHOWN = and_(
    or_(
        among(service.c.commune, "communes"), and_(service.c.commune == 0, service.c.province == bindparam("province"))
    ),
    service.c.state == "approved",
    service.c.status == "active",
    or_(service.c.published, service.c.sample),
)
"""What residents may see; built once, as all statements here: that takes longer than to carry them out."""
_SERVICES = (
    select(
        service.c.id, service.c.name, service.c.kind, service.c.commune, service.c.assured_date, service.c.sample,
        service.c.distance_km, service.c.last_modified, service.c.told, phone.c.number, location.c.latitude,
        location.c.longitude, address.c.address_1,
    )
    .outerjoin(phone, and_(phone.c.service_id == service.c.id, phone.c.visibility == "public"))
    .outerjoin(location, and_(location.c.id == service.c.id, location.c.visibility == "public"))
    .outerjoin(address, address.c.location_id == location.c.id)
    .where(_SHOWN)
    .order_by(phone.c.number.desc(), address.c.address_1.desc())
)  # fmt: skip
"""One row a service, with all that routing asks for: a decision costs one query. The place of a service has its id."""


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
