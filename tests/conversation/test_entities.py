"""What rules read from a message: hour, age, relation, phone numbers."""

from __future__ import annotations

import pytest

from bot.conversation.entities import age, entities, phones, relation, time_of_day

HOURS = [
    ("7h tối", 1140), ("7h toi", 1140), ("bảy rưỡi sáng", 450), ("sáng sớm", 390), ("12h trưa", 720), ("21h", 1260),
    ("tám giờ", 480), ("7g30", 450), ("19:30", 1170), ("sau 5h chieu", 1020), ("8 giờ kém 15", 465),
    ("mười một giờ đêm", 1380), ("mười chín giờ", 1140), ("chào bạn", None), ("25h", None), ("3 người", None),
    ("7h toi", 1140), ("sang som", 390), ("buoi toi", 1140), ("gui buoi sang", 420), ("moi sang", 420), ("tối 8h", 1200),
    ("toi 8h", 1200), ("chiều tối", 1140), ("gửi 11h đêm", 1380), ("2 gio trua", 840), ("12h đêm", 0), ("5g chiều", 1020),
    ("20h30", 1230), ("bảy giờ tối", 1140), ("trưa thôi", 720), ("bay ruoi sang", 450), ("tôi", None), ("toi", None),
    ("7 rưỡi tối", 1170), ("7 ruoi toi", 1170), ("tạm nghỉ 3 hôm", None), ("7h30", 450), ("7htối", 1140), ("2 rưỡi triệu", None),
]  # fmt: skip
AGES = [
    ("con học lớp 7", 12), ("cháu học lớp bảy", 12), ("em 13t", 13), ("13 tuổi", 13), ("con em mới lên ba", 3),
    ("bé 5 tháng", 0), ("14,5 tuổi", 14), ("mười bốn tuổi", 14), ("hai mươi lăm tuổi", 25), ("45 tuoi", 45),
    ("cưới 7 năm", None), ("lấy nhau 3 tháng", None), ("7 triệu", None), ("thứ 3", None), ("nó đánh ba lần", None),
    ("lop 7", 12), ("hs lớp 10", 15), ("be 3 tuoi", 3), ("em 16t", 16), ("con moi len ba", 3), ("bé 18 tháng", 0), ("12tuoi", 12),
    ("tuổi 13", 13), ("lớp chín", 14), ("5t trước", None), ("10 tấn", None), ("20 tr", None), ("mẹ tôi 68 tuổi", 68),
]  # fmt: skip
RELATIONS = [
    ("chồng em đánh", "husband"), ("ck e danh e", "husband"), ("mẹ chồng chửi em", "in_law"), ("ba dượng con", "stepfather"),
    ("chồng cũ theo dõi", "ex"), ("người yêu giữ máy", "partner"), ("thằng chả nhậu", "husband"), ("sếp sờ tay em", "boss"),
    ("ông hàng xóm", "neighbour"), ("bố em đánh em", "parent"), ("em bị chồng đánh", "husband"), ("trời mưa", None),
    ("ck cũ", "ex"), ("má chồng", "in_law"), ("thằng chồng tui", "husband"), ("vợ tui đánh tui", "wife"), ("bọ em đánh", "parent"),
    ("con trai tôi nó đánh tôi", "child"), ("ba duong", "stepfather"), ("ny e", "partner"), ("mẹ kế", "parent"),
    ("thầy", "teacher"), ("chủ trọ", "boss"), ("bạn cùng lớp", "schoolmate"), ("chong cu", "ex"), ("ổng đánh tui", None),
]  # fmt: skip
PHONES = [
    ("gọi 0912345678", ["0912345678"]), ("0912 345 678", ["0912345678"]), ("091.234.5678", ["0912345678"]),
    ("+84 912 345 678", ["84912345678"]), ("(028) 3822 1111", ["02838221111"]), ("024-3822-1111", ["02438221111"]),
    ("113", []), ("gọi 111", []), ("10.000.000", []), ("1.000.000.000 đồng", []), ("5.000.000.000", []), ("18001567", []),
    ("o912345678", ["0912345678"]), ("sdt:0987654321.", ["0987654321"]), ("0387654321nhé", ["0387654321"]),
    ("0912–345–678", ["0912345678"]), ("0084912345678", ["0084912345678"]), ("84912345678", ["84912345678"]), ("cccd 038123456789", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "minute"), HOURS)
def test_the_hour_is_read(text: str, minute: int | None) -> None:
    """A time of day is the minute since midnight, however it is said."""
    assert time_of_day(text) == minute


@pytest.mark.parametrize(("text", "years"), AGES)
def test_the_age_is_read(text: str, years: int | None) -> None:
    """Ages and school classes give years; years of marriage, money and weekdays give nothing."""
    assert age(text) == years


@pytest.mark.parametrize(("text", "who"), RELATIONS)
def test_the_relation_is_read(text: str, who: str | None) -> None:
    """Who hurts is one word, in the speech of any region."""
    assert relation(text) == who


@pytest.mark.parametrize(("text", "numbers"), PHONES)
def test_phone_numbers_are_read(text: str, numbers: list[str]) -> None:
    """Mobiles and landlines are found in any spacing; short codes and money are not."""
    assert phones(text) == numbers


def test_entities_join_what_was_found() -> None:
    """A message gives only what it tells."""
    assert entities("bé 13t bị ba dượng nhắn lúc 7h tối") == {
        "age": 13,
        "child": True,
        "relation": "stepfather",
        "minute": 1140,
    }
    assert entities("chào") == {}
