"""The first page: what waits for this member of staff, the most pressing first, and what to do about each."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from bot.staff import roster
from bot.staff.desks import waiting_calls
from bot.staff.visit import Route, Visit
from referral_directory import events, readiness, worklist

SHOWN = 8
"""Lines of each part; the list has them all."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """How far the action month is, and what is still missing for it."""

    plan: readiness.Plan
    communes: int
    missing: int


def work(visit: Visit) -> Response:
    """Show what waits."""
    db, keeper, today = visit.db, visit.keeper, visit.now.date()
    stages = worklist.count_overdue(db, keeper, today)
    waiting = events.of_keeper(db, keeper, visit.now.timestamp(), SHOWN, "waiting")
    return visit.page(
        "worklist",
        calls=waiting_calls(visit),
        to_approve=worklist.to_approve(db, keeper, SHOWN),
        approve_count=worklist.count_to_approve(db, keeper),
        own=worklist.own_changes(db, keeper, SHOWN + 1),
        overdue=worklist.overdue(db, keeper, today, SHOWN),
        overdue_count=sum(stages.values()),
        stages=stages,
        empty=worklist.is_empty(db, keeper),
        shown_any=worklist.is_any_shown(db, keeper),
        sample_only=worklist.is_sample_only(db, keeper),
        reminder=_reminder(visit),
        events=[e for e in waiting if e.author_id != keeper.id],
        own_events=[e for e in waiting if e.author_id == keeper.id],
        alone=roster.is_alone(db, keeper),
        to_confirm=roster.to_confirm(db, keeper, SHOWN),
        seconds=roster.seconds(db, keeper.id),
        shown=SHOWN,
    )


def _reminder(visit: Visit) -> Reminder | None:
    """Return what is missing for the action month, in the weeks before it and while it is on."""
    plan = readiness.plan(visit.now.date())
    if plan.days > max(readiness.REMINDERS) or visit.keeper.role == "admin":
        return None
    today, keeper = visit.now.date(), visit.keeper
    if keeper.role == "commune":
        return None if readiness.is_ready(visit.db, keeper.commune, today) else Reminder(plan, 1, 1)
    found = readiness.readiness(visit.db, keeper.province, today)
    return Reminder(plan, found.communes, len(found.missing)) if found.missing else None


ROUTES = (Route("GET", "/", work, "home", nav="Hôm nay"),)
