"""The calendar's promises, for any people at any moment: once a day, at their hour, by day only, nothing twice."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

import content
from bot.campaign import fanout
from bot.campaign.calendar import due
from bot.campaign.words import renderer, words
from bot.clock import VIETNAM, is_quiet
from bot.store import campaigns
from bot.store.audience import Subscriber
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.outbox import Ticket
from bot.store.schema import consent, delivery, subscription
from content import seasons
from tests.delivery.conftest import counts, keys, store, subscribe  # noqa: F401 - fixtures

moments = st.datetimes(datetime(2026, 11, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=VIETNAM))
people = st.builds(
    Subscriber,
    contact=st.integers(1, 10**6),
    minute=st.integers(390, 1259),
    topics=st.lists(st.sampled_from(list(seasons.TOPICS)), unique=True).map(tuple),
    youth=st.booleans(),
    discreet=st.booleans(),
    shown=st.lists(st.sampled_from(["S03", "S06", "ge-def", "marry-age"]), unique=True).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(people, max_size=8, unique_by=lambda p: p.contact), moments)
def test_due_keeps_its_promises(subscribers: list[Subscriber], now: datetime) -> None:
    """At most one message each, never before their hour, never valid at night, only what fits and is in force."""
    season = seasons.season_on(now.date())
    assert season
    planned = due(season, subscribers, now)
    assert len({p.contact for p in planned}) == len(planned)
    by_id = {s.contact: s for s in subscribers}
    for p in planned:
        person = by_id[p.contact]
        assert now.hour * 60 + now.minute >= person.minute
        assert p.late == (p.expires <= now.timestamp())
        last = datetime.fromtimestamp(p.expires, VIETNAM) - timedelta(seconds=31)
        assert not is_quiet(last) or last.hour * 60 + last.minute < person.minute + 1
        item_id = p.item.partition("@")[0]
        item = seasons.find(item_id, now.date(), next((t for t, i in season.items if i == item_id), "phong-chong"))
        assert item
        assert item.key == p.item
        assert item.calm or not person.discreet


@settings(max_examples=30, deadline=None)
@given(people, st.dates(date(2026, 11, 16), date(2026, 12, 10)))
def test_nothing_comes_twice_before_all_have_come(person: Subscriber, first: date) -> None:
    """Day after day, an item comes again only when the person has had everything that fits them."""
    shown: tuple[str, ...] = ()
    got: list[str] = []
    for number in range(60):
        day = first + timedelta(days=number)
        now = datetime(day.year, day.month, day.day, 20, 59, tzinfo=VIETNAM)
        season = seasons.season_on(day)
        assert season
        today = Subscriber(
            person.contact, person.minute, person.topics, person.youth, discreet=person.discreet, shown=shown
        )
        planned = due(season, [today], now)
        if not planned or season.special(day):
            continue
        item = planned[0].item.partition("@")[0]
        fitting = {i.id for i in season.on(day) if i.calm or not person.discreet}
        if person.topics:
            fitting &= {i.id for i in season.on(day) if i.topic in person.topics}
        assert item not in shown or fitting <= set(shown)
        shown = tuple(planned[0].shown.split())
        got.append(item)


def test_every_day_of_the_year_has_a_season_with_something_for_everybody() -> None:
    """No day is forgotten, and who wants no word of violence still gets something while the facts are fresh."""
    for number in range(40):
        day = date(2026, 11, 15) + timedelta(days=number)
        season = seasons.season_on(day)
        assert season
        assert len(season.on(day)) >= 20
        assert sum(item.calm for item in season.on(day)) >= 8
    assert all(seasons.season_on(date(2027, 1, 1) + timedelta(days=n)) for n in range(365))


def test_what_may_not_be_served_is_in_no_campaign() -> None:
    """After the day of review no fact is planned; a calm message holds no word of violence from its first to its last."""
    season = seasons.season_on(date(2027, 1, 2))
    assert season
    assert not {i.id for i in season.on(date(2027, 1, 2))} & set(content.facts())
    for item in seasons.seasons()[0].on(date(2026, 11, 21)):
        if item.calm:
            assert "bạo" not in words(item)
        assert words(item).startswith("Gửi bạn một dòng")


def test_a_message_is_understood_alone() -> None:
    """Nobody asked before it came: no item begins with an answer to a question, or with "do report"."""
    for season in seasons.seasons():
        for item in season.on(date(2026, 11, 21)):
            assert not re.match(r"Báo |Có thể |Trong \d+ giờ|Nếu |Quyết định ", item.text), item.id


def test_a_changed_version_does_not_leave() -> None:
    """Words that were changed after planning, and words of violence for who must not get them, are not sent."""
    render = renderer(lambda: datetime(2026, 11, 21, 7, tzinfo=VIETNAM))

    def ticket(item: str, discreet: bool = False) -> Ticket:
        return Ticket(1, 1, "thang-hanh-dong", "hold", 1, "7", item, discreet, 0)

    good = seasons.find("S06", date(2026, 11, 21), "phong-chong")
    assert good
    assert render("telegram", ticket(good.key))
    assert render("telegram", ticket("S06@00000000")) is None
    assert render("telegram", ticket("khong-co@1")) is None
    assert render("telegram", ticket(good.key, discreet=True)) is None
    once = seasons.onces()["ket-thuc-thang"].item
    assert render("telegram", ticket(once.key, discreet=True))


def at(hour: int, minute: int = 0, day: int = 21) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


def plan(store: Engine, now: datetime) -> None:  # noqa: F811 - the fixture's name
    """Fan out until nothing waits."""
    more = True
    while more:
        with transaction(store) as db:
            more = fanout.fan_out(db, "telegram", now)


def test_each_minute_is_planned_once_and_a_changed_hour_gives_no_second_message(
    store: Engine,  # noqa: F811
    keys: Keys,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages, repeats and a person who moves to a later hour: one row each a day; the next day another item."""
    monkeypatch.setattr(fanout, "PEOPLE", 7)
    subscribe(store, keys, 25, minute=420)
    plan(store, at(6, 0))
    with transaction(store) as db:
        assert campaigns.progress(db) == []
    plan(store, at(7, 0))
    plan(store, at(7, 0))
    with transaction(store) as db:
        who = db.execute(select(subscription.c.contact_id)).scalars().first()
        db.execute(subscription.update().where(subscription.c.contact_id == who).values(minute=480))
    plan(store, at(8, 5))
    assert counts(store, 1) == {"total": 25}
    plan(store, at(8, 30, day=22))
    with transaction(store) as db:
        items = db.execute(select(delivery.c.item).where(delivery.c.contact_id == who)).scalars().all()
    assert len(items) == 2
    assert len(set(items)) == 2


