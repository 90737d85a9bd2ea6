"""What the person at the keyboard reads when something is set wrong: one sentence, what to do, no traceback."""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import __main__ as command_line
from bot import settings as configuration
from bot.settings import ROOT

Here = Callable[..., str]


def tincay(folder: Path, *arguments: str, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder of its own, with these settings and no others."""
    environment = {"PATH": os.environ["PATH"], "TINCAY_DATA_DIR": str(folder / "var"), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments], cwd=folder, input=given, capture_output=True, text=True, timeout=60,
        env=environment | {f"TINCAY_{name}": value for name, value in settings.items()},
    )  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """A command in this process, which must end with 2; gives what it told on standard error."""

    def run(*arguments: str, **settings: str) -> str:
        values = {"DATA_DIR": str(tmp_path / "var"), **settings}
        for name in configuration.Settings.model_fields:
            monkeypatch.delenv(f"TINCAY_{name.upper()}", raising=False)
        for name, value in values.items():
            monkeypatch.setenv(f"TINCAY_{name}", value)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["tincay", *arguments])
        monkeypatch.setattr("bot.log.set_up", lambda: None)
        monkeypatch.setattr("os.umask", lambda _: 0)
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        gc.enable()
        told = capsys.readouterr().err
        assert ended.value.code == 2, told
        assert "Traceback" not in told
        return told

    return run


WRONG = [
    ("NOW", "0001-01-01"), ("NOW", "9999-12-31T23:59+07:00"), ("NOW", "ngày mai"),
    ("PEOPLE_URL", "postgresql://tincay:mat-khau@127.0.0.1:cong/tincay"), ("PEOPLE_URL", "khong-phai-dia-chi"),
    ("PEOPLE_URL", "sqlite:////dev/null/x/people.db"), ("DIRECTORY_URL", "sqlite:////dev/null/x/directory.db"),
    ("DATA_DIR", "/dev/null/x"),
    *(("TELEGRAM_RATE", rate) for rate in ("inf", "nan", "0", "-1", "1e-300", "nhanh")), ("ZALO_RATE", "1e9"),
    ("NLU_URL", "ftp://127.0.0.1"), ("ZALO_API", "http://127.0.0.1:cong"), ("NLU_URL", "127.0.0.1:5005"), ("EXIT_URL", "javascript:alert(1)"), ("EXIT_URL", ""),
    ("TELEGRAM_API", "api.telegram.org"), ("TELEGRAM_TOKEN", "1:a b"), ("ZALO_TOKEN", "1:ab\n"), ("NLU_TOKEN", "chữ-có-dấu"),
    ("NLU_URL", "http://8.8.8.8:5005"), ("TELEGRAM_API", "http://api.example.org"), ("ZALO_API", "http://[2001:4860:4860::8888]"),
    ("TELEGRAM_WEBHOOK_SECRET", "q7w8e9z"), ("TELEGRAM_WEBHOOK_SECRET", "x" * 257), ("ZALO_WEBHOOK_SECRET", "1234567"), ("ZALO_WEBHOOK_SECRET", "x" * 257), ("SECRET_KEYS", "k1:abc"),
    ("PROVINCE", "Atlantis"), ("SAMPLE_DATA", "có thể"), ("HOSTS", "https://canbo.vn"), ("HOSTS", "canbo.vn:8080"), ("ZALO_MONTHLY_MESSAGES", "0"), ("LISTEN", "localhost"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{n}={v[:24]!r}" for n, v in WRONG])
def test_a_wrong_setting_is_told_in_a_sentence(here: Here, name: str, value: str) -> None:
    """Exit code 2; the setting or what is wrong in both languages; no traceback, and no secret repeated."""
    told = here("migrate", **{name: value})
    assert told.startswith("Lỗi / Error: ")
    assert " / " in told.removeprefix("Lỗi / Error: ")
    assert len(told.strip().splitlines()) == 1
    if "TOKEN" in name or "SECRET" in name:
        assert value not in told
        assert f"TINCAY_{name}" in told
    assert "mat-khau" not in told


@pytest.mark.parametrize("line", ["đây không phải cài đặt", "TINCAY_NOW", "=3", "TINCAY_NOW='2026"])
def test_a_line_of_the_file_that_is_no_setting_is_told(here: Here, tmp_path: Path, line: str) -> None:
    """The line is not left out in silence: its number is told."""
    (tmp_path / ".env").write_text(f"# cài đặt\nTINCAY_PROVINCE=\n\n{line}\n", encoding="utf-8")
    assert "dòng 4" in here("migrate")


def test_a_file_that_is_no_text_is_told(here: Here, tmp_path: Path) -> None:
    """Bytes of another kind in `.env`."""
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    assert ".env" in here("migrate")


def test_secrets_may_lie_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file a secret, as systemd and containers give them; what stands in the environment goes before."""
    monkeypatch.chdir(tmp_path)
    for name in configuration.Settings.model_fields:
        monkeypatch.delenv(f"TINCAY_{name.upper()}", raising=False)
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, value in (("tincay_telegram_token", "1:abc\n"), ("tincay_zalo_token", "2:def")):
        (folder / name).write_text(value)
        (folder / name).chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert configuration.load().telegram_token == "1:abc"
    monkeypatch.setenv("TINCAY_ZALO_TOKEN", "3:ghi")
    assert configuration.load().zalo_token == "3:ghi"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    (tmp_path / ".env").write_text(f"TINCAY_SECRETS_DIR={folder}\n")
    assert configuration.load().telegram_token == "1:abc"


def test_a_secret_that_everybody_can_read_is_refused(here: Here, tmp_path: Path) -> None:
    """The file is named, its content is not; a folder that is not there is told too."""
    secret = tmp_path / "tincay_secret_keys"
    secret.write_text("k1:bi-mat")
    secret.chmod(0o644)
    told = here("migrate", SECRETS_DIR=str(tmp_path))
    assert "chmod 400" in told
    assert "bi-mat" not in told
    assert "TINCAY_SECRETS_DIR" in here("migrate", SECRETS_DIR=str(tmp_path / "nowhere"))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_keys_that_others_can_read_stop_every_command(here: Here, tmp_path: Path, mode: int) -> None:
    """Neither the service nor a command starts on a key file that is open to others."""
    tincay(tmp_path, "migrate")
    (tmp_path / "var" / "keys").chmod(mode)
    for command in (("migrate",), ("up", "--port", "0"), ("keys", "rotate"), ("backup", str(tmp_path / "b"))):
        assert "chmod 600" in here(*command)


@pytest.mark.parametrize("key", ["A" * 43 + "=", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", "c2VjcmV0"])
def test_a_key_that_nobody_drew_by_lot_is_refused(here: Here, key: str) -> None:
    """Zeros, digits typed in a row, a word: no default key and no lazy one starts the service."""
    lookup = "lookup:" + "nC4pWmcLhQ0sYb2dXvEr8tUaZk6jFo1iGy7BqV3xMe4="
    assert "TINCAY_SECRET_KEYS" in here("migrate", SECRET_KEYS=f"k1:{key},{lookup}")


def test_a_port_that_cannot_be_had_is_told(here: Here) -> None:
    """Out of range, or taken by another program."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for port in ("-1", "65536", str(taken.getsockname()[1])):
            assert port in here("up", "--port", port)


@pytest.mark.parametrize("command", ["train", "predict"])
@pytest.mark.parametrize("python", ["/nowhere/python", "/dev/null"])
def test_without_the_python_of_rasa_the_way_out_is_told(here: Here, command: str, python: str) -> None:
    """`make install` is named, and the command does not hang."""
    assert "make install" in here(command, NLU_PYTHON=python)


def test_a_second_installation_with_other_keys_is_turned_away(here: Here, tmp_path: Path) -> None:
    """It could read nobody, and would end everybody's messages as failed: it is told before it touches anything."""
    tincay(
        tmp_path, "chat", "--jsonl", given='{"chat": "a", "text": "nó cầm dao đuổi em"}\n', NLU_URL="http://127.0.0.1:9"
    )
    shared = {"PEOPLE_URL": f"sqlite:///{tmp_path / 'var' / 'people.db'}"}
    for command in (("migrate",), ("campaign", "status")):
        assert "TINCAY_SECRET_KEYS" in here(*command, DATA_DIR=str(tmp_path / "other"), **shared)
    assert tincay(tmp_path, "migrate").returncode == 0


LINES = [
    r'{"chat": "\ud800", "text": "chào"}', r'{"chat": "a\u0000", "text": "chào"}', r'{"message_id": "\udfff", "text": "chào"}',
    "không phải json", "[]", "{", '"x"', "7", "null", '{"chat": {}, "text": "a"}', '{"chat": "a", "text": 7}',
    '{"chat": "a", "button": []}', '{"chat": "a", "location": [1]}', '{"chat": "a", "location": [91, 0]}',
    '{"chat": "a", "location": "đây"}', "[" * 20_000, '{"chat": ' + "9" * 5_000 + "}",
]  # fmt: skip


def test_every_malformed_line_gets_one_error_line_and_the_rest_is_answered(tmp_path: Path) -> None:
    """A pipe with broken lines: each is named by its number, and the good line after them is answered."""
    good = '{"chat": "b", "text": "nó cầm dao đuổi em"}'
    done = tincay(
        tmp_path, "chat", "--jsonl", given="\n".join([*LINES, good]) + "\n", NLU_URL="http://127.0.0.1:9", PYTHONIOENCODING="ascii"
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    errors = [row["error"] for row in rows if "error" in row]
    assert [e.split(":")[0] for e in errors] == [f"dòng {n}" for n in range(1, len(LINES) + 1)]
    assert "113" in rows[len(LINES)]["text"]
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_strange_but_whole_line_is_answered(tmp_path: Path) -> None:
    """Half surrogates in the words or in a button are left out; the words around them are read."""
    lines = [r'{"chat": "a", "text": "nó cầm dao \ud800 đuổi em"}', r'{"chat": "c", "button": "\ud800exit\u0000"}']
    done = tincay(tmp_path, "chat", "--jsonl", given="\n".join(lines) + "\n", NLU_URL="http://127.0.0.1:9")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert any("113" in row["text"] for row in rows if row["chat"] == "a")
    assert any(row["chat"] == "c" for row in rows)
