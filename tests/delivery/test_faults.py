"""The plan of faults: whatever breaks behind us, danger is answered, and afterwards no answer is lost or doubled."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import app as whole
from bot import settings as configuration
from bot.conversation.keywords import KeywordUnderstanding
from bot.conversation.rasa import RasaUnderstanding
from bot.delivery import door
from bot.errors import ChannelBusy
from bot.messages import Incoming, Outgoing
from bot.settings import ROOT
from tests.conftest import Bench, FakeWire
from tests.delivery.test_chaos import FULL
from tests.delivery.test_chaos import server as server
from tests.delivery.turned import STEPS

pytestmark = pytest.mark.chaos
DANGER, TOLD = "nó cầm dao đuổi em", "chồng đánh em hoài"
GARBAGE = {
    "not http": b"\0\xff" * 50,
    "html": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
    "empty": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    "half": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"scores\": {",
    "wrong": b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n{"scores": {"told": "x", 1}}',
    "500": b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n",
    "hung": b"",
}  # fmt: skip


@contextlib.asynccontextmanager
async def rasa(said: bytes | None) -> AsyncIterator[str]:
    """A server in Rasa's place that says this to whatever it is asked; None ends every connection."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if said == b"":
                await over.wait()
            writer.write(said or b"")
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    over = asyncio.Event()
    serving = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{serving.sockets[0].getsockname()[1]}"
    over.set()
    serving.close()
    await asyncio.sleep(0.2)


@pytest.mark.parametrize("what", [*GARBAGE, "killed"])
async def test_whatever_rasa_does_people_are_answered(bench: Bench, what: str) -> None:
    """Danger while the model still hangs or raves, telling as telling, each once."""
    async with rasa(GARBAGE.get(what)) as url:
        asking = RasaUnderstanding(url, "")
        bench.understanding(asking)
        await bench.app.receive(Incoming("terminal", "a", "1", DANGER))
        await bench.app.receive(Incoming("terminal", "b", "2", TOLD))
        await asking.close()
    said = {chat: [o.text for c, o in bench.wire.sent if c == chat] for chat in "ab"}
    assert sum("113" in text for text in said["a"]) == 1
    assert sum("không có lỗi" in text for text in said["b"]) == 1


def test_postgresql_falls_in_a_conversation_and_comes_back(
    server: tuple[str, Callable[[str], None]], settings: configuration.Settings
) -> None:
    """Danger is answered without the database; after it came back the conversation goes on, and nothing is doubled."""
    url, control = server
    wire = FakeWire()
    app = whole.build(settings.model_copy(update={"people_url": url}), wire)
    whole.set_up_stores(app)
    bench = Bench(app, wire)
    bench.understanding(KeywordUnderstanding())
    assert "xã, phường nào" in bench.say("bị chồng đánh", chat="told")
    control("stop")
    for n in range(3):
        assert "113" in bench.say(DANGER, chat=f"người {n}", message_id=f"d{n}")
    control("start")
    sent = len(wire.sent)
    for n in range(3):  # the platform brings them again
        assert bench.say(DANGER, chat=f"người {n}", message_id=f"d{n}") == ""
    asyncio.run(_work(app.machine.door, 1.5))
    assert len(wire.sent) == sent
    assert "Nơi giúp ở Xã Cẩm Tân" in bench.say("Cẩm Tân, Cẩm Thủy", chat="told")
    app.people.dispose()
    app.directory.dispose()


async def _work(work: door.Door, seconds: float) -> None:
    running = asyncio.create_task(work.run())
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class Hands:
    """A clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moved, real = 0.0, time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.moved)


@pytest.mark.parametrize("seconds", [86_400.0, 3_600.0, -3_600.0, 30.0])
async def test_a_clock_that_jumps_doubles_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """While a slow platform takes an answer the clock jumps by an hour or a day: it arrives once; danger at once."""
    monkeypatch.setattr(door, "BEAT_SECONDS", 0.3)
    hands, slow = Hands(monkeypatch), Slow()
    bench.app.machine.door.channels["terminal"] = slow
    working = asyncio.create_task(bench.app.machine.door.run())
    await asyncio.sleep(0.5)
    answering = asyncio.create_task(bench.app.receive(Incoming("terminal", "a", "1", TOLD)))
    while not slow.begun:
        await asyncio.sleep(0.05)
    hands.moved = seconds
    await bench.app.receive(Incoming("terminal", "b", "2", DANGER))
    await answering
    await asyncio.sleep(2)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert max(Counter(slow.taken).values()) == 1
    assert any("113" in text for chat, text in slow.taken if chat == "b")
    assert sum("không có lỗi" in text for chat, text in slow.taken if chat == "a") == 1


@dataclass
class Slow:
    """A platform that takes a second for each message to one person."""

    name: str = "terminal"
    begun: bool = False

    def __post_init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        self.begun = True
        await asyncio.sleep(1.5 if chat == "a" else 0)
        self.taken.append((chat, outgoing.text))
        return None

    async def clear(self, chat: str, message_ids: object) -> None: ...


def test_an_hour_without_the_platform_loses_no_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is cut for an hour: afterwards each answer arrives once, in order, and nothing was given up."""
    hands = Hands(monkeypatch)
    cut = [ChannelBusy("ConnectError")] * 10_000
    bench.wire.failures = cut
    bench.say(TOLD)
    bench.say(DANGER, chat="b")
    for _ in range(60):
        hands.moved += 60
        asyncio.run(_work(bench.app.machine.door, 0.15))
    assert bench.wire.sent == []
    bench.wire.failures = []
    for _ in range(8):
        hands.moved += 60
        asyncio.run(_work(bench.app.machine.door, 0.3))
    texts = [outgoing.text for chat, outgoing in bench.wire.sent if chat == "a"]
    assert "không có lỗi" in texts[0]
    assert "xã, phường nào" in texts[-1]
    assert sum("113" in outgoing.text for chat, outgoing in bench.wire.sent if chat == "b") == 1
    assert len(bench.wire.sent) == len({(chat, o.text) for chat, o in bench.wire.sent})


@pytest.mark.parametrize("text", [TOLD, DANGER] if FULL else [DANGER])
@pytest.mark.parametrize("step", STEPS if FULL else ["storing", "sent"])
def test_a_process_killed_at_any_step_loses_no_answer(tmp_path: Path, step: str, text: str) -> None:
    """The platform brings the message again, or the rows are taken over: all arrive; only the one in flight may come twice."""
    wanted = _turned(tmp_path / "whole", text, "")
    first = _turned(tmp_path / "killed", text, step)
    assert first.returncode == -signal.SIGKILL, first.stderr
    again = _turned(tmp_path / "killed", text, "")
    assert again.returncode == 0, again.stderr
    got, all_of_it = _ledger(tmp_path / "killed"), _ledger(tmp_path / "whole")
    assert wanted.returncode == 0, wanted.stderr
    assert set(got) == set(all_of_it)
    doubled = [t for t, n in Counter(got).items() if n > 1]
    assert len(doubled) <= (1 if step in ("sent", "settled") else 0)


def _turned(folder: Path, text: str, step: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "tests.delivery.turned", str(folder / "var"), str(folder / "ledger"), text, step],
        cwd=ROOT, capture_output=True, text=True, timeout=100,
    )  # fmt: skip


def _ledger(folder: Path) -> list[str]:
    file = folder / "ledger"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
