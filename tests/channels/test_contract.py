"""What every channel promises, whatever the platform: one table of promises, run over all four."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from bot.channels.telegram import Telegram
from bot.channels.terminal import Terminal, read_json
from bot.channels.webchat import WebChat
from bot.channels.webchat import read as read_page
from bot.channels.zalo_bot import ZaloBot
from bot.delivery.door import Channel
from bot.errors import ChannelBusy, ChannelClosed, ChannelError, ContactGone, OutcomeUnknown, PayloadRefused
from bot.messages import Button, Incoming, Outgoing
from bot.nlu_server import free_port
from bot.settings import ROOT
from tests.channels import fake_telegram, fake_zalo
from tests.conftest import Bench, FakeWire

CHAT = "47110815"
SECRET = "bi-mat-cua-bai-thu"
LONG = "\n".join(
    f"• Công an xã số {n}: 0237 3{n:03} 113 (thôn {n}, trực cả ngày đêm, kể cả ngày lễ)" for n in range(150)
)


@dataclass
class Line:
    """One channel, and the screen of the person at its other end."""

    channel: Channel
    seen: Callable[[], list[str]]
    fail: Callable[[dict[str, Any]], None] | None = None
    limit: int | None = None


@pytest.fixture(scope="module")
def telegram_server() -> Iterator[httpx.Client]:
    """Telegram on loopback, once for all tests of this file."""
    port = free_port()
    command = [sys.executable, "-m", "tests.channels.fake_telegram", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as child, httpx.Client(base_url=f"http://127.0.0.1:{port}") as steer:
        for _ in range(400):
            with contextlib.suppress(httpx.ConnectError):
                steer.post("/fake/reset")
                break
            time.sleep(0.05)
        yield steer
        child.terminate()


@pytest.fixture(scope="module")
def zalo_server() -> Iterator[fake_zalo.FakeZalo]:
    """Zalo on loopback."""
    with fake_zalo.running() as started:
        yield started


@pytest.fixture(params=["telegram", "zalo", "web", "terminal", "terminal --jsonl"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Line]:
    """Each channel in turn, with an empty screen at its other end."""
    name = request.param
    if name == "telegram":
        steer: httpx.Client = request.getfixturevalue("telegram_server")
        steer.post("/fake/reset")  # noqa: ASYNC212 - the server is another process
        telegram = Telegram(fake_telegram.TOKEN, str(steer.base_url), SECRET, 1_000.0, tmp_path)

        def sent() -> list[str]:
            rows = [m for m in steer.get("/fake/state").json()["sent"] if str(m["chat"]["id"]) == CHAT]
            return [f"{m['text']}\n{json.dumps(m['reply_markup'], ensure_ascii=False)}" for m in rows]

        yield Line(telegram, sent, lambda how: steer.post("/fake/fail", json=how).raise_for_status(), 4_096)
        await telegram.close()
    elif name == "zalo":
        zalo: fake_zalo.FakeZalo = request.getfixturevalue("zalo_server")
        zalo.reset()
        bot = ZaloBot(fake_zalo.TOKEN, zalo.url, SECRET, 1_000.0)
        yield Line(
            bot, lambda: zalo.texts(CHAT), lambda how: zalo.fail(fake_zalo.Failure(code=how["status"])), 2_000
        )  # fmt: skip
        await bot.close()
    elif name == "web":
        web = WebChat(tmp_path)
        yield Line(
            web,
            lambda: ["\n".join([m["text"], *(b["label"] for b in m["buttons"])]) for m in web.fetch(CHAT, 0)],
        )
    else:
        written: list[str] = []
        terminal = Terminal(written.append, jsonl="jsonl" in name)
        yield Line(terminal, lambda: [json.dumps(json.loads(w), ensure_ascii=False) if "jsonl" in name else w for w in written])  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_private_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test here does, no log holds a token, a secret, a chat id or words."""
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as events:
        yield
    logged = repr([r.getMessage() for r in caplog.get_records("call") if "fake" not in r.getMessage()]) + repr(events)
    assert not [p for p in (fake_telegram.TOKEN, fake_zalo.TOKEN, SECRET, CHAT, "chồng") if p in logged]


async def test_words_and_choices_are_seen(line: Line) -> None:
    """The text and every choice reach the screen, in order, whatever the platform has for choices."""
    await line.channel.send(CHAT, Outgoing("Chồng đánh: gọi 113.", (Button("Không gặp ai", "avoid"), Button("Thoát", "exit"))))  # fmt: skip
    (screen,) = line.seen()
    assert 0 <= screen.index("gọi 113.") < screen.index("Không gặp ai") < screen.index("Thoát")


async def test_choices_of_another_language_are_seen_in_it(line: Line) -> None:
    """Languages can be chosen everywhere by their own names; the line over numbers is in the language of the answer."""
    names = (Button("Tiếng Việt", "language:vi"), Button("English", "language:en"), Button("ភាសាខ្មែរ", "language:km"))
    await line.channel.send(CHAT, Outgoing("Choose a language.", names, language="en"))
    (screen,) = line.seen()
    assert 0 <= screen.index("Tiếng Việt") < screen.index("English") < screen.index("ភាសាខ្មែរ")
    assert "Gõ số" not in screen
    assert ("Type a number:" in screen) == (line.channel.name == "zalo")


