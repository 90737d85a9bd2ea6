"""The whole product as a process: `tincay up` on a folder of its own, with the trained model."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from bot import nlu_server
from bot import settings as configuration
from bot.conversation.rasa import RasaUnderstanding
from bot.conversation.understanding import Understood
from bot.evaluation import judge
from bot.nlu_server import running_server
from bot.settings import ROOT


@pytest.fixture(scope="session")
def model() -> Path:
    """Today's model, trained now if there is none (some minutes)."""
    settings = configuration.Settings()
    if not settings.nlu_python.exists():
        pytest.skip("no Rasa environment here: make install")
    found = nlu_server.current_model(settings.data_dir)
    return found or asyncio.run(nlu_server.train(settings.nlu_python, settings.data_dir, nlu_server.progress))


class Up:
    """A running `tincay up`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = nlu_server.free_port()
        self.out = folder / "out.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; return at once."""
        environment = {"PATH": os.environ["PATH"], "TINCAY_DATA_DIR": str(self.folder / "var")}
        with self.out.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "up", "--port", str(self.port)],
                cwd=ROOT, stdout=out, stderr=out, env=environment, start_new_session=True,
            )  # fmt: skip

    def stop(self, how: int = signal.SIGINT) -> None:
        """End the process."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(20)

    def say(self, text: str, message_id: str | None = None, person: str = "person") -> str:
        """Say something as a page would; return all answers as one text."""
        body = {"id": message_id or str(time.monotonic_ns()), "text": text, "have": 0}
        cookies = {"cookie": f"tincay={person:_>24}"}
        answer = httpx.post(f"http://127.0.0.1:{self.port}/chat", json=body, headers=cookies, timeout=20)
        answer.raise_for_status()
        return "\n".join(m["text"] for m in answer.json()["messages"])

    def state(self) -> str:
        """Return the state of understanding, or "" while nothing answers."""
        try:
            return str(httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=5).json()["understanding"])
        except httpx.HTTPError:
            return ""

    def wait(self, state: str, seconds: float) -> None:
        """Wait for a state of understanding ("" for any answer)."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            now = self.state()
            if now == state if state else now:
                return
            time.sleep(0.1)
        raise AssertionError(f"not {state or 'answering'} within {seconds} s:\n{self.out.read_text()}")


@pytest.fixture(scope="session")
def up(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One running product for the whole session."""
    folder = tmp_path_factory.mktemp("up")
    (folder / "var").mkdir(mode=0o700)
    (folder / "var" / "models").symlink_to(model.parent)
    running = Up(folder)
    running.start()
    running.wait("", 30)
    yield running
    running.stop()


Ask = Callable[[list[str]], list[Understood]]
"""Understands texts by the path of a live message: screen, model, rules."""


@pytest.fixture(scope="module")
def ask(up: Up) -> Ask:
    """The running product's own model."""
    up.wait("ready", 120)
    found = running_server(up.folder / "var")
    assert found

    def understood(texts: list[str]) -> list[Understood]:
        async def run() -> list[Understood]:
            server = RasaUnderstanding(*found)
            judged = await judge(server, [{"text": text} for text in texts])
            await server.close()
            return [j.said for j in judged]

        return asyncio.run(run())

    return understood
