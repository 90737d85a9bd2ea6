"""One record of the directory as staff write it: a value, its way into the HSDS tables and back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from nlu.text import fold, squeeze
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
    service_area,
    service_at_location,
    taxonomy_term,
)
from referral_directory.places import load
from referral_directory.terms import FOR, KIND_NAMES, LANGUAGES, SHELTER, TAKES

_NAMESPACE = uuid.UUID("6d0c3a52-52e9-4c3f-8a53-6a1f1d0b6b1e")
_WORD = re.compile(r"[^\W_]+")
_TAXONOMIES: dict[str, Mapping[str, str]] = {
    "takes": TAKES,
    "for": FOR,
    "shelter": SHELTER,
    "decision": {
        "number": "Quyết định công bố",
        "date": "Ngày quyết định",
        "consent": "Người giữ địa chỉ đồng ý công bố",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A service with its phone, place, hours and what it can do; empty means not known."""

    kind: str
    name: str
    commune: int
    """Code of today's commune; 0 for a service of the whole province."""
    province: str
    description: str = ""
    phone: str = field(default="", repr=False)
    """The number for residents (public)."""
    private_phone: str = field(default="", repr=False)
    """The holder's own number: for staff of the commune alone, never shown, exported or logged."""
    address: str = field(default="", repr=False)
    address_public: bool = False
    """Only with the holder's consent is the address shown to residents."""
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    hours: str = ""
    decision: str = ""
    """Number of the decision by which the commune published the address."""
    decided_on: str = ""
    """Its day, as YYYY-MM-DD."""
    consent: bool = False
    """The holder agreed to be published."""
    shelter: str = ""
    """A key of `SHELTER`, or ""."""
    takes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    distance_km: float | None = None
    status: str = "active"

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Record:
        """Return the record that `as_json` wrote; fields of another age are left out."""
        known = {f.name for f in fields(cls)}
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items() if k in known}
        return cls(**values)


def search_key(text: str) -> str:
    """Return `text` as `service.name_fold` holds it: without marks, single spaces."""
    return squeeze(fold(text))[:200]


def is_published(record: Record) -> bool:
    """Tell whether everybody may see this record once it is approved: a trusted address needs decision and consent."""
    return record.kind != "trusted_address" or (record.decision != "" and record.consent)


def search_words(record: Record) -> str:
    """Return what `service.search_fold` holds: the words of name, kind and place without marks, a space before each."""
    commune = load().commune(record.commune) if record.commune else None
    about = (record.name, KIND_NAMES.get(record.kind, ""), commune.label if commune else "", record.province)
    return f" {' '.join(map(split_words, about))}"[:480]


def split_words(text: str) -> str:
    """Return the words of `text` without marks and signs, joined by single spaces: "Xã Krông Pắc" is "xa krong pac"."""
    return " ".join(_WORD.findall(fold(text)))


def write(db: Connection, service_id: str, record: Record, **columns: Any) -> None:
    """Make the HSDS rows of a service hold this record; `columns` are further columns of its `service` row."""
    values = {
        "name": record.name, "name_fold": search_key(record.name), "search_fold": search_words(record),
        "description": record.description, "kind": record.kind, "status": record.status, "commune": record.commune,
        "province": record.province, "distance_km": record.distance_km, "published": is_published(record), **columns,
    }  # fmt: skip
    about = {"name": record.name, "description": record.description or record.name}
    if db.execute(update(service).where(service.c.id == service_id).values(**values)).rowcount:
        db.execute(update(organization).where(organization.c.id == service_id).values(**about))
    else:
        db.execute(insert(organization).values(id=service_id, **about))
        db.execute(insert(service).values(id=service_id, organization_id=service_id, **values))
    _clear(db, service_id)
    _write_place(db, service_id, record)
    for number, visibility in ((record.phone, "public"), (record.private_phone, "staff_only")):
        if number:
            key = _part(service_id, "phone", visibility)
            db.execute(insert(phone).values(id=key, service_id=service_id, number=number, visibility=visibility))
    for n, times in enumerate(_schedule(record.hours)):
        db.execute(insert(schedule).values(id=_part(service_id, "schedule", n), service_id=service_id, **times))
    for code in record.languages:
        name = LANGUAGES[code]
        db.execute(
            insert(language).values(id=_part(service_id, "language", code), service_id=service_id, name=name, code=code)
        )
    for taxonomy, code, value in _terms(record):
        key = _part(service_id, taxonomy, code)
        term = term_id(taxonomy, code)
        db.execute(insert(attribute).values(id=key, link_id=service_id, taxonomy_term_id=term, value=value))


