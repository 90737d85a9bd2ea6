"""The shapes of an uploaded list, its limits, and what staff read when a file cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

MOST_BYTES = 5 * 1024 * 1024
MOST_UNZIPPED = 50 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 100
MOST_SHEETS = 30
MOST_LETTERS = 2_000
"""Of a longer cell so many are read, and one more: enough to say that it is too long."""
ROWS_READ = MOST_ROWS + 200
"""Filled rows of a sheet that are read: the list, and what stands above it."""
ROWS_SEEN = 2 * MOST_ROWS
"""Rows of a sheet that are looked at, empty ones too: a small file may hold a million of these."""

Value = str | int | float | bool | date | datetime | time | timedelta | None


class Unreadable(Exception):
    """A file that cannot be taken; the message says why and what to do, in Vietnamese, as staff read it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds something: its number as Excel shows it, and its cells from column A on."""

    number: int
    values: tuple[Value, ...] = field(repr=False)
    fonts: Mapping[int, str] = field(default_factory=dict)
    """Old Vietnamese fonts (".VnTime") by column, from 0."""
    uncounted: frozenset[int] = frozenset()
    """Columns whose formula holds no value: nobody has counted it yet."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, without its empty rows."""

    name: str
    rows: tuple[Row, ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Merged areas: first row, first column (from 0), last row, last column."""
    hidden: bool = False
    cut: bool = False
    """It has more rows than are read."""
    from_1904: bool = False
    """Its days count from 1904, as old Macs had it."""


LOCKED = (
    "Tệp đang đặt mật khẩu. Mở bằng Excel, vào Tệp > Thông tin > Bảo vệ sổ làm việc, xóa mật khẩu, lưu rồi tải lên lại."
)
ASK = "Lưu danh sách thành tệp .xlsx (hoặc tải mẫu về và chép danh sách vào), rồi tải lên."
BROKEN = f"Tệp bị hỏng hoặc chưa tải lên hết. Thử mở bằng Excel. {ASK}"
