"""Excel in and out: upload, report by row, "Nhập N dòng"; template, marked copy, export.

Between the report and the import the report is held on the `Shelf`: sealed, in memory, for twenty minutes, for this
session alone. Nothing of a file is ever written to disk, and on a phone nobody has to find the file a second time. Each
upload has a mark, which its page sends back: what is imported is what that page showed, whatever another page holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from bot.staff.files import file
from bot.staff.visit import Route, Visit
from nlu.text import fold
from referral_directory import excel
from referral_directory.excel import MOST_BYTES, Line, Report
from referral_directory.keeper import OutOfScope, Refused, note
from referral_directory.places import load
from referral_directory.readiness import provinces_of
from referral_directory.record import Record
from referral_directory.worklist import approvers

SHOWN = 30
"""Rows of each part of the report; the marked copy has them all."""


def start(visit: Visit) -> Response:
    """Show the three steps, and what can be fetched."""
    return _start(visit)


def look(visit: Visit) -> Response:
    """Read an uploaded file and show what importing it would do; nothing is written."""
    sent = visit.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return _start(visit, "Chọn tệp Excel hoặc CSV trong máy rồi bấm Xem trước.", 400)
    upload = sent.file.read(MOST_BYTES + 1)
    report = excel.read(upload, sent.filename[-80:], visit.keeper, visit.db, visit.now)
    if report.problems:
        return _start(visit, " ".join(report.problems), 400)
    mark = secrets.token_hex(8)
    _hold(visit, {"mark": mark, "report": report.as_json()})
    return visit.redirect(f"/excel/report?file={mark}")


def again(visit: Visit) -> Response:
    """Show the report of the file that was looked at a while ago."""
    kept = _kept(visit, visit.query.get("file"))
    return _report(visit, _report_of(kept), kept["mark"])


def take(visit: Visit) -> Response:
    """Propose all rows of the file that was looked at, or none; a second tap is told what the first one did."""
    mark = str(visit.form.get("file", ""))
    kept = _kept(visit, mark)
    told = str(kept.get("told", "")) or _take(visit, _report_of(kept))
    _hold(visit, {"mark": mark, "told": told})
    return visit.redirect("/entries?state=mine", told)


def _take(visit: Visit, report: Report) -> str:
    number = excel.carry_out(visit.db, visit.keeper, report, visit.now)
    some = next(line.record for line in report.lines if line.record and line.action in ("new", "edit"))
    later = f" {report.lacking} dòng còn thiếu, mở từng dòng để bổ sung." if report.lacking else ""
    return f"Đã nhập {number} dòng; người dân chưa thấy.{later} {_who(visit, some)}"


def marked(visit: Visit) -> Response:
    """Give the uploaded list back with what must be mended in each row."""
    return file(excel.marked_copy(_report_of(_kept(visit, visit.query.get("file", "")))), "can-sua.xlsx")


def template(visit: Visit) -> Response:
    """Give an empty template for this person's commune or province."""
    province, commune = _place(visit)
    return file(excel.template(province, commune), "mau-danh-ba.xlsx")


def export(visit: Visit) -> Response:
    """Give what is approved in this person's scope, without private parts; who fetched it is written down."""
    province, _ = _place(visit)
    note(visit.db, visit.keeper, "export", "rows", "xlsx", visit.now, visit.keeper.commune)
    return file(excel.export(visit.db, visit.keeper, province), "danh-ba.xlsx")


def export_csv(visit: Visit) -> Response:
    """Give the same as CSV."""
    province, _ = _place(visit)
    note(visit.db, visit.keeper, "export", "rows", "csv", visit.now, visit.keeper.commune)
    return file(excel.export_csv(visit.db, visit.keeper, province), "danh-ba.csv")


def _start(visit: Visit, wrong: str = "", status: int = 200) -> Response:
    provinces = sorted(provinces_of(visit.keeper), key=fold) if visit.keeper.role == "admin" else []
    held = "report" in (visit.site.shelf.look(visit.token, visit.site.keys, visit.now) or {})
    return visit.page("sheets", status, wrong=wrong, provinces=provinces, held=held)


