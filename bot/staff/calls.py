"""Call-back requests: who waits, the words of one request for those in charge, and how it ended.

A view is written down and kept before the words are shown: the button writes the line of the audit, and the page that
it leads to shows the words for some minutes only to whom that line names. What is closed leaves a count and no word.
"""

from __future__ import annotations

from sqlalchemy import select
from starlette.responses import Response

from bot.staff import roster
from bot.staff.desks import desk_of, waiting_calls
from bot.staff.visit import Route, Visit
from bot.store import callbacks
from bot.store.callbacks import OUTCOMES, Desk
from bot.store.engine import empty_journal, reading, transaction
from referral_directory.keeper import OutOfScope, note
from referral_directory.keeping import audit
from referral_directory.places import load

OPEN_SECONDS = 900
"""How long words stay open after a view was written down."""

CLOSED = "Đã đóng. Lời nhắn đã xóa hẳn; chỉ còn một con số trong thống kê."
ENDS = {
    "reached": ("Đã gặp được người ấy", "Đã nói chuyện, hoặc đã hẹn được."),
    "not_reached": ("Không liên lạc được", "Chỉ chọn khi thôi không gọi nữa; còn muốn gọi lại thì để đó, chưa đóng."),
    "wrong_number": ("Sai số", "Người nghe máy không phải người đã nhờ. Không kể gì với họ."),
    "asked_to_stop": ("Người ấy bảo đừng gọi nữa", "Mọi lời nhờ khác của người ấy cũng bị xóa."),
}
"""How a request ends (`OUTCOMES`), with a hint."""


def calls(visit: Visit) -> Response:
    """Show who waits, without a word of theirs."""
    desk, seconds = desk_of(visit.keeper, visit.site.home), roster.seconds(visit.db, visit.keeper.id)
    return visit.page("calls", calls=waiting_calls(visit), desk=desk, seconds=seconds)


def open_one(visit: Visit) -> Response:
    """Write down that this person reads this request; then show it."""
    if closed := _closed(visit):
        return closed
    desk, request = _asked(visit)
    note(visit.db, visit.keeper, "view_callback", "callback", str(request), visit.now, desk.commune or 0)
    return visit.redirect(f"/callbacks/{request}")


def call(visit: Visit) -> Response:
    """Show the words of a request whose view was written down a moment ago; else lead back to the button."""
    if closed := _closed(visit):
        return closed
    desk, request = _asked(visit)
    if not _noted(visit, request):
        return visit.redirect("/callbacks", "Bấm “Đọc lời nhắn” để mở. Mỗi lần đọc đều được ghi lại.")
    return _show(visit, desk, request)


def later(visit: Visit) -> Response:
    """Leave a request for another call and keep when somebody tried, and nothing of what was heard."""
    if closed := _closed(visit):
        return closed
    desk, request = _asked(visit)
    if not _noted(visit, request):
        return visit.redirect("/callbacks", "Mở lời nhắn rồi mới ghi được.")
    note(visit.db, visit.keeper, "try_callback", "callback", str(request), visit.now, desk.commune or 0)
    return visit.redirect("/callbacks", "Đã ghi là đã gọi thử. Lời nhắn vẫn ở đây, chờ lần gọi sau.")


def close(visit: Visit) -> Response:
    """Close a request: its words are deleted at once, the outcome is counted."""
    if closed := _closed(visit):
        return closed
    (desk, request), outcome = _asked(visit), str(visit.form.get("outcome", ""))
    if not _noted(visit, request):
        return visit.redirect("/callbacks", "Mở lời nhắn rồi mới đóng được.")
    if outcome not in OUTCOMES:
        return _show(visit, desk, request, "Chọn kết quả.", 400)
    commune = load().commune(desk.commune) if desk.commune else None
    province = commune.province.name if commune else visit.site.home
    note(visit.db, visit.keeper, "close_callback", "callback", str(request), visit.now, desk.commune or 0)
    with transaction(visit.site.people) as db:
        there = callbacks.close_callback(db, desk, request, outcome, province, visit.now)
    empty_journal(visit.site.people)
    if not there:
        raise OutOfScope("Không có lời nhờ này.")
    return visit.redirect("/callbacks", CLOSED)


def _closed(visit: Visit) -> Response | None:
    """Return the way back to the list when this request of one's own desk was closed already, by whom it may be."""
    desk = desk_of(visit.keeper, visit.site.home)
    if desk is None or _waits(visit, desk):
        return None
    done = (audit.c.action == "close_callback", audit.c.entity_id == visit.path["id"])
    at = audit.c.commune == (desk.commune or 0)
    by = visit.db.execute(select(audit.c.staff_id).where(*done, at).order_by(audit.c.id.desc())).scalar()
    if by is None:
        return None
    told = CLOSED if by == visit.keeper.id else "Lời nhờ này đã được một người khác đóng; không cần gọi nữa."
    return visit.redirect("/callbacks", told)


def _waits(visit: Visit, desk: Desk) -> bool:
    typed = visit.path["id"]
    if not (typed.isascii() and typed.isdigit() and len(typed) < 16):
        return False
    with reading(visit.site.people) as db:
        return callbacks.is_waiting(db, desk, int(typed))


def _asked(visit: Visit) -> tuple[Desk, int]:
    """Return the desk of this person and a request that waits there; raise `OutOfScope` for any other."""
    desk = desk_of(visit.keeper, visit.site.home)
    if desk is not None and _waits(visit, desk):
        return desk, int(visit.path["id"])
    raise OutOfScope("Không có lời nhờ này.")


def _noted(visit: Visit, request: int) -> bool:
    """Tell whether the audit holds a view of this request by this person in the last minutes."""
    since = visit.now.timestamp() - OPEN_SECONDS
    mine = (audit.c.staff_id == visit.keeper.id, audit.c.action == "view_callback", audit.c.at >= since)
    return visit.db.execute(select(audit.c.id).where(*mine, audit.c.entity_id == str(request))).first() is not None


def _show(visit: Visit, desk: Desk, request: int, wrong: str = "", status: int = 200) -> Response:
    with reading(visit.site.people) as db:
        found = callbacks.read_callback(db, visit.site.keys, desk, request)
    if found is None:
        raise OutOfScope("Không có lời nhờ này.")
    return visit.page("call", status, call=found, ends=ENDS, wrong=wrong)


ROUTES = (
    Route("GET", "/callbacks", calls, "callbacks", nav="Gọi lại"),
    Route("POST", "/callbacks/{id}/open", open_one, "callback_open", roles=("commune", "province")),
    Route("GET", "/callbacks/{id}", call, "callback", roles=("commune", "province")),
    Route("POST", "/callbacks/{id}/later", later, "callback_later", roles=("commune", "province")),
    Route("POST", "/callbacks/{id}/close", close, "callback_close", roles=("commune", "province")),
)
