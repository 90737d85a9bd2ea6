"""Pairs of tokens that a platform changes by itself: read by all workers, refreshed by one at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from bot.store import pace
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.schema import token

FOR_GOOD = 1e12
"""A refresh that began and never ended is in doubt: only a new pair in the settings ends it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token with the single-use token that replaces it; `version` grows with each pair."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: float = 0.0
    version: int = 0


class Tokens:
    """The stored pair of one bot; the pair of the settings is the first, and a new one in the settings replaces it."""

    def __init__(self, store: Engine, keys: Keys, bot: str, first: Pair) -> None:
        self._store, self._keys, self._bot, self._first = store, keys, bot, first

    def now(self) -> float:
        """Return the database's time."""
        with transaction(self._store) as db:
            return pace.clock(db)

    def pair(self) -> Pair:
        """Return the pair in force."""
        with transaction(self._store) as db:
            row = db.execute(select(token).where(token.c.bot == self._bot)).first()
            if row is not None:
                access, refresh, first = self._keys.open(row.pair, "token")
                if first == self._first.refresh:
                    return Pair(access, refresh, row.expires_at, row.version)
            version = row.version + 1 if row is not None else 1
            return self._keep(db, Pair(self._first.access, self._first.refresh, pace.clock(db) + 3600, version))

    def may_refresh(self, version: int) -> bool:
        """Tell whether this worker, and no other, may now refresh the pair of that version."""
        with transaction(self._store) as db:
            mine = (token.c.bot == self._bot, token.c.version == version, token.c.refreshing_until == 0)
            return db.execute(update(token).where(*mine).values(refreshing_until=FOR_GOOD)).rowcount == 1

    def keep(self, access: str, refresh: str, seconds: float, version: int) -> Pair:
        """Store a new pair before anybody uses it."""
        with transaction(self._store) as db:
            return self._keep(db, Pair(access, refresh, pace.clock(db) + seconds, version))

    def give_up(self) -> None:
        """Let another try: nothing was sent."""
        with transaction(self._store) as db:
            db.execute(update(token).where(token.c.bot == self._bot).values(refreshing_until=0.0))

    def _keep(self, db: Connection, pair: Pair) -> Pair:
        make = pg_insert if db.dialect.name == "postgresql" else lite_insert
        sealed = self._keys.seal([pair.access, pair.refresh, self._first.refresh], "token")
        row = {"pair": sealed, "version": pair.version, "expires_at": pair.expires_at, "refreshing_until": 0.0}
        db.execute(make(token).values(bot=self._bot, **row).on_conflict_do_update(index_elements=["bot"], set_=row))
        return pair