def _report(visit: Visit, report: Report, mark: str) -> Response:
    def lines(*actions: str) -> list[Line]:
        return [line for line in report.lines if line.action in actions]

    return visit.page(
        "report", report=report, mark=mark, wrong=lines("error"), taken=lines("new", "edit"), mended=_grouped(lines("new", "edit"), "changed", "note"), asked=_grouped(lines("new", "edit"), "twin"), doubted=_grouped(lines("new", "edit"), "doubt"),
        left=lines("skip", "same"), left_said=_grouped(lines("skip", "same"), "changed", "note"), shown=SHOWN, names=excel.ACTIONS, label=_label,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One remark, and the rows of which it is said."""

    rows: tuple[int, ...]
    text: str
    name: str
    """What one row alone is known by, "" where there are more."""

    @property
    def where(self) -> str:
        """The rows as people write them: "Dòng 3, 5, 8–12"; a row alone with its name."""
        return f"Dòng {_runs(self.rows)}{f': {self.name}' if self.name else ''}"


def _grouped(lines: Sequence[Line], *levels: str) -> list[Said]:
    """Return what is said of some rows, each sentence once; sentences in the order of the rows where they stand first."""
    found: dict[str, dict[int, Line]] = {}
    for line in lines:
        for remark in line.remarks:
            if remark.level in levels:
                found.setdefault(str(remark), {})[line.row] = line
    return [
        Said(tuple(rows), text, _label(next(iter(rows.values()))) if len(rows) == 1 else "")
        for text, rows in found.items()
    ]


def _runs(rows: Sequence[int]) -> str:
    """Return row numbers in ascending order, neighbours joined: (3, 5, 8, 9, 10) is "3, 5, 8–10"."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in runs)


def _label(line: Line) -> str:
    """Return the words by which whoever uploaded the file knows a row: its name, else its first cell that is no number."""
    words = (cell for cell in line.cells if any(c.isalpha() for c in cell))
    return (line.title or next(words, ""))[:80]


def _hold(visit: Visit, value: dict[str, Any]) -> None:
    visit.site.shelf.put(visit.token, visit.site.keys, value, visit.now)


def _kept(visit: Visit, mark: str | None = None) -> dict[str, Any]:
    """Return what is held for this session; raise `Refused` when that is nothing, or not the upload of this mark."""
    kept: dict[str, Any] | None = visit.site.shelf.look(visit.token, visit.site.keys, visit.now)
    if kept is None:
        raise Refused("Tệp chỉ được giữ tạm 20 phút và đã hết hạn; chưa nhập gì. Mở trang Excel và tải tệp lên lại.")
    if mark is not None and mark != kept["mark"]:
        raise Refused("Bạn đã mở tệp khác ở trang kia; tệp của trang này chưa được nhập. Muốn nhập thì tải lên lại.")
    return kept


def _report_of(kept: dict[str, Any]) -> Report:
    if "report" not in kept:
        raise Refused(f"Tệp này đã nhập xong. {kept['told']}")
    return Report.from_json(kept["report"])


def _who(visit: Visit, record: Record) -> str:
    names = approvers(visit.db, record, visit.keeper.id)
    return f"Người duyệt được: {', '.join(names)}." if names else "Chưa có ai khác duyệt được: nhờ quản trị thêm người."


def _place(visit: Visit) -> tuple[str, int]:
    """Return the province and commune (0: all of it) that a sheet is for; an administrator names the province."""
    if visit.keeper.role != "admin":
        return visit.keeper.province, visit.keeper.commune
    asked = visit.query.get("province", "")
    if asked not in {p.name for p in load().provinces}:
        raise OutOfScope("Không có tỉnh này.")
    return asked, 0


ROUTES = (
    Route("GET", "/excel", start, "excel"),
    Route("POST", "/excel", look, "excel_look", uploads=True, reads=True),
    Route("GET", "/excel/report", again, "excel_report"),
    Route("POST", "/excel/take", take, "excel_take"),
    Route("GET", "/excel/marked", marked, "excel_marked"),
    Route("GET", "/excel/template", template, "excel_template"),
    Route("GET", "/excel/export", export, "excel_export", writes=True),
    Route("GET", "/excel/export-csv", export_csv, "excel_export_csv", writes=True),
)
