"""Titles in every spelling, places old and new, and what is said when a list cannot be understood."""

from __future__ import annotations

import pytest

from referral_directory.excel.columns import COLUMNS, TITLES, meaning
from referral_directory.excel.communes import Told, finder
from referral_directory.keeper import Keeper
from tests.excel.conftest import CAM_TAN, THANH_HOA, Read, line, record, said
from tests.excel.workbooks import sheet_of

SPELLINGS = {
    "name": "Tên cơ sở|TEN CO SO|Tên địa chỉ tin cậy|Tên đơn vị|Địa chỉ tin cậy|Đơn vị",
    "holder": "Họ và tên người phụ trách|HO VA TEN|Họ tên|Người liên hệ|Tên chủ hộ|Người phụ trách",
    "phone": "SĐT|Sđt|Điện thoại liên hệ|So dien thoai|Số ĐT|ĐTDĐ|Điện thoại người phụ trách|Đường dây nóng|Liên hệ",
    "private_phone": "Số điện thoại riêng|SĐT cá nhân|Điện thoại nội bộ",
    "address": "Địa chỉ|DIA CHI|Địa chỉ cụ thể|Thôn/bản|Nơi ở hiện nay|Địa chỉ (thôn, xã)",
    "commune": "Xã/phường|Xã, phường, thị trấn|Tên xã|Địa bàn|Xã (cũ)",
    "district": "Huyện|Huyện/thành phố|Quận, huyện",
    "province": "Tỉnh|Tỉnh/TP",
    "commune_code": "Mã xã|Mã ĐVHC",
    "kind": "Loại hình|LOAI HINH|Loại cơ sở|Phân loại",
    "hours": "Giờ mở cửa|Thời gian hoạt động|Giờ làm việc",
    "decision": "Số QĐ|Quyết định|Số quyết định công nhận|Số, ngày quyết định",
    "decided_on": "Ngày QĐ|Ngày ban hành|Ngày quyết định",
    "consent": "Đồng ý công bố|Chủ nhà đồng ý",
    "publish": "Công khai|Được công bố",
    "phone_public": "Công khai số điện thoại|Cho phép công bố SĐT",
    "address_public": "Công khai địa chỉ",
    "shelter": "Có chỗ ở lại|Lưu trú qua đêm|Có chỗ ở",
    "children": "Nhận trẻ em|Trẻ em", "men": "Nhận nam giới|Nam giới", "lgbt": "Nhận người LGBT", "disabled": "Người khuyết tật",
    "takes": "Đối tượng tiếp nhận", "types": "Loại bạo lực hỗ trợ", "languages": "Ngôn ngữ|Tiếng dân tộc|Nói tiếng",
    "distance_km": "Khoảng cách|Khoảng cách đến trung tâm xã (km)|Cách UBND xã", "status": "Tình trạng hoạt động|Trạng thái",
    "description": "Mô tả|Nội dung hỗ trợ", "number": "STT|TT|Số TT", "latitude": "Vĩ độ", "longitude": "Kinh độ",
    "": "Ghi chú|Năm sinh|Chức vụ|Dân tộc|Giới tính|Email|DANH SÁCH ĐỊA CHỈ TIN CẬY TRÊN ĐỊA BÀN XÃ CẨM TÂN, HUYỆN CẨM THỦY, NĂM 2026",
}  # fmt: skip


@pytest.mark.parametrize(("key", "titles"), SPELLINGS.items(), ids=str)
def test_titles_are_understood_in_many_spellings(key: str, titles: str) -> None:
    """With and without marks, in capitals, with words around them; what the directory has no place for is none."""
    assert {title: meaning(title) for title in titles.split("|")} == dict.fromkeys(titles.split("|"), key)


def test_every_title_of_the_template_means_its_column() -> None:
    """And none of the lines of help above them is taken for the titles."""
    assert {column.title: meaning(column.title) for column in COLUMNS} == {c.title: c.key for c in COLUMNS}
    assert {key: meaning(title) for key, title in TITLES.items()} == {key: key for key in TITLES}


