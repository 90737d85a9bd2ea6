"""Open a database: SQLite (WAL) by default, PostgreSQL by its URL; errors become `StoreUnavailable`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, NoSuchModuleError, OperationalError

from bot.errors import SettingsError, StoreUnavailable

BUSY_SECONDS = 5.0
"""How long SQLite waits for another process that writes."""
_TURN_SECONDS = 10.0
_writers: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
"""SQLite has one writer: those of this process wait here in turn, instead of trying again and again there."""
_files: WeakKeyDictionary[Engine, tuple[Path, list[int]]] = WeakKeyDictionary()
"""The file of a SQLite database, and which file (inode) the connections of this process were opened on."""


def open_engine(url: str, default_file: Path) -> Engine:
    """Return an engine for `url`, or for the SQLite file when it is empty."""
    try:
        parsed = make_url(url or f"sqlite:///{default_file}")
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        lite = parsed.get_backend_name() == "sqlite"
        patience = {} if lite else {"connect_timeout": 3}
        engine = create_engine(parsed, pool_pre_ping=not lite, hide_parameters=True, connect_args=patience)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise SettingsError(
            "Địa chỉ cơ sở dữ liệu sai. Ví dụ: postgresql://user:mật-khẩu@127.0.0.1/tincay / "
            "The address of a database is wrong (TINCAY_PEOPLE_URL, TINCAY_DIRECTORY_URL)."
        ) from None
    if engine.dialect.name == "sqlite":
        if parsed.database:
            _make_folder(Path(parsed.database).parent)
        event.listen(engine, "connect", _set_up_sqlite)
        if parsed.database:
            file, opened = _files[engine] = (Path(parsed.database), list[int]())
            event.listen(engine, "connect", lambda *_: _note(file, opened))
        event.listen(engine, "begin", _begin_sqlite)
        _writers[engine] = threading.Lock()
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"Không tạo được thư mục {folder} cho cơ sở dữ liệu ({error.strerror}). / "
            "The folder of a database cannot be made."
        ) from None


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000:.0f}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.create_function("from_hex", 1, _from_hex, deterministic=True)  # SQLite has its own since 3.41


def _from_hex(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Open one transaction: all of it is kept or nothing; raise `StoreUnavailable` when the database cannot."""
    turn = _writers.get(engine) or threading.Lock()
    if not turn.acquire(timeout=_TURN_SECONDS):
        raise StoreUnavailable("busy")
    try:
        _check_file(engine)
        with _named(), engine.begin() as connection:
            yield connection
    finally:
        turn.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that only reads: it waits for no writer; raise `StoreUnavailable` when it cannot."""
    with _named(), engine.connect().execution_options(reads=True) as connection, connection.begin():
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads, and reads all as it stood at one moment: what belongs together fits."""
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":  # in SQLite every transaction is so
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


def _note(file: Path, opened: list[int]) -> None:
    with suppress(OSError):
        opened[:] = [file.stat().st_ino]


def _check_file(engine: Engine) -> None:
    """Raise `StoreUnavailable` once where somebody removed or exchanged the file: what is written to it is lost.

    The connections to it are closed; from then on the file that now stands there is used.
    """
    file, opened = _files.get(engine, (None, []))
    if file is None or not opened:
        return
    now: list[int] = []
    _note(file, now)
    if now != opened:
        opened.clear()
        engine.dispose()
        raise StoreUnavailable("file_removed")


def empty_journal(engine: Engine) -> None:
    """Bring SQLite's journal into the file and empty it, so that what was deleted stands nowhere; if somebody reads
    just then, the next one does it."""
    if engine.dialect.name == "sqlite":
        with suppress(DatabaseError), closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


@contextmanager
def _named() -> Iterator[None]:
    """Translate the database's errors."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(type(error.orig).__name__) from None
    except DatabaseError as error:
        if "disk" in str(error.orig) or "malformed" in str(error.orig):
            raise StoreUnavailable(type(error.orig).__name__) from None
        raise


def upsert(
    db: Connection, table: Table, keys: tuple[str, ...], values: dict[str, Any], added: tuple[str, ...] = ()
) -> None:
    """Insert a row, or give the one that has its keys these values; those named in `added` are added to what is there."""
    db.execute(_upsert(db.dialect.name, table, keys, tuple(values), added), values)


@lru_cache(maxsize=64)
def _upsert(dialect: str, table: Table, keys: tuple[str, ...], names: tuple[str, ...], added: tuple[str, ...]) -> Any:
    """Build the statement once: that takes longer than SQLite needs to carry it out."""
    row = (pg_insert if dialect == "postgresql" else lite_insert)(table)
    change = {n: table.c[n] + row.excluded[n] if n in added else row.excluded[n] for n in names if n not in keys}
    return row.on_conflict_do_update(index_elements=list(keys), set_=change)
