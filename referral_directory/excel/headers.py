"""Where the list begins in a sheet: the row of titles, found under other titles, over merged cells, in two rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from referral_directory.excel.cells import Cell, cell
from referral_directory.excel.columns import SILENT, meaning
from referral_directory.excel.sheets import Row, Sheet

_ROWS = 40
"""Filled rows among which the titles are sought."""
_TITLES = 4
"""Cells of a row over the list; a row with more is no title but explains the columns."""
_REPEATED = ("phone", "takes", "types", "languages")
"""Columns that a list may have several of: what stands in them is read together."""


@dataclass(frozen=True, slots=True)
class Header:
    """The titles of a list: the row of the last of them, each title with what it means ("": unknown), by column."""

    row: int
    titles: tuple[str, ...]
    keys: tuple[str, ...]
    above: tuple[str, ...] = ()
    """What stands over the titles: letterhead, name of the list."""

    @property
    def known(self) -> frozenset[str]:
        """The columns that are understood."""
        return frozenset(self.keys) - {"", *SILENT}


def find_header(sheet: Sheet) -> Header | None:
    """Return the titles of the list on a sheet, or None when no row looks like titles."""
    rows = list(sheet.rows[:_ROWS])
    lines = [_line(row, sheet) for row in rows]
    found = []
    for n, line in enumerate(lines):
        titles = (dict.fromkeys(words for words in upper.words if words) for upper in lines[:n])
        above = tuple(words for several in titles if len(several) <= _TITLES for words in several)
        lower = lines[n + 1] if n + 1 < len(lines) and rows[n + 1].number == rows[n].number + 1 else None
        if lower and _groups(line, lower):
            found.append(_header(rows[n + 1].number, list(_joined(line.words, lower.words)), above))
        else:
            found.append(_header(rows[n].number, line.words, above))
    most = max((len(h.known) for h in found), default=0)
    return next((h for h in found if len(h.known) >= max(2, most * 0.75)), None)


def cells_under(header: Header, row: Row, sheet: Sheet) -> list[Cell]:
    """Return the cells of a row, one for each title."""
    width = len(header.titles)
    values = [*row.values[:width], *[None] * (width - len(row.values))]
    return [cell(v, row.fonts.get(n, ""), n in row.uncounted, sheet.from_1904) for n, v in enumerate(values)]


def filled_down(sheet: Sheet, after: int) -> Sheet:
    """Return the sheet with what stands in a cell merged over several rows below the titles written into each of them."""
    areas = [a for a in sheet.merged if a[0] > after and a[1] == a[3] and a[2] > a[0]]
    if not areas:
        return sheet
    numbered = {row.number: row for row in sheet.rows}
    for first, column, last, _ in areas:
        head = numbered.get(first)
        if head is None or column >= len(head.values) or head.values[column] is None:
            continue
        for number in range(first + 1, min(last, first + len(sheet.rows)) + 1):
            if number in numbered:
                numbered[number] = _with(numbered[number], column, head)
    return Sheet(sheet.name, tuple(numbered.values()), sheet.merged, sheet.hidden, sheet.cut, sheet.from_1904)


def _with(row: Row, column: int, head: Row) -> Row:
    values = [*row.values, *[None] * (column + 1 - len(row.values))]
    values[column] = head.values[column]
    fonts = {**row.fonts, column: head.fonts[column]} if column in head.fonts else row.fonts
    return Row(row.number, tuple(values), fonts, row.uncounted - {column})


@dataclass(frozen=True, slots=True)
class _Line:
    """Words of a row above a list; a cell merged over several columns counts for each of them."""

    words: tuple[str, ...]
    grouped: frozenset[int]
    """Columns over which one cell stands for several, or none stands."""


def _line(row: Row, sheet: Sheet) -> _Line:
    words = []
    for n, value in enumerate(row.values):
        words.append(cell(value, row.fonts.get(n, "")).text)
    blank = {n for n, text in enumerate(words) if not text}
    grouped = blank | {n - 1 for n in blank}
    for first, left, last, right in sheet.merged:
        if first <= row.number <= last and left < right < left + 100 and left < len(words) and words[left]:
            words.extend([""] * (right + 1 - len(words)))
            words[left : right + 1] = [words[left]] * (right + 1 - left)
            grouped |= set(range(left, right + 1))
    return _Line(tuple(words), frozenset(grouped))


def _groups(upper: _Line, lower: _Line) -> bool:
    """Tell whether the upper row has titles, some of which group those of the lower row."""
    below = {n for n, text in enumerate(lower.words) if text and (n >= len(upper.words) or text != upper.words[n])}
    end = len(upper.words) - (len(lower.words) > len(upper.words))  # a group may be the last of the upper row
    inside = all(n in upper.grouped or n >= end for n in below)
    return len(below) > 1 and inside and len(_header(0, upper.words).known) > 1


def _header(number: int, titles: Sequence[str], above: tuple[str, ...] = ()) -> Header:
    keys: list[str] = []
    for title in titles:
        key = meaning(title)
        keys.append("" if key in keys and key not in _REPEATED else key)
    return Header(number, tuple(titles), tuple(keys), above)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> Iterator[str]:
    """Yield the titles of two rows, of which the upper one groups the lower one's."""
    group = ""
    for n in range(max(len(upper), len(lower))):
        high = upper[n] if n < len(upper) else ""
        low = lower[n] if n < len(lower) else ""
        group = high or group
        if not low or low == high:
            yield high
        elif meaning(low) not in ("", *SILENT, "decided_on"):
            yield low
        else:
            yield f"{group} {low}".strip()
