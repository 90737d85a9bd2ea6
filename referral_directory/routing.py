"""Where a person is sent: the ladder of a commune's services, and the ways out of the commune. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import content
from content import Hotline
from referral_directory.opening import Opening, is_open, next_opening
from referral_directory.places.nearby import kilometres
from referral_directory.terms import KINDS

FRESH_DAYS = 90
"""An entry that nobody called within so many days is shown after the national lines, as not verified lately."""
HIDDEN_DAYS = 180
"""After so many days without a call (or, where nobody ever called, since it was approved) it is not shown at all."""
CHANGE_KINDS = ("health_station", "peoples_committee")
"""Where somebody who hurts may ask for help; never the places in which those they hurt find shelter."""
SHOWN = {"commune": (3, 12), "neighbour": (1, 2), "province": (1, 2), "late": (2, 4)}
"""How many entries of one kind, and in all, are shown at first: whoever reads is afraid, and may ask for more."""
SHOWN_BEYOND = {**SHOWN, "neighbour": (2, 5), "province": (1, 4), "late": (2, 6)}
"""… where the ways out of the commune are what the person asks for."""
SHOWN_ALL = {"commune": (30, 30), "neighbour": (5, 15), "province": (4, 12), "late": (5, 15)}
"""… and where they ask for more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One approved public service, as residents may see it; what is empty is not known."""

    name: str
    kind: str
    phone: str = ""
    address: str = ""
    hours: str = ""
    verified: date | None = None
    sample: bool = False
    reach: str = "commune"
    """Whose it is: of the person's "commune", of a "neighbour" commune, of the whole "province"."""
    openings: tuple[Opening, ...] = ()
    """`hours` as they were read."""
    takes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    shelter: str = ""
    where: tuple[float, float] | None = field(default=None, repr=False)
    """Latitude and longitude of a public place, in degrees."""
    distance_km: float | None = None
    """Kilometres from the commune's centre; known of a place that is not public too, and never shown."""
    since: date | None = None
    """The day on which its last change was approved."""


@dataclass(frozen=True, slots=True)
class Need:
    """What decides the route, as far as it is known: kinds of violence told, who the person is, what they wish."""

    types: tuple[str, ...] = ()
    child: bool = False
    kind: str = ""
    """Ask for one kind of service first (a value of `KINDS`), or "change": help for somebody who hurts."""
    avoid_commune: bool = False
    province: str = ""
    who: tuple[str, ...] = ()
    """Keys of `terms.TAKES`."""
    language: str = ""
    """A key of `terms.LANGUAGES`: the language in which the person would rather speak."""
    shelter: bool = False
    """There is no place to stay tonight."""
    hurts: bool = False
    """The person hurts somebody: no refuge is shown, and nothing that tells who is received where."""
    neighbours: bool = False
    """The person asks for places of the communes beside their own."""
    where: tuple[float, float] | None = field(default=None, repr=False)
    """Latitude and longitude that the person shared, in degrees."""
    all: bool = False
    """The person asks for everything that is there."""

    @property
    def takes(self) -> tuple[str, ...]:
        """Whom a place must receive for this person, the child first."""
        child = self.child or "child" in self.types or "school" in self.types
        return tuple(dict.fromkeys((*(["children"] if child else []), *self.who)))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry is suggested: a code (a reply "why.<code>" says it) and what it is about, if anything."""

    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One entry, why it is suggested (the most telling reason first, never none), and when it opens if it is closed."""

    entry: Entry
    reasons: tuple[Reason, ...]
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """An answer that is never empty, in the order in which it is read."""

    local: tuple[Suggestion, ...]
    """Entries of the commune."""
    lines: tuple[Hotline, ...]
    """National and provincial lines that are answered now: at least two."""
    beyond: tuple[Suggestion, ...] = ()
    """Entries of neighbours and of the province, read before the lines."""
    late: tuple[Suggestion, ...] = ()
    """Entries not verified lately, read after the lines."""
    more: int = 0
    """How many fitting entries were left out to keep the answer short."""

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """All entries of the answer."""
        return (*self.local, *self.beyond, *self.late)


