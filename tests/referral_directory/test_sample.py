"""The sample communes come and go, and nothing of them stays behind."""

from __future__ import annotations

from datetime import date, datetime

from bot.clock import VIETNAM
from bot.store.engine import transaction
from referral_directory import book, changes
from referral_directory.models import directory, taxonomy_term
from tests.conftest import Bench
from tests.referral_directory.conftest import keeper, trusted

NOW = datetime(2026, 11, 21, 14, tzinfo=VIETNAM)


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


def test_a_commune_with_one_real_place_shows_no_samples(bench: Bench) -> None:
    """Made-up places stand nowhere beside a real number, and are never told as checked."""
    asked = "chồng tôi đánh tôi, tôi ở xã Cẩm Tân, Thanh Hóa"
    before = bench.say(asked)
    assert "[MẪU]" in before
    assert not any("kiểm ngày" in line for line in before.splitlines() if "[MẪU]" in line)
    with transaction(bench.app.directory) as db:
        one = changes.propose(db, keeper(db), trusted(), NOW)
        changes.approve(db, keeper(db), changes.open_revision(db, one).id, NOW)
    after = bench.say(asked, chat="b")
    assert "[MẪU]" not in after
    assert "0912 345 678" in after
