"""What people answer to our understanding leaves counts by label, and nothing else."""

from __future__ import annotations

from datetime import date

from bot.feedback import report, table
from bot.report.names import TOPICS
from bot.store import people
from bot.store.engine import transaction
from tests.conftest import Bench


def test_a_correction_is_counted_and_shown(bench: Bench) -> None:
    """Telling, then "Không phải chuyện này": both stand in the table, without a word of it."""
    for n in range(6):
        bench.say("chồng đánh em", chat=f"c{n}")
        bench.say(chat=f"c{n}", button="not_this")
    with transaction(bench.app.people) as db:
        counts = people.counts_since(db, date(2026, 11, 21))
        assert people.counts_since(db, date(2026, 11, 22)) == {}
    shown = {line.split()[0]: line.split()[1:] for line in table(counts)}
    assert shown["physical"] == ["6", "–", "6"]
    assert "đánh" not in str(shown)


def test_who_fled_is_counted_and_so_are_the_places_shown(bench: Bench) -> None:
    """Hiding from the one who hurts is a label of its own; what was offered counts as after any telling."""
    said = bench.say("tôi đang trốn chồng, ở xã Cẩm Tân, Cẩm Thủy")
    assert "Nơi giúp ở Xã Cẩm Tân" in said
    with transaction(bench.app.people) as db:
        counts = people.counts_since(db, date(2026, 11, 21))
    assert counts["told:fled"] == 1
    assert counts["offered:police"] == 1
    assert not [what for what in counts if what.startswith("feedback:")]


def test_small_counts_are_not_shown() -> None:
    """One correction in a month points at nobody; counts by label stand beside their label."""
    counts = {"told:online": 7, "feedback:wrong:online": 1, "asked:checkin": 30, "feedback:right:checkin": 12}
    lines = list(table({**counts, "offered:police": 9}))
    assert [line.split() for line in lines[1:]] == [["checkin", "30", "12", "–"], ["online", "7", "–", "dưới", "5"]]


def test_the_command_reads_a_fresh_store(bench: Bench) -> None:
    """Nothing counted yet is an empty table, no error."""
    assert len(report(bench.app.settings, 30)) == 3


def test_a_question_on_the_law_is_counted_by_topic(bench: Bench) -> None:
    """What the question is about, once, and in the person's province where it is known; never a word of it."""
    bench.say("đánh vợ bị phạt bao nhiêu tiền")
    bench.say("chủ đề tháng hành động năm nay là gì")
    with transaction(bench.app.people) as db:
        counts = people.counts_since(db, date(2026, 11, 21))
    assert counts["topic:admin_fine"] == 1
    topics = {what.removeprefix("topic:") for what in counts if what.startswith("topic:")}
    assert topics <= set(TOPICS)
    assert not {"asked:ask_law", "asked:ask_concept"} & set(counts)
