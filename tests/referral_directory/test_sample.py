"""The sample communes come and go, and nothing of them stays behind."""

from __future__ import annotations

from datetime import date

from referral_directory import book
from referral_directory.models import directory, taxonomy_term
from tests.conftest import Bench


def test_samples_may_go_and_come_again(bench: Bench) -> None:
    """Off leaves no row in any table; on brings them back, as often as one likes."""
    for _ in range(3):
        with bench.app.directory.begin() as db:
            book.set_sample(db, False, date(2026, 11, 21))
            for table in directory.sorted_tables:
                if table is taxonomy_term:
                    continue
                assert db.execute(table.select()).first() is None, table.name
        with bench.app.directory.begin() as db:
            book.set_sample(db, True, date(2026, 11, 21))
            assert len(book.entries_of(db, 15178)) == 5
