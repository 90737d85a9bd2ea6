"""The board of a province: how many communes are ready for the action month, which are not, and whom to call next."""

from __future__ import annotations

from starlette.responses import Response

from bot.staff.incoming import whole_number
from bot.staff.visit import Route, Visit
from referral_directory import readiness
from referral_directory.keeper import OutOfScope

SHOWN = 60
"""Communes of a page on the screen; the page to print has them all."""


def board(visit: Visit) -> Response:
    """Show the board of one province; to an administrator first the provinces, that of the house before all others."""
    today = visit.now.date()
    plan = readiness.plan(today)
    mine = readiness.provinces_of(visit.keeper)
    province = visit.query.get("province", "") or (mine[0] if len(mine) == 1 else "")
    if not province:
        provinces = readiness.readiness_of_all(visit.db, today)
        provinces.sort(key=lambda one: one.province != visit.site.home)
        return visit.page("provinces", plan=plan, provinces=provinces)
    if province not in mine:
        raise OutOfScope("Không có trang này.")
    found = readiness.readiness(visit.db, province, today)
    printing = visit.query.get("print") == "1"
    start = _number(visit.query.get("from", ""), len(found.missing))
    shown = found.missing if printing else found.missing[start : start + SHOWN]
    return visit.page(
        "board", plan=plan, board=found, shown=shown, start=start, size=SHOWN, why=readiness.WHY, printing=printing
    )


def _number(typed: str, most: int) -> int:
    number = whole_number(typed) or 0
    return number if number < most else 0


ROUTES = (Route("GET", "/board", board, "board", roles=("province", "admin"), nav="Sẵn sàng"),)
