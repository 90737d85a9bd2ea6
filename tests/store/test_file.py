"""The file of a SQLite store: nothing is written into a file that somebody has removed or exchanged."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from bot import migrate
from bot.errors import StoreUnavailable
from bot.store.engine import open_engine, transaction


def test_a_file_that_was_removed_is_noticed_and_its_return_too(tmp_path: Path) -> None:
    """The next transaction says so instead of writing into nothing; a file that is put back is used again."""
    file = tmp_path / "people.db"
    store = open_engine("", file)
    migrate.upgrade(store, "people")
    with transaction(store) as db:
        db.execute(text("INSERT INTO worker VALUES ('a', 1)"))
    store.dispose()
    with transaction(store) as db:
        assert db.execute(text("SELECT count(*) FROM worker")).scalar_one() == 1
    aside = tmp_path / "aside.db"
    file.rename(aside)
    for _ in range(2):
        with pytest.raises(StoreUnavailable), transaction(store) as db:
            db.execute(text("INSERT INTO worker VALUES ('b', 1)"))
    aside.replace(file)
    with pytest.raises(StoreUnavailable), transaction(store):
        pass
    with transaction(store) as db:
        assert db.execute(text("SELECT id FROM worker")).scalars().all() == ["a"]
    store.dispose()
