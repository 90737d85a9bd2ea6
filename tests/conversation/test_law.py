"""Questions on the law get the right fact first, on the right day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.conversation.days import day_named
from bot.conversation.library import find_facts, served, theme_lines
from tests.conftest import Bench

QUESTIONS = sorted((Path(__file__).parents[1] / "content").glob("questions*.yml"))
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_nine_of_ten_questions_find_their_fact(file: Path) -> None:
    """At least nine answers in ten hold an expected fact; where the library has none, nothing is answered."""
    asked = yaml.safe_load(file.read_text(encoding="utf-8"))
    wrong = [q for q, wanted in asked if wanted and not _ids(q) & set(wanted)]
    invented = [q for q, wanted in asked if not wanted and _ids(q)]
    answerable = sum(bool(wanted) for _, wanted in asked)
    assert len(wrong) <= answerable / 10, wrong
    assert len(invented) <= (len(asked) - answerable) / 10, invented


@pytest.mark.parametrize(
    "question",
    [
        "bị quấy rối ở công ty thì em có được nghỉ việc ngay không",
        "sếp hay đụng chạm vào người em có phải quấy rối không",
        "chong toi khong cho toi gap ban be la bao luc ha",
        "tu khi cuoi toi bi chui suot, co phai bao luc khong",
    ],
)
def test_no_amount_unless_a_punishment_is_asked_for(question: str) -> None:
    """Neither a topic of its own nor a word without its marks ("toi", "tu") brings up fines or prison."""
    assert _ids(question)
    assert not [i for i in _ids(question) if i.startswith(("fine-", "crime-"))]


@pytest.mark.parametrize(
    "question",
    [
        "em bị chồng đánh mà không báo công an thì có sao không",
        "tôi bị đánh mấy lần mà im lặng, giờ báo có được không",
        "con bị dượng đánh, con không dám nói với ai thì có bị phạt không",
        "em bi danh ma khong dam to cao co sao khong",
    ],
)
def test_nobody_who_is_hurt_is_told_of_the_duty_to_report(question: str) -> None:
    """The duties of those who look on, and their fines, are for those who look on."""
    assert not _ids(question) & {"dv-report-duty", "child-report", "fine-bystander", "fine-hotline-prank", "crime-156"}


def test_no_amount_before_the_decree_and_none_after_the_review() -> None:
    """Fines of Decree 282 are served from its first day on; nothing past the review."""
    asked = find_facts("đánh vợ bị phạt bao nhiêu")
    assert any(f.id == "fine-beat" for f in served(asked, date(2025, 12, 15)))
    assert not any("phạt" in f.text for f in served(asked, date(2025, 12, 1)))
    assert served(asked, date(2027, 1, 1)) == []


@pytest.mark.parametrize("asked", [
    "phạt 1.5 triệu", "phạt 5-10 triệu phải không", "bị phạt 5 - 10 tr", "phat 5-10 trieu", "đi tù 5-10 năm tù à", "điều 5.2", "khoản 1.2 điều 5.2", "gọi 24/7 được không",
])  # fmt: skip
def test_an_amount_or_an_article_is_no_day(asked: str) -> None:
    """Money, years of prison, articles and "24/7" name no day; the days beside them still do."""
    today = date(2026, 11, 21)
    assert day_named(asked, today) is None
    assert day_named(f"ngày 24/7/2025 {asked}", today) == date(2025, 7, 24)


def test_the_theme_of_a_year() -> None:
    """The year asked for is the year answered; 2026 is not guessed."""
    assert "kỷ nguyên số" in theme_lines("chủ đề năm 2025", "bạn", 2026)[0]
    assert "chưa biết" in theme_lines("chủ đề năm nay là gì", "bạn", 2026)[0]


def test_a_perpetrator_never_sees_a_refuge(bench: Bench) -> None:
    """Somebody who hurts is shown no trusted address."""
    bench.say("em lỡ tay tát vợ, hối hận quá")
    assert "Địa chỉ tin cậy" not in bench.say("Cẩm Tân, Thanh Hóa")


def _ids(question: str) -> set[str]:
    return {fact.id for fact in served(find_facts(question), TODAY)}
