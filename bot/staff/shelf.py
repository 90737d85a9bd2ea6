"""What somebody sent, for some minutes between two pages: sealed, in memory alone, nothing on disk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Any

from bot.store.keys import Keys

KEPT_SECONDS = 20 * 60
MOST_BYTES = 40_000_000
"""Of everybody together: the oldest goes first. A list of 5,000 rows takes about 4 MB."""


class Shelf:
    """One value for each session or person, kept for so many seconds; a restart empties it, and the person begins anew."""

    def __init__(self, seconds: float = KEPT_SECONDS) -> None:
        self._seconds = seconds
        self._held: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Shelf({len(self._held)})"

    def put(self, session: bytes, keys: Keys, value: Any, now: datetime) -> None:
        """Hold a JSON value for this session; what it held before is gone."""
        sealed = keys.seal(value, _purpose(session))
        with self._lock:
            self._held.pop(session, None)
            self._held[session] = (now.timestamp() + self._seconds, sealed)
            self._clear(now.timestamp())

    def look(self, session: bytes, keys: Keys, now: datetime) -> Any:
        """Return what is held for this session, or None."""
        with self._lock:
            self._clear(now.timestamp())
            _, sealed = self._held.get(session, (0.0, b""))
        return keys.open(sealed, _purpose(session)) if sealed else None

    def drop(self, session: bytes) -> None:
        """Forget what is held for this session."""
        with self._lock:
            self._held.pop(session, None)

    def _clear(self, now: float) -> None:
        for session in [s for s, (until, _) in self._held.items() if until <= now]:
            del self._held[session]
        while len(self._held) > 1 and sum(len(sealed) for _, sealed in self._held.values()) > MOST_BYTES:
            self._held.popitem(last=False)


def _purpose(session: bytes) -> str:
    return f"upload:{session.hex()}"
