"""Bring a database to today's schema: a new one from the tables, an older one by its missing migrations (Alembic)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, MetaData, inspect, text
from sqlalchemy.exc import DatabaseError

from bot.errors import StoreUnavailable
from bot.store import schema
from referral_directory.tables import directory

_HERE = Path(__file__).parent / "store" / "migrations"
_TABLES: dict[str, MetaData] = {"people": schema.people, "directory": directory}


def upgrade(engine: Engine, store: str) -> None:
    """Run the missing migrations of `store` ("people" or "directory"), in one transaction."""
    try:
        if _is_empty(engine, store):
            _create(engine, store)
        elif _version(engine, store) != newest(store):
            _run(engine, store)
    except DatabaseError as error:
        raise StoreUnavailable(type(error.orig).__name__) from None


def newest(store: str) -> str:
    """Return the newest revision: the file ``0002_….py`` of a store holds the revision ``<store>_0002``."""
    return f"{store}_{max(file.name[:4] for file in (_HERE / store).glob('[0-9]*.py'))}"


def _is_empty(engine: Engine, store: str) -> bool:
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
    return there.isdisjoint({f"alembic_{store}", *_TABLES[store].tables})


def _create(engine: Engine, store: str) -> None:
    """Make all tables at once, as the migrations would (a test compares them)."""
    with engine.begin() as connection:
        _TABLES[store].create_all(connection)
        connection.exec_driver_sql(f"CREATE TABLE alembic_{store} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO alembic_{store} VALUES ('{newest(store)}')")  # noqa: S608 - our own names


def _version(engine: Engine, store: str) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table(f"alembic_{store}"):
            return None
        return connection.execute(text(f"SELECT version_num FROM alembic_{store}")).scalar()  # noqa: S608 - our own two names


def _run(engine: Engine, store: str, to: str = "head") -> None:
    from alembic import command  # 0.3 s to import: only a database that is behind waits for it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(_HERE / store))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["store"] = store
        command.upgrade(config, to)
