"""Where a person is sent: the ladder of a commune's services, and the ways out of the commune. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import content
from content import Hotline
from referral_directory.terms import KINDS

FRESH_DAYS = 90
"""An entry that nobody called within so many days is shown as not verified lately."""
CHANGE_KINDS = ("health_station", "peoples_committee")
"""Where somebody who hurts may ask for help; never the places in which those they hurt find shelter."""
HIDDEN_DAYS = 180
"""After so many days without a call an entry is not shown at all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One approved public service of a commune; `phone`, `address` and `hours` may be empty."""

    name: str
    kind: str
    phone: str = ""
    address: str = ""
    hours: str = ""
    verified: date | None = None
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What decides the route: kinds of violence told, danger, a child, a wish, and where to stay away from."""

    types: tuple[str, ...] = ()
    child: bool = False
    kind: str = ""
    """Ask for one kind of service first (a value of `KINDS`), or "change": help for somebody who hurts."""
    avoid_commune: bool = False
    province: str = ""


@dataclass(frozen=True, slots=True)
class Referral:
    """An answer that is never empty: entries of the commune, then lines that are answered anywhere, now."""

    local: tuple[Entry, ...]
    lines: tuple[Hotline, ...]


def route(entries: list[Entry], need: Need, now: datetime) -> Referral:
    """Return the entries to show, best first, and at least two lines out of the commune."""
    today = now.date()
    shown = [] if need.avoid_commune else [e for e in entries if age(e, today) <= HIDDEN_DAYS]
    if need.kind == "change":
        shown = [e for e in shown if e.kind in CHANGE_KINDS]
    return Referral(tuple(sorted(shown, key=lambda e: _rank(e, need, today))), lines(need, now))


def lines(need: Need, now: datetime) -> tuple[Hotline, ...]:
    """Return the national and provincial lines that fit and are open at `now`, best first; never fewer than two."""
    known = content.hotlines()
    if need.kind == "change":
        return tuple(known[i] for i in ("113", "115", "0963061414") if _may_show(known[i], now))
    wanted = ["113"]
    if need.child or "child" in need.types or "school" in need.types or "trafficking" in need.types:
        wanted.insert(1, "111")
    wanted += [
        "1900969680",
        *(h.id for h in known.values() if h.province and h.province == need.province),
        "111",
    ]
    found = [known[i] for i in dict.fromkeys(wanted) if i in known and _may_show(known[i], now)]
    return tuple(found[:4])


def _may_show(line: Hotline, now: datetime) -> bool:
    return line.is_open(now) and line.is_checked(now.date())


def age(entry: Entry, today: date) -> int:
    """Return the days since somebody last verified the entry; a large number when nobody did."""
    return (today - entry.verified).days if entry.verified else HIDDEN_DAYS


def _rank(entry: Entry, need: Need, today: date) -> tuple[bool, bool, int, str]:
    return (entry.kind != need.kind, age(entry, today) > FRESH_DAYS, KINDS.index(entry.kind), entry.name)
