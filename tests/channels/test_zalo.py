"""The Zalo Bot channel against a Zalo of our own: every answer it can give, and a person who writes to it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import re
import socket
import sqlite3
import traceback
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from bot import app as whole
from bot import settings as configuration
from bot.channels import zalo_bot
from bot.channels.menu import parts, split, units
from bot.channels.zalo_bot import ZaloBot, read_answer, read_update
from bot.conversation.keywords import KeywordUnderstanding
from bot.delivery import door
from bot.errors import ChannelBusy, ChannelClosed, ChannelError, OutcomeUnknown, PayloadRefused
from bot.messages import Button, Incoming, Outgoing
from bot.web import BODY_LIMIT, application
from tests.channels.fake_zalo import HTML, TOKEN, Failure, FakeZalo, running, update
from tests.conftest import KEYS

SECRET = "webhook-secret-of-the-tests"
CHAT = "a1b2c3d4e5f60718"
WORDS = "chồng em vừa đánh em, em sợ quá"
PRIVATE = (TOKEN, SECRET, CHAT, WORDS)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(scope="module")
def server() -> Iterator[FakeZalo]:
    """One process for all tests here."""
    with running() as started:
        yield started


@pytest.fixture
def zalo(server: FakeZalo) -> FakeZalo:
    """The platform, as new."""
    server.reset()
    return server


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
async def bot(zalo: FakeZalo, clock: Clock) -> AsyncIterator[ZaloBot]:
    """A bot without a pace worth mentioning."""
    made = ZaloBot(TOKEN, zalo.url, SECRET, 1_000.0, clock)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def nothing_private_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[list[Any]]:
    """Whatever a test here does, no log holds the token, the secret, a chat or words."""
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as events:
        yield events
    records = caplog.get_records("setup") + caplog.get_records("call")
    logged = repr([(r.getMessage(), vars(r)) for r in records]) + repr(events)
    assert not [p for p in PRIVATE if p in logged]


# What is sent


async def test_a_message_arrives_as_plain_text(zalo: FakeZalo, bot: ZaloBot) -> None:
    """Text in NFC, no markup, nothing but the two parameters; the platform's id comes back."""
    message_id = await bot.send(CHAT, Outgoing(unicodedata.normalize("NFD", "Gọi *113* <ngay> khi bạn có thể")))
    (sent,) = zalo.sent()
    assert set(sent) == {"chat_id", "text", "message_id", "at"}
    assert (sent["chat_id"], sent["text"]) == (CHAT, "Gọi *113* <ngay> khi bạn có thể")
    assert message_id == sent["message_id"]


async def test_choices_are_numbered_lines(zalo: FakeZalo, bot: ZaloBot) -> None:
    """There are no buttons: the choices stand under the text with their numbers."""
    choices = (Button("Không phải chuyện này", "not_this"), Button("Thoát nhanh", "exit"))
    await bot.send(CHAT, Outgoing("Gọi 113.", choices))
    assert zalo.texts(CHAT) == ["Gọi 113.\n\nGõ số:\n1. Không phải chuyện này\n2. Thoát nhanh"]


async def test_a_long_message_arrives_whole_and_in_order(zalo: FakeZalo, bot: ZaloBot) -> None:
    """Every part fits, the choices come last, and the id is that of the last part."""
    lines = [f"• Công an xã số {n}: 0237 3{n:03} 113 (thôn {n}, trực 24 giờ)" for n in range(120)]
    message_id = await bot.send(CHAT, Outgoing("\n".join(lines), (Button("Thoát", "exit"),)))
    texts = zalo.texts(CHAT)
    assert len(texts) > 2
    assert "\n".join(texts) == "\n".join(lines) + "\n\nGõ số:\n1. Thoát"
    assert message_id == zalo.sent()[-1]["message_id"]


async def test_nothing_to_say_is_refused_without_asking(zalo: FakeZalo, bot: ZaloBot) -> None:
    """Zalo wants 1 to 2,000 units: an empty text is not even tried."""
    with pytest.raises(PayloadRefused):
        await bot.send(CHAT, Outgoing(" \n"))
    assert zalo.calls() == []


async def test_sending_is_evenly_spaced(zalo: FakeZalo) -> None:
    """At a rate of 20 a second ten messages leave one by one, not in a burst."""
    bot = ZaloBot(TOKEN, zalo.url, SECRET, 20.0)
    await asyncio.gather(*(bot.send(f"{CHAT}{n}", Outgoing("chào")) for n in range(10)))
    await bot.close()
    at = [m["at"] for m in zalo.sent()]
    assert at[-1] - at[0] >= 9 * 0.05 - 0.03
    assert min(b - a for a, b in itertools.pairwise(at)) > 0.02


