"""What the tests of lists share: a directory on both databases, a reader of uploads, a real clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from bot import migrate
from bot.clock import VIETNAM
from bot.store.engine import open_engine, reading
from referral_directory import changes, excel
from referral_directory.excel import Line, Report
from referral_directory.keeper import Keeper
from referral_directory.record import Record
from tests.excel.workbooks import sheet_of
from tests.referral_directory.conftest import db as db
from tests.referral_directory.conftest import engine as engine
from tests.referral_directory.conftest import keeper

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)
CAM_TAN = Keeper("1", "Lò Thị Mai", "commune", 15178, "Thanh Hóa")
THANH_HOA = Keeper("2", "Lê Thị Hoa", "province", 0, "Thanh Hóa")

Read = Callable[..., Report]


@pytest.fixture
def read(db: Connection) -> Read:
    """Read an upload, or rows given one by one, as staff of Cẩm Tân or somebody else."""
    return _reader(db)


def _reader(db: Connection) -> Read:
    def work(*rows: Sequence[Any] | bytes, by: Keeper | None = None, name: str = "danh-sach.xlsx") -> Report:
        upload = rows[0] if isinstance(rows[0], bytes) else sheet_of(*rows)  # type: ignore[arg-type]
        return excel.read(upload, name, by or CAM_TAN, db, NOW)

    return work


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """An empty directory for tests of reading alone."""
    made = open_engine("", tmp_path_factory.mktemp("empty") / "directory.db")
    migrate.upgrade(made, "directory")
    with reading(made) as connection:
        yield connection
    made.dispose()


@pytest.fixture
def glance(empty: Connection) -> Read:
    """Read an upload as `read` does, where nothing of the directory is asked."""
    return _reader(empty)


def line(report: Report, row: int) -> Line:
    """Return one row of a report."""
    assert not report.problems, report.problems
    return next(one for one in report.lines if one.row == row)


def record(report: Report, row: int) -> Record:
    """Return what a row would write."""
    found = line(report, row).record
    assert found is not None, said(report, row)
    return found


def said(report: Report, row: int, level: str = "") -> str:
    """Return what is said of a row, as one text."""
    return "\n".join(str(r) for r in line(report, row).remarks if level in ("", r.level))


def approve_all(db: Connection, by: Keeper | None = None) -> None:
    """Let somebody else approve whatever waits."""
    from sqlalchemy import select

    from referral_directory.keeping import revision

    other = by or keeper(db, "admin")
    for waiting in db.execute(select(revision.c.id).where(revision.c.state == "waiting")).scalars().all():
        changes.approve(db, other, waiting, NOW)