def test_a_list_without_its_needed_columns_says_which(glance: Read) -> None:
    """One sentence: the missing columns, and how to get the template."""
    for rows, by, missing in (
        ((("STT", "SĐT", "Địa chỉ"), (1, "0912345678", "thôn Một")), CAM_TAN, "“Tên cơ sở”"),
        ((("Tên cơ sở", "SĐT"), ("Nhà thôn Một", "0912345678")), CAM_TAN, "“Loại hình”"),
        ((("Loại hình", "Tên cơ sở", "SĐT"), ("Công an", "Công an", "113")), THANH_HOA, "“Xã, phường”"),
    ):
        (problem,) = glance(*rows, by=by).problems
        assert missing in problem
        assert "Mẫu trống có ở trang Excel" in problem


def test_a_sheet_without_titles_says_so(glance: Read) -> None:
    """Data alone; of an empty sheet it is said that it is empty."""
    assert "Không tìm thấy hàng tiêu đề" in glance(("Lan", "Huệ"), ("a", "b")).problems[0]
    assert "Tệp này trống" in glance(()).problems[0]


def test_the_title_of_a_list_tells_kind_and_commune(glance: Read) -> None:
    """ "Danh sách địa chỉ tin cậy xã Cẩm Tân" needs no column of either."""
    report = glance(
        ("HỘI LIÊN HIỆP PHỤ NỮ",), ("DANH SÁCH ĐỊA CHỈ TIN CẬY XÃ CẨM TÂN",), ("TT", "Tên cơ sở", "Địa chỉ", "SĐT"),
        (1, "Nhà thôn Một", "thôn Một", "0912345678"), by=THANH_HOA,
    )  # fmt: skip
    found = record(report, 4)
    assert (found.kind, found.commune) == ("trusted_address", 15178)
    assert "lấy từ tiêu đề" in said(report, 4)


def test_sections_tell_the_commune_of_the_rows_below(glance: Read) -> None:
    """A supervisor's list by commune: each section begins with the name of one."""
    report = glance(
        ("Loại hình", "Tên cơ sở", "SĐT"), ("I. Xã Cẩm Tân",), ("Công an", "Công an xã", "02373822123"),
        ("II. Xã Cẩm Thủy",), ("Công an", "Công an xã", "02373822124"), by=THANH_HOA,
    )  # fmt: skip
    assert [one.action for one in report.lines] == ["skip", "new", "skip", "new"]
    assert (record(report, 3).commune, record(report, 5).commune) == (15178, 15127)


def test_a_holder_names_a_home_only_where_it_may_be_published(glance: Read) -> None:
    """With decision and consent the home may bear its holder's name; else the row asks for a name of the place."""
    report = glance(
        ("Loại hình", "Họ và tên người phụ trách", "Số QĐ", "Đồng ý công bố", "SĐT"),
        ("Địa chỉ tin cậy", "Bà Lê Thị Thử", "1/QĐ", "có", "0912345678"),
        ("Địa chỉ tin cậy", "Bà Lê Thị Kín", "", "", "0912345679"),
    )  # fmt: skip
    assert record(report, 2).name == "Địa chỉ tin cậy – Bà Lê Thị Thử"
    assert "Chưa có tên nơi này" in said(report, 3, "error")
    assert "Kín" not in "".join(str(r) for r in line(report, 3).remarks)


HOMES = [
    (("0912345678", "", "", "", "", ""), ("", "0912345678", False)),
    (("0912345678", "1/QĐ", "có", "", "", ""), ("0912345678", "", True)),
    (("0912345678", "1/QĐ", "không", "", "", ""), ("", "0912345678", False)),
    (("0912345678", "1/QĐ", "có", "không", "không", ""), ("", "0912345678", False)),
    (("0912345678", "", "", "có", "", ""), ("0912345678", "", False)),
    (("0912345678", "", "", "", "có", ""), ("", "0912345678", True)),
    (("0912345678/0987654321", "1/QĐ", "có", "", "", ""), ("0912345678", "0987654321", True)),
    (("0912345678/0987654321", "1/QĐ", "có", "", "", "0909000111"), ("0912345678", "0909000111", True)),
    (("", "1/QĐ", "có", "", "", "0909000111"), ("", "0909000111", True)),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "found"), HOMES, ids=lambda value: "/".join(map(str, value)))
