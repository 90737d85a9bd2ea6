"""Which communes have an event today or tomorrow: what the daily message may tell in one line, without an officer's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date

from sqlalchemy import Engine

from bot.clock import VIETNAM, Clock
from bot.errors import StoreUnavailable
from bot.store.engine import reading
from referral_directory import events


class News:
    """Holds the days with an approved event, by commune, as the directory told them last."""

    def __init__(self, directory: Engine, now: Clock) -> None:
        self._directory, self._now = directory, now
        self.coming: Mapping[int, Collection[date]] = {}

    def read(self) -> None:
        """Ask the directory again; while it cannot tell, what it told last stands: some were already promised the line."""
        with suppress(StoreUnavailable), reading(self._directory) as db:
            self.coming = events.coming(db, self._now(), VIETNAM)
