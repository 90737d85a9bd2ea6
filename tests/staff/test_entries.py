"""The list: found without marks, filtered, page after page, and never more than one's own."""

from __future__ import annotations

import re

from bot.store.engine import transaction
from referral_directory import book
from referral_directory.record import Record
from tests.referral_directory.conftest import SOC_TRANG, trusted
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast


def test_words_without_marks_find(cast: Cast) -> None:
    """ "phu lai" finds "Phú Lai"; what is not there is told with the way back."""
    cast.approved(trusted(), called=1)
    cast.approved(trusted(name="Nhà văn hóa thôn Tân Long"), called=1)
    page = cast.read(cast.mai, "/entries?q=phu+lai")
    assert "thôn Phú Lai" in page
    assert "Tân Long" not in page
    assert "Không thấy địa chỉ nào như vậy" in cast.read(cast.mai, "/entries?q=khong+co")
    assert "Danh bạ của bạn chưa có gì" in cast.read(cast.stranger, "/entries")


def test_kind_and_state_narrow_the_list(cast: Cast) -> None:
    """Each filter leaves what it says."""
    cast.approved(trusted(name="Thôn Một"), called=1)
    cast.approved(trusted(name="Thôn Hai"), called=80)
    police = Record(kind="police", name="Trạm Ba", commune=15178, province="Thanh Hóa", phone="0237000000")
    cast.approved(police, called=1)
    cast.proposed(cast.hoa, trusted(name="Thôn Bốn"))
    gone = cast.approved(trusted(name="Thôn Năm"), called=1)
    cast.send(cast.mai, f"/entries/{gone}/retire", {"why": "chuyển đi"})
    cast.send(cast.hoa, f"/changes/{cast.change_of(gone)}/approve")
    for query, names in (
        ("kind=police", {"Trạm Ba"}), ("state=overdue", {"Thôn Hai"}), ("state=waiting", {"Thôn Bốn"}),
        ("state=retired", {"Thôn Năm"}), ("state=shown", {"Thôn Một", "Thôn Hai", "Trạm Ba"}),
        ("", {"Thôn Một", "Thôn Hai", "Trạm Ba", "Thôn Bốn"}), ("kind=police&state=overdue", set()),
        ("kind=%27%3B--&state=x", {"Thôn Một", "Thôn Hai", "Trạm Ba", "Thôn Bốn"}),
    ):  # fmt: skip
        page = cast.read(cast.mai, f"/entries?{query}")
        assert set(re.findall(r"(?:Thôn|Trạm) (?:Một|Hai|Ba|Bốn|Năm)", page)) == names, query
    assert "Thôn Bốn" in cast.read(cast.hoa, "/entries?state=mine")


def test_badges_tell_what_residents_see(cast: Cast) -> None:
    """Waiting, checked, to be called, hidden, a sample: in words, not in colour alone."""
    with transaction(cast.site.directory) as db:
        book.set_sample(db, True, cast.site.now().date())
    cast.approved(trusted(name="Thôn Một"), called=1)
    changed = cast.approved(trusted(name="Thôn Hai"), called=200)
    cast.proposed(cast.mai, trusted(name="Thôn Hai", hours="giờ hành chính"), changed)
    cast.proposed(cast.mai, trusted(name="Thôn Ba"), draft=True)
    gone = cast.approved(trusted(name="Thôn Bốn"), called=1)
    cast.send(cast.mai, f"/entries/{gone}/retire", {"why": "chuyển đi"})
    page = cast.read(cast.mai, "/entries")
    assert "Thôn Một Địa chỉ tin cậy Đã kiểm 20/11/2026" in page
    assert "Thôn Hai Địa chỉ tin cậy Đang ẩn: 200 ngày chưa kiểm Sửa: chờ duyệt" in page
    assert "Thôn Ba Địa chỉ tin cậy Bản nháp" in page
    assert "Thôn Bốn Địa chỉ tin cậy Đã kiểm 20/11/2026 Rút: chờ duyệt" in page
    assert "Rút: chờ duyệt" in cast.read(cast.mai, f"/entries/{gone}")
    assert "[MẪU] Công an Xã Cẩm Tân Công an MẪU" in page


def test_page_after_page_shows_each_once(cast: Cast) -> None:
    """60 services are on three pages under 15 KB, none twice, none missing."""
    names = {f"Thôn số {n:02}" for n in range(60)}
    for name in names:
        cast.approved(trusted(name=name), called=1)
    browser, path, seen = cast.browser(cast.mai), "/entries?q=thon", []
    for _ in range(3):
        browser.get(path)
        assert len(browser.page.content) < 15_000
        seen += re.findall(r"Thôn số \d\d", browser.words)
        following = re.search(r'rel="next" href="/staff(/entries[^"]+)"', browser.page.text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert path == ""
    assert sorted(seen) == sorted(names)


def test_nobody_lists_another_commune(cast: Cast) -> None:
    """Not by words, not by a filter, not by going on from a service of another commune."""
    mine = cast.approved(trusted(), called=1)
    for path in ("/entries", "/entries?q=phu+lai", "/entries?state=waiting", f"/entries?after={mine}"):
        assert "Phú Lai" not in cast.read(cast.stranger, path)
    assert "Phú Lai" in cast.read(cast.lan, "/entries?q=phu+lai+cam+tan")
    assert "Phú Lai" in cast.read(cast.boss, "/entries?q=thanh+hoa")
    with transaction(cast.site.directory) as db:
        book.add(db, Record(kind="police", name="Công an Sóc", commune=SOC_TRANG, province="Cần Thơ"))
    assert "Công an Sóc" not in cast.read(cast.lan, "/entries")
