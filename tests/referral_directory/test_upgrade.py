"""A directory of an earlier version is brought to today's: what it held is there, found and shown as before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, inspect, select, text

from bot import migrate
from bot.clock import VIETNAM
from bot.store.engine import reading, transaction
from referral_directory import book, changes, search
from referral_directory.keeper import Keeper
from referral_directory.models import service
from tests.referral_directory.conftest import CAM_TAN, keeper, trusted

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)
EARLIER = (
    "DROP INDEX service_place", "DROP INDEX service_search", "DROP INDEX service_shown", "DROP INDEX attribute_link",
    "DROP INDEX staff_name", "DROP INDEX revision_state", "CREATE INDEX service_place ON service (commune, state)",
    "CREATE INDEX ix_attribute_link_id ON attribute (link_id)",
    "CREATE INDEX revision_state ON revision (state, written_at)", "ALTER TABLE service DROP COLUMN told",
    "ALTER TABLE service DROP COLUMN published", "ALTER TABLE service DROP COLUMN search_fold",
    "ALTER TABLE staff DROP COLUMN signed_in_at", "ALTER TABLE staff DROP COLUMN search_fold",
    "ALTER TABLE staff DROP COLUMN confirmed_by", "ALTER TABLE staff DROP COLUMN given_by",
    "UPDATE alembic_directory SET version_num = 'directory_0002'",
)  # fmt: skip
"""What brings today's tables back to the first that staff kept."""


def shape(engine: Engine) -> dict[str, Any]:
    """Return the names of all columns and the columns of all indexes."""
    seen = inspect(engine)
    return {
        table: (
            {c["name"] for c in seen.get_columns(table)},
            {i["name"]: i["column_names"] for i in seen.get_indexes(table)},
        )
        for table in seen.get_table_names()
    }


def test_an_earlier_directory_gets_todays_columns_and_indexes(engine: Engine) -> None:
    """Residents and staff find in it what they found before."""
    with transaction(engine) as db:
        writer, other = keeper(db), keeper(db)
        found = changes.propose(db, writer, trusted(address_public=True), NOW)
        changes.approve(db, other, changes.open_revision(db, found).id, NOW)
        changes.verify(db, writer, found, "right", "", NOW)
        before, row = book.entries_of(db, CAM_TAN), db.execute(select(service)).one()
    today = shape(engine)
    with transaction(engine) as db:
        for statement in EARLIER:
            db.execute(text(statement))
    assert shape(engine) != today
    migrate.upgrade(engine, "directory")
    assert shape(engine) == today
    with reading(engine) as db:
        assert book.entries_of(db, CAM_TAN) == before != []
        assert db.execute(select(service)).one()._mapping == row._mapping
        lines = search.search(db, Keeper("1", "A", "admin").scope(service), "phu lai").lines
    assert [line.id for line in lines] == [found]
