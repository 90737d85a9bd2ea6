"""Bring a database to today's schema with Alembic; the migrations stand in `bot/store/migrations/<store>`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from bot.errors import StoreUnavailable

_HERE = Path(__file__).parent / "store" / "migrations"


def upgrade(engine: Engine, store: str) -> None:
    """Run the missing migrations of `store` ("people" or "directory"), in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(_HERE / store))
    config.set_main_option("path_separator", "os")
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            config.attributes["store"] = store
            command.upgrade(config, "head")
    except DatabaseError as error:
        raise StoreUnavailable(type(error.orig).__name__) from None
