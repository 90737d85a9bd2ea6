"""Understanding servers for the benchmark: ours, and Rasa's stock pipeline trained on the same lines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from bot.nlu_server import free_port
from bot.settings import ROOT

_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "OMP_NUM_THREADS": "1",
}


def train_stock(python: Path, folder: Path) -> Path:
    """Train the stock pipeline once; later runs use the same file."""
    model = folder / "stock.tar.gz"
    if not model.exists():
        command = [
            str(python),
            "-m",
            "rasa",
            "train",
            "nlu",
            "--config",
            "tests/benchmarks/diet.yml",
            "--nlu",
            "nlu/data",
        ]
        subprocess.run(
            [*command, "--out", str(folder), "--fixed-model-name", "stock"],
            cwd=ROOT, env={**os.environ, **_QUIET, "PYTHONPATH": str(ROOT)}, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    return model


@contextlib.asynccontextmanager
async def serving(python: Path, model: Path, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """Serve a model on loopback; give its address and process id when it answers."""
    port = free_port()
    credentials = folder / "credentials.yml"
    credentials.write_text("rest:\n")
    process = await asyncio.create_subprocess_exec(
        str(python), "-m", "rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", str(port),
        "--model", str(model), "--endpoints", str(ROOT / "nlu" / "endpoints.yml"), "--credentials", str(credentials),
        cwd=folder, env={**os.environ, **_QUIET, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(300):
                with contextlib.suppress(httpx.HTTPError):
                    if (
                        await client.post(f"{url}/model/parse", json={"text": "xin chào"}, timeout=5)
                    ).status_code == 200:
                        break
                await asyncio.sleep(0.5)
        yield url, process.pid
    finally:
        process.terminate()
        await process.wait()


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