async def test_a_queue_that_is_too_long_goes_back_to_the_door(zalo: FakeZalo, clock: Clock) -> None:
    """A message that would wait longer than half a minute is told when to come back."""
    bot = ZaloBot(TOKEN, zalo.url, SECRET, 0.01, clock)
    await bot.send(CHAT, Outgoing("một"))
    with pytest.raises(ChannelBusy) as busy:
        await bot.send(CHAT, Outgoing("hai"))
    assert busy.value.retry_after == pytest.approx(100)
    assert zalo.texts(CHAT) == ["một"]
    await bot.close()


async def test_clearing_sends_nothing(zalo: FakeZalo, bot: ZaloBot) -> None:
    """Zalo can delete nothing, so quick exit asks for nothing."""
    await bot.clear(CHAT, ["1", "2"])
    assert zalo.calls() == []


# What comes back

_ACCEPTED, _LOST = 1, 0
_FAILURES: list[tuple[str, Failure, type[ChannelError] | None, int]] = [
    ("accepted, with an error code of 0", Failure(times=0), None, _ACCEPTED),
    ("accepted, whatever the HTTP status says", Failure(status=500, accept=True), None, _ACCEPTED),
    ("accepted without a result", Failure(body='{"ok":true}'), None, _LOST),
    ("400 over HTTP 200", Failure(code=400), PayloadRefused, _LOST),
    ("400 as HTTP 400", Failure(code=400, status=400), PayloadRefused, _LOST),
    ("a code as a string", Failure(code="400"), PayloadRefused, _LOST),
    ("the code goes before the status", Failure(code=400, status=503), PayloadRefused, _LOST),
    ("404", Failure(code=404), PayloadRefused, _LOST),
    ("401 over HTTP 200", Failure(code=401), ChannelClosed, _LOST),
    ("401 as a string with HTTP 401", Failure(code="401", status=401), ChannelClosed, _LOST),
    ("403 is an internal error of Zalo", Failure(code=403), ChannelBusy, _LOST),
    ("403 as HTTP 403", Failure(code="403", status=403), ChannelBusy, _LOST),
    ("408 may have arrived", Failure(code=408, accept=True), OutcomeUnknown, _ACCEPTED),
    ("408 may not have arrived", Failure(code="408"), OutcomeUnknown, _LOST),
    ("429 over HTTP 200", Failure(code=429), ChannelBusy, _LOST),
    ("429 as HTTP 429", Failure(code="429", status=429), ChannelBusy, _LOST),
    ("500", Failure(code=500, status=500), ChannelBusy, _LOST),
    ("an unknown code", Failure(code=-1), ChannelBusy, _LOST),
    ("a code that is no number", Failure(code="E_BUSY"), ChannelBusy, _LOST),
    ("a code that is no number, with a status", Failure(code="E_BAD", status=400), PayloadRefused, _LOST),
    ("no code at all", Failure(body='{"ok":false}'), ChannelBusy, _LOST),
    ("no code, but a status", Failure(body='{"ok":false}', status=404), PayloadRefused, _LOST),
    ("an endless code", Failure(body='{"ok":false,"error_code":Infinity}'), ChannelBusy, _LOST),
    ("a gateway's page with 502", Failure(body=HTML, status=502), ChannelBusy, _LOST),
    ("a gateway's page with 200", Failure(body=HTML), ChannelBusy, _LOST),
    ("a gateway's page with 401", Failure(body=HTML, status=401), ChannelBusy, _LOST),
    ("a gateway's page with 403", Failure(body=HTML, status=403), ChannelBusy, _LOST),
    ("a gateway's page with 429", Failure(body=HTML, status=429), ChannelBusy, _LOST),
    ("a gateway that waited in vain", Failure(body=HTML, status=504, accept=True), OutcomeUnknown, _ACCEPTED),
    ("JSON that is no envelope", Failure(body="[]"), ChannelBusy, _LOST),
    ("JSON nested without end", Failure(body="[" * 100_000), ChannelBusy, _LOST),
    ("bytes that are no text", Failure(body="\x00"), ChannelBusy, _LOST),
    ("nothing", Failure(body=""), ChannelBusy, _LOST),
    ("cut off before it was accepted", Failure(reset=True), OutcomeUnknown, _LOST),
    ("cut off after it was accepted", Failure(reset=True, accept=True), OutcomeUnknown, _ACCEPTED),
    ("too slow", Failure(seconds=1.0, accept=True), OutcomeUnknown, _ACCEPTED),
]


