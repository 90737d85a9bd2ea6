"""What rules read from a text: hour of the day, age of the victim, relation of the abuser, phone numbers."""

from __future__ import annotations

import re
from typing import Any

from nlu.patterns import Pattern, Text
from nlu.text import fold, normalise


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


_DIGIT = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6,
    "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_DIGIT |= {fold(word): number for word, number in _DIGIT.items()}
_ONE = "|".join(sorted(_DIGIT, key=len, reverse=True))
NUMBER = rf"(?:{_ONE}) (?:mươi|muoi)(?: (?:{_ONE})\b)?|(?:mười|muoi)(?: (?:{_ONE})\b)?|(?:{_ONE})\b"
"""A number under 100 in words, as an expression."""


def number(words: str) -> int:
    """Return the number under 100 that digits or words tell: "14", "mười bốn", "hai mươi lăm"."""
    if words[0].isdigit():
        return int(words)
    total = 0
    for word in words.split():
        if word in ("mười", "mươi", "muoi"):
            total = max(total, 1) * 10
        else:
            total += _DIGIT[word]
    return total


_AFTER = "sáng|sang|trưa|trua|chiều|chieu|tối|toi|đêm|dem|khuya|kém|kem|rưỡi|ruoi|phút|phut|am|pm"
_HOUR = re.compile(
    rf"\b(?P<h>\d{{1,2}}|{NUMBER})\s*(?:giờ|gio|:|[hg](?![^\W\d_])|[hg](?={_AFTER}))\s*(?:(?P<m>\d{{2}})|(?P<half>rưỡi|ruoi)|(?:kém|kem) (?P<less>\d{{1,2}}))?(?:\s*(?:phút|phut|p))?"
    r"(?:\s*(?P<part>sáng|sang|trưa|trua|chiều|chieu|tối|toi|đêm|dem|khuya|am|pm))?"
)
_PART_OF_DAY = {
    "sáng sớm": 6 * 60 + 30, "sáng": 7 * 60, "giữa trưa": 12 * 60, "trưa": 12 * 60, "chiều": 17 * 60,
    "tối": 19 * 60, "đêm": 21 * 60,
}  # fmt: skip
_PART_OF_DAY |= {"chiều tối": 19 * 60}
_PART_OF_DAY |= {fold(part): minute for part, minute in _PART_OF_DAY.items()}
_PARTS = "sáng sớm|sang som|sáng|giữa trưa|giua trua|trưa|chiều tối|chieu toi|chiều|tối|đêm"
_PART = re.compile(
    rf"\b(?:buổi |buoi |vào |vao |lúc |luc |mỗi |moi |gửi |gui )({_PARTS})\b"
    r"|\b(?:buổi|buoi|moi) (sang|trua|chieu|toi|dem)\b"
)
_BARE_PART = re.compile(rf"^(?:buổi )?({_PARTS})(?: thôi| nhé| nha| đi| ạ)*$")
_PART_FIRST = re.compile(
    r"(?<!đổi )(?<!doi )(?<!chuyển )(?<!chuyen )\b(sáng|sang|trưa|trua|chiều|chieu|tối|toi|đêm|dem)(?: lúc| luc)? (\d{1,2}h(?: \d{2})?)"
    r"(?! ?(?:sáng|sang|trưa|trua|chiều|chieu|tối|toi|đêm|dem))"
)


def time_of_day(raw: str) -> int | None:
    """Return the minute of the day (0-1439) told in the text, or None: "7h tối", "19:30", "bảy rưỡi sáng", "sáng sớm"."""
    text = re.sub(r"(\d)\s*(?:giờ|gio|g)\b", r"\1h", normalise(raw))
    text = re.sub(
        rf"\b(\d{{1,2}}|{NUMBER}) ?(rưỡi|ruoi)\b(?! (?:triệu|tr|tỷ|tuổi|ngàn|nghìn|trieu|ty|tuoi|ngan|nghin))",
        r"\1 giờ \2",
        text,
    )
    text = _PART_FIRST.sub(r"\2 \1", re.sub(r"(\d) (h)\b", r"\1\2", text))
    found = _HOUR.search(text)
    if found:
        hour = number(found["h"])
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
        if found["less"]:
            return (hour * 60 - int(found["less"])) % (24 * 60)
        return hour * 60 + minute if hour < 24 and minute < 60 else None
    words = _PART.search(text) or _BARE_PART.search(text)
    return _PART_OF_DAY[next(g for g in words.groups() if g)] if words else None


