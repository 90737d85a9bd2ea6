"""The way of a newcomer in a real browser, on a phone and on a desk: from the one-time password to help for a resident."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from bot.staff import roster, sessions
from bot.staff.roster import Post
from bot.store import callbacks, people
from bot.store.engine import transaction
from referral_directory import book, changes
from referral_directory.keeper import Keeper, find_keeper
from referral_directory.keeping import staff
from referral_directory.record import Record
from tests.conftest import Bench
from tests.referral_directory.conftest import CAM_TAN, keeper, trusted
from tests.staff.test_browser import OWN, look
from tests.staff.test_browser import page as page
from tests.staff.test_browser import pytestmark as pytestmark
from tests.staff.test_browser import url as url

DECISION = "Số quyết định công bố"


def sign_in(page: Page, url: str, login: str, password: str) -> None:
    """Sign in by the form."""
    page.goto(f"{url}/")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


def told_to_a_resident(url: str) -> str:
    """Return what the web chat answers to somebody of that commune."""
    said = {"id": uuid.uuid4().hex, "text": "chồng tôi chửi mắng tôi suốt ngày, tôi ở xã Cẩm Tân, Cẩm Thủy"}
    answer = httpx.post(url.replace("/staff", "/chat"), json=said)
    return "\n".join(message["text"] for message in answer.json()["messages"])


def test_from_a_one_time_password_to_an_address_that_a_resident_gets(page: Page, url: str, bench: Bench) -> None:
    """Mai signs in, is led to her first address, mends what the form asks for; Hoa approves; the bot has it at once."""
    with transaction(bench.app.directory) as db:
        book.set_sample(db, False, bench.app.now().date())
        boss, post = keeper(db, "admin"), Post("commune", CAM_TAN, "Thanh Hóa")
        _, password = roster.create(db, boss, "mai", "Lò Thị Mai", post, bench.app.now())
        _, other = roster.create(db, boss, "hoa", "Bùi Thị Hòa", post, bench.app.now())
        db.execute(update(staff).where(staff.c.login == "hoa").values(new_password=False))
    sign_in(page, url, "mai", password)
    page.get_by_label("Mật khẩu mới", exact=True).fill(OWN)
    page.get_by_label("Gõ lại").fill(OWN)
    page.get_by_role("button", name="Ghi").click()
    look(page, "newcomer")
    page.get_by_role("link", name="Thêm địa chỉ đầu tiên").click()
    look(page, "entry-new")
    page.get_by_label("Tên", exact=True).fill("Địa chỉ tin cậy thôn Phú Lai")
    page.get_by_label("Số điện thoại cho người dân").fill("900 000 123")
    page.get_by_label("Giờ mở cửa").fill("cả ngày đêm")
    page.get_by_label("Địa chỉ", exact=True).fill("nhà chị Hà")
    page.get_by_label("Số riêng của người giữ địa chỉ").fill("0900.000.456")
    page.get_by_label("Cho ở lại qua đêm").check()
    page.get_by_label("Trẻ em", exact=True).check()
    page.get_by_role("button", name="Gửi duyệt").click()
    look(page, "entry-wrong")
    assert "Sửa 2 chỗ" in page.inner_text("main [role=alert]")
    page.get_by_role("link", name=f"{DECISION}: Ghi số quyết định").click()
    page.get_by_label(DECISION).fill("12/QĐ-UBND")
    page.get_by_label("Người giữ địa chỉ đã đồng ý công bố").check()
    assert page.get_by_label("Số điện thoại cho người dân").input_value() == "0900000123"
    assert page.get_by_label("Trẻ em", exact=True).is_checked()
    page.get_by_role("button", name="Xem trước").click()
    look(page, "entry-preview")
    assert "0900000123" in page.inner_text(".bubble")
    page.get_by_role("button", name="Gửi duyệt").click()
    assert "Người duyệt được: Bùi Thị Hòa" in page.inner_text("[role=status]")
    look(page, "entry-sent")
    bench.at(bench.app.now().replace(tzinfo=None).isoformat())
    assert "0900000123" not in told_to_a_resident(url)
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    sign_in(page, url, "hoa", other)
    look(page, "work")
    page.get_by_role("link", name="Địa chỉ tin cậy thôn Phú Lai").click()
    look(page, "change")
    page.get_by_role("button", name="Duyệt, cho người dân thấy").click()
    assert "Từ bây giờ người dân thấy" in page.inner_text("[role=status]")
    look(page, "entry-approved")
    told = told_to_a_resident(url)
    assert "Địa chỉ tin cậy thôn Phú Lai: 0900000123" in told
    assert page.inner_text(".bubble") in told
    assert "nhà chị Hà" not in told
    assert "0900000456" not in told


@pytest.fixture
def enter(page: Page, url: str, bench: Bench) -> Callable[[Keeper], None]:
    """Be signed in as somebody."""

    def signed(who: Keeper) -> None:
        with transaction(bench.app.directory) as db:
            token = sessions.begin(db, who.id, bench.app.now(), full=True)
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "tincay-staff", "value": token, "url": url}])

    return signed


def test_every_page_fits_a_thumb_and_a_slow_link(
    page: Page, url: str, bench: Bench, enter: Callable[[Keeper], None]
) -> None:
    """All pages over a directory in use: no wider than the screen, controls of 44 pixels, 15 KB at most."""
    now, app = bench.app.now(), bench.app
    with transaction(app.directory) as db:
        cast = [keeper(db), keeper(db), keeper(db, "province"), keeper(db, "admin", province="")]
        names = ("Lò Thị Mai", "Bùi Thị Hòa", "Nguyễn Thị Bích Lan", "Trần Văn Quản")
        for who, name in zip(cast, names, strict=True):
            db.execute(update(staff).where(staff.c.id == who.id).values(name=name, password="x", totp=b"x"))
        mai, hoa, lan, boss = (found for who in cast if (found := find_keeper(db, who.id)))
        ids = []
        for n, days in enumerate((70, 100, 200, 5)):
            record = trusted(name=f"Địa chỉ tin cậy thôn {('Phú Lai', 'Phong Mỹ', 'Tân Long', 'Cẩm Hòa')[n]}")
            ids.append(changes.propose(db, mai, record, now))
            changes.approve(db, hoa, changes.open_revision(db, ids[n]).id, now)
            changes.verify(db, hoa, ids[n], "right", "gặp chị chủ nhà", now - timedelta(days=days))
        changes.propose(db, hoa, trusted(name="Địa chỉ tin cậy thôn Phú Lai", hours="giờ hành chính"), now, ids[0])
        changes.retire(db, hoa, ids[3], now, "chủ nhà chuyển đi")
        new = changes.propose(db, hoa, trusted(name="Nhà văn hóa thôn Bãi", decision=""), now)
        back = changes.propose(db, mai, trusted(name="Nhà chị Hà"), now)
        changes.send_back(db, hoa, changes.open_revision(db, back).id, "Thiếu ngày quyết định", now)
        police = Record(kind="police", name="Công an xã", commune=CAM_TAN, province="Thanh Hóa", phone="0237000000")
        changes.propose(db, mai, police, now, draft=True)
        change, retired, lacking = (changes.open_revision(db, i).id for i in (ids[0], ids[3], new))
    with transaction(app.people) as db:
        someone = people.meet(db, app.keys, "telegram", "1", now)
        callbacks.request_callback(db, app.keys, someone, CAM_TAN, "số 0900 000 789, gọi 9 giờ sáng", now)
        other = people.meet(db, app.keys, "telegram", "2", now)
        callbacks.request_callback(db, app.keys, other, 14758, "số khác", now - timedelta(days=3))
    shots: tuple[tuple[Keeper, str, str], ...] = (
        (mai, "/", "home-in-use"), (mai, "/entries", "entries"), (mai, f"/entries/{ids[0]}", "entry"),
        (mai, f"/entries/{ids[2]}", "entry-hidden"), (mai, f"/entries/{ids[0]}/past", "past"),
        (mai, f"/entries/{back}/edit", "edit-returned"), (mai, f"/entries/{ids[1]}/retire", "retire"),
        (mai, f"/changes/{change}", "change-edit"), (hoa, f"/changes/{change}", "change-own"),
        (mai, f"/changes/{retired}", "change-retire"), (mai, f"/changes/{lacking}", "change-lacking"),
        (mai, "/changes", "changes"), (mai, "/callbacks", "calls"), (lan, "/callbacks", "calls-province"),
        (lan, "/board", "board"), (boss, "/board", "board-all"), (lan, "/audit", "audit"), (lan, "/", "home-province"),
        (boss, "/callbacks", "calls-admin"), (lan, "/entries/new", "new-province"), (mai, "/excel", "excel"),
        (boss, "/excel", "excel-admin"), (lan, f"/entries/{ids[0]}", "entry-province"),
    )  # fmt: skip
    for who, some in itertools.groupby(sorted(shots, key=lambda s: s[0].id), key=lambda s: s[0]):
        enter(who)
        for _, path, name in some:
            answer = page.goto(f"{url}{path}")
            assert answer is not None
            assert answer.status == 200, path
            look(page, f"d-{name}")
    enter(mai)
    page.goto(f"{url}/callbacks")
    page.get_by_role("button", name="Đọc lời nhắn").first.click()
    look(page, "d-call")
    assert "gọi 9 giờ sáng" in page.inner_text("main")
    sheet = "Tên cơ sở,Số điện thoại,Loại\nTrạm y tế,09123,Trạm y tế\nCông an xã mới,2373000001,Công an\n"
    page.goto(f"{url}/excel")
    page.set_input_files("#file", {"name": "danh-sach.csv", "mimeType": "text/csv", "buffer": sheet.encode()})
    page.get_by_role("button", name="Xem trước").click()
    look(page, "d-report-wrong")
    assert "Dòng 2: Trạm y tế" in page.inner_text("main")
    page.goto(f"{url}/excel")
    good = sheet.replace("09123,", "02373000002,")
    page.set_input_files("#file", {"name": "danh-sach.csv", "mimeType": "text/csv", "buffer": good.encode()})
    page.get_by_role("button", name="Xem trước").click()
    look(page, "d-report")
    page.get_by_role("button", name="Nhập 2 dòng").click()
    assert "Đã nhập 2 dòng" in page.inner_text("[role=status]")
