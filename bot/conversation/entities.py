"""What rules read from a text: hour of the day, age of the victim, relation of the abuser, phone numbers."""

from __future__ import annotations

import re
from typing import Any

from nlu.patterns import Pattern, Text
from nlu.text import fold, normalise

_NUMBER = {w: n for n, w in enumerate(["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"])} | {
    "mốt": 1, "tư": 4, "lăm": 5, "bẩy": 7, "mười một": 11, "mười hai": 12, "mười ba": 13, "mười bốn": 14,
    "mười lăm": 15, "mười sáu": 16, "mười bảy": 17, "mười tám": 18,
}  # fmt: skip
_BY_FOLD = {fold(w): n for w, n in _NUMBER.items()}
_WORD = "|".join(sorted({*map(re.escape, _NUMBER), *map(re.escape, _BY_FOLD)}, key=len, reverse=True))
_HOUR = re.compile(
    rf"\b(?P<h>\d{{1,2}}|{_WORD})\s*(?:giờ|gio|h|:|g)\s*(?:(?P<m>\d{{2}})|(?P<half>rưỡi|ruoi))?(?:\s*(?:phút|phut|p))?"
    r"(?:\s*(?P<part>sáng|sang|trưa|trua|chiều|chieu|tối|toi|đêm|dem|khuya|am|pm))?"
)
_PART_OF_DAY = {
    "sáng sớm": 6 * 60 + 30, "sáng": 7 * 60, "giữa trưa": 12 * 60, "trưa": 12 * 60, "chiều": 17 * 60,
    "tối": 19 * 60, "đêm": 21 * 60,
}  # fmt: skip
_PART = re.compile(
    r"\b(?:buổi |buoi |vào |vao |lúc |luc |mỗi |moi |gửi |gui )(sáng sớm|sáng|giữa trưa|trưa|chiều|tối|đêm)\b"
)
_BARE_PART = re.compile(r"^(?:buổi )?(sáng sớm|sáng|giữa trưa|trưa|chiều|tối|đêm)(?: thôi| nhé| nha| đi| ạ)*$")


def time_of_day(raw: str) -> int | None:
    """Return the minute of the day (0-1439) told in the text, or None: "7h tối", "19:30", "bảy rưỡi sáng", "sáng sớm"."""
    text = re.sub(r"(\d)\s*(?:giờ|gio|g)\b", r"\1h", normalise(raw))
    text = re.sub(rf"\b({_WORD}) (rưỡi|ruoi)\b", r"\1 giờ \2", text)
    found = _HOUR.search(text)
    if found:
        number = found["h"]
        hour = int(number) if number.isdigit() else _NUMBER.get(number, _BY_FOLD.get(number, 99))
        minute = 30 if found["half"] else int(found["m"] or 0)
        part = fold(found["part"] or "")
        if (
            (part in ("chieu", "toi", "pm") and hour < 12)
            or (part == "dem" and 7 <= hour < 12)
            or (part == "trua" and hour < 4)
        ):
            hour += 12
        if part in ("dem", "khuya") and hour == 12:
            hour = 0
        return hour * 60 + minute if hour < 24 and minute < 60 else None
    words = _PART.search(text) or _BARE_PART.search(text)
    return _PART_OF_DAY[words[1]] if words else None


_AGE = [
    re.compile(r"\b(\d{1,2})\s*(?:tuổi|tuoi|t)\b"),
    re.compile(rf"\b({_WORD})\s*(?:tuổi|tuoi)\b"),
    re.compile(rf"\b(?:lên|len)\s*(\d|{_WORD})\b(?! (?:lần|lan|người|nguoi))"),
    re.compile(rf"\b(?:học |hoc |đang )?(?:lớp|lop)\s*(\d{{1,2}}|{_WORD})\b"),
    re.compile(r"\b(\d{1,2})\s*(?:tháng tuổi|thang tuoi|tháng|thang)\b(?= ?(?:$|[.,!?]|mà|ma|vẫn|van|bị|bi))"),
]


def age(raw: str) -> int | None:
    """Return the first age under 100 told, in years ("13t", "lớp 7" → 12, "con em mới lên ba" → 3), or None."""
    text = re.sub(r"(\d+)t\b", r"\1 tuổi", normalise(raw))
    text = re.sub(r"(\d+) tôi\b(?= |$)", r"\1 tuổi", text) if re.search(r"\d+\s*t\b", raw.lower()) else text
    for kind, pattern in enumerate(_AGE):
        found = pattern.search(text)
        if not found:
            continue
        value = int(found[1]) if found[1].isdigit() else _NUMBER.get(found[1], _BY_FOLD.get(found[1], 0))
        years = value + 5 if kind == 3 else 0 if kind == 4 else value
        if 0 <= years < 100 and (kind != 3 or 1 <= value <= 12):
            return years
    return None


_RELATIONS = (
    ("ex", ["(?:chồng|vợ|người yêu|bạn trai|bồ) cũ", "chồng trước"]),
    ("stepfather", ["(?:bố|cha|ba|tía) dượng", "dượng"]),
    ("husband", ["chồng", "ông xã", "ba sắp nhỏ", "bố (?:nó|cháu|sắp nhỏ)", "nhà em ấy"]),
    ("wife", ["vợ (?:em|tôi|tui|mình|anh)", "bà xã"]),
    ("partner", ["người yêu", "bạn trai", "bạn gái", "bồ (?:em|tôi|mình)"]),
    ("parent", ["(?:bố|ba|cha|tía|mẹ|má) (?:em|cháu|con|mình|tôi|tui|ruột)"]),
    ("child", ["con trai (?:tôi|tui|bác|cô|u)", "thằng con"]),
    ("in_law", ["(?:mẹ|bố|nhà|em|anh|chị) chồng"]),
    ("boss", ["sếp", "giám đốc", "quản lý", "chủ (?:quán|nhà|xưởng)"]),
    ("teacher", ["thầy (?:giáo|chủ nhiệm|dạy)?", "cô giáo", "giáo viên"]),
    ("schoolmate", ["(?:bạn|đứa|tụi) (?:\\w+ )?(?:lớp|trường)", "bạn học"]),
    ("neighbour", ["hàng xóm", "nhà bên"]),
)
_RELATION_PATTERNS = tuple((name, Pattern(says)) for name, says in _RELATIONS)


def relation(raw: str) -> str | None:
    """Return who hurts, as one word (husband, ex, stepfather, parent …), or None."""
    text = Text(raw)
    return next((name for name, pattern in _RELATION_PATTERNS if pattern.search(text)), None)


_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .\-]?\d){8,10}(?!\d)")


def phones(raw: str) -> list[str]:
    """Return the phone numbers in a text, digits only; they are recognised so that they are never logged."""
    return [re.sub(r"\D", "", m[0]) for m in _PHONE.finditer(raw)]


def entities(raw: str) -> dict[str, Any]:
    """Return what the rules found: `age` (years), `child` (under 18), `relation`, `minute`, `phones` (how many)."""
    found: dict[str, Any] = {}
    years = age(raw)
    if years is not None:
        found["age"], found["child"] = years, years < 18
    for name, value in (
        ("relation", relation(raw)),
        ("minute", time_of_day(raw)),
        ("phones", len(phones(raw)) or None),
    ):
        if value is not None:
            found[name] = value
    return found
