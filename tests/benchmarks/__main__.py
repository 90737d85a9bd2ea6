"""``make bench``: understanding, turns, places and start, each printed with its target and its peer."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import yaml

from bot import nlu_server
from bot import settings as configuration
from bot.settings import ROOT
from referral_directory.places import find_place
from tests.benchmarks.servers import latencies, rate, resident_mb, serving, train_stock


def development_texts() -> list[str]:
    """Return the development lines: real length, real mess."""
    found: list[str] = []
    for file in sorted((ROOT / "nlu" / "development").glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            found += [line[2:] for line in block["examples"].splitlines() if line.startswith("- ")]
    return found


def row(what: str, ours: float, target: str, peer: float | None = None, name: str = "") -> None:
    """Print one figure."""
    beside = f"   {name} {peer:.1f}, ratio {ours / peer:.2f}" if peer else ""
    print(f"{what:58}{ours:10.1f}   target {target:10}{beside}", flush=True)


async def understanding(python: Path, model: Path, stock: Path | None, folder: Path, texts: list[str]) -> None:
    """Latency, rate and memory of the understanding server; then turns through the web door on the same server."""
    bodies = [{"text": t} for t in texts]
    figures: dict[str, tuple[float, float, float]] = {}
    for name, path in (("ours", model), ("stock DIET", stock)):
        if path is None:
            continue
        async with serving(python, path, folder) as (url, pid):
            await latencies(url, "/model/parse", bodies[:50])
            quiet = statistics.median(await latencies(url, "/model/parse", bodies[:500]))
            busy = await rate(url, "/model/parse", (bodies * 3)[:2_000])
            figures[name] = (quiet, busy, resident_mb(pid))
            if name == "ours":
                await turns(url, texts)
    peer = figures.get("stock DIET", (None, None, None))
    row("understanding through the server, p50 ms", figures["ours"][0], "<= 8", peer[0], "stock DIET")
    row("understanding, messages/s with 8 clients", figures["ours"][1], ">= 200", peer[1], "stock DIET")
    row("understanding server, resident MB", figures["ours"][2], "<= 650", peer[2], "stock DIET")


async def turns(url: str, texts: list[str]) -> None:
    """A whole turn through the web door, beside Rasa's own REST channel on the same server."""
    messages = [{"sender": f"p{n % 1000}", "message": t.lstrip("/")} for n, t in enumerate(texts[:300])]
    with contextlib.suppress(httpx.HTTPError):
        peer = statistics.median(await latencies(url, "/webhooks/rest/webhook", messages))
        peer_rate = await rate(url, "/webhooks/rest/webhook", messages * 3)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.turns", url, "10000",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    out, _ = await process.communicate(json.dumps(texts).encode())
    found = json.loads(out)
    row("a turn, web in to reply out, p50 ms", found["p50"], "<= 20", peer, "Rasa REST channel")
    row("turns/s, 8 people at once", found["rate"], ">= 120", peer_rate, "Rasa REST channel")
    row("bot process after 10,000 turns by 1,000 people, MB", found["memory"], "<= 200")


def places(texts: list[str]) -> None:
    """Place resolution of real lines."""
    told = [f"{t}, em ở xã Cẩm Tân, Cẩm Thủy" for t in texts[:300]] + texts[:700]
    find_place(told[0])
    spent = []
    for text in told:
        start = time.perf_counter()
        find_place(text)
        spent.append((time.perf_counter() - start) * 1000)
    row("place resolution, p95 ms", statistics.quantiles(spent, n=20)[18], "<= 5")


def start(settings: configuration.Settings) -> None:
    """Seconds from `tincay up` to the first answer, and to full understanding."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to(settings.data_dir / "models")
        port = nlu_server.free_port()
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "up", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "TINCAY_DATA_DIR": folder},
        )  # fmt: skip
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                body = {"id": "1", "text": "chồng đánh em"}
                while not _answers(client, body):
                    time.sleep(0.02)
                row("start to first answer, s", time.perf_counter() - begun, "<= 2")
                while client.get("/healthz").json()["understanding"] != "ready" and time.perf_counter() - begun < 120:
                    time.sleep(0.2)
                row("warm start to full understanding, s", time.perf_counter() - begun, "<= 20")
        finally:
            process.terminate()
            process.wait()


def _answers(client: httpx.Client, body: dict[str, str]) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return bool(client.post("/chat", json=body).json()["messages"])
    return False


def main() -> None:
    """Measure everything; the stock pipeline is trained once (some minutes) and kept in the data folder."""
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    arguments.add_argument(
        "--without-peer", action="store_true", help="do not train and measure the stock DIET pipeline"
    )
    chosen = arguments.parse_args()
    settings = configuration.load()
    folder = settings.data_dir / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    texts = development_texts()
    model = nlu_server.current_model(settings.data_dir)
    if model is None:
        begun = time.perf_counter()
        model = nlu_server.train(settings.nlu_python, settings.data_dir, nlu_server.progress)
        row("first training, s", time.perf_counter() - begun, "<= 300")
    row("model file, MB", model.stat().st_size / 1e6, "<= 30")
    stock = None if chosen.without_peer else train_stock(settings.nlu_python, folder)
    places(texts)
    start(settings)
    asyncio.run(understanding(settings.nlu_python, model, stock, folder, texts))


if __name__ == "__main__":
    main()
