"""The referral ladder holds whatever the directory contains, whoever asks and whatever the hour."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import content
from bot.clock import VIETNAM
from nlu.labels import TYPES
from referral_directory.hours import is_open, read_hours
from referral_directory.places.nearby import kilometres
from referral_directory.routing import (
    CHANGE_KINDS,
    FRESH_DAYS,
    HIDDEN_DAYS,
    Entry,
    Need,
    Referral,
    Suggestion,
    age,
    is_refuge,
    route,
    rung,
)
from referral_directory.terms import FOR, KINDS, LANGUAGES, TAKES

HOURS = ("24/24", "giờ hành chính", "7h-17h", "7h-17h cả tuần", "22h-5h hàng ngày", "sáng thứ 7 8h-11h", "")
POINTS = st.tuples(st.floats(19, 21), st.floats(104, 106))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(VIETNAM))
DAYS = st.none() | st.dates(date(2025, 6, 1), date(2028, 1, 1))


def some(of: object) -> st.SearchStrategy[tuple[str, ...]]:
    """A few of these codes."""
    return st.lists(st.sampled_from(sorted(of)), max_size=3, unique=True).map(tuple)  # type: ignore[call-overload]


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.uuids().map(str),
        st.sampled_from(KINDS),
        phone=st.sampled_from(("", "0000 000 001")),
        verified=DAYS,
        reach=st.sampled_from(("commune", "commune", "neighbour", "province")),
        openings=st.sampled_from(HOURS).map(lambda words: tuple(read_hours(words))),
        takes=some(TAKES),
        types=some(FOR),
        languages=some(("km", "hmn", "vi")),
        shelter=st.sampled_from(("", "", "overnight", "receive")),
        where=st.none() | POINTS,
        distance_km=st.none() | st.floats(0, 9),
        since=DAYS,
    ),
    max_size=24,
    unique_by=lambda e: e.name,
)
NEEDS = st.builds(
    Need,
    some(TYPES),
    st.booleans(),
    st.sampled_from(("", "", "", "change", *KINDS)),
    st.booleans(),
    st.sampled_from(("", "Hồ Chí Minh", "Thanh Hóa")),
    who=some(TAKES),
    language=st.sampled_from(("", "", "km", "hmn")),
    shelter=st.booleans(),
    hurts=st.booleans(),
    neighbours=st.booleans(),
    where=st.none() | POINTS,
    all=st.booleans(),
)


@given(ENTRIES, NEEDS, MOMENTS)
def test_every_route_leads_out(entries: list[Entry], need: Need, now: datetime) -> None:
    """There are always two ways out of the commune, the right ones, and no forbidden number."""
    answer = route(entries, need, now)
    ids = [line.id for line in answer.lines]
    assert len(ids) >= 2
    assert ids[0] == "113"
    assert "112" not in ids
    assert all(line.is_open(now) for line in answer.lines)
    assert "1900545559" not in ids or need.province == "Hồ Chí Minh"
    assert not {line.number for line in answer.lines} & set(content.never_served())
    if need.kind != "change" and (need.child or {"child", "school", "trafficking"} & set(need.types)):
        assert "111" in ids[:2]


@given(ENTRIES, NEEDS, MOMENTS)
def test_nothing_is_shown_that_may_not_be(entries: list[Entry], need: Need, now: datetime) -> None:
    """Each entry comes from the directory, once; none that nobody called in 180 days; a stale one after the lines."""
    answer, today = route(entries, need, now), now.date()
    names = [s.entry.name for s in answer.suggestions]
    assert len(names) == len(set(names))
    assert {s.entry for s in answer.suggestions} <= set(entries)
    assert all(age(s.entry, today) <= FRESH_DAYS for s in (*answer.local, *answer.beyond))
    assert all(FRESH_DAYS < age(s.entry, today) <= HIDDEN_DAYS for s in answer.late)
    assert {s.entry.reach for s in answer.local} <= {"commune"}
    assert {s.entry.reach for s in answer.beyond} <= {"neighbour", "province"}
    for suggestion in answer.suggestions:
        verified = suggestion.entry.verified
        assert verified is None or today - verified <= timedelta(days=HIDDEN_DAYS)


@given(ENTRIES, NEEDS, MOMENTS)
def test_who_hurts_is_shown_no_refuge(entries: list[Entry], need: Need, now: datetime) -> None:
    """No place where somebody may be staying, no line that shelters, not a word on who is received where."""
    need = replace(need, hurts=True)
    answer = route(entries, need, now)
    assert not any(is_refuge(s.entry) for s in answer.suggestions)
    assert not any(s.entry.kind == "trusted_address" or s.entry.shelter for s in answer.suggestions)
    assert not {line.id for line in answer.lines} & {"1900969680", "1900545559"}
    told = {r.code for s in answer.suggestions for r in s.reasons}
    assert not told & {*TAKES, "overnight", "language", "types"}
    if need.kind == "change":
        assert {s.entry.kind for s in answer.suggestions} <= set(CHANGE_KINDS)


@given(ENTRIES, NEEDS, MOMENTS)
def test_people_of_the_commune_are_kept_away(entries: list[Entry], need: Need, now: datetime) -> None:
    """ "Không gặp người ở xã này": nothing of the commune anywhere, and neighbours by the person's wish alone."""
    answer = route(entries, replace(need, avoid_commune=True, neighbours=False), now)
    assert {s.entry.reach for s in answer.suggestions} <= {"province"}
    wished = route(entries, replace(need, avoid_commune=True, neighbours=True), now)
    assert {s.entry.reach for s in wished.suggestions} <= {"province", "neighbour"}