def test_what_of_a_home_is_public(glance: Read, cells: tuple[str, ...], found: tuple[str, str, bool]) -> None:
    """A column that says so, or decision and consent together; the other number is for staff."""
    titles = ("Loại hình", "Tên cơ sở", "Địa chỉ", "SĐT", "Số QĐ", "Đồng ý công bố", "Công khai số điện thoại",
              "Công khai địa chỉ", "SĐT riêng")  # fmt: skip
    report = glance(titles, ("Địa chỉ tin cậy", "Nhà thôn Một", "thôn Một", *cells))
    home = record(report, 2)
    assert (home.phone, home.private_phone, home.address_public) == found
    hidden = not found[0] and bool(cells[0])
    assert ("chỉ cán bộ thấy số này" in said(report, 2)) == hidden


def test_three_numbers_are_one_too_many(glance: Read) -> None:
    """One for residents, one for staff; that the third is not kept is said."""
    report = glance(("Loại hình", "Tên cơ sở", "SĐT"), ("Công an", "Công an xã", "0909000111/0909000112/0909000113"))
    assert (record(report, 2).phone, record(report, 2).private_phone) == ("0909000111", "0909000112")
    assert "còn 1 số không lưu" in said(report, 2)


def test_a_common_number_is_nobodys_private_one(glance: Read) -> None:
    """ "Số của xã / 113": 113 is not taken as the private number, and the report says so; a mobile number beside it is."""
    report = glance(("Loại hình", "Tên cơ sở", "SĐT"), ("Công an", "Công an xã", "0237.387.6112 / 113"))
    assert (record(report, 2).phone, record(report, 2).private_phone) == ("02373876112", "")
    assert "113 là số chung, không lưu làm số riêng" in said(report, 2)
    assert "giữ riêng cho cán bộ" not in said(report, 2)
    report = glance(("Loại hình", "Tên cơ sở", "SĐT"), ("Công an", "Công an xã", "02373876112/113/0912345678"))
    assert record(report, 2).private_phone == "0912345678"


def test_a_number_of_old_papers_is_refused(glance: Read) -> None:
    """A line that nobody answers any more goes to no resident."""
    report = glance(("Loại hình", "Tên cơ sở", "SĐT"), ("Tư vấn", "Đường dây cũ", "1800 1567"))
    assert "không còn người nghe" in said(report, 2, "error")


def test_faulty_cells_name_their_column_and_the_way_out(glance: Read) -> None:
    """Each faulty cell is an error of its own, with what stands in it, unless it may be private."""
    report = glance(
        ("Loại hình", "Tên cơ sở", "SĐT", "Ngày QĐ", "Nhận trẻ em", "Ngôn ngữ", "Khoảng cách", "Tình trạng"),
        ("quán nước", "Nhà thôn Một", "0912 34", "32/1/2026", "tùy", "sao Hỏa", "xa lắm", "hên xui"),
    )
    errors = [remark for remark in line(report, 2).remarks if remark.level == "error"]
    assert [e.column for e in errors] == [
        "Loại hình", "Ngày QĐ", "Khoảng cách", "Tình trạng", "Ngôn ngữ", "Nhận trẻ em", "SĐT",
    ]  # fmt: skip
    assert all(e.text.endswith(".") for e in errors)
    assert [e.read for e in errors if not e.read] == [""]
    assert errors[-1].read == ""


ADMIN = Keeper("3", "Quản trị", "admin")
PLACES = [
    (THANH_HOA, Told(commune="Xã Cẩm Tân"), 15178, ""),
    (THANH_HOA, Told(commune="cam tan"), 15178, ""),
    (THANH_HOA, Told(commune="Xã Cẩm Tân – 15178"), 15178, ""),
    (THANH_HOA, Told(code="15178"), 15178, ""),
    (THANH_HOA, Told(commune="Xã Cẩm Long", district="huyện Cẩm Thủy"), 15178, "nay là Xã Cẩm Tân"),
    (THANH_HOA, Told(commune="Thị trấn Phong Sơn", district="Cẩm Thủy"), 15127, "nay là Xã Cẩm Thủy"),
    (THANH_HOA, Told(address="thôn Phú Lai, xã Cẩm Tân, Cẩm Thủy"), 15178, "từ ô địa chỉ"),
    (CAM_TAN, Told(), 15178, ""),
    (CAM_TAN, Told(district="Cẩm Thủy"), 15178, "hiểu là Xã Cẩm Tân"),
    (ADMIN, Told(commune="Phường 3", district="TP Sóc Trăng", province="Sóc Trăng"), 31510, "nay là Phường Phú Lợi"),
    (THANH_HOA, Told(commune="Toàn tỉnh"), 0, ""),
    (ADMIN, Told(commune="Toàn tỉnh Thanh Hóa"), 0, ""),
]  # fmt: skip


