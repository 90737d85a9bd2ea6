"""The staff site in a real browser, on a phone and on a desk."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import insert, update

from bot import keepers
from bot.nlu_server import free_port
from bot.staff import codes, passwords, roster
from bot.staff.roster import Post
from bot.store.engine import transaction
from bot.web import application
from referral_directory.keeping import staff
from tests import season
from tests.conftest import Bench
from tests.referral_directory.conftest import keeper
from tests.web.test_page import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt-get install chromium)"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # playwright's own pipes
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
OWN = "bốn chiếc ghế xanh"
SHOTS = os.environ.get("TINCAY_SHOTS", "")
"""A folder to leave pictures in, for people to look at."""


@pytest.fixture
def url(bench: Bench) -> Iterator[str]:
    """The whole site on loopback."""
    port, app = free_port(), bench.app
    door = application(app.receive, app.web, app.health, "https://example.org/", staff=app.staff)
    server = uvicorn.Server(uvicorn.Config(door, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/staff"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(params=[(390, 780), (1280, 800)], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser without JavaScript that notes what was asked of other hosts and what its policy refused."""
    width, height = request.param
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_page(viewport={"width": width, "height": height}, java_script_enabled=False)
        opened.set_default_timeout(90_000)  # a machine with much else to do
        wrong: list[str] = []
        opened.on("console", lambda m: None if "status of 400" in m.text else wrong.append(f"{m.text} {m.location}"))
        opened.on("request", lambda r: wrong.append(r.url) if "127.0.0.1" not in r.url else None)
        yield opened
        assert wrong == []
        browser.close()


