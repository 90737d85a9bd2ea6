"""A list as a commune really has it: what is understood, what must be mended, and that all of it goes in or nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from referral_directory import book, changes, excel
from referral_directory.keeper import OutOfScope, Refused
from referral_directory.keeping import audit, revision
from referral_directory.models import phone, service
from tests.excel.conftest import NOW, Read, approve_all, line, record, said
from tests.excel.workbooks import messy, sheet_of
from tests.referral_directory.conftest import CAM_TAN as CODE
from tests.referral_directory.conftest import SOC_TRANG, keeper


def test_a_messy_list_is_understood_row_by_row(read: Read) -> None:
    """Rows keep the numbers that Excel shows; what is no place is passed over; three rows must be mended, and say how."""
    report = read(messy())
    assert report.sheet == "Năm 2026"
    assert {one.row: one.action for one in report.lines} == {
        6: "skip", 7: "new", 8: "new", 9: "new", 10: "skip", 11: "new", 12: "error", 13: "error", 14: "new",
        15: "error", 16: "skip", 17: "new", 18: "skip", 20: "skip",
    }  # fmt: skip
    assert "dòng 11" in said(report, 12, "error")
    assert "công thức chưa có kết quả" in said(report, 13, "error")
    assert "không thuộc phạm vi của bạn" in said(report, 15, "error")
    assert report.ignored == ("Ghi chú",)
    assert any("Ghi chú" in note for note in report.notes)
    assert "3 dòng có lỗi" in report.summary
    assert "tải lên lại" in report.summary


def test_what_the_rows_say_is_read(read: Read) -> None:
    """Titles in two rows, .VnTime, two phones, lost zeros, an old prefix, an old commune, a day in words, NFD."""
    report = read(messy())
    first, old, moved, police, union = (record(report, n) for n in (7, 8, 9, 11, 17))
    assert (first.phone, first.private_phone, first.address_public) == ("0912345678", "0987654321", True)
    assert (first.decision, first.decided_on, first.consent, first.shelter) == (
        "12/QĐ-UBND",
        "2026-03-01",
        True,
        "overnight",
    )
    assert (old.kind, old.name, old.address, old.phone) == (
        "trusted_address", "Nhà thôn Phú Tân", "thôn Phú Tân", "0912345001",
    )  # fmt: skip
    assert (old.decided_on, old.shelter) == ("2026-03-01", "receive")
    assert ".VnTime" in said(report, 8)
    assert (moved.commune, moved.phone, moved.private_phone) == (CODE, "", "0381234567")
    assert "nay là Xã Cẩm Tân" in said(report, 9)
    assert "0168 đổi thành 038" in said(report, 9)
    assert (police.kind, police.phone, police.address_public) == ("police", "02373822123", True)
    assert (union.kind, union.name, union.phone) == ("womens_union", "Hội Liên hiệp Phụ nữ xã", "0909000113")


def test_a_home_is_public_only_where_somebody_said_so(read: Read) -> None:
    """Without decision and consent the phone goes to staff alone and the address is hidden; the report says so."""
    report = read(messy())
    hidden = record(report, 9)
    assert (hidden.address, hidden.address_public) == ("ngõ sau chợ, thôn Vân Long", False)
    assert "chỉ cán bộ thấy số này" in said(report, 9)
    assert "Địa chỉ: chưa công khai" in said(report, 9)


def test_a_home_that_cannot_be_approved_yet_says_what_it_lacks(read: Read) -> None:
    """The row goes in and waits; the report tells what whoever approves will miss."""
    report = read(messy())
    assert "chưa duyệt được: Ghi số quyết định của xã" in said(report, 9)
    assert "chưa duyệt được" not in said(report, 7) + said(report, 11)


def test_the_report_repeats_no_number_and_no_address(read: Read) -> None:
    """Neither its words nor its repr hold more than the last digits of a phone."""
    report = read(messy())
    told = report.summary + repr(report) + "".join(said(report, one.row) + repr(one) for one in report.lines)
    for secret in ("0381234567", "168 123", "0987654321", "987.654", "ngõ sau chợ", "0912345001"):
        assert secret not in told


def test_a_list_with_a_faulty_row_brings_nothing_in(db: Connection, read: Read) -> None:
    """All or nothing: the good rows wait with the faulty ones."""
    writer = keeper(db)
    report = read(messy(), by=writer)
    with pytest.raises(Refused, match="chưa nhập dòng nào"):
        excel.carry_out(db, writer, report, NOW)
    assert db.execute(select(service.c.id)).first() is None


TITLES = ("Loại hình", "Tên cơ sở", "SĐT", "Địa chỉ", "Số QĐ", "Đồng ý công bố", "Công khai địa chỉ", "SĐT riêng")
GOOD = sheet_of(
    TITLES,
    ("Địa chỉ tin cậy", "Nhà thôn Một", "0912345678", "thôn Một", "1/QĐ", "có", "", "0987654321"),
    ("Địa chỉ tin cậy", "Nhà thôn Hai", "0912345679", "thôn Hai", "1/QĐ", "có", "không", ""),
    ("Công an", "Công an xã", "02373822123", "trung tâm", "", "", "", ""),
)


def test_imported_rows_wait_for_another_person(db: Connection, read: Read) -> None:
    """Nothing is shown until somebody else approves; then residents see what is public, and no more."""
    writer = keeper(db)
    report = read(GOOD, by=writer)
    assert report.importable == 3
    assert excel.carry_out(db, writer, report, NOW) == 3
    assert book.entries_of(db, CODE) == []
    assert set(db.execute(select(revision.c.source)).scalars()) == {"excel"}
    assert "import" in db.execute(select(audit.c.action)).scalars().all()
    assert db.execute(select(phone.c.number)).first() is None  # a service that nobody approved holds no number
    with pytest.raises(Refused, match="Nhờ một người khác"):
        approve_all(db, writer)
    approve_all(db)
    shown = {entry.name: (entry.phone, entry.address) for entry in book.entries_of(db, CODE)}
    assert shown == {
        "Nhà thôn Một": ("0912345678", "thôn Một"), "Nhà thôn Hai": ("0912345679", ""), "Công an xã": ("02373822123", "trung tâm"),
    }  # fmt: skip


def test_the_same_list_again_brings_nothing(db: Connection, read: Read) -> None:
    """While it waits, and after it was approved: every row is known, and the button has nothing to import."""
    writer = keeper(db)
    excel.carry_out(db, writer, read(GOOD, by=writer), NOW)
    waiting = read(GOOD, by=writer)
    assert waiting.counts == {"same": 3}
    assert "đang chờ duyệt" in said(waiting, 2)
    approve_all(db)
    again = read(GOOD, by=writer)
    assert again.counts == {"same": 3}
    assert again.importable == 0
    with pytest.raises(Refused, match="Không có dòng nào mới"):
        excel.carry_out(db, writer, again, NOW)


def test_a_known_place_is_edited_and_the_rest_of_it_stays(db: Connection, read: Read) -> None:
    """The row names the same place without marks: its hours change, its private phone and consent are kept."""
    writer = keeper(db)
    excel.carry_out(db, writer, read(GOOD, by=writer), NOW)
    approve_all(db)
    report = read(("Tên", "Giờ mở cửa"), ("NHÀ THÔN MỘT", "cả ngày đêm"), by=writer)
    assert line(report, 2).action == "edit"
    assert "sửa bản ghi đã có: tên, giờ mở cửa" in said(report, 2)
    assert (record(report, 2).private_phone, record(report, 2).consent) == ("0987654321", True)
    excel.carry_out(db, writer, report, NOW)
    assert book.entries_of(db, CODE)[0].hours == ""
    approve_all(db)
    assert {e.hours for e in book.entries_of(db, CODE) if e.name == "NHÀ THÔN MỘT"} == {"cả ngày đêm"}


def test_no_list_moves_a_hidden_place(db: Connection, read: Read) -> None:
    """A supervisor names a hidden place by its number and writes another commune beside it: nothing of the list goes in."""
    officer, supervisor = keeper(db), keeper(db, "province")
    excel.carry_out(db, officer, read(GOOD, by=officer), NOW)
    approve_all(db)
    made = db.execute(select(service.c.id).where(service.c.name == "Nhà thôn Một")).scalar_one()
    report = read(("Mã bản ghi", "Tên", "Xã"), (made, "Nhà thôn Một", "Xã Bá Thước, Thanh Hóa"), by=supervisor)
    assert record(report, 2).commune != CODE
    with pytest.raises(changes.Stays, match="“Nhà thôn Một” có địa chỉ hoặc số điện thoại"):
        excel.carry_out(db, supervisor, report, NOW)
    assert db.execute(select(service.c.commune).where(service.c.id == made)).scalar_one() == CODE


def test_the_same_list_a_second_time_changes_nothing(db: Connection, read: Read) -> None:
    """An address with two numbers, neither of them public: the private one stays the first, however often it is sent."""
    writer, titles = keeper(db), ("Loại hình", "Tên cơ sở", "SĐT")
    rows = titles, ("Địa chỉ tin cậy", "Địa chỉ tin cậy thôn Một", "0912345678 / 0987654321")
    excel.carry_out(db, writer, read(*rows, by=writer), NOW)
    again = read(*rows, by=writer)
    assert (line(again, 2).action, record(again, 2).private_phone) == ("same", "0912345678")
    moved = read(titles, ("Địa chỉ tin cậy", "Địa chỉ tin cậy thôn Một", "0909000111 / 0987654321"), by=writer)
    assert (line(moved, 2).action, record(moved, 2).private_phone) == ("edit", "0909000111")


def test_a_report_is_not_carried_out_against_what_changed_since(db: Connection, read: Read) -> None:
    """Somebody's change approved between report and import, or the same list imported meanwhile: read it again."""
    writer, other = keeper(db), keeper(db)
    report = read(GOOD, by=writer)
    excel.carry_out(db, other, read(GOOD, by=other), NOW)
    with pytest.raises(Refused, match="Tải tệp lên lại"):
        excel.carry_out(db, writer, report, NOW)
    approve_all(db)
    edit = read(("Tên", "Giờ mở cửa"), ("Nhà thôn Một", "cả ngày đêm"), by=writer)
    found = db.execute(select(service.c.id).where(service.c.name == "Nhà thôn Một")).scalar_one()
    changes.propose(db, other, record(edit, 2), NOW, found)
    approve_all(db)
    with pytest.raises(Refused, match="vừa sửa"):
        excel.carry_out(db, writer, edit, NOW)
    newer = read(("Tên", "Giờ mở cửa"), ("Nhà thôn Một", "giờ hành chính"), by=writer)
    changes.propose(db, other, record(edit, 2), NOW, found)
    with pytest.raises(Refused, match="trong lúc bạn viết"):
        excel.carry_out(db, writer, newer, NOW)


def test_a_report_carried_out_by_somebody_else_is_refused(db: Connection, read: Read) -> None:
    """A report in the wrong hands writes nothing: scope is asked again when it is carried out."""
    report = read(GOOD, by=keeper(db))
    stranger = keeper(db, commune=SOC_TRANG, province="Cần Thơ")
    with pytest.raises(OutOfScope):
        excel.carry_out(db, stranger, report, NOW)
    assert db.execute(select(service.c.id)).first() is None


def test_a_place_that_is_to_go_is_not_brought_back_by_a_list(db: Connection, read: Read) -> None:
    """Somebody asked that it be shown no more: its row is passed over and says why; once gone, it may come back."""
    writer = keeper(db)
    excel.carry_out(db, writer, read(GOOD, by=writer), NOW)
    approve_all(db)
    found = db.execute(select(service.c.id).where(service.c.name == "Công an xã")).scalar_one()
    changes.retire(db, writer, found, NOW)
    report = read(GOOD, by=writer)
    assert line(report, 4).action == "skip"
    assert "chờ duyệt để rút" in said(report, 4)
    approve_all(db)
    again = read(GOOD, by=writer)
    assert line(again, 4).action == "edit"
    assert "đã rút" in said(again, 4)
