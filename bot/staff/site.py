"""The staff site as one ASGI application to mount at `/staff`: its routes, its headers, its hosts."""

from __future__ import annotations

from itertools import chain

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.routing import Route as Path

from bot.errors import StoreUnavailable
from bot.staff import door, home, look
from bot.staff.visit import ROOT, Route, Site
from referral_directory.changes import Refused

PAGES = (home,)
"""Modules of pages: each has `ROUTES`."""
ROUTES: tuple[Route, ...] = tuple(chain.from_iterable(module.ROUTES for module in PAGES))


def routes(site: Site) -> Mount:
    """Return the staff site, mounted."""
    return Mount(ROOT, app=application(site))


def application(site: Site) -> Starlette:
    """Return the staff site alone."""
    nav = tuple(route for route in ROUTES if route.nav)
    served = [Path(r.path, door.endpoint(site, r, nav), methods=[r.method], name=r.name) for r in ROUTES]
    return Starlette(
        routes=[Path("/staff.css", _css, methods=["GET"]), *served],
        exception_handlers={
            Refused: door.refused,
            door.Foreign: door.foreign,
            door.TooLarge: door.too_large,
            StoreUnavailable: door.unavailable,
        },
    )


async def _css(_: Request) -> Response:
    return Response(look.css(), media_type="text/css", headers={"cache-control": "public, max-age=31536000, immutable"})
