"""One writing for ages: "mười bốn tuổi", "lớp tám", "học sinh cấp 2" and "sn 2k12" become "14 tuổi", "13 tuổi" …"""

from __future__ import annotations

import re

from bot.conversation.entities import NUMBER, number
from nlu.text import normalise

OF_GRADE = 5
"""Years that a pupil of class n is older than n, from the autumn in which the school year begins."""
_ONE = r"em|con|cháu|chau|mình|minh|tôi|toi|tui|tớ"
_SHORT = re.compile(r"(?<![\d.,])(\d{1,2})\s?[tT](?!\w| tr[ưu][ơớo]c| nay)")
_OF_2000 = re.compile(r"\b(?:(?:sinh|sn)(?: n[ăa]m)? )?2k(\d{1,2})\b", re.IGNORECASE)
_SCHOOL_SHORT = re.compile(r"\b(?:h[oọ]c|hok|hc|hs)(?: sinh)?\s+(l[ớo]?p?|c[ấa]?p?)\s?(\d{1,2})\b", re.IGNORECASE)
"""Before "hok" and "c" are spelt out as something else: "hok lp 8", "hs c2"."""
_SECTION = re.compile(r"\b(l[ớo]p\s*\d{1,2})\s?(?:[a-h]\d{0,2}|/\s?\d{1,2})\b", re.IGNORECASE)
"""The "A3" of "lớp 8A3", the "/2" of "lớp 8/2"."""
_SECTION_ALONE = re.compile(r"\b(em|e|con|ch[aá]u) ([1-9]|1[0-2])[a-e]\d{1,2}\b", re.IGNORECASE)
_BRACKETS = re.compile(r"[()\[\]]")
_IN_GRADE = re.compile(r"\bin grade (\d{1,2})\b", re.IGNORECASE)
_ENGLISH = ("eleven", "twelve", "thirteen", "fourteen", "fifteen")
_MISSPELT = re.compile(r"(?<!\d)(\d{1,2}) (?:tủi|tuỗi|tuỏi|tui)\b")
_HALF_IN_DIGITS = re.compile(r"\b(?:mười|muoi) (?=\d\b)")
_FROM_TO = re.compile(r"\b\d{1,2} (?:- )?(?=\d{1,2} (?:tuổi|tuoi)\b)")
_GIRL = re.compile(r"^(?:nữ|nu) (?:, )?(?=\d{1,2} (?:tuổi|tuoi)\b)")
_TEEN = re.compile(
    r"\b(?:mười|muoi|mừi|mui) (một|mot|hai|ba|bốn|bon|tư|tu|lăm|lam|nhăm|nham|sáu|sau|bảy|bay|bẩy|tám|tam|chín|chin)\b"
)
"""… but "mười năm" is ten years of something."""
_YEARS = re.compile(rf"\b({NUMBER}) (?:tuổi|tuoi)\b")
_DIGITS = re.compile(r"\b(\d{1,2})(?:[.,]\d)? ?(?:tuổi|tuoi)\b")
_TURNED = re.compile(rf"\b(?:lên|len) (\d{{1,2}}|{NUMBER})(?= (?:[,.;!?]|ạ|a|rồi|roi|bị|bi|thôi|thoi|nha)(?: |$)|$)")
_TOLD_FIRST = re.compile(
    r"(?<!\d )\b(?:tuổi|tuoi) (?:(?:của |cua )?(em|con|cháu|chau|mình|minh|tớ) )?(?:là |la )?(\d{1,2})\b(?! (?:tuổi|tuoi))"
)
_BORN = re.compile(
    r"\b(?:sinh|sn) (?:(?:ngày|ngay|tháng|thang|năm|nam|vào|vao|đầu|dau|giữa|giua|cuối|cuoi|\d{1,2}(?:\.\d{1,2})?|[/.-]) )*(?:\d{1,2}\.\d{1,2}\.)?((?:19|20)\d\d)\b"
)
_BORN_IN_SHORT = re.compile(r"(?<=em )(20[01]\d)(?= (?:[,.;!?]|ạ|anh|rồi|roi)(?: |$)|$)")
_BORN_IN_WORDS = re.compile(
    rf"\b(sinh|sn)((?: năm| nam)? )hai (?:nghìn|nghin|ngàn|ngan)(?: (?:không trăm|khong tram|linh|lẻ|le))? (\d{{1,2}}|{NUMBER})\b"
)
_JUST = r"(?<=mới )(?:vô|vào)|(?<=vừa )(?:vô|vào)|(?<=moi )(?:vo|vao)|(?<=vua )(?:vo|vao)"
"""… into a class or a school: "con mới vô lớp sáu"; but "em vào lớp 8 dạy"."""
_GRADE = re.compile(rf"\b(?:(?:lên|len|{_JUST}) )?(?:lớp|lop) ?(\d{{1,2}}|{NUMBER})\b")
_SCHOOLING = re.compile(
    r"\b(?:tôi|toi|tui) (?:(?:chỉ|chi) [^,.;]{0,12}(?:học|hoc) [^,.;]{0,12}|(?:học|hoc) [^,.;]{0,12} (?:thôi|thoi)\b)"
)
"""How long somebody grown went to school: "tôi chỉ học lớp 5"."""
_SCHOOL = re.compile(
    rf"\b((?:học sinh|hoc sinh|học|hoc|(?:đang|dang)(?! (?:cấp một|cap mot) )|{_JUST})(?: trường| truong)?)(?: (?:năm |nam )?(?:đầu|dau|cuối|cuoi))? "
    r"(?:(cấp (?:1|một)|cap (?:1|mot)|tiểu học|tieu hoc)|cấp (?:2|hai)|cap (?:2|hai)|thcs|trung học cơ sở|trung hoc co so)\b"
)
_LESS = re.compile(
    r"\b(?:(?:chưa|chua)(?: (?:đủ|du|đầy|day|tới|toi|đến|den|được|duoc))?|dưới|duoi|sắp|sap|gần|gan)(?: (?:được|duoc|đến|den|tròn|tron))? (\d{1,2})(?: tuổi|(?= (?:[,.;!?]|bị|bi)(?: |$)|$))"
)
_AFTER_AGE = r"(?= (?:[,.;!?]|ạ|a|anh|bị|bi|mà|ma|thôi|thoi|nha|nè)(?: |$)|$)"
_TO_CLASS_10 = (
    r"(?:thi (?:chuyển cấp|chuyen cap)|thi (?:tuyển sinh |tuyen sinh )?(?:vào|vao|vô|vo|lên|len) (?:(?:lớp |lop )?(?:10|mười|muoi)"
    r"|(?:cấp|cap) (?:3|ba)))\b"
)
_EXAM = re.compile(
    rf"\b(?:(?:(?:đang|dang|sắp|sap|chuẩn bị|chuan bi|ôn|on|luyện|luyen) )+{_TO_CLASS_10}(?! (?:giờ|gio|h)\b)|{_TO_CLASS_10}{_AFTER_AGE})"
)
"""The examination after class 9, where it is not of the past: "em đang ôn thi vào 10"."""
_NEXT_YEAR = (
    r"(?:qua|sau|hết|het|ra|tới|toi) (?:tết|tet|hè|he)(?: này| nay)?|(?:tết|tet) (?:này|nay|tới|toi)"
    r"|(?:sang|qua) (?:năm|nam)|(?:năm|nam) (?:sau|tới|toi)"
)
_IN_SOME_MONTHS = (
    rf"(?:(?:tháng|thang|tuần|tuan) (?:sau|tới|toi)|(?:(?:còn|con) )?(?:mấy|may|vài|vai|\d{{1,2}}|{NUMBER}) "
    r"(?:tháng|thang|tuần|tuan|ngày|ngay) (?:nữa|nua))(?=[^,.;]* (?:tròn|tron|đủ|du|tuổi|tuoi)\b)"
)
"""… but "tháng sau em 15" may be a day."""
_SOON = re.compile(
    rf"\b(?:(?P<first>{_ONE}) )?(?:{_NEXT_YEAR}|(?:(?:còn|con) )?(?P<years>\d{{1,2}}|{NUMBER}) (?:năm|nam) (?:nữa|nua)|{_IN_SOME_MONTHS})"
    rf"(?: (?:là|la|thì|thi|,))*(?: (?P<one>{_ONE}))?(?: (?:mới|moi|tròn|tron|đủ|du|được|duoc|là|la|lên|len|bước|buoc|sang|qua|vào|vao|vô|vo))*"
    rf" (?P<age>\d{{1,2}})(?: tuổi)?{_AFTER_AGE}"
)
"""How old somebody will be: "qua tết là cháu 15"."""
_YOUNGEST, _OLDEST = 10, 14
"""Years told of a pupil of whom only the school is known: primary, lower secondary."""


