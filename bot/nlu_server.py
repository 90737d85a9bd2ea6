"""The understanding server: train when the model is missing or stale, start Rasa on loopback, restart it if it dies."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from bot.clock import VIETNAM
from bot.errors import SettingsError, UnderstandingDown
from bot.log import log
from bot.settings import ROOT
from bot.standing import Standing
from nlu.lines import DATA

Tell = Callable[[str], None]
_INPUTS = (
    "config.yml",
    "nlu/text.py",
    "nlu/labels.py",
    "nlu/noise.py",
    "nlu/components/*.py",
    "nlu/encoder/pieces.py",
    "nlu/encoder/weights/encoder.onnx",
    "nlu/encoder/weights/pieces.npz",
    "nlu/data/**/*.yml",
    "nlu/development/**/*.yml",
    "nlu/requirements.txt",
)
_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore", "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1",
 "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
SERVING_MB, TRAINING_MB = 1_500, 12_000
"""What Rasa may hold for its data; more is a fault, and the process is started again."""


def fingerprint() -> str:
    """Return the fingerprint of everything that the model is made from."""
    found = hashlib.sha256()
    for pattern in _INPUTS:
        for file in sorted(ROOT.glob(pattern)):
            found.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]


def staff_lines(data_dir: Path) -> list[Path]:
    """Return the files of example lines that the staff of this machine wrote."""
    return sorted((data_dir / "lines").glob("*.yml"))


def model_name(data_dir: Path) -> str:
    """Return the file name of the model that today's project files and staff lines would give."""
    files = staff_lines(data_dir)
    found = hashlib.sha256(b"".join(file.name.encode() + b"\0" + file.read_bytes() for file in files))
    return f"tincay-{fingerprint()}{'-' + found.hexdigest()[:8] if files else ''}.tar.gz"


def current_model(data_dir: Path) -> Path | None:
    """Return the model taken last that was trained from today's project files, with staff lines or without; or None.

    Staff lines that changed since do not count here: they enter by `tincay train` only, which compares.
    """
    return any_model(data_dir, f"tincay-{fingerprint()}*.tar.gz")


def any_model(data_dir: Path, pattern: str = "tincay-*.tar.gz") -> Path | None:
    """Return the model taken last, current or not: a stale model is better than none while the new one trains."""
    return max((data_dir / "models").glob(pattern), key=lambda m: m.stat().st_mtime, default=None)


async def train(python: Path, data_dir: Path, tell: Tell) -> Path:
    """Train a model from the project's own lines and take it; some minutes, with progress."""
    return take(await train_candidate(python, data_dir, tell, f"tincay-{fingerprint()}.tar.gz", [DATA]))


async def train_candidate(python: Path, data_dir: Path, tell: Tell, name: str, lines: list[Path]) -> Path:
    """Train a model from these folders of lines and put it beside the models in use, as a candidate.

    Whoever stops waiting ends the training.
    """
    check_python(python)
    candidates = data_dir / "models" / "candidate"
    candidates.mkdir(parents=True, exist_ok=True)
    tell("Đang huấn luyện mô hình hiểu tiếng Việt (vài phút)…")
    tail: list[str] = []
    with _own_folder(data_dir) as own, tempfile.TemporaryDirectory() as together:
        _link(lines, Path(together))
        command = [
            *_caged(python, data_dir, [own, candidates], TRAINING_MB), "-m", "rasa", "train", "nlu", "--config", str(ROOT / "config.yml"),
            "--nlu", together, "--out", str(candidates.resolve()), "--fixed-model-name", name.removesuffix(".tar.gz"),
        ]  # fmt: skip
        running = await asyncio.create_subprocess_exec(
            *command, cwd=own, env=_environment(own), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,
        )  # fmt: skip
        try:
            assert running.stdout  # noqa: S101 - piped above
            async for line in running.stdout:
                said = line.decode(errors="replace").rstrip()
                if said.startswith("[tincay] "):
                    tell(said.removeprefix("[tincay] "))
                else:
                    tail = [*tail[-15:], said]
            await running.wait()
        finally:
            await _end(running)
    model = candidates / name
    if running.returncode or not model.exists():
        raise UnderstandingDown("Huấn luyện không xong:\n" + "\n".join(tail))
    tell("Đã huấn luyện xong.")
    return model


def _link(folders: list[Path], together: Path) -> None:
    for number, folder in enumerate(folders):
        (together / str(number)).symlink_to(folder.resolve())


def take(candidate: Path) -> Path:
    """Put a candidate in use, in one step; keep the model before it, and no third."""
    models = candidate.parent.parent if candidate.parent.name == "candidate" else candidate.parent
    os.utime(candidate)
    model = candidate.replace(models / candidate.name)
    for old in sorted(models.glob("tincay-*.tar.gz"), key=lambda m: m.stat().st_mtime)[:-2]:
        old.unlink()
        _figures(old).unlink(missing_ok=True)
    return model


def standing(data_dir: Path, state: str) -> Standing:
    """Return how the understanding of this machine is."""
    model = current_model(data_dir) or any_model(data_dir)
    if model is None:
        return Standing(state)
    try:
        figures = json.loads(_figures(model).read_text())
    except (OSError, ValueError):
        figures = {}
    return Standing(state, datetime.fromtimestamp(model.stat().st_mtime, VIETNAM), figures)


def keep_figures(data_dir: Path, model: str, figures: Mapping[str, float | int | None]) -> None:
    """Keep what a model scored on the development lines, beside the models."""
    _figures(data_dir / "models" / model).write_text(json.dumps(dict(figures)))


