"""The rows under the titles of a list: places, and what else stands there (sections, sums, signatures). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from nlu.text import fold
from referral_directory.excel.cells import EMPTY, Cell, Misread, key, read_flag
from referral_directory.excel.choices import kinds_in
from referral_directory.excel.communes import Told, Where
from referral_directory.excel.headers import Header, cells_under
from referral_directory.excel.sheets import Sheet
from referral_directory.places import load
from referral_directory.terms import KIND_NAMES

_FOOTER = re.compile(
    r"^(?:tong (?:cong|so)|cong:?$|nguoi lap|lap bieu|ky ten|\(?ky|noi nhan|tm\b|kt\b|tl\b|chu tich|pho chu tich"
    r"|thu truong|xac nhan|ghi chu ?:|luu y|.{0,40}ngay .{0,9}thang .{0,9}nam|danh sach (?:nay|gom|co)|an dinh)"
)
_COUNTED = re.compile(r"\(?(?:\d{1,2}|[a-z])\)?")
_LISTED = re.compile(r"danh s[aá]ch\s+(.{3,90})", re.IGNORECASE)
_MARK = re.compile(r"^(?:[ivxlc]+|[a-z]|\d{1,3})\s*[.)/:-]+\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """A row as it stands: its cells by column, and what is told over it for all rows of a list or section."""

    row: int
    cells: Mapping[str, Cell] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    """All its cells as text, unknown columns too."""
    kind: str = ""
    """Kind told by the section or the title of the list."""
    where: Where | None = None
    """Commune told there."""
    skipped: str = ""
    """Why this row is no place."""
    unread: tuple[str, ...] = field(default=(), repr=False)
    """What stands in columns that are not read."""

    def cell(self, column: str) -> Cell:
        """Return a cell, empty where the list has no such column."""
        return self.cells.get(column, EMPTY)

    def text(self, column: str) -> str:
        """Return the words of a cell."""
        return self.cell(column).text

    @property
    def name(self) -> str:
        """The name of the place: of a home that may be published, without a name of its own, its holder's."""
        own, holder = self.text("name"), self.text("holder")
        if own or not holder or not self.text("decision"):
            return own
        try:
            agreed = read_flag(self.cell("consent"))
        except Misread:
            agreed = False
        return f"{KIND_NAMES['trusted_address']} – {holder}" if agreed else ""


def drafts(sheet: Sheet, header: Header, find: Callable[[Told], Where]) -> Iterator[Draft]:
    """Yield the filled rows below the titles; those that are no place say why."""
    kind, where = _told_above(header.above, find)
    wide = _wide_rows(sheet)
    for row in sheet.rows:
        cells = cells_under(header, row, sheet)
        said = {n: c.text for n, c in enumerate(cells) if c.text and header.keys[n] != "number"}
        if row.number <= header.row or not (said or row.uncounted):
            continue
        words = tuple(c.text for c in cells)
        read = _together(header.keys, cells)
        if about := _no_place(words):
            yield Draft(row.number, read, words, skipped=about)
            continue
        section = _section(header, said, row.number in wide, find)
        if section:
            kind, where = section[0] or kind, section[1] or where
            yield Draft(row.number, read, words, skipped="tiêu đề của mục bên dưới")
        else:
            unread = tuple(text for text, column in zip(words, header.keys, strict=True) if text and not column)
            yield Draft(row.number, read, words, kind, where, unread=unread)


def _told_above(above: Sequence[str], find: Callable[[Told], Where]) -> tuple[str, Where | None]:
    """Return the kind and the commune that the title of a list tells for all its rows."""
    kinds = {kind for listed in map(_LISTED.search, above) if listed for kind in kinds_in(listed[1])}
    where = find(Told(address="; ".join(above))) if above else None
    return kinds.pop() if len(kinds) == 1 else "", None if where is None or where.wrong else where


def _together(keys: Sequence[str], cells: Sequence[Cell]) -> dict[str, Cell]:
    """Return the cells by column; those of a column that the list has several times are put together."""
    found: dict[str, Cell] = {}
    for column, one in zip(keys, cells, strict=True):
        if not column:
            continue
        before = found.get(column)
        if before and before.text and one.text:
            one = Cell(f"{before.text}; {one.text}", None, before.typed or one.typed)
        if before is None or one.text or one.uncounted:
            found[column] = one
    return found


def _no_place(words: Sequence[str]) -> str:
    """Return why a row is no place, "" where it may be one."""
    filled = [w for w in words if w]
    if len(filled) > 2 and all(_COUNTED.fullmatch(w.lower()) for w in filled):
        return "hàng đánh số cột"
    if filled and len(filled) <= 3 and _FOOTER.match(fold(filled[0])):
        return "dòng cuối bảng, không phải một nơi"
    return ""


def _section(
    header: Header, said: Mapping[int, str], wide: bool, find: Callable[[Told], Where]
) -> tuple[str, Where | None] | None:
    """Return the kind and the commune that a row tells for those below it, or None when it is no such title."""
    if len(said) != 1 or len(header.known) < 3:
        return None
    ((at, text),) = said.items()
    name = _MARK.sub("", text)
    is_commune = key(name) in _communes()
    if header.keys[at] not in ("", "kind", "commune", "name") or text.isdigit():
        return None
    if header.keys[at] in ("name", "") and not wide and not is_commune:
        return None if header.keys[at] == "name" else ("", None)
    where = find(Told(commune=name)) if is_commune else None
    kinds = list(kinds_in(name))
    return kinds[0] if len(kinds) == 1 and not is_commune else "", None if where is None or where.wrong else where


@lru_cache(maxsize=1)
def _communes() -> frozenset[str]:
    return frozenset(key(c.label) for c in load().communes)


def _wide_rows(sheet: Sheet) -> frozenset[int]:
    """Return the rows in which cells are merged over several columns."""
    wide = [area for area in sheet.merged if area[3] > area[1]]
    return frozenset(row for area in wide for row in range(area[0], min(area[2], area[0] + 9) + 1))