def read(db: Connection, service_ids: Iterable[str]) -> dict[str, Record]:
    """Return the records of these services, private parts included: for staff alone, never for residents."""
    ids = list(service_ids)
    rows = db.execute(select(service).where(service.c.id.in_(ids))).all()
    parts: dict[str, dict[str, Any]] = {row.id: {} for row in rows}
    for number in db.execute(select(phone).where(phone.c.service_id.in_(ids))):
        parts[number.service_id]["phone" if number.visibility == "public" else "private_phone"] = number.number
    places = (
        select(service_at_location.c.service_id, location, address.c.address_1)
        .join(location, location.c.id == service_at_location.c.location_id)
        .outerjoin(address, address.c.location_id == location.c.id)
        .where(service_at_location.c.service_id.in_(ids))
    )
    for place in db.execute(places):
        parts[place.service_id] |= {
            "address": place.address_1 or "", "address_public": place.visibility == "public" and bool(place.address_1),
            "latitude": place.latitude, "longitude": place.longitude,
        }  # fmt: skip
    for hours in db.execute(
        select(schedule.c.service_id, schedule.c.description).where(schedule.c.service_id.in_(ids))
    ):
        parts[hours.service_id]["hours"] = hours.description
    for spoken in db.execute(select(language.c.service_id, language.c.code).where(language.c.service_id.in_(ids))):
        parts[spoken.service_id].setdefault("languages", []).append(spoken.code)
    said = (
        select(attribute.c.link_id, attribute.c.value, taxonomy_term.c.taxonomy, taxonomy_term.c.code)
        .join(taxonomy_term, taxonomy_term.c.id == attribute.c.taxonomy_term_id)
        .where(attribute.c.link_id.in_(ids))
    )
    for term in db.execute(said):
        _take_term(parts[term.link_id], term.taxonomy, term.code, term.value)
    return {
        row.id: Record.from_json(
            {
                "kind": row.kind, "name": row.name, "commune": row.commune, "province": row.province,
                "description": row.description, "distance_km": row.distance_km, "status": row.status,
                **{k: sorted(v) if isinstance(v, list) else v for k, v in parts[row.id].items()},
            }
        )
        for row in rows
    }  # fmt: skip


def write_terms(db: Connection) -> None:
    """Bring in the taxonomy terms that the tables refer to; a second time changes nothing."""
    there = set(db.execute(select(taxonomy_term.c.id)).scalars())
    for taxonomy, terms in _TAXONOMIES.items():
        for code, name in terms.items():
            if (key := term_id(taxonomy, code)) not in there:
                db.execute(insert(taxonomy_term).values(id=key, code=code, name=name, taxonomy=taxonomy))


def term_id(taxonomy: str, code: str) -> str:
    """Return the id of a taxonomy term: the same in every installation."""
    return str(uuid.uuid5(_NAMESPACE, f"{taxonomy}/{code}"))


def _write_place(db: Connection, service_id: str, record: Record) -> None:
    visibility = "public" if record.address_public else "staff_only"
    where = {"latitude": record.latitude, "longitude": record.longitude, "visibility": visibility}
    commune = load().commune(record.commune) if record.commune else None
    db.execute(insert(location).values(id=service_id, location_type="physical", name=record.name, **where))
    db.execute(insert(service_at_location).values(id=service_id, service_id=service_id, location_id=service_id))
    if record.address:
        unit = {"city": commune.label if commune else record.province, "state_province": record.province}
        db.execute(insert(address).values(id=service_id, location_id=service_id, address_1=record.address, **unit))
    area = commune.label if commune else record.province
    extent = str(record.commune or "")
    db.execute(insert(service_area).values(id=service_id, service_id=service_id, name=area, extent=extent))


def _schedule(hours: str) -> list[dict[str, Any]]:
    """Return the rows of opening hours: at least the words, where there are any."""
    words = {"description": hours[:120]}
    read = [{"byday": ",".join(o.days), "opens_at": o.opens, "closes_at": o.closes} for o in read_hours(hours)]
    return [{**words, **times} for times in read or [{}]] if hours else []


def _clear(db: Connection, service_id: str) -> None:
    """Delete all that hangs on a service, and nothing that staff wrote about it."""
    for table in (phone, schedule, service_area, language):
        db.execute(delete(table).where(table.c.service_id == service_id))
    db.execute(delete(attribute).where(attribute.c.link_id == service_id))
    db.execute(delete(location).where(location.c.id == service_id))


def _terms(record: Record) -> Iterable[tuple[str, str, str | None]]:
    yield from (("takes", code, None) for code in record.takes)
    yield from (("for", code, None) for code in record.types)
    if record.shelter:
        yield "shelter", record.shelter, None
    if record.decision:
        yield "decision", "number", record.decision
    if record.decided_on:
        yield "decision", "date", date.fromisoformat(record.decided_on).isoformat()
    if record.consent:
        yield "decision", "consent", None


def _take_term(part: dict[str, Any], taxonomy: str, code: str, value: str | None) -> None:
    match taxonomy, code:
        case ("takes", _):
            part.setdefault("takes", []).append(code)
        case ("for", _):
            part.setdefault("types", []).append(code)
        case ("shelter", _):
            part["shelter"] = code
        case ("decision", "number"):
            part["decision"] = value or ""
        case ("decision", "date"):
            part["decided_on"] = value or ""
        case ("decision", "consent"):
            part["consent"] = True


def _part(service_id: str, what: str, which: object) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{service_id}/{what}/{which}"))