def test_a_pause_holds_the_next_days_too(store: Engine, keys: Keys) -> None:  # noqa: F811
    """Staff who pause in the evening find nothing sent in the morning; "resume" lets that day go on."""
    subscribe(store, keys, 4, minute=420)
    plan(store, at(7, 0))
    with transaction(store) as db:
        assert campaigns.change(db, "thang-hanh-dong", None, "paused") == 1
    for day in (22, 23):
        plan(store, at(7, 5, day=day))
    with transaction(store) as db:
        assert [(p.state, p.counts["total"]) for p in campaigns.progress(db)] == [
            ("paused", 0),
            ("paused", 0),
            ("paused", 4),
        ]
        assert campaigns.change(db, "thang-hanh-dong", None, "fanning_out") == 3
    plan(store, at(7, 10, day=23))
    with transaction(store) as db:
        assert campaigns.progress(db)[0].counts["total"] == 4


@pytest.mark.parametrize(
    ("begun", "until"),
    [
        (at(9), at(15)),
        (at(15), at(21)),
        (at(20), at(11, 30, day=22)),
        (at(22), at(12, 30, day=22)),
        (at(2), at(12, 30)),
    ],
)
def test_the_hours_of_a_message_are_hours_of_the_day(
    begun: datetime,
    until: datetime,
    store: Engine,  # noqa: F811
    keys: Keys,  # noqa: F811
) -> None:
    """A message to all that staff begin in the evening does not run out in the night, when nothing may leave."""
    subscribe(store, keys, 1, minute=420)
    with transaction(store) as db:
        fanout.start(db, "ket-thuc-thang", "telegram", begun)
        fanout._once(db, "telegram", begun)
        assert db.execute(select(delivery.c.expires)).scalars().all() == [until.timestamp()]


def test_a_message_to_all_runs_out_by_the_word_of_staff(store: Engine, keys: Keys) -> None:  # noqa: F811
    """Begun at 8:00 for six hours and heard by a worker at 20:00 only: it is told as expired, and not sent."""
    subscribe(store, keys, 3, minute=420)
    with transaction(store) as db:
        fanout.start(db, "ket-thuc-thang", "telegram", at(8))
    plan(store, at(20))
    with transaction(store) as db:
        campaigns.sweep(db, at(20))
    assert counts(store, 1) == {"total": 3, "expired": 3}


def test_a_message_begun_at_night_is_not_given_up_before_a_worker_plans_it(store: Engine, keys: Keys) -> None:  # noqa: F811
    """Begun at 22:00 while nothing runs; in the morning a worker tidies up first, and everybody still gets it."""
    subscribe(store, keys, 3, minute=1200)
    with transaction(store) as db:
        fanout.start(db, "ket-thuc-thang", "telegram", at(22))
        campaigns.sweep(db, at(6, 31, day=22))
    plan(store, at(6, 31, day=22))
    with transaction(store) as db:
        told = next(p for p in campaigns.progress(db) if p.name == "ket-thuc-thang")
        assert (told.state, told.counts["total"], told.left) == ("running", 3, 3)


def test_who_subscribes_in_the_evening_missed_nothing_in_the_morning(store: Engine, keys: Keys) -> None:  # noqa: F811
    """The first to subscribe, at 20:30 for 07:00, are neither written to at once nor counted as too late."""
    subscribe(store, keys, 2, minute=420)
    with transaction(store) as db:
        db.execute(consent.update().values(at=at(20, 30).timestamp()))
    plan(store, at(20, 31))
    with transaction(store) as db:
        assert campaigns.progress(db)[0].counts["total"] == 0
    plan(store, at(7, 1, day=22))
    with transaction(store) as db:
        assert campaigns.progress(db)[0].counts["total"] == 2


def test_what_was_missed_too_long_is_reported_as_expired(store: Engine, keys: Keys) -> None:  # noqa: F811
    """After a night's standstill until 10:00 those of 07:00 are told as expired, those of 09:00 are sent."""
    subscribe(store, keys, 4, minute=420)
    plan(store, at(10, 0))
    assert counts(store, 1) == {"total": 4, "expired": 4}
    with transaction(store) as db:
        assert db.execute(select(subscription.c.shown)).scalars().all() == [""] * 4
