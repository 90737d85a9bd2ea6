"""Rows that may be one place under two spellings: same kind, same commune, and the same number or nearly the same name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz.fuzz import ratio

from nlu.text import fold
from referral_directory.excel.phones import digits
from referral_directory.excel.report import Line, Remark
from referral_directory.record import Record

_NEAR = 80.0
"""Likeness (0-100) of the words in which two names differ, from which on they are taken for two spellings."""
_SHORTEST = 4
"""Letters of such words: shorter ones are names of their own ("Lai", "Lan")."""
_FILLERS = frozenset(("xa", "phuong", "thon", "ap", "ban", "khu", "pho", "to", "dan", "so", "co", "nha", "cua", "tai", "o", "dia", "chi", "tin", "cay"))  # fmt: skip
_MOST = 60
"""Places of one kind in one commune that a row is compared with: more are not compared, so that a long list stays quick."""
_LONG_NUMBER = 8
"""Digits: 113 is the number of many places."""


class Alike:
    """The places met so far, of the directory first; each row is compared with those of its kind and commune."""

    def __init__(self, known: Iterable[Record]) -> None:
        self._met: dict[tuple[str, int, str], list[tuple[str, Record, frozenset[str]]]] = defaultdict(list)
        for one in known:
            self._keep("", one, _numbers(one.phone))

    def question(self, line: Line, title: str) -> Remark | None:
        """Return the question whether a new row is a place met before, or None; `title` is that of the names' column."""
        own = line.record
        if own is None or line.action != "new":
            return None
        for where, other, theirs in self._met[own.kind, own.commune, own.province]:
            if why := _why(own, other, bool(_own_numbers(own) & theirs)):
                there = where or f"“{other.name}” đã có trong danh bạ"
                return Remark("twin", title, f"có phải là {there} không? {why}.")
        return None

    def meet(self, line: Line) -> None:
        """Keep the place of a row that is new or changes one, to be compared with the rows after it."""
        own = line.record
        if own is not None and line.action in ("new", "edit"):
            self._keep(f"dòng {line.row}, “{own.name}”", own, _own_numbers(own))

    def _keep(self, where: str, one: Record, numbers: frozenset[str]) -> None:
        there = self._met[one.kind, one.commune, one.province]
        if len(there) < _MOST:
            there.append((where, one, numbers))


def _why(own: Record, other: Record, same_number: bool) -> str:
    if same_number:
        return "Cùng loại, cùng xã, cùng số điện thoại"
    return "Cùng loại, cùng xã, tên gần giống" if _near(own.name, other.name) else ""


def _near(one: str, other: str) -> bool:
    """Tell whether two names are one in two spellings; a number in a name ("thôn 2") is never a matter of spelling."""
    first, second = (fold(name).replace("y", "i").split() for name in (one, other))
    a = [word for word in first if word not in second]
    b = [word for word in second if word not in first]
    if any(c.isdigit() for word in (*a, *b) for c in word):
        return False
    if not (a and b):
        return {*a, *b} <= _FILLERS
    left, right = "".join(a), "".join(b)
    return left == right or (min(len(left), len(right)) >= _SHORTEST and ratio(left, right) >= _NEAR)


def _own_numbers(own: Record) -> frozenset[str]:
    return _numbers(own.phone) | _numbers(own.private_phone)


def _numbers(phones: str) -> frozenset[str]:
    """Return the long numbers of a cell, digits only."""
    return frozenset(d for one in phones.replace(";", ",").split(",") if len(d := digits(one)) >= _LONG_NUMBER)
