"""The command line of campaigns: what staff see and do, in a process's own words."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot import app as whole
from bot import desk
from bot import settings as configuration
from bot.campaign.retract import HOURS, retract
from bot.clock import clock
from bot.errors import ChannelBusy, SettingsError
from bot.store import campaigns, pace
from bot.store.engine import transaction
from bot.store.pace import Pace
from bot.store.schema import campaign, delivery, subscription
from tests.conftest import KEYS
from tests.delivery.conftest import CountingWire, run_until, subscribe, worker


@pytest.fixture
def app(settings: configuration.Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[whole.App]:
    """A machine with a Telegram token and twenty subscribers, at noon of the action month."""
    for name, value in (
        ("DATA_DIR", str(settings.data_dir)), ("SECRET_KEYS", KEYS), ("TELEGRAM_TOKEN", "4300:chi-de-thu"),
        ("TELEGRAM_API", "http://127.0.0.1:1"), ("NOW", "2026-11-21T12:00+07:00"),
    ):  # fmt: skip
        monkeypatch.setenv(f"TINCAY_{name}", value)
    made = whole.build(configuration.load())
    whole.set_up_stores(made)
    subscribe(made.people, made.keys, 20)
    yield made
    made.people.dispose()
    made.directory.dispose()


def tincay(*words: str) -> Any:
    """Run one command; return what it printed, as JSON where it is."""
    result = CliRunner().invoke(desk.cli, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.output) if "--json" in words else result.output


def test_start_watch_pause_cancel(app: whole.App) -> None:
    """A message to all is begun once, however often it is asked for; progress is told; cancelled stays cancelled."""
    assert "ket-thuc-thang" in tincay("list")
    assert {row["kind"] for row in tincay("list", "--json")} == {"daily", "once"}
    tincay("start", "ket-thuc-thang")
    tincay("start", "ket-thuc-thang")
    whole._plan(app, "telegram")
    rows = {row["name"]: row for row in tincay("status", "--json")}
    assert rows["ket-thuc-thang"]["total"] == rows["ket-thuc-thang"]["left"] == 20
    assert rows["thang-hanh-dong"]["expired"] == 20  # begun at noon: those of 07:00 are too late, and told
    assert "còn lại 20" in tincay("status", "ket-thuc-thang")
    tincay("pause", "ket-thuc-thang")
    assert "tạm dừng" in tincay("status", "ket-thuc-thang")
    tincay("resume", "ket-thuc-thang", "--day", "2026-11-21")
    tincay("cancel", "ket-thuc-thang")
    with pytest.raises(SettingsError):
        tincay("resume", "ket-thuc-thang")
    with pytest.raises(SettingsError, match="đã hủy"):
        tincay("start", "ket-thuc-thang")
    with pytest.raises(SettingsError):
        tincay("start", "khong-co")
    with pytest.raises(SettingsError):
        tincay("cancel", "ket-thuc-thang", "--day", "25/11")
    assert "tới được 20" in tincay("plan", "--days", "5")
    assert tincay("plan", "--json")[0]["bot"] == "telegram"


def test_the_plan_counts_for_today_who_still_waits(app: whole.App) -> None:
    """Whose message of today is planned, sent or expired is not counted for today once more; tomorrow counts everybody."""
    with transaction(app.people) as db:
        five = select(subscription.c.contact_id).order_by(subscription.c.contact_id).limit(5)
        db.execute(update(subscription).where(subscription.c.contact_id.in_(five)).values(minute=1_200))
    assert tincay("plan", "--json", "--days", "2")[0]["days"][0]["messages"] == 20
    whole._plan(app, "telegram")  # noon: the fifteen of 07:00 have their row
    today, tomorrow = tincay("plan", "--json", "--days", "2")[0]["days"]
    assert (today["messages"], today["last_at"]) == (5, "20:00")
    assert tomorrow["messages"] == 20


def days_of(app: whole.App, name: str) -> dict[str, tuple[str, int]]:
    """Return state and rows of each day of a campaign."""
    with transaction(app.people) as db:
        return {f"{p.day:%d/%m}": (p.state, p.counts["total"]) for p in campaigns.progress(db, name=name)}


def at(app: whole.App, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Set the clock of the commands and plan that minute."""
    monkeypatch.setenv("TINCAY_NOW", moment)
    app.now = clock(moment)
    whole._plan(app, "telegram")


