"""Opening hours read from the words that staff write; what is not wholly understood is not known. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from nlu.text import fold, squeeze
from referral_directory.opening import DAYS, WORKDAYS, Opening, is_open, next_opening

__all__ = ["DAYS", "Opening", "is_open", "next_opening", "read_hours"]

Span = tuple[str, str]
_OFFICE: list[Span] = [("07:30", "11:30"), ("13:30", "17:00")]
_ALWAYS: list[Span] = [("00:00", "24:00")]


def read_hours(words: str) -> list[Opening]:
    """Return the openings that the words tell, or an empty list where not every word of them is understood.

    Read are "cả ngày đêm", "giờ hành chính, sáng thứ 7", "Sáng 7h30 - 11h30, chiều 1h30 - 5h (trừ chủ nhật)",
    "8:00–20:00 cả tuần", "T2-T6: 7-17h; T7: 7h-11h30". Hours without days are those of workdays (see `Opening`).
    """
    return list(_read(words))


@lru_cache(maxsize=2_000)
def _read(words: str) -> tuple[Opening, ...]:
    """Do what `read_hours` does: a long list tells the same few hours again and again."""
    try:
        return tuple(_Reader().read(_tokens(words)))
    except _UnreadError:
        return ()


class _UnreadError(Exception):
    """A word that is not understood: it may change the meaning of all others."""


@dataclass(slots=True)
class _Hours:
    """Spans of time and the days on which they hold, as far as they are read."""

    days: set[str] | None = None
    spans: list[Span] = field(default_factory=list)
    days_first: bool = False
    part: str = ""
    """Only this part of the day ("sáng thứ 7"), of hours told before."""
    office: bool = False

    @property
    def whole(self) -> bool:
        return bool(self.days and self.spans)


class _Reader:
    """Puts the pieces of a text together: days and the hours told before or after them."""

    def __init__(self) -> None:
        self.groups = [_Hours()]
        self.left_out: set[str] = set()
        self.part = ""
        self.after_days = False

    def read(self, tokens: list[tuple[str, re.Match[str]]]) -> list[Opening]:
        for n, (name, found) in enumerate(tokens):
            follows = tokens[n + 1][0] if n + 1 < len(tokens) else ""
            if name in _DAYS_OF:
                self._days(_DAYS_OF[name](found[0]), goes_on=follows in ("span", "part", "office", "always"))
            elif name == "with":
                self._days_too(_listed(found[0]))
            elif name == "without":
                self.left_out |= _left_out(found)
            elif name == "part":
                self._part(_part_of(found[0]))
            else:
                self._spans(name, found)
            self.after_days = name in _DAYS_OF
        return self._openings()

    def _spans(self, name: str, found: re.Match[str]) -> None:
        spans = {"office": _OFFICE, "always": _ALWAYS}.get(name) or [_span(found, self.part)]
        last = self.groups[-1]
        if last.whole and not last.days_first:
            last = self._begin(_Hours())
        if name == "span" and last.office and last.spans == _OFFICE:
            last.spans = []  # "giờ hành chính: 7h-11h": these are the hours meant
        if name == "office":
            last.office = True
            spans = [] if last.spans else spans
        if last.office and any(s < "06:00" or e > "18:00" for s, e in (*last.spans, *spans)):
            raise _UnreadError
        last.spans += spans
        self.part = "" if name == "span" else self.part

    def _days(self, days: set[str], goes_on: bool) -> None:
        last = self.groups[-1]
        if last.whole and (last.days_first or not self.after_days or goes_on):
            last = self._begin(_Hours())
        elif last.office and last.days is None and (self.part or (goes_on and not days & set(WORKDAYS))):
            last = self._begin(_Hours())  # "giờ hành chính, sáng thứ 7"
        if last.days is not None and set(DAYS) in (last.days, days) and last.days != days:
            raise _UnreadError  # "hàng ngày, thứ 2 đến thứ 6": which?
        last.days_first = not last.spans
        last.days = (last.days or set()) | days
        if last.days_first and self.part and not goes_on:
            last.part, self.part = self.part, ""

    def _days_too(self, days: set[str]) -> None:
        last = self.groups[-1]
        if not (last.spans or last.days):
            raise _UnreadError
        last.days = set(DAYS) if "SU" in days and last.days is None else (last.days or set(WORKDAYS)) | days

    def _part(self, part: str) -> None:
        last = self.groups[-1]
        if self.part or last.part:
            raise _UnreadError
        self.part = part

    def _begin(self, hours: _Hours) -> _Hours:
        self.groups.append(hours)
        return hours

    def _openings(self) -> list[Opening]:
        last = self.groups[-1]
        if self.part and last.days and not last.spans:
            last.part, self.part = self.part, ""  # "thứ bảy sáng"
        if self.part:
            raise _UnreadError
        found: list[Opening] = []
        for group in self.groups:
            if group.part:
                group.spans = [(o.opens, o.closes) for o in found if _within(group.part, o)]
            days = self._when(group)
            if not group.spans or (len(self.groups) > 1 and not days):
                raise _UnreadError
            found += [Opening(days, opens, closes) for opens, closes in dict.fromkeys(group.spans)]
        if _ALWAYS[0] in {(o.opens, o.closes) for o in found} and len(found) > 1:
            raise _UnreadError  # "24/24, giờ hành chính": which?
        return found

    def _when(self, group: _Hours) -> tuple[str, ...]:
        days = group.days
        if days is None and group.office:
            days = set(WORKDAYS)
        if days is None and (self.left_out or group.spans == _ALWAYS):
            days = set(DAYS)
        if days is None:
            return ()
        if not days - self.left_out:
            raise _UnreadError
        return tuple(d for d in DAYS if d in days - self.left_out)


def _tokens(words: str) -> list[tuple[str, re.Match[str]]]:
    """Return what the pieces of the text are, without those that say nothing."""
    text = re.sub(r"[–—−→~]|->|=>", "-", squeeze(fold(words.replace("’", "'"))))
    found, at = [], 0
    while at < len(text):
        name, piece = next(((n, m) for n, rule in _RULES if (m := rule.match(text, at)) and m[0]), ("", None))
        if piece is None:
            raise _UnreadError
        if name != "nothing":
            found.append((name, piece))
        at = piece.end()
    return found


_HOUR = r"\s*(?:h|gio|g)(?![a-z])"
_NO_HOUR = rf"(?!\d|{_HOUR}|[:.]\d\d)"
_PART = r"(?:sang|trua|chieu|toi|dem|am|pm)\b"
_AFTER = rf"(?:\s*({_PART})(?!\s*:?\s*(?:tu\s+)?\d))?"
_CLOCK = rf"(\d{{1,2}})(?:(?:{_HOUR})\s*(?:([0-5]\d)(?!\d|{_HOUR}|:)(?:\s*(?:phut|p)(?![a-z]))?|(ruoi)\b)?|[:.]([0-5]\d)(?!\d)(?:{_HOUR})?)?'?{_AFTER}"
_TO = r"\s*(?:-+|(?:cho )?(?:den|toi)\b)\s*"
_DIGIT = rf"[2-7]{_NO_HOUR}"
_DAY = rf"(?<![a-z])(?:(?:thu\s*|t\.?\s?){_DIGIT}|thu (?:hai|ba|tu|nam|sau|bay)\b|chu nh[au]t\b|c\.?n\b)"
_DAYS = rf"{_DAY}(?:\s*(?:[,;&+/]|va)?\s*(?:{_DAY}|(?<=[,&+/a ]){_DIGIT}(?!\s*-)))*|cuoi tuan\b"
_RANGE = rf"(?:{_DAY}){_TO}(?:{_DAY}|{_DIGIT})"
_REST = r"(?:ngoai tru|khong ke|tru|nghi)(?: lam)?(?: cac)?(?: ngay)?(?: vao)?"
_HOLIDAY = r"(?:ngay )?(?:nghi )?(?:le|tet)\b(?:[,/ ]*(?:va )?(?:ngay )?(?:le|tet)\b)*"

_RULES = [
    (name, re.compile(rule))
    for name, rule in (
        ("span", rf"{_CLOCK}{_TO}(?:({_PART})\s*)?{_CLOCK}"),
        (
            "always",
            r"24\s*(?:h|gio)?\s*(?:/|tren)\s*(?:24|7)(?!\d)(?:\s*(?:h|gio)\b)?|24\s*(?:h|gio)\b(?:\s*(?:/|moi|mot|trong|hang) ?ngay\b)?"
            r"|(?:suot |ca |bat ke |khong ke )?ngay(?: lan| va| ca| lan ca)? dem\b|(?:bat (?:ky|ki|cu)|moi) (?:luc|gio|thoi diem)(?: nao)?\b"
            r"|luc nao cung (?:duoc|mo(?: cua)?|co nguoi(?: truc)?)\b",
        ),
        ("office", r"(?:trong |theo )?gio (?:hanh chinh|hc)(?: nha nuoc)?\b"),
        ("nothing", rf"(?:{_REST}|ke ca|ca) {_HOLIDAY}|(?:va )?{_HOLIDAY}(?=[\s).]*$)"),
        (
            "without",
            rf"{_REST} (?:{_RANGE}|{_DAYS})|(?P<before>{_RANGE}|{_DAYS})[:\s]*(?:nghi|dong cua)\b(?=\s*(?:[).,;]|$))",
        ),
        ("with", rf"(?:ke ca|bao gom|gom|va ca|ca)(?: cac)?(?: ngay)? (?:{_DAYS})"),
        (
            "all",
            r"(?:hang|moi|tat ca cac) ngay(?: trong tuan)?\b|(?:ca|suot) tuan\b|7 ngay\s*(?:/|mot|trong)\s*tuan|7\s*/\s*7",
        ),
        ("work", r"(?:cac )?ngay (?:thuong|lam viec)\b"),
        ("range", _RANGE),
        ("weekend", r"cuoi tuan\b"),
        ("days", _DAYS),
        ("part", r"(?:buoi )?(?:sang|trua|chieu|toi)\b"),
        (
            "nothing",
            r"(?:cac ngay )?(?:hang|trong|moi) tuan\b|khong nghi trua|xuyen trua|thong tam|lien tuc"
            r"|(?:gio |thoi gian )?(?:mo cua|lam viec|hoat dong|phuc vu|truc ban|thuong truc|tiep (?:nhan|khach|dan|cong dan))\b"
            r"|(?:ngay )?hom sau\b|(?:thoi gian|truc|va|tu|vao|luc|cac|cac ngay|vao cac ngay|gio)\b|[\s,;.:()&+-]+",
        ),
    )
]
"""What the pieces of a text can be, the first that fits; `nothing` says nothing of hours."""

_NAMED = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}


def _listed(text: str) -> set[str]:
    """Return the days that a list names: "thứ 2, 4, 6", "T7 và CN", "cuối tuần"."""
    if "cuoi tuan" in text:
        return {"SA", "SU"}
    named = re.findall(rf"[2-7]|thu ({'|'.join(_NAMED)})\b|(chu nh[au]t|c\.?n)\b", text)
    numbers = iter(re.findall(r"[2-7]", text))
    return {DAYS[6 if sunday else _NAMED[word] if word else int(next(numbers)) - 2] for word, sunday in named}


def _from_to(text: str) -> set[str]:
    """Return the days of "thứ 2 đến thứ 6"."""
    first, last = (min(map(DAYS.index, _listed(end))) for end in re.split(_TO, text))
    return {DAYS[n % 7] for n in range(first, last + 1 if last >= first else last + 8)}


def _left_out(found: re.Match[str]) -> set[str]:
    """Return the days of "trừ thứ 7, chủ nhật" or "T7-CN nghỉ"."""
    text = re.sub(rf"^{_REST} |[:\s]*(?:nghi|dong cua)$", "", found[0])
    days = _from_to(text) if re.fullmatch(_RANGE, text) else _listed(text)
    if found["before"] and not days <= {"SA", "SU"}:
        raise _UnreadError  # "thứ 2, thứ 4, chủ nhật nghỉ": all three?
    return days


_DAYS_OF: dict[str, Callable[[str], set[str]]] = {
    "days": _listed,
    "weekend": _listed,
    "range": _from_to,
    "all": lambda _: set(DAYS),
    "work": lambda _: set(WORKDAYS),
}


def _part_of(text: str) -> str:
    return text.rpartition(" ")[2]


def _within(part: str, opening: Opening) -> bool:
    """Tell whether hours belong to that part of a day."""
    if part == "sang":
        return opening.opens < opening.closes <= "13:00"
    return part == "chieu" and "12:00" <= opening.opens < opening.closes <= "19:00"


def _span(found: re.Match[str], part: str) -> Span:
    """Return a span of time; `part` of the day was told before it. Raises where morning and evening are in doubt."""
    h1, m1, half1, n1, part1, before2, h2, m2, half2, n2, after2 = found.groups()
    told = any((m1, half1, n1, part1, m2, half2, n2, after2)) or re.search(r"\d\s*(?:h|gio|g)", found[0])
    part2 = before2 or after2 or part
    if not told or (after2 and not (part1 or part) and not _is_plain(int(h1), int(h2), after2)):
        raise _UnreadError
    if after2 and not (part1 or part) and int(h1) < 6:
        part1 = after2  # "1h30 - 5h chiều"
    opens = _minutes(int(h1), m1 or n1, half1, part1 or part)
    closes = _minutes(int(h2), m2 or n2, half2, part2) or 24 * 60
    overnight = closes < opens
    sure = part1 or part or opens == 0 or opens >= 5 * 60
    if opens == closes or not sure or (overnight and (opens < 15 * 60 or closes > 12 * 60)):
        raise _UnreadError
    return f"{opens // 60:02}:{opens % 60:02}", f"{closes // 60:02}:{closes % 60:02}"


def _is_plain(first: int, last: int, part: str) -> bool:
    """Tell whether the part told after "8h - 5h chiều" leaves no doubt of the first hour ("7h - 9h tối" does)."""
    return part in ("sang", "am", "trua") or first > last or first < 6


def _minutes(hour: int, minute: str | None, half: str | None, part: str) -> int:
    """Return the minute of the day (0-1440) of an hour as it is told in a part of the day."""
    later = {"chieu": (1, 11), "pm": (1, 11), "toi": (5, 11), "dem": (8, 11), "trua": (1, 3)}.get(part)
    if later and later[0] <= hour <= later[1]:
        hour += 12
    elif hour == 12 and part in ("dem", "toi", "am"):
        hour = 0
    total = hour * 60 + (30 if half else int(minute or 0))
    if total > 24 * 60:
        raise _UnreadError
    return total
