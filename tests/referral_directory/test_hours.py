"""Opening hours as staff write them: read rightly, or not at all; nothing is called open that nobody knows of."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import VIETNAM
from nlu.text import fold
from referral_directory.hours import DAYS, Opening, is_open, next_opening, read_hours

ALL, WORK = ",".join(DAYS), "MO,TU,WE,TH,FR"
OFFICE = "07:30-11:30 13:30-17:00"

READ = {
    # round the clock
    "24/7": f"{ALL} 00:00-24:00",
    "24/24": f"{ALL} 00:00-24:00",
    "Trực 24/24h": f"{ALL} 00:00-24:00",
    "24h": f"{ALL} 00:00-24:00",
    "24 giờ mỗi ngày": f"{ALL} 00:00-24:00",
    "cả ngày đêm": f"{ALL} 00:00-24:00",
    "Cả ngày lẫn đêm, kể cả ngày lễ": f"{ALL} 00:00-24:00",
    "bất cứ lúc nào": f"{ALL} 00:00-24:00",
    # office hours
    "giờ hành chính": f"{WORK} {OFFICE}",
    "Trong giờ hành chính (trừ thứ 6)": f"MO,TU,WE,TH {OFFICE}",
    "giờ hành chính từ thứ 2 đến thứ 7": f"{WORK},SA {OFFICE}",
    "giờ hành chính, sáng thứ 7": f"{WORK} {OFFICE}; SA 07:30-11:30",
    "giờ hành chính và cả thứ 7": f"{WORK},SA {OFFICE}",
    "giờ hành chính, thứ 7 7h-11h": f"{WORK} {OFFICE}; SA 07:00-11:00",
    "giờ hành chính: 7h-11h30, 13h30-16h30": f"{WORK} 07:00-11:30 13:30-16:30",
    # hours without days
    "7h-17h": "? 07:00-17:00",
    "7-17h": "? 07:00-17:00",
    "7 giờ 30 đến 17 giờ": "? 07:30-17:00",
    "7g30-16g30": "? 07:30-16:30",
    "7.30 - 11.30, 13.30 - 17.00": "? 07:30-11:30 13:30-17:00",
    "7h30'-11h30', 13h30'-17h00'": "? 07:30-11:30 13:30-17:00",
    "Sáng 7h30 - 11h30, chiều 13h30 - 17h": "? 07:30-11:30 13:30-17:00",
    "Sáng 7h30 - 11h30, chiều 1h30 - 5h": "? 07:30-11:30 13:30-17:00",
    "7 giờ sáng đến 5 giờ chiều": "? 07:00-17:00",
    "7h tới 17h": "? 07:00-17:00",
    "tối 7h - 10h": "? 19:00-22:00",
    "7h-24h": "? 07:00-24:00",
    "22h-5h": "? 22:00-05:00",
    "17h - 7h sáng hôm sau": "? 17:00-07:00",
    "8:00 AM - 5:00 PM": "? 08:00-17:00",
    "7h-11h30 và 13h30-17h các ngày trong tuần": "? 07:00-11:30 13:30-17:00",
    # hours with days
    "8:00–20:00 cả tuần": f"{ALL} 08:00-20:00",
    "Mở cửa: 7h - 17h hằng ngày": f"{ALL} 07:00-17:00",
    "7h-17h trừ chủ nhật": f"{WORK},SA 07:00-17:00",
    "7h-17h (nghỉ T7, CN và ngày lễ)": f"{WORK} 07:00-17:00",
    "7h-17h, T7-CN nghỉ": f"{WORK} 07:00-17:00",
    "7h-17h kể cả chủ nhật": f"{ALL} 07:00-17:00",
    "7h30-11h30, 13h30-17h thứ 2 đến thứ 6": f"{WORK} {OFFICE}",
    "Thứ 2 - thứ 6: 7h30 - 16h30": f"{WORK} 07:30-16:30",
    "T2-T7, 7h-17h": f"{WORK},SA 07:00-17:00",
    "T2→T6 7h→17h": f"{WORK} 07:00-17:00",
    "t2-6: 7h-17h": f"{WORK} 07:00-17:00",
    "thứ hai đến chủ nhật: 6h30 - 21h": f"{ALL} 06:30-21:00",
    "thứ 2, 4, 6: 7h-11h": "MO,WE,FR 07:00-11:00",
    "7h-17h thứ 2, thứ 4": "MO,WE 07:00-17:00",
    "thứ 7, 8h-11h": "SA 08:00-11:00",
    "thứ tư 7h-11h": "WE 07:00-11:00",
    "thứ 2 từ 7h đến 11h": "MO 07:00-11:00",
    "cuối tuần 8h-11h": "SA,SU 08:00-11:00",
    "ngày thường 7h-21h, cuối tuần 8h-20h": f"{WORK} 07:00-21:00; SA,SU 08:00-20:00",
    "T2-T6: 7h30-11h30; 13h30-17h; T7: 7h30-11h": f"{WORK} {OFFICE}; SA 07:30-11:00",
    "7h30-11h30 T2-T6; T7 7h30-11h": f"{WORK} 07:30-11:30; SA 07:30-11:00",
    "7h30-11h30, 13h30-17h thứ 2 đến thứ 6, thứ bảy sáng": f"{WORK} {OFFICE}; SA 07:30-11:30",
    "Từ thứ 2 đến thứ 6 hàng tuần, sáng từ 7h30 đến 11h30, chiều từ 13h30 đến 17h00": f"{WORK} {OFFICE}",
    "7h30 – 11h30 ; 13h30 – 17h00 hàng ngày (trừ T7, CN)": f"{WORK} {OFFICE}",
}
UNREAD = (
    "", "?", "gọi trước", "7h-17h, gọi trước khi đến", "không trực 24/24", "ngoài giờ hành chính", "cả ngày", "cả tuần",
    "Thứ 2 - thứ 6", "T2-T7", "thứ bảy sáng", "sáng thứ 2 hàng tuần", "sau 17h", "từ 7h", "trước 24h", "đến 24h",
    "7h-17h, nghỉ trưa", "giờ hành chính; trực 24/24", "24/24 trong giờ hành chính", "7h-17h hàng ngày từ thứ 2 đến thứ 6",
    "7h-5h", "1h30-5h", "7h - 9h tối", "12h-5h", "25h-30h", "7h60-9h", "7h-7h", "ngày 15 hàng tháng 7h-11h",
    "7h30-11h30 T2-T6, chiều 13h30-17h", "thứ 2-7h", "thứ 2, thứ 4, CN nghỉ, 7h-11h", "7h-17h có thể", "sáng chiều 7h-17h",
    "0912 345 678", "2/9 nghỉ", "mùa hè 7h-11h, mùa đông 8h-11h", "7h-17h thứ 5 tuần đầu tháng",
)  # fmt: skip


def openings(written: str) -> list[Opening]:
    """Return what the short form of this file says: days, then spans; "?" for no days."""
    found = []
    for group in written.split("; "):
        days, *spans = group.split()
        told = () if days == "?" else tuple(days.split(","))
        found += [Opening(told, *span.split("-")) for span in spans]
    return found


@pytest.mark.parametrize("words", READ)
def test_hours_are_read_as_they_are_meant(words: str) -> None:
    """With marks or without, in capitals or not."""
    assert read_hours(words) == openings(READ[words])
    assert read_hours(fold(words)) == openings(READ[words])
    assert read_hours(words.upper()) == openings(READ[words])


@pytest.mark.parametrize("words", UNREAD)
def test_what_is_in_doubt_is_not_known(words: str) -> None:
    """Neither open nor closed, at any hour of any day."""
    assert read_hours(words) == []
    assert {
        is_open(read_hours(words), datetime(2026, 11, d, h, tzinfo=VIETNAM)) for d in range(16, 23) for h in range(24)
    } == {None}


@given(st.sampled_from(sorted(READ)), st.sampled_from(("không", "gọi trước", "tạm nghỉ", "có khi", "sửa chữa", "9")))
def test_a_word_that_is_not_understood_takes_all_back(words: str, more: str) -> None:
    """ "7h-17h tạm nghỉ" is not read as "7h-17h"."""
    assert read_hours(f"{words} {more}") == []
    assert read_hours(f"{more} {words}") == []


@given(
    st.lists(
        st.sampled_from(
            "sáng chiều tối thứ T2 T7 2 7 17 7h 17h 30 7:30 - , ; đến trừ nghỉ cả tuần CN 24/7 24h giờ hành chính hàng ngày kể lễ".split()
        ),
        max_size=9,
    )
)
def test_any_words_are_read_or_not(pieces: list[str]) -> None:
    """Whatever is typed, nothing breaks, and every opening is one: known days, two different times of a day."""
    for opening in read_hours(" ".join(pieces)):
        assert set(opening.days) <= set(DAYS)
        assert "00:00" <= opening.opens < "24:00"
        assert "00:00" < opening.closes <= "24:00"
        assert opening.opens != opening.closes


def at(moment: str) -> datetime:
    """Return a moment in Vietnam."""
    return datetime.fromisoformat(moment).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(("words", "moment", "wanted"), [
    ("giờ hành chính", "2026-11-20T09:00", True), ("giờ hành chính", "2026-11-20T12:00", False),
    ("giờ hành chính", "2026-11-21T09:00", False),  # a Saturday
    ("7h-17h", "2026-11-20T09:00", True), ("7h-17h", "2026-11-20T18:00", False),
    ("7h-17h", "2026-11-21T09:00", None), ("7h-17h", "2026-11-21T18:00", False),
    ("7h-17h cả tuần", "2026-11-22T16:59", True), ("7h-17h cả tuần", "2026-11-22T17:00", False),
    ("22h-5h hàng ngày", "2026-11-22T23:00", True), ("22h-5h hàng ngày", "2026-11-22T04:59", True),
    ("thứ 6 22h-5h", "2026-11-21T03:00", True), ("thứ 6 22h-5h", "2026-11-20T03:00", False),
    ("giờ hành chính", "2026-09-02T09:00", None), ("7h-17h cả tuần", "2027-02-07T09:00", None),  # a holiday, Tết
    ("24/24", "2027-02-07T09:00", True), ("giờ hành chính", "2027-02-12T09:00", True),
])  # fmt: skip
def test_open_is_said_only_of_what_is_known(words: str, moment: str, wanted: bool | None) -> None:
    """A weekend that nobody named and a holiday are neither open nor closed."""
    assert is_open(read_hours(words), at(moment)) is wanted


@pytest.mark.parametrize(("words", "moment", "wanted"), [
    ("giờ hành chính", "2026-11-20T12:00", "2026-11-20T13:30"), ("giờ hành chính", "2026-11-20T18:00", "2026-11-23T07:30"),
    ("7h-17h", "2026-11-21T18:00", "2026-11-23T07:00"), ("thứ 5 7h-11h", "2026-11-20T09:00", "2026-11-26T07:00"),
    ("giờ hành chính", "2026-09-01T18:00", "2026-09-04T07:30"), ("22h-5h hàng ngày", "2026-11-22T06:00", "2026-11-22T22:00"),
])  # fmt: skip
def test_a_closed_place_tells_when_it_opens(words: str, moment: str, wanted: str) -> None:
    """The next moment for sure: no weekend that nobody named, no holiday."""
    assert next_opening(read_hours(words), at(moment)) == at(wanted)


def test_nobody_knows_when_unknown_hours_begin() -> None:
    """Words that cannot be read promise no moment."""
    assert next_opening(read_hours("gọi trước"), at("2026-11-20T12:00")) is None
