"""The board of a province: who is ready, who is not, whom to call next, and how many days are left."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import VIETNAM
from bot.store.engine import reading, transaction
from referral_directory import book, readiness
from referral_directory.places import load
from referral_directory.record import Record
from tests.referral_directory.conftest import trusted
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast

SIZE = sum(c.province.name == "Thanh Hóa" for c in load().communes)


@given(st.dates(date(2020, 1, 1), date(2060, 12, 31)))
def test_the_plan_counts_back_from_the_month(today: date) -> None:
    """The next 15 November, or this one until 15 December; reminders 14, 7 and 1 days before; a call 90 days before counts."""
    plan = readiness.plan(today)
    assert (plan.opens.month, plan.opens.day) == (11, 15)
    assert -30 <= plan.days <= 335
    assert plan.days == (plan.opens - today).days
    assert [(plan.opens - day).days for day in plan.reminders] == [14, 7, 1]
    assert plan.opens - plan.counts_from == timedelta(days=90)
    assert (plan.due is not None) == (today in plan.reminders)


def test_ready_means_called_within_90_days(cast: Cast) -> None:
    """90 days count, 91 do not; neither does a police post, a sample, or what nobody approved."""
    with transaction(cast.site.directory) as db:
        book.set_sample(db, True, cast.site.now().date())
    cast.approved(Record(kind="police", name="Công an", commune=15178, province="Thanh Hóa", phone="0237000000"), 1)
    made = cast.approved(trusted(), called=91)
    cast.proposed(cast.mai, trusted(name="Thôn Hai"))
    assert f"0 trong {SIZE} xã, phường (0%)" in cast.read(cast.lan, "/board")
    cast.send(cast.mai, f"/entries/{made}/verify", {"found": "no_answer"})
    assert f"0 trong {SIZE} xã" in cast.read(cast.lan, "/board")
    cast.approved(trusted(name="Thôn Ba"), called=90)
    assert f"1 trong {SIZE} xã, phường (0%)" in cast.read(cast.lan, "/board")


def test_the_province_of_the_house_stands_first(cast: Cast) -> None:
    """An administrator finds the own province on top though others are less ready; without one the order is the usual."""
    cast.approved(trusted(), called=1)
    rows = cast.read(cast.boss, "/board").partition("Tỉnh, thành phố Sẵn sàng")[2]
    assert rows.strip().startswith("Thanh Hóa 1 /")
    cast.site = replace(cast.site, home="")
    cast.browsers.clear()
    assert not cast.read(cast.boss, "/board").partition("Tỉnh, thành phố Sẵn sàng")[2].strip().startswith("Thanh Hóa")


def test_each_missing_commune_says_why_and_whom_to_call(cast: Cast) -> None:
    """Nearest to ready first: its own address that was called too long ago; else the union, the committee, the station."""
    made = cast.approved(trusted(), called=91)
    page = cast.read(cast.lan, "/board")
    first = page[page.index("Gọi tiếp") :]
    assert re.search(r"Xã Cẩm Tân Quá 90 ngày chưa gọi \(22/08/2026\) 0912 345 678 Địa chỉ tin cậy thôn Phú Lai", first)
    assert first.index("Xã Cẩm Tân") < first.index("Chưa có địa chỉ tin cậy; chưa có cán bộ chưa có số nào")
    cast.send(cast.mai, f"/entries/{made}/retire", {"why": "chuyển đi"})
    cast.send(cast.hoa, f"/changes/{cast.change_of(made)}/approve")
    for kind, number in (("health_station", "02370000001"), ("womens_union", "02370000002")):
        cast.approved(Record(kind=kind, name=kind, commune=15178, province="Thanh Hóa", phone=number))
    page = cast.read(cast.lan, "/board")
    assert "Xã Cẩm Tân Chưa có địa chỉ tin cậy 02370000002 womens_union" in page
    assert "0987 654 321" not in page


def test_the_days_left_and_the_reminder_of_today(cast: Cast) -> None:
    """Two weeks before, the board says that today is a day to remind; in the month that it is on."""
    cast.at(datetime(2026, 11, 8, 9, tzinfo=VIETNAM))
    page = cast.read(cast.lan, "/board")
    assert "Còn 7 ngày đến Tháng hành động (15/11/2026). Cuộc gọi kiểm tra từ 17/08/2026" in page
    assert "01/11/2026 (14 ngày trước), 08/11/2026 (7 ngày trước), 14/11/2026 (1 ngày trước)" in page
    assert "Hôm nay là ngày nhắc" in page
    cast.at(datetime(2026, 11, 9, 9, tzinfo=VIETNAM))
    assert "Hôm nay là ngày nhắc" not in cast.read(cast.lan, "/board")
    cast.at(datetime(2026, 11, 20, 9, tzinfo=VIETNAM))
    assert "Đang trong Tháng hành động" in cast.read(cast.lan, "/board")


def test_every_missing_commune_is_on_some_page_and_on_paper(cast: Cast) -> None:
    """Page after page under 15 KB, each commune once; the page to print has them all."""
    cast.approved(trusted(), called=1)
    names = {c.label for c in load().communes if c.province.name == "Thanh Hóa"} - {"Xã Cẩm Tân"}
    path, seen = "/board", []
    for _ in range(3):
        cast.read(cast.lan, path)
        html = cast.browser(cast.lan).page.text
        assert len(html.encode()) < 15_000
        seen += re.findall(r"<tr><td>([^<]+)</td>", html)
        following = re.search(r'rel="next" href="/staff([^"]+)"', html)
        path = following[1].replace("&amp;", "&") if following else ""
    assert path == ""
    assert sorted(seen) == sorted(names)
    cast.read(cast.lan, "/board?province=Thanh+H%C3%B3a&print=1")
    assert set(re.findall(r"<tr><td>([^<]+)</td>", cast.browser(cast.lan).page.text)) == names


def test_a_supervisor_reads_one_province_and_an_officer_none(cast: Cast) -> None:
    """The administrator begins with all 34 and opens each; others' provinces are not there."""
    cast.approved(trusted(), called=1)
    page = cast.read(cast.boss, "/board")
    assert f"Thanh Hóa 1 / {SIZE} (0%)" in page
    assert page.count(" / ") == 34
    assert "Sẵn sàng: Cần Thơ" in cast.read(cast.boss, "/board?province=C%E1%BA%A7n+Th%C6%A1")
    assert cast.browser(cast.lan).get("/board?province=C%E1%BA%A7n+Th%C6%A1").status_code == 404
    assert cast.browser(cast.mai).get("/board").status_code == 404


def test_all_ready_is_told(cast: Cast) -> None:
    """A province without a missing commune gets thanks, and one hundred percent means all."""
    found = readiness.Readiness("Thanh Hóa", 166, 165)
    assert found.percent == 99
    with reading(cast.site.directory) as db:
        all_of_it = readiness.readiness_of_all(db, cast.site.now().date())
    assert sum(r.communes for r in all_of_it) == len(load().communes)
