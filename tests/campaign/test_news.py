"""An event of a commune comes with the daily message of who asked for it: one fixed line, once, and to nobody who must be spared."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update

import content
from bot import app as whole
from bot.campaign.fanout import fan_out
from bot.campaign.news import News
from bot.campaign.words import renderer
from bot.clock import VIETNAM
from bot.delivery.door import Door
from bot.errors import StoreUnavailable
from bot.settings import Settings
from bot.store.engine import reading, transaction
from bot.store.pace import Pace
from bot.store.schema import delivery
from content.seasons import Item
from referral_directory.events import event
from tests.conftest import Bench, benched
from tests.delivery.conftest import run_until
from tests.staff.test_events import CAM_TAN, SOC_TRANG, TITLE, approved

LINE = content.replies()["push.event"]
EVE, DAY, AFTER = "2026-11-24T07:00", "2026-11-25T07:00", "2026-11-26T07:00"


def morning(bench: Bench, moment: str, between: object = None) -> str:
    """Plan the messages of a morning and let a worker send them, `between` done before they leave; return what arrived."""
    now = datetime.fromisoformat(moment).replace(tzinfo=VIETNAM)
    news, before = News(bench.app.directory, lambda: now), len(bench.wire.sent)
    news.read()
    with transaction(bench.app.people) as db:
        fan_out(db, "terminal", now, news.coming)
        db.execute(update(delivery).values(due=0.0))  # as if the second between two messages had passed
    if callable(between):
        between()
        news.read()
    door = Door(
        bench.app.people, bench.app.keys, {"terminal": bench.wire}, {"terminal": Pace(1000)},
        renderer(lambda: now, lambda: news.coming), lambda: now,
    )  # fmt: skip

    def is_over() -> bool:
        with transaction(bench.app.people) as db:
            return not db.execute(delivery.select().where(delivery.c.state.in_(("ready", "sending")))).first()

    asyncio.run(run_until(door, is_over))
    return "\n".join(outgoing.text for _, outgoing in bench.wire.sent[before:])


def sign_up(bench: Bench) -> None:
    """Subscribe for 07:00 to the messages of Cẩm Tân as well, some days ago."""
    bench.at("2026-11-21T14:00")
    for said in ("đăng ký", "1", "nhận tin của xã Cẩm Tân, Cẩm Thủy"):
        bench.say(said)


def test_who_asked_for_their_commune_is_told_the_day_before(bench: Bench) -> None:
    """One line beside the slogan, without the officer's words and the commune's name; what to send is answered."""
    approved(bench)
    sign_up(bench)
    assert LINE not in morning(bench, "2026-11-23T07:00")
    told = morning(bench, EVE)
    assert told.count(LINE) == 1
    assert not any(words in told for words in (TITLE, "Cẩm Tân", "Phú Lai"))
    assert told.startswith("Gửi bạn một dòng")
    bench.at("2026-11-24T07:05")
    assert TITLE in bench.say("ở xã tôi có gì")


def test_nobody_is_told_of_the_same_day_twice(bench: Bench) -> None:
    """Told the evening before, no line on the day itself; another event the day after is told again."""
    approved(bench)
    sign_up(bench)
    assert LINE in morning(bench, EVE)
    assert LINE not in morning(bench, DAY)
    approved(bench, starts_at=datetime(2026, 11, 27, 8, tzinfo=VIETNAM).timestamp(), title="Tọa đàm")
    assert LINE in morning(bench, AFTER)


def test_what_was_approved_late_is_told_on_its_day(bench: Bench) -> None:
    """Approved after yesterday's message, it comes today; what has begun by then does not."""
    sign_up(bench)
    assert LINE not in morning(bench, EVE)
    approved(bench)
    assert LINE in morning(bench, DAY)
    assert LINE not in morning(bench, "2026-11-25T08:30")


def test_who_named_no_commune_or_another_is_told_nothing(bench: Bench) -> None:
    """A subscription alone names no commune; an event elsewhere is no news."""
    approved(bench, SOC_TRANG)
    sign_up(bench)
    bench.say("đăng ký", chat="b")
    bench.say("1", chat="b")
    assert LINE not in morning(bench, EVE)


def test_who_chose_discretion_is_told_nothing(bench: Bench) -> None:
    """A discreet message stays as it is, also where discretion was chosen after the message had been planned."""
    approved(bench)
    sign_up(bench)
    bench.say("kín đáo")
    told = morning(bench, EVE)
    assert told
    assert LINE not in told
    bench.say("bỏ kín đáo")
    assert LINE not in morning(bench, DAY, lambda: bench.say("kín đáo"))


def test_who_told_of_violence_hears_of_no_event(bench: Bench) -> None:
    """Silence after telling is whole; who lifts it gets calm messages, and still no line."""
    approved(bench)
    sign_up(bench)
    bench.say("chồng đánh em")
    assert morning(bench, EVE) == ""
    bench.say("nhận lại")
    assert LINE not in morning(bench, DAY)


def test_what_was_taken_back_is_not_announced(bench: Bench) -> None:
    """An officer who takes an event back before the message leaves keeps the line from leaving; the message still comes."""
    approved(bench)
    sign_up(bench)

    def take_back() -> None:
        with transaction(bench.app.directory) as db:
            db.execute(update(event).values(state="dropped"))

    told = morning(bench, EVE, take_back)
    assert told
    assert LINE not in told


def test_who_was_promised_the_line_gets_it_while_the_directory_is_away(bench: Bench) -> None:
    """Planned with the line, the directory out of reach before it leaves: what it told last is still told."""
    approved(bench)
    sign_up(bench)

    def take_away() -> None:
        file = Path(bench.app.directory.url.database or "")
        bench.app.directory.dispose()
        file.rename(file.with_suffix(".away"))
        file.mkdir()
        with pytest.raises(StoreUnavailable), reading(bench.app.directory):
            """It is out of reach."""

    assert LINE in morning(bench, EVE, take_away)


@pytest.mark.parametrize("way", ["up", "worker"])
def test_the_events_are_known_before_the_door_sends(settings: Settings, way: str) -> None:
    """A process that has just begun finds planned messages: it knows the events when its door begins to work."""
    late = settings.model_copy(update={"now": f"{EVE}+07:00", "nlu_url": "http://127.0.0.1:9"})
    (bench,) = benched(late)
    approved(bench)

    async def known() -> list[int]:
        running = whole.running(bench.app, lambda _: None) if way == "up" else whole.sending(bench.app)
        async with running:
            return list(bench.app.news.coming)

    assert asyncio.run(known()) == [CAM_TAN]


def test_the_line_is_calm() -> None:
    """On a phone that others read it tells of no violence and names no place."""
    assert Item("", "", LINE).calm
    assert not any(word in LINE.lower() for word in ("giới", "phụ nữ", "luật", "giúp", "tin cậy"))
