"""A worker as a process of its own, to be killed: sends campaigns of one store to a ledger, with half a line of wait.

    python -m tests.delivery.killed URL LEDGER SECONDS RATE

The ledger is the platform's side: one line for each message it accepted. It survives the worker.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from bot.delivery import door
from bot.delivery.door import Door
from bot.messages import Outgoing
from bot.store.engine import open_engine
from bot.store.keys import load_keys
from bot.store.pace import Pace
from tests.conftest import KEYS
from tests.delivery.conftest import noon

door.BEAT_SECONDS, door.SILENT_SECONDS = 0.5, 2.0


class Ledger:
    """Accepts a message when its line is written, and answers a little later, as a network does."""

    name = "telegram"

    def __init__(self, path: str, seconds: float) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._seconds = seconds

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        await asyncio.sleep(random.uniform(0, self._seconds))
        os.write(self._file, f"{chat} {time.time():.4f}\n".encode())
        await asyncio.sleep(random.uniform(0, self._seconds))
        return "1"

    async def clear(self, chat: str, message_ids: object) -> None: ...


def main(url: str, ledger: str, seconds: float, rate: float) -> None:
    """Send until killed."""
    folder = Path(tempfile.gettempdir())
    store = open_engine(url, folder / "unused.db")
    wire = Ledger(ledger, seconds)
    asyncio.run(
        Door(
            store, load_keys(KEYS, folder), {wire.name: wire}, {wire.name: Pace(rate)}, lambda _, t: Outgoing(t.item), noon
        ).run()
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
