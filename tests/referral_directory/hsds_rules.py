"""What HSDS 3.1.3 requires, as far as this directory speaks it: by our own table always, by the official schema if present."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

OFFICIAL = Path(__file__).parents[3] / "shared" / "hsds"
_FIELDS: dict[str, tuple[str, str]] = {  # required, then allowed besides
    "service": (
        "id name status",
        "organization_id description assured_date alert last_modified organization phones schedules service_areas "
        "service_at_locations languages attributes",
    ),
    "organization": ("id name description", ""),
    "phones": ("id number", "service_id type"),
    "schedules": ("id", "service_id description freq byday wkst timezone opens_at closes_at"),
    "service_areas": ("id", "service_id name description extent extent_type"),
    "service_at_locations": ("id", "service_id location_id location"),
    "location": ("id location_type", "name latitude longitude addresses"),
    "addresses": ("id address_1 city state_province postal_code country address_type", "location_id"),
    "languages": ("id", "service_id name code"),
    "attributes": ("id", "link_id link_entity taxonomy_term_id value taxonomy_term"),
    "taxonomy_term": ("id name description", "code taxonomy language"),
}
_ENUMERATIONS = {
    "status": {"active", "inactive", "defunct", "temporarily closed"},
    "location_type": {"physical", "postal", "virtual"},
    "address_type": {"physical", "postal", "virtual"},
    "freq": {"WEEKLY", "MONTHLY"},
    "wkst": {"MO", "TU", "WE", "TH", "FR", "SA", "SU"},
    "extent_type": {"geojson", "topojson", "kml", "text"},
    "country": {"VN"},
    "link_entity": {"service"},
}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d\+07:00")


def check(found: Any, what: str = "service") -> None:
    """Assert that an object and all that it holds has what the standard requires, and nothing that we do not know."""
    required, allowed = (set(names.split()) for names in _FIELDS[what])
    assert required <= set(found), f"{what}: {required - set(found)} is missing"
    assert set(found) <= required | allowed, f"{what}: {set(found) - required - allowed} is told"
    for name, value in found.items():
        assert value is not None, name
        if name == "id" or name.endswith("_id"):
            assert str(uuid.UUID(value)) == value
        if name in _ENUMERATIONS:
            assert value in _ENUMERATIONS[name], (name, value)
        match name:
            case "assured_date":
                date.fromisoformat(value)
            case "last_modified":
                assert value.endswith("Z")
                datetime.fromisoformat(value)
            case "opens_at" | "closes_at":
                assert _TIME.fullmatch(value), value
        if name in _FIELDS:
            for one in value if isinstance(value, list) else [value]:
                check(one, name)


def official(name: str) -> Draft202012Validator | None:
    """Return the official compiled schema "service" or "service_list", formats included, or None where it is not here."""
    file = OFFICIAL / f"{name}.json"
    return _validator(file) if file.exists() else None


@cache
def _validator(file: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(file.read_text(encoding="utf-8")), format_checker=FormatChecker())