@given(ENTRIES, NEEDS, MOMENTS)
def test_the_ladder_is_climbed_in_order(entries: list[Entry], need: Need, now: datetime) -> None:
    """What was asked for, then rung by rung; on a rung nothing that is closed stands before what is not."""
    answer = route(entries, need, now)
    for part in (answer.local, answer.beyond, answer.late):
        asked = [s.entry.kind != need.kind for s in part if s.entry.reach != "neighbour"]
        if part is answer.local:
            assert asked == sorted(asked)
        for reach in ("commune", "neighbour", "province"):
            steps = [
                (s.entry.kind != need.kind, rung(s.entry), is_open(s.entry.openings, now) is False)
                for s in part
                if s.entry.reach == reach
            ]
            assert steps == sorted(steps)
    reaches = [s.entry.reach for s in answer.beyond]
    assert reaches == sorted(reaches)  # neighbours, then the province


def test_the_rungs() -> None:
    """Trusted addresses; police, committee and Women's Union; health station; then neighbours and the province."""
    of_commune = [rung(Entry("", kind)) for kind in KINDS]
    assert of_commune == [0, 1, 1, 1, 2, 2, 3, 3, 3]
    beside = [rung(Entry("", kind, reach="neighbour")) for kind in KINDS]
    assert max(of_commune) < min(beside)
    assert {rung(Entry("", kind, reach="province")) for kind in KINDS} == {max(beside) + 1}


@given(ENTRIES, NEEDS, MOMENTS)
def test_every_suggestion_has_a_reason_that_is_true(entries: list[Entry], need: Need, now: datetime) -> None:
    """Never none, none twice, none that is not so, and none of being open for what nobody checked lately."""
    answer = route(entries, need, now)
    for suggestion in answer.suggestions:
        codes = [r.code for r in suggestion.reasons]
        assert codes
        assert len(codes) == len(set(codes))
        assert all(is_so(reason.code, reason.value, suggestion, need, now) for reason in suggestion.reasons)
        if suggestion.opens is not None:
            assert suggestion.opens > now
            assert is_open(suggestion.entry.openings, now) is False
            assert is_open(suggestion.entry.openings, suggestion.opens) is True
            assert "open" not in codes
    assert not any(s.opens or "open" in {r.code for r in s.reasons} for s in answer.late)


def is_so(code: str, value: str, suggestion: Suggestion, need: Need, now: datetime) -> bool:
    """Tell whether a reason is true of the entry and asked for by the need."""
    entry = suggestion.entry
    far = kilometres(*need.where, *entry.where) if need.where and entry.where else 1e9
    return {
        "open": is_open(entry.openings, now) is True,
        "overnight": entry.shelter == "overnight",
        "language": value == need.language and value in entry.languages,
        "types": bool(set(need.types) & set(entry.types)),
        "near": value.isdigit() and abs(float(value) - far) <= 0.5,
        "beside": far < 1,
        **{who: who in entry.takes and who in need.takes for who in TAKES},
        **{reach: entry.reach == reach and not value for reach in ("commune", "neighbour", "province")},
    }[code]


