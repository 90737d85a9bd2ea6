"""A directory on SQLite and on PostgreSQL, with staff of two communes, a supervisor and an administrator."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine, create_engine, insert, text

from bot import migrate
from bot.store.engine import open_engine, transaction
from referral_directory import record as records
from referral_directory.keeper import Keeper
from referral_directory.keeping import staff
from referral_directory.record import Record

settings.register_profile("unhurried", deadline=None)  # a busy machine proves nothing
settings.load_profile("unhurried")

CAM_TAN, SOC_TRANG = 15178, 31507
POSTGRES = os.environ.get("TINCAY_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty directory of today's schema."""
    if request.param == "sqlite":
        made, name = open_engine("", tmp_path / "directory.db"), ""
    else:
        name = f"t_{uuid.uuid4().hex}"
        server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
        try:
            with server.connect() as db:
                db.execute(text(f"CREATE DATABASE {name}"))
        except Exception:
            pytest.skip("no PostgreSQL here")
        made = open_engine(POSTGRES.rpartition("/")[0] + f"/{name}", tmp_path)
    migrate.upgrade(made, "directory")
    with transaction(made) as db:
        records.write_terms(db)
    yield made
    made.dispose()
    if name:
        with server.connect() as db:
            db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    """One open transaction."""
    with transaction(engine) as connection:
        yield connection


def keeper(db: Connection, role: str = "commune", commune: int = CAM_TAN, province: str = "Thanh Hóa") -> Keeper:
    """Return a new member of staff."""
    made = Keeper(str(uuid.uuid4()), "Lò Thị Mai", role, commune if role == "commune" else 0, province, "")
    values = {"id": made.id, "login": made.id, "name": made.name, "role": role, "commune": made.commune}
    db.execute(insert(staff).values(**values, province=province, created_at=0.0))
    return made


def trusted(**more: object) -> Record:
    """Return a record of a trusted address in Cẩm Tân."""
    values: dict[str, object] = {
        "kind": "trusted_address", "name": "Địa chỉ tin cậy thôn Phú Lai", "commune": CAM_TAN,
        "province": "Thanh Hóa", "phone": "0912 345 678", "private_phone": "0987 654 321", "address": "thôn Phú Lai",
        "hours": "cả ngày đêm", "decision": "12/QĐ-UBND", "decided_on": "2026-03-01", "consent": True,
        "shelter": "overnight", "takes": ("children",), "types": ("physical",), "languages": ("mtq", "vi"),
    }  # fmt: skip
    return Record.from_json({**values, **more})
