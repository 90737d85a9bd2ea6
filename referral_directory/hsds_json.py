"""One service in HSDS 3.1.3 JSON, from the rows that may be shown. Pure.

What is not known is left out, save `postal_code`: the standard requires it, nobody here knows it, so it is "".
`assurer_email` is left out: a sign-in name is a person's, and who keeps a shelter's address must not be found by it.
`metadata` is left out: it would tell old addresses and phones.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from referral_directory.record import term_id
from referral_directory.terms import KIND_NAMES

Json = dict[str, Any]

PARTS = ("phones", "schedules", "service_areas", "languages", "attributes", "service_at_locations")
"""What hangs on a service, by its name in HSDS."""
KIND_TERMS = {term_id("kind", code): code for code in KIND_NAMES}
"""Kinds of service by the id of their term."""
SAMPLE_TERM = term_id("sample", "sample")
_TERM_OF_KIND = {code: key for key, code in KIND_TERMS.items()}
_SAMPLE_WORDS = "Dữ liệu mẫu để chạy thử, không có thật. / Sample data, not real."
_TAXONOMIES = {
    "kind": "Loại nơi giúp đỡ", "takes": "Có tiếp nhận", "for": "Dành cho người bị bạo lực", "shelter": "Tạm lánh",
    "decision": "Công bố", "sample": "Dữ liệu",
}  # fmt: skip
_OWN = uuid.UUID("3f2b6e0a-7d55-4b0e-9a0d-5a8f7f1f7c11")
_OFFSET = 7
"""Vietnam's hours before UTC; it has no summer time."""


def minimal(row: Any) -> Json:
    """Return the id and the time of the last change, named as the standard names them for `minimal`."""
    return {"id": row.id, "modified_date": _moment(row.last_modified)}


def listed(row: Any) -> Json:
    """Return a service and its organization, without what there may be several of."""
    return {
        "id": row.id,
        "organization_id": row.organization_id,
        "name": row.name,
        "status": row.status,
        **_known(
            description=row.description,
            assured_date=row.assured_date.isoformat() if row.assured_date else "",
            alert=_SAMPLE_WORDS if row.sample else "",
            last_modified=_moment(row.last_modified) if row.last_modified else "",
        ),
        "organization": {
            "id": row.organization_id,
            "name": row.organization_name,
            "description": row.organization_about,
        },
    }


def full(row: Any, parts: Mapping[str, Sequence[Any]]) -> Json:
    """Return a service with all that hangs on it; `parts` are the rows of each of `PARTS`."""
    return {
        **listed(row),
        **_known(
            phones=[{"id": p.id, "service_id": row.id, "number": p.number, "type": "voice"} for p in parts["phones"]],
            schedules=[_schedule(s) for s in parts["schedules"]],
            service_areas=[_area(a) for a in parts["service_areas"]],
            service_at_locations=_places(parts["service_at_locations"]),
            languages=[
                {"id": spoken.id, "service_id": row.id, "name": spoken.name, "code": spoken.code}
                for spoken in parts["languages"]
            ],
        ),
        "attributes": [
            _own_attribute(row.id, _TERM_OF_KIND[row.kind], "kind", row.kind, KIND_NAMES[row.kind]),
            *([_own_attribute(row.id, SAMPLE_TERM, "sample", "sample", _SAMPLE_WORDS)] if row.sample else []),
            *(_attribute(a.id, row.id, a.term, a.taxonomy, a.code, a.name, a.value) for a in parts["attributes"]),
        ],
    }


def _schedule(row: Any) -> Json:
    hours: Json = {"id": row.id, "service_id": row.service_id, **_known(description=row.description)}
    if row.byday and row.opens_at and row.closes_at:
        hours |= {"freq": "WEEKLY", "byday": row.byday, "wkst": "MO", "timezone": _OFFSET}
        hours |= {"opens_at": _clock(row.opens_at), "closes_at": _clock(row.closes_at)}
    return hours


def _clock(time: str) -> str:
    """Return a time of the day with its offset; the end of the day as the standard advises."""
    return f"{'23:59' if time == '24:00' else time}+{_OFFSET:02}:00"


def _area(row: Any) -> Json:
    area: Json = {"id": row.id, "service_id": row.service_id, **_known(name=row.name)}
    if row.extent:  # code of the commune: many names are borne by several
        area |= {"description": f"Mã đơn vị hành chính {row.extent}", "extent": row.extent, "extent_type": "text"}
    return area


def _places(rows: Sequence[Any]) -> list[Json]:
    """Return places with their addresses: a row for each address, or one without."""
    places: dict[str, Json] = {}
    addresses: defaultdict[str, list[Json]] = defaultdict(list)
    for row in rows:
        place = {"id": row.location_id, "location_type": row.location_type, **_known(name=row.name)}
        place |= _known(latitude=row.latitude, longitude=row.longitude)
        link = {"id": row.id, "service_id": row.service_id, "location_id": row.location_id}
        places[row.id] = {**link, "location": place}
        if row.address_id:
            addresses[row.id].append(_address(row))
    for key, found in addresses.items():
        places[key]["location"]["addresses"] = found
    return list(places.values())


def _address(row: Any) -> Json:
    where = {"address_1": row.address_1, "city": row.city, "state_province": row.state_province, "postal_code": ""}
    kind = {"country": row.country, "address_type": row.address_type}
    return {"id": row.address_id, "location_id": row.location_id, **where, **kind}


def _own_attribute(service_id: str, term: str, taxonomy: str, code: str, name: str) -> Json:
    """Return what a column of the service says, as an attribute: the same id in every answer."""
    key = str(uuid.uuid5(_OWN, f"{service_id}/{taxonomy}"))
    return _attribute(key, service_id, term, taxonomy, code, name, None)


def _attribute(key: str, service_id: str, term: str, taxonomy: str, code: str, name: str, value: str | None) -> Json:
    row: Json = {"id": key, "link_id": service_id, "link_entity": "service", "taxonomy_term_id": term}
    if value:
        row["value"] = value
    row["taxonomy_term"] = _term(term, taxonomy, code, name)
    return row


@lru_cache(maxsize=256)
def _term(key: str, taxonomy: str, code: str, name: str) -> Json:
    """Return a taxonomy term: one and the same object wherever it stands, never to be changed."""
    about = {"id": key, "code": code, "name": name, "description": f"{_TAXONOMIES[taxonomy]}: {name}"}
    return {**about, "taxonomy": taxonomy, "language": "vi"}


def _known(**fields: Any) -> Json:
    """Return the fields that hold something; zero is something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
