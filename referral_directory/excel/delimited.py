"""Rows of a CSV file: its encoding and its separator are guessed as Vietnamese offices save it. Pure."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator

from nlu.text import is_syllable
from referral_directory.excel.sheets import (
    ASK,
    MOST_COLUMNS,
    MOST_LETTERS,
    ROWS_READ,
    ROWS_SEEN,
    Row,
    Sheet,
    Unreadable,
)
from referral_directory.excel.tcvn3 import to_unicode


def read_csv(upload: bytes) -> tuple[Sheet, ...]:
    """Return the one sheet of a CSV file; raise `Unreadable` when it is no text."""
    text = _decoded(upload).removeprefix("\ufeff")
    named = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    rows, cut = list[Row](), False
    try:
        for number, cells in enumerate(csv.reader(_lines(text), delimiter=named[1] if named else _separator(text)), 1):
            cut = number > ROWS_SEEN or len(rows) > ROWS_READ
            if cut:
                break
            values = tuple(cell[: MOST_LETTERS + 1] for cell in cells)
            while values and not values[-1].strip():
                values = values[:-1]
            if len(values) > MOST_COLUMNS:
                raise Unreadable(f"Tệp CSV có hơn {MOST_COLUMNS} cột: có lẽ dấu phân cách sai. {ASK}")
            if values and not (named and number == 1):
                rows.append(Row(number, values))
    except csv.Error as error:
        raise Unreadable(f"Không đọc được tệp CSV. {ASK}") from error
    return (Sheet("CSV", tuple(rows[:ROWS_READ]), cut=cut or len(rows) > ROWS_READ),)


def _decoded(upload: bytes) -> str:
    if upload.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(upload, "utf-16")
    head = upload[:4_000]
    for code, other in (("utf-16-le", head[::2]), ("utf-16-be", head[1::2])):
        if head.count(0) > len(head) // 4 and not other.count(0):
            return _strict(upload, code)
    if 0 in upload:
        raise Unreadable(f"Tệp này không phải bảng Excel hay CSV. {ASK}")
    try:
        return upload.decode("utf-8-sig")
    except UnicodeDecodeError:
        return max((upload.decode(code, "replace") for code in ("cp1258", "cp1252")), key=_sense)


def _strict(upload: bytes, code: str) -> str:
    try:
        return upload.decode(code)
    except UnicodeDecodeError:
        raise Unreadable(f"Không đọc được chữ trong tệp này. {ASK}") from None


def _sense(text: str) -> int:
    """Return how many words with marks are Vietnamese, by Unicode or by TCVN3."""
    words = [w for w in re.findall(r"[^\s,;\"]+", text[:20_000]) if not w.isascii()][:2_000]
    return sum(is_syllable(w) or (to_unicode(w) or "").isalpha() for w in words) - text.count("\ufffd")


def _separator(text: str) -> str:
    """Return the separator by which most rows have the same number of cells."""
    best, most = ",", 0
    for separator in ",;\t|":
        try:
            widths = Counter(len(row) for row in csv.reader(_lines(text[:50_000]), delimiter=separator) if row)
        except csv.Error:
            continue
        alone = widths.total() == 1  # one row agrees with no other
        score = max(((width - 1) * (rows - (not alone)) for width, rows in widths.items()), default=0)
        if score > most:
            best, most = separator, score
    return best


def _lines(text: str) -> Iterator[str]:
    """Yield the lines with their ends, as the csv module wants them: a cell in quotes may hold line breaks."""
    return (line[0] for line in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text))
