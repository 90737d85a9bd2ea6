"""Lists as offices have them: a small messy one, and one of 5,000 rows. All names and numbers are made up."""

from __future__ import annotations

import io
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
