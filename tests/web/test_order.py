"""Whatever is broken behind us, danger is answered within three seconds, and nothing is doubled afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from bot.conversation.rasa import RasaUnderstanding
from bot.messages import Incoming, clean
from bot.nlu_server import free_port
from tests.conftest import Bench

DANGER = "nó cầm dao đuổi em"


def test_danger_is_answered_with_everything_down(bench: Bench, tmp_path: Path) -> None:
    """Understanding refused and the database locked: 113 within 3 s; after the lock nothing is doubled."""
    bench.say("xin chào")
    bench.understanding(RasaUnderstanding(f"http://127.0.0.1:{free_port()}", ""))
    locked = sqlite3.connect(tmp_path / "var" / "people.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    begun = time.monotonic()
    assert "113" in bench.say(DANGER)
    assert time.monotonic() - begun < 3
    locked.execute("ROLLBACK")
    locked.close()
    before = len(bench.wire.sent)

    async def later() -> None:
        running = asyncio.create_task(bench.app.machine.door.run())
        await asyncio.sleep(1.2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(later())
    assert len(bench.wire.sent) == before
    assert "113" in bench.say(DANGER)


def test_danger_is_answered_when_the_disk_is_full(bench: Bench) -> None:
    """A database that cannot grow holds back no number."""
    bench.say("xin chào")
    bench.app.people.dispose()
    with bench.app.people.connect() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    for n in range(30):
        assert "113" in bench.say(DANGER, chat=f"người {n}")


@pytest.mark.parametrize(
    "raw", ["", "   ", "😭😭", "a" * 100_000, "đau\0quá", "\ud800", "chồng đánh em", "\u202echồng đánh em\u202c"]
)
def test_bad_input_is_answered(bench: Bench, raw: str) -> None:
    """Whatever comes, somebody answers."""
    assert bench.say(clean(raw))


@tuned(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300), button=st.none() | st.text(max_size=64))
def test_any_text_and_any_button_is_answered(bench: Bench, text: str, button: str | None) -> None:
    """No text and no made-up button breaks a turn."""
    assert bench.say(clean(text), button=None if button is None else clean(button))


async def test_fifty_people_at_once_are_all_answered(bench: Bench) -> None:
    """A busy evening: everybody gets 113, each as often as they wrote."""
    heard = [Incoming("terminal", str(n), f"{m}", DANGER) for n in range(50) for m in range(2)]
    await asyncio.gather(*(bench.app.receive(i) for i in heard))
    for n in range(50):
        assert sum("113" in o.text for chat, o in bench.wire.sent if chat == str(n)) >= 2
