"""The people of these tests and what they keep: two officers of a commune, one of another, a supervisor, an administrator."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from bot.staff.visit import Site
from bot.store.engine import reading, transaction
from referral_directory import changes
from referral_directory.keeper import Keeper
from referral_directory.keeping import staff
from referral_directory.record import Record
from tests.referral_directory.conftest import SOC_TRANG, keeper, trusted
from tests.staff.conftest import Browser


@dataclass
class Cast:
    """Everybody, each with a browser of their own."""

    site: Site
    mai: Keeper
    hoa: Keeper
    stranger: Keeper
    lan: Keeper
    boss: Keeper
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, who: Keeper) -> Browser:
        """Return the browser in which this person is signed in."""
        return self.browsers.setdefault(who.id, Browser(self.site, who))

    def read(self, who: Keeper, path: str, status: int = 200) -> str:
        """Return the words of a page as this person reads them."""
        browser = self.browser(who)
        page = browser.get(path)
        assert page.status_code == status, page.text
        return unescape(browser.words)

    def send(self, who: Keeper, path: str, data: dict[str, Any] | None = None) -> str:
        """Send a form and go where it leads; return the words of what is shown then."""
        browser = self.browser(who)
        if browser.post(path, data).status_code == 303:
            browser.follow()
        return unescape(browser.words)

    def at(self, now: datetime) -> None:
        """Let the site's clock stand at this moment; everybody signs in anew."""
        self.site = replace(self.site, now=lambda: now)
        self.browsers.clear()

    def approved(self, record: Record, called: int | None = None) -> str:
        """Return the id of a service that Mai wrote and Hoa approved, and found right so many days ago."""
        now = self.site.now()
        with transaction(self.site.directory) as db:
            made = changes.propose(db, self.mai, record, now)
            changes.approve(db, self.hoa, changes.open_revision(db, made).id, now)
            if called is not None:
                changes.verify(db, self.hoa, made, "right", "", now - timedelta(days=called))
        return made

    def proposed(self, who: Keeper, record: Record, service_id: str | None = None, draft: bool = False) -> str:
        """Return the id of a service for which somebody wrote a change."""
        with transaction(self.site.directory) as db:
            return changes.propose(db, who, record, self.site.now(), service_id, draft=draft)

    def change_of(self, service_id: str) -> str:
        """Return the id of the open change of a service."""
        with reading(self.site.directory) as db:
            return str(changes.open_revision(db, service_id).id)


@pytest.fixture
def cast(site: Site) -> Cast:
    """Mai and Hoa of Cẩm Tân, a stranger in Sóc Trăng, Lan for Thanh Hóa, and the administrator."""
    with transaction(site.directory) as db:
        cast = Cast(
            replace(site, home="Thanh Hóa"), keeper(db), keeper(db),
            keeper(db, commune=SOC_TRANG, province="Cần Thơ"), keeper(db, "province"), keeper(db, "admin", province=""),
        )  # fmt: skip
        names = ("Lò Thị Mai", "Bùi Thị Hòa", "Thạch Thị Sa", "Nguyễn Thị Lan", "Trần Văn Quản")
        for who, name in zip((cast.mai, cast.hoa, cast.stranger, cast.lan, cast.boss), names, strict=True):
            values = {"name": name, "password": "x", "totp": b"x"}
            db.execute(update(staff).where(staff.c.id == who.id).values(**values))
    return cast


def typed(**more: Any) -> dict[str, Any]:
    """Return the form of a trusted address as somebody fills it in on a phone."""
    return {
        "kind": "trusted_address", "name": "Địa chỉ tin cậy thôn Phú Lai", "phone": "912 345 678", "status": "active",
        "hours": "cả ngày đêm", "address": "nhà chị Hà, thôn Phú Lai", "decision": "12/QĐ-UBND",
        "decided_on": "2026-03-01", "consent": "y", "private_phone": "0987.654.321", "shelter": "overnight",
        "takes": ["children"], "languages": ["mtq", "vi"], "do": "send", **more,
    }  # fmt: skip


def value_of(html: str, name: str) -> str:
    """Return what stands in a field of a page."""
    found = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', html)
    assert found, name
    value = re.search(r'\bvalue="([^"]*)"', found[0])
    return unescape(value[1]) if value else ""


def entry(**more: Any) -> Record:
    """Return a record that may be published, under a name of its own."""
    return trusted(**more)