def look(page: Page, name: str) -> None:
    """Hold what every page promises: as wide as the screen, all controls large enough for a thumb, one title."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)
    assert page.locator("h1").count() == 1
    html = page.locator("html").bounding_box()
    assert html is not None
    assert html["width"] <= width
    for one in page.locator("button, .button, input:not([type=hidden]):not([hidden]), select, summary, nav a").all():
        box = one.bounding_box()
        if box is None or not one.is_visible():  # inside what is folded
            continue
        tall = box if one.get_attribute("type") not in ("radio", "checkbox") else one.locator("..").bounding_box()
        assert tall is not None
        assert tall["height"] >= 44, one.inner_text() or one.get_attribute("name")
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width + 0.5, one.inner_text() or one.get_attribute("name")
    assert len(page.content().encode()) <= 15_000


def test_from_the_first_password_to_a_colleague_on_the_phone(page: Page, url: str, bench: Bench) -> None:
    """The first administrator signs in, chooses a password, sets the second factor up, adds somebody, and signs out."""
    first = keepers.first_password(bench.app)
    assert first
    page.goto(f"{url}/")
    look(page, "sign-in")
    page.get_by_label("Tên đăng nhập").fill("admin")
    page.get_by_label("Mật khẩu").fill("không phải mật khẩu")
    page.get_by_role("button", name="Đăng nhập").click()
    assert "chưa đúng" in page.inner_text("main")
    look(page, "sign-in-wrong")
    page.get_by_label("Mật khẩu").fill(first)
    page.get_by_role("button", name="Đăng nhập").click()
    look(page, "password")
    page.get_by_label("Mật khẩu mới", exact=True).fill("matkhau2026")
    page.get_by_label("Gõ lại").fill("matkhau2026")
    page.get_by_role("button", name="Ghi").click()
    assert "dễ đoán" in page.inner_text("main")
    look(page, "password-weak")
    page.get_by_label("Mật khẩu mới", exact=True).fill(OWN)
    page.get_by_label("Gõ lại").fill(OWN)
    page.get_by_role("button", name="Ghi").click()
    look(page, "totp")
    secret = page.inner_text("main code").replace(" ", "")
    page.get_by_label("Mã 6 số").fill(pyotp.TOTP(secret).at(int(bench.app.now().timestamp())))
    page.get_by_role("button", name="Bật mã").click()
    assert page.locator("ul.codes code").count() == codes.RECOVERY_CODES
    look(page, "recovery")
    page.get_by_role("link", name="Đã cất xong").click()
    look(page, "home")
    page.get_by_role("link", name="Cán bộ", exact=True).click()
    look(page, "people-alone")
    page.get_by_role("link", name="Thêm người").click()
    look(page, "person-new")
    page.get_by_label("Họ và tên").fill("Lò Thị Mai")
    page.get_by_label("Tên đăng nhập").fill("mai.camtan")
    page.get_by_label("Xã, phường", exact=True).fill("tân an")
    page.get_by_role("button", name="Tạo").click()
    look(page, "person-which")
    page.get_by_label("Xã Tân An, Nghệ An").check()
    page.get_by_role("button", name="Tạo").click()
    assert "mai.camtan" in page.inner_text("main")
    look(page, "one-time")
    page.get_by_role("link", name="Về danh sách").click()
    page.get_by_role("link", name="Lò Thị Mai").click()
    look(page, "person")
    for fold in page.locator("summary").all():
        fold.click()
    look(page, "person-open")
    page.get_by_role("link", name="Tài khoản của bạn").click()
    page.locator("summary").click()
    look(page, "account")
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    assert "đã đăng xuất" in page.inner_text("main")
    page.go_back()
    assert "Tài khoản của bạn" not in page.content()


def test_commune_staff_see_their_pages_in_one_line(page: Page, url: str, bench: Bench) -> None:
    """The pages of somebody with a phone and little time stand side by side, nothing is hidden behind a menu."""
    with transaction(bench.app.directory) as db:
        mai = keeper(db)
        values = {"login": "mai", "password": passwords.hashed(OWN), "name": "Nguyễn Thị Bích Ngọc"}
        db.execute(update(staff).where(staff.c.id == mai.id).values(**values))
    page.goto(f"{url}/")
    page.get_by_label("Tên đăng nhập").fill("mai")
    page.get_by_label("Mật khẩu").fill(OWN)
    page.get_by_role("button", name="Đăng nhập").click()
    look(page, "home-commune")
    tops = {box["y"] for one in page.locator("body > nav a").all() if (box := one.bounding_box())}
    assert len(tops) == 1
    page.keyboard.press("Tab")
    assert page.get_by_role("link", name="Tới nội dung").is_visible()
    look(page, "home-focus")


def test_a_long_list_is_cards_on_a_phone_and_a_table_on_a_desk(page: Page, url: str, bench: Bench) -> None:
    """Sixty people in pages; found by a name without marks."""
    with transaction(bench.app.directory) as db:
        boss = keeper(db, "admin")
        for n in range(60):
            name = f"{('Lò Thị Mai', 'Nguyễn Thị Bích Ngọc', 'Thạch Sa Rây')[n % 3]} {n}"
            values = roster._new(f"ten.dang.nhap{n}", name, Post("commune", 15178, "Thanh Hóa"), "x", bench.app.now())
            db.execute(insert(staff).values(id=f"s{n}", **values | {"password": "x"}))
        _, password = roster.create(db, boss, "sep", "Lê Văn Sếp", Post("province", 0, "Thanh Hóa"), bench.app.now())
        secret = codes.new_secret()
        sep = db.execute(
            update(staff).where(staff.c.login == "sep").values(new_password=False).returning(staff.c.id)
        ).scalar_one()
        codes.set_up(db, bench.app.keys, sep, secret, 0)
    page.goto(f"{url}/people")
    page.get_by_label("Tên đăng nhập").fill("sep")
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    look(page, "code")
    page.get_by_label("Mã 6 số").fill(pyotp.TOTP(secret).at(int(bench.app.now().timestamp())))
    page.get_by_role("button", name="Tiếp tục").click()
    look(page, "people")
    assert "60 người" in page.inner_text("main")
    page.get_by_role("link", name="Trang sau").click()
    look(page, "people-2")
    page.get_by_role("searchbox").fill("thach sa ray")
    page.get_by_role("button", name="Tìm").click()
    assert "20 người" in page.inner_text("main")
    look(page, "people-found")


def test_figures_and_the_report_fit_a_phone_and_a_sheet(page: Page, url: str, bench: Bench) -> None:
    """A supervisor's figures and report: nothing wider than the screen, nothing asked of others, A4 on paper."""
    season.fill(bench.app.people, bench.app.directory)
    with transaction(bench.app.directory) as db:
        boss, now = keeper(db, "admin"), bench.app.now()
        _, password = roster.create(db, boss, "sep", "Lê Văn Sếp", Post("province", 0, "Thanh Hóa"), now)
        query = update(staff).where(staff.c.login == "sep").values(new_password=False).returning(staff.c.id)
        secret = codes.new_secret()
        codes.set_up(db, bench.app.keys, db.execute(query).scalar_one(), secret, 0)
    page.goto(f"{url}/dashboard")
    page.get_by_label("Tên đăng nhập").fill("sep")
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_label("Mã 6 số").fill(pyotp.TOTP(secret).at(int(bench.app.now().timestamp())))
    page.get_by_role("button", name="Tiếp tục").click()
    for path in ("dashboard", "dashboard/asked", "report", "report/around"):
        page.goto(f"{url}/{path}")
        look(page, path.replace("/", "-"))
        picture = page.screenshot(full_page=True)
        assert page.viewport_size is not None
        assert int.from_bytes(picture[16:20], "big") == page.viewport_size["width"], path
    page.goto(f"{url}/dashboard")
    sheets = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type ?/Page\b", sheets)) <= 2
    assert re.search(rb"/MediaBox ?\[0 0 594\.9\d* 841\.9", sheets)
