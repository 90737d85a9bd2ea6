"""Which communes have an event today or tomorrow: what the daily message may tell in one line, without an officer's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
        """Ask the directory again; what it cannot tell now is not announced."""
        try:
            with reading(self._directory) as db:
                self.coming = events.coming(db, self._now(), VIETNAM)
        except StoreUnavailable:
            self.coming = {}
