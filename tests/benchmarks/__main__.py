"""``make bench``: training, places, start, understanding, turns, sending, directory, staff, sheets: each figure, target, peer.

``python -m tests.benchmarks understanding turns`` measures these parts alone. Figures go to standard output, what is
being done to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from bot import nlu_server
from bot import settings as configuration
from bot.nlu_server import progress
from bot.settings import ROOT
from nlu.lines import DEVELOPMENT, read
from referral_directory.places import find_place
from tests.benchmarks.servers import SAMPLE, latencies, rate, resident_mb, serving, train_stock

PATIENCE = 180.0
"""Seconds after which a start counts as failed."""


class Bench:
    """What the parts share: the settings, real lines, today's model, and whether peers are measured."""

    def __init__(self, turns: int, peers: bool) -> None:
        self.settings = configuration.load()
        self.folder = self.settings.data_dir.resolve() / "bench"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.texts = [line.text for line in read(DEVELOPMENT)]
        self.turns = turns
        self.peers = peers

    def model(self) -> Path:
        """Return today's model; train it when there is none."""
        data = self.settings.data_dir.resolve()
        return nlu_server.current_model(data) or asyncio.run(nlu_server.train(self.settings.nlu_python, data, progress))


def row(what: str, ours: float, target: str, peer: float | None = None, name: str = "") -> None:
    """Print one figure."""
    beside = f"   {name} {peer:.1f}, ratio {ours / peer:.2f}" if peer else ""
    print(f"{what:58}{ours:10.1f}   target {target:10}{beside}", flush=True)


def training(bench: Bench) -> None:
    """A first training on this machine, with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RASA_CACHE_DIRECTORY"] = f"{folder}/cache"
        begun = time.perf_counter()
        python, name = bench.settings.nlu_python, "tincay-bench.tar.gz"
        model = asyncio.run(nlu_server.train_candidate(python, Path(folder), progress, name, [ROOT / "nlu" / "data"]))
        row("first training, s", time.perf_counter() - begun, "<= 300")
        row("model file, MB", model.stat().st_size / 1e6, "<= 30")


def places(bench: Bench) -> None:
    """Place resolution of real lines."""
    told = [f"{t}, em ở xã Cẩm Tân, Cẩm Thủy" for t in bench.texts[:300]] + bench.texts[:700]
    find_place(told[0])
    spent = []
    for text in told:
        start = time.perf_counter()
        find_place(text)
        spent.append((time.perf_counter() - start) * 1000)
    row("place resolution, p95 ms", statistics.quantiles(spent, n=20)[18], "<= 5")


def start(bench: Bench) -> None:
    """Seconds from `tincay up` to the first answer, and to full understanding."""
    models = bench.model().parent
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to(models)
        port = nlu_server.free_port()
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "up", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "TINCAY_DATA_DIR": folder},
        )  # fmt: skip
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                row("start to first answer, s", _until(begun, lambda: _answers(client)), "<= 2")
                row("warm start to full understanding, s", _until(begun, lambda: _understands(client)), "<= 20")
        finally:
            process.terminate()
            process.wait()


def understanding(bench: Bench) -> None:
    """Latency, rate and memory of the understanding server, beside Rasa's stock pipeline."""
    python = bench.settings.nlu_python
    servers = {"ours": bench.model()}
    if bench.peers:
        servers["stock DIET"] = train_stock(python, bench.folder)
    bodies = [{"text": t} for t in bench.texts]
    figures: dict[str, tuple[float, float, float]] = {}

    async def measure(name: str, path: Path) -> None:
        progress(f"{name}: starting the server, 50 + 500 + 2,000 messages")
        async with serving(python, path, bench.folder) as (url, pid):
            await latencies(url, "/model/parse", bodies[:50])
            quiet = statistics.median(await latencies(url, "/model/parse", bodies[:500]))
            busy = await rate(url, "/model/parse", (bodies * 3)[:2_000])
            figures[name] = (quiet, busy, resident_mb(pid))

    for name, path in servers.items():
        asyncio.run(measure(name, path))
    peer = figures.get("stock DIET", (None, None, None))
    beside = f"stock DIET (2 epochs, 1 line in {SAMPLE})"
    row("understanding through the server, p50 ms", figures["ours"][0], "<= 8", peer[0], beside)
    row("understanding, messages/s with 8 clients", figures["ours"][1], ">= 200", peer[1], beside)
    row("understanding server, resident MB", figures["ours"][2], "<= 650", peer[2], beside)


def turns(bench: Bench) -> None:
    """A whole turn through the web door, beside Rasa's own REST channel on the same server."""
    asyncio.run(_turns(bench, bench.model()))


async def _turns(bench: Bench, model: Path) -> None:
    peer: float | None = None
    peer_rate: float | None = None
    progress("turns: starting the server")
    async with serving(bench.settings.nlu_python, model, bench.folder) as (url, _):
        if bench.peers:
            progress("Rasa REST channel: 300 + 900 messages")
            messages = [{"sender": f"p{n % 1000}", "message": t.lstrip("/")} for n, t in enumerate(bench.texts[:300])]
            peer = statistics.median(await latencies(url, "/webhooks/rest/webhook", messages))
            peer_rate = await rate(url, "/webhooks/rest/webhook", messages * 3)
        progress(f"the web door: 350 + {bench.turns} turns by 1,000 people")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.turns", url, str(bench.turns),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        out, _ = await process.communicate(json.dumps(bench.texts).encode())
    if process.returncode:
        raise SystemExit("the turns broke off: see above")
    found = json.loads(out)
    row("a turn, web in to reply out, p50 ms", found["p50"], "<= 20", peer, "Rasa REST channel")
    row("turns/s, 8 people at once", found["rate"], ">= 120", peer_rate, "Rasa REST channel")
    row(f"bot process after {bench.turns:,} turns by 1,000 people, MB", found["memory"], "<= 200")
    row("turns understood by keywords, the model being late, %", found["by_keywords"], "0")