async def test_a_long_message_arrives_whole_and_no_number_is_cut(line: Line) -> None:
    """All numbers are on the screen, each in one piece; the choices come with the last part."""
    await line.channel.send(CHAT, Outgoing(LONG, (Button("Thoát", "exit"),)))
    screens = [s.replace("\\n", "\n") for s in line.seen()]
    numbers = [n for s in screens for n in re.findall(r"0237 3\d{3} 113", s)]
    assert numbers == [f"0237 3{n:03} 113" for n in range(150)]
    assert "Thoát" in screens[-1]
    assert not any("Thoát" in s for s in screens[:-1])
    if line.limit:
        assert len(screens) > 1
        assert all(len(s.split("\n{")[0].split("\nnull")[0]) <= line.limit for s in screens)


async def test_two_messages_arrive_in_order(line: Line) -> None:
    """What is sent first is seen first."""
    for n in range(5):
        await line.channel.send(CHAT, Outgoing(f"câu {n}"))
    assert [int(m[1]) for s in line.seen() if (m := re.search(r"câu (\d)", s))] == list(range(5))


MEANINGS = [
    (400, (PayloadRefused,)), (401, (ChannelClosed,)), (403, (ContactGone, ChannelBusy)), (429, (ChannelBusy,)),
    (500, (ChannelBusy,)), (503, (ChannelBusy,)), (504, (ChannelBusy, OutcomeUnknown)),
]  # fmt: skip


@pytest.mark.parametrize(("status", "meaning"), MEANINGS, ids=[str(s) for s, _ in MEANINGS])
async def test_every_refusal_says_what_to_do_next(line: Line, status: int, meaning: tuple[Any, ...]) -> None:
    """The door hears one of our own errors, without token, chat or words in it."""
    if line.fail is None:
        pytest.skip("nothing behind this channel can refuse")
    line.fail({"status": status, **({"retry_after": 1} if status == 429 else {})})
    with pytest.raises(ChannelError) as caught:
        await line.channel.send(CHAT, Outgoing("chồng đánh"))
    assert isinstance(caught.value, meaning)
    told = repr(caught.value) + str(caught.value)
    assert not [p for p in (fake_telegram.TOKEN, fake_zalo.TOKEN, CHAT, "chồng") if p in told]


async def test_clearing_may_be_asked_at_any_time(line: Line) -> None:
    """Nothing to delete, or ids of another kind: no channel minds."""
    await line.channel.clear(CHAT, [])
    await line.channel.clear(CHAT, ["không-phải-số"])


# The same list of bad input through the reader of each door


TELEGRAM = Telegram(fake_telegram.TOKEN, "http://127.0.0.1:9", SECRET, 1_000.0, Path("cards"))
ZALO = ZaloBot(fake_zalo.TOKEN, "http://127.0.0.1:9", SECRET, 1_000.0)


def _telegram(text: str, button: str | None) -> Incoming | None:
    body: dict[str, Any] = {"chat": 5, "text": text} if button is None else {"chat": 5, "button": button}
    return TELEGRAM.read(_wire(fake_telegram._update(100, body)))


def _zalo(text: str, button: str | None) -> Incoming | None:
    return ZALO.read(_wire(fake_zalo.update("5", button if button is not None else text)))


def _page(text: str, button: str | None) -> Incoming | None:
    return read_page("x" * 24, _wire({"id": "1", "text": text, **({} if button is None else {"button": button})}))


def _terminal(text: str, button: str | None) -> Incoming | None:
    row = {"chat": "a", "text": text, **({} if button is None else {"button": button})}
    return read_json(json.dumps(row), 1, "run")


def _wire(row: Any) -> Any:
    return json.loads(json.dumps(row))


DOORS = {"telegram": _telegram, "zalo": _zalo, "web": _page, "terminal": _terminal}
BAD = {
    "empty": "", "blank": " \n\t\u00a0", "emoji": "😭😭😭", "100,000 signs": "a" * 100_000, "NUL": "chồng\0 đánh em",
    "half a sign": "chồng đánh em \ud83d", "NFD": "cho\u0302\u0300ng \u0111a\u0301nh em", "turned": "\u202echồng đánh em\u202c\u200f",
    "start with junk": "/start 💥 ../../etc", "a slash": "/chồng đánh em", "one letter": "a", "marks only": "\u0301\u0302",
    "all controls": "".join(map(chr, range(32))), "zalgo": "e" + "\u0301" * 3_000,
}  # fmt: skip
BUTTONS = [
    "khong-co-nut-nay",
    "",
    "place:999999999999",
    "place:x",
    "callback:yes",
    "erase:\ud800",
    "subscribe:99999",
    ":" * 64,
    "🙂" * 64,
]


async def answers(bench: Bench, read: Incoming | None) -> str:
    """Give the machine what a door has read; return all that is answered."""
    assert read is not None, "the door left it unanswered"
    wire = FakeWire(read.channel)
    bench.app.machine.door.channels[read.channel] = wire
    await bench.app.receive(read)
    return "\n".join(o.text for _, o in wire.sent)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", BAD)
async def test_bad_input_is_answered_at_every_door(bench: Bench, door: str, kind: str) -> None:
    """Whatever comes through whichever door, somebody answers; words that tell are still heard in it."""
    said = await answers(bench, DOORS[door](BAD[kind], None))
    assert said
    assert "trục trặc" not in said
    if "đánh" in BAD[kind] or kind == "NFD":
        assert "113" in said


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("button", BUTTONS)
async def test_a_made_up_button_is_answered_at_every_door(bench: Bench, door: str, button: str) -> None:
    """A button that was never offered gets a kind answer and breaks nothing."""
    said = await answers(bench, DOORS[door]("", button))
    assert said
    assert "trục trặc" not in said