_CLASS = re.compile(rf"\b(?:lớp|lop)\s*(\d{{1,2}}\b|{NUMBER})")
_AGE = (
    re.compile(r"(?<![\d.,])(\d{1,2})(?:[.,]\d)?\s*(?:tuổi|tuoi)\b"),
    re.compile(rf"\b({NUMBER})\s*(?:tuổi|tuoi)\b"),
    re.compile(r"\b(?:tuổi|tuoi) (\d{1,2})\b"),
    re.compile(
        rf"\b(?:mới |moi |vừa |vua |bé |con |cháu )(?:lên|len)\s*(\d\b|{NUMBER})(?! ?(?:lần|lan|người|nguoi|xe|lớp|lop))"
    ),
)
_MONTHS = re.compile(
    r"\b\d{1,2} (?:tháng|thang) (?:tuổi|tuoi)\b|\b(?:bé|con|cháu|em bé|be|chau)(?: mới| được| moi| duoc)? \d{1,2} (?:tháng|thang)\b"
)


def age(raw: str) -> int | None:
    """Return the first age under 100 told, in years ("13t", "lớp 7" → 12, "con em mới lên ba" → 3), or None."""
    text = normalise(re.sub(r"(?<![\d.,])(\d{1,2})\s?[tT](?!\w| tr[ưu][ơớo]c| nay)", r"\1 tuổi ", raw))
    if _MONTHS.search(text):
        return 0
    for pattern in _AGE:
        if found := pattern.search(text):
            return number(found[1])
    grade = _CLASS.search(text)
    return number(grade[1]) + 5 if grade and 1 <= number(grade[1]) <= 12 else None


_RELATIONS = (
    ("ex", ["(?:chồng|vợ|người yêu|bạn trai|bồ) cũ", "chồng trước", "nyc"]),
    ("stepfather", ["(?:bố|cha|ba|tía) dượng", "dượng"]),
    (
        "husband",
        [
            "(?<!mẹ )(?<!bố )(?<!nhà )(?<!em )(?<!anh )(?<!chị )(?<!ba )(?<!má )(?<!cha )chồng",
            "bị chồng",
            "ông xã",
            "lão nhà (?:em|tôi)",
            "thằng chả",
            "ba sắp nhỏ",
            "ba (?:mấy đứa|tụi nhỏ)",
            "bố (?:nó|cháu|sắp nhỏ)",
            "nhà em ấy",
        ],
    ),
    ("wife", ["vợ (?:em|tôi|tui|mình|anh)", "bà xã"]),
    ("partner", ["người yêu", "bạn trai", "bạn gái", "bồ (?:em|tôi|mình)"]),
    ("parent", ["(?:bố|ba|cha|tía|bọ|mẹ|má|mạ) (?:em|cháu|con|mình|tôi|tui|ruột|kế|nuôi)", "dì ghẻ"]),
    ("child", ["con trai (?:tôi|tui|bác|cô|u)", "thằng con"]),
    ("in_law", ["(?:mẹ|má|bố|ba|cha|nhà|em|anh|chị) chồng", "(?:anh|em) rể", "con dâu"]),
    ("boss", ["sếp", "giám đốc", "quản lý", "chủ (?:quán|nhà|xưởng|trọ|tiệm)"]),
    ("teacher", ["thầy", "cô giáo", "giáo viên"]),
    ("schoolmate", ["(?:bạn|đứa|tụi) (?:\\w+ )?(?:lớp|trường)", "bạn học"]),
    ("neighbour", ["hàng xóm", "nhà bên"]),
)
_RELATION_PATTERNS = tuple((name, Pattern(says)) for name, says in _RELATIONS)


def relation(raw: str) -> str | None:
    """Return who hurts, as one word (husband, ex, stepfather, parent …), or None."""
    text = Text(raw)
    return next((name for name, pattern in _RELATION_PATTERNS if pattern.search(text)), None)


_PHONE = re.compile(
    r"(?<![\d.,])(?:(?:00|\+)?84(?:[ .]?\(0\))?|\(?[0oO])[ .\-–(]{0,2}(?:[35789](?:[ .\-–)]{0,2}\d){8}|2(?:[ .\-–)]{0,2}\d){9})(?!\d)"
)


def phones(raw: str) -> list[str]:
    """Return the phone numbers in a text, digits only; they are recognised so that they are never logged."""
    return [re.sub(r"\D", "", re.sub("^[oO]", "0", m[0])) for m in _PHONE.finditer(raw)]
