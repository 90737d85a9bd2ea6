"""The directory as other systems read it: HSDS 3.1.3 of what is approved and public; the filters are in the queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select
from sqlalchemy.sql.selectable import Exists

from referral_directory import hsds_json as mapping
from referral_directory.among import among
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
from referral_directory.record import term_id
from referral_directory.words import split_words

VERSION = "3.1.3"
"""The version of HSDS that is spoken here."""
_OPEN_OFFICES = ("police", "peoples_committee", "health_station", "hospital")
"""Kinds whose address is known to everybody: a bed for the night makes no secret shelter of them."""
_TAXONOMIES = ("takes", "for", "shelter", "decision")
"""What is told of a service; a taxonomy that is not named here stays inside."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for; all of it must hold. `modified_after` is in seconds since 1970."""

    modified_after: float | None = None
    organization_id: str = ""
    taxonomy_term_id: str = ""
    search: str = ""


def page(db: Connection, number: int, size: int, shape: str = "list", wanted: Wanted | None = None) -> dict[str, Any]:
    """Return one page of services, counted from 1, as `GET /services` answers.

    `shape` is "list" (a service and its organization), "full" (all that hangs on it) or "minimal" (id and time of the
    last change). A page behind the last one is empty.
    """
    conditions = _conditions(wanted or Wanted())
    total = db.execute(select(func.count()).select_from(service).where(*conditions)).scalar_one()
    query = select(service.c.id, service.c.last_modified).where(*conditions).order_by(service.c.id)
    rows = db.execute(query.limit(size).offset((number - 1) * size)).all()
    if shape == "minimal":
        return _page([mapping.minimal(row) for row in rows], number, size, total)
    return _page(_services(db, [row.id for row in rows], full=shape == "full"), number, size, total)


def service_of(db: Connection, service_id: str) -> dict[str, Any] | None:
    """Return one service with all that hangs on it, or None where there is none to be shown."""
    found = _services(db, [service_id], full=True)
    return found[0] if found else None


def pages(db: Connection, size: int) -> Iterator[dict[str, Any]]:
    """Yield everything as full pages of `size` services; at least one page. The transaction must see one moment."""
    ids = db.execute(select(service.c.id).where(shown()).order_by(service.c.id)).scalars().all()
    for start in range(0, len(ids) or 1, size):
        found = _services(db, ids[start : start + size], full=True)
        yield _page(found, start // size + 1, size, len(ids))


def shown() -> ColumnElement[bool]:
    """Return the condition of a service that everybody may see: approved, and published if it is a trusted address."""
    approved = literal("approved", literal_execute=True)  # written out, so that the index of these rows is found
    return and_(service.c.state == approved, service.c.published)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [shown()]
    if wanted.modified_after is not None:
        found.append(service.c.last_modified >= wanted.modified_after)
    if wanted.organization_id:
        found.append(service.c.organization_id == wanted.organization_id)
    if wanted.taxonomy_term_id == mapping.SAMPLE_TERM:
        found.append(service.c.sample)
    elif wanted.taxonomy_term_id:
        known = mapping.KIND_TERMS.get(wanted.taxonomy_term_id)
        told = and_(taxonomy_term.c.id == wanted.taxonomy_term_id, taxonomy_term.c.taxonomy.in_(_TAXONOMIES))
        held = select(attribute.c.link_id).select_from(attribute.join(taxonomy_term)).where(told)
        found.append(service.c.kind == known if known else service.c.id.in_(held))
    found += [service.c.search_fold.like(f"% {word}%") for word in split_words(wanted.search).split()[:8]]
    return found


def _page(contents: list[dict[str, Any]], number: int, size: int, total: int) -> dict[str, Any]:
    last = -(-total // size)
    return {
        "total_items": total, "total_pages": last, "page_number": number, "size": len(contents),
        "first_page": number == 1, "last_page": number >= last, "empty": not contents, "contents": contents,
    }  # fmt: skip


def _services(db: Connection, ids: Sequence[str], full: bool) -> list[dict[str, Any]]:
    """Return these services in their order: one query for each table, however many services there are."""
    wanted = {"ids": list(ids)}
    rows = db.execute(_SERVICES, wanted).all()
    if not full:
        return [mapping.listed(row) for row in rows]
    parts: dict[str, defaultdict[str, list[Any]]] = {key: defaultdict(list) for key in mapping.PARTS}
    for part, query in _QUERIES.items():
        for row in db.execute(query, wanted).all():
            parts[part][row.service_id].append(row)
    return [mapping.full(row, {part: found[row.id] for part, found in parts.items()}) for row in rows]


def _no_secret_shelter() -> ColumnElement[bool]:
    """Return the condition of a place that may be told: where people stay overnight, only what a commune published."""
    published = and_(_has("decision", "number"), _has("decision", "consent"))
    return or_(service.c.kind.in_(_OPEN_OFFICES), ~_has("shelter", "overnight"), published)


def _has(taxonomy: str, code: str) -> Exists:
    mine = and_(attribute.c.link_id == service.c.id, attribute.c.taxonomy_term_id == term_id(taxonomy, code))
    return select(1).where(mine).exists()


# Statements are built once: for a page of 100 that costs as much as carrying them out.
_SERVICES = (
    select(
        service, organization.c.name.label("organization_name"), organization.c.description.label("organization_about")
    )
    .join(organization)
    .where(among(service.c.id, "ids"), shown())
    .order_by(service.c.id)
)
_QUERIES: dict[str, Select[Any]] = {
    "phones": select(phone.c.id, phone.c.service_id, phone.c.number)
    .where(among(phone.c.service_id, "ids"), phone.c.visibility == "public")
    .order_by(phone.c.id),
    "schedules": select(schedule).where(among(schedule.c.service_id, "ids")).order_by(schedule.c.id),
    "service_areas": select(service_area).where(among(service_area.c.service_id, "ids")).order_by(service_area.c.id),
    "languages": select(language).where(among(language.c.service_id, "ids")).order_by(language.c.code),
    "attributes": select(
        attribute.c.id, attribute.c.link_id.label("service_id"), attribute.c.value, taxonomy_term.c.id.label("term"),
        taxonomy_term.c.code, taxonomy_term.c.name, taxonomy_term.c.taxonomy,
    )
    .select_from(attribute.join(taxonomy_term))
    .where(among(attribute.c.link_id, "ids"), taxonomy_term.c.taxonomy.in_(_TAXONOMIES))
    .order_by(taxonomy_term.c.taxonomy, taxonomy_term.c.code),
    "service_at_locations": select(
        service_at_location.c.id, service_at_location.c.service_id, location.c.id.label("location_id"),
        location.c.location_type, location.c.name, location.c.latitude, location.c.longitude,
        address.c.id.label("address_id"), address.c.address_1, address.c.city, address.c.state_province,
        address.c.country, address.c.address_type,
    )
    .select_from(service_at_location.join(location).join(service).outerjoin(address))
    .where(among(service_at_location.c.service_id, "ids"), location.c.visibility == "public", _no_secret_shelter())
    .order_by(location.c.id, address.c.id),
}  # fmt: skip
"""What hangs on services, by its name in HSDS: only what everybody may see."""
