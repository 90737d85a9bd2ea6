"""Sheets that leave: the empty template, the list of a commune or province, the marked copy of an import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from sqlalchemy import Connection, select

from nlu.text import fold
from referral_directory import record as records
from referral_directory.excel.cells import escape
from referral_directory.excel.columns import COLUMNS, TITLES, WHOLE_PROVINCE, cells_of
from referral_directory.excel.report import Line, Report
from referral_directory.excel.sheets import MOST_ROWS
from referral_directory.keeper import Keeper
from referral_directory.models import service
from referral_directory.places import load
from referral_directory.publishing import lacking
from referral_directory.record import Record

LIST, CHOICES = "Danh sách", "Danh mục"
"""Names of the sheets of a template: the list, and what its drop-downs offer."""
_TITLE_ROWS = 3
_TITLE = "Danh bạ nơi giúp đỡ người bị bạo lực"
_HOW = "Mỗi nơi một dòng, dưới hàng tiêu đề. Ô để trống khi tải lên thì giữ nguyên điều đã có."
_TEXT = "@"
_LONGEST = 32_767
"""Letters that a cell of Excel takes."""
_BOLD, _SMALL = Font(bold=True), Font(italic=True, size=9, color="FF555555")
_BLUE, _RED = PatternFill("solid", fgColor="FFD9E8F6"), PatternFill("solid", fgColor="FFFFD6D6")
_YELLOW = PatternFill("solid", fgColor="FFFFF4CC")
"""A row that may be imported, and that nobody can approve as it stands."""
_WRAP = Alignment(wrap_text=True, vertical="top")


def template(province: str = "", commune: int = 0) -> bytes:
    """Return an empty .xlsx with a line of help over each column and drop-downs: kinds, yes and no, the communes of this
    province (or this one commune); raise `ValueError` for a place that is not."""
    return _workbook((), _communes(province, commune))


def export(db: Connection, keeper: Keeper, province: str = "", commune: int = 0) -> bytes:
    """Return the approved records that this person may see as .xlsx, without a private phone or a hidden address."""
    here = keeper.province or province
    home = keeper.commune or commune
    return _workbook(_rows(db, keeper, province, commune), _communes(here, home) if here or home else [])


def export_csv(db: Connection, keeper: Keeper, province: str = "", commune: int = 0) -> bytes:
    """Return the same as CSV (UTF-8 with its mark, so that Excel shows the letters)."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write([column.title for column in COLUMNS])
    for row in _rows(db, keeper, province, commune):
        write([escape(row[column.key]) for column in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def marked_copy(report: Report) -> bytes:
    """Return the uploaded list as .xlsx with, in front, what must be mended in each row; rows keep their numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet((report.sheet or LIST)[:31].translate({ord(c): " " for c in r"[]:*?/\'"}))
    sheet.column_dimensions["A"].width = 60
    for n in range(2, 2 + max((len(cells) for _, cells in report.head), default=0)):
        sheet.column_dimensions[get_column_letter(n)].width = 22
    at = 0
    last = report.head[-1][0] if report.head else 0
    for number, cells in report.head:
        at = _blank(sheet, at, number)
        told = " ".join(filter(None, (report.summary, report.to_add))) if number == report.head[0][0] else ""
        titles = number == last
        row = [_cell(sheet, text, _BOLD) for text in (TITLES["reason"] if titles else told, *cells)]
        if titles:
            row += _columns_to_add(sheet, report)
        sheet.append(row)
    for line in report.lines:
        at = _blank(sheet, at, line.row)
        sheet.append(list(_marked(sheet, line)))
    return _bytes(book)


def _columns_to_add(sheet: Any, report: Report) -> Iterator[Any]:
    """Yield the titles of the columns that the list lacks, coloured, behind its own: a mended copy is read with them."""
    for title in report.absent:
        cell = _cell(sheet, title, _BOLD)
        cell.fill = _YELLOW
        yield cell


def _marked(sheet: Any, line: Line) -> Iterator[Any]:
    wrong = [str(remark) for remark in line.remarks if remark.level == "error"]
    missing = list(_to_add(line.record)) if line.record and line.action in ("new", "edit") else []
    for text in ("; ".join(wrong or missing), *line.cells):
        cell = _cell(sheet, text)
        if wrong or missing:
            cell.fill = _RED if wrong else _YELLOW
        yield cell


def _to_add(record: Record) -> Iterator[str]:
    """Yield what must be added before anybody can approve this, with its column; a number that is there waits for it."""
    missing = lacking(record)
    for key, sentence in missing.items():
        if key != "phone" or len(missing) == 1 or not record.private_phone:
            yield f"{TITLES[key]}: {sentence}"


def _blank(sheet: Any, at: int, number: int) -> int:
    """Fill up with empty rows to the one before `number`; return `number`."""
    for _ in range(at + 1, number):
        sheet.append([])
    return number


def _rows(db: Connection, keeper: Keeper, province: str, commune: int) -> Iterator[dict[str, str]]:
    """Yield the cells of the approved records of this scope; what is not public stays in the database."""
    wanted = select(service.c.id).where(keeper.scope(service), service.c.state == "approved", ~service.c.sample)
    if province:
        wanted = wanted.where(service.c.province == province)
    if commune:
        wanted = wanted.where(service.c.commune == commune)
    ids = list(
        db.execute(wanted.order_by(service.c.province, service.c.commune, service.c.name, service.c.id)).scalars()
    )
    for n in range(0, len(ids), records.AT_ONCE):
        some = ids[n : n + records.AT_ONCE]
        found = records.read(db, some, public=True)
        yield from (cells_of(found[key], key) for key in some)


def _communes(province: str, commune: int) -> list[str]:
    """Return what the drop-down of communes offers: "Xã Cẩm Tân – 15178"."""
    if commune:
        one = load().commune(commune)
        if one is None:
            raise ValueError(f"no commune {commune}")
        return [f"{one.label} – {one.code}"]
    found = [c for c in load().communes if c.province.name == province]
    if not found:
        raise ValueError(f"no province {province!r}")
    named = sorted(found, key=lambda c: (fold(c.name), c.code))
    return [f"{WHOLE_PROVINCE} {province}", *(f"{c.label} – {c.code}" for c in named)]


def _workbook(rows: Iterable[dict[str, str]], communes: Sequence[str]) -> bytes:
    book = Workbook(write_only=True)
    sheet, lists = book.create_sheet(LIST), book.create_sheet(CHOICES)
    lists.sheet_state = "hidden"
    sheet.freeze_panes = f"C{_TITLE_ROWS + 2}"
    offered = [communes if column.key == "commune" else column.choices for column in COLUMNS]
    for n, (column, choices) in enumerate(zip(COLUMNS, offered, strict=True), 1):
        letter = get_column_letter(n)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = _TEXT
        if choices:
            sheet.data_validations.append(_drop_down(letter, len(choices), column.title, column.help))
    sheet.append([_cell(sheet, _TITLE, Font(bold=True, size=14))])
    sheet.append([_cell(sheet, _HOW)])
    sheet.append([_cell(sheet, column.help, _SMALL, _WRAP) for column in COLUMNS])
    sheet.append([_cell(sheet, column.title, _BOLD, _WRAP, _BLUE) for column in COLUMNS])
    for row in rows:
        sheet.append([_cell(sheet, row[column.key]) for column in COLUMNS])
    for n in range(max(map(len, offered))):
        lists.append([_cell(lists, choices[n] if n < len(choices) else "") for choices in offered])
    return _bytes(book)


def _drop_down(letter: str, size: int, title: str, help_line: str) -> DataValidation:
    offered = f"'{CHOICES}'!${letter}$1:${letter}${size}"
    rows = f"{letter}{_TITLE_ROWS + 2}:{letter}{_TITLE_ROWS + 1 + MOST_ROWS}"
    return DataValidation(
        type="list", formula1=offered, sqref=rows, allow_blank=True, showErrorMessage=True, errorTitle=title,
        error="Chọn một giá trị trong danh sách, hoặc để trống.", showInputMessage=True, promptTitle=title[:32],
        prompt=help_line[:255], errorStyle="warning",
    )  # fmt: skip


def _cell(
    sheet: Any, text: str, font: Font | None = None, alignment: Alignment | None = None, fill: PatternFill | None = None
) -> Any:
    """Return a text cell: no zero is lost in it, and nothing in it is counted."""
    cell = WriteOnlyCell(sheet, escape(text)[:_LONGEST])
    cell.data_type = "s"
    cell.number_format = _TEXT
    if font:
        cell.font = font
    if alignment:
        cell.alignment = alignment
    if fill:
        cell.fill = fill
    return cell


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
