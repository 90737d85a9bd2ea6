"""The first page of somebody signed in."""

from __future__ import annotations

from starlette.responses import Response

from bot.staff.visit import Route, Visit


def home(visit: Visit) -> Response:
    """Show where to go."""
    return visit.page("home")


ROUTES = (Route("GET", "/", home, "home", nav="Trang đầu"),)
