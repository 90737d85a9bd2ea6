"""A process of its own for the sending engine: enqueue, unthrottled, at a pace, with replies beside, on one database.

    python -m tests.benchmarks.sending sqlite|postgresql [PEOPLE] [ENQUEUE]

Prints one JSON object. The platform is in memory and answers after 50 ms: what is measured is the engine, its database
included (PostgreSQL's own processes are not in the CPU figure).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from bot import migrate
from bot.delivery.door import Door
from bot.messages import Outgoing
from bot.settings import ROOT
from bot.store import audience, campaigns, people
from bot.store.audience import Audience
from bot.store.engine import open_engine, transaction
from bot.store.keys import Keys, load_keys
from bot.store.replies import Parcel
from tests.benchmarks.servers import resident_mb
from tests.conftest import KEYS
from tests.delivery.conftest import DAY, NOON, POSTGRES, CountingWire, worker

WORKERS = 3


@contextlib.contextmanager
def fresh(kind: str, folder: Path, of: str = "people") -> Iterator[Engine]:
    """A new store ("people" or "directory") on one database."""
    if kind == "sqlite":
        engine = open_engine("", folder / f"{uuid.uuid4().hex}.db")
        migrate.upgrade(engine, of)
        yield engine
        return engine.dispose()
    name = f"bench{uuid.uuid4().hex}"
    server = create_engine(POSTGRES + "postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    engine = open_engine(POSTGRES + name, folder / "unused.db")
    migrate.upgrade(engine, of)
    yield engine
    engine.dispose()
    with server.connect() as db:
        db.execute(text(f"DROP DATABASE {name}"))
    server.dispose()
    return None


def fill(store: Engine, keys: Keys, count: int) -> None:
    """Make subscribers inside the database; their sealed chat is the same, which the engine cannot tell."""
    lite = store.dialect.name == "sqlite"
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT i{} FROM n"
        if lite
        else "SELECT i{} FROM generate_series(1, :count) AS i"
    )
    lookup = "randomblob(32)" if lite else "sha256(i::text::bytea)"
    with transaction(store) as db:
        for into, values in (
            ("contact (id, channel, lookup, chat, seen_at)", f", 'telegram', {lookup}, :chat, 0"),
            ("subscription (contact_id, minute)", ", 420"),
            ("consent (contact_id, purpose, version, at)", ", 'campaign', '1', 0"),
        ):
            given = {"count": count} | ({"chat": keys.seal("chat", "chat")} if ":chat" in values else {})
            db.execute(text(f"INSERT INTO {into} {numbers.format(values)}"), given)
        if not lite:
            db.execute(text("SELECT setval('contact_id_seq', :count)"), {"count": count})


def enqueue(store: Engine) -> float:
    """Write a campaign's rows for everybody; return the seconds."""
    begun = time.perf_counter()
    with transaction(store) as db:
        one, _, _ = campaigns.begin(db, "đo", DAY, "telegram", "1", "hold", 0, NOON)
    more = True
    while more:
        with transaction(store) as db:
            until, now = NOON.timestamp() + 3600, time.time()
            more = audience.add_everybody(db, one, "telegram", "S03@1", Audience(), until, now, now)
    return time.perf_counter() - begun


async def send(store: Engine, keys: Keys, rate: float, seconds: float, replies: bool = False) -> dict[str, Any]:
    """Send for some seconds, or until nothing is left; with replies, ten a second from other people."""
    wire = CountingWire(seconds=0.05)
    door = worker(store, keys, wire, rate)
    running = asyncio.create_task(door.run())
    begun, cpu = time.perf_counter(), _cpu()
    spent: list[float] = []
    before, until = -1, begun + seconds
    while time.perf_counter() < until and (
        len(wire.accepted) != before or len(wire.accepted) == 0 or replies or rate < 1e5
    ):
        before = len(wire.accepted)
        if replies:
            for _ in range(10):
                spent.append(await _reply(door, store, keys))
                await asyncio.sleep(0.05)
        else:
            await asyncio.sleep(1.0)
    sent = len(wire.accepted)
    passed, burnt = (wire.accepted[-1][0] - wire.accepted[0][0]), _cpu() - cpu
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    found = {"sent": sent, "rate": sent / passed, "cpu_ms": burnt / sent * 1000, "worst": wire.worst_second()}
    return found | ({"reply_p95": statistics.quantiles(spent, n=20)[18] * 1000} if spent else {})


