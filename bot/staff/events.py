"""Events of a commune: an officer writes one, a second person approves it, then the bot and the bulletin announce it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time

from starlette.responses import Response

import content
from bot.clock import VIETNAM
from bot.staff.forms import Form, needed, text, words
from bot.staff.visit import Route, Visit
from content.spoken import phones_in, spoken
from nlu.text import squeeze
from referral_directory import events
from referral_directory.events import PLACE, TITLE, WORDS, Event, Wanted

STATES = {
    "waiting": ("Chờ duyệt", "waits"), "approved": ("Đã duyệt", "good"), "returned": ("Bị trả lại", "late"),
    "dropped": ("Đã rút", ""),
}  # fmt: skip
SUBSCRIBERS = "Hôm trước hoặc ngay hôm ấy, tin hằng ngày của người chọn nhận tin xã này có thêm một dòng báo, không ghi tên sự kiện."
"""To whom an event is announced unasked."""
SHOWN = 40
BACK_DAYS = 14
"""How long what is over stays on the list."""
AHEAD_DAYS = 366
_LINK = re.compile(
    r"://|\bwww\.|[\w-]\.(?:vn|com|net|org|info|me|ly|gl|io|co|cc|app|link|xyz|top|site|online|shop|club)\b", re.I
)
"""What leads out of the chat: who approves an event reads its words, not the page behind them."""


class EventForm(Form):
    """An event as an officer types it."""

    title = text("Sự kiện", needed("Ghi tên sự kiện."), most=TITLE, autocomplete="off")
    place = text("Ở đâu", needed("Ghi nơi diễn ra."), most=PLACE, autocomplete="off")
    day = text("Ngày", needed("Chọn ngày."), most=10, type="date")
    hour = text("Giờ bắt đầu", needed("Ghi giờ bắt đầu."), most=8, type="time")
    words = words("Thêm một hai câu", most=WORDS)


def listed(visit: Visit) -> Response:
    """Show what is to come and what was lately."""
    since = visit.now.timestamp() - BACK_DAYS * 86_400
    found = events.of_keeper(visit.db, visit.keeper, since, SHOWN)
    now = visit.now.timestamp()
    return visit.page(
        "events", states=STATES,
        waiting=[e for e in found if e.state == "waiting" and e.author_id != visit.keeper.id],
        mine=[e for e in found if e.state in ("waiting", "returned") and e.author_id == visit.keeper.id],
        coming=[e for e in found if e.state == "approved" and e.starts_at > now],
        over=[e for e in found if e.state == "approved" and e.starts_at <= now],
    )  # fmt: skip


def new(visit: Visit) -> Response:
    """Show an empty form."""
    return _form(visit, EventForm(), None)


def add(visit: Visit) -> Response:
    """Keep a new event."""
    return _take(visit, None)


def edit(visit: Visit) -> Response:
    """Show the form of one's own event."""
    found = _mine(visit)
    at = datetime.fromtimestamp(found.starts_at, VIETNAM)
    given = {"title": found.title, "place": found.place, "words": found.words}
    return _form(visit, EventForm(data={**given, "day": f"{at:%Y-%m-%d}", "hour": f"{at:%H:%M}"}), found)


def save(visit: Visit) -> Response:
    """Keep one's own event anew."""
    return _take(visit, _mine(visit))


def one(visit: Visit) -> Response:
    """Show an event as residents will read and hear it, and what may be done."""
    return _show(visit)


def approve(visit: Visit) -> Response:
    """Let it be announced."""
    events.approve(visit.db, visit.keeper, visit.path["id"], str(visit.form.get("edition", "")), visit.now)
    return visit.redirect(
        f"/events/{visit.path['id']}", f"Đã duyệt. Từ bây giờ Tin Cậy đáp người hỏi ở xã này. {SUBSCRIBERS}"
    )


def send_back(visit: Visit) -> Response:
    """Return it with a reason."""
    if not str(visit.form.get("reason", "")).strip():
        return _show(visit, "Ghi lý do trả lại để người viết biết phải sửa gì.", 400)
    events.send_back(visit.db, visit.keeper, visit.path["id"], str(visit.form["reason"]), visit.now)
    return visit.redirect("/events", "Đã trả lại kèm lý do.")


