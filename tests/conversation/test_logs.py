"""Whatever people write and whatever breaks: no word, id, number, address, token or key of theirs comes out anywhere."""

from __future__ import annotations

import io
import itertools
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from prometheus_client import generate_latest

from bot.channels.webchat import WebChat
from bot.conversation.keywords import KeywordUnderstanding
from bot.conversation.understanding import Scores
from bot.errors import ChannelBusy, PayloadRefused
from bot.log import log, set_up
from bot.messages import Incoming
from bot.settings import Settings
from bot.web import application
from tests.conftest import KEYS, Bench
from tests.conversation.test_transcripts import FILES, Told

SECRET = "Quỳnhzeta, số 0912345678, nhà 12 ngõ Hoa Sữa"
CHAT = "chat-4711-zulu"
TRACES = ("Quỳnhzeta", "quỳnhzeta", "quynhzeta", "0912345678", "Hoa Sữa", "hoa sữa", CHAT, *(k.split(":")[1] for k in KEYS.split(",")))  # fmt: skip


def leaks(*texts: str) -> list[str]:
    """Return the secrets that stand in texts."""
    everything = "\n".join(texts)
    return [trace for trace in TRACES if trace in everything]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the process logs meanwhile, set up as in production."""
    out = io.StringIO()
    set_up(out)
    yield out
    structlog.reset_defaults()
    logging.captureWarnings(False)


class Clumsy(KeywordUnderstanding):
    """An understanding that breaks every third time, with the person's words in its error."""

    def __init__(self) -> None:
        self._times = itertools.count()

    async def scores(self, text: str) -> Scores:
        if next(self._times) % 3 == 2:
            raise RuntimeError(f"cannot read {text!r}")
        return await super().scores(text)


def replay(bench: Bench, file: Path) -> list[str]:
    """Say every message of a transcript with the secrets in it; return the messages as they were typed."""
    typed = []
    for line in file.read_text(encoding="utf-8").splitlines():
        mark, _, words = line.partition(" ")
        if mark == "@":
            bench.at(words)
        elif mark == "=":
            bench.understanding(Told(*words.split()))
        elif mark == ">>":
            bench.say(button=words, chat=CHAT)
        elif mark == ">":
            bench.say(words, chat=CHAT)
            bench.understanding(Clumsy())
            bench.say(f"{words} {SECRET}", chat=CHAT, location=(20.1234567, 105.7654321))
            typed.append(words)
    return [words for words in typed if len(words) > 12]


def test_no_conversation_leaves_a_trace_in_the_log(
    bench: Bench, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every transcript with secrets in it, an understanding that breaks, a channel that refuses: logs and metrics are clean."""
    bench.understanding(Clumsy())
    typed: list[str] = []
    for number, file in enumerate(FILES):
        if number % 5 == 0:
            bench.wire.failures += [ChannelBusy(SECRET), PayloadRefused(SECRET), ValueError(SECRET)]  # type: ignore[list-item]
        typed += replay(bench, file)
    console = capfd.readouterr()
    told = (logged.getvalue(), console.out, console.err, generate_latest().decode())
    assert "send_failed" in logged.getvalue()
    assert "turn_failed" in logged.getvalue()
    assert leaks(*told) == []
    assert [words for words in typed if any(words in text for text in told)] == []
    assert "20.1234" not in "".join(told)


def test_every_line_of_the_log_has_only_known_keys(logged: io.StringIO) -> None:
    """Whoever passes a text under any other name, or an object under a known one, writes nothing of it."""
    log.error(
        "turn_failed", text=SECRET, chat=CHAT, error=ValueError(SECRET), exc_info=ValueError(SECRET), words=[SECRET]
    )
    log.warning("send_failed", channel="telegram", exception=SECRET, token=KEYS)
    assert leaks(logged.getvalue()) == []
    assert logged.getvalue().count("\n") == 2


def test_what_libraries_say_is_not_written(logged: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    """Not even a critical line of theirs, nor its traceback, nor a warning, tells more than its name."""
    try:
        raise ValueError(SECRET)
    except ValueError:
        for name in ("httpx", "telegram", "sqlalchemy.engine", "asyncio", "anything"):
            logging.getLogger(name).critical("sent %s to %s", SECRET, CHAT, exc_info=True)
            logging.getLogger(name).error(SECRET)
    console = capfd.readouterr()
    assert leaks(logged.getvalue(), console.out, console.err) == []
    assert "CRITICAL anything" in logged.getvalue()


async def test_an_error_page_tells_nothing(logged: io.StringIO) -> None:
    """A fault behind the page is a 500 with the number to call, and no word of the error."""

    async def broken(incoming: Incoming) -> None:
        raise RuntimeError(f"{incoming.chat} {incoming.text}")

    page = application(broken, WebChat(Path("cards")), lambda: {"ok": True}, "https://example.org/")
    wire = httpx.ASGITransport(page, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=wire, base_url="http://test", cookies={"tincay": CHAT * 2}) as client:
        answer = await client.post("/chat", json={"id": "1", "text": SECRET, "have": 0})
    assert answer.status_code == 500
    assert "113" in answer.text
    assert leaks(answer.text, str(answer.headers), logged.getvalue()) == []
    assert "RuntimeError" in logged.getvalue()


CRASH = """
import sys, threading
from bot import log
log.set_up()
log.let_nothing_out()
secret = "Quỳnhzeta 0912345678"
if sys.argv[1] == "thread":
    thread = threading.Thread(target=lambda: int(secret)); thread.start(); thread.join()
elif sys.argv[1] == "finalizer":
    class Gone:
        def __del__(self): raise ValueError(secret)
    Gone()
elif sys.argv[1] == "abort":
    import os; os.abort()
else:
    raise ValueError(secret)
"""


@pytest.mark.parametrize("how", ["main", "thread", "finalizer", "abort"])
def test_a_crash_leaves_no_words_and_no_core(tmp_path: Path, how: str) -> None:
    """The kind of the error and the lines of code are told; the words are not, and memory is not written to disk."""
    allowed = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONFAULTHANDLER": "1",
        "PYTHONDEVMODE": "1",
    }
    done = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -c unlimited 2>/dev/null; exec {sys.executable} -c \"$CRASH\" {how}"],
        cwd=tmp_path, env={**allowed, "CRASH": CRASH}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert leaks(done.stdout, done.stderr) == []
    assert list(tmp_path.iterdir()) == []
    if how == "abort":
        assert done.returncode == -signal.SIGABRT
    else:
        assert re.search(r'"error": "ValueError"', done.stderr)
        assert '"where"' in done.stderr


def test_there_is_no_debug_mode(bench: Bench) -> None:
    """No setting turns one on, no part of the program can be built in one, and the web page is not."""
    assert [name for name in Settings.model_fields if "debug" in name or "verbose" in name] == []
    code = (Path(__file__).parents[2] / "bot").rglob("*.py")
    assert [
        f.name
        for f in code
        if re.search(r"\bdebug\s*=|set_debug|basicConfig\(level=(?!logging.CRITICAL)", f.read_text())
    ] == []
    app = bench.app
    assert application(app.receive, app.web, app.health, "https://example.org/").debug is False
