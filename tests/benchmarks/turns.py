"""A process of its own: 10,000 turns by 1,000 people through the real web door, on SQLite, with a running Rasa."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

from bot import app as whole
from bot import settings as configuration
from bot.conversation.understanding import Scores, Understanding
from bot.errors import UnderstandingDown
from bot.nlu_server import progress
from bot.web import application
from tests.benchmarks.servers import resident_mb

PEOPLE = 1_000


async def main(url: str, texts: list[str], turns: int) -> dict[str, float]:
    """Return p50 of a quiet turn in ms, turns per second with 8 people at once, and memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        app = whole.build(configuration.load(data_dir=Path(folder), nlu_url=url))
        whole.set_up_stores(app)
        whole.warm_up()
        watched = Watched(app.rasa)
        object.__setattr__(app.machine, "understanding", watched)
        wire = httpx.ASGITransport(application(app.receive, app.web, app.health, "/"))
        number = itertools.count()

        async def turn(client: httpx.AsyncClient) -> None:
            n = next(number)
            cookie = {"cookie": f"tincay=person-{n % PEOPLE:020d}"}
            body = {"id": str(n), "text": texts[n % len(texts)], "have": 10**9}
            (await client.post("/chat", json=body, headers=cookie)).raise_for_status()

        async def several(client: httpx.AsyncClient, until: int) -> None:
            while (n := next(counter)) < until:
                await turn(client)
                if n % 1_000 == 999:
                    progress(f"  {n + 1} turns, {time.perf_counter() - start:.0f} s")

        async with httpx.AsyncClient(transport=wire, base_url="http://bench") as client:
            for _ in range(50):
                await turn(client)
            quiet = []
            for _ in range(300):
                start = time.perf_counter()
                await turn(client)
                quiet.append((time.perf_counter() - start) * 1000)
            counter = itertools.count()
            start = time.perf_counter()
            await asyncio.gather(*(several(client, turns) for _ in range(8)))
            seconds = time.perf_counter() - start
        await app.rasa.close()
        return {
            "p50": statistics.median(quiet), "rate": turns / seconds, "memory": resident_mb(),
            "by_keywords": 100 * watched.late / max(1, watched.asked),
        }  # fmt: skip


class Watched:
    """Counts how often the model was late, so that keywords answered."""

    def __init__(self, inner: Understanding) -> None:
        self.inner = inner
        self.asked = self.late = 0

    async def scores(self, text: str) -> Scores:
        """Ask the model."""
        self.asked += 1
        try:
            return await self.inner.scores(text)
        except UnderstandingDown:
            self.late += 1
            raise


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], json.load(sys.stdin), int(sys.argv[2])))))