def sending(bench: Bench) -> None:
    """The sending engine on each database: 100,000 people, a million rows, the pace, replies beside it, a pause."""
    for kind, found in _on_each("sending"):
        lite = kind == "sqlite"
        row(f"{kind}: messages/s, unthrottled", found["full"]["rate"], ">= 1500" if lite else "")
        row(f"{kind}: CPU of the worker, ms a message", found["full"]["cpu_ms"], "<= 0.35")
        row(f"{kind}: worker after 100,000 people, MB", found["memory"], "<= 120")
        row(f"{kind}: enqueue 1,000,000, s", found["enqueue"], "<= 10" if lite else "<= 20")
        row(f"{kind}: at 30/s, messages/s", found["pace30"]["rate"], ">= 29.7")
        row(f"{kind}: at 30/s, worst second", found["pace30"]["worst"], "<= 33")
        row(f"{kind}: reply beside it, p95 ms (50 are the platform's)", found["beside"]["reply_p95"], "<= 120")
        row(f"{kind}: at 1000/s, messages after a pause", found["paused"], "<= 50")
        if not lite:
            row("postgresql: three workers at 1000/s, messages/s", found["several"]["rate"], ">= 970")

    if bench.peers:
        progress("   a strict Bot API: our door beside a python-telegram-bot loop with AIORateLimiter")
        command = [sys.executable, "-m", "tests.benchmarks.peer_sending"]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        found = json.loads(done.stdout)
        for what in ("delivered", "lost", "twice", "refused"):
            ours, peer = found["ours"][what], found["peer"][what]
            row(f"200 messages, 30/s allowed: {what} (python-telegram-bot: {peer})", ours, "")


def directory(bench: Bench) -> None:
    """50,000 services in 3,321 communes on each database: pages of the public API, searches of staff."""
    for kind, found in _on_each("directory"):
        row(f"{kind}: HSDS page of 100 full services, p95 ms", found["hsds"], "<= 100")
        row(f"{kind}: search without marks, p95 ms", found["search"], "<= 60")
        if "route" in found:
            row(f"{kind}: route decision, p95 ms", found["route"], "<= 10")


def staff(bench: Bench) -> None:
    """The pages of staff over 50,000 services on each database, through the whole application."""
    for kind, found in _on_each("staff"):
        row(f"{kind}: list page of an administrator, p95 ms", found["list"], "<= 60")
        row(f"{kind}: list page with a search, p95 ms", found["search"], "<= 60")
        row(f"{kind}: list page of a commune, p95 ms", found["list_commune"], "<= 60")
        row(f"{kind}: page of a record, p95 ms", found["entry"], "")
        for who in ("commune", "province", "admin"):
            row(f"{kind}: work list ({who}), p95 ms", found[f"work_{who}"], "")
        row(f"{kind}: board of a province, p95 ms", found["board"], "")
        row(f"{kind}: largest of these pages, bytes", found["bytes"], "<= 15000")


def sheets(bench: Bench) -> None:
    """A list of 5,000 rows into the directory of each database: read, reported, proposed, read again, marked."""
    for kind, found in _on_each("sheets"):
        row(f"{kind}: import of 5,000 rows with its report, s", found["whole"], "<= 5")
        row(f"{kind}: of these, reading and report, s", found["read"], "")
        row(f"{kind}: processor time of the import, s", found["cpu"], "")
        row(f"{kind}: the same list again, s", found["again"], "")
        row(f"{kind}: the marked copy, s", found["marked"], "")
        row(f"{kind}: process after it, MB", found["memory"], "")


def _on_each(part: str) -> Iterator[tuple[str, Any]]:
    """Run a part on each database in a process of its own; yield the database and what was found, where it was."""
    for kind in ("sqlite", "postgresql"):
        progress(f"   {kind}: some minutes")
        command = [sys.executable, "-m", f"tests.benchmarks.{part}", kind]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            progress(f"   {kind}: no figures, see above")
        else:
            yield kind, json.loads(done.stdout)


def _until(begun: float, holds: Callable[[], bool]) -> float:
    """Return the seconds since `begun` when it holds; end the benchmark when it never does."""
    while not holds():
        if time.perf_counter() - begun > PATIENCE:
            raise SystemExit(f"not within {PATIENCE:.0f} s")
        time.sleep(0.02)
    return time.perf_counter() - begun


def _answers(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return bool(client.post("/chat", json={"id": "1", "text": "chồng đánh em"}).json()["messages"])
    return False


def _understands(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return bool(client.get("/healthz").json()["understanding"] == "ready")
    return False


PARTS: dict[str, Callable[[Bench], None]] = {
    "places": places,
    "training": training,
    "start": start,
    "understanding": understanding,
    "turns": turns,
    "sending": sending,
    "directory": directory,
    "staff": staff,
    "sheets": sheets,
}


def main() -> None:
    """Measure the chosen parts, or all; the stock pipeline is trained once (a few minutes) and kept."""
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    arguments.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; none: all of them")
    arguments.add_argument(
        "--without-peer", action="store_true", help="measure neither stock DIET nor the REST channel"
    )
    arguments.add_argument("--turns", type=int, default=10_000, help="turns through the web door (10,000)")
    chosen = arguments.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        arguments.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    bench = Bench(chosen.turns, not chosen.without_peer)
    for name, measure in PARTS.items():
        if not chosen.parts or name in chosen.parts:
            progress(f"== {name}")
            measure(bench)


if __name__ == "__main__":
    main()
