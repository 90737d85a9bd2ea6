"""A new database and an old one brought up to date are the same database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from bot import migrate
from bot.store.engine import open_engine


def shape(engine: Engine) -> dict[str, Any]:
    """Return tables, columns and indexes, as far as the two ways must agree."""
    seen = inspect(engine)
    with engine.connect() as db:
        made = dict(db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
    return {
        table: (
            {c["name"]: (str(c["type"]), c["nullable"]) for c in seen.get_columns(table)},
            {i["name"]: (i["column_names"], i["unique"]) for i in seen.get_indexes(table)},
            seen.get_pk_constraint(table)["constrained_columns"],
            {c["name"] for c in seen.get_check_constraints(table)},
            "AUTOINCREMENT" in made[table],
        )
        for table in seen.get_table_names()
    }


@pytest.mark.parametrize("store", ["people", "directory"])
def test_a_new_database_has_what_the_migrations_make(tmp_path: Path, store: str) -> None:
    """Made at once or by every migration in turn: the same tables, and nothing is left to migrate."""
    at_once, by_steps = open_engine("", tmp_path / "at-once.db"), open_engine("", tmp_path / "by-steps.db")
    migrate.upgrade(at_once, store)
    migrate._run(by_steps, store)
    assert shape(at_once) == shape(by_steps)
    for engine in (at_once, by_steps):
        with engine.connect() as db:
            assert db.execute(text(f"SELECT version_num FROM alembic_{store}")).scalar() == migrate.newest(store)
        migrate.upgrade(engine, store)
        engine.dispose()


def test_states_of_before_go_when_they_would_have_gone(tmp_path: Path) -> None:
    """people_0006 over filled rows: an adult's state lives 30 days from its last message, a child's one; nothing is lost."""
    engine = open_engine("", tmp_path / "people.db")
    migrate._run(engine, "people", "people_0005")
    at, day = 1_795_000_000.0, 86_400.0
    written = {b"adult": at, b"child": at - 29 * day}  # a child's state was written as 29 days old
    with engine.begin() as db:
        for who, (state, updated_at) in enumerate(written.items(), 1):
            row = {"who": who, "lookup": state, "state": state, "at": updated_at}
            db.execute(
                text(
                    "INSERT INTO contact (id, channel, lookup, chat, seen_at) VALUES (:who, 'x', :lookup, :state, :at)"
                ),
                row,
            )
            db.execute(text("INSERT INTO conversation (contact_id, state, updated_at) VALUES (:who, :state, :at)"), row)
    migrate.upgrade(engine, "people")
    with engine.connect() as db:
        found = {row.state: row.expires_at for row in db.execute(text("SELECT state, expires_at FROM conversation"))}
    assert found == {b"adult": at + 30 * day, b"child": at + day}
    engine.dispose()


def test_two_stores_may_share_one_database(tmp_path: Path) -> None:
    """The second store finds a database that is not empty, and still makes its own tables."""
    engine = open_engine("", tmp_path / "both.db")
    migrate.upgrade(engine, "people")
    migrate.upgrade(engine, "directory")
    assert {"contact", "service", "alembic_people", "alembic_directory"} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_open_call_back_requests_survive_and_no_id_comes_twice(tmp_path: Path) -> None:
    """An older database keeps who waits, under the same number; after the last one is gone the numbers go on."""
    engine = open_engine("", tmp_path / "older.db")
    migrate._run(engine, "people", "people_0007")
    kept = "INSERT INTO callback_request (contact_id, commune, words, created_at) VALUES (1, 15178, x'6b', 5)"
    asked = "SELECT id, contact_id, commune, words, state, created_at FROM callback_request"
    with engine.begin() as db:
        contact = "INSERT INTO contact (id, channel, lookup, chat, seen_at) VALUES (1, 'telegram', x'00', x'00', 0)"
        db.exec_driver_sql(contact)
        db.exec_driver_sql(kept)
        db.exec_driver_sql(kept)
        before = db.exec_driver_sql(asked).all()
    migrate.upgrade(engine, "people")
    with engine.begin() as db:
        assert db.exec_driver_sql(asked).all() == before
        db.exec_driver_sql("DELETE FROM callback_request")
        db.exec_driver_sql(kept)
        assert db.exec_driver_sql("SELECT id FROM callback_request").scalar_one() == 3
        db.exec_driver_sql("DELETE FROM contact")
        assert db.exec_driver_sql(asked).all() == []
    engine.dispose()