@pytest.mark.parametrize(
    ("failure", "expected", "accepted"), [row[1:] for row in _FAILURES], ids=[row[0] for row in _FAILURES]
)
async def test_each_answer_says_what_to_do_next(
    zalo: FakeZalo,
    bot: ZaloBot,
    monkeypatch: pytest.MonkeyPatch,
    failure: Failure,
    expected: type[ChannelError] | None,
    accepted: int,
) -> None:
    """Each answer becomes one failure of ours, after exactly one request, and the failure keeps no secret."""
    monkeypatch.setattr(zalo_bot, "_SEND_SECONDS", 0.5)
    zalo.fail(failure)
    try:
        await bot.send(CHAT, Outgoing(WORDS))
        raised: Exception | None = None
    except ChannelError as error:
        raised = error
    assert type(raised) is expected or (raised is None and expected is None)
    assert zalo.calls() == ["sendMessage"]
    assert len(zalo.texts(CHAT)) == accepted
    assert_keeps_no_secret(raised)


def assert_keeps_no_secret(error: BaseException | None) -> None:
    """Look through an error, its causes, and the request that it might carry."""
    told = ""
    while error is not None:
        told += "".join(traceback.format_exception(error)) + repr(vars(error)) + str(getattr(error, "_request", ""))
        error = error.__cause__ or error.__context__
    assert not [p for p in PRIVATE if p in told]


async def test_a_wrong_token_closes_the_channel(zalo: FakeZalo) -> None:
    """After a 401 nothing is asked any more; neither `repr` nor the failure shows the token."""
    bot = ZaloBot(f"{TOKEN}x", zalo.url, SECRET, 1_000.0)
    for _ in range(3):
        with pytest.raises(ChannelClosed) as closed:
            await bot.send(CHAT, Outgoing("chào"))
        assert_keeps_no_secret(closed.value)
    assert zalo.calls() == ["sendMessage"]
    assert TOKEN not in repr(bot)
    await bot.close()


@pytest.mark.parametrize("token", [f"{TOKEN}/../x", f"{TOKEN} x\n", f"{TOKEN}?#ệ"])
async def test_a_token_with_strange_signs_stays_in_its_place(zalo: FakeZalo, token: str) -> None:
    """A token pasted badly is refused by Zalo; it cannot change the address."""
    bot = ZaloBot(token, zalo.url, SECRET, 1_000.0)
    with pytest.raises(ChannelClosed) as closed:
        await bot.send(CHAT, Outgoing("chào"))
    assert_keeps_no_secret(closed.value)
    await bot.close()


@pytest.mark.parametrize(
    "api", ["", "bot-api.zaloplatforms.com", "ftp://127.0.0.1", "http://127.0.0.1:x", "http://[::"]
)
async def test_a_wrong_address_is_busy_and_tells_no_token(api: str) -> None:
    """An address that leads nowhere is told as busy, for a minute."""
    bot = ZaloBot(TOKEN, api, SECRET, 1_000.0)
    with pytest.raises(ChannelBusy) as busy:
        await bot.send(CHAT, Outgoing("chào"))
    assert busy.value.retry_after >= 60
    assert_keeps_no_secret(busy.value)
    await bot.close()


