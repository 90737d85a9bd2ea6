"""How pages look: templates with escaping always on, dates as people in Vietnam write them."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.clock import VIETNAM
from bot.staff.badges import LACKS
from content import languages
from referral_directory.keeping import FOUND
from referral_directory.places import load
from referral_directory.terms import KIND_NAMES

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
    made.filters.update(
        weekday=weekday,
        mmdd=mmdd,
        day=day,
        moment=moment,
        place=place,
        post=post,
        unit=unit,
        ago=ago,
        numbers=numbers,
        lacking=LACKS.__getitem__,
    )
    made.globals.update(
        ROLES=ROLES, KINDS=KIND_NAMES, FOUND=FOUND, style=_link("staff.css"), figures_style=_link("figures.css")
    )  # fmt: skip
    return made


SHEETS = {"staff.css": ("staff.css", "directory.css"), "figures.css": ("figures.css",)}
"""Style sheets: of the frame and the pages over the directory; of the pages of figures."""


@lru_cache(maxsize=2)
def css(sheet: str = "staff.css") -> bytes:
    """Return a style sheet."""
    return b"".join((_HERE / name).read_bytes() for name in SHEETS[sheet])


def _link(sheet: str) -> str:
    return f"/staff/{sheet}?{sha256(css(sheet)).hexdigest()[:8]}"


def day(value: date | float | None) -> str:
    """Return a day as 21/11/2026; "" for None; numbers are seconds since 1970."""
    return f"{_at(value):%d/%m/%Y}" if value is not None else ""


def weekday(value: date) -> str:
    """Return a day as "thứ Bảy 21/11"."""
    return f"{languages.weekday(value)} {value:%d/%m}"


def mmdd(value: str) -> str:
    """Return a day of every year, written "11-15", as 15/11."""
    return "/".join(reversed(value.split("-")))


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


def unit(code: int) -> str:
    """Return the label of a commune, or that a service belongs to the whole province."""
    commune = load().commune(code) if code else None
    return commune.label if commune else "Cả tỉnh"


def ago(value: float, now: datetime) -> str:
    """Return how long ago a moment was, in whole hours or days."""
    hours = max(0, int(now.timestamp() - value)) // 3600
    return f"{hours // 24} ngày" if hours >= 48 else f"{hours} giờ" if hours else "chưa đầy một giờ"


def numbers(words: str) -> Markup:
    """Return words of which every phone number can be tapped; whatever else they hold is shown as it stands."""
    found = re.split(r"((?<!\d)(?:\+84|0)(?:[ .-]?\d){8,10}(?!\d))", words)
    linked = Markup('<a href="tel:{}">{}</a>')
    return Markup("").join(linked.format(re.sub(r"[ .-]", "", w), w) if n % 2 else w for n, w in enumerate(found))


def _at(value: date | float) -> date:
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM)
    return datetime.fromtimestamp(value, VIETNAM) if isinstance(value, (int, float)) else value
