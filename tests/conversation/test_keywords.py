"""Understanding by keywords: what the bot still knows while the model is away."""

from __future__ import annotations

import pytest

from bot.conversation.keywords import keyword_scores

FITS = [
    ("chồng em hay đánh em", "physical_violence"), ("chong em hay danh em", "physical_violence"),
    ("anh ta giữ máy không cho em gọi về nhà", "psychological_violence"), ("đăng ký nhận tin", "subscribe"),
    ("chồng đánh vợ bị phạt bao nhiêu", "ask_law"), ("xin chào", "greet"), ("thời tiết hôm nay đẹp", "out_of_scope"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "intent"), FITS)
def test_the_first_fitting_row_decides(text: str, intent: str) -> None:
    """The most probable intent is that of the first row that fits."""
    scores = keyword_scores(text).intents
    assert max(scores, key=scores.__getitem__) == intent


def test_scores_are_probabilities() -> None:
    """Intents add up to one, and violence told is its own score."""
    scores = keyword_scores("chồng em hay đánh em")
    assert sum(scores.intents.values()) == pytest.approx(1)
    assert scores.told > scores.thresholds["told"]