def route(entries: Iterable[Entry], need: Need, now: datetime) -> Referral:
    """Return the entries to show, best first, with their reasons, and at least two lines out of the commune."""
    today = now.date()
    shown = (e for e in entries if _may_be_shown(e, need) and age(e, today) <= HIDDEN_DAYS)
    takes = need.takes
    fitting = sorted(shown, key=lambda e: _order(e, need, takes, now))
    parts: dict[str, list[Entry]] = {part: [] for part in SHOWN}
    for entry in fitting:
        fresh = age(entry, today) <= FRESH_DAYS
        if fresh or entry.reach != "neighbour" or need.neighbours:
            parts[entry.reach if fresh else "late"].append(entry)
    if not need.neighbours:
        parts["neighbour"] = _nearer(parts["neighbour"], parts["commune"], need)
    limits = SHOWN_ALL if need.all else SHOWN_BEYOND if need.neighbours or not parts["commune"] else SHOWN
    local = _few(parts["commune"], limits["commune"], need)
    beyond = [e for part in ("neighbour", "province") for e in _few(parts[part], limits[part], need)]
    known = set() if need.all else {e.kind for e in beyond}
    late = _few([e for e in parts["late"] if e.reach == "commune" or e.kind not in known], limits["late"], need)
    return Referral(
        tuple(_suggestion(e, need, now) for e in local), lines(need, now),
        tuple(_suggestion(e, need, now) for e in beyond), tuple(_suggestion(e, need, now, late=True) for e in late),
        more=sum(map(len, parts.values())) - len(local) - len(beyond) - len(late),
    )  # fmt: skip


def lines(need: Need, now: datetime) -> tuple[Hotline, ...]:
    """Return the national and provincial lines that fit and are open at `now`, best first; never fewer than two."""
    known = content.hotlines()
    child = "children" in need.takes or "trafficking" in need.types
    if need.kind == "change":
        wanted = ["113", "115", _LISTENING]
    elif need.hurts:  # harm was done to them too; but no line that shelters those they hurt
        wanted = ["113", *(["111"] if child else []), "115", "111", _LISTENING]
    else:
        of_province = [h.id for h in known.values() if h.province and h.province == need.province]
        wanted = ["113", *(["111"] if child else []), "1900969680", *of_province, "111"]
    today = now.date()
    found = [known[i] for i in dict.fromkeys(wanted) if known[i].is_open(now) and known[i].is_checked(today)]
    return tuple(found[:4])


_LISTENING = "0963061414"


def is_refuge(entry: Entry) -> bool:
    """Tell whether people who were hurt may be staying there."""
    return entry.kind == "trusted_address" or bool(entry.shelter)


def is_hidden(entry: Entry) -> bool:
    """Tell whether nobody can find it alone: a trusted address of which neither number nor place is public."""
    return entry.kind == "trusted_address" and not (entry.phone or entry.address)


def age(entry: Entry, today: date) -> int:
    """Return the days since somebody verified the entry; where nobody did, those since its approval, never as fresh."""
    if entry.verified:
        return (today - entry.verified).days
    return max(FRESH_DAYS + 1, (today - entry.since).days) if entry.since else HIDDEN_DAYS


def rung(entry: Entry) -> int:
    """Return the rung of the ladder on which an entry stands: 0 is asked first."""
    if entry.reach == "province":
        return 8
    return _RUNGS.get(entry.kind, 3) + (4 if entry.reach == "neighbour" else 0)


_RUNGS = {
    "trusted_address": 0, "police": 1, "peoples_committee": 1, "womens_union": 1, "health_station": 2, "hospital": 2,
}  # fmt: skip
"""Of a commune; whatever else it has stands on the rung after these."""


