"""Numbers as a reader at the loudspeaker says them: "5–10 triệu" is "năm đến mười triệu", 113 is "một một ba"."""

from __future__ import annotations

import re
from collections.abc import Callable

import content

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu", "tỷ")
_ABBREVIATIONS = {
    "UBND": "Ủy ban nhân dân", "HĐND": "Hội đồng nhân dân", "LHPN": "Liên hiệp Phụ nữ", "TP.": "thành phố",
}  # fmt: skip


def number(value: int) -> str:
    """Return a number from 0 to 999 999 999 999 in words: 2025 is "hai nghìn không trăm hai mươi lăm"."""
    if value < 10:
        return _DIGITS[value]
    groups = []
    while value:
        value, group = divmod(value, 1000)
        groups.append(group)
    words = [
        f"{_group(group, leading=n == len(groups) - 1)} {_GROUPS[n]}".strip()
        for n, group in reversed(list(enumerate(groups)))
        if group
    ]
    return " ".join(words)


def digits(value: str) -> str:
    """Return a number said digit by digit, as phone numbers are."""
    return " ".join(_DIGITS[int(c)] for c in value if c.isdigit())


def phones_in(text: str) -> list[str]:
    """Return the telephone numbers of people or offices that stand in a text, as they are written."""
    return re.findall(_PHONE, text)


def spoken(text: str) -> str:
    """Return the text as it is read aloud; numbers that may not be served are no business of this function."""
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    text = re.sub(r"\s+([,.;:])", r"\1", re.sub(r"[ \t]+", " ", text)).strip()
    return text[:1].upper() + text[1:]


def _group(group: int, leading: bool) -> str:
    hundreds, rest = divmod(group, 100)
    tens, units = divmod(rest, 10)
    words = [] if leading and not hundreds else [f"{_DIGITS[hundreds]} trăm"]
    if tens == 0:
        words += ([] if leading and not hundreds else ["lẻ"]) + [_DIGITS[units]] if units else []
    else:
        words.append("mười" if tens == 1 else f"{_DIGITS[tens]} mươi")
        if units:
            words.append("mốt" if units == 1 and tens > 1 else "lăm" if units == 5 else _DIGITS[units])
    return " ".join(words)


def _amount(digits_: str) -> str:
    whole, _, part = digits_.replace(".", "").partition(",")
    return f"{number(int(whole))} phẩy {digits(part)}" if part else number(int(whole))


def _date(found: re.Match[str]) -> str:
    said = "" if (found["word"] or "").strip() else "ngày "
    month = "tư" if int(found["m"]) == 4 else number(int(found["m"]))
    year = f" năm {number(int(found['y']))}" if found["y"] else ""
    return f"{found['word'] or ''}{said}{number(int(found['d']))} tháng {month}{year}"


def _phones() -> str:
    known = sorted((h.number for h in content.hotlines().values()), key=len, reverse=True)
    return "|".join(re.escape(n).replace(r"\ ", r"[ .]?") for n in known)


_PHONE = r"(?<![\d/.,–])0\d(?:[ .-]?\d){7,9}(?!\d)"
"""A telephone number of whoever it is: nine to eleven digits, the first a 0."""
_NUMBER = r"\d+(?:\.\d{3})*(?:,\d+)?"
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"(?<![\d/.,–])(?:{_phones()})(?![\d/]|[.,]\d|–\d| ?triệu| tuổi| ngày)"), lambda m: digits(m[0])),
    (re.compile(_PHONE), lambda m: digits(m[0])),
    (re.compile(r"\b((?:số nhà|nhà số|ngõ|hẻm|kiệt|ngách) \d+[a-zA-Z]?(?:/\d+[a-zA-Z]?)+)", re.IGNORECASE), lambda m: m[1].replace("/", " trên ")),
    (re.compile(r"\b24/7\b"), "suốt ngày đêm"),
    (re.compile(r"\((\d)\) "), lambda m: f"{number(int(m[1]))} là "),
    (re.compile(r"(Luật|Nghị định|Bộ luật|Nghị quyết|Thông tư|Quyết định)((?: [^\d,.;]{0,60})?) (?:số )?(\d+)/(\d{4})(?:/[\w-]+)?"),
     lambda m: f"{m[1]}{m[2]} số {number(int(m[3]))} năm {number(int(m[4]))}"),
    (re.compile(r"(?P<word>ngày )?\b(?P<d>\d{1,2})/(?P<m>\d{1,2})(?:/(?P<y>\d{4}))?\b"), _date),
    (re.compile(r"\b(\d{1,2})[h:](\d{2})\b"), lambda m: f"{number(int(m[1]))} giờ" + (f" {number(int(m[2]))}" if int(m[2]) else "")),
    (re.compile(r"\b(UBND|HĐND|LHPN|TP\.)(?=\W|$)"), lambda m: _ABBREVIATIONS[m[1]]),
    (re.compile(rf"({_NUMBER})\s*[–-]\s*({_NUMBER})"), lambda m: f"{_amount(m[1])} đến {_amount(m[2])}"),
    (re.compile(rf"({_NUMBER})\s*%"), lambda m: f"{_amount(m[1])} phần trăm"),
    (re.compile(r"<\s*(?=\d)"), "dưới "),
    (re.compile(_NUMBER), lambda m: _amount(m[0])),
    (re.compile(r"\s*[–—]\s*"), ", "),
    (re.compile(r"(?<=trăm) m\b"), " mét"),
    (re.compile(r"(?<=\w)/(?=\w)"), " hoặc "),
)  # fmt: skip