def _figures(model: Path) -> Path:
    return model.with_name(model.name.replace(".tar.gz", ".json"))


def check_python(python: Path) -> None:
    """Raise `SettingsError` when the environment of Rasa is not there."""
    if not (python.is_file() and os.access(python, os.X_OK)):
        raise SettingsError(
            f"Chưa có môi trường Rasa ({python}). Chạy: make install (cần Python 3.10). / "
            "No environment for Rasa: run make install (needs Python 3.10)."
        )


class NluServer:
    """One Rasa process on loopback with a random token; `url` and `token` are known before it is ready."""

    def __init__(self, python: Path, data_dir: Path, url: str = "", token: str = "", port: int = 0) -> None:
        self.port = port or free_port()
        self.url = url or f"http://127.0.0.1:{self.port}"
        self.token = token or ("" if url else secrets.token_hex(24))
        self._external = bool(url)
        self._python = python
        self._data_dir = data_dir
        self._process: asyncio.subprocess.Process | None = None
        self._shares = False
        self.state = "external" if url else "waiting"

    async def run(self, tell: Tell, share: bool = False) -> None:
        """Train if need be, then keep Rasa running until cancelled. Failures are told, and tried again later.

        With `share`, other commands of this machine find the server and need not start their own.
        """
        if self._external:
            return
        pause = 1.0
        while True:
            try:
                model = current_model(self._data_dir)
                if model is None:
                    self.state = "training"
                    model = await train(self._python, self._data_dir, tell)
                elif model.name != model_name(self._data_dir):
                    tell("Có dòng mẫu của nhân viên chưa học. Chạy: tincay train")
                self.state = "starting"
                if share:
                    self._share(model)
                code = await self.serve(model)
                log.warning("nlu_stopped", status=code)
                pause = 1.0 if self.state == "ready" else min(60.0, pause * 2)
            except (SettingsError, UnderstandingDown, OSError) as error:
                self.state = "down"
                tell(str(error))
                pause = 60.0
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """End the process."""
        if self._process:
            await _end(self._process)
        if self._shares:
            _shared(self._data_dir).unlink(missing_ok=True)

    async def serve(self, model: Path) -> int:
        """Run one process on this model until it ends or we are cancelled; return its exit code."""
        with _own_folder(self._data_dir) as own:
            return await self._serve(model, own)

    async def _serve(self, model: Path, own: Path) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *_caged(self._python, self._data_dir, [own], SERVING_MB, self.port), "-m", "nlu.serve", "--enable-api", "--interface", "127.0.0.1", "--port", str(self.port),
            "--model", str(model), "--endpoints", str(ROOT / "nlu" / "endpoints.yml"),
            cwd=own, env={**_environment(own), "RASA_SERVER_TOKEN": self.token}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )  # fmt: skip
        try:
            return await self._process.wait()
        except asyncio.CancelledError:
            await self.stop()
            raise

    def _share(self, model: Path) -> None:
        """Tell other commands on this machine (predict, chat) where the server is; only the owner can read it."""
        self._shares = True
        file = _shared(self._data_dir)
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump({"url": self.url, "token": self.token, "model": model.name}, out)


def running_server(data_dir: Path) -> tuple[str, str] | None:
    """Return address and token of a server that another command of this machine started, if it has today's model."""
    try:
        row = json.loads(_shared(data_dir).read_text())
        host, port = row["url"].removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=0.3):
            pass
    except (OSError, ValueError, KeyError):
        return None
    model = current_model(data_dir)
    return (row["url"], row["token"]) if model and row.get("model") == model.name else None


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a child that may still run, by force after five seconds."""
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()


def _die_with_parent() -> None:
    """Ask Linux to end the server when the bot dies, however it dies; elsewhere an orderly stop does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _shared(data_dir: Path) -> Path:
    return data_dir / "run" / "nlu.json"


@contextlib.contextmanager
def _own_folder(data_dir: Path) -> Iterator[Path]:
    """Lend Rasa a folder where it unpacks its model, the only one that it may write to; those of killed processes go."""
    run = data_dir.resolve() / "run"
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in run.glob("nlu-*-*"):
        if not _lives(int(left.name.split("-")[1])):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"nlu-{os.getpid()}-", dir=run, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def _caged(python: Path, data_dir: Path, write: list[Path], megabytes: int, port: int = 0) -> list[str]:
    """Return how Rasa's Python is started: without our data, keys and settings, without a way out (see `bot.cage`)."""
    data = data_dir.resolve()
    secrets_dir = [os.environ[name] for name in ("TINCAY_SECRETS_DIR", "CREDENTIALS_DIRECTORY") if name in os.environ]
    return [
        str(python), "-m", "bot.cage", "--hide", *map(str, (data, Path(".env").resolve(), ROOT / ".env")), *secrets_dir,
        "--read", str(data / "models"), str(data / "lines"), "--write", *map(str, write),
        "--bind", str(port), "--memory", str(megabytes), "--", str(python),
    ]  # fmt: skip


def _environment(own: Path) -> dict[str, str]:
    """Rasa sees nothing of ours: no settings, no keys, no tokens; and nothing of the person who started it."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    return {**kept, **_ENVIRONMENT, "PYTHONPATH": str(ROOT), "HOME": str(own), "TMPDIR": str(own)}


def progress(line: str) -> None:
    """Tell on the terminal."""
    print(line, file=sys.stderr, flush=True)