def _may_be_shown(entry: Entry, need: Need) -> bool:
    """Tell whether the person's safety and wish allow it, whatever else fits."""
    if (need.hurts or need.kind == "change") and is_refuge(entry):
        return False
    if need.kind == "change" and entry.kind not in CHANGE_KINDS:
        return False
    if entry.reach == "commune":
        return not need.avoid_commune
    if entry.reach == "neighbour":
        near = need.where is not None and entry.where is not None and not need.avoid_commune
        return need.neighbours or near
    return True


def _order(entry: Entry, need: Need, takes: tuple[str, ...], now: datetime) -> tuple[Any, ...]:
    """Return what places are sorted by: asked for, rung, not closed, whom it suits, kind, surely open, near."""
    opened, far = is_open(entry.openings, now), _kilometres(entry, need)
    suits = (
        *(code in entry.takes for code in takes),
        not need.shelter or entry.shelter == "overnight",
        not need.language or need.language in entry.languages,
        not (entry.types and need.types) or not set(entry.types).isdisjoint(need.types),
    )
    from_centre = entry.distance_km if entry.distance_km is not None else _FAR
    return (
        entry.kind != need.kind, rung(entry), opened is False, is_hidden(entry), *(not s for s in suits),
        KINDS.index(entry.kind), opened is None, from_centre if far is None else far, entry.name,
    )  # fmt: skip


_FAR = 1e6
_SAID_KM = 200
"""Nobody goes farther tonight: more kilometres are no reason."""


def _nearer(beside: list[Entry], own: list[Entry], need: Need) -> list[Entry]:
    """Return the neighbours' entries that are nearer to the person than what the commune has of that kind, if it has."""
    nearest: dict[str, float] = {}
    for entry in own:
        far = _kilometres(entry, need)
        nearest[entry.kind] = min(nearest.get(entry.kind, _FAR), _FAR if far is None else far)
    at = {kind: 0.0 if far == _FAR else far for kind, far in nearest.items()}  # where nobody knows: the commune's own
    return [e for e in beside if (_kilometres(e, need) or 0.0) < at.get(e.kind, _FAR)]


def _suggestion(entry: Entry, need: Need, now: datetime, late: bool = False) -> Suggestion:
    """Return an entry with its reasons; of what nobody verified lately it is not said that it is open or closed."""
    opened = None if late else is_open(entry.openings, now)
    opens = next_opening(entry.openings, now) if opened is False else None
    return Suggestion(entry, _reasons(entry, need, opened is True, _kilometres(entry, need)), opens)


def _reasons(entry: Entry, need: Need, opened: bool, far: float | None) -> tuple[Reason, ...]:
    """Return why an entry is suggested: what the person needs of it first, whose it is if there is nothing else."""
    found = []
    overnight = entry.shelter == "overnight"
    if not (need.hurts or need.kind == "change"):  # whoever hurts is not told who is received where
        found += [Reason("overnight")] if overnight and need.shelter else []
        found += [Reason(code) for code in need.takes if code in entry.takes]
        found += [Reason("language", need.language)] if need.language in entry.languages else []
        found += [Reason("types")] if not set(need.types).isdisjoint(entry.types) else []
    if far is not None and far <= _SAID_KM:
        found.append(Reason("near", f"{far:.0f}") if far >= 1 else Reason("beside"))
    found += [Reason("open")] if opened else []
    found += [Reason("overnight")] if overnight and not need.shelter else []
    return tuple(found) or (Reason(entry.reach),)


def _kilometres(entry: Entry, need: Need) -> float | None:
    """Return how far a public place is from the person, where both are known."""
    return kilometres(*need.where, *entry.where) if need.where and entry.where else None


def _few(ranked: list[Entry], limits: tuple[int, int], need: Need) -> list[Entry]:
    """Return the first entries of each kind, and in all; three at least of the kind that is asked for."""
    each, total = limits
    seen: Counter[str] = Counter()
    kept = []
    for entry in ranked:
        seen[entry.kind] += 1
        if seen[entry.kind] <= (max(each, 3) if entry.kind == need.kind else each):
            kept.append(entry)
    return kept[:total]
