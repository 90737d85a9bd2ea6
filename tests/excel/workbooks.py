"""Lists as offices have them: a small messy one, and one of 5,000 rows. All names and numbers are made up."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from referral_directory.places import find_place, load
from referral_directory.places.units import Former

VNTIME = Font(name=".VnTime")


def saved(book: Workbook) -> bytes:
    """Return a workbook as the bytes of its file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(*rows: Sequence[Any], name: str = "Sheet1") -> bytes:
    """Return an .xlsx file of one sheet with these rows."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def messy() -> bytes:
    """Return the list of a commune as offices keep it: a letterhead, titles in two rows, merged cells, sections, sums.

    Rows from 7 on: 7 two phones in a cell; 8 .VnTime text; 9 an old prefix and an old commune; 10 a section; 11 a number
    that lost its zero; 12 the same place as 11 again; 13 a formula that nobody counted; 14 a formula with its value; 15 a
    commune that is not theirs; 16 a section of another kind; 17 letters taken apart (NFD); 18 a sum; 20 a signature.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Năm 2026"
    sheet["A1"] = "ỦY BAN NHÂN DÂN XÃ CẨM TÂN"
    sheet["A2"] = "DANH SÁCH CÁC NƠI GIÚP ĐỠ NGƯỜI BỊ BẠO LỰC"
    for area in (
        "A1:L1",
        "A2:L2",
        "A4:A5",
        "B4:B5",
        "C4:C5",
        "D4:E4",
        "F4:F5",
        "G4:H4",
        "I4:I5",
        "J4:J5",
        "K4:K5",
        "L4:L5",
    ):
        sheet.merge_cells(area)
    for at, title in {
        "A4": "STT", "B4": "Loại hình", "C4": "Tên cơ sở", "D4": "Liên hệ", "F4": "Địa chỉ", "G4": "Quyết định",
        "I4": "Đồng ý công bố", "J4": "Xã/phường", "K4": "Có chỗ ở lại", "L4": "Ghi chú",
        "D5": "Điện thoại", "E5": "Họ và tên người phụ trách", "G5": "Số", "H5": "Ngày",
    }.items():  # fmt: skip
        sheet[at] = title
    sheet.append([f"({n})" for n in range(1, 13)])
    home = "Địa chỉ tin cậy"
    rows: list[list[Any]] = [
        [1, home, "Nhà thôn Phú Lai", "0912 345 678 / 0987.654.321", "Bà A", "thôn Phú Lai", "12/QĐ-UBND", date(2026, 3, 1),
         "có", "Xã Cẩm Tân", "x", "tốt"],
        [2, "§Þa chØ tin cËy", "Nhµ th«n Phó T©n", 912345001, "Bµ B", "th«n Phó T©n", "12/Q§-UBND", "ngµy 01 th¸ng 3 n¨m 2026",
         "cã", "X· CÈm T©n", "kh«ng", ""],
        [3, home, "Nhà thôn Vân Long", "0168 123 4567", "Bà C", "ngõ sau chợ, thôn Vân Long", "", "", "không", "Xã Cẩm Long, huyện Cẩm Thủy",
         "có", ""],
        ["I", "Công an và y tế"],
        [4, "CA xã", "Công an xã", 2373822123, "", "trung tâm xã", "", "", "", "Cẩm Tân", "", ""],
        [5, "Công an", "CÔNG AN XÃ", 2373822999, "", "", "", "", "", "Cẩm Tân", "", ""],
        [6, "Trạm y tế", "Trạm y tế", "=1+1", "", "", "", "", "", "Cẩm Tân", "", ""],
        [7, "Trạm y tế", "Phân trạm y tế", "0909 000 111", "", "", "", "", "", "Cẩm Tân", "", ""],
        [8, "Trạm y tế", "Trạm y tế phường", "0909 000 112", "", "", "", "", "", "Phường Sóc Trăng, Cần Thơ", "", ""],
        ["II", "Hội phụ nữ"],
        [9, "", unicodedata.normalize("NFD", "Hội Liên hiệp Phụ nữ xã"), "+84 909 000 113", "", "", "", "", "", "Cẩm Tân", "", ""],
        ["", "Tổng cộng: 9 nơi"],
        [],
        ["", "", "", "", "", "Cẩm Tân, ngày 5 tháng 11 năm 2026"],
    ]  # fmt: skip
    for row in rows:
        sheet.append(row)
    for area in ("B10:L10", "B16:L16"):
        sheet.merge_cells(area)
    for cell in sheet[8]:
        cell.font = VNTIME
    return saved(book)


def large(rows: int = 5_000, province: str = "Thanh Hóa") -> bytes:
    """Return a list of so many places of one province: four kinds a commune, numbers without zeros, some old names."""
    communes = [c for c in load().communes if c.province.name == province]
    former = [f for f in load().former_communes if f.province == province and _is_clear(f)]
    kinds = ("Địa chỉ tin cậy", "Công an", "Trạm y tế", "Hội LHPN")
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([f"DANH SÁCH NƠI GIÚP ĐỠ TẠI TỈNH {province.upper()}"])
    sheet.append([])
    sheet.append(
        ["STT", "Loại hình", "Tên cơ sở", "Xã/phường", "Huyện (cũ)", "Điện thoại liên hệ", "Địa chỉ", "Giờ mở cửa", "Số QĐ",
         "Ngày QĐ", "Đồng ý công bố", "Có chỗ ở lại", "Nhận trẻ em", "Ngôn ngữ", "Khoảng cách", "Ghi chú"]
    )  # fmt: skip
    for n in range(rows):
        kind = kinds[n % 4]
        old = former[n % len(former)] if n % 5 == 0 else None
        commune = communes[n % len(communes)]
        sheet.append(
            [n + 1, kind, f"{kind} số {n}", f"{old.kind} {old.name}" if old else commune.label, old.district if old else "",
             912_000_000 + n, f"thôn {n % 40}, gần trường học", ("cả ngày đêm", "giờ hành chính", "7h30-17h thứ 2 đến thứ 6")[n % 3],
             f"{n % 90 + 1}/QĐ-UBND", date(2026, 3, 1 + n % 28), "x" if n % 2 else "", "có" if n % 3 else "không", "x",
             "Mường; Thái" if n % 7 == 0 else "", n % 20 / 2, "đã gặp"]
        )  # fmt: skip
    return saved(book)


def _is_clear(former: Former) -> bool:
    """Tell whether the old name with its district is one commune of today."""
    place = find_place(f"{former.kind} {former.name}, {former.district}, {former.province}", expecting=True)
    return place is not None and place.code is not None
