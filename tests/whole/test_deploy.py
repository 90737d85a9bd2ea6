"""What an operator installs: units and containers that may do little, and an understanding server in a cage."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cage import version
from bot.nlu_server import _environment, free_port
from bot.settings import ROOT, Settings

UNITS = sorted((ROOT / "bot" / "deploy").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SYSTEMD = shutil.which("systemd-analyze")
MOST_EXPOSED = 15
"""Tenths on systemd's own scale, where 100 is a service that may do everything."""


@pytest.mark.skipif(SYSTEMD is None, reason="no systemd-analyze on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=[u.name for u in UNITS])
def test_a_unit_is_whole_and_may_do_little(unit: Path) -> None:
    """systemd knows every line of it, and judges it well guarded."""
    verified = subprocess.run([str(SYSTEMD), "verify", str(unit)], capture_output=True, text=True)
    assert [line for line in verified.stderr.splitlines() if unit.stem in line and "not executable" not in line] == []
    judged = [str(SYSTEMD), "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit)]
    told = subprocess.run(judged, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout[-200:]


def test_rasa_in_its_unit_talks_to_this_machine_only() -> None:
    """A user of its own, no address but loopback, no file of the bot."""
    text = (ROOT / "bot" / "deploy" / "tincay-nlu.service").read_text()
    for line in ("IPAddressDeny=any", "IPAddressAllow=localhost", "User=tincay-nlu", "MemoryMax="):
        assert re.search(f"^{re.escape(line)}", text, re.MULTILINE), line
    assert "/var/lib/tincay " in text.split("InaccessiblePaths=")[1].splitlines()[0] + " "


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_no_root_and_writes_nowhere_but_its_volumes(name: str) -> None:
    """No root, no privileges, a read-only root, limits, a health check, no port open to the world."""
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["healthcheck"]["test"][0] == "CMD"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_health_of_a_worker_is_its_beating_heart(tmp_path: Path) -> None:
    """The check of the compose file believes a worker that beats, and no file that it left a minute ago."""
    alive = tmp_path / "worker.alive"
    *_, check = SERVICES["worker"]["healthcheck"]["test"]
    ask = [sys.executable, "-c", check.replace("/var/lib/tincay/worker.alive", str(alive))]
    environment = {
        "PATH": os.environ["PATH"], "TINCAY_DATA_DIR": str(tmp_path), "TINCAY_TELEGRAM_TOKEN": "1:sample",
        "TINCAY_TELEGRAM_API": f"http://127.0.0.1:{free_port()}", "TINCAY_SAMPLE_DATA": "false",
    }  # fmt: skip
    command = [str(ROOT / ".venv" / "bin" / "tincay"), "worker"]
    assert subprocess.run(ask, capture_output=True).returncode
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + 60
            while not alive.exists() and time.monotonic() < end:
                time.sleep(0.2)
            assert subprocess.run(ask).returncode == 0
        finally:
            process.terminate()
    os.utime(alive, (0, time.time() - 120))
    assert subprocess.run(ask).returncode == 1


def test_only_who_must_can_reach_the_world() -> None:
    """Rasa and the database stand in networks without a way out, and not in the same one."""
    inner = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    assert set(SERVICES["nlu"]["networks"]) == {"understanding"} <= inner
    assert set(SERVICES["db"]["networks"]) == {"stores"} <= inner


def test_no_secret_stands_in_the_deployment() -> None:
    """Passwords and keys come by file; what is set openly is a setting that the program knows."""
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("TOKEN|SECRET_KEYS|PASSWORD$|_URL$", name) or name == "TINCAY_NLU_URL", name
            assert not name.startswith("TINCAY_") or name.removeprefix("TINCAY_").lower() in Settings.model_fields
            assert "@" not in value
    for file in (*UNITS, ROOT / "Dockerfile"):
        for name in re.findall(r"\bTINCAY_([A-Z_]+)=", file.read_text()):
            assert name.lower() in Settings.model_fields, (file.name, name)
        for name in re.findall(r"LoadCredential=tincay_([a-z_]+):", file.read_text()):
            assert name in Settings.model_fields, (file.name, name)


CAGED = """
import pathlib, socket, sys
folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
def tell(what, act):
    try:
        act()
    except (OSError, MemoryError) as error:
        print(what, type(error).__name__)
    else:
        print(what, "done")
tell("own", lambda: (folder / "own" / "x").write_text("a"))
tell("model", lambda: (folder / "data" / "models" / "m").read_text())
tell("keys", lambda: (folder / "data" / "keys").read_text())
tell("by a link", lambda: (folder / "link" / "keys").read_text())
tell("elsewhere", lambda: (folder / "x").write_text("a"))
tell("remove", lambda: (folder / "data" / "keys").unlink())
tell("call", lambda: socket.create_connection(("127.0.0.1", port), 2))
tell("memory", lambda: bytearray(2_000_000_000))
"""


@pytest.mark.skipif(version() < 4, reason="this kernel's Landlock does not guard connections")
def test_what_runs_in_the_cage_reads_no_key_and_calls_nobody(tmp_path: Path) -> None:
    """It reads its model, writes to its own folder, and that is all; the way over a link is closed too."""
    data, own = tmp_path / "data", tmp_path / "own"
    (data / "models").mkdir(parents=True)
    own.mkdir()
    (data / "keys").write_text("k")
    (data / "models" / "m").write_text("m")
    (tmp_path / "link").symlink_to(data)
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = subprocess.run(
            [
                sys.executable, "-m", "bot.cage", "--hide", str(data), "--read", str(data / "models"), "--write", str(own),
                "--bind", str(free_port()), "--memory", "1000", "--",
                sys.executable, "-c", CAGED, str(tmp_path), str(server.getsockname()[1]),
            ],
            cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert dict(line.rsplit(" ", 1) for line in done.stdout.splitlines()) == {
        "own": "done", "model": "done", "keys": "PermissionError", "by a link": "PermissionError",
        "elsewhere": "PermissionError", "remove": "PermissionError", "call": "PermissionError", "memory": "MemoryError",
    }, done.stderr  # fmt: skip


def test_rasa_gets_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting, no place of secrets, nothing that the person who started it had set."""
    for name in ("TINCAY_SECRET_KEYS", "CREDENTIALS_DIRECTORY", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK"):
        monkeypatch.setenv(name, "geheim")
    assert "geheim" not in _environment(tmp_path).values()