async def test_nobody_listening_means_later() -> None:
    """Where no connection can be made nothing was sent, so the same message may be sent again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        bot = ZaloBot(TOKEN, f"http://127.0.0.1:{taken.getsockname()[1]}", SECRET, 1_000.0)
        with pytest.raises(ChannelBusy) as busy:
            await bot.send(CHAT, Outgoing("chào"))
    assert_keeps_no_secret(busy.value)
    await bot.close()


async def test_a_closed_client_means_later(zalo: FakeZalo, bot: ZaloBot) -> None:
    """A turn that ends while the bot is stopping keeps its reply for the next start."""
    await bot.close()
    with pytest.raises(ChannelBusy):
        await bot.send(CHAT, Outgoing("chào"))
    assert zalo.calls() == []


async def test_429_holds_the_whole_channel_longer_each_time(
    zalo: FakeZalo, bot: ZaloBot, clock: Clock, nothing_private_in_logs: list[Any]
) -> None:
    """60 s, 120 s, 240 s … up to 15 minutes; nobody is written to meanwhile; a success starts over; it is told."""
    zalo.fail(Failure(code=429, times=6))
    for hold in (60, 120, 240, 480, 900, 900):
        for chat in (CHAT, "another"):  # the first asks, the second is held without asking
            with pytest.raises(ChannelBusy) as busy:
                await bot.send(chat, Outgoing("chào"))
            assert busy.value.retry_after == pytest.approx(hold)
        clock.seconds += hold - 1
        with pytest.raises(ChannelBusy) as busy:
            await bot.send(CHAT, Outgoing("chào"))
        assert busy.value.retry_after == pytest.approx(1)
        clock.seconds += 1
    assert zalo.calls() == ["sendMessage"] * 6
    await bot.send(CHAT, Outgoing("chào"))
    zalo.fail(Failure(code=429))
    with pytest.raises(ChannelBusy) as busy:
        await bot.send(CHAT, Outgoing("chào"))
    assert busy.value.retry_after == pytest.approx(60)
    assert [e["seconds"] for e in nothing_private_in_logs if e["event"] == "zalo_quota_or_rate"] == [
        60, 120, 240, 480, 900, 900, 60
    ]  # fmt: skip


async def test_a_burst_that_is_refused_counts_once(zalo: FakeZalo, bot: ZaloBot) -> None:
    """Several 429 to requests that were under way together double nothing."""
    zalo.fail(Failure(code=429, times=5, seconds=0.2))
    got = await asyncio.gather(*(bot.send(CHAT, Outgoing("chào")) for _ in range(5)), return_exceptions=True)
    assert [e.retry_after for e in got if isinstance(e, ChannelBusy)] == [pytest.approx(60)] * 5


async def test_a_message_of_which_a_part_arrived_is_not_called_unsent(zalo: FakeZalo, bot: ZaloBot) -> None:
    """Who reads "busy" may send again without doubt; after a first part there is doubt."""
    zalo.fail(Failure(accept=True))
    zalo.fail(Failure(code=403))
    with pytest.raises(OutcomeUnknown):
        await bot.send(CHAT, Outgoing("từ " * 1_000))
    assert len(zalo.texts(CHAT)) == 1


@given(st.binary(max_size=60), st.integers(100, 599))
def test_any_answer_at_all_can_be_read(body: bytes, status: int) -> None:
    """No body and no status makes reading fail."""
    code, result = read_answer(status, body)
    assert code != 0 or result is None


# Long texts

_NUMBERS = ("1900 969 680", "024.3942.1613", "+84 (24) 3942-1613", "0237 – 3852 113", "0963061414")


@pytest.mark.parametrize("number", _NUMBERS)
def test_no_cut_goes_through_a_phone_number(number: str) -> None:
    """Wherever the limit falls, the number stands whole in one part."""
    text = f"Gọi {number} khi bạn có thể gọi an toàn"
    for limit in range(len(number) + 1, len(text)):
        assert [p for p in split(text, limit) if number in p], limit


@given(
    st.lists(
        st.sampled_from([*_NUMBERS, "bạn", "Ngôi nhà Bình yên:", "👩‍👧 an toàn", "\n", "\n\n", "nghe"]), max_size=60
    )
)
def test_every_text_is_cut_into_whole_pieces(pieces: list[str]) -> None:
    """Parts fit, nothing is lost, no word and no sign is cut."""
    text = " ".join(pieces).strip()
    found = split(text, 50)
    assert all(0 < units(p) <= 50 for p in found)
    assert " ".join(found).split() == text.split()


@given(st.text(max_size=300), st.integers(2, 40))
def test_a_text_without_spaces_is_cut_between_signs(text: str, limit: int) -> None:
    """Even where a word is longer than a message nothing is lost, and no surrogate pair is halved."""
    found = split(text, limit)
    assert all(p.encode("utf-16-le") and units(p) <= limit for p in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@pytest.mark.parametrize(("sign", "limit"), [("🤝🏽", 9), ("é", 7), ("👩‍👧", 12)])
def test_a_sign_of_several_parts_is_not_torn(sign: str, limit: int) -> None:
    """Skin colours, joined pictures and loose accents stay with their sign."""
    assert all(set(re.findall(re.escape(sign), p)) and not p.replace(sign, "") for p in split(sign * 30, limit))


def test_limit_is_counted_in_utf16_units() -> None:
    """1,000 pictures are 2,000 units: one message; one more makes two."""
    assert [units(p) for p in split("😀" * 1_000, 2_000)] == [2_000]
    assert [units(p) for p in split("😀" * 1_001, 2_000)] == [2_000, 2]


def test_choices_never_go_over_the_limit() -> None:
    """Choices that find no room under the text become a message of their own; half surrogates are left out."""
    found = parts(Outgoing("a" * 1_995 + "\ud800", (Button("Bỏ qua", "x"), Button("Thoát", "y"))), 2_000)
    assert found == ["a" * 1_995, "Gõ số:\n1. Bỏ qua\n2. Thoát"]


# What is read


def _from(sender: dict[str, Any] | None) -> dict[str, Any]:
    return {"from": sender}


_READ: list[tuple[str, dict[str, Any], tuple[str, str | None] | None]] = [
    ("text", update(CHAT, "  em sợ\u0000 "), ("em sợ", None)),
    ("a text that is empty", update(CHAT, ""), ("", "other")),
    ("a text that is none", update(CHAT, 5), ("", "other")),  # type: ignore[arg-type]
    ("image", update(CHAT, event="image", photo="https://x/1.jpg"), ("", "photo")),
    (
        "image with words",
        update(CHAT, event="image", photo_url="https://x/1.jpg", caption="vết bầm"),
        ("vết bầm", None),
    ),
    ("sticker", update(CHAT, event="sticker", sticker="s1", url="https://x/s1"), ("", "sticker")),
    ("voice", update(CHAT, event="voice", voice_url="https://x/1.aac"), ("", "voice")),
    ("unsupported, with its chat", update(CHAT, event="unsupported"), ("", "other")),
    ("unsupported, with nothing", {"event_name": "message.unsupported.received"}, None),
    ("unsupported, with nothing in it", {"event_name": "message.unsupported.received", "message": None}, None),
    ("a group", update(CHAT, "chào cả nhà", group=True), None),
    ("another bot", update(CHAT, "chào", **_from({"id": CHAT, "is_bot": True})), None),
    ("no chat", update(CHAT, "chào", chat=None), None),
    ("an unknown event", {"event_name": "user.followed", "message": {"chat": {"id": CHAT}}}, None),
    ("an event that is no name", {"event_name": {"a": 1}, "message": {}}, None),
    ("no event", {}, None),
    ("numbers as ids", update(CHAT, "chào", chat={"id": 12, "chat_type": "PRIVATE"}, message_id=44), ("chào", None)),
    ("no kind of chat, but the sender's own", update(CHAT, "chào", chat={"id": CHAT}), ("chào", None)),
    ("no kind of chat, and another's", update(CHAT, "chào", chat={"id": "g1"}), None),
    ("no sender", update(CHAT, "chào", **_from(None)), ("chào", None)),
    ("no message id", update(CHAT, "chào", message_id=None, date=1_763_690_400_000), ("chào", None)),
]


@pytest.mark.parametrize("wrapped", [False, True], ids=["flat", "wrapped"])
@pytest.mark.parametrize(("found", "expected"), [row[1:] for row in _READ], ids=[row[0] for row in _READ])
def test_each_update_is_read_in_both_shapes(
    found: dict[str, Any], expected: tuple[str, str | None] | None, wrapped: bool
) -> None:
    """Flat or in an envelope, an update says the same; what is not for us is None."""
    incoming = read_update({"ok": True, "result": found} if wrapped else found)
    assert (incoming and (incoming.text, incoming.media)) == expected
    if incoming:
        message = found["message"]
        assert (incoming.channel, incoming.chat) == ("zalo", str(message["chat"]["id"]))
        assert incoming.message_id == str(message.get("message_id", message["date"]))
        assert CHAT not in repr(incoming)


@pytest.mark.parametrize(
    "payload",
    [[], "x", 5, None, {"ok": True, "result": []}, update(CHAT, "chào", message_id=None, date=None)],
    ids=repr,
)
def test_nonsense_is_told_as_such(payload: Any) -> None:
    """What is no update raises ValueError."""
    with pytest.raises(ValueError, match="no"):
        read_update(payload)


async def test_only_the_right_secret_is_ours(bot: ZaloBot, zalo: FakeZalo) -> None:
    """No secret, another one, one in other letters are refused; without a secret of ours everything is."""
    assert bot.is_ours(SECRET)
    assert not [s for s in (None, "", SECRET[:-1], SECRET + "x", "bí mật") if bot.is_ours(s)]
    open_bot = ZaloBot(TOKEN, zalo.url, "", 1.0)
    assert not [s for s in (None, "", SECRET) if open_bot.is_ours(s)]
    await open_bot.close()


# Polling


class Ear:
    """Keeps what polling hands on."""

    def __init__(self, zalo: FakeZalo) -> None:
        self.zalo = zalo
        self.heard: list[Incoming] = []
        self.asked: list[int] = []
        self.failure: Exception | None = None
        self.wait = 0.0

    async def receive(self, incoming: Incoming) -> None:
        """Note the message, and how often Zalo had been asked by then."""
        self.asked.append(self.zalo.calls().count("getUpdates"))
        if self.failure:
            raise self.failure
        await asyncio.sleep(self.wait)
        self.heard.append(incoming)


@contextlib.asynccontextmanager
async def polling(bot: ZaloBot, ear: Ear) -> AsyncIterator[asyncio.Task[None]]:
    """Poll while the block lasts."""
    task = asyncio.create_task(bot.poll(ear.receive))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not condition():  # the other side is another process
            await asyncio.sleep(0.01)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of a hundredth of a second."""
    monkeypatch.setattr(zalo_bot, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(zalo_bot, "LONGEST_PAUSE", 0.02)


async def test_each_update_is_handed_on_before_the_next_is_asked_for(zalo: FakeZalo, bot: ZaloBot) -> None:
    """Zalo gives an update once: the webhook goes first, then one update, one turn, the next update."""
    for word in ("một", "hai", "ba"):
        zalo.say(CHAT, word)
    ear = Ear(zalo)
    async with polling(bot, ear):
        await until(lambda: len(ear.heard) == 3)
    assert [i.text for i in ear.heard] == ["một", "hai", "ba"]
    assert ear.asked == [1, 2, 3]
    assert zalo.calls()[:2] == ["deleteWebhook", "getUpdates"]


async def test_an_empty_poll_is_nothing_to_tell(
    zalo: FakeZalo, bot: ZaloBot, quick: None, monkeypatch: pytest.MonkeyPatch, nothing_private_in_logs: list[Any]
) -> None:
    """408 is how Zalo says that nobody wrote; one held open too short is not asked in a rush."""
    monkeypatch.setattr(zalo_bot, "POLL_SECONDS", 0)
    monkeypatch.setattr(zalo_bot, "FIRST_PAUSE", 0.05)
    ear = Ear(zalo)
    async with polling(bot, ear):
        await asyncio.sleep(0.5)
        zalo.say(CHAT, "chào")
        await until(lambda: ear.heard)
    assert 2 <= zalo.calls().count("getUpdates") <= 20
    assert nothing_private_in_logs == []


@pytest.mark.parametrize(
    "failure",
    [
        Failure("getUpdates", code=500, times=3),
        Failure("getUpdates", code="403", status=403, times=3),
        Failure("getUpdates", body=HTML, status=502, times=3),
        Failure("getUpdates", reset=True, times=3),
        Failure("getUpdates", body='{"ok":true,"result":[]}', times=3),
        Failure("getUpdates", body='{"ok":true,"result":{"event_name":"message.text.received","message":{"chat":[]}}}'),
        Failure("getUpdates", body='{"ok":true}', times=3),
        Failure("deleteWebhook", code=404),
        Failure("deleteWebhook", code=500, times=2),
    ],
    ids=lambda f: f"{f.method} {f.code or f.body or 'reset'}"[:50],
)
async def test_polling_goes_on_after_a_failure(
    zalo: FakeZalo, bot: ZaloBot, monkeypatch: pytest.MonkeyPatch, failure: Failure
) -> None:
    """Whatever Zalo answers, the next message is heard."""
    monkeypatch.setattr(zalo_bot, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(ChannelBusy, "__init__", _busy_for_a_moment)
    zalo.fail(failure)
    zalo.say(CHAT, "chào")
    ear = Ear(zalo)
    async with polling(bot, ear):
        await until(lambda: ear.heard)
    assert ear.heard[0].text == "chào"


def _busy_for_a_moment(self: ChannelBusy, reason: str, retry_after: float = 0.01) -> None:
    Exception.__init__(self, reason)
    self.retry_after = 0.01


async def test_one_turn_that_breaks_does_not_end_polling(zalo: FakeZalo, bot: ZaloBot) -> None:
    """The next person is heard, and the log tells the kind of failure only."""
    ear = Ear(zalo)
    ear.failure = RuntimeError(WORDS)
    async with polling(bot, ear):
        zalo.say(CHAT, WORDS)
        await until(lambda: ear.asked)
        ear.failure = None
        zalo.say("another", "chào")
        await until(lambda: ear.heard)
    assert ear.heard[0].text == "chào"


async def test_a_slow_turn_holds_up_nobody_else_and_is_finished(zalo: FakeZalo, bot: ZaloBot) -> None:
    """Two people are answered side by side, and stopping waits for the turns that have begun."""
    ear = Ear(zalo)
    ear.wait = 0.3
    async with polling(bot, ear):
        zalo.say(CHAT, "một")
        zalo.say("another", "hai")
        await until(lambda: len(ear.asked) == 2)
        assert ear.heard == []
    assert {i.text for i in ear.heard} == {"một", "hai"}


async def test_polling_stops_when_the_token_is_refused(zalo: FakeZalo) -> None:
    """401 ends polling: a new token needs a new start."""
    bot = ZaloBot(f"{TOKEN}x", zalo.url, "", 1_000.0)
    await asyncio.wait_for(bot.poll(Ear(zalo).receive), 5)
    assert zalo.calls() == ["deleteWebhook"]
    await bot.close()


# The whole machine


@contextlib.asynccontextmanager
async def machine(folder: Path, zalo: FakeZalo, **more: Any) -> AsyncIterator[whole.App]:
    """The machine as built from settings, with keyword understanding."""
    settings = configuration.load(
        data_dir=folder, secret_keys=KEYS, nlu_url="http://127.0.0.1:9", now="2026-11-21T14:00+07:00",
        zalo_token=TOKEN, zalo_api=zalo.url, zalo_rate=200.0, **more,
    )  # fmt: skip
    assert TOKEN not in repr(settings)
    app = whole.build(settings)
    object.__setattr__(app.machine, "understanding", KeywordUnderstanding())
    whole.set_up_stores(app)
    try:
        async with whole.running(app, lambda _: None):
            yield app
    finally:
        app.people.dispose()
        app.directory.dispose()


@pytest.fixture(autouse=True)
def no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests are left out."""
    monkeypatch.chdir(tmp_path)
    for name in configuration.Settings.model_fields:
        monkeypatch.delenv(f"TINCAY_{name.upper()}", raising=False)


async def test_a_person_writes_and_answers_by_number(tmp_path: Path, zalo: FakeZalo) -> None:
    """Polled: a disclosure gets belief, 113 and choices numbered through; "3" takes the third; another hears nothing of it."""
    async with machine(tmp_path, zalo):
        zalo.say(CHAT, WORDS)
        await until(lambda: len(zalo.texts(CHAT)) == 2)
        first, question = zalo.texts(CHAT)
        assert "113" in first
        assert re.search(r"\n\nGõ số:\n1\. .+", first)
        choices = re.findall(r"^(\d)\. (.+)$", question, re.MULTILINE)
        assert [number for number, _ in choices] == ["2", "3"]
        assert choices[1][1].startswith("Thoát")
        zalo.say(CHAT, "3")
        await until(lambda: len(zalo.texts(CHAT)) == 3)
        left = zalo.texts(CHAT)[2]
        assert not re.search(r"113|bạo lực|đánh|Gõ số", left)
        zalo.say("another", "xin chào")
        await until(lambda: zalo.texts("another"))
        assert "113" not in zalo.texts("another")[0]


async def test_a_photo_gets_an_answer_with_help_in_it(tmp_path: Path, zalo: FakeZalo) -> None:
    """Nothing to read, and a child whom Zalo hides from us: both are answered with the menu."""
    async with machine(tmp_path, zalo):
        zalo.say(CHAT, event="image", photo="https://x/1.jpg")
        zalo.say("child", event="unsupported")
        await until(lambda: zalo.texts(CHAT) and zalo.texts("child"))
    assert "Gõ số:\n1. " in zalo.texts(CHAT)[0]
    assert "Gõ số:\n1. " in zalo.texts("child")[0]


async def test_an_update_given_twice_is_answered_once(tmp_path: Path, zalo: FakeZalo) -> None:
    """Zalo promises no "once": the message id decides."""
    async with machine(tmp_path, zalo):
        again = update(CHAT, "xin chào")
        for _ in range(3):
            zalo.say("", update=again)
        zalo.say("another", "xin chào")
        await until(lambda: zalo.texts("another"))
        await asyncio.sleep(0.2)
    assert len(zalo.texts(CHAT)) == 1


async def test_a_reply_waits_while_zalo_is_down_and_then_arrives(
    tmp_path: Path, zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway's page, then Zalo is back: the door sends what it kept, once."""
    monkeypatch.setattr(door, "BEAT_SECONDS", 0.2)
    zalo.fail(Failure(body=HTML, status=502))
    async with machine(tmp_path, zalo):
        zalo.say(CHAT, "xin chào")
        await until(lambda: zalo.texts(CHAT), seconds=20)
    assert len(zalo.texts(CHAT)) == 1


async def test_stopping_finishes_the_turn_that_has_begun(tmp_path: Path, zalo: FakeZalo) -> None:
    """Ctrl-C while a reply is under way: it arrives, and is known to have arrived."""
    zalo.fail(Failure(seconds=0.5, accept=True))
    async with machine(tmp_path, zalo):
        zalo.say(CHAT, "xin chào")
        await until(lambda: "sendMessage" in zalo.calls())
    assert len(zalo.texts(CHAT)) == 1
    with contextlib.closing(sqlite3.connect(tmp_path / "people.db")) as db:
        assert db.execute("select state from delivery").fetchall() == [("sent",)]


@contextlib.asynccontextmanager
async def listening(app: whole.App) -> AsyncIterator[str]:
    """Serve the machine's site on loopback."""
    server = uvicorn.Server(
        uvicorn.Config(
            application(app.receive, app.web, app.health, app.settings.exit_url, app.platforms), log_config=None, port=0
        )
    )
    sock = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/webhooks/zalo"
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize("wrapped", [True, False], ids=["wrapped", "flat"])
async def test_the_webhook_answers_a_person(tmp_path: Path, zalo: FakeZalo, wrapped: bool) -> None:
    """With a secret nothing is polled: Zalo posts, in either shape, and gets 200."""
    async with machine(tmp_path, zalo, zalo_webhook_secret=SECRET) as app, listening(app) as url:
        async with httpx.AsyncClient() as client:
            set_up = {"url": url, "secret_token": SECRET}
            answer = await client.post(f"{zalo.url}/bot{TOKEN}/setWebhook", json=set_up)
            assert answer.json()["ok"] is True
        again = update(CHAT, WORDS)
        for _ in range(2):
            assert await asyncio.to_thread(zalo.say, "", update=again, wrapped=wrapped) == 200
        await until(lambda: len(zalo.texts(CHAT)) == 2)
        assert await asyncio.to_thread(zalo.say, CHAT, group=True, wrapped=wrapped) == 200
        assert "113" in zalo.texts(CHAT)[0]
    assert "getUpdates" not in zalo.calls()
    assert len(zalo.texts(CHAT)) == 2


async def test_the_webhook_does_not_wait_for_a_slow_turn(tmp_path: Path, zalo: FakeZalo) -> None:
    """Zalo gets its 200 at once; the person gets the answer when it is there."""
    zalo.fail(Failure(seconds=3.0, accept=True))
    async with machine(tmp_path, zalo, zalo_webhook_secret=SECRET) as app, listening(app) as url:
        start = asyncio.get_running_loop().time()
        headers = {"x-bot-api-secret-token": SECRET}
        async with httpx.AsyncClient() as client:
            assert (await client.post(url, json=update(CHAT, "xin chào"), headers=headers)).status_code == 200
        assert asyncio.get_running_loop().time() - start < 2.5
        await until(lambda: zalo.texts(CHAT))


_REFUSED: list[tuple[str, dict[str, str], bytes, int]] = [
    ("no secret", {}, b"{}", 403),
    ("a wrong secret, before anything is read", {"x-bot-api-secret-token": "x"}, b"{", 403),
    ("not JSON", {"x-bot-api-secret-token": SECRET}, b"<html>", 400),
    ("not text", {"x-bot-api-secret-token": SECRET}, b"\xff\xfe\xfd", 400),
    ("JSON without end", {"x-bot-api-secret-token": SECRET}, b"[" * 100_000, 400),
    ("a list", {"x-bot-api-secret-token": SECRET}, b"[]", 400),
    ("too large", {"x-bot-api-secret-token": SECRET}, b" " * (BODY_LIMIT + 1), 413),
    ("an unknown event", {"x-bot-api-secret-token": SECRET}, b'{"event_name":"user.followed"}', 200),
    ("nothing in it", {"x-bot-api-secret-token": SECRET}, b"{}", 200),
]


@pytest.mark.parametrize(("headers", "body", "status"), [r[1:] for r in _REFUSED], ids=[r[0] for r in _REFUSED])
async def test_what_is_no_message_gets_no_turn(
    tmp_path: Path, zalo: FakeZalo, headers: dict[str, str], body: bytes, status: int
) -> None:
    """The secret is looked at first, then the size, then the JSON; nobody is written to."""
    async with machine(tmp_path, zalo, zalo_webhook_secret=SECRET) as app:
        page = application(app.receive, app.web, app.health, app.settings.exit_url, app.platforms)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(page), base_url="http://t") as client:
            answer = await client.post("/webhooks/zalo", content=body, headers=headers)
    assert answer.status_code == status
    assert zalo.sent() == []
    assert_no_secret_in(answer.text)


def assert_no_secret_in(text: str) -> None:
    """An answer to a stranger holds no secret."""
    assert not [p for p in PRIVATE if p in text]


async def test_without_a_token_there_is_no_such_channel(tmp_path: Path) -> None:
    """No token: no channel, and the webhook is not there."""
    app = whole.build(configuration.load(data_dir=tmp_path, secret_keys=KEYS))
    assert app.zalo is None
    assert "zalo" not in app.machine.door.channels
    page = application(app.receive, app.web, app.health, app.settings.exit_url, app.platforms)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(page), base_url="http://t") as client:
        assert (await client.post("/webhooks/zalo", content=b"{}")).status_code == 404
    app.people.dispose()
    app.directory.dispose()


def test_sample_communes_are_not_shown_to_real_people(tmp_path: Path) -> None:
    """A bot on Zalo's own servers (either address) shows no sample; one on this machine does."""
    real = ("https://bot-api.zaloplatforms.com", "https://bot-api.zapps.me")
    assert not [a for a in real if configuration.load(zalo_token=TOKEN, zalo_api=a).samples]
    assert configuration.load(zalo_token=TOKEN, zalo_api="http://127.0.0.1:9090").samples
    assert configuration.load(zalo_api=real[0]).samples


def test_payloads_are_as_zalo_writes_them() -> None:
    """The fake's update has the keys and kinds of Zalo's documentation: string ids, milliseconds."""
    found = json.loads(json.dumps(update(CHAT, "Xin chào")))
    assert found["event_name"] == "message.text.received"
    assert set(found["message"]) == {"from", "chat", "text", "message_id", "date"}
    assert isinstance(found["message"]["message_id"], str)
    assert found["message"]["date"] > 1_700_000_000_000
