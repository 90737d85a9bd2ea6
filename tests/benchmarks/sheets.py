"""A process of its own: a list of 5,000 rows read, reported and proposed, then exported and read again, on one database."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from bot.clock import VIETNAM
from bot.nlu_server import progress
from bot.store.engine import transaction
from referral_directory import excel, record
from referral_directory.keeper import machine
from referral_directory.keeping import revision
from referral_directory.places import load
from tests.benchmarks.sending import fresh
from tests.benchmarks.servers import resident_mb
from tests.excel.workbooks import large

ROWS = 5_000
NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)


def main(kind: str) -> dict[str, float]:
    """Return seconds for each step and the memory of the process in MB."""
    upload = large(ROWS)
    load()
    with tempfile.TemporaryDirectory() as folder, fresh(kind, Path(folder), "directory") as engine:
        with transaction(engine) as db:
            record.write_terms(db)
            keeper = machine(db, NOW)
        begun, cpu = time.perf_counter(), time.process_time()
        with transaction(engine) as db:
            report = excel.read(upload, "5000.xlsx", keeper, db, NOW, lambda done, of: progress(f"  {done}/{of}"))
            read = time.perf_counter()
            written = excel.carry_out(db, keeper, report, NOW, "command")
        done, cpu = time.perf_counter(), time.process_time() - cpu
        assert written == ROWS, report.summary
        with transaction(engine) as db:
            assert len(db.execute(revision.select()).all()) == ROWS
            again = time.perf_counter()
            assert excel.read(upload, "5000.xlsx", keeper, db, NOW).counts["same"] == ROWS
            same = time.perf_counter()
            copy = excel.marked_copy(report)
        marked = time.perf_counter()
    return {
        "read": read - begun, "write": done - read, "whole": done - begun, "cpu": cpu, "again": same - again,
        "marked": marked - same, "copy_mb": len(copy) / 1e6, "memory": resident_mb(),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