def drop(visit: Visit) -> Response:
    """Take it back at once."""
    events.drop(visit.db, visit.keeper, visit.path["id"], visit.now)
    return visit.redirect("/events", "Đã rút. Tin Cậy không báo sự kiện này nữa.")


def _show(visit: Visit, wrong: str = "", status: int = 200) -> Response:
    found = _mine(visit)
    return visit.page(
        "event", status, event=found, states=STATES, wrong=wrong, own=found.author_id == visit.keeper.id,
        line=events.line(found, VIETNAM), aloud=spoken(events.sentence(found, VIETNAM)),
        subscribers=SUBSCRIBERS, over=found.starts_at < visit.now.timestamp(), phones=phones_in(f"{found.title} {found.place} {found.words}"),
    )  # fmt: skip


def _take(visit: Visit, found: Event | None) -> Response:
    form = EventForm(visit.form)
    wanted = _read(form, visit.now) if form.validate() else None
    if wanted is None:
        return _form(visit, form, found, 400)
    made = events.write(visit.db, visit.keeper, wanted, visit.now, found.id if found else "")
    return visit.redirect(f"/events/{made}", "Đã gửi. Một người khác duyệt thì người dân mới biết.")


def _form(visit: Visit, form: EventForm, found: Event | None, status: int = 200) -> Response:
    action = f"/staff/events/{found.id}/edit" if found else "/staff/events/new"
    return visit.page("event_form", status, form=form, found=found, action=action)


def _mine(visit: Visit) -> Event:
    return events.one_of(visit.db, visit.keeper, visit.path["id"])


def _read(form: EventForm, now: datetime) -> Wanted | None:
    """Return the event, or None with what is wrong told at its field."""
    day, hour = _day(form.said("day")), _hour(form.said("hour"))
    if day is None:
        form.told("day", "Ghi ngày, tháng, năm, ví dụ 25/11/2026.")
    if hour is None:
        form.told("hour", "Ghi giờ và phút, ví dụ 08:00.")
    for name in ("title", "place", "words"):
        bare = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", form.said(name)))
        if bad := next((n for n in content.never_served() if n.replace(" ", "") in bare), ""):
            form.told(name, f"Số {bad} không dùng được. Bỏ số này đi.")
        if _LINK.search(form.said(name)):
            form.told(name, "Bỏ địa chỉ trang web đi; ghi nơi, giờ và việc là đủ.")
    at = datetime.combine(day, hour, VIETNAM) if day and hour else now
    if day and hour and not 0 < (at - now).total_seconds() < AHEAD_DAYS * 86_400:
        form.told("day", "Sự kiện phải ở sau bây giờ, trong vòng một năm.")
    if form.errors:
        return None
    title, place, more = (squeeze(form.said(name)) for name in ("title", "place", "words"))
    return Wanted(title, place, at.timestamp(), more)


def _day(typed: str) -> date | None:
    parts = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", typed)
    try:
        return date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else date.fromisoformat(typed)
    except ValueError:
        return None


def _hour(typed: str) -> time | None:
    parts = re.fullmatch(r"(\d{1,2})(?:[:hg](\d{2})?)?(?::\d{2})?", squeeze(typed).replace(" ", "").lower())
    try:
        return time(int(parts[1]), int(parts[2] or 0)) if parts else None
    except ValueError:
        return None


_OFFICER = ("commune",)
ROUTES = (
    Route("GET", "/events", listed, "events", nav="Sự kiện"),
    Route("GET", "/events/new", new, "event_new", roles=_OFFICER),
    Route("POST", "/events/new", add, "event_add", roles=_OFFICER),
    Route("GET", "/events/{id}", one, "event"),
    Route("GET", "/events/{id}/edit", edit, "event_edit", roles=_OFFICER),
    Route("POST", "/events/{id}/edit", save, "event_save", roles=_OFFICER),
    Route("POST", "/events/{id}/approve", approve, "event_approve"),
    Route("POST", "/events/{id}/return", send_back, "event_return"),
    Route("POST", "/events/{id}/drop", drop, "event_drop"),
)
