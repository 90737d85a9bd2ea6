"""Rows of an .xlsx workbook (openpyxl) and of an old .xls one (xlrd); each foreign error becomes `Unreadable`."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import xlrd
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import FORMULA_TAG, INLINE_STRING, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from referral_directory.excel.sheets import (
    BROKEN,
    LOCKED,
    MOST_COLUMNS,
    MOST_LETTERS,
    MOST_SHEETS,
    ROWS_READ,
    ROWS_SEEN,
    Row,
    Sheet,
    Unreadable,
    Value,
)
from referral_directory.excel.tcvn3 import is_font

_WORDS = f"{{{SHEET_MAIN_NS}}}t"


def read_xlsx(upload: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of an .xlsx file whose parts were checked; formulas give the value that Excel kept."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells what it leaves out: drawings, validations, odd dates
            return tuple(_xlsx_sheets(upload))
    except Unreadable:
        raise
    except Exception as error:  # a broken file breaks openpyxl in a hundred ways
        raise Unreadable(BROKEN) from error


class _Parser(WorkSheetParser):
    """openpyxl's parser of a sheet, which also tells a formula without a value from an empty cell."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        words = element.find(INLINE_STRING) if element.get("t") == "inlineStr" else None
        if words is not None:
            element.attrib["t"] = "str"  # openpyxl takes a third of a long list's time to build its own text of these
        cell: dict[str, Any] = super().parse_cell(element)
        if words is not None:
            cell["value"] = "".join(part.text or "" for part in words.iter(_WORDS))
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = "f"
        return cell


def _xlsx_sheets(upload: bytes) -> Iterator[Sheet]:
    book: Any = load_workbook(io.BytesIO(upload), read_only=True, data_only=True, keep_links=False)
    try:
        fonts = [book._fonts[style.fontId].name or "" for style in book._cell_styles]
        old = {n: name for n, name in enumerate(fonts) if is_font(name)}
        for sheet in book.worksheets[:MOST_SHEETS]:
            with sheet._get_source() as source:
                parser: Any = _Parser(
                    source, sheet._shared_strings, data_only=True, epoch=book.epoch,
                    date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
                )  # fmt: skip
                rows, cut = _taken(_xlsx_row(number, cells, old) for number, cells in parser.parse())
            areas = parser.merged_cells.mergeCell if parser.merged_cells else ()
            merged = tuple((m.min_row, m.min_col - 1, m.max_row, m.max_col - 1) for m in areas[:20_000])
            hidden = sheet.sheet_state != "visible"
            yield Sheet(sheet.title, rows, merged, hidden, cut, book.epoch == CALENDAR_MAC_1904)
    finally:
        book.close()


def _xlsx_row(number: int, cells: list[dict[str, Any]], old: dict[int, str]) -> Row | None:
    values: list[Value] = []
    fonts, uncounted = {}, set()
    for cell in cells:
        at = cell["column"] - 1
        value = cell["value"]
        if cell["data_type"] == "f":
            uncounted.add(at)
        elif value is None or value == "":
            continue
        elif isinstance(value, str):
            value = value[: MOST_LETTERS + 1]
            if cell["style_id"] in old:
                fonts[at] = old[cell["style_id"]]
        _check_width(at)
        values.extend([None] * (at + 1 - len(values)))
        values[at] = value
    return Row(number, tuple(values), fonts, frozenset(uncounted)) if values else None


def read_xls(upload: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of an .xls file."""
    try:
        quiet: dict[str, Any] = {"logfile": io.StringIO(), "on_demand": True, "ragged_rows": True}
        book = xlrd.open_workbook(file_contents=upload, formatting_info=True, **quiet)
        return tuple(_xls_sheet(book, book.sheet_by_index(n)) for n in range(min(book.nsheets, MOST_SHEETS)))
    except Unreadable:
        raise
    except Exception as error:  # a broken file breaks xlrd in a hundred ways
        if "encrypted" in str(error).lower():
            raise Unreadable(LOCKED) from error
        if isinstance(error, xlrd.compdoc.CompDocError | xlrd.XLRDError) and "workbook" in str(error).lower():
            raise Unreadable(
                "Tệp này không phải bảng Excel (có thể là tệp Word đổi tên). Mở tệp bằng đúng chương trình của nó, "
                "chép danh sách sang Excel, lưu thành .xlsx rồi tải lên."
            ) from error
        raise Unreadable(BROKEN) from error


def _xls_sheet(book: Any, sheet: Any) -> Sheet:
    old = {n: book.font_list[xf.font_index].name for n, xf in enumerate(book.xf_list)}
    old = {n: name for n, name in old.items() if is_font(name)}
    rows, cut = _taken(_xls_row(book, sheet, n, old) for n in range(sheet.nrows))
    merged = tuple((top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells[:20_000])
    return Sheet(sheet.name, rows, merged, bool(sheet.visibility), cut, bool(book.datemode))


def _xls_row(book: Any, sheet: Any, n: int, old: dict[int, str]) -> Row | None:
    values: list[Value] = []
    fonts = {}
    for at, cell in enumerate(sheet.row(n)):
        value = _xls_value(book, cell)
        if value is None or value == "":
            continue
        _check_width(at)
        values.extend([None] * (at + 1 - len(values)))
        values[at] = value
        if isinstance(value, str) and cell.xf_index in old:
            fonts[at] = old[cell.xf_index]
    return Row(n + 1, tuple(values), fonts) if values else None


def _xls_value(book: Any, cell: Any) -> Value:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return str(cell.value)[: MOST_LETTERS + 1]
        case xlrd.XL_CELL_NUMBER:
            return float(cell.value)
        case xlrd.XL_CELL_DATE:
            try:
                found: datetime = xlrd.xldate_as_datetime(cell.value, book.datemode)
            except (ValueError, OverflowError):
                return float(cell.value)
            return found.time() if cell.value < 1 else found
        case xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return None


def _taken(rows: Iterator[Row | None]) -> tuple[tuple[Row, ...], bool]:
    """Return as many filled rows as are read, and whether there are more rows, filled or empty, than are looked at."""
    found: list[Row] = []
    for n, row in enumerate(rows):
        if n == ROWS_SEEN or len(found) > ROWS_READ:
            return tuple(found[:ROWS_READ]), True
        if row is not None:
            found.append(row)
    return tuple(found[:ROWS_READ]), len(found) > ROWS_READ


def _check_width(column: int) -> None:
    if column >= MOST_COLUMNS:
        raise Unreadable(
            f"Trang tính có hơn {MOST_COLUMNS} cột. Xóa các cột không dùng ở bên phải danh sách rồi tải lên."
        )