@given(ENTRIES, MOMENTS, st.booleans())
def test_a_child_gets_places_that_take_children_first(entries: list[Entry], now: datetime, everything: bool) -> None:
    """Among the places of one rung that are as open, and that can be found, those that receive children go first."""
    answer = route(entries, Need(child=True, all=everything), now)
    for part in (answer.local, answer.beyond, answer.late):
        rungs: dict[tuple[int, bool, bool], list[bool]] = {}
        for s in part:
            alike = (rung(s.entry), is_open(s.entry.openings, now) is False, bool(s.entry.phone or s.entry.address))
            rungs.setdefault(alike if s.entry.kind == "trusted_address" else (*alike[:2], True), []).append(
                "children" not in s.entry.takes
            )
        assert all(takes_none == sorted(takes_none) for takes_none in rungs.values())


@given(ENTRIES, NEEDS, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_decides_nothing(
    entries: list[Entry], need: Need, now: datetime, luck: random.Random
) -> None:
    """Two databases that give the same rows in another order give the same answer."""
    shuffled = entries[:]
    luck.shuffle(shuffled)
    assert route(shuffled, need, now) == route(entries, need, now)


@given(ENTRIES, NEEDS, MOMENTS)
def test_who_asks_for_more_loses_nothing(entries: list[Entry], need: Need, now: datetime) -> None:
    """All that was shown at first is there again; and where something is left out, it is said that there is more."""
    first, more = route(entries, replace(need, all=False), now), route(entries, replace(need, all=True), now)
    assert set(names(first)) <= set(names(more))
    assert first.more >= 0
    if set(names(more)) > set(names(first)):
        assert first.more


# Readable examples: one thing each.

NOON = datetime(2026, 11, 20, 12, tzinfo=VIETNAM)  # a Friday, in the lunch break of offices
TODAY = NOON.date()
ALWAYS, OFFICE = tuple(read_hours("24/24")), tuple(read_hours("giờ hành chính"))


def names(answer: Referral) -> list[str]:
    """Return the names of an answer's entries, in order."""
    return [s.entry.name for s in answer.suggestions]


def trusted(name: str, **more: object) -> Entry:
    """Return a trusted address that was verified today."""
    values: dict[str, object] = {"phone": "0000 000 001", "verified": TODAY, **more}
    return Entry(name, "trusted_address", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("need", "better", "reason"), [
    (Need(), {"openings": ALWAYS}, "open"),
    (Need(child=True), {"takes": ("children",)}, "children"),
    (Need(types=("child",)), {"takes": ("children",)}, "children"),
    (Need(who=("men",)), {"takes": ("men",)}, "men"),
    (Need(who=("lgbt",)), {"takes": ("lgbt",)}, "lgbt"),
    (Need(who=("disabled",)), {"takes": ("disabled",)}, "disabled"),
    (Need(shelter=True), {"shelter": "overnight"}, "overnight"),
    (Need(language="km"), {"languages": ("km",)}, "language"),
    (Need(types=("sexual",)), {"types": ("sexual",)}, "types"),
    (Need(where=(20.0, 105.0)), {"where": (20.1, 105.0)}, "near"),
])  # fmt: skip
def test_what_suits_goes_first_and_says_why(need: Need, better: dict[str, object], reason: str) -> None:
    """Of two places alike but for one thing, the one that suits the person."""
    plain, fitting = trusted("a", openings=OFFICE, types=("online",)), {"openings": OFFICE, **better}
    if reason != "types":
        fitting["types"] = ("online",)
    answer = route([plain, trusted("b", **fitting)], need, NOON)
    assert names(answer) == ["b", "a"]
    assert answer.local[0].reasons[0].code == reason


def test_the_nearest_goes_first_where_the_person_shared_a_place() -> None:
    """By the public place; what is not public ranks by its distance from the centre, and tells none."""
    far, near = trusted("far", where=(20.3, 105.0)), trusted("near", where=(20.1, 105.0))
    kept_private, alone = trusted("private", distance_km=2.0), trusted("unknown")
    answer = route([far, alone, near, kept_private], Need(where=(20.0, 105.0), all=True), NOON)
    assert names(answer) == ["private", "near", "far", "unknown"]
    told = {s.entry.name: [(r.code, r.value) for r in s.reasons] for s in answer.local}
    assert told["near"] == [("near", "11")]
    assert told["private"] == [("commune", "")]


def test_a_neighbour_is_named_unasked_only_where_it_is_nearer() -> None:
    """Whoever shares their place may live at the border: the police beside it, no other one farther away."""
    own = Entry("own", "police", verified=TODAY, where=(20.2, 105.0))
    beside = [
        Entry(name, "police", verified=TODAY, where=(lat, 105.0), reach="neighbour")
        for name, lat in (("nearer", 20.1), ("farther", 20.3))
    ]
    answer = route([own, *beside], Need(where=(20.0, 105.0)), NOON)
    assert names(answer) == ["own", "nearer"]
    assert names(route([own, *beside], Need(), NOON)) == ["own"]


def test_a_closed_place_comes_after_unknown_hours_and_tells_when_it_opens() -> None:
    """Unknown hours are neither open nor closed."""
    answer = route([trusted("a", openings=OFFICE), trusted("b"), trusted("c", openings=ALWAYS)], Need(), NOON)
    assert names(answer) == ["c", "b", "a"]
    assert [s.opens for s in answer.local] == [None, None, NOON.replace(hour=13, minute=30)]
    assert [s.reasons[0].code for s in answer.local] == ["open", "commune", "commune"]


@pytest.mark.parametrize(("days", "part"), [(0, "local"), (90, "local"), (91, "late"), (180, "late"), (181, "")])
def test_an_entry_grows_old(days: int, part: str) -> None:
    """Until 90 days among the others, until 180 after the lines, then nowhere."""
    answer = route([trusted("a", verified=TODAY - timedelta(days=days))], Need(), NOON)
    assert [p for p in ("local", "beyond", "late") if getattr(answer, p)] == ([part] if part else [])


@pytest.mark.parametrize(("since", "shown"), [(0, True), (180, True), (181, False)])
def test_what_nobody_ever_called_is_shown_late_and_not_for_ever(since: int, shown: bool) -> None:
    """A new entry can be seen as soon as it is approved; after half a year without a call no more."""
    entry = trusted("a", verified=None, since=TODAY - timedelta(days=since), openings=ALWAYS)
    answer = route([entry], Need(), NOON)
    assert not answer.local
    assert bool(answer.late) is shown
    assert [r.code for s in answer.late for r in s.reasons] == ["commune"] * shown


def test_the_answer_is_short_and_offers_more() -> None:
    """Of twenty trusted addresses three, and every office; the others when they are asked for."""
    many = [trusted(f"a{n:02}") for n in range(20)]
    offices = [Entry(kind, kind, verified=TODAY) for kind in KINDS[1:5]]
    of_province = [Entry(f"{kind} {n}", kind, verified=TODAY, reach="province") for kind in KINDS[5:] for n in (1, 2)]
    answer = route([*of_province, *many, *offices], Need(), NOON)
    assert names(answer)[:3] == ["a00", "a01", "a02"]
    assert [s.entry.kind for s in answer.local[3:]] == list(KINDS[1:5])
    assert [s.entry.kind for s in answer.beyond] == ["hospital", "legal_aid"]
    assert answer.more == 17 + 6
    assert len(route([*many, *offices], Need(all=True), NOON).local) == 24
    wanted = route([*of_province, *many, *offices], Need(kind="legal_aid", avoid_commune=True), NOON)
    assert names(wanted) == ["legal_aid 1", "legal_aid 2", "hospital 1", "counselling 1"]


def office(name: str, kind: str = "police", **more: object) -> Entry:
    """Return an office that was verified today."""
    return Entry(name, kind, **{"phone": "0000 000 002", "verified": TODAY, **more})  # type: ignore[arg-type]


SHELTERING = [
    trusted("home"), trusted("home of a neighbour", reach="neighbour"), office("receives", shelter="receive"),
    office("beds", "peoples_committee", shelter="overnight"), office("beds there", "hospital", shelter="overnight", reach="province"),
]  # fmt: skip
PLAIN = [
    office("police"), office("committee", "peoples_committee"), office("station", "health_station"),
    office("women", "womens_union"), office("lawyers", "legal_aid", reach="province"),
]  # fmt: skip


@pytest.mark.parametrize(("need", "shown"), [
    (Need(hurts=True, all=True, neighbours=True), ["police", "committee", "women", "station", "lawyers"]),
    (Need(hurts=True, kind="trusted_address"), ["police", "committee", "women", "station", "lawyers"]),
    (Need(kind="change", all=True), ["committee", "station"]),
    (Need(hurts=True, kind="change"), ["committee", "station"]),
])  # fmt: skip
def test_who_hurts_or_wants_to_change_finds_no_shelter(need: Need, shown: list[str]) -> None:
    """No place where anybody is received, whatever its kind, nor the women's line; police and offices stay."""
    answer = route([*SHELTERING, *PLAIN], need, NOON)
    assert names(answer) == shown
    assert "1900969680" not in [line.id for line in answer.lines]
    assert "1900969680" in [line.id for line in route([], Need(), NOON).lines]


def test_neighbours_come_unasked_only_where_they_are_nearer_or_the_commune_has_none() -> None:
    """Neither without a shared place, nor to somebody who hides from the commune, nor for a longer way."""
    own = office("own", where=(20.2, 105.0))
    farther, nearer = (
        office(n, where=(lat, 105.0), reach="neighbour") for n, lat in (("farther", 20.3), ("near", 20.1))
    )
    station = office("station", "health_station", where=(20.3, 105.0), reach="neighbour")
    here = Need(where=(20.0, 105.0))
    assert names(route([own, farther], here, NOON)) == ["own"]
    assert names(route([own, farther, nearer, station], here, NOON)) == ["own", "near", "station"]
    assert names(route([farther, station], Need(), NOON)) == []
    assert names(route([farther, station], replace(here, avoid_commune=True), NOON)) == []
    assert names(route([office("no place", reach="neighbour")], here, NOON)) == []
    old = replace(nearer, verified=TODAY - timedelta(days=100))
    assert names(route([own, old], here, NOON)) == ["own"]
    assert names(route([own, old], replace(here, neighbours=True), NOON)) == ["own", "near"]


@pytest.mark.parametrize(("need", "of_a_kind", "in_all"), [
    (Need(where=(20.0, 105.0)), 1, 2),
    (Need(neighbours=True), 2, 5),
    (Need(neighbours=True, avoid_commune=True), 2, 5),
    (Need(neighbours=True, all=True), 5, 15),
])  # fmt: skip
def test_neighbours_are_few(need: Need, of_a_kind: int, in_all: int) -> None:
    """One of a kind and two in all unasked, two and five where they are asked for, five and fifteen for more."""
    own = [office(kind, kind, where=(20.3, 105.0)) for kind in KINDS[:5]]
    beside = [
        office(f"{kind} {n}", kind, where=(20.1, 105.0), reach="neighbour") for kind in KINDS[:5] for n in range(9)
    ]
    answer = route([*own, *beside], need, NOON)
    kinds = [s.entry.kind for s in answer.beyond]
    assert max(kinds.count(kind) for kind in kinds) == of_a_kind
    assert len(kinds) == in_all
    assert answer.more == len(own) + len(beside) - len(answer.suggestions) - (len(own) if need.avoid_commune else 0)


def test_neighbours_are_read_before_the_province() -> None:
    """Also where the province's place suits better."""
    of_province = office("province", "hospital", openings=ALWAYS, reach="province")
    beside = office("beside", "health_station", reach="neighbour")
    assert names(route([of_province, beside], Need(neighbours=True), NOON)) == ["beside", "province"]


def test_a_home_that_nobody_can_find_alone_comes_after_the_others() -> None:
    """A trusted address of which neither number nor place is public is told last, but told."""
    hidden, known = trusted("a", phone="", takes=("children",)), trusted("b")
    assert names(route([hidden, known], Need(child=True), NOON)) == ["b", "a"]


def test_a_closed_place_comes_after_an_open_one_of_its_rung_alone() -> None:
    """Whom it suits and how near it is decide later; but the ladder goes before the clock."""
    closed = trusted("closed", openings=OFFICE, takes=("children",), distance_km=0.1)
    always = trusted("open", openings=ALWAYS, distance_km=9.0)
    police = office("police", openings=ALWAYS)
    assert names(route([police, closed, always], Need(child=True), NOON)) == ["open", "closed", "police"]


def test_what_is_not_verified_lately_repeats_no_kind_that_is_known() -> None:
    """Of the province a late hospital is told only where no fresh one is; of the commune each."""
    late = TODAY - timedelta(days=100)
    fresh = office("fresh", "hospital", reach="province")
    old = [office("old", "hospital", reach="province", verified=late), office("own", verified=late)]
    assert names(route([fresh, *old], Need(), NOON)) == ["fresh", "own"]
    assert names(route(old, Need(), NOON)) == ["own", "old"]
    assert names(route([fresh, *old], Need(all=True), NOON)) == ["fresh", "own", "old"]


def test_codes_of_needs_are_codes_of_the_directory() -> None:
    """What a person can ask for, an entry can have."""
    assert set(TYPES) == set(FOR)
    assert {"km", "hmn", "en"} <= set(LANGUAGES)
