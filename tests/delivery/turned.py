"""One message answered by a process of its own, which dies at a chosen step; without one it answers and sends what waits.

    python -m tests.delivery.turned FOLDER LEDGER TEXT STEP

The ledger is the platform's side: one line for each message it accepted. It survives the process.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from bot import app as whole
from bot import settings
from bot.conversation.keywords import keyword_scores
from bot.conversation.understanding import Scores
from bot.delivery import door
from bot.messages import Incoming, Outgoing
from bot.store import people, replies
from tests.conftest import KEYS

STEPS = ("understanding", "storing", "stored", "sending", "sent", "settled")
door.BEAT_SECONDS, door.SILENT_SECONDS = 0.1, 1.0


def die(*_: Any, **__: Any) -> Any:
    """End this process as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


class Ledger:
    """Accepts a message when its line is written."""

    name = "terminal"

    def __init__(self, path: str, step: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._step = step

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        if self._step == "sending":
            die()
        os.write(self._file, json.dumps(outgoing.text).encode() + b"\n")
        if self._step == "sent":
            die()
        return None

    async def clear(self, chat: str, message_ids: object) -> None: ...


class Words:
    """Understanding by keywords, deadly at its step."""

    def __init__(self, step: str) -> None:
        self._step = step

    async def scores(self, text: str) -> Scores:
        if self._step == "understanding":
            die()
        return keyword_scores(text)


async def main(folder: str, ledger: str, text: str, step: str) -> None:
    """Answer the message, the same each time, and send what waits for some seconds."""
    app = whole.build(settings.load(data_dir=Path(folder), secret_keys=KEYS), Ledger(ledger, step))
    whole.set_up_stores(app)
    object.__setattr__(app.machine, "understanding", Words(step))
    if step == "storing":
        people.keep_state = die
    if step == "stored":
        app.machine.door.send = die  # type: ignore[method-assign]
    if step == "settled":
        settle = replies.settle
        replies.settle = lambda *words, **more: (settle(*words, **more), die())[0]
    await app.receive(Incoming("terminal", "a", "m1", text))
    running = asyncio.create_task(app.machine.door.run())
    await asyncio.sleep(4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await app.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
