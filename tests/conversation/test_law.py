"""Questions on the law get the right fact first, on the right day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml

from bot.conversation.library import find_facts, served, theme_lines
from tests.conftest import Bench

QUESTIONS = yaml.safe_load((Path(__file__).parents[1] / "content" / "questions.yml").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 21)


def test_nine_of_ten_questions_find_their_fact() -> None:
    """At least nine answers in ten hold an expected fact."""
    wrong = [q for q, wanted in QUESTIONS if not {f.id for f in served(find_facts(q), TODAY)} & set(wanted)]
    assert len(wrong) <= len(QUESTIONS) / 10, wrong


def test_no_amount_before_the_decree_and_none_after_the_review() -> None:
    """Fines of Decree 282 are served from its first day on; nothing past the review."""
    asked = find_facts("đánh vợ bị phạt bao nhiêu")
    assert any(f.id == "fine-beat" for f in served(asked, date(2025, 12, 15)))
    assert not any("phạt" in f.text for f in served(asked, date(2025, 12, 1)))
    assert served(asked, date(2027, 1, 1)) == []


def test_the_theme_of_a_year() -> None:
    """The year asked for is the year answered; 2026 is not guessed."""
    assert "kỷ nguyên số" in theme_lines("chủ đề năm 2025", "bạn", 2026)[0]
    assert "chưa biết" in theme_lines("chủ đề năm nay là gì", "bạn", 2026)[0]


def test_a_perpetrator_never_sees_a_refuge(bench: Bench) -> None:
    """Somebody who hurts is shown no trusted address."""
    bench.say("em lỡ tay tát vợ, hối hận quá")
    assert "Địa chỉ tin cậy" not in bench.say("Cẩm Tân, Thanh Hóa")
