"""The frame that every page stands in."""

from __future__ import annotations

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
    assert "Lò Thị Mai Cán bộ Xã Cẩm Tân, Thanh Hóa" in browser.words
    assert "Đăng xuất" in browser.words


def test_nobody_is_led_to_the_sign_in_page(site: Site) -> None:
    """Without a session there is nothing to see."""
    assert Browser(site).get("/").headers["location"] == "/staff/sign-in"
