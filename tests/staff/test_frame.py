"""The frame that every page stands in."""

from __future__ import annotations

import re

import pytest

from bot.staff import look
from bot.staff.visit import Site
from bot.store.engine import transaction
from tests.referral_directory.conftest import keeper
from tests.staff.conftest import Browser


def test_a_page_says_who_is_signed_in_and_where(site: Site) -> None:
    """Name, role and place stand on every page, and the way out."""
    with transaction(site.directory) as db:
        mai = keeper(db)
    browser = Browser(site, mai)
    browser.get("/")
    assert browser.page.status_code == 200
    assert "Tài khoản của bạn: Lò Thị Mai Cán bộ Xã Cẩm Tân, Thanh Hóa" in browser.words
    assert "Đăng xuất" in browser.words


def test_nobody_is_led_to_the_sign_in_page(site: Site) -> None:
    """Without a session there is nothing to see."""
    assert Browser(site).get("/").headers["location"] == "/staff/sign-in"


PAIRS = [
    ("ink", "#faf4ee", 4.5), ("quiet", "#faf4ee", 4.5), ("orange", "#ffffff", 4.5), ("orange", "#faf4ee", 4.5),
    ("orange", "orange-soft", 4.5), ("#8f3600", "orange-soft", 4.5), ("#8f3600", "#faf4ee", 4.5), ("red", "#fdeeee", 4.5),
    ("green", "#eaf5ec", 4.5), ("#933a03", "#ffffff", 4.5), ("edge", "#ffffff", 3), ("#1a4fd0", "#faf4ee", 3),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
def test_colours_can_be_told_apart(one: str, other: str, least: float) -> None:
    """WCAG AA: words 4.5 to 1, edges of fields and the mark of focus 3 to 1."""
    sheet = look.css().decode()
    named = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", sheet))
    assert all(colour in sheet for colour in (one, other) if colour.startswith("#") and colour != "#ffffff")
    light, dark = sorted((_luminance(named.get(c, c)) for c in (one, other)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_style_sheet_is_small_and_asks_for_nothing_else() -> None:
    """One file for all pages, kept by the browser under a name of its own; no font, no picture, no other sheet."""
    assert len(look.css()) <= 15_000
    assert b"url(" not in look.css()
    assert b"@import" not in look.css()
