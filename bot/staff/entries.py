"""The list of the directory: words typed without marks, kind and state, page after page."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from sqlalchemy import and_, select, true
from sqlalchemy.sql.elements import ColumnElement
from starlette.responses import Response

from bot.staff.badges import badges
from bot.staff.visit import Route, Visit
from referral_directory.keeper import Keeper
from referral_directory.keeping import revision
from referral_directory.models import service
from referral_directory.search import search
from referral_directory.terms import KIND_NAMES
from referral_directory.worklist import is_overdue

PAGE = 25
"""Lines of a page: it stays under 15 KB."""

STATES = {
    "": "Tất cả",
    "shown": "Đang hiện cho người dân",
    "overdue": "Quá hạn xác minh",
    "waiting": "Chờ duyệt",
    "mine": "Bạn đang viết",
    "retired": "Đã rút",
}


def entries(visit: Visit) -> Response:
    """Show the services of this member of staff that hold the words asked for."""
    words, kind, state = (visit.query.get(name, "") for name in ("q", "kind", "state"))
    kind, state = kind if kind in KIND_NAMES else "", state if state in STATES else ""
    today = visit.now.date()
    condition = and_(visit.keeper.scope(service), _chosen(visit.keeper, kind, state, today))
    found = search(visit.db, condition, words[:200], PAGE, visit.query.get("after", "")[:36])
    lines = [(e, badges(e.state, e.status, e.verified, e.change, e.sample, today, e.retires)) for e in found.lines]
    asked = {name: value for name, value in (("q", words), ("kind", kind), ("state", state)) if value}
    return visit.page(
        "entries", lines=lines, words=words, kind=kind, state=state, states=STATES, asked=bool(asked),
        first="" if not visit.query.get("after") else f"?{urlencode(asked)}" if asked else "?",
        next=f"?{urlencode({**asked, 'after': found.next})}" if found.next else "",
    )  # fmt: skip


def _chosen(keeper: Keeper, kind: str, state: str, today: date) -> ColumnElement[bool]:
    """Return the condition of the filters; `scope` stands beside it, always."""
    with_change = select(revision.c.service_id)
    chosen: dict[str, ColumnElement[bool]] = {
        "": service.c.state != "retired",
        "shown": and_(service.c.state == "approved", service.c.status == "active"),
        "overdue": is_overdue(today),
        "waiting": service.c.id.in_(with_change.where(revision.c.state == "waiting")),
        "mine": service.c.id.in_(
            with_change.where(revision.c.author == keeper.id, revision.c.state.in_(("draft", "waiting", "returned")))
        ),
        "retired": service.c.state == "retired",
    }
    return and_(chosen[state], service.c.kind == kind if kind else true())


ROUTES = (Route("GET", "/entries", entries, "entries", nav="Danh bạ"),)