def in_years(text: str, this_year: int) -> str:
    """Return the normalised text with every age as "14 tuổi", those told by class, school or year of birth too."""
    text = _SECTION_ALONE.sub(r"\1 lớp \2", _BRACKETS.sub(" ", text))
    text = _IN_GRADE.sub(lambda m: f"{int(m[1]) + OF_GRADE} years", text)
    for years, word in enumerate(_ENGLISH, 11):
        text = re.sub(rf"\b{word}\b", str(years), text, flags=re.IGNORECASE)
    raw = _SECTION.sub(r"\1", _SCHOOL_SHORT.sub(_school_in_full, _OF_2000.sub(_year_in_full, text)))
    plain = _SCHOOLING.sub("tôi", normalise(_SHORT.sub(r"\1 tuổi ", raw)))
    plain = _FROM_TO.sub("", _HALF_IN_DIGITS.sub("1", _MISSPELT.sub(r"\1 tuổi", plain)))
    plain = _GIRL.sub("em ", plain)
    plain = _TEEN.sub(lambda m: str(10 + number(m[1])), plain)
    plain = _BORN_IN_WORDS.sub(lambda m: f"{m[1]}{m[2]}{2000 + number(m[3])}", plain)
    for pattern in (_BORN, _BORN_IN_SHORT):
        plain = pattern.sub(lambda m: _years(this_year - int(m[1]), m[0]), plain)
    plain = _EXAM.sub(f"{9 + OF_GRADE} tuổi", plain)
    plain = _SCHOOL.sub(lambda m: f"{m[1]} {_years(_YOUNGEST if m[2] else _OLDEST, m[0])}", plain)
    plain = _GRADE.sub(lambda m: _years(number(m[1]) + OF_GRADE, m[0]) if 1 <= number(m[1]) <= 12 else m[0], plain)
    for pattern in (_YEARS, _DIGITS, _TURNED):
        plain = pattern.sub(lambda m: _years(number(m[1]), m[0]), plain)
    plain = _SOON.sub(_age_now, plain)
    plain = _LESS.sub(lambda m: f"{int(m[1]) - 1} tuổi", plain)
    return _TOLD_FIRST.sub(lambda m: f"{m[1] or ''} {m[2]} tuổi".strip(), plain)


def _school_in_full(found: re.Match[str]) -> str:
    return f"học {'lớp' if found[1].lower().startswith('l') else 'cấp'} {found[2]}"


def _year_in_full(found: re.Match[str]) -> str:
    return f"sinh năm {2000 + int(found[1])}"


def _age_now(found: re.Match[str]) -> str:
    """Return how old somebody is of whom was told how old they will be; without a number that is in a year."""
    one, ahead = found["one"] or found["first"], number(found["years"]) if found["years"] else 1
    return f"{one or ''} {max(0, int(found['age']) - ahead)} tuổi".strip()


def _years(years: int, otherwise: str) -> str:
    return f"{years} tuổi" if 0 <= years < 100 else otherwise
