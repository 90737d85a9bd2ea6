"""One cell of a list: its words made clean, and how days, numbers, hours, yes and no are read from it. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from nlu.text import fold, squeeze
from referral_directory.excel.sheets import Value
from referral_directory.excel.tcvn3 import to_unicode
from referral_directory.hours import read_hours


class Misread(ValueError):
    """A cell that cannot be understood; the message says how to write it, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its words made clean, and the value that the sheet holds."""

    text: str = field(default="", repr=False)
    value: Value = field(default=None, repr=False)
    typed: str = field(default="", repr=False)
    """The same before it was turned from TCVN3 into Unicode; "" where it was not."""
    uncounted: bool = False
    from_1904: bool = False


EMPTY = Cell()
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
"""What Excel shows for a formula that failed."""
ESCAPED = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""Signs with which a cell would be taken for a formula, the last four full-width: on export an apostrophe stands before
them."""
_ODD = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\ud800-\udfff\ufffe\uffff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\xa0]")
_UNCLEAN = re.compile(rf"{_ODD.pattern}|{_CONTROL.pattern}|\s\s|^\s|\s$|[^\S ]")


@lru_cache(maxsize=4_096, typed=True)
def cell(value: Value, font: str = "", uncounted: bool = False, from_1904: bool = False) -> Cell:
    """Return a cell of a sheet, with its words in clean Unicode; a list says the same in most rows of a column."""
    words = as_words(value)
    old = to_unicode(words, font) if isinstance(value, str) else None
    if _is_escaped(words):
        words = words[1:]
    return Cell(clean(old or words), value, clean(words) if old else "", uncounted, from_1904)


def as_words(value: Value) -> str:
    """Return what a cell shows: whole numbers without ".0", days as 31/12/2026."""
    match value:
        case None:
            return ""
        case bool():
            return "có" if value else "không"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() | date():
            return f"{value:%d/%m/%Y}"
        case time():
            return f"{value:%H:%M}"
    return str(value)


def clean(text: str) -> str:
    """Return text in NFC with single spaces and without invisible signs."""
    if unicodedata.is_normalized("NFC", text) and not _UNCLEAN.search(text):
        return text
    return squeeze(_CONTROL.sub(" ", _ODD.sub("", unicodedata.normalize("NFC", text))))


def escape(text: str) -> str:
    """Return clean text that no program takes for a formula: an apostrophe stands before it, which `cell` takes off."""
    text = clean(text)
    return f"'{text}" if text.startswith(ESCAPED) or _is_escaped(text) else text


def _is_escaped(text: str) -> bool:
    return text[:1] == "'" and text[1:2] in (*ESCAPED, "'") and len(text) > 1


@lru_cache(maxsize=65_536)
def key(text: str) -> str:
    """Return the letters and digits of a text, without marks: what spellings are compared by."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


_YES = frozenset("x co c 1 yes y true dung roi v ok duoc".split())
_NO = frozenset("khong ko k kh 0 no n false chua sai".split())


def read_flag(cell: Cell) -> bool:
    """Return yes or no: "x", "có", "✓", "không", "0"."""
    said = key(cell.text)
    if said in _YES or cell.text in ("✓", "✔", "√", "☑", "☒", "✅", "ü", "þ", "cã", "X"):  # Wingdings; "có" of .VnTime
        return True
    if said in _NO or cell.text in ("-", "–", "✗", "✘", "☐", "❌"):
        return False
    raise Misread("Ghi “có” hoặc “không”.")


_WORDED = re.compile(r"(?:ngay\s*)?(\d{1,2})\s*thang\s*(\d{1,2})\s*(?:nam\s*)?(\d{4})")
_SPLIT_DAY = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ].*)?")
_HOW = "Ghi ngày/tháng/năm, ví dụ 1/3/2026."


def read_day(cell: Cell, today: date) -> str:
    """Return a day not after `today` as YYYY-MM-DD: a date, Excel's number of days, "1/3/2026", "ngày 01 tháng 3 năm 2026"."""
    found = _day(cell)
    if found > today:
        raise Misread("Ngày này chưa tới. Xem lại năm, tháng.")
    if found.year < 1990:
        raise Misread(f"Ngày này quá xa (trước năm 1990). {_HOW}")
    return found.isoformat()


