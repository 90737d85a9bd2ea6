"""`tincay backup` and `tincay restore`: both databases in one file that nobody reads without the keys."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine

from bot import app as whole
from bot.errors import SettingsError
from bot.settings import Settings
from bot.store.keys import Keys, load_keys

_MAGIC = b"TINCAY-BACKUP-1\n"
_CHUNK = 4_000_000
STORES = ("people", "directory")


def write(settings: Settings, out: Path) -> int:
    """Write a sealed copy of both databases, taken while the bot runs; return its bytes. The keys are not in it."""
    app = whole.build(settings)
    whole.set_up_stores(app)
    if out.exists():
        raise SettingsError(f"{out} đã có; chọn tên khác. / This file is there already.")
    beside = out.with_name(out.name + ".part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_MAGIC)
            for store, engine in zip(STORES, (app.people, app.directory), strict=True):
                number = 0
                for number, chunk in enumerate(_copy(engine), 1):
                    _put(file, app.keys.seal_bytes(chunk, f"backup:{store}:{number}"))
                _put(file, app.keys.seal_bytes(b"", f"backup:{store}:end after {number}"))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise SettingsError(f"Không ghi được {out} ({error.strerror}). / The file cannot be written.") from None
    return out.stat().st_size


def restore(settings: Settings, source: Path) -> None:
    """Put both databases back, whole or not at all; what stood there is kept beside with the ending `.before`."""
    if settings.people_url or settings.directory_url:
        raise SettingsError("Chỉ khôi phục được SQLite; với PostgreSQL dùng pg_restore. / Only SQLite is restored.")
    data = whole.prepare_folder(settings.data_dir)
    keys = load_keys(settings.secret_keys, data)
    with tempfile.TemporaryDirectory(dir=data) as folder:
        made = _unpack(keys, source, Path(folder))
        for store, file in zip(STORES, made, strict=True):
            there = data / f"{store}.db"
            _put_aside(there)
            for ending in ("-wal", "-shm"):
                there.with_name(there.name + ending).unlink(missing_ok=True)
            file.replace(there)


def _put_aside(there: Path) -> None:
    """Copy a database to `.before`, with what still stands in its journal alone: a bot was killed, or somebody reads."""
    if not there.exists():
        return
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(there, timeout=1)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ("", "-wal"):
        now, before = (there.with_name(there.name + part + ending) for part in ("", ".before"))
        before.unlink(missing_ok=True)
        if now.exists():
            shutil.copy2(now, before)


def _copy(engine: Engine) -> Iterator[bytes]:
    """Return a consistent copy of a SQLite database, piece by piece."""
    if engine.dialect.name != "sqlite":
        raise SettingsError("Chỉ sao lưu được SQLite; với PostgreSQL dùng pg_dump. / Only SQLite is backed up here.")
    with tempfile.TemporaryDirectory(dir=Path(str(engine.url.database)).parent) as folder:
        copy = Path(folder) / "copy.db"
        with closing(sqlite3.connect(str(engine.url.database))) as there, closing(sqlite3.connect(copy)) as here:
            there.backup(here)
        with copy.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


def _unpack(keys: Keys, source: Path, folder: Path) -> list[Path]:
    broken = SettingsError(f"{source} không phải bản sao lưu nguyên vẹn. / This is no whole backup.")
    made = [folder / f"{store}.db" for store in STORES]
    try:
        with source.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise broken
            for store, target in zip(STORES, made, strict=True):
                with target.open("wb") as out:
                    for n, sealed in enumerate(_pieces(file), 1):
                        chunk = _open(keys, sealed, store, n)
                        if chunk is None:
                            break
                        out.write(chunk)
                    else:
                        raise broken
            if file.read(1):
                raise broken
    except OSError as error:
        raise SettingsError(f"Không đọc được {source} ({error.strerror}). / The file cannot be read.") from None
    for target in made:
        with closing(sqlite3.connect(target)) as db:
            if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise broken
        target.chmod(0o600)
    return made


def _open(keys: Keys, sealed: bytes, store: str, n: int) -> bytes | None:
    """Return a piece, or None for the end mark: pieces that were moved, dropped or cut do not open."""
    try:
        return keys.open_bytes(sealed, f"backup:{store}:{n}")
    except SettingsError:
        if keys.open_bytes(sealed, f"backup:{store}:end after {n - 1}") == b"":
            return None
        raise


def _put(file: BinaryIO, sealed: bytes) -> None:
    file.write(len(sealed).to_bytes(4, "big") + sealed)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while head := file.read(4):
        yield file.read(int.from_bytes(head, "big"))