async def _reply(door: Door, store: Engine, keys: Keys) -> float:
    """Store and send one reply as a turn does; return the seconds until the platform has it."""
    begun = time.perf_counter()
    chat, outgoing = uuid.uuid4().hex, Outgoing("trả lời")

    def put() -> Parcel:
        with transaction(store) as db:
            who = people.meet(db, keys, "telegram", chat, NOON)
            return Parcel(door.put(db, who, "telegram", [outgoing], NOON)[0], who, "telegram", chat, outgoing, 0)

    await door.send([await asyncio.to_thread(put)])
    return time.perf_counter() - begun


async def paused(store: Engine, keys: Keys) -> int:
    """Pause a campaign at 1000 a second; return how many messages still leave."""
    wire = CountingWire(seconds=0.05)
    running = asyncio.create_task(worker(store, keys, wire, 1000).run())
    while len(wire.accepted) < 1500:
        await asyncio.sleep(0.01)

    def pause() -> None:
        with transaction(store) as db:
            campaigns.change(db, "đo", DAY, "paused")

    await asyncio.to_thread(pause)
    left = wire.begun
    await asyncio.sleep(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return wire.begun - left


def several(store: Engine, folder: Path, rate: float, seconds: float) -> dict[str, Any]:
    """Send with three worker processes; return messages a second and the worst second."""
    ledger = folder / "ledger"
    ledger.unlink(missing_ok=True)
    ledger.touch()
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.delivery.killed", url, str(ledger), "0.05", str(rate)]
    workers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(WORKERS)]
    deadline = time.monotonic() + 30
    while len(ledger.read_bytes()) < 20_000 and time.monotonic() < deadline:
        time.sleep(0.1)  # all of them have begun
    time.sleep(seconds)
    for one in workers:
        one.terminate()
        one.wait()
    at = sorted(float(line.split()[1]) for line in ledger.read_text().splitlines())
    at = [t for t in at if t > at[0] + 2]
    wire = CountingWire(accepted=[(t, "", "") for t in at])
    return {"rate": len(at) / (at[-1] - at[0]), "worst": wire.worst_second()}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(kind: str, people_: int, many: int) -> dict[str, Any]:
    """Measure one database."""
    keys = load_keys(KEYS, Path(tempfile.gettempdir()))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with fresh(kind, folder) as store:
            fill(store, keys, people_)
            enqueue(store)
            found["full"] = asyncio.run(send(store, keys, 1e6, 600))
            found["memory"] = resident_mb()
        with fresh(kind, folder) as store:
            fill(store, keys, 20_000)
            enqueue(store)
            found["pace30"] = asyncio.run(send(store, keys, 30, 20))
            found["beside"] = asyncio.run(send(store, keys, 30, 20, replies=True))
            found["paused"] = asyncio.run(paused(store, keys))
            with transaction(store) as db:
                campaigns.change(db, "đo", DAY, "fanning_out")
            if kind == "postgresql":
                found["several"] = several(store, folder, 1000, 8)
        if many:
            with fresh(kind, folder) as store:
                fill(store, keys, many)
                found["enqueue"] = enqueue(store)
    return found


if __name__ == "__main__":
    words = sys.argv[2:] + ["100000", "1000000"][len(sys.argv[2:]) :]
    print(json.dumps(main(sys.argv[1], int(words[0]), int(words[1]))))