def _day(cell: Cell) -> date:
    match cell.value:
        case datetime():
            return cell.value.date()
        case date():
            return cell.value
        case int() | float() if not isinstance(cell.value, bool):
            return _serial(float(cell.value), cell.from_1904)
    text = fold(cell.text)
    if re.fullmatch(r"\d{5}", text):
        return _serial(float(text), cell.from_1904)
    iso = _ISO.fullmatch(text)
    told = _WORDED.fullmatch(text.replace(",", " ")) or _SPLIT_DAY.fullmatch(text.removeprefix("ngay").strip())
    if not iso and not told:
        raise Misread(_HOW)
    year, month, day = map(int, iso.groups() if iso else told.groups()[::-1] if told else ())
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise Misread(f"Không có ngày {day} tháng {month}. {_HOW}") from None


def _serial(number: float, from_1904: bool) -> date:
    if not 20_000 <= number <= 80_000:
        raise Misread(_HOW)
    return (date(1904, 1, 1) if from_1904 else date(1899, 12, 30)) + timedelta(days=int(number))


_DAY_IN_DECISION = re.compile(r"[,;(]?\s*(ngày.*|ngay.*|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\)?)$", re.IGNORECASE)


def read_decision(cell: Cell, today: date) -> tuple[str, str]:
    """Return number and day of a decision from one cell, the day "" where the cell holds none."""
    text = re.sub(r"^(?:QĐ|Quyết định|Q\.Đ)\s*(?:số)?\s*[:.]?\s*(?=\d)|^Số\s*[:.]?\s*(?=\d)", "", cell.text, flags=re.I)
    at = _DAY_IN_DECISION.search(text)
    if not at or not at.start():
        return _no_longer(text, 200), ""
    try:
        return _no_longer(text[: at.start()].strip(" ,;("), 200), read_day(Cell(at[1].strip(" )")), today)
    except Misread:
        return _no_longer(text, 200), ""


def read_distance(cell: Cell) -> float:
    """Return kilometres: "3", "3,5 km", "800 m"."""
    found = re.fullmatch(r"(?:khoang |gan |hon |~)?\s*(\d{1,4}(?:[.,]\d+)?)\s*(km|m|cay so|met)?", fold(cell.text))
    if not found:
        raise Misread("Ghi số ki-lô-mét, ví dụ 3,5.")
    number = float(found[1].replace(",", ".")) / (1000 if found[2] in ("m", "met") else 1)
    if number > 200:
        raise Misread("Khoảng cách trong xã không quá 200 km. Ghi số ki-lô-mét, ví dụ 3,5.")
    return round(number, 3)


def read_degrees(cell: Cell, least: float, most: float) -> float:
    """Return degrees between two bounds of Vietnam."""
    try:
        number = float(cell.text.replace(",", "."))
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise Misread(f"Ghi độ thập phân từ {least:g} đến {most:g}, ví dụ {(least + most) / 2:.5f}.")
    return number


def read_opening(cell: Cell) -> tuple[str, str]:
    """Return opening hours as written, and a remark where the bot cannot tell from them whether it is open now."""
    text = _no_longer(cell.text, 120)
    odd = "" if read_hours(text) else "giữ nguyên chữ; máy không tính được lúc nào mở. Ghi như 7h30-17h thứ 2 đến thứ 6"
    return text, odd


def read_words(cell: Cell, most: int) -> str:
    """Return the words of a cell that may have so many letters."""
    return _no_longer(cell.text, most)


def _no_longer(text: str, most: int) -> str:
    if len(text) > most:
        raise Misread(f"Dài {len(text)} chữ cái, nhiều nhất {most}. Viết ngắn lại.")
    return text
