"""The second person: reads old and new, approves or returns; the writer never approves, and nobody approves what lacks."""

from __future__ import annotations

from datetime import timedelta

from bot.store.engine import reading, transaction
from referral_directory import book, changes
from tests.referral_directory.conftest import CAM_TAN, trusted
from tests.staff.cast import Cast, value_of
from tests.staff.cast import cast as cast


def test_old_and_new_stand_side_by_side(cast: Cast) -> None:
    """Only what differs, in words; and the line that residents will see."""
    made = cast.approved(trusted(), called=1)
    cast.proposed(cast.hoa, trusted(phone="0909 000 111", shelter="receive"), made)
    page = cast.read(cast.mai, f"/changes/{cast.change_of(made)}")
    assert "Số điện thoại cho người dân Đang hiện: 0912 345 678 Sẽ thành: 0909 000 111" in page
    assert "Ở lại qua đêm Đang hiện: Cho ở lại qua đêm Sẽ thành: Chỉ tiếp nhận ban đầu" in page
    assert "Giờ mở cửa Đang hiện" not in page
    assert "người dân sẽ thấy: Địa chỉ tin cậy thôn Phú Lai: 0909 000 111" in page


def test_approved_is_shown_at_once(cast: Cast) -> None:
    """After the button residents see it, and the page says so."""
    made = cast.proposed(cast.mai, trusted())
    page = cast.send(cast.hoa, f"/changes/{cast.change_of(made)}/approve")
    assert "Đã duyệt. Từ bây giờ người dân thấy" in page
    with reading(cast.site.directory) as db:
        assert [e.name for e in book.entries_of(db, CAM_TAN)] == ["Địa chỉ tin cậy thôn Phú Lai"]


def test_a_second_tap_is_told_what_the_first_did(cast: Cast) -> None:
    """Approved or returned twice by one person: success both times; the other supervisor reads who was first."""
    change = cast.change_of(cast.proposed(cast.mai, trusted()))
    for _ in range(2):
        assert "Đã duyệt. Từ bây giờ" in cast.send(cast.hoa, f"/changes/{change}/approve")
    assert "đã được người khác duyệt" in cast.send(cast.lan, f"/changes/{change}/approve")
    change = cast.change_of(cast.proposed(cast.mai, trusted(name="Thôn khác")))
    for _ in range(2):
        assert "Đã trả lại kèm lý do" in cast.send(cast.hoa, f"/changes/{change}/return", {"reason": "sai số"})


def test_what_was_written_anew_is_shown_anew(cast: Cast) -> None:
    """The reader's page is older than the writer's last word: it leads to the new version, and nothing is approved."""
    made = cast.proposed(cast.mai, trusted())
    change = cast.change_of(made)
    cast.proposed(cast.mai, trusted(phone="0909 000 111"), made)
    page = cast.send(cast.hoa, f"/changes/{change}/approve")
    assert "Người viết vừa sửa lại" in page
    assert "0909 000 111" in page
    assert "chưa thấy" in cast.read(cast.mai, f"/entries/{made}")


def test_the_writer_reads_what_is_missing(cast: Cast) -> None:
    """A row that came by a file without consent: its writer is told why nobody can approve it."""
    change = cast.change_of(cast.proposed(cast.mai, trusted(consent=False)))
    page = cast.read(cast.mai, f"/changes/{change}")
    assert "chưa ai duyệt được: Người giữ địa chỉ phải đồng ý" in page


def test_the_writer_is_told_who_can_approve(cast: Cast) -> None:
    """No button for the writer, and a form made up by hand is refused."""
    made = cast.proposed(cast.mai, trusted())
    change = cast.change_of(made)
    page = cast.read(cast.mai, f"/changes/{change}")
    assert "mỗi thay đổi cần hai người" in page
    assert "Bùi Thị Hòa, Nguyễn Thị Lan, Trần Văn Quản" in page
    assert f"/changes/{change}/approve" not in cast.browser(cast.mai).page.text
    assert "Nhờ một người khác duyệt" in cast.send(cast.mai, f"/changes/{change}/approve")
    with reading(cast.site.directory) as db:
        assert book.entries_of(db, CAM_TAN) == []


def test_what_lacks_a_decision_cannot_be_approved(cast: Cast) -> None:
    """The page says what is missing in place of the button; past the page it is refused too."""
    made = cast.proposed(cast.mai, trusted(decision="", consent=False))
    change = cast.change_of(made)
    page = cast.read(cast.hoa, f"/changes/{change}")
    assert "Chưa duyệt được: Ghi số quyết định" in page
    assert f"/changes/{change}/approve" not in cast.browser(cast.hoa).page.text
    assert "Chưa duyệt được." in cast.send(cast.hoa, f"/changes/{change}/approve")
    with reading(cast.site.directory) as db:
        assert book.entries_of(db, CAM_TAN) == []


def test_one_stale_tick_is_named_and_the_others_stay(cast: Cast) -> None:
    """What a colleague decided, or the writer changed, meanwhile: its name and why; nothing is approved, no tick is lost."""
    made = [cast.proposed(cast.mai, trusted(name=f"Thôn {n}")) for n in range(4)]
    ids = [cast.change_of(one) for one in made]
    cast.send(cast.lan, f"/changes/{ids[1]}/approve")
    page = cast.send(cast.hoa, "/changes", {"change": ids})
    assert "“Thôn 1”: đã được duyệt rồi. Chưa duyệt dòng nào" in page
    assert cast.browser(cast.hoa).page.text.count(" checked") == 3
    assert "Chờ bạn duyệt 3" in cast.read(cast.hoa, "/")
    cast.proposed(cast.mai, trusted(name="Thôn 2", phone="0909 000 111"), made[2])
    page = cast.send(cast.hoa, "/changes", {"change": [ids[0], ids[2]]})
    assert "“Thôn 2”: người viết vừa sửa lại, đọc bản mới." in page
    assert "0909 000 111" in page
    assert "Đã duyệt 2 thay đổi" in cast.send(cast.hoa, "/changes", {"change": [ids[0], ids[3]]})


