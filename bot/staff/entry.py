"""The page of one record: what residents see of it, what is being changed, its calls and its history; and what to do."""

from __future__ import annotations

from starlette.responses import Response

from bot.staff.badges import badges
from bot.staff.resident import hours_in_words, seen_of
from bot.staff.visit import Route, Visit
from referral_directory import changes
from referral_directory.dossier import Dossier, dossier
from referral_directory.fields import as_shown
from referral_directory.keeper import Refused
from referral_directory.keeping import FOUND
from referral_directory.logbook import between, calls_of, history_of
from referral_directory.worklist import approvers

NOTE_LENGTH = 300
_UNSEEN = "Chưa được duyệt: người dân chưa thấy."
_STATES = {"retired": "Đã rút khỏi danh bạ: người dân không thấy.", "draft": _UNSEEN, "waiting": _UNSEEN}
"""Why residents see nothing of a service in these states."""
CALLS, CHANGES = 15, 6
"""Of one page of the past."""


def entry(visit: Visit) -> Response:
    """Show one record."""
    return _show(visit, _mine(visit))


def verify(visit: Visit) -> Response:
    """Write down a call; what was found leads on."""
    found, words = str(visit.form.get("found", "")), str(visit.form.get("note", ""))
    about = _mine(visit)
    wrong = (
        "Chọn kết quả cuộc gọi." if found not in FOUND
        else f"Ghi chú dài quá: viết gọn trong {NOTE_LENGTH} chữ cái." if len(words.strip()) > NOTE_LENGTH
        else ""
    )  # fmt: skip
    if wrong:
        return _show(visit, about, wrong, found, words, status=400)
    changes.verify(visit.db, visit.keeper, about.id, found, words, visit.now)
    match found:
        case "right":
            return visit.redirect(f"/entries/{about.id}", "Đã ghi: hôm nay đã gọi, đúng như trong danh bạ.")
        case "changed":
            return visit.redirect(
                f"/entries/{about.id}/edit",
                "Đã ghi cuộc gọi. Sửa những chỗ đã đổi rồi gửi duyệt; đến lúc đó người dân thấy là chưa được kiểm lại.",
            )
        case "closed":
            return visit.redirect(
                f"/entries/{about.id}/retire",
                "Đã ghi cuộc gọi; người dân thấy nơi này là chưa được kiểm lại. Không còn thì rút khỏi danh bạ.",
            )
        case _:
            return visit.redirect(f"/entries/{about.id}", "Đã ghi: không ai nghe máy. Gọi lại vào giờ khác nhé.")


def ask_retire(visit: Visit) -> Response:
    """Ask whether this record shall be shown no more, and why."""
    return visit.page("retire", found=_mine(visit), wrong="", why="")


def retire(visit: Visit) -> Response:
    """Propose that this record be shown no more; somebody else approves it."""
    found, why = _mine(visit), str(visit.form.get("why", "")).strip()
    if not why:
        wrong = "Ghi lý do để người duyệt hiểu."
        return visit.page("retire", 400, found=found, wrong=wrong, why=why)
    if found.live is None:
        raise Refused("Địa chỉ này chưa được duyệt nên không cần rút. Mở ra và bỏ thay đổi.")
    changes.retire(visit.db, visit.keeper, found.id, visit.now, why)
    names = approvers(visit.db, found.live, visit.keeper.id)
    who = f" Người duyệt được: {', '.join(names)}." if names else ""
    return visit.redirect(f"/entries/{found.id}", f"Đã gửi đề nghị rút; đến khi được duyệt người dân vẫn thấy.{who}")


def past(visit: Visit) -> Response:
    """Show all calls and all approved changes, page after page."""
    found = _mine(visit)
    calls = calls_of(visit.db, visit.keeper, found.id, CALLS + 1, _moment(visit, "calls"))
    changed = history_of(visit.db, visit.keeper, found.id, CHANGES + 1, _moment(visit, "changes"))
    return visit.page(
        "past", found=found, calls=calls[:CALLS], history=changed[:CHANGES],
        more_calls=calls[CALLS - 1].at if len(calls) > CALLS else None,
        more_changes=changed[CHANGES - 1].at if len(changed) > CHANGES else None,
    )  # fmt: skip


def _moment(visit: Visit, name: str) -> float | None:
    try:
        return float(visit.query.get(name, ""))
    except ValueError:
        return None


def _mine(visit: Visit) -> Dossier:
    return dossier(visit.db, visit.keeper, visit.path["id"])


def _show(
    visit: Visit, found: Dossier, wrong: str = "", chosen: str = "", words: str = "", status: int = 200
) -> Response:
    db, keeper, now = visit.db, visit.keeper, visit.now
    sees = found.sees_private(keeper)
    live = as_shown(found.live, sees) if found.live else None
    change = found.change
    shown = live or as_shown(found.latest, sees)
    marks = badges(
        found.state,
        found.status,
        found.verified,
        change.state if change else "",
        found.sample,
        now.date(),
        bool(change and change.retires),
    )
    return visit.page(
        "entry", status, found=found, live=live, shown=shown, marks=marks,
        seen=seen_of(shown, now, found.verified, found.since, found.sample), state=_STATES.get(found.state, ""),
        hours=hours_in_words(shown.hours), facts=between(None, found.live or found.latest, sees),
        change=change, changed=between(found.live, change.record, sees) if change and not change.retires else (),
        calls=calls_of(db, keeper, found.id, 3), history=history_of(db, keeper, found.id, 2),
        wrong=wrong, chosen=chosen, words=words, note_length=NOTE_LENGTH,
    )  # fmt: skip


ROUTES = (
    Route("GET", "/entries/{id}", entry, "entry"),
    Route("POST", "/entries/{id}/verify", verify, "entry_verify"),
    Route("GET", "/entries/{id}/past", past, "entry_past"),
    Route("GET", "/entries/{id}/retire", ask_retire, "entry_ask_retire"),
    Route("POST", "/entries/{id}/retire", retire, "entry_retire"),
)
