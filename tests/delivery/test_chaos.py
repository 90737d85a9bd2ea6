"""kill -9 at random moments: with `hold` nobody gets a message twice and who is missing is told; `retry` loses nobody.

`make chaos` runs this with 5,000 people, five kills, one and three workers; the ordinary tests with a few hundred.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot import migrate
from bot.nlu_server import free_port
from bot.settings import ROOT
from bot.store import campaigns
from bot.store.engine import open_engine, transaction
from bot.store.keys import Keys
from tests.delivery.conftest import CountingWire, counts, start_campaign, subscribe, worker

pytestmark = pytest.mark.chaos
FULL = bool(os.environ.get("TINCAY_CHAOS"))
PEOPLE, KILLS = (5_000, 5) if FULL else (300, 2)
RATE = 400.0 if FULL else 150.0
CASES = [(w, p) for w in (1, 3) for p in ("hold", "retry")] if FULL else [(3, "hold"), (1, "retry")]


def begin(url: str, ledger: Path) -> subprocess.Popen[bytes]:
    """Start a worker."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.delivery.killed", url, str(ledger), "0.05", str(RATE)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def ended(store: Engine) -> int:
    """Return how many rows have not ended."""
    with transaction(store) as db:
        return campaigns.progress(db)[0].left


@pytest.mark.parametrize(("workers", "policy"), CASES)
def test_killed_workers_double_nothing_and_lose_nothing_unseen(
    store: Engine, keys: Keys, tmp_path: Path, workers: int, policy: str
) -> None:
    """The platform's ledger and our counters agree, whatever dies when."""
    subscribe(store, keys, PEOPLE)
    one = start_campaign(store, policy=policy)
    ledger = tmp_path / "ledger"
    ledger.touch()
    url = store.url.render_as_string(hide_password=False)
    alive = [begin(url, ledger) for _ in range(workers)]
    chance = random.Random(1511)
    try:
        for _ in range(KILLS):
            before = len(ledger.read_bytes())
            deadline = time.monotonic() + 30
            while len(ledger.read_bytes()) == before and time.monotonic() < deadline:
                time.sleep(0.02)  # somebody sends again
            time.sleep(chance.uniform(0.05, 0.8))
            victim = alive.pop(chance.randrange(len(alive)))
            victim.kill()
            victim.wait()
            alive.append(begin(url, ledger))
        deadline = time.monotonic() + PEOPLE / RATE * 4 + 60
        while ended(store) and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        for process in alive:
            process.kill()
            process.wait()
    got = Counter(line.split()[0] for line in ledger.read_text().splitlines())
    found = counts(store, one)
    assert found["total"] == PEOPLE
    told = f"{store.dialect.name}, {workers} workers, {policy}: {found}, arrived {len(got)}, twice {sum(n > 1 for n in got.values())}"
    sys.stderr.write(told + "\n")
    assert ended(store) == 0, told
    missing = PEOPLE - len(got)
    if policy == "hold":
        assert not [chat for chat, n in got.items() if n > 1], told
        assert missing <= found.get("unknown", 0), told
        assert found.get("unknown", 0) <= KILLS * 256, told
        assert found["sent"] + found.get("unknown", 0) == PEOPLE, told
    else:
        assert missing == 0, told
        assert found["sent"] == PEOPLE, told


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Callable[[str], None]]]:
    """A PostgreSQL of our own on a free port: its URL, and what starts and stops it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        pytest.skip("PostgreSQL's programs are not installed")
    folder, port = Path(tempfile.mkdtemp(prefix="tincay-pg-")), free_port()
    me = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    if me:
        shutil.chown(folder, me)

    def run(program: str, *words: str) -> None:
        subprocess.run(
            [found[-1].parent / program, "-D", folder / "data", *words],
            check=True, user=me, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip

    def control(what: str) -> None:
        more = ("-o", f"-p {port} -k {folder} -h 127.0.0.1") if what == "start" else ("-m", "immediate")
        run("pg_ctl", "-w", "-l", str(folder / "log"), *more, what)

    run("initdb", "-A", "trust", "-U", "postgres", "--no-sync")
    control("start")
    yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", control
    control("stop")
    shutil.rmtree(folder)


async def test_the_database_goes_and_comes_back(
    server: tuple[str, Callable[[str], None]], keys: Keys, tmp_path: Path
) -> None:
    """PostgreSQL falls in the middle and comes back: sending goes on by itself, all get it, nobody twice."""
    url, control = server
    store = open_engine(url, tmp_path / "unused.db")
    migrate.upgrade(store, "people")
    subscribe(store, keys, 300)
    one = start_campaign(store)
    wire = CountingWire(seconds=0.02)
    running = asyncio.create_task(worker(store, keys, wire, rate=100).run())
    while len(wire.accepted) < 60:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(control, "stop")
    await asyncio.sleep(2)
    await asyncio.to_thread(control, "start")
    deadline = time.monotonic() + 40
    while len(wire.accepted) < 300 and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert max(wire.times.values()) == 1
    assert counts(store, one) == {"total": 300, "sent": 300}
    store.dispose()
