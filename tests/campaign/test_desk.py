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
from bot.store import campaigns
from bot.store.engine import transaction
from bot.store.schema import delivery
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
        arrived = {"state": "sent", "message_id": "7"}
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
