"""The same figures as a workbook, for those who add up the reports of many places."""

from __future__ import annotations

import io
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from bot.report.figures import UNDER, Month, as_told, as_told_at_most
from bot.report.names import ENDS
from referral_directory.excel.cells import escape
from referral_directory.readiness import WHY

if TYPE_CHECKING:
    from openpyxl import Workbook

_LETTERS, _SIZE, _LINE = "Times New Roman", 12, 16.0
"""Of every cell; the height of a line in points."""
_WIDTHS: dict[str, tuple[int, ...]] = {
    "Chung": (44, 48), "Số lượt": (26, 46), "Địa chỉ tin cậy": (36, 32), "Hoạt động": (46, 14, 30, 12),
}  # fmt: skip
"""Of the columns of a sheet, in characters; the others have `_USUAL`."""
_USUAL = 14


def as_xlsx(month: Month) -> bytes:
    """Return the workbook: messages, counts, places and activities on a sheet each, numbers as numbers, what is under five as words."""
    from openpyxl import Workbook

    book = Workbook()
    del book["Sheet"]
    _sheet(book, "Chung", ["Mục", "Giá trị"], _general(month))
    heads = list(ENDS.values())
    channels = [[name, *(counts[end] for end in ENDS)] for name, counts in month.channels.items()]
    _sheet(book, "Tin theo kênh", ["Kênh", *heads], channels)
    days = [[one.day, one.channel, *(one.counts[end] for end in ENDS)] for one in month.sent]
    _sheet(book, "Tin theo ngày", ["Ngày", "Kênh", *heads], days)
    counts = month.counts
    counted = (
        ("Câu hỏi về pháp luật", counts.topics), ("Câu hỏi khác", counts.asked), ("Loại bạo lực được kể", counts.told),
        ("Nơi đã giới thiệu", counts.offered), ("Đố vui", counts.quiz), ("Người đã nhận tin", month.reach),
    )  # fmt: skip
    lines = [[subject, name, n or UNDER] for subject, rows in counted for name, n in rows]
    _sheet(book, "Số lượt", ["Nhóm", "Mục", "Số lượt"], lines)
    if month.scope.province:
        every = [[c.label, "Có", day] for c, day in month.ready.called]
        every += [[m.commune.label, WHY[m.why], m.last] for m in month.ready.missing]
        _sheet(book, "Địa chỉ tin cậy", ["Xã, phường, đặc khu", "Tình trạng", "Gọi gần nhất"], every)
    else:
        provinces = [[p.province, p.ready, p.communes] for p in month.provinces]
        _sheet(book, "Địa chỉ tin cậy", ["Tỉnh, thành phố", "Số xã có", "Số xã"], provinces)
    done = [[escape(one.what), one.day, escape(one.place), one.people] for one in month.activities]
    _sheet(book, "Hoạt động", ["Hoạt động", "Ngày", "Nơi tổ chức", "Số người"], done)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _general(month: Month) -> list[list[object]]:
    ready = month.ready
    reached: list[list[object]] = [["Người đã nhận ít nhất một tin", as_told(month.counts.reached)]]
    few: list[list[object]] = [["Tin nhắn", f"{UNDER} tin mỗi ngày"]] if month.few else []
    return [
        ["Năm", month.year],
        ["Tỉnh, thành phố", month.scope.province or "cả nước"],
        ["Từ ngày", month.first],
        ["Đến ngày", month.last],
        ["Số liệu", "tạm tính, mùa chưa kết thúc" if month.provisional else "cả mùa"],
        ["Lập lúc", f"{month.written:%H:%M %d/%m/%Y}"],
        ["Chủ đề", escape(month.theme) or "chưa ghi"],
        *few,
        *([] if month.reach else reached),
        ["Người đang đăng ký nhận tin", as_told(month.subscribers)],
        ["Lời nhờ gọi lại", as_told_at_most(month.counts.callbacks)],
        ["Xã có địa chỉ tin cậy đã kiểm tra trong 90 ngày", ready.ready],
        ["Số xã, phường, đặc khu", ready.communes],
    ]


def _width(widths: Sequence[int], column: int) -> int:
    return widths[column - 1] if column <= len(widths) else _USUAL


def _lines(value: object, width: int) -> int:
    """Return how many lines a cell needs: words part where the column ends, in letters wider than its digits."""
    return len(wrap(str(value), max(1, int(width * 0.9)))) if isinstance(value, str) else 1


def _sheet(book: Workbook, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.append(list(head))
    for cell in sheet[1]:
        cell.font, cell.fill = Font(name=_LETTERS, size=_SIZE, bold=True), PatternFill("solid", fgColor="FFE8D6")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for row in rows:
        sheet.append(list(row))
    widths = _WIDTHS.get(title, ())
    for n in range(1, len(head) + 1):
        sheet.column_dimensions[get_column_letter(n)].width = _width(widths, n)
    for cells in sheet.iter_rows():
        lines = max(_lines(cell.value, _width(widths, cell.column)) for cell in cells)
        sheet.row_dimensions[cells[0].row].height = lines * _LINE + 3
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.font = Font(name=_LETTERS, size=_SIZE)
            at_left = cell.column == 1 or cell.is_date or title == "Chung"  # a date at the right touches the next words
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left" if at_left else None)
            if cell.is_date:
                cell.number_format = "dd/mm/yyyy"
            elif isinstance(cell.value, int) and title != "Chung":
                cell.number_format = "#,##0"
    sheet.freeze_panes = "A2"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
