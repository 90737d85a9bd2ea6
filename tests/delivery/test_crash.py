"""A process killed while it answers: the answer is in the store, and the next process sends it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import pytest

from bot import app as whole
from bot import settings as configuration
from bot.delivery import door
from bot.settings import ROOT
from tests.conftest import KEYS, FakeWire

pytestmark = pytest.mark.chaos
KILLED = """
import asyncio, os, signal, sys
from bot import app as whole, settings
from bot.conversation.keywords import KeywordUnderstanding
from bot.messages import Incoming

class Deadly:
    name = "terminal"
    async def send(self, chat, outgoing):
        os.kill(os.getpid(), signal.SIGKILL)
    async def clear(self, chat, message_ids): ...

app = whole.build(settings.load(data_dir=sys.argv[1], secret_keys=sys.argv[2]), Deadly())
whole.set_up_stores(app)
object.__setattr__(app.machine, "understanding", KeywordUnderstanding())
asyncio.run(app.receive(Incoming("terminal", "a", "m1", "chồng đánh em")))
"""


def test_an_answer_outlives_its_process(settings: configuration.Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL between storing and sending: a new process takes the rows over, each answer arrives once."""
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(settings.data_dir), KEYS],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    monkeypatch.setattr(door, "SILENT_SECONDS", 0.2)
    wire = FakeWire()
    app = whole.build(settings, wire)
    whole.set_up_stores(app)

    async def run() -> None:
        working = asyncio.create_task(app.machine.door.run())
        for _ in range(100):
            await asyncio.sleep(0.1)
            if len(wire.sent) >= 2:
                break
        await asyncio.sleep(0.5)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await app.rasa.close()

    asyncio.run(run())
    app.people.dispose()
    app.directory.dispose()
    assert len(wire.sent) == 2
    assert "không có lỗi" in wire.sent[0][1].text
