"""How pages look: templates with escaping always on, dates as people in Vietnam write them."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import VIETNAM
from referral_directory.places import load

_HERE = Path(__file__).parent
ROLES = {"commune": "Cán bộ xã, phường", "province": "Phụ trách tỉnh, thành phố", "admin": "Quản trị"}


def render(template: str, **values: Any) -> str:
    """Return the HTML of `pages/<template>.html`."""
    return _templates().get_template(f"{template}.html").render(values)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=day, moment=moment, place=place, post=post)
    made.globals.update(ROLES=ROLES, style=f"/staff/staff.css?{sha256(css()).hexdigest()[:8]}")
    return made


@lru_cache(maxsize=1)
def css() -> bytes:
    """Return the style sheet."""
    return (_HERE / "staff.css").read_bytes()


def day(value: date | float | None) -> str:
    """Return a day as 21/11/2026; "" for None; numbers are seconds since 1970."""
    return f"{_at(value):%d/%m/%Y}" if value is not None else ""


def moment(value: datetime | float | None) -> str:
    """Return a moment as 14:05, 21/11/2026, Vietnam time; "" for None."""
    return f"{_at(value):%H:%M, %d/%m/%Y}" if value is not None else ""


def place(who: Any) -> str:
    """Return the place that somebody keeps (anything with `role`, `commune`, `province`)."""
    if who.role == "admin":
        return "Cả nước"
    commune = load().commune(who.commune) if who.role == "commune" else None
    return f"{commune.full}" if commune else str(who.province)


def post(who: Any) -> str:
    """Return role and place in a few words: "Cán bộ Xã Cẩm Tân, Thanh Hóa"."""
    return {"commune": f"Cán bộ {place(who)}", "province": f"Phụ trách {place(who)}"}.get(who.role, "Quản trị, cả nước")


def _at(value: date | float) -> date:
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM)
    return datetime.fromtimestamp(value, VIETNAM) if isinstance(value, (int, float)) else value
