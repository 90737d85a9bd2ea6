"""The quiz: five questions a day, each explained by a fact in force, and nothing kept that nobody asked for."""

from __future__ import annotations

from datetime import date, timedelta

import content
from content import quiz
from tests.conftest import Bench

TODAY = date(2026, 11, 21)


def test_the_bank_hangs_on_facts() -> None:
    """At least 80 questions, each with a fact that exists, one right answer and two others."""
    assert len(quiz.bank()) >= 80
    for question in quiz.bank().values():
        assert question.fact in content.facts(), question.id
        assert len({question.right, *question.wrong}) == 3, question.id
        assert sorted(question.choices(TODAY)) == sorted((question.right, *question.wrong))


def test_a_round_asks_everything_once() -> None:
    """Five different ones each day; within a round nothing comes twice, and the next day is another five."""
    days = len(quiz.bank()) // quiz.A_DAY
    start = date.fromordinal((TODAY.toordinal() // days) * days)
    asked = [q.id for n in range(days) for q in quiz.of_day(start + timedelta(days=n))]
    assert len(asked) == days * quiz.A_DAY
    assert len(set(asked)) == len(asked)


def test_a_question_lapses_with_its_fact() -> None:
    """Nothing is asked that is not in force on the day, and nothing at all past the review."""
    for day in (date(2025, 12, 1), date(2025, 12, 15), TODAY):
        for question in quiz.of_day(day):
            assert content.current(question.fact, day=day), question.id
    assert quiz.of_day(date(2027, 1, 1)) == []


def play(bench: Bench, wrong: int = 0) -> list[str]:
    """Answer the five questions of the day, the first `wrong` of them wrongly; return the answers."""
    said = [bench.say("đố vui")]
    for n, question in enumerate(quiz.of_day(bench.app.machine.now().date())):
        said.append(bench.say(question.wrong[0] if n < wrong else question.right))
    return said


def test_a_day_of_the_quiz(bench: Bench) -> None:
    """A wrong answer gets the right one and its article; the score counts; the day can be done once."""
    said = play(bench, wrong=2)
    assert "Câu 1/5" in said[0]
    first = quiz.of_day(TODAY)[0]
    assert f"Đáp án là: {first.right}" in said[1]
    assert content.facts()[first.fact].text in said[1]
    assert content.facts()[first.fact].source in said[1]
    assert "đúng 3/5" in said[-1]
    assert "đã làm hết" in bench.say("đố vui")


def test_the_week_adds_up_and_a_streak_only_for_who_wants_it(bench: Bench) -> None:
    """Monday and Tuesday make ten; days in a row are counted after the button, and begin anew after a gap."""
    bench.at("2026-11-23T14:00")
    assert "Chuỗi ngày" not in play(bench)[-1]
    bench.say("Đếm chuỗi ngày của mình")
    bench.at("2026-11-24T14:00")
    last = play(bench)[-1]
    assert "10 câu đúng trong 2 ngày" in last
    assert "Chuỗi ngày liên tiếp: 2" in last
    bench.at("2026-11-26T14:00")
    assert "Chuỗi ngày liên tiếp: 1" in play(bench)[-1]


def test_a_button_of_yesterday_answers_nothing(bench: Bench) -> None:
    """Neither an old nor a made-up button counts; the question of today is asked."""
    bench.say("đố vui")
    bench.at("2026-11-22T14:00")
    for made_up in ("quiz:1:0:0", "quiz:x", f"quiz:{date(2026, 11, 22).toordinal()}:9:0", "quiz:٣:0:0"):
        assert "Câu 1/5" in bench.say("", button=made_up)


def test_danger_in_the_middle_goes_first(bench: Bench) -> None:
    """Whoever tells while playing is helped, and no question follows."""
    bench.say("đố vui")
    told = bench.say("nó cầm dao đuổi em")
    assert "113" in told
    assert "Câu" not in told
