"""Open a database: SQLite (WAL) by default, PostgreSQL by its URL; errors become `StoreUnavailable`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, NoSuchModuleError, OperationalError

from bot.errors import SettingsError, StoreUnavailable


def open_engine(url: str, default_file: Path) -> Engine:
    """Return an engine for `url`, or for the SQLite file when it is empty."""
    try:
        parsed = make_url(url or f"sqlite:///{default_file}")
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        lite = parsed.get_backend_name() == "sqlite"
        patience = {} if lite else {"connect_timeout": 3}
        engine = create_engine(parsed, pool_pre_ping=not lite, hide_parameters=True, connect_args=patience)
    except (ArgumentError, NoSuchModuleError, ImportError):
        raise SettingsError("Địa chỉ cơ sở dữ liệu sai. Ví dụ: postgresql://user:mật-khẩu@127.0.0.1/tincay") from None
    if engine.dialect.name == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "busy_timeout=1500",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Open one transaction: all of it is kept or nothing; raise `StoreUnavailable` when the database cannot."""
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(type(error.orig).__name__) from None
    except DatabaseError as error:
        if "disk" in str(error.orig) or "malformed" in str(error.orig):
            raise StoreUnavailable(type(error.orig).__name__) from None
        raise
