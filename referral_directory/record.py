"""One record of the directory as staff write it: a value, its way into the HSDS tables and back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, bindparam, delete, insert, select, true, update
from sqlalchemy.sql.elements import ColumnElement

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
from referral_directory.terms import FOR, LANGUAGES, SHELTER, TAKES
from referral_directory.words import search_words

AT_ONCE = 500
"""Ids in one statement: a database takes no more than some thousand parameters."""
_IN_ORDER = (location, service_at_location, address, service_area, phone, schedule, language, attribute)
"""Tables of what hangs on a service: what is referred to comes first."""
_NAMESPACE = uuid.UUID("6d0c3a52-52e9-4c3f-8a53-6a1f1d0b6b1e")
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
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Record:
        """Return the record that `as_json` wrote; fields of another age are left out."""
        known = {f.name for f in fields(cls)}
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items() if k in known}
        return cls(**values)


@lru_cache(maxsize=16_384)
def search_key(text: str) -> str:
    """Return `text` as `service.name_fold` holds it: without marks, single spaces."""
    return squeeze(fold(text))[:200]


def is_published(record: Record) -> bool:
    """Tell whether everybody may see this record once it is approved: a trusted address needs decision and consent."""
    return record.kind != "trusted_address" or (record.decision != "" and record.consent)


def write(db: Connection, service_id: str, record: Record, **columns: Any) -> None:
    """Make the HSDS rows of a service hold this record; `columns` are further columns of its `service` row."""
    write_all(db, {service_id: record}, **columns)


def write_all(db: Connection, records: Mapping[str, Record], **columns: Any) -> None:
    """Do what `write` does for many services, by their ids: a few statements for all of them."""
    there = {row.id for row in found_in(db, select(service.c.id), service.c.id, records)}
    for_all = {key: _columns(record) | columns for key, record in records.items()}
    about = {key: {"name": r.name, "description": r.description or r.name} for key, r in records.items()}
    _change(db, organization, {key: about[key] for key in there})
    _change(db, service, {key: for_all[key] for key in there})
    _clear(db, there)
    new = [key for key in records if key not in there]
    _insert(db, organization, [{"id": key, **about[key]} for key in new])
    _insert(db, service, [{"id": key, "organization_id": key, **for_all[key]} for key in new])
    rows: dict[Table, list[dict[str, Any]]] = {}
    for key, record in records.items():
        for table, row in _parts(key, record):
            rows.setdefault(table, []).append(row)
    for table in _IN_ORDER:
        _insert(db, table, rows.get(table, []))


def read(db: Connection, service_ids: Iterable[str], public: bool = False) -> dict[str, Record]:
    """Return the records of these services, private parts included: for staff alone, never for residents.

    With `public`, phones and places that are not public stay in the database.
    """
    ids, found = list(service_ids), dict[str, Record]()
    for n in range(0, len(ids), AT_ONCE):
        found |= _read(db, ids[n : n + AT_ONCE], public)
    return found


def found_in(db: Connection, query: Select[Any], column: ColumnElement[Any], keys: Iterable[Any]) -> Iterator[Row[Any]]:
    """Yield the rows of `query` whose `column` is one of `keys`, however many these are."""
    wanted = list(keys)
    for n in range(0, len(wanted), AT_ONCE):
        yield from db.execute(query.where(column.in_(wanted[n : n + AT_ONCE])))


def write_terms(db: Connection) -> None:
    """Bring in the taxonomy terms that the tables refer to; a second time changes nothing."""
    there = set(db.execute(select(taxonomy_term.c.id)).scalars())
    for taxonomy, terms in _TAXONOMIES.items():
        for code, name in terms.items():
            if (key := term_id(taxonomy, code)) not in there:
                db.execute(insert(taxonomy_term).values(id=key, code=code, name=name, taxonomy=taxonomy))


def _read(db: Connection, ids: list[str], public: bool) -> dict[str, Record]:
    rows = db.execute(select(service).where(service.c.id.in_(ids))).all()
    parts: dict[str, dict[str, Any]] = {row.id: {} for row in rows}
    shown = phone.c.visibility == "public" if public else true()
    for number in db.execute(select(phone).where(phone.c.service_id.in_(ids), shown)):
        parts[number.service_id]["phone" if number.visibility == "public" else "private_phone"] = number.number
    places = (
        select(service_at_location.c.service_id, location, address.c.address_1)
        .join(location, location.c.id == service_at_location.c.location_id)
        .outerjoin(address, address.c.location_id == location.c.id)
        .where(service_at_location.c.service_id.in_(ids), location.c.visibility == "public" if public else true())
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


def term_id(taxonomy: str, code: str) -> str:
    """Return the id of a taxonomy term: the same in every installation."""
    return str(uuid.uuid5(_NAMESPACE, f"{taxonomy}/{code}"))


def _columns(record: Record) -> dict[str, Any]:
    return {
        "name": record.name, "description": record.description, "kind": record.kind, "status": record.status,
        "commune": record.commune, "province": record.province, "distance_km": record.distance_km, **derived(record),
    }  # fmt: skip


def derived(record: Record) -> dict[str, Any]:
    """Return the columns of a `service` row that follow from all of its record: what lists and decisions look for."""
    words = search_words(record.name, record.kind, record.commune, record.province)
    return {
        "name_fold": search_key(record.name), "search_fold": words, "published": is_published(record),
        "told": _told(record),
    }  # fmt: skip


def _told(record: Record) -> str:
    """Return as JSON what `service.told` holds: hours as words and as they were read, and what a decision asks of a place."""
    openings = [(o.days, o.opens, o.closes) for o in read_hours(record.hours)]
    about = {"takes": sorted(record.takes), "types": sorted(record.types), "languages": sorted(record.languages)}
    row = {"hours": record.hours[:120], "openings": openings, **about, "shelter": record.shelter}
    return json.dumps(row, ensure_ascii=False)


def _parts(key: str, record: Record) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield the rows that hang on a service."""
    about: dict[str, Any]
    yield from _place(key, record)
    for number, visibility in ((record.phone, "public"), (record.private_phone, "staff_only")):
        if number:
            about = {"service_id": key, "number": number, "visibility": visibility}
            yield phone, {"id": _part(key, "phone", visibility), **about}
    for n, times in enumerate(opening_rows(record.hours)):
        yield schedule, {"id": _part(key, "schedule", n), "service_id": key, **times}
    for code in record.languages:
        about = {"service_id": key, "name": LANGUAGES[code], "code": code}
        yield language, {"id": _part(key, "language", code), **about}
    for taxonomy, code, value in _terms(record):
        about = {"link_id": key, "taxonomy_term_id": term_id(taxonomy, code), "value": value}
        yield attribute, {"id": _part(key, taxonomy, code), **about}


