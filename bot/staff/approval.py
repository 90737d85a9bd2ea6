"""The second person: reads what shall change, field by field, and approves it or sends it back with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from starlette.responses import Response

from bot.staff.resident import hours_in_words, seen_of
from bot.staff.visit import Route, Visit
from referral_directory import changes
from referral_directory.dossier import Dossier, Open, dossier, of_change
from referral_directory.fields import as_shown
from referral_directory.keeper import OutOfScope, Refused
from referral_directory.keeping import revision
from referral_directory.logbook import Changed, between
from referral_directory.publishing import doubt, lacking
from referral_directory.record import Record
from referral_directory.worklist import approvers, count_to_approve, to_approve

APPROVED = "Đã duyệt. Từ bây giờ người dân thấy đúng như dưới đây."
RETURNED = "Đã trả lại kèm lý do. Người viết thấy ở đầu việc cần làm."
AT_ONCE = 8
"""Changes that are read on one page of the list; each is shown whole."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A waiting change as its reader sees it."""

    found: Dossier = field(repr=False)
    change: Open = field(repr=False)
    fields: tuple[Changed, ...]
    line: str = field(repr=False)
    """What residents will see."""
    hours: str
    missing: tuple[str, ...]
    doubt: str = ""


def change(visit: Visit) -> Response:
    """Show one open change; one that is open no more leads on."""
    return _settled(visit) or _show(visit, of_change(visit.db, visit.keeper, visit.path["id"]))


def approve(visit: Visit) -> Response:
    """Make it what residents see; a second tap is told what the first one did."""
    if settled := _settled(visit, lock=True):
        return settled
    service_id = changes.approve(visit.db, visit.keeper, visit.path["id"], visit.now)
    return visit.redirect(f"/entries/{service_id}", APPROVED)


def send_back(visit: Visit) -> Response:
    """Return it with a reason."""
    reason = str(visit.form.get("reason", "")).strip()
    if not reason:
        found = of_change(visit.db, visit.keeper, visit.path["id"])
        return _show(visit, found, "Ghi lý do trả lại để người viết biết phải sửa gì.", 400)
    if settled := _settled(visit, lock=True):
        return settled
    changes.send_back(visit.db, visit.keeper, visit.path["id"], reason, visit.now)
    return visit.redirect("/", RETURNED)


def drop(visit: Visit) -> Response:
    """Take back one's own change."""
    changes.drop(visit.db, visit.keeper, visit.path["id"], visit.now)
    return visit.redirect("/", "Đã bỏ thay đổi. Những gì người dân đang thấy vẫn như cũ.")


def many(visit: Visit) -> Response:
    """Show several waiting changes whole, to be ticked and approved together."""
    return _show_many(visit)


def approve_many(visit: Visit) -> Response:
    """Approve all that were ticked, or none of them; what stands in the way is named, and the other ticks stay."""
    ticked = [str(one) for one in visit.form.getlist("change")][:AT_ONCE]
    if not ticked:
        return _show_many(visit, "Chưa đánh dấu dòng nào. Đọc từng dòng, đánh dấu dòng đúng rồi bấm duyệt.", 400)
    try:
        with visit.db.begin_nested():
            for one in ticked:
                changes.approve(visit.db, visit.keeper, one, visit.now)
    except OutOfScope:
        raise
    except Refused as refused:
        return _show_many(
            visit, f"{_why(visit, one, refused)} Chưa duyệt dòng nào; xem lại rồi bấm duyệt lần nữa.", 409
        )
    left = count_to_approve(visit.db, visit.keeper)
    return visit.redirect("/changes" if left else "/", f"Đã duyệt {len(ticked)} thay đổi.")


def _why(visit: Visit, one: str, refused: Refused) -> str:
    """Return what keeps a ticked change from being approved, with its name."""
    row = visit.db.execute(select(revision.c.state, revision.c.service_id).where(revision.c.id == one)).one()
    now = dossier(visit.db, visit.keeper, row.service_id)
    match row.state:
        case "approved":
            told = "đã được duyệt rồi."
        case "returned":
            told = "đã được trả lại cho người viết."
        case "replaced":
            told = "người viết vừa sửa lại, đọc bản mới." if now.change else "người viết đã bỏ thay đổi này."
        case _:
            told = str(refused)
    return f"“{now.name}”: {told}"


def _settled(visit: Visit, lock: bool = False) -> Response | None:
    """Return where a change leads that was decided, or written anew, meanwhile; None while it is to be decided."""
    wanted = select(revision.c.state, revision.c.service_id, revision.c.decided_by)
    wanted = wanted.where(revision.c.id == visit.path["id"])
    row = visit.db.execute(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        return None
    now = dossier(visit.db, visit.keeper, row.service_id)
    mine = row.decided_by == visit.keeper.id
    match row.state:
        case "approved":
            return visit.redirect(f"/entries/{now.id}", APPROVED if mine else "Thay đổi này đã được người khác duyệt.")
        case "returned" if mine and lock:
            return visit.redirect("/", RETURNED)
        case "replaced" if now.change:
            told = "Người viết vừa sửa lại; dưới đây là bản mới, đọc lại rồi hãy duyệt."
            return visit.redirect(f"/changes/{now.change.id}", told)
        case "replaced":
            return visit.redirect(f"/entries/{now.id}", "Người viết đã bỏ thay đổi này; không còn gì để duyệt.")
    return None


def _show(visit: Visit, found: Dossier, wrong: str = "", status: int = 200) -> Response:
    assert found.change is not None  # noqa: S101 - `of_change` found it by its id
    own = found.change.author_id == visit.keeper.id
    names = approvers(visit.db, found.change.record, found.change.author_id) if own else []
    sheet = _sheet(visit, found, found.change)
    return visit.page("change", status, sheet=sheet, own=own, approvers=names, wrong=wrong)


def _show_many(visit: Visit, wrong: str = "", status: int = 200) -> Response:
    found = [of_change(visit.db, visit.keeper, one.id) for one in to_approve(visit.db, visit.keeper, AT_ONCE)]
    sheets = [_sheet(visit, one, one.change) for one in found if one.change]
    return visit.page(
        "changes",
        status,
        sheets=sheets,
        count=count_to_approve(visit.db, visit.keeper),
        wrong=wrong,
        ticked=visit.form.getlist("change"),
    )


def _sheet(visit: Visit, found: Dossier, change: Open) -> Sheet:
    wanted: Record = change.record
    missing = () if change.retires else tuple(lacking(wanted).values())
    if change.base != found.version:
        missing = (*missing, "Bản ghi đã đổi sau khi thay đổi này được viết: người viết cần xem lại rồi gửi lại.")
    sees = found.sees_private(visit.keeper)
    return Sheet(
        found, change, () if change.retires else between(found.live, wanted, sees),
        seen_of(as_shown(wanted, sees), visit.now, found.verified).line, hours_in_words(wanted.hours), missing,
        "" if change.retires else doubt(wanted),
    )  # fmt: skip


ROUTES = (
    Route("GET", "/changes", many, "changes"),
    Route("POST", "/changes", approve_many, "changes_approve"),
    Route("GET", "/changes/{id}", change, "change"),
    Route("POST", "/changes/{id}/approve", approve, "change_approve"),
    Route("POST", "/changes/{id}/return", send_back, "change_return"),
    Route("POST", "/changes/{id}/drop", drop, "change_drop"),
)
