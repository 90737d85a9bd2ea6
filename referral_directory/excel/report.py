"""What an upload would do: every row with what was read, what was changed and what must be mended. Values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from referral_directory.excel.columns import TITLES
from referral_directory.publishing import lacking
from referral_directory.record import Record

ACTIONS = {
    "new": "thêm mới",
    "edit": "sửa bản ghi đã có",
    "same": "giống bản ghi đã có, bỏ qua",
    "skip": "không phải một nơi, bỏ qua",
    "error": "có lỗi",
}
"""What a row would do."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing said of a row; its words hold no private number and no address."""

    level: str
    """ "error": must be mended; "changed": was read otherwise than it stands; "twin": may be a place that is there already; "doubt": calls itself secret and would be public; "note": worth knowing."""
    column: str
    """The title in the file; "" for the whole row."""
    text: str
    read: str = field(default="", repr=False)
    """What stands in the cell; "" in columns that may be private."""

    def __str__(self) -> str:
        said = f"“{self.read}”: " if self.read else ""
        return f"{self.column}: {said}{self.text}" if self.column else self.text


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list: its number as Excel shows it, and what it would do."""

    row: int
    action: str
    remarks: tuple[Remark, ...] = ()
    cells: tuple[str, ...] = field(default=(), repr=False)
    """The row as it stands in the file, for the marked copy."""
    record: Record | None = None
    service_id: str | None = None
    base: int | None = None
    """The version of the record that this was compared with."""
    seen: str | None = None
    """Its open change at that time, "" for none."""

    @property
    def title(self) -> str:
        """The name of the place, for people who read the report."""
        return self.record.name if self.record else ""


@dataclass(frozen=True, slots=True)
class Report:
    """What reading a file gave. Nothing is written before `carry_out`, which takes all rows or none."""

    filename: str
    sheet: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    """Titles of the file, each with the title of the template that it means ("": not read)."""
    problems: tuple[str, ...] = ()
    """Why the file as a whole cannot be imported."""
    notes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = field(default=(), repr=False)
    head: tuple[tuple[int, tuple[str, ...]], ...] = field(default=(), repr=False)
    """The rows down to the titles, for the marked copy."""

    @property
    def counts(self) -> Counter[str]:
        """How many rows there are of each of `ACTIONS`."""
        return Counter(line.action for line in self.lines)

    @property
    def errors(self) -> int:
        """How many rows must be mended first."""
        return self.counts["error"]

    @property
    def importable(self) -> int:
        """How many rows would be written: the number on the button “Nhập N dòng”; 0 while anything is wrong."""
        return 0 if self.problems or self.errors else self.counts["new"] + self.counts["edit"]

    @property
    def lacking(self) -> int:
        """How many rows would be written that nobody can approve before something is added."""
        return sum(bool(r and lacking(r)) for r in (o.record for o in self.lines if o.action in ("new", "edit")))

    @property
    def absent(self) -> tuple[str, ...]:
        """Titles of the template that rows need before they can be approved, and that the file has no column for."""
        there = {meant for _, meant in self.columns}
        needed = [
            key for one in self.lines if (r := one.record) and one.action in ("new", "edit") for key in lacking(r)
        ]
        return tuple(title for key in dict.fromkeys(needed) if (title := TITLES[key]) not in there)

    @property
    def to_add(self) -> str:
        """One sentence on the columns that are absent, or ""."""
        names = ", ".join(f"“{title}”" for title in self.absent)
        return f"Tệp chưa có cột {names}: thêm vào hàng tiêu đề rồi điền cho các dòng còn thiếu." if names else ""

    @property
    def ignored(self) -> tuple[str, ...]:
        """Titles of columns that were not read."""
        return tuple(title for title, meant in self.columns if title and not meant)

    @property
    def summary(self) -> str:
        """One sentence for people: what would happen, and what to do next."""
        if self.problems:
            return self.problems[0]
        told = ", ".join(
            f"{self.counts[action]} dòng {words}" for action, words in ACTIONS.items() if self.counts[action]
        )
        if self.errors:
            return f"{told}. Chưa nhập dòng nào: sửa các dòng lỗi trong tệp rồi tải lên lại."
        if not self.importable:
            return f"{told}. Không có gì mới để nhập." if told else "Không có dòng nào dưới hàng tiêu đề."
        later = (
            f" {self.lacking} dòng còn thiếu quyết định, đồng ý hoặc số: nhập được nhưng chưa duyệt được."
            if self.lacking
            else ""
        )
        return f"{told}. Nhập xong, các dòng này chờ một người khác duyệt.{later}"

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values; it holds private numbers, like the file it was read from."""
        row = asdict(self)
        row["lines"] = [
            asdict(line) | {"record": line.record.as_json() if line.record else None} for line in self.lines
        ]
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Report:
        """Return the report that `as_json` wrote."""
        return cls(
            filename=row["filename"], sheet=row["sheet"], problems=tuple(row["problems"]), notes=tuple(row["notes"]),
            columns=tuple((title, meant) for title, meant in row["columns"]),
            head=tuple((number, tuple(cells)) for number, cells in row["head"]), lines=tuple(map(_line, row["lines"])),
        )  # fmt: skip


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        row["row"], row["action"], tuple(Remark(**remark) for remark in row["remarks"]), tuple(row["cells"]),
        Record.from_json(row["record"]) if row["record"] else None, row["service_id"], row["base"], row["seen"],
    )  # fmt: skip
