"""Connections that come in: whoever sends too slowly, or only holds a place, makes room for whoever has something to say."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

ARRIVAL_SECONDS = 15.0
"""How long a request may take to arrive …"""
BYTES_PER_SECOND = 4_000
"""… and one second more for each so many bytes of it: a file from a phone on a weak network still comes through."""
MOST_IDLE = 500
"""Connections that may be open without a whole request; one more, and the oldest of them is closed."""


class Connection(H11Protocol):
    """One connection; those that are waited for stand in two lines for the whole process, the oldest first."""

    unheard: dict[Connection, None] = {}  # noqa: RUF012 - one line for all of them is meant
    """Their request has not arrived whole."""
    answered: dict[Connection, None] = {}  # noqa: RUF012 - likewise
    """They were answered and are kept for the next request: these make room first, nobody waits there to be heard."""

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self._came = 0
        self._begun = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Wait for a request; where too many do, the oldest makes room."""
        super().connection_made(transport)
        self._wait(ARRIVAL_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Take what came; a whole request is no longer waited for."""
        super().data_received(data)
        self._came += len(data)
        if self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._timer is None:
            self._wait(ARRIVAL_SECONDS)

    def on_response_complete(self) -> None:
        """Keep the connection for the next request, but only while there is room."""
        super().on_response_complete()
        if not self.transport.is_closing() and self not in self.unheard:
            self.answered[self] = None
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self, seconds: float) -> None:
        self._came, self._begun = 0, self.loop.time()
        self._timer = self.loop.call_later(seconds, self._look)
        self.answered.pop(self, None)
        self.unheard[self] = None
        self._make_room()

    def _make_room(self) -> None:
        if len(self.unheard) + len(self.answered) > MOST_IDLE:
            next(iter(self.answered or self.unheard))._close()

    def _look(self) -> None:
        """Close a request that comes too slowly; look again later at one that comes fast enough."""
        left = self._begun + ARRIVAL_SECONDS + self._came / BYTES_PER_SECOND - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._look)
        else:
            self._close()

    def _stop_waiting(self) -> None:
        self.unheard.pop(self, None)
        self.answered.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close(self) -> None:
        self._stop_waiting()
        self.transport.abort()
