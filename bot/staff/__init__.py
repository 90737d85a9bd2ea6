"""The staff site under `/staff/`: sign-in, people and roles, and the pages over the directory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.clock import Clock
from bot.standing import Standing
from bot.store.keys import Keys
from bot.store.pace import Pace


def build(
    directory: Engine, people: Engine, keys: Keys, now: Clock, hosts: tuple[str, ...] = (), home: str = "",
    paces: Mapping[str, Pace] | None = None, model: Callable[[], Standing] = lambda: Standing(""),
) -> Staff:  # fmt: skip
    """Return the staff site as an ASGI application for `/staff`; nothing of it is read before somebody opens it."""

    def read() -> ASGIApp:
        from bot.staff.site import application
        from bot.staff.visit import Site

        return application(Site(directory, people, keys, now, hosts, home, paces or {}, model=model))

    return Staff(read)


class Staff:
    """Holds the site once it is built: a start answers frightened people first, templates and forms come later."""

    def __init__(self, build: Callable[[], ASGIApp]) -> None:
        self._build = build
        self._built: ASGIApp | None = None
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self.ready())(scope, receive, send)

    async def ready(self) -> ASGIApp:
        """Build the site if nobody has; return it."""
        async with self._lock:
            if self._built is None:
                self._built = await asyncio.to_thread(self._build)
        return self._built
