"""The report of a season: its figures, what the unit adds to them, and the document to sign."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

import content
from bot.report import FORMATS, Month, Scope, figures, gather
from bot.staff.dashboard import scope_of
from bot.staff.files import file
from bot.staff.forms import Form, needed, text, words
from bot.staff.visit import Route, Visit
from bot.store.engine import reading
from referral_directory import season
from referral_directory.keeper import OutOfScope, note
from referral_directory.season import Activity, Words

YEARS = 3
"""Seasons that can be chosen, with the one of this year."""


class Around(Form):
    """The words around the figures: letterhead, theme, troubles and wishes, signature."""

    above = text("Cơ quan cấp trên")
    unit = text("Đơn vị báo cáo")
    number = text("Số, ký hiệu", most=40)
    place = text("Nơi ký", most=60)
    plan = text("Kế hoạch được thực hiện")
    theme = text("Chủ đề của năm", most=300)
    troubles = words("Khó khăn", most=2_000)
    wishes = words("Kiến nghị", most=2_000)
    copies = words("Nơi nhận", most=600)
    position = words("Quyền hạn, chức vụ người ký", most=200)
    signer = text("Họ và tên người ký", most=80)


class Done(Form):
    """One activity of the unit."""

    day = text("Ngày", needed("Chọn ngày."), most=10, type="date")
    what = text("Hoạt động", needed("Ghi tên hoạt động."), most=300)
    place = text("Nơi tổ chức")
    people = text("Số người tham gia", most=7, inputmode="numeric")


def report(visit: Visit) -> Response:
    """Show the report of a season: its figures and activities, and what can be fetched."""
    return _shown(visit, _year(visit))


def around(visit: Visit) -> Response:
    """Ask for the words around the figures."""
    year = _year(visit)
    kept = season.words_of(visit.db, _scope(visit).province, year)
    return _around(visit, year, Around(data={name: getattr(kept, name) for name in Around()._fields}))


def keep_around(visit: Visit) -> Response:
    """Keep the words around the figures."""
    year, form = _year(visit), Around(visit.form)
    if not form.validate():
        return _around(visit, year, form, 400)
    made = Words(**{name: form.said(name) for name in form._fields})
    season.keep_words(visit.db, visit.keeper, _scope(visit).province, year, made, visit.now)
    return visit.redirect(f"/report?year={year}", "Đã ghi. Lời này nằm trong báo cáo khi bạn tải về.")


def add(visit: Visit) -> Response:
    """Keep an activity."""
    year, form = _year(visit), Done(visit.form)
    made = _activity(form) if form.validate() else None
    if made is None:
        return _shown(visit, year, form, 400)
    season.add_activity(visit.db, visit.keeper, _scope(visit).province, year, made, visit.now)
    return visit.redirect(f"/report?year={year}", f"Đã thêm: {made.what}.")


def drop(visit: Visit) -> Response:
    """Delete an activity."""
    year = season.drop_activity(visit.db, visit.keeper, _scope(visit).province, visit.path["activity"], visit.now)
    return visit.redirect(f"/report?year={year}", "Đã xóa hoạt động này.")


def fetch_docx(visit: Visit) -> Response:
    """Give the document; who fetched it is written down."""
    return _file(visit, ".docx")


def fetch_xlsx(visit: Visit) -> Response:
    """Give the workbook; who fetched it is written down."""
    return _file(visit, ".xlsx")


def _shown(visit: Visit, year: int, form: Done | None = None, status: int = 200) -> Response:
    return visit.page(
        "season", status, month=_month(visit, year), years=_years(visit), form=form or Done(), few=figures.few,
        fewest=figures.FEWEST, number=figures.number,
    )  # fmt: skip


def _around(visit: Visit, year: int, form: Around, status: int = 200) -> Response:
    if content.theme(year):
        del form.theme
    return visit.page("around", status, year=year, form=form)


def _activity(form: Done) -> Activity | None:
    """Return what was typed, or None where a field says what is wrong."""
    people = form.said("people").replace(".", "")
    try:
        day = date.fromisoformat(form.said("day"))
    except ValueError:
        form.told("day", "Ghi ngày như 2026-11-25.")
        return None
    if people and not (people.isascii() and people.isdigit()):
        form.told("people", "Ghi bằng chữ số, hoặc để trống.")
        return None
    return Activity(day, form.said("what"), form.said("place"), int(people) if people else None)


def _file(visit: Visit, ending: str) -> Response:
    year = _year(visit)
    made = FORMATS[ending](_month(visit, year))
    note(visit.db, visit.keeper, "report", "report", f"{_scope(visit).province} {year} {ending[1:]}".strip(), visit.now)
    return file(made, f"bao-cao-thang-hanh-dong-{year}{ending}")


def _month(visit: Visit, year: int) -> Month:
    with reading(visit.site.people) as people:
        return gather(people, visit.db, year, _scope(visit), visit.now)


def _scope(visit: Visit) -> Scope:
    return scope_of(visit.keeper, visit.site.home)


def _years(visit: Visit) -> tuple[int, ...]:
    return tuple(range(visit.now.year, visit.now.year - YEARS, -1))


def _year(visit: Visit) -> int:
    """Return the year asked for, else this one; raise `OutOfScope` for one that cannot be chosen."""
    asked: Any = visit.query.get("year") or str(visit.now.year)
    found = next((year for year in _years(visit) if str(year) == asked), None)
    if found is None:
        raise OutOfScope("Không có báo cáo của năm này.")
    return found


_KEEPERS = ("province", "admin")
ROUTES = (
    Route("GET", "/report", report, "report", _KEEPERS, nav="Báo cáo"),
    Route("POST", "/report", add, "report_add", _KEEPERS),
    Route("GET", "/report/around", around, "report_around", _KEEPERS),
    Route("POST", "/report/around", keep_around, "report_keep", _KEEPERS),
    Route("GET", "/report/docx", fetch_docx, "report_docx", _KEEPERS, writes=True),
    Route("GET", "/report/xlsx", fetch_xlsx, "report_xlsx", _KEEPERS, writes=True),
    Route("POST", "/report/{activity}/drop", drop, "report_drop", _KEEPERS),
)
