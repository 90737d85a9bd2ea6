"""What somebody typed is not lost when the session has ended: the same person sends it once more, and nobody else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import update

from bot.staff import passwords
from bot.store.engine import transaction
from referral_directory.keeper import Keeper
from referral_directory.keeping import staff
from tests.staff.cast import Cast, typed
from tests.staff.cast import cast as cast
from tests.staff.conftest import Browser

PASSWORD = "bốn con trâu đen"


def shown(browser: Browser) -> dict[str, list[str]]:
    """Return the fields of the form on a page, by name."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', browser.page.text):
        fields.setdefault(name, []).append(unescape(value))
    return fields


def again(browser: Browser, path: str) -> str:
    """Tap "Gửi lần nữa" and go where it leads."""
    sent = {name: values for name, values in shown(browser).items() if name != "csrf"}
    browser.post(path, {**sent, "do": "send"})
    browser.follow()
    return unescape(browser.words)


def sign_in(browser: Browser, who: Keeper) -> None:
    """Sign in by the page on which this browser stands."""
    where = re.search(r'action="/staff(/sign-in[^"]*)"', browser.page.text)
    assert where
    browser.post(unescape(where[1]), {"login": who.id, "password": PASSWORD})
    browser.follow()


def send_a_page_of_before(browser: Browser, who: Keeper) -> None:
    """Let somebody sign in at this machine, then send the form that was open there before."""
    old = browser.csrf
    browser.get("/")
    browser.follow()
    sign_in(browser, who)
    assert browser.post("/entries/new", {**typed(), "csrf": old}).status_code == 403


@pytest.fixture
def browser(cast: Cast) -> Browser:
    """A browser of Mai's half an hour after she opened the form of a new address; Mai and Hòa can sign in."""
    with transaction(cast.site.directory) as db:
        for who in (cast.mai, cast.hoa):
            told = {"password": passwords.hashed(PASSWORD), "totp": None}
            db.execute(update(staff).where(staff.c.id == who.id).values(**told))
    used = Browser(cast.site, cast.mai)
    used.get("/entries/new")
    now = cast.site.now() + timedelta(minutes=31)
    cast.site = replace(cast.site, now=lambda: now)
    later = Browser(cast.site)
    later.cookies, later.csrf = used.cookies, used.csrf
    return later


def test_a_long_form_outlives_its_session(cast: Cast, browser: Browser) -> None:
    """Sent too late it leads to the sign-in page, which says so; then one tap sends all of it."""
    assert browser.post("/entries/new", typed()).status_code == 303
    browser.follow()
    assert "Những gì bạn vừa gõ còn được giữ" in browser.words
    sign_in(browser, cast.mai)
    assert "Những gì bạn gõ vẫn còn đủ" in browser.words
    assert shown(browser)["private_phone"] == ["0987.654.321"]
    assert shown(browser)["languages"] == ["mtq", "vi"]
    assert "Đã gửi duyệt. Người duyệt được: Bùi Thị Hòa" in again(browser, "/entries/new")
    assert "0987654321" in browser.page.text


def test_what_waits_is_for_its_writer_alone(cast: Cast, browser: Browser) -> None:
    """A colleague who signs in at the same machine is shown nothing of it; nor is anybody after half an hour."""
    browser.post("/entries/new", typed())
    browser.follow()
    sign_in(browser, cast.hoa)
    assert "Không có gì đang chờ gửi" in browser.words
    assert "Phú Lai" not in browser.page.text
    assert "Gửi lần nữa" in cast.read(cast.mai, "/resend")
    now = cast.site.now() + timedelta(minutes=31)
    cast.at(now)
    assert "Không có gì đang chờ gửi" in cast.read(cast.mai, "/resend")


def test_a_page_of_before_is_sent_once_more(cast: Cast, browser: Browser) -> None:
    """Signed in again in another tab: the page says so kindly, writes nothing, and sends what was typed on one tap."""
    send_a_page_of_before(browser, cast.mai)
    assert "Những gì bạn gõ vẫn còn đủ" in browser.words
    assert "Đã gửi duyệt" in again(browser, "/entries/new")


def test_a_form_of_somebody_else_is_not_shown(cast: Cast, browser: Browser) -> None:
    """Mai's page, sent when Hòa has signed in at that machine: refused, and nothing of it is shown to her."""
    send_a_page_of_before(browser, cast.hoa)
    assert "Mở lại trang rồi gửi lần nữa" in browser.words
    assert "Phú Lai" not in browser.page.text


def test_no_password_waits_anywhere(cast: Cast, browser: Browser) -> None:
    """A form with a password, and one whose sender is not known, lead to the sign-in page and leave nothing behind."""
    browser.post("/totp/codes", {"password": PASSWORD})
    assert "why=lost" in browser.page.headers["location"]
    browser.post("/entries/new", {**typed(), "csrf": "x"})
    assert "why=lost" in browser.page.headers["location"]
    browser.post("/entries/new", typed(), headers={"sec-fetch-site": "cross-site"})
    assert browser.page.status_code == 403
    assert repr(cast.site.typed) == "Shelf(0)"