def test_a_season_is_paused_before_its_next_day_begins(app: whole.App, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the evening before the first day, and in the night after a day that is done: nothing leaves until "resume"."""
    season = "thang-hanh-dong"
    at(app, monkeypatch, "2026-11-14T22:00+07:00")
    assert "tạm dừng" in tincay("pause", season)
    assert "tạm dừng" in tincay("pause", season)  # a second time is no error
    at(app, monkeypatch, "2026-11-15T07:00+07:00")
    assert days_of(app, season)["15/11"] == ("paused", 0)
    tincay("resume", season)
    at(app, monkeypatch, "2026-11-15T07:01+07:00")
    assert days_of(app, season)["15/11"] == ("fanning_out", 20)
    with transaction(app.people) as db:
        db.execute(update(campaign).values(state="done"))
    at(app, monkeypatch, "2026-11-16T02:00+07:00")
    tincay("pause", season)
    at(app, monkeypatch, "2026-11-16T07:00+07:00")
    assert days_of(app, season)["16/11"] == ("paused", 0)


def test_a_day_to_come_is_cancelled_and_lifts_no_pause(app: whole.App, monkeypatch: pytest.MonkeyPatch) -> None:
    """One day can be left out beforehand; the season goes on the day after, or stays paused where it was paused."""
    season = "thang-hanh-dong"
    tincay("cancel", season, "--day", "2026-11-23")
    at(app, monkeypatch, "2026-11-23T07:00+07:00")
    at(app, monkeypatch, "2026-11-24T07:00+07:00")
    assert [days_of(app, season)[day] for day in ("23/11", "24/11")] == [("cancelled", 0), ("fanning_out", 20)]
    tincay("pause", season)
    tincay("cancel", season, "--day", "2026-11-25")
    at(app, monkeypatch, "2026-11-26T07:00+07:00")
    assert days_of(app, season)["26/11"] == ("paused", 0)
    for day in ("2026-11-20", "2026-12-24"):  # over, and of another season
        with pytest.raises(SettingsError, match="Không có ngày nào"):
            tincay("cancel", season, "--day", day)


def test_names_and_days_that_are_not_there_are_told(app: whole.App) -> None:
    """A slip of the pen gets the names that there are, and never "0 messages"."""
    for words in (
        ["pause", "thang"],
        ["cancel", "thang"],
        ["status", "thang"],
        ["retract", "thang", "--day", "2026-11-21"],
    ):
        with pytest.raises(SettingsError, match="ket-thuc-thang"):
            tincay(*words)
    with pytest.raises(SettingsError, match="không gửi gì ngày 01/02/2026"):
        tincay("retract", "ket-thuc-thang", "--day", "2026-02-01")
    with pytest.raises(SettingsError, match="để gửi tiếp"):
        tincay("resume", "ket-thuc-thang")
    told = CliRunner().invoke(desk.cli, ["status", "--days", "99999999"])
    assert (told.exit_code, "3660" in told.output) == (2, True)


def test_progress_tells_why_nothing_leaves(app: whole.App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused token, a 429 and the night are told, instead of "0 minutes left"."""
    tincay("start", "ket-thuc-thang")
    whole._plan(app, "telegram")
    assert "chưa có tiến trình nào gửi" in tincay("status", "ket-thuc-thang")
    with transaction(app.people) as db:
        pace.set_pace(db, "telegram", Pace(28))
    assert "còn chưa đến một phút" in tincay("status", "ket-thuc-thang")
    with transaction(app.people) as db:
        pace.hold(db, "telegram", 300.0, time.time())
    assert "nền tảng bắt nghỉ, thử lại sau 5 phút" in tincay("status", "ket-thuc-thang")
    monkeypatch.setenv("TINCAY_NOW", "2026-11-21T21:30+07:00")
    row = tincay("status", "ket-thuc-thang", "--json")[0]
    assert row["waits"] == "giờ đêm, đi tiếp từ 6:30"


def test_a_wrong_message_is_taken_back(app: whole.App) -> None:
    """What has arrived is deleted from the screens, what has not is cancelled; a busy moment is waited for."""
    tincay("start", "ket-thuc-thang")
    whole._plan(app, "telegram")
    cleared: list[tuple[str, tuple[str, ...]]] = []
    busy: list[Exception] = [ChannelBusy("429", 0.01)]

    class Wire(CountingWire):
        can_delete = True

        async def clear(self, chat: str, message_ids: Any) -> None:
            if busy:
                raise busy.pop()
            cleared.append((chat, tuple(message_ids)))

    wire = Wire()
    door = worker(app.people, app.keys, wire, rate=50, now=app.now)
    asyncio.run(run_until(door, lambda: len(wire.accepted) >= 8))
    sent = len(wire.accepted)
    found = asyncio.run(retract(door, app.keys, "ket-thuc-thang", app.now().date()))
    assert found == {"deleted": sent, "kept": 0}
    assert {chat for chat, _ in cleared} == set(wire.times)
    with transaction(app.people) as db:
        campaigns.sweep(db, clock()() + timedelta(0))
        (progress,) = campaigns.progress(db, name="ket-thuc-thang")
    assert progress.counts["cancelled"] == 20 - sent
    assert progress.left == 0
    again = asyncio.run(retract(door, app.keys, "ket-thuc-thang", app.now().date()))
    assert again == {"deleted": 0, "kept": 0}


def test_what_is_older_than_two_days_is_not_asked_for(app: whole.App) -> None:
    """After 48 hours no platform deletes a message: it is counted as kept, and nobody is troubled for it."""
    tincay("start", "ket-thuc-thang")
    whole._plan(app, "telegram")
    day = app.now().date()
    cleared: list[str] = []

    class Wire(CountingWire):
        can_delete = True

        async def clear(self, chat: str, message_ids: Any) -> None:
            cleared.append(chat)

    door = worker(app.people, app.keys, Wire(), rate=50, now=app.now)
    with transaction(app.people) as db:
        rows = list(db.execute(select(delivery.c.id).where(delivery.c.state == "ready")).scalars())
        arrived = {"state": "sent", "message_id": app.keys.seal("7", "message")}
        db.execute(update(delivery).where(delivery.c.id.in_(rows[:12])).values(due=time.time() - 60, **arrived))
        long_ago = time.time() - HOURS * 3600 - 60
        db.execute(update(delivery).where(delivery.c.id.in_(rows[12:])).values(due=long_ago, **arrived))
    found = asyncio.run(retract(door, app.keys, "ket-thuc-thang", day))
    assert found == {"deleted": 12, "kept": 8}
    assert len(cleared) == 12


def test_what_was_leaving_is_taken_back_too(app: whole.App) -> None:
    """A message on its way when staff cancel arrives after all: it is waited for and deleted."""
    tincay("start", "ket-thuc-thang")
    whole._plan(app, "telegram")
    cleared: list[str] = []

    class Wire(CountingWire):
        can_delete = True

        async def clear(self, chat: str, message_ids: Any) -> None:
            cleared.append(chat)

    wire = Wire(seconds=0.3)
    door = worker(app.people, app.keys, wire, rate=50, now=app.now)

    async def cancel_in_the_middle() -> dict[str, int]:
        sending = asyncio.create_task(door.run())
        while not wire.accepted:
            await asyncio.sleep(0.02)
        try:
            return await retract(door, app.keys, "ket-thuc-thang", app.now().date())
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    found = asyncio.run(cancel_in_the_middle())
    assert found == {"deleted": len(wire.accepted), "kept": 0}
    assert sorted(cleared) == sorted(wire.times)
