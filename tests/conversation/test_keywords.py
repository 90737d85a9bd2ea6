"""Understanding by keywords: what the bot still knows while the model is away."""

from __future__ import annotations

import pytest

from bot.conversation.keywords import keyword_scores

FITS = [
    ("chồng em hay đánh em", "physical_violence"), ("chong em hay danh em", "physical_violence"),
    ("anh ta giữ máy không cho em gọi về nhà", "psychological_violence"), ("đăng ký nhận tin", "subscribe"),
    ("oánh bầm mình", "physical_violence"), ("sờ soạng trẻ", "child_abuse"), ("bác là người thật hay máy", "ask_privacy"),
    ("muốn cán bộ gọi lại", "talk_to_human"), ("xã Cẩm Tân, huyện Cẩm Thủy, Thanh Hóa", "give_location"),
    ("em ở xã Cẩm Tân", "give_location"), ("ổng về tắt", "quick_exit"), ("xóa hết mấy tin nhắn này", "erase_data"),
    ("gửi lúc 8 giờ tối", "change_schedule"), ("thôi không nhận nữa", "unsubscribe"), ("câu nào in áo được", "ask_slogan"),
    ("màu cam nghĩa là gì vậy", "ask_concept"), ("tháng hành động bắt đầu hôm nào", "ask_campaign"), ("có chỗ nào ở tạm không", "find_safe_address"),
    ("số tổng đài là số mấy", "find_hotline"), ("phòng tham vấn ở đâu", "find_counselling"), ("ừ đúng rồi", "affirm"), ("dạ không ạ", "deny"),
    ("em đi ngủ đây", "goodbye"), ("làm được gì", "help"), ("hôm qua tôi lỡ tay đánh vợ", "perpetrator"), ("trong phim hắn đánh em", "out_of_scope"),
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