def test_where_all_lack_something_nobody_is_told_to_tick(cast: Cast) -> None:
    """Three rows of a file without consent: how many must go back, and a reason that is written already."""
    for n in range(3):
        made = cast.proposed(cast.mai, trusted(name=f"Thôn {n}", consent=False))
    page = cast.read(cast.hoa, "/")
    assert "3 cái còn thiếu nên chưa duyệt được" in page
    assert "Còn thiếu: đồng ý của người giữ" in page
    page = cast.read(cast.hoa, "/changes")
    assert "3 cái này còn thiếu nên chưa duyệt được" in page
    assert page.count("Trả lại vì thiếu…") == 3
    assert "đánh dấu" not in page
    change = cast.change_of(made)
    cast.read(cast.hoa, f"/changes/{change}")
    reason = value_of(cast.browser(cast.hoa).page.text, "reason")
    assert reason == "Người giữ địa chỉ phải đồng ý thì mới được công bố."
    cast.send(cast.hoa, f"/changes/{change}/return", {"reason": reason})
    assert f"trả lại: {reason}" in cast.read(cast.mai, "/")
    cast.proposed(cast.mai, trusted(name="Thôn đủ"))
    assert "đánh dấu cái đúng" in cast.read(cast.hoa, "/changes")


def test_the_writer_sees_on_the_first_page_what_lacks(cast: Cast) -> None:
    """ "Bạn đã viết" names what keeps each row from being approved; a whole one carries no such mark."""
    cast.proposed(cast.mai, trusted(decision="", consent=False))
    assert "Còn thiếu: số quyết định công bố, đồng ý của người giữ" in cast.read(cast.mai, "/")
    cast.proposed(cast.hoa, trusted(name="Thôn đủ"))
    assert "Còn thiếu" not in cast.read(cast.hoa, "/").partition("Bạn đã viết")[2]


def test_returned_needs_a_reason_and_reaches_the_writer(cast: Cast) -> None:
    """An empty reason is asked for; then the writer's form begins with it."""
    made = cast.proposed(cast.mai, trusted())
    change = cast.change_of(made)
    assert "Ghi lý do trả lại" in cast.send(cast.hoa, f"/changes/{change}/return", {"reason": "  "})
    cast.send(cast.hoa, f"/changes/{change}/return", {"reason": "Sai số quyết định"})
    assert "Bùi Thị Hòa trả lại: Sai số quyết định" in cast.read(cast.mai, f"/entries/{made}/edit")


def test_the_writer_may_take_it_back(cast: Cast) -> None:
    """Dropped: gone from everybody's list; what residents see stays; nobody drops what another wrote."""
    made = cast.approved(trusted(), called=1)
    cast.proposed(cast.mai, trusted(phone="0909 000 111"), made)
    change = cast.change_of(made)
    assert "Chỉ người viết mới bỏ được" in cast.send(cast.hoa, f"/changes/{change}/drop")
    assert "Đã bỏ thay đổi" in cast.send(cast.mai, f"/changes/{change}/drop")
    assert "Chưa có gì chờ duyệt" in cast.read(cast.hoa, "/")
    new = cast.proposed(cast.mai, trusted(name="Thôn Hai"))
    cast.send(cast.mai, f"/changes/{cast.change_of(new)}/drop")
    assert "Thôn Hai" not in cast.read(cast.hoa, "/entries")
    with reading(cast.site.directory) as db:
        assert [e.phone for e in book.entries_of(db, CAM_TAN)] == ["0912 345 678"]


def test_a_stranger_finds_no_change(cast: Cast) -> None:
    """Not to read, approve, return or drop."""
    change = cast.change_of(cast.proposed(cast.mai, trusted()))
    cast.read(cast.stranger, f"/changes/{change}", 404)
    for deed in ("approve", "return", "drop"):
        assert cast.browser(cast.stranger).post(f"/changes/{change}/{deed}", {"reason": "x"}).status_code == 404


def test_a_whole_list_is_read_and_approved_together(cast: Cast) -> None:
    """What came in by a file: eight at a time, each shown whole, ticked one by one; all of them or none."""
    for n in range(12):
        cast.proposed(cast.mai, trusted(name=f"Thôn số {n:02}"))
    with transaction(cast.site.directory) as db:
        later = cast.site.now() + timedelta(minutes=1)
        lacking = changes.propose(db, cast.mai, trusted(name="Thôn thiếu", decision=""), later)
    page = cast.read(cast.hoa, "/changes")
    assert "13 thay đổi đang chờ; 8 cái lâu nhất ở dưới" in page
    assert page.count("Đã đọc, đúng") == 8
    assert "Chưa đánh dấu dòng nào" in cast.send(cast.hoa, "/changes")
    browser = cast.browser(cast.hoa)
    browser.get("/changes")
    assert len(browser.page.content) < 15_000
    ids = [part.split('"')[0] for part in browser.page.text.split('name="change" value="')[1:]]
    refused = cast.send(cast.hoa, "/changes", {"change": [*ids[:7], cast.change_of(lacking)]})
    assert "Chưa duyệt được." in refused
    assert "Chờ bạn duyệt 13" in cast.read(cast.hoa, "/")
    assert "Đã duyệt 8 thay đổi" in cast.send(cast.hoa, "/changes", {"change": ids})
    page = cast.read(cast.hoa, "/changes")
    assert "Chưa duyệt được: Ghi số quyết định" in page
    assert "5 thay đổi đang chờ" in page
