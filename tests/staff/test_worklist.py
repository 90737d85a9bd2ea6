"""The first page tells an officer what waits, what to do about it, and leads a newcomer to the first address."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.clock import VIETNAM
from bot.store.engine import transaction
from referral_directory import book, changes
from tests.referral_directory.conftest import trusted
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast


def test_a_newcomer_is_led_to_the_first_address(cast: Cast) -> None:
    """An empty commune offers two ways to begin, and says what to have at hand."""
    page = cast.read(cast.mai, "/")
    assert "Danh bạ của Xã Cẩm Tân chưa có gì" in page
    assert "Thêm địa chỉ đầu tiên" in page
    assert "Nhập từ Excel" in page
    assert "Chưa có gì chờ duyệt" in page
    assert "chưa có gì" not in cast.read(cast.lan, "/")


def test_samples_are_not_taken_for_a_directory(cast: Cast) -> None:
    """Sample rows alone: the first page says so until one real place is approved, to the officer and the supervisor."""
    with transaction(cast.site.directory) as db:
        book.set_sample(db, True, cast.site.now().date())
    assert "Danh bạ của Xã Cẩm Tân chỉ có dữ liệu mẫu" in cast.read(cast.mai, "/")
    assert "các số chung của cả nước" not in cast.read(cast.mai, "/")
    assert "Danh bạ của Thanh Hóa chỉ có dữ liệu mẫu" in cast.read(cast.lan, "/")
    cast.proposed(cast.mai, trusted(name="Thôn chờ"))
    assert "chỉ có dữ liệu mẫu" in cast.read(cast.mai, "/")
    cast.approved(trusted())
    for who in (cast.mai, cast.lan):
        assert "chỉ có dữ liệu mẫu" not in cast.read(who, "/")


def test_changes_wait_for_others_and_never_for_their_writer(cast: Cast) -> None:
    """Hoa's change stands before Mai to be approved; before Hoa it stands as waiting for somebody else."""
    cast.proposed(cast.hoa, trusted())
    page = cast.read(cast.mai, "/")
    assert "Chờ bạn duyệt 1" in page
    assert "Địa chỉ mới, Bùi Thị Hòa viết 21/11/2026" in page
    assert "Bạn đã viết" not in page
    page = cast.read(cast.hoa, "/")
    assert "Chưa có gì chờ duyệt" in page
    assert "Chờ người khác duyệt" in page
    assert "thôn Phú Lai" in cast.read(cast.lan, "/")
    assert "thôn Phú Lai" not in cast.read(cast.stranger, "/")


def test_what_came_back_stands_with_its_reason(cast: Cast) -> None:
    """The writer reads who returned it and why; a click leads to the form."""
    made = cast.proposed(cast.mai, trusted())
    cast.send(cast.hoa, f"/changes/{cast.change_of(made)}/return", {"reason": "Thiếu ngày quyết định"})
    page = cast.read(cast.mai, "/")
    assert "Bị trả lại" in page
    assert "Bùi Thị Hòa trả lại: Thiếu ngày quyết định" in page
    assert f'href="/staff/entries/{made}/edit"' in cast.browser(cast.mai).page.text


def test_who_was_not_called_for_long_stands_first(cast: Cast) -> None:
    """61 days: to be called; 91: shown with a note; 181: hidden; 60 days are no matter; failed calls are counted."""
    for days in (60, 61, 91, 181):
        made = cast.approved(trusted(name=f"Thôn {days}"), called=days)
    with transaction(cast.site.directory) as db:
        changes.verify(db, cast.mai, made, "no_answer", "", cast.site.now() - timedelta(days=2))
        changes.verify(db, cast.mai, made, "no_answer", "", cast.site.now() - timedelta(days=1))
    cast.approved(trusted(name="Thôn mới"))
    page = cast.read(cast.mai, "/")
    assert "Quá hạn xác minh 4" in page
    shown = page[page.index("Quá hạn xác minh") :]
    assert shown.index("Thôn mới") < shown.index("Thôn 181") < shown.index("Thôn 91") < shown.index("Thôn 61")
    assert "nên gọi (1)" in shown
    assert "chưa kiểm tra (2)" in shown
    assert "không hiện nữa (1)" in shown
    assert "181 ngày Đang ẩn 2 lần gọi không ai nghe" in shown
    assert "Thôn 60" not in shown


def test_what_the_last_call_found_stands_on_the_list(cast: Cast) -> None:
    """A place that is gone, or has changed, is first on the list at once, with the day and what there is to do."""
    gone, changed, silent = (cast.approved(trusted(name=name), called=9) for name in ("Thôn A", "Thôn B", "Thôn C"))
    never = cast.approved(trusted(name="Thôn D"))
    for made, found in ((gone, "closed"), (changed, "changed"), (silent, "no_answer"), (never, "no_answer")):
        cast.send(cast.mai, f"/entries/{made}/verify", {"found": found})
    page = cast.read(cast.mai, "/")
    shown = page[page.index("Quá hạn xác minh 3") :]
    assert "Thôn A Địa chỉ tin cậy Gọi 21/11/2026: không còn hoạt động, cần rút" in shown
    assert "Thôn B Địa chỉ tin cậy Gọi 21/11/2026: có thay đổi, cần sửa rồi gọi lại" in shown
    assert "Thôn D Địa chỉ tin cậy Chưa gọi được lần nào 1 lần gọi không ai nghe" in shown
    assert "Thôn C" not in shown
    cast.send(cast.mai, f"/entries/{gone}/verify", {"found": "right"})
    assert "Thôn A" not in cast.read(cast.mai, "/")


def test_when_all_were_called_the_page_says_thanks(cast: Cast) -> None:
    """Nothing to call is told kindly; while nothing is approved there is nothing to thank for."""
    cast.proposed(cast.mai, trusted())
    assert "Cảm ơn bạn" not in cast.read(cast.mai, "/")
    assert "Chưa có địa chỉ nào được duyệt" in cast.read(cast.mai, "/")
    cast.approved(trusted(name="Thôn Hai"), called=3)
    assert "đều đã được gọi kiểm tra trong 60 ngày qua" in cast.read(cast.mai, "/")


def test_before_the_action_month_what_is_missing_is_told(cast: Cast) -> None:
    """Two weeks before 15/11 an officer whose commune is not ready reads it, and so does the supervisor; not before."""
    cast.at(datetime(2026, 10, 31, 9, tzinfo=VIETNAM))
    assert "Tháng hành động" not in cast.read(cast.mai, "/")
    cast.at(datetime(2026, 11, 1, 9, tzinfo=VIETNAM))
    assert "Còn 14 ngày đến Tháng hành động" in cast.read(cast.mai, "/")
    assert "Còn 166 trong 166 xã, phường" in cast.read(cast.lan, "/")
    cast.approved(trusted(), called=1)
    assert "Tháng hành động" not in cast.read(cast.mai, "/")
    assert "Còn 165 trong 166 xã, phường" in cast.read(cast.lan, "/")


def test_a_long_list_says_how_long_it_is(cast: Cast) -> None:
    """Eight are shown; the way to all of them stands below, and leads to a page that fits a slow link."""
    for n in range(40):
        cast.approved(trusted(name=f"Địa chỉ tin cậy của thôn có một cái tên thật là dài, số {n:02}"), called=70)
    page = cast.read(cast.mai, "/")
    assert "Quá hạn xác minh 40" in page
    assert "Xem cả 40" in page
    assert len(cast.browser(cast.mai).page.content) < 15_000
    cast.read(cast.mai, "/entries?state=overdue")
    assert len(cast.browser(cast.mai).page.content) < 15_000