@pytest.mark.parametrize(("by", "told", "code", "words"), PLACES, ids=str)
def test_communes_of_today_and_of_before(by: Keeper, told: Told, code: int, words: str) -> None:
    """By name, code, old commune with its district, address; what was read otherwise is told."""
    found = finder(by)(told)
    assert (found.wrong, found.commune) == ("", code)
    assert words in found.said
    assert bool(words) == bool(found.said)


LOST = [
    (ADMIN, Told(commune="Tân Lập"), "Xã Tân Lập, Quảng Trị; "),
    (THANH_HOA, Told(district="Cẩm Thủy"), "Xã Cẩm Thạch, Thanh Hóa"),
    (THANH_HOA, Told(commune="Tân Lập"), "Không có “Tân Lập” trong phạm vi của bạn"),
    (THANH_HOA, Told(commune="Phường Sóc Trăng"), "không thuộc phạm vi của bạn"),
    (CAM_TAN, Told(commune="Xã Cẩm Thủy"), "không thuộc phạm vi của bạn"),
    (CAM_TAN, Told(commune="Toàn tỉnh"), "Chỉ cán bộ cấp tỉnh"),
    (ADMIN, Told(commune="Toàn tỉnh"), "Ghi tên tỉnh"),
    (THANH_HOA, Told(commune="Atlantis"), "Không tìm thấy xã “Atlantis”"),
    (THANH_HOA, Told(), "Ghi tên xã, phường"),
    (THANH_HOA, Told(code="99999"), "Mã xã không có"),
    (THANH_HOA, Told(commune="Xã Cẩm Thủy – 15178"), "không khớp tên xã"),
]  # fmt: skip


@pytest.mark.parametrize(("by", "told", "words"), LOST, ids=str)
def test_a_commune_that_is_unclear_is_asked_for(by: Keeper, told: Told, words: str) -> None:
    """Choices are named; what is not this person's is not theirs to write."""
    assert words in finder(by)(told).wrong


def test_columns_that_mean_the_same(glance: Read) -> None:
    """A second name column is left unread, and named; two columns of phones are read together."""
    report = glance(
        ("Loại hình", "Tên cơ sở", "Tên đơn vị", "SĐT", "Di động"),
        ("Công an", "Công an xã", "khác", "113", "0912345678"),
    )
    assert report.ignored == ("Tên đơn vị",)
    assert (record(report, 2).phone, record(report, 2).private_phone) == ("113", "0912345678")


def test_titles_are_found_under_others_and_in_two_rows_of_a_csv(glance: Read) -> None:
    """Without merged cells too: a group of titles is followed by empty ones."""
    upload = "Hội Phụ nữ\n\nLoại hình;Tên cơ sở;Quyết định;;Liên hệ;\n;;Số;Ngày;SĐT;Họ tên\nCông an;Công an xã;1/QĐ;1/3/2026;113;Ông A\n"
    report = glance(upload.encode(), name="ds.csv")
    assert [meant for _, meant in report.columns] == [
        "Loại hình", "Tên cơ sở", "Số quyết định", "Ngày quyết định", "Số điện thoại", "Người phụ trách",
    ]  # fmt: skip
    assert (record(report, 5).decision, record(report, 5).decided_on) == ("1/QĐ", "2026-03-01")


def test_numbers_that_were_filled_in_beforehand_are_no_places(glance: Read) -> None:
    """A number in front of an empty row makes it no row."""
    report = glance(
        sheet_of(("STT", "Loại hình", "Tên cơ sở"), (1, "Công an", "Công an xã"), (2, "", ""), (3, None, None))
    )
    assert [one.row for one in report.lines] == [2]
