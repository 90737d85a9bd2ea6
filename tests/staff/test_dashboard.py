"""The figures on the site: of one's own province alone, small ones merged, readable without seeing the bars."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from bot.clock import VIETNAM
from bot.standing import Standing
from bot.store import people
from bot.store.engine import transaction
from bot.store.schema import campaign, contact, delivery, subscription, tally
from tests import season
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast
from tests.whole.test_report import texts

TAKEN = datetime(2026, 11, 20, 8, 30, tzinfo=VIETNAM)


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """A week of the season; the understanding answers, on a model that was judged."""
    season.fill(cast.site.people, cast.site.directory, days=7)
    model = Standing("ready", TAKEN, {"told_recall": 0.9154, "false_alarms": 0.062})
    cast.site = replace(cast.site, model=lambda: model)
    cast.browsers.clear()
    return cast


def test_the_day_in_figures(filled: Cast) -> None:
    """Messages of today by channel, whom they reached, communes that are ready, and the model's own figures."""
    page = filled.read(filled.lan, "/dashboard")
    assert "Thanh Hóa, và ai không nói tỉnh của mình, từ 15/11/2026 đến nay" in page
    assert "Tin Telegram Zalo Bot Zalo OA Đã lên lịch 3.086 100 1.294 Đã gửi 3.083 97 1.291" in page
    assert "5.080 người đã nhận ít nhất một tin từ 15/11/2026 đến hết hôm qua. Đang đăng ký: 40" in page
    assert re.search(r"1\d\d trong 166 xã, phường \(\d\d%\)", page)
    assert "Máy chủ Đang trả lời Mô hình dùng từ 08:30, 20/11/2026 Nhận ra lời kể 91,5%" in page
    assert "Báo nhầm trên tin thường 6,2%" in page
    assert "chưa ai nói trong 30 ngày" in page


def test_what_waits_and_what_was_refused(filled: Cast) -> None:
    """The table tells planned, sent, unknown, refused, not sent and waiting apart."""
    row = {"name": "gap", "day": filled.site.now().date(), "bot": "zalo", "state": "running", "policy": "hold"}
    ends = {"total": 1_000, "sent": 400, "gone": 20, "failed": 3, "unknown": 2, "expired": 5, "cancelled": 6}
    with transaction(filled.site.people) as db:
        db.execute(insert(campaign).values(**row, version="v1", created_at=0.0, **ends))
    page = filled.read(filled.lan, "/dashboard")
    for words in ("Đã lên lịch 3.086 1.100", "Đã gửi 3.083 497", "Không rõ đã đến 0 2", "Bị từ chối 3 26", "Không gửi 0 11", "Đang chờ 0 564"):  # fmt: skip
        assert words in page, words


def test_what_is_told_today_is_in_no_figure_of_today(filled: Cast) -> None:
    """Whoever watches the page sees nothing change when somebody near them writes; tomorrow it is in the sum."""
    pages = ("/dashboard", "/dashboard/asked", "/dashboard/reached")
    before = [filled.read(filled.boss, page) for page in pages]
    today = {"day": filled.site.now().date(), "province": "Thanh Hóa"}
    with transaction(filled.site.people) as db:
        db.execute(insert(tally).values(**today, what="told:physical", count=7))
        db.execute(insert(tally).values(**today, what="callback:reached", count=9))
        db.execute(insert(tally).values(**today, what="feedback:wrong:physical", count=38))
    assert [filled.read(filled.boss, page) for page in pages] == before
    late = filled.site.now() + timedelta(days=1)
    filled.site = replace(filled.site, now=lambda: late)
    filled.browsers.clear()
    assert "Thân thể 139" in filled.read(filled.lan, "/dashboard/asked")
    assert "10% số lần bot nghe là chuyện bị làm hại" in filled.read(filled.lan, "/dashboard")


def test_questions_and_telling_without_small_numbers(filled: Cast) -> None:
    """By topic and by kind, most first; a kind told twice is in no cell and in no sum."""
    page = filled.read(filled.lan, "/dashboard/asked")
    assert page.index("Mức phạt hành chính 212") < page.index("Hành vi bạo lực gia đình 148")
    assert "Thân thể 132 Tinh thần 118" in page
    assert "Công an 171" in page
    assert "Khác (gộp các mục ít lượt) dưới 5" in page
    for words in ("Đang trốn", "Muốn tự làm hại", "Bệnh viện", "Trợ lý tự động", str(sum(season.TOLD.values()))):
        assert words not in page, words


def test_a_supervisor_of_elsewhere_reads_nothing_of_this_province(filled: Cast) -> None:
    """Only what was counted in one's own province, and today's messages to its people."""
    filled.site = replace(filled.site, home="Cần Thơ")
    filled.browsers.clear()
    page = filled.read(filled.lan, "/dashboard")
    assert "Thanh Hóa, từ 15/11/2026" in page
    assert "3.120 người đã nhận" in page
    assert "Hôm nay chưa có tin nào được lên lịch" in page
    assert "3.086" not in page
    with transaction(filled.site.people) as db:
        row = {"name": "x", "day": filled.site.now().date(), "bot": "telegram", "state": "running", "policy": "hold"}
        one = db.execute(insert(campaign).values(**row, version="v1", created_at=0.0, total=7)).inserted_primary_key[0]
        for n, (province, state) in enumerate(
            [*[("Thanh Hóa", "sent")] * 5, ("Thanh Hóa", "ready"), ("Nghệ An", "sent")]
        ):
            who = db.execute(
                insert(contact).values(channel="telegram", lookup=bytes([n]) * 32, chat=b"x", seen_at=0.0)
            ).inserted_primary_key[0]
            db.execute(insert(subscription).values(contact_id=who, minute=420, province=province))
            db.execute(insert(delivery).values(contact_id=who, campaign_id=one, state=state, due=0.0, created_at=0.0))
    page = filled.read(filled.lan, "/dashboard")
    assert (
        "người của tỉnh Tin Telegram Đã lên lịch 6 Đã gửi 5 Không rõ đã đến 0 Bị từ chối 0 Không gửi 0 Đang chờ 1"
        in page
    )


