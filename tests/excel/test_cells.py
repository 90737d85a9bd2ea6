"""How a cell is understood: phones, days, yes and no, kinds, languages; each in the ways that people write it."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from referral_directory.excel import cells, choices
from referral_directory.excel.cells import Misread, cell, clean, escape
from referral_directory.excel.phones import PREFIXES, read_numbers, same
from referral_directory.excel.sheets import Value
from referral_directory.excel.tcvn3 import to_unicode
from referral_directory.terms import FOR, KIND_NAMES, LANGUAGES, SHELTER, STATUSES, TAKES

TODAY = date(2026, 11, 21)

PHONES = {
    "0912345678": ["0912345678"],
    "912345678": ["0912345678"],
    "0912 345 678 / 0987.654.321": ["0912345678", "0987654321"],
    "0912345678 0987654321": ["0912345678", "0987654321"],
    "0912-345-678; 02373 822 123": ["0912345678", "02373822123"],
    "+84 912 345 678": ["0912345678"],
    "84 (0)912345678": ["0912345678"],
    "2373822123": ["02373822123"],
    "(0237) 3822.123": ["02373822123"],
    "024 3825 1234": ["02438251234"],
    "0168 123 4567": ["0381234567"],
    "1681234567": ["0381234567"],
    "O912345678": ["0912345678"],
    "0912345678 (bà Mai)": ["0912345678"],
    "ĐT: 0912345678 hoặc 0912345678": ["0912345678"],
    "1900 9696 80": ["1900969680"],
    "113": ["113"],
}


@pytest.mark.parametrize(("typed", "numbers"), PHONES.items())
def test_phones_are_read(typed: str, numbers: list[str]) -> None:
    """Spaces, points, two in a cell, lost zeros, the country's number, letters for zeros."""
    assert list(read_numbers(typed).found) == numbers


@pytest.mark.parametrize(
    "typed", ["12345", "09123456789012", "gọi bà Mai", "0438251234", "9,12E+08", "0912345678 nhà 12"]
)
def test_what_is_no_phone_says_why(typed: str) -> None:
    """Nothing is guessed: the row is an error that tells how to write it."""
    numbers = read_numbers(typed)
    assert numbers.found == ()
    assert numbers.wrong.endswith(".")


OFFICIAL = (
    "0120 070, 0121 079, 0122 077, 0126 076, 0128 078, 0123 083, 0124 084, 0125 085, 0127 081, 0129 082, 0162 032, 0163 033, "
    "0164 034, 0165 035, 0166 036, 0167 037, 0168 038, 0169 039, 0186 056, 0188 058, 0199 059"
)


def test_prefixes_of_before_2018_are_converted_by_the_official_table() -> None:
    """Every old prefix, and no other number of eleven digits."""
    assert ", ".join(f"{old} {new}" for old, new in PREFIXES.items()) == OFFICIAL
    for old, new in PREFIXES.items():
        numbers = read_numbers(f"{old}1234567")
        assert numbers.found == (f"{new}1234567",)
        assert f"{old} đổi thành {new}" in numbers.mended[0]
    assert read_numbers("01111234567").found == ()


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), st.sampled_from([" ", ".", "-", ""]))
def test_a_mobile_number_survives_its_spacing(number: str, space: str) -> None:
    """However it is spaced, and without its zero, it is the same number."""
    typed = space.join((number[:4], number[4:7], number[7:]))
    assert read_numbers(typed).found == (number,)
    assert read_numbers(typed[1:]).found == (number,)
    assert same(typed, number)


DAYS: dict[Value, str] = {
    "1/3/2026": "2026-03-01", "01-03-2026": "2026-03-01", "1.3.2026": "2026-03-01", "2026-03-01": "2026-03-01",
    "ngày 01 tháng 3 năm 2026": "2026-03-01", "ngay 1 thang 3 nam 2026": "2026-03-01", "1 tháng 3, 2026": "2026-03-01",
    "ngày 1/3/2026": "2026-03-01", "1/3/26": "2026-03-01", 46082: "2026-03-01", "46082": "2026-03-01",
    datetime(2026, 3, 1, 7): "2026-03-01", date(2026, 3, 1): "2026-03-01", "2026-03-01T00:00:00": "2026-03-01",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "day"), DAYS.items(), ids=str)
