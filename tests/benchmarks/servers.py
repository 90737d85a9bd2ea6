"""Understanding servers for the benchmark: ours, and Rasa's stock pipeline trained on the same lines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import yaml

from bot.nlu_server import free_port, progress
from bot.settings import ROOT
from nlu.lines import DATA, read

_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "OMP_NUM_THREADS": "1",
}


SAMPLE = 5
"""The stock pipeline learns one line in so many: its speed is compared, not what it understands, and all lines take long."""
START_SECONDS = 180.0


def train_stock(python: Path, folder: Path) -> Path:
    """Train the stock pipeline once; later runs use the same file."""
    model = folder / "stock.tar.gz"
    if not model.exists():
        lines = folder / "stock-lines"
        lines.mkdir(exist_ok=True)
        count = _write_sample(lines / "lines.yml")
        progress(f"training stock DIET once on {count} lines, 2 epochs (some two minutes of processor time)")
        log, begun = folder / "stock.log", time.monotonic()
        command = [
            str(python), "-m", "rasa", "train", "nlu", "--config", "tests/benchmarks/diet.yml", "--nlu", str(lines),
            "--out", str(folder), "--fixed-model-name", "stock",
        ]  # fmt: skip
        with (
            log.open("wb") as out,
            subprocess.Popen(command, cwd=ROOT, env=_environment(), stdout=out, stderr=out) as running,
        ):
            while running.poll() is None:
                time.sleep(1)
                if int(time.monotonic() - begun) % 30 == 29:
                    progress(f"  {time.monotonic() - begun:.0f} s")
        if running.returncode or not model.exists():
            raise SystemExit(f"stock DIET was not trained; see {log}")
    return model


def _write_sample(file: Path) -> int:
    by_intent: dict[str, str] = defaultdict(str)
    sample = list(read(DATA))[::SAMPLE]
    for line in sample:
        by_intent[line.intent] += f"- {line.text}\n"
    rows = [{"intent": intent, "examples": examples} for intent, examples in by_intent.items()]
    file.write_text(yaml.safe_dump({"version": "3.1", "nlu": rows}, allow_unicode=True), encoding="utf-8")
    return len(sample)


@contextlib.asynccontextmanager
async def serving(python: Path, model: Path, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """Serve a model on loopback; give its address and process id when it answers; end the benchmark when it does not."""
    port = free_port()
    credentials = folder / "credentials.yml"
    credentials.write_text("rest:\n")
    log = folder / "server.log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            str(python), "-m", "rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", str(port),
            "--model", str(model), "--endpoints", str(ROOT / "nlu" / "endpoints.yml"), "--credentials", str(credentials),
            cwd=folder, env=_environment(), stdout=out, stderr=out,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        async with httpx.AsyncClient(base_url=url, timeout=5) as client:
            while not await _parses(client):
                if process.returncode is not None or time.monotonic() > deadline:
                    raise SystemExit(f"the server does not answer; see {log}")
                await asyncio.sleep(0.5)
        yield url, process.pid
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _parses(client: httpx.AsyncClient) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return (await client.post("/model/parse", json={"text": "xin chào"})).status_code == 200
    return False


def _environment() -> dict[str, str]:
    return {**os.environ, **_QUIET, "PYTHONPATH": str(ROOT)}


async def latencies(url: str, path: str, bodies: list[dict[str, str]]) -> list[float]:
    """Ask one after the other; return milliseconds."""
    found = []
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        for body in bodies:
            start = time.perf_counter()
            (await client.post(path, json=body)).raise_for_status()
            found.append((time.perf_counter() - start) * 1000)
    return found


async def rate(url: str, path: str, bodies: list[dict[str, str]], clients: int = 8) -> float:
    """Ask with several clients at once; return answers per second."""
    waiting = iter(bodies)

    async def one() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=10) as client:
            for body in waiting:
                (await client.post(path, json=body)).raise_for_status()

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return len(bodies) / (time.perf_counter() - start)


def resident_mb(pid: int | str = "self") -> float:
    """Return the resident memory of a process in MB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
