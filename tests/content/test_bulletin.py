"""The bulletin of a week can be read aloud as it stands: three to five minutes, no digit, nothing out of force."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

import content
from content.bulletin import of_week
from content.spoken import number, spoken

YEAR = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(51)]


@pytest.mark.parametrize("day", YEAR, ids=str)
def test_a_week_is_three_to_five_minutes_and_every_number_a_word(day: date) -> None:
    """Whatever the week of the year."""
    made = of_week(day)
    assert 3 <= made.minutes <= 5, made.minutes
    for _, paragraphs in made.sections:
        for paragraph in paragraphs:
            assert not re.search(r"\d|UBND|–|\(\)", paragraph), paragraph
            assert paragraph[0].isupper()


def test_events_are_read_and_the_week_of_the_action_days_says_so() -> None:
    """What happens in the commune stands in it, with its hour in words; 25 November is named."""
    made = of_week(date(2026, 11, 25), ("Lễ phát động lúc 7h30 ngày 25/11 tại sân UBND xã.",))
    text = made.as_text()
    assert "bảy giờ ba mươi ngày hai mươi lăm tháng mười một tại sân Ủy ban nhân dân xã" in text
    assert "phụ nữ" in text.split("KHẨU HIỆU")[0].lower()


def test_no_sign_of_an_event_breaks_the_paper() -> None:
    """What came over from a copied web page or half an emoji: Word opens the file, the words stand in it."""
    made = of_week(date(2026, 11, 25), ("Mít tinh\x0b\x1b tại\ud83d sân\ufffe xã.",))
    told = "\n".join(p.text for p in Document(io.BytesIO(made.as_docx())).paragraphs)
    assert "Mít tinh tại sân xã." in told


def test_what_lasts_is_not_told_as_a_day() -> None:
    """The action month begins on its first day only; in the weeks after, the week is within it."""
    head = of_week(date(2026, 11, 25)).as_text().split("KHẨU HIỆU")[0]
    assert "Tuần này nằm trong Tháng hành động vì bình đẳng giới" in head
    assert "Từ ngày hai mươi lăm tháng mười một: mười sáu ngày hành động" in head
    assert "Ngày hai mươi lăm tháng mười một: Ngày Quốc tế xóa bỏ bạo lực" in head
    assert "Từ ngày mười lăm tháng mười một: Tháng" in of_week(date(2026, 11, 15)).as_text()


def test_past_the_review_no_law_is_read() -> None:
    """A week in which the facts wait for their review has slogans and numbers only."""
    assert [head for head, _ in of_week(date(2027, 3, 1)).sections] == [
        "Mở đầu", "Khẩu hiệu của tuần", "Nơi giúp đỡ", "Kết thúc",
    ]  # fmt: skip


def test_the_document_opens_and_holds_the_same_words() -> None:
    """What is printed is what is heard, and the sources stand below."""
    made = of_week(date(2026, 11, 25))
    opened = Document(io.BytesIO(made.as_docx()))
    read = [p.text for p in opened.paragraphs]
    for _, paragraphs in made.sections:
        assert set(paragraphs) <= set(read)
    section = opened.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    assert {f"{opened.styles[f'Heading {n}'].font.color.rgb}" for n in (1, 2)} == {"000000"}
    assert any("Nghị định" in line or "Luật" in line for line in read[-6:])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("gọi 113 hoặc 111", "Gọi một một ba hoặc một một một"),
        ("1900 96 96 80", "Một chín không không chín sáu chín sáu tám không"),
        ("phạt 5–10 triệu đồng", "Phạt năm đến mười triệu đồng"),
        ("phạt 0,5–1 triệu", "Phạt không phẩy năm đến một triệu"),
        ("có 3.321 xã", "Có ba nghìn ba trăm hai mươi mốt xã"),
        ("từ 11% trở lên", "Từ mười một phần trăm trở lên"),
        ("Nghị định 282/2025", "Nghị định số hai trăm tám mươi hai năm hai nghìn không trăm hai mươi lăm"),
        ("ngày 15/4/2026", "Ngày mười lăm tháng tư năm hai nghìn không trăm hai mươi sáu"),
        ("24/7", "Suốt ngày đêm"),
        ("phạt 113 triệu", "Phạt một trăm mười ba triệu"),
        ("gọi 0912345678", "Gọi không chín một hai ba bốn năm sáu bảy tám"),
        ("gọi 0299.3.822.333", "Gọi không hai chín chín ba tám hai hai ba ba ba"),
        ("tại số nhà 12/5", "Tại số nhà mười hai trên năm"),
        ("hẻm 12/5, ngày 12/5", "Hẻm mười hai trên năm, ngày mười hai tháng năm"),
    ],
)
def test_numbers_as_they_are_said(written: str, said: str) -> None:
    """Telephone numbers by digit, amounts and dates as one says them."""
    assert spoken(written) == said


@given(st.integers(0, 999_999_999_998))
def test_a_number_has_words_of_its_own(value: int) -> None:
    """Two different numbers never sound alike."""
    words = number(value)
    assert words == " ".join(words.split())
    assert number(value + 1) != words


def test_every_fact_can_be_read_aloud() -> None:
    """No digit is left in any fact of the library."""
    for fact in content.facts().values():
        assert not re.search(r"\d", spoken(fact.text)), spoken(fact.text)
