"""The figures of the day and of the season, for those who answer for them: sums only, small ones merged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from bot.report import figures
from bot.report.figures import Scope, Sent
from bot.report.names import ENDS
from bot.staff.visit import Route, Visit
from bot.store.engine import reading
from referral_directory.keeper import Keeper
from referral_directory.readiness import Readiness, readiness, readiness_of_all, season_of, together

DAYS = 31
"""Of the chart of messages a day."""
STATES = {
    "ready": ("Đang trả lời", "good"), "external": ("Ở máy chủ khác, chưa trả lời", "waits"), "waiting": ("Chưa khởi động", "waits"),
    "training": ("Đang học", "waits"), "starting": ("Đang khởi động", "waits"), "down": ("Không trả lời, bot dùng từ khóa", "late"),
    "": ("Chạy ở tiến trình khác", ""),
}  # fmt: skip
SCORES = {
    "told_recall": "Nhận ra lời kể", "told_or_asked": "… hoặc hỏi lại nhẹ nhàng", "emergency_recall": "Nhận ra nguy cấp",
    "false_alarms": "Báo nhầm trên tin thường", "intent_accuracy": "Đúng ý định",
}  # fmt: skip


_SAID: dict[str, Any] = {
    "few": figures.few,
    "at_most_few": figures.at_most_few,
    "number": figures.number,
    "under": figures.UNDER,
}
"""How pages write counts."""


def scope_of(keeper: Keeper, home: str) -> Scope:
    """Return whose figures somebody reads: a supervisor's province, an administrator's the province of the house or all."""
    return Scope(home) if keeper.role == "admin" else Scope(keeper.province, keeper.province == home)


def dashboard(visit: Visit) -> Response:
    """Show today's sending, whom messages reached, how ready the directory is, and how the understanding is."""
    scope, today = scope_of(visit.keeper, visit.site.home), visit.now.date()
    since, whole = season_of(today), today - figures.NOT_TODAY
    with reading(visit.site.people) as db:
        now = figures.sent(db, today, today) if scope.runs else figures.sent_to(db, today, scope.province)
        late = figures.sent(db, today - timedelta(days=DAYS - 1), today) if scope.runs else now
        counts, people = figures.count(db, since, whole, scope), figures.subscribers(db, scope)
        wrong = figures.corrected(db, whole - timedelta(days=29), whole, scope)
    shown = figures.told(late)
    return visit.page(
        "dashboard", scope=scope, since=since, now=now if shown else (), hidden=bool(now) and not shown, ends=ENDS,
        past=_days(shown, today) if scope.runs else (), fewest=figures.FEWEST, counts=counts, people=people,
        wrong=wrong, national=not scope.province,
        ready=_ready(visit, scope, today), model=visit.site.model(), states=STATES, scores=SCORES, **_SAID,
    )  # fmt: skip


def asked(visit: Visit) -> Response:
    """Show what people asked and told, and where they were sent."""
    scope, today = scope_of(visit.keeper, visit.site.home), visit.now.date()
    since = season_of(today)
    with reading(visit.site.people) as db:
        counts = figures.count(db, since, today - figures.NOT_TODAY, scope)
    return visit.page("asked", scope=scope, since=since, counts=counts, **_SAID)


def reached(visit: Visit) -> Response:
    """Show whom messages reached, by province."""
    since = season_of(visit.now.date())
    with reading(visit.site.people) as db:
        rows = figures.reach(db, since, visit.now.date(), visit.site.home)
    return visit.page("reached", since=since, rows=rows, **_SAID)


def _days(sent: tuple[Sent, ...], today: date) -> tuple[tuple[date, int], ...]:
    """Return how many messages arrived on each of the last days; nothing where none did."""
    if not any(one.counts["sent"] for one in sent):
        return ()
    days = [today - timedelta(days=n) for n in reversed(range(DAYS))]
    return tuple((day, sum(one.counts["sent"] for one in sent if one.day == day)) for day in days)


def _ready(visit: Visit, scope: Scope, today: date) -> Readiness:
    if scope.province:
        return readiness(visit.db, scope.province, today)
    return together(readiness_of_all(visit.db, today))


_KEEPERS = ("province", "admin")
ROUTES = (
    Route("GET", "/dashboard", dashboard, "dashboard", _KEEPERS, nav="Số liệu"),
    Route("GET", "/dashboard/asked", asked, "dashboard_asked", _KEEPERS),
    Route("GET", "/dashboard/reached", reached, "dashboard_reached", ("admin",)),
)