def test_few_messages_do_not_tell_how_many_people(cast: Cast) -> None:
    """Where one person gets the messages, neither the day nor the chart nor the report says "1" beside "under five"."""
    with transaction(cast.site.people) as db:
        for n in range(3):
            day = cast.site.now().date() - timedelta(days=n)
            row = {"name": "thang-hanh-dong", "day": day, "bot": "telegram", "state": "done", "policy": "hold"}
            db.execute(insert(campaign).values(**row, version="v1", created_at=0.0, total=1, sent=1))
        db.execute(insert(tally).values(day=day, province="Thanh Hóa", what="reached", count=1))
    page = cast.read(cast.lan, "/dashboard")
    assert "dưới 5 người đã nhận ít nhất một tin" in page
    assert "Dưới 5 tin một ngày" in page
    assert "Đã lên lịch" not in page
    assert "Tin gửi được mỗi ngày" not in page
    page = cast.read(cast.lan, "/report")
    assert "dưới 5 tin mỗi ngày" in page
    assert "Gửi được" not in page
    told = texts(cast.browser(cast.lan).get("/report/docx").content)
    assert "Mỗi ngày có dưới 5 tin được lên lịch" in told
    assert "gửi được" not in told
    with transaction(cast.site.people) as db:
        db.execute(campaign.update().where(campaign.c.day == cast.site.now().date()).values(total=6, sent=5))
    assert "Đã lên lịch 6 Đã gửi 5" in cast.read(cast.lan, "/dashboard")


def test_provinces_beside_one_another_are_the_administrators(filled: Cast) -> None:
    """People reached, by province, without a sum; who told none belongs to those who run the bot."""
    page = filled.read(filled.boss, "/dashboard/reached")
    assert "Thanh Hóa 5.080 Nghệ An 41 Khác (gộp các mục ít lượt) dưới 5" in page
    assert filled.browser(filled.lan).get("/dashboard/reached").status_code == 404
    filled.site = replace(filled.site, home="")
    filled.browsers.clear()
    assert "Thanh Hóa 3.120 Chưa nói tỉnh 1.960 Nghệ An 41" in filled.read(filled.boss, "/dashboard/reached")
    page = filled.read(filled.boss, "/dashboard")
    assert "60 người đang đăng ký nhận tin" in page
    assert "5.123" not in page


def test_corrections_are_a_share(filled: Cast) -> None:
    """How often people said "không phải chuyện này": few are told as few, many in percents; those of elsewhere are not theirs."""
    yesterday = filled.site.now() - timedelta(days=1)
    with transaction(filled.site.people) as db:
        for _ in range(4):
            people.add_count(db, "feedback:wrong:physical", "", yesterday)
        for _ in range(9):
            people.add_count(db, "feedback:wrong:physical", "Nghệ An", yesterday)
    assert "dưới 5 lần trong 30 ngày" in filled.read(filled.lan, "/dashboard")
    with transaction(filled.site.people) as db:
        db.execute(tally.update().where(tally.c.what == "feedback:wrong:physical").values(count=38))
    assert "10% số lần bot nghe là chuyện bị làm hại" in filled.read(filled.lan, "/dashboard")


def test_nothing_counted_yet_is_a_page_too(cast: Cast) -> None:
    """A fresh site: no message, no question, no model; nothing divides by nothing."""
    for path in ("/dashboard", "/dashboard/asked", "/report"):
        cast.read(cast.lan, path)
        cast.read(cast.boss, path)
    assert "Chưa có lượt nào" in cast.read(cast.lan, "/dashboard/asked")
    page = cast.read(cast.lan, "/dashboard")
    assert "chưa có, bot đang dùng từ khóa" in page
    assert "chưa chấm trên máy này" in page


def test_pages_are_light_and_every_picture_is_told(filled: Cast) -> None:
    """Under 15 KB; a bar stands beside its number, the days' picture has words and a table."""
    with transaction(filled.site.people) as db:
        names = sorted({c.province.name for c in season.load().communes})
        day = filled.site.now().date() - timedelta(days=1)
        rows = [{"day": day, "province": name, "what": "reached", "count": 100_000} for name in names]
        db.execute(insert(tally), rows)
    for who, path in (
        (filled.lan, "/dashboard"), (filled.lan, "/dashboard/asked"), (filled.boss, "/dashboard/reached"), (filled.lan, "/report"),
        (filled.lan, "/report/around"),
    ):  # fmt: skip
        filled.read(who, path)
        html = filled.browser(who).page.text
        assert len(html.encode()) <= 15_000, (path, len(html.encode()))
        for svg in re.findall(r"<svg[^>]*>", html):
            assert 'aria-hidden="true"' in svg or re.search(r'role="img" aria-label="[^"]{20,}"', svg), svg
    page = filled.read(filled.lan, "/dashboard")
    assert "Bảng số từng ngày" in page
    assert "nhiều nhất 4.471 ngày 21/11/2026" in filled.browser(filled.lan).page.text
