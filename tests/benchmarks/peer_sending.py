"""A broadcast to a strict Bot API (30 a second, else 429): our door beside a python-telegram-bot loop with AIORateLimiter.

    python -m tests.benchmarks.peer_sending [MESSAGES]

Prints one JSON object: delivered, lost and refused of both, on the same server in the same run.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ApplicationBuilder

from bot.channels.telegram import Telegram
from bot.delivery.door import Door
from bot.messages import Outgoing
from bot.nlu_server import free_port
from bot.settings import ROOT
from bot.store import campaigns
from bot.store.engine import transaction
from bot.store.keys import load_keys
from bot.store.pace import Pace
from tests.benchmarks.sending import fresh
from tests.channels.fake_telegram import TOKEN
from tests.conftest import KEYS
from tests.delivery.conftest import noon, start_campaign, subscribe

RATE = 28.0


async def ours(url: str, folder: Path, messages: int) -> dict[str, Any]:
    """Send a campaign by our door and the real Telegram channel."""
    keys = load_keys(KEYS, folder)
    with fresh("sqlite", folder) as store:
        subscribe(store, keys, messages)
        with transaction(store) as db:  # chats of this server are numbers
            for row in db.exec_driver_sql("SELECT id FROM contact").all():
                db.exec_driver_sql("UPDATE contact SET chat = ? WHERE id = ?", (keys.seal(str(row.id), "chat"), row.id))
        one = start_campaign(store)
        channel = Telegram(TOKEN, url, "", RATE, folder / "cards")
        door = Door(
            store, keys, {"telegram": channel}, {"telegram": Pace(RATE)}, lambda _, t: Outgoing("một dòng"), noon
        )
        running, begun, left = asyncio.create_task(door.run()), time.monotonic(), messages
        while left and time.monotonic() - begun < messages / RATE * 3 + 20:
            await asyncio.sleep(0.3)
            with transaction(store) as db:
                left = next(p for p in campaigns.progress(db) if p.id == one).left
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await channel.close()
    return {"seconds": time.monotonic() - begun}


async def peer(url: str, messages: int) -> dict[str, Any]:
    """Send the same by the library's own means, as its documentation shows."""
    limiter = AIORateLimiter(overall_max_rate=30, overall_time_period=1)
    bot = ApplicationBuilder().token(TOKEN).base_url(f"{url}/bot").rate_limiter(limiter).build().bot
    begun = time.monotonic()

    async def one(chat: int) -> None:
        try:
            await bot.send_message(chat, "một dòng")
        except TelegramError:
            return

    async with bot:
        await asyncio.gather(*(one(chat) for chat in range(1, messages + 1)))
    return {"seconds": time.monotonic() - begun}


def main(messages: int) -> dict[str, Any]:
    """Measure both against the same strict server."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "tests.channels.fake_telegram", "--port", str(port)], cwd=ROOT)
    found: dict[str, Any] = {}
    try:
        with (
            httpx.Client(base_url=url, transport=httpx.HTTPTransport(retries=8)) as server,
            tempfile.TemporaryDirectory() as name,
        ):
            for who in ("ours", "peer"):
                server.post("/fake/reset")
                server.post("/fake/strict", json={"rate": 30})
                made = ours(url, Path(name), messages) if who == "ours" else peer(url, messages)
                found[who] = asyncio.run(made)
                state = server.get("/fake/state").json()
                delivered = {m["chat"]["id"] for m in state["sent"]}
                twice = len(state["sent"]) - len(delivered)
                found[who] |= {
                    "delivered": len(delivered),
                    "lost": messages - len(delivered),
                    "twice": twice,
                    "refused": state["refused"],
                }
    finally:
        process.terminate()
        process.wait()
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)))
