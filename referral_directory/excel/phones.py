"""Phone numbers as they stand in lists: several in a cell, zeros lost, prefixes of before 2018. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

PREFIXES = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083", "0124": "084",
    "0125": "085", "0127": "081", "0129": "082", "0162": "032", "0163": "033", "0164": "034", "0165": "035",
    "0166": "036", "0167": "037", "0168": "038", "0169": "039", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
"""Mobile prefixes that became shorter in 2018 (plan of the Ministry of Information and Communications of 28/5/2018)."""

_GROUP = re.compile(r"\+?\d+")
_EXPONENT = re.compile(r"\d[.,]?\d*[eE]\+?\d+")
_MOBILE = re.compile(r"0[35789]\d{8}")
_FIXED = re.compile(r"02\d{9}")
_SHORT = re.compile(r"11[0-9]|1022|1[89]00\d{4}(?:\d{2})?")
_OLD_FIXED = re.compile(r"0[46]\d{7,9}")


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a cell holds: numbers of digits alone, what was mended (in Vietnamese, without a number), or what is wrong."""

    found: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    wrong: str = ""


@lru_cache(maxsize=8_192)
def read_numbers(text: str) -> Numbers:
    """Return the phone numbers of a cell, best reading first; empty text gives none."""
    if not text:
        return Numbers()
    if _EXPONENT.search(text):
        return Numbers(wrong="Excel đã làm mất chữ số (dạng 9,12E+08). Định dạng cột là Văn bản (Text) rồi gõ lại số.")
    said: list[str] = []
    typed = re.sub(r"(?<![^\W\d_])[oO](?=[\d .]*\d)", "0", text)
    if typed != text:
        said.append("chữ O ở đầu số đổi thành số 0")
    groups = [g.lstrip("+") for g in _GROUP.findall(typed.replace("(0)", ""))]
    cut = _cut(tuple(groups)) if len(groups) <= 24 else None
    if not cut:
        return Numbers(wrong=_why_not("".join(groups)))
    for joined in cut:
        said += _mended(joined)
    if re.search(r"[^\W\d_]{2,}", typed):
        said.append("phần chữ trong ô không được giữ")
    found = dict.fromkeys(number for joined in cut if (number := _whole(joined)))
    return Numbers(tuple(found), tuple(dict.fromkeys(said)))


def mask(number: str) -> str:
    """Return a number of which no more than the last three digits can be read."""
    return f"…{number[-3:]}" if len(number) > 4 else number


def is_short(number: str) -> bool:
    """Tell whether a number is everybody's (113, 1022, 1800…): never one that staff keep for themselves."""
    return _SHORT.fullmatch(digits(number)) is not None


def _cut(groups: tuple[str, ...]) -> list[str] | None:
    """Return groups of digits joined to whole numbers, as few as can be, or None when they do not work out."""
    fewest: list[list[str] | None] = [[], *[None] * len(groups)]
    for end in range(1, len(groups) + 1):
        for start in range(end - 1, max(end - 13, -1), -1):
            before = fewest[start]
            joined = "".join(groups[start:end])
            if before is None or not _whole(joined):
                continue
            known = fewest[end]
            if known is None or len(before) + 1 < len(known):
                fewest[end] = [*before, joined]
    return fewest[-1] or None


def _whole(digits: str) -> str:
    """Return the number of today that these digits are, or ""."""
    for number in _readings(digits):
        if _MOBILE.fullmatch(number) or _FIXED.fullmatch(number) or _SHORT.fullmatch(number):
            return number
        if len(number) == 11 and number[:4] in PREFIXES:
            return PREFIXES[number[:4]] + number[4:]
    return ""


def _readings(digits: str) -> Iterator[str]:
    yield digits
    if not digits.startswith("0"):
        if len(digits) in (9, 10):
            yield f"0{digits}"
        if digits.startswith("84"):
            yield f"0{digits[2:].removeprefix('0')}"
    if digits.startswith("0084"):
        yield f"0{digits[4:].removeprefix('0')}"


def _mended(digits: str) -> Iterator[str]:
    number = _whole(digits)
    if digits.startswith(("84", "0084")) and len(digits) > 10:
        yield "mã nước 84 đổi thành số 0"
    elif not digits.startswith("0") and number.startswith("0"):
        yield "thêm số 0 bị mất ở đầu"
    if any(r[:4] in PREFIXES and len(r) == 11 and PREFIXES[r[:4]] == number[:3] for r in _readings(digits)):
        old = next(r[:4] for r in _readings(digits) if r[:4] in PREFIXES)
        yield f"đầu số cũ {old} đổi thành {PREFIXES[old]}"


def _why_not(digits: str) -> str:
    if not digits:
        return "Không thấy số điện thoại trong ô. Ghi số, ví dụ 0912345678, hoặc để trống."
    if _OLD_FIXED.fullmatch(digits):
        return "Mã vùng cố định cũ (trước 2017). Ghi mã vùng mới, ví dụ Hà Nội 024."
    if len(digits) < 9:
        return f"Thiếu chữ số (chỉ có {len(digits)}). Số di động có 10 chữ số, số cố định có 11 chữ số cả mã vùng."
    return (
        "Không đọc được số điện thoại. Ghi 10 chữ số (di động) hoặc 11 chữ số (cố định); hai số cách nhau bằng dấu /."
    )


def digits(number: str) -> str:
    """Return the digits of a number however it is spaced: two ways to write one number are equal."""
    return re.sub(r"\D", "", number)


def same(one: str, other: str) -> bool:
    """Tell whether two numbers are one."""
    return digits(one) == digits(other)