def test_days_are_read(typed: Value, day: str) -> None:
    """Day before month, words, Excel's numbers of days."""
    assert cells.read_day(cell(typed), TODAY) == day


@pytest.mark.parametrize("typed", ["3/25/2026", "31/2/2026", "3/2026", "hôm qua", "1/3/2027", "1/3/1890", 3, 2026.0])
def test_no_day_is_guessed(typed: Value) -> None:
    """What is no day, not yet come or long ago is an error that says how to write it."""
    with pytest.raises(Misread, match=r"(?i)ngày"):
        cells.read_day(cell(typed), TODAY)


def test_days_of_old_macs_are_counted_from_1904() -> None:
    """A workbook says from when it counts."""
    assert cells.read_day(cell(44620, from_1904=True), TODAY) == "2026-03-01"


def test_number_and_day_of_a_decision_may_share_a_cell() -> None:
    """ "QĐ số 12/QĐ-UBND ngày 01/3/2026" is both; a number with slashes alone is none of a day."""
    read = cells.read_decision
    for typed in (
        "QĐ số 12/QĐ-UBND ngày 01/3/2026",
        "12/QĐ-UBND, ngày 1 tháng 3 năm 2026",
        "Số: 12/QĐ-UBND (1/3/2026)",
    ):
        assert read(cell(typed), TODAY) == ("12/QĐ-UBND", "2026-03-01")
    assert read(cell("12/QĐ-UBND"), TODAY) == ("12/QĐ-UBND", "")
    assert read(cell("12/2026/QĐ-UBND"), TODAY) == ("12/2026/QĐ-UBND", "")


@pytest.mark.parametrize(
    "typed", ["x", "X", "có", "Có", "co", "CÓ", "1", 1, 1.0, True, "✓", "yes", "đúng", "rồi", "ü", "c"]
)
def test_yes_is_understood(typed: Value) -> None:
    """In many spellings, ticks of Wingdings among them."""
    assert cells.read_flag(cell(typed)) is True


@pytest.mark.parametrize("typed", ["không", "Khong", "ko", "K", "0", 0, False, "no", "-", "chưa"])
def test_no_is_understood(typed: Value) -> None:
    """In many spellings."""
    assert cells.read_flag(cell(typed)) is False


def test_perhaps_is_neither() -> None:
    """Asked again rather than guessed."""
    with pytest.raises(Misread, match=r"có.*không"):
        cells.read_flag(cell("tùy"))


KINDS = {
    "Địa chỉ tin cậy": "trusted_address", "ĐCTC": "trusted_address", "địa chỉ tin cậy - nhà chi hội trưởng phụ nữ": "trusted_address",
    "Nhà tạm lánh": "trusted_address", "CA xã": "police", "Công An": "police", "ca": "police", "UBND": "peoples_committee",
    "Uỷ ban nhân dân": "peoples_committee", "Hội LHPN": "womens_union", "Hội phụ nữ xã": "womens_union", "TYT": "health_station",
    "trạm y tế": "health_station", "Trung tâm Y tế": "hospital", "BV đa khoa": "hospital", "TGPL": "legal_aid",
    "Trung tâm trợ giúp pháp lý": "legal_aid", "tham vấn": "counselling", "Trung tâm công tác xã hội": "social_work",
    "police": "police",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "kind"), KINDS.items())
def test_kinds_are_understood(typed: str, kind: str) -> None:
    """By what people call them, with and without marks."""
    assert choices.read_kind(typed) == kind


def test_an_unknown_kind_names_the_choices() -> None:
    """Every kind is named, so that the right one can be written."""
    with pytest.raises(Misread) as told:
        choices.read_kind("quán cà phê")
    assert all(name in str(told.value) for name in KIND_NAMES.values())


def test_every_term_is_read_as_it_is_written_out() -> None:
    """What an export writes, the import understands: kinds, shelter, states, violence, who is received, languages."""
    for kind, name in KIND_NAMES.items():
        assert choices.read_kind(name) == kind
    for key, name in SHELTER.items():
        assert choices.read_shelter(cell(name)) == key
    for key, name in STATUSES.items():
        assert choices.read_status(cell(name)) == key
    for names, read in ((FOR, choices.read_types), (TAKES, choices.read_takes), (LANGUAGES, choices.read_languages)):
        for key, name in names.items():
            assert read(cell(name)) == (key,)
        assert read(cell("; ".join(names.values()))) == tuple(sorted(names))


