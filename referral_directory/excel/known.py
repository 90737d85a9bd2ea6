"""What the directory holds already of the places of a list: read in a few queries, within the scope of who uploads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, select

from referral_directory import record as records
from referral_directory.changes import OPEN
from referral_directory.fields import as_shown, sees_private, with_hidden
from referral_directory.keeper import Keeper
from referral_directory.keeping import revision
from referral_directory.models import service
from referral_directory.record import Record, search_key

Key = tuple[str, int, str]
"""By what two rows are one place: name without marks, commune, province."""


@dataclass(frozen=True, slots=True)
class Known:
    """A record of the directory, with the change of it that waits for somebody."""

    id: str
    version: int
    state: str
    live: Record | None
    """What residents see, or saw; None where nothing was approved yet."""
    open: Record | None = None
    open_state: str = ""
    open_id: str = ""
    retires: bool = False
    sees: bool = False
    """Whether who uploads may see its private parts."""

    @property
    def newest(self) -> Record:
        """The record as it was written last."""
        found = self.open or self.live
        if found is None:
            raise LookupError(self.id)
        return found

    @property
    def shown(self) -> Record:
        """The record as it was written last, as who uploads may read it."""
        return as_shown(self.newest, self.sees)

    def whole(self, written: Record) -> Record:
        """Return what a row made of `shown`, with what was hidden from its writer."""
        return written if self.sees else with_hidden(written, self.newest)


@dataclass(slots=True)
class Directory:
    """The records that a list may mean."""

    by_id: dict[str, Known] = field(default_factory=dict)
    by_key: dict[Key, list[Known]] = field(default_factory=lambda: defaultdict(list))
    beside: list[Record] = field(default_factory=list)
    """What residents may see of the other records in the same communes; none where these are too many."""


MOST_BESIDE = 3_000
"""As many records beside those that a list means are compared with its rows; with more, none is."""


def key_of(name: str, commune: int, province: str) -> Key:
    """Return by what a place is known again."""
    return search_key(name), commune, province


def look_up(db: Connection, keeper: Keeper, keys: Iterable[Key], ids: Iterable[str]) -> Directory:
    """Return the records of this person's scope that have one of these keys or ids; trial data is none."""
    wanted, asked = set(keys), set(ids)
    mine = select(service.c.id, service.c.name_fold, service.c.commune, service.c.province).where(
        keeper.scope(service), ~service.c.sample
    )
    communes = sorted({commune for _, commune, _ in wanted})
    named = (
        row
        for row in records.found_in(db, mine, service.c.commune, communes)
        if (row.name_fold, row.commune, row.province) in wanted
    )
    rows = {row.id: row for row in (*named, *records.found_in(db, mine, service.c.id, sorted(asked)))}
    shown = mine.where(service.c.state == "approved")
    there = [row.id for row in records.found_in(db, shown, service.c.commune, communes) if row.id not in rows]
    beside = records.read(db, there, public=True) if len(there) <= MOST_BESIDE else {}
    seen = {row.id for row in rows.values() if sees_private(keeper, row.commune, row.province)}
    found = Directory(_known(db, list(rows), seen), beside=list(beside.values()))
    for known in found.by_id.values():
        row = rows[known.id]
        found.by_key[row.name_fold, row.commune, row.province].append(known)
    return found


def _known(db: Connection, ids: Sequence[str], seen: Set[str]) -> dict[str, Known]:
    columns = select(service.c.id, service.c.version, service.c.state)
    rows = list(records.found_in(db, columns, service.c.id, ids))
    waiting: Select[Any] = select(
        revision.c.id, revision.c.service_id, revision.c.record, revision.c.state, revision.c.retires
    ).where(revision.c.state.in_(OPEN))
    opened = {row.service_id: row for row in records.found_in(db, waiting, revision.c.service_id, ids)}
    live = records.read(db, [row.id for row in rows if row.version])
    found = {}
    for row in rows:
        change, sees = opened.get(row.id), row.id in seen
        if change:
            newest = Record.from_json(change.record)
            about: dict[str, Any] = {
                "open": newest,
                "open_state": change.state,
                "open_id": change.id,
                "retires": bool(change.retires),
            }
            found[row.id] = Known(row.id, row.version, row.state, live.get(row.id), **about, sees=sees)
        elif row.id in live:
            found[row.id] = Known(row.id, row.version, row.state, live[row.id], sees=sees)
    return found
