"""The same figures as a workbook, for those who add up the reports of many places."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.report.figures import FEWEST, Month
from bot.store.schema import ENDS

if TYPE_CHECKING:
    from openpyxl import Workbook


def as_xlsx(month: Month) -> bytes:
    """Return the workbook: one sheet a subject, numbers as numbers, what is under five as words."""
    from openpyxl import Workbook

    book = Workbook()
    del book["Sheet"]
    _sheet(book, "Chung", ["Mục", "Giá trị"], _general(month))
    _sheet(book, "Tin theo kênh", ["Kênh", *ENDS], [[c.name, *(c.counts[e] for e in ENDS)] for c in month.channels])
    _sheet(book, "Tin theo ngày", ["Ngày", "Gửi được"], [[day, n] for day, n in month.sent_by_day])
    for title, rows in (
        ("Câu hỏi", month.questions), ("Được kể", month.told), ("Nơi giúp", month.offered), ("Đố vui", month.quiz),
    ):  # fmt: skip
        _sheet(book, title, ["Mục", "Số lượt"], [[name, n or "dưới 5"] for name, n in rows])
    _sheet(book, "Xã chưa sẵn sàng", ["Xã, phường, đặc khu"], [[name] for name in month.missing])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _general(month: Month) -> list[list[object]]:
    return [
        ["Năm", month.year],
        ["Tỉnh, thành phố", month.province or "cả nước"],
        ["Từ ngày", month.first],
        ["Đến ngày", month.last],
        ["Chủ đề", month.theme or "chưa ghi"],
        ["Người đang đăng ký nhận tin", month.subscribers],
        ["Lời nhờ gọi lại", month.callbacks if month.callbacks == 0 or month.callbacks >= FEWEST else "dưới 5"],
        ["Xã có địa chỉ tin cậy đã kiểm tra trong 90 ngày", month.ready],
        ["Số xã, phường, đặc khu", month.communes],
    ]


def _sheet(book: Workbook, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.append(list(head))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(list(row))
    sheet.freeze_panes = "A2"
    for n in range(1, len(head) + 1):
        sheet.column_dimensions[get_column_letter(n)].width = 48 if n == 1 else 16
