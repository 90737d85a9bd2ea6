"""The pages of campaigns, events and content in a real browser, on a phone and on a desk."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from bot.campaign.fanout import fan_out
from bot.clock import VIETNAM
from bot.staff import sessions
from bot.staff.site import application
from bot.staff.visit import Site
from bot.store.engine import transaction
from bot.store.pace import Pace, set_pace
from bot.store.schema import campaign, delivery
from referral_directory.keeper import Keeper
from referral_directory.keeping import staff
from tests.conftest import Bench
from tests.delivery.conftest import subscribe
from tests.referral_directory.conftest import keeper
from tests.staff import test_browser
from tests.staff.test_browser import look
from tests.staff.test_browser import page as page
from tests.staff.test_browser import url as url

pytestmark = test_browser.pytestmark


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=VIETNAM)
BOTS = {"telegram": Pace(28.0), "zalo": Pace(2.0, 3000)}


@pytest.fixture(autouse=True)
def site(bench: Bench) -> Site:
    """The staff site at noon of a day of the action month, with two channels that can write first."""
    app = bench.app
    made = Site(app.directory, app.people, app.keys, lambda: NOW, home="Thanh Hóa", paces=BOTS)
    app.staff._built = application(made)
    return made


def signed_in(page: Page, url: str, site: Site, role: str) -> Keeper:
    """Let somebody of this role be signed in."""
    with transaction(site.directory) as db:
        who = keeper(db, role)
        db.execute(update(staff).where(staff.c.id == who.id).values(password="x", totp=b"x", name="Nguyễn Thị Lan"))
        token = sessions.begin(db, who.id, NOW, full=True)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "tincay-staff", "value": token, "url": url}])
    return who


def test_campaigns(page: Page, url: str, site: Site) -> None:
    """Today, the week, one season, and the two questions before something is done."""
    for (bot, pace), count in zip(BOTS.items(), (12, 5), strict=True):
        subscribe(site.people, site.keys, count, bot, minute=720)
        with transaction(site.people) as db:
            set_pace(db, bot, pace)
            fan_out(db, bot, NOW)
    with transaction(site.people) as db:
        db.execute(update(delivery).where(delivery.c.id <= 3).values(state="unknown"))
        db.execute(update(campaign).where(campaign.c.bot == "telegram").values(unknown=3))
    signed_in(page, url, site, "province")
    page.goto(f"{url}/campaigns")
    look(page, "campaigns")
    page.get_by_role("link", name="3 tin").click()
    look(page, "campaign")
    page.get_by_role("link", name="Gửi lại…").click()
    page.get_by_role("button", name="Gửi lại").click()
    look(page, "campaign-again")
    page.get_by_role("link", name="Không, quay lại").click()
    page.get_by_role("link", name="Tạm dừng").click()
    look(page, "campaign-pause")
    page.get_by_role("button", name="Tạm dừng").click()
    assert "Đã tạm dừng" in page.inner_text("main")
    look(page, "campaign-paused")


def test_events(page: Page, url: str, site: Site) -> None:
    """An officer types one on the phone; a colleague approves it; the pages of somebody new stand side by side."""
    signed_in(page, url, site, "commune")
    page.goto(f"{url}/content")
    look(page, "content")
    tops = {box["y"] for one in page.locator("body > nav a").all() if (box := one.bounding_box())}
    assert len(tops) == 1
    page.get_by_role("link", name="Sự kiện ở xã").click()
    look(page, "events-none")
    page.get_by_role("link", name="Thêm sự kiện").click()
    page.get_by_role("button", name="Gửi duyệt").click()
    look(page, "event-wrong")
    page.get_by_label("Sự kiện", exact=True).fill("Tọa đàm “Đàn ông nói không với bạo lực”")
    page.get_by_label("Ở đâu").fill("Nhà văn hóa thôn Phú Lai")
    page.get_by_label("Ngày").fill("2026-11-25")
    page.get_by_label("Giờ bắt đầu").fill("19:30")
    page.get_by_role("button", name="Gửi duyệt").click()
    assert "Đã gửi" in page.inner_text("main")
    look(page, "event-own")
    signed_in(page, url, site, "commune")
    page.goto(f"{url}/")
    look(page, "home-event")
    page.get_by_role("link", name="Tọa đàm").click()
    look(page, "event")
    page.get_by_role("button", name="Duyệt, cho người dân biết").click()
    assert "Đã duyệt" in page.inner_text("main")
    page.get_by_role("link", name="Mọi sự kiện").click()
    look(page, "events")


def test_content(page: Page, url: str, site: Site) -> None:
    """The lists, a fact, a question on each channel, and the bulletin."""
    signed_in(page, url, site, "province")
    page.goto(f"{url}/content/list?what=facts")
    look(page, "content-facts")
    page.goto(f"{url}/content/item?what=facts&id=dv-def")
    look(page, "content-fact")
    page.goto(f"{url}/content/item?what=quiz&id=law-2022")
    look(page, "content-question")
    page.goto(f"{url}/content/week")
    look(page, "content-week")
