"""Writing a record: a new one, or a change of one that is there; nothing that was typed is ever lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.responses import Response

from bot.staff.form import RecordForm, check, form_of, hides_from
from bot.staff.incoming import whole_number
from bot.staff.resident import hours_in_words, seen_of
from bot.staff.visit import ROOT, Route, Visit
from referral_directory import changes
from referral_directory.changes import Overtaken, Proposal
from referral_directory.dossier import Dossier, dossier, same_name
from referral_directory.fields import with_hidden
from referral_directory.keeper import Refused
from referral_directory.logbook import Changed, between
from referral_directory.publishing import lacking
from referral_directory.record import Record
from referral_directory.terms import KIND_NAMES
from referral_directory.worklist import approvers


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of the form as it stands: the resident's line, how the hours were read, what is missing."""

    line: str = field(repr=False)
    hours: str
    hours_typed: str
    missing: tuple[str, ...]


def new(visit: Visit) -> Response:
    """Show an empty form."""
    kind = visit.query.get("kind", "trusted_address")
    return _show(visit, form_of(visit.keeper, kind=kind if kind in KIND_NAMES else ""), None)


def add(visit: Visit) -> Response:
    """Keep a new record."""
    return _take(visit, None)


def edit(visit: Visit) -> Response:
    """Show the form of a record: the open change where there is one, else what residents see."""
    found = _mine(visit)
    start = found.live if visit.query.get("from") == "live" and found.live else found.latest
    seen = found.change.id if found.change else ""
    form = form_of(visit.keeper, record=start, base=found.version, seen=seen)
    return _show(visit, form, found)


def save(visit: Visit) -> Response:
    """Keep a change of a record."""
    return _take(visit, _mine(visit))


def _mine(visit: Visit) -> Dossier:
    found = dossier(visit.db, visit.keeper, visit.path["id"])
    if found.sample:
        raise Refused("Đây là dữ liệu mẫu để chạy thử, không sửa được. Thêm địa chỉ thật của xã bạn.")
    return found


def _take(visit: Visit, found: Dossier | None) -> Response:
    """Read the form; show it again with what is wrong, or keep what it tells."""
    keeper, do = visit.keeper, str(visit.form.get("do", "send"))
    before = found.latest if found else None
    form = form_of(keeper, visit.form, before)
    told = check(form, keeper, visit.now, publish=do == "send", draft=do == "draft")
    if told is None:
        return _show(visit, form, found, status=400)
    record = with_hidden(keeper, told, before)
    renamed = before is None or (before.name, before.commune) != (record.name, record.commune)
    if renamed and (twin := same_name(visit.db, keeper, record, found.id if found else "")):
        return _twin(visit, form, found, record, twin)
    if do == "preview":
        return _show(visit, form, found, preview=_preview(visit, told, found))
    if do == "send" and found and found.live and not found.change and not changes.differences(found.live, record):
        return visit.redirect(f"/entries/{found.id}", "Chưa có gì khác với bản đang hiện, nên không gửi gì.")
    return _keep(visit, form, found, record, draft=do == "draft")


def _keep(visit: Visit, form: RecordForm, found: Dossier | None, record: Record, draft: bool) -> Response:
    keeper = visit.keeper
    base = whole_number(form.base.data or "")
    wanted = Proposal(record, found.id, -1 if base is None else base, form.seen.data) if found else Proposal(record)
    try:
        (kept,) = changes.propose_all(visit.db, keeper, [wanted], visit.now, draft)
    except Overtaken as error:
        now = dossier(visit.db, keeper, visit.path["id"])
        form.base.data, form.seen.data = str(now.version), now.change.id if now.change else ""
        return _show(visit, form, now, overtaken=str(error), between=between(keeper, now.latest, record), status=409)
    if draft:
        return visit.redirect(f"/entries/{kept}", "Đã lưu nháp. Người dân chưa thấy; khi xong, mở ra và bấm Gửi duyệt.")
    names = approvers(visit.db, record, keeper.id)
    who = f"Người duyệt được: {', '.join(names)}." if names else "Chưa có ai khác duyệt được: nhờ quản trị thêm người."
    return visit.redirect(f"/entries/{kept}", f"Đã gửi duyệt. {who}")


def _twin(visit: Visit, form: RecordForm, found: Dossier | None, record: Record, twin: str) -> Response:
    """Tell of the record that is there already; a form sent twice is taken as sent once."""
    there = dossier(visit.db, visit.keeper, twin)
    change = there.change
    if found is None and change and change.author_id == visit.keeper.id and change.record == record:
        return visit.redirect(f"/entries/{twin}", "Đã nhận: bạn gửi hai lần, chỉ giữ một.")
    form.name.errors = [*form.name.errors, "Xã này đã có một địa chỉ cùng tên. Sửa bản đó, hoặc thêm tên thôn."]
    return _show(visit, form, found, twin=f"{ROOT}/entries/{twin}", status=409)


def _preview(visit: Visit, record: Record, found: Dossier | None) -> Preview:
    seen = seen_of(record, visit.now, found.verified if found else None)
    return Preview(seen.line, hours_in_words(record.hours), record.hours, tuple(lacking(record).values()))


def _show(
    visit: Visit, form: RecordForm, found: Dossier | None, preview: Preview | None = None, overtaken: str = "",
    between: tuple[Changed, ...] = (), twin: str = "", status: int = 200,
) -> Response:  # fmt: skip
    return visit.page(
        "edit", status, form=form, found=found, preview=preview, overtaken=overtaken, between=between, twin=twin,
        hidden=hides_from(visit.keeper, found.latest if found else None),
        action=f"{ROOT}/entries/{found.id}/edit" if found else f"{ROOT}/entries/new",
        today=visit.now.date().isoformat(),
    )  # fmt: skip


ROUTES = (
    Route("GET", "/entries/new", new, "entry_new"),
    Route("POST", "/entries/new", add, "entry_add"),
    Route("GET", "/entries/{id}/edit", edit, "entry_edit"),
    Route("POST", "/entries/{id}/edit", save, "entry_save"),
)
