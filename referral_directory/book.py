"""Read and fill the directory's tables: only approved, active and public rows leave here."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import Connection, and_, delete, func, select

from referral_directory import record as records
from referral_directory.models import (
    address,
    location,
    organization,
    phone,
    schedule,
    service,
    service_at_location,
)
from referral_directory.record import Record
from referral_directory.routing import Entry

_NAMESPACE = uuid.UUID("6d0c3a52-52e9-4c3f-8a53-6a1f1d0b6b1e")


def entries_of(db: Connection, commune: int) -> list[Entry]:
    """Return what residents may see of a commune's services; the filter is in the query."""
    open_now = and_(service.c.commune == commune, service.c.state == "approved", service.c.status == "active")
    number = select(func.min(phone.c.number)).where(phone.c.service_id == service.c.id, phone.c.visibility == "public")
    street = (
        select(func.min(address.c.address_1))
        .join(location, location.c.id == address.c.location_id)
        .join(service_at_location, service_at_location.c.location_id == location.c.id)
        .where(service_at_location.c.service_id == service.c.id, location.c.visibility == "public")
    )
    hours = select(func.min(schedule.c.description)).where(schedule.c.service_id == service.c.id)
    rows = db.execute(
        select(
            service.c.name, service.c.kind, service.c.assured_date, service.c.sample,
            number.scalar_subquery().label("number"), street.scalar_subquery().label("street"),
            hours.scalar_subquery().label("hours"),
        ).where(open_now)
    )  # fmt: skip
    return [
        Entry(r.name, r.kind, r.number or "", r.street or "", r.hours or "", r.assured_date, bool(r.sample))
        for r in rows
    ]


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