def _place(key: str, record: Record) -> Iterator[tuple[Table, dict[str, Any]]]:
    visibility = "public" if record.address_public else "staff_only"
    where = {"latitude": record.latitude, "longitude": record.longitude, "visibility": visibility}
    commune = load().commune(record.commune) if record.commune else None
    yield location, {"id": key, "location_type": "physical", "name": record.name, **where}
    yield service_at_location, {"id": key, "service_id": key, "location_id": key}
    if record.address:
        unit = {"city": commune.label if commune else record.province, "state_province": record.province}
        yield address, {"id": key, "location_id": key, "address_1": record.address, **unit}
    area = commune.label if commune else record.province
    yield service_area, {"id": key, "service_id": key, "name": area, "extent": str(record.commune or "")}


def _change(db: Connection, table: Table, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Give the rows of these ids new values."""
    if rows:
        names = next(iter(rows.values()))
        change = (
            update(table).where(table.c.id == bindparam("its_id")).values({n: bindparam(f"its_{n}") for n in names})
        )
        db.execute(change, [{"its_id": key, **{f"its_{n}": v for n, v in row.items()}} for key, row in rows.items()])


def _insert(db: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(insert(table), rows)


def opening_rows(hours: str) -> list[dict[str, Any]]:
    """Return the rows of opening hours: at least the words, where there are any."""
    words = {"description": hours[:120]}
    read: list[dict[str, str | None]]
    read = [{"byday": ",".join(o.days) or None, "opens_at": o.opens, "closes_at": o.closes} for o in read_hours(hours)]
    unread: dict[str, str | None] = {"byday": None, "opens_at": None, "closes_at": None}
    return [{**words, **times} for times in read or [unread]] if hours else []


def _clear(db: Connection, service_ids: Iterable[str]) -> None:
    """Delete all that hangs on these services, and nothing that staff wrote about them."""
    ids = list(service_ids)
    for n in range(0, len(ids), AT_ONCE):
        some = ids[n : n + AT_ONCE]
        for table in (phone, schedule, service_area, language):
            db.execute(delete(table).where(table.c.service_id.in_(some)))
        db.execute(delete(attribute).where(attribute.c.link_id.in_(some)))
        db.execute(delete(location).where(location.c.id.in_(some)))


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