def test_languages_violence_and_people_in_other_words() -> None:
    """As they stand in lists; what is not known names the choices."""
    assert choices.read_languages(cell("tiếng H'Mông, Kinh và Ê-đê")) == ("hmn", "rad", "vi")
    assert choices.read_types(cell("bạo lực tinh thần / thể xác")) == ("physical", "psychological")
    assert choices.read_types(cell("Tất cả")) == ()
    assert choices.read_takes(cell("Phụ nữ, trẻ em, nam giới")) == ("children", "men")
    with pytest.raises(Misread, match="Khmer"):
        choices.read_languages(cell("tiếng sao Hỏa"))


@pytest.mark.parametrize(
    ("typed", "found"),
    {
        "x": "overnight", "có": "overnight", "2 chỗ": "overnight", "0 chỗ": "receive", "không": "receive",
        "qua đêm": "overnight", "chỉ tiếp nhận": "receive", "không cho ở lại": "receive",
    }.items(),
)  # fmt: skip
def test_shelter_is_a_night_or_a_first_reception(typed: str, found: str) -> None:
    """By yes and no, by beds, by words."""
    assert choices.read_shelter(cell(typed)) == found


@pytest.mark.parametrize(("typed", "km"), {"3": 3, "3,5 km": 3.5, "800m": 0.8, 2.5: 2.5, "~2 km": 2}.items())
def test_distances_are_kilometres(typed: Value, km: float) -> None:
    """With comma or point, in metres too."""
    assert cells.read_distance(cell(typed)) == km


def test_text_is_made_clean() -> None:
    """NFC, single spaces, nothing that cannot be seen."""
    apart = unicodedata.normalize("NFD", "Địa  chỉ\n tin\u00a0cậy\u200b\x00")
    assert clean(apart) == "Địa chỉ tin cậy"
    assert cell(912345678.0).text == "912345678"


@given(st.text(max_size=40))
def test_what_is_escaped_comes_back(text: str) -> None:
    """No cell that leaves begins a formula, and reading it gives what was there."""
    shown = clean(text)
    assume(to_unicode(escape(shown)) is None)
    left = escape(shown)
    assert left[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert cell(left).text == shown


@pytest.mark.parametrize(
    "text", ["=1+1", "+84", "-5", "@x", "'=x", "''x", "'", "'a", "\tx", "＝1", "＋1", "－1", "＠x"]
)
def test_cells_that_look_like_formulas_are_escaped(text: str) -> None:
    """An apostrophe goes before them; what already has one keeps it."""
    assert not escape(text).startswith(("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"))
    assert cell(escape(text)).text == clean(text)


TCVN3 = {
    "Céng hßa x· héi chñ nghÜa ViÖt Nam": "Cộng hòa xã hội chủ nghĩa Việt Nam",
    "§Þa chØ tin cËy th«n Phó Lai": "Địa chỉ tin cậy thôn Phú Lai",
    "NguyÔn V¨n Trµ": "Nguyễn Văn Trà",
    "ñy ban nh©n d©n – sè 5": "ủy ban nhân dân – số 5",
    "Hm«ng": "Hmông",
    "CéNG HßA X· HéI": "CỘNG HÒA XÃ HỘI",
    "§\xad¬ng sù": "Đương sự",
}


@pytest.mark.parametrize(("old", "new"), TCVN3.items())
def test_vntime_text_is_recognised(old: str, new: str) -> None:
    """By its words, without knowing its font."""
    assert to_unicode(old) == new


@pytest.mark.parametrize(
    "text",
    ["Trà", "Lò Thị Mai", "Krông Búk", "Y Blô Niê", "H'Nê", "La Mã", "né", "2 × 3 m", "§ 12", "Bản Áo", "ascii", ""],
)
def test_unicode_text_is_left_alone(text: str) -> None:
    """Vietnamese of Unicode, names of other peoples, signs: none is taken for old text."""
    assert to_unicode(text) is None


def test_a_font_settles_what_words_leave_open() -> None:
    """ "né" is a word of Unicode, and shown in .VnTime it is "nộ"; .VnTimeH shows capitals."""
    assert to_unicode("né") is None
    assert to_unicode("né", ".VnTime") == "nộ"
    assert to_unicode("céng", ".VnTimeH") == "CỘNG"
    assert to_unicode("né", "Times New Roman") is None
