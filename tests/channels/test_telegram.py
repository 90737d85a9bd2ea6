"""Telegram as a person meets it, against a Bot API server of our own that runs as a real process."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import app as whole
from bot import settings as configuration
from bot.channels.telegram import LONGEST_SECONDS
from bot.conversation.keywords import KeywordUnderstanding
from bot.delivery import door
from bot.errors import ChannelBusy, ContactGone, ContactMoved, OutcomeUnknown, PayloadRefused
from bot.messages import Outgoing
from bot.nlu_server import free_port
from bot.settings import ROOT
from bot.web import BODY_LIMIT, application
from tests.channels.fake_telegram import TOKEN

SECRET = {"x-telegram-bot-api-secret-token": "bi-mat"}


class Server:
    """The other side, steered over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=10)

    def do(self, what: str, **values: Any) -> Any:
        """Steer the server."""
        return self._client.post(f"/fake/{what}", json=values).raise_for_status().json()

    @property
    def state(self) -> dict[str, Any]:
        """What it has accepted."""
        return dict(self._client.get("/fake/state").json())

    def texts(self, chat: int) -> list[str]:
        """What a person has on the screen from us."""
        return [m["text"] for m in self.state["sent"] if m["chat"]["id"] == chat]

    async def until(self, seen: Callable[[], Any], seconds: float = 12) -> Any:
        """Wait until something has been seen."""
        deadline = time.monotonic() + seconds
        while not (found := await asyncio.to_thread(seen)):
            assert time.monotonic() < deadline, self.state
            await asyncio.sleep(0.05)
        return found

    def close(self) -> None:
        """Close the line."""
        self._client.close()


@pytest.fixture(scope="module")
def process() -> Iterator[Server]:
    """The server, once for all tests of this file."""
    port = free_port()
    child = subprocess.Popen([sys.executable, "-m", "tests.channels.fake_telegram", "--port", str(port)], cwd=ROOT)
    server = Server(f"http://127.0.0.1:{port}")
    for _ in range(200):
        with contextlib.suppress(httpx.ConnectError):
            server.do("reset")
            break
        time.sleep(0.05)
    yield server
    server.close()
    child.terminate()
    child.wait(10)


@pytest.fixture
def server(process: Server) -> Server:
    """The server with nothing in it."""
    process.do("reset")
    return process


def made(settings: configuration.Settings, url: str, secret: str = "", **more: str) -> whole.App:
    """Build a machine that talks to the server."""
    values = {"telegram_token": TOKEN, "telegram_api": url, "telegram_webhook_secret": secret, **more}
    app = whole.build(settings.model_copy(update=values))
    whole.set_up_stores(app)
    object.__setattr__(app.machine, "understanding", KeywordUnderstanding())
    return app


@pytest.fixture
async def polling(settings: configuration.Settings, server: Server) -> AsyncIterator[whole.App]:
    """A machine that polls, with its door open."""
    async with running(settings, server.url) as app:
        yield app


@contextlib.asynccontextmanager
async def running(settings: configuration.Settings, url: str, **more: str) -> AsyncIterator[whole.App]:
    """Let a machine poll the server and send what is due; `more` are settings."""
    app = made(settings, url, **more)
    telegram = app.platform("telegram")
    assert telegram
    tasks = [asyncio.create_task(telegram.poll(app.receive)), asyncio.create_task(app.machine.door.run())]
    yield app
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await app.close()
    app.people.dispose()
    app.directory.dispose()


async def test_who_tells_gets_113_the_places_and_a_way_around_them(polling: whole.App, server: Server) -> None:
    """One message brings 113 and the commune's places; the button leads out of the commune."""
    server.do("say", chat=7, text="chồng tôi vừa đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy")
    await server.until(lambda: any("Nơi giúp ở" in t for t in server.texts(7)))
    assert "113" in server.texts(7)[0]
    assert "Công an Xã Cẩm Tân" in "\n".join(server.texts(7))
    assert "Không gặp người ở xã này" in str(server.state["sent"][-1]["reply_markup"])
    before = len(server.texts(7))
    server.do("say", chat=7, button="avoid")
    await server.until(lambda: len(server.texts(7)) > before)
    assert "1900 96 96 80" in server.texts(7)[-1]
    await server.until(lambda: "answerCallbackQuery" in server.state["calls"])


async def test_a_429_waits_and_delivers_exactly_once(
    polling: whole.App, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told to wait, we wait, and then every message comes once and in order."""
    monkeypatch.setattr(door, "BEAT_SECONDS", 0.2)
    server.do("fail", status=429, retry_after=1)
    server.do("say", chat=8, text="nó cầm dao đuổi em")
    await server.until(lambda: len(server.texts(8)) >= 2)
    assert "113" in server.texts(8)[0]
    assert len(server.texts(8)) == len(set(server.texts(8)))
    first = server.state["calls"].index("sendMessage")
    assert server.state["calls"].count("sendMessage") == len(server.texts(8)) + 1, first


async def test_quick_exit_deletes_both_sides(polling: whole.App, server: Server) -> None:
    """After "thoát" what the person wrote and what we answered is deleted."""
    said = server.do("say", chat=9, text="chồng đánh em")["message"]["message_id"]
    await server.until(lambda: server.texts(9))
    ours = server.state["sent"][0]["message_id"]
    server.do("say", chat=9, text="thoát")
    gone = await server.until(lambda: server.state["deleted"])
    assert {said, ours} <= set(gone[0]["message_ids"])


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ({"status": 403}, ContactGone),
        ({"status": 400, "parameters": {"migrate_to_chat_id": -100}}, ContactMoved),
        ({"status": 400}, PayloadRefused),
        ({"status": 429}, ChannelBusy),
        ({"status": 503}, ChannelBusy),
        ({"status": 502, "html": True}, ChannelBusy),
        ({"status": 429, "parameters": {"retry_after": "soon"}}, ChannelBusy),
        ({"status": 429, "parameters": {"retry_after": -5}}, ChannelBusy),
        ({"reset": True, "accept": True}, OutcomeUnknown),
        ({"reset": True, "status": 500}, OutcomeUnknown),
    ],
)
async def test_every_failure_gets_its_name_and_hides_the_token(
    settings: configuration.Settings, server: Server, failure: dict[str, Any], error: Any
) -> None:
    """The door learns what to do next; nobody learns the token."""
    app = made(settings, server.url)
    telegram = app.platform("telegram")
    assert telegram
    server.do("fail", **failure)
    with pytest.raises(error) as caught:
        await telegram.send("7", Outgoing("chào"))
    assert TOKEN not in str(caught.getrepr(chain=False)) + repr(caught.value)
    await telegram.close()
    await app.rasa.close()
    app.people.dispose()
    app.directory.dispose()


async def test_a_long_silence_gives_messages_back_at_once(settings: configuration.Settings, server: Server) -> None:
    """A message must not wait here until the night: who may send it is asked again after Telegram's silence."""
    app = made(settings, server.url)
    telegram = app.platform("telegram")
    assert telegram
    server.do("fail", status=429, retry_after=600)
    for _ in range(3):
        with pytest.raises(ChannelBusy) as caught:
            await telegram.send("7", Outgoing("chào"))
        assert caught.value.everybody
        assert 590 < caught.value.retry_after <= 600
    assert server.state["calls"].count("sendMessage") == 1
    await telegram.close()
    await app.rasa.close()
    app.people.dispose()
    app.directory.dispose()


@pytest.mark.parametrize("told", [{}, {"parameters": {"retry_after": 10**12}}, {"parameters": {"retry_after": "x"}}])
async def test_a_429_that_tells_no_sensible_time_is_one_all_the_same(
    settings: configuration.Settings, server: Server, told: dict[str, Any]
) -> None:
    """The whole bot is silent for a while, and never for ever."""
    app = made(settings, server.url)
    telegram = app.platform("telegram")
    assert telegram
    server.do("fail", status=429, **told)
    with pytest.raises(ChannelBusy) as caught:
        await telegram.send("7", Outgoing("chào"))
    assert caught.value.everybody
    assert 0 < caught.value.retry_after <= LONGEST_SECONDS
    await telegram.close()
    await app.rasa.close()
    app.people.dispose()
    app.directory.dispose()


@pytest.fixture
async def page(settings: configuration.Settings, server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """The web door with a webhook secret."""
    app = made(settings, server.url, "bi-mat")
    wire = httpx.ASGITransport(application(app.receive, app.web, app.health, "about:blank", app.platforms))
    async with httpx.AsyncClient(transport=wire, base_url="http://t") as client:
        yield client
    telegram = app.platform("telegram")
    assert telegram
    await telegram.close()
    await app.rasa.close()
    app.people.dispose()
    app.directory.dispose()


async def test_only_telegram_itself_is_heard(page: httpx.AsyncClient) -> None:
    """A wrong or missing secret is 403, nonsense 400, too much 413."""
    at = "/webhooks/telegram"
    assert (await page.post(at, json={"update_id": 1})).status_code == 403
    assert (await page.post(at, json={}, headers={"x-telegram-bot-api-secret-token": "khac"})).status_code == 403
    assert (await page.post(at, content=b"{", headers=SECRET)).status_code == 400
    assert (await page.post(at, content=b" " * (BODY_LIMIT + 1), headers=SECRET)).status_code == 413


@pytest.mark.parametrize(
    "junk",
    [[], 1, None, "x", {}, {"update_id": "1"}, {"update_id": 1, "message": []}, {"update_id": 1, "message": "x"},
     {"update_id": 1, "message": {"message_id": 1}}, {"update_id": 1, "message": {"date": "x", "chat": 1}},
     {"update_id": 1, "callback_query": {"id": 1}}, {"update_id": 1, "my_chat_member": {"chat": {}}}],
)  # fmt: skip
async def test_junk_is_refused_in_peace(page: httpx.AsyncClient, junk: Any) -> None:
    """Whatever JSON comes, the answer is 400 or a silent 200, never a crash."""
    assert (await page.post("/webhooks/telegram", json=junk, headers=SECRET)).status_code in (200, 400)


async def test_answers_within_answers_are_refused_in_peace(page: httpx.AsyncClient) -> None:
    """An update nested as deep as JSON can be read is 400 and no crash of ours."""
    deep = b'{"update_id": 1, "message": ' + b'{"reply_to_message": ' * 900 + b"{}" + b"}" * 901
    assert (await page.post("/webhooks/telegram", content=deep, headers=SECRET)).status_code == 400


def message(number: int, **more: Any) -> dict[str, Any]:
    """Return an update as Telegram writes it."""
    chat = {"id": 5, "type": "private"}
    row = {
        "message_id": number,
        "date": 1_790_000_000,
        "chat": chat,
        "from": {"id": 5, "is_bot": False, "first_name": "An"},
    }
    return {"update_id": number, "message": row | more}


@pytest.mark.parametrize(
    "more",
    [{"text": "/start"}, {"text": "😭😭"}, {"location": {"latitude": 20.1, "longitude": 105.5}}, {"text": "/start xa_cam-tan"}, {"text": "/start 💥 ../.."}, {"text": "/chồng đánh em"},
     {"sticker": {"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}},
     {"document": {"file_id": "a", "file_unique_id": "b"}}, {"contact": {"phone_number": "1", "first_name": "An"}},
     {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}], "caption": "chồng đánh em"},
     {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}},
     {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}],
)  # fmt: skip
async def test_everything_a_person_can_send_is_answered_once(
    page: httpx.AsyncClient, server: Server, more: dict[str, Any]
) -> None:
    """Commands, junk, stickers, photos and voice get a kind answer, and the same update twice only one."""
    for _ in range(2):
        assert (await page.post("/webhooks/telegram", json=message(50, **more), headers=SECRET)).status_code == 200
    answers = server.texts(5)
    assert answers
    assert len(answers) == len(set(answers))
    if "đánh" in str(more):
        assert "113" in answers[0]


async def test_groups_are_left_alone(page: httpx.AsyncClient, server: Server) -> None:
    """A disclosure in a group must not be answered before everybody."""
    update = message(60, text="chồng đánh em", chat={"id": -5, "type": "group", "title": "x"})
    assert (await page.post("/webhooks/telegram", json=update, headers=SECRET)).status_code == 200
    assert not server.state["sent"]


AT = "/webhooks/telegram"


async def test_an_edited_message_is_answered_anew_and_once(page: httpx.AsyncClient, server: Server) -> None:
    """Who corrects "chào" into telling is heard; Telegram repeating the edit changes nothing."""
    await page.post(AT, json=message(70, text="chào"), headers=SECRET)
    edited = message(70, text="chồng đánh em", edit_date=1_790_000_060)
    update = {"update_id": 71, "edited_message": edited["message"]}
    before = len(server.texts(5))
    for _ in range(2):
        assert (await page.post(AT, json=update, headers=SECRET)).status_code == 200
    answers = server.texts(5)[before:]
    assert "113" in answers[0]
    assert len(answers) == len(set(answers))


async def test_a_forwarded_message_is_read_as_the_persons_own(page: httpx.AsyncClient, server: Server) -> None:
    """Threats are often forwarded; nothing is sent to who wrote them."""
    origin = {"type": "user", "date": 1_790_000_000, "sender_user": {"id": 666, "is_bot": False, "first_name": "Hắn"}}
    update = message(72, text="tao sẽ giết mày", forward_origin=origin)
    assert (await page.post(AT, json=update, headers=SECRET)).status_code == 200
    assert "113" in "\n".join(server.texts(5))
    assert not server.texts(666)


def membership(number: int, status: str) -> dict[str, Any]:
    """Return what Telegram tells when a person blocks or unblocks the bot."""
    bot = {"id": 4300, "is_bot": True, "first_name": "Tin Cậy"}
    new = {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
    row = {"chat": {"id": 5, "type": "private"}, "from": {"id": 5, "is_bot": False, "first_name": "An"},
           "date": 1_790_000_000, "old_chat_member": {"user": bot, "status": "member"}, "new_chat_member": new}  # fmt: skip
    return {"update_id": number, "my_chat_member": row}


async def test_who_blocks_gets_nothing_more_and_may_come_back(
    page: httpx.AsyncClient, server: Server, tmp_path: Path
) -> None:
    """Blocking ends the subscription in silence; unblocking alone starts nothing; writing again is answered."""
    for n, text in ((80, "đăng ký 7h tối"), (81, "1")):
        await page.post(AT, json=message(n, text=text), headers=SECRET)
    before = len(server.texts(5))
    assert subscribers(tmp_path) == 1
    for n, status in ((82, "kicked"), (83, "member")):
        assert (await page.post(AT, json=membership(n, status), headers=SECRET)).status_code == 200
    assert len(server.texts(5)) == before
    assert subscribers(tmp_path) == 0
    await page.post(AT, json=message(84, text="nó cầm dao đuổi em"), headers=SECRET)
    assert "113" in server.texts(5)[before]


def subscribers(folder: Path) -> int:
    """Count the subscriptions in the store."""
    with contextlib.closing(sqlite3.connect(folder / "var" / "people.db")) as db:
        return int(db.execute("SELECT count(*) FROM subscription").fetchone()[0])


async def test_updates_out_of_order_are_each_answered_once(page: httpx.AsyncClient, server: Server) -> None:
    """A later update first, an earlier one after it, both again: two messages, two answers."""
    later, earlier = message(91, text="cảm ơn"), message(90, text="chồng đánh em")
    for update in (later, earlier, later, earlier):
        assert (await page.post(AT, json=update, headers=SECRET)).status_code == 200
    answers = server.texts(5)
    assert len(answers) == len(set(answers))
    assert sum("113" in a for a in answers) == 1


GROUP = {"id": -5, "type": "supergroup", "title": "x"}


@pytest.mark.parametrize(
    "update",
    [
        message(60, text="/start", chat=GROUP),
        {"update_id": 61, "edited_message": message(61, text="chồng đánh em", chat=GROUP, edit_date=1)["message"]},
        {"update_id": 62, "channel_post": message(62, text="chồng đánh em", chat={"id": -6, "type": "channel", "title": "x"})["message"]},
        {"update_id": 63, "my_chat_member": membership(63, "member")["my_chat_member"] | {"chat": GROUP}},
        {"update_id": 64, "callback_query": {"id": "9", "from": {"id": 5, "is_bot": False, "first_name": "An"}, "chat_instance": "1",
                                             "message": message(64, chat=GROUP)["message"], "data": "near"}},
        message(65, text="chồng đánh em", **{"from": {"id": 9, "is_bot": True, "first_name": "Bot"}}),
    ],
    ids=["command", "edited", "channel", "added", "button", "bot"],
)  # fmt: skip
async def test_nothing_is_said_where_others_read(
    page: httpx.AsyncClient, server: Server, update: dict[str, Any]
) -> None:
    """Groups, channels and other bots: acknowledged, and silent in whatever way we are spoken to."""
    assert (await page.post(AT, json=update, headers=SECRET)).status_code == 200
    assert not server.state["sent"]


async def test_two_messages_sent_at_once_are_answered_in_order(polling: whole.App, server: Server) -> None:
    """In one poll: the place, sent right after telling, is understood as the place of what was told."""
    server.do("say", chat=11, text="bị chồng đánh")
    server.do("say", chat=11, text="Cẩm Tân, Cẩm Thủy")
    await server.until(lambda: any("Nơi giúp ở Xã Cẩm Tân" in t for t in server.texts(11)))
    assert "113" in server.texts(11)[0]
    assert "Nơi giúp ở Xã Cẩm Tân" in server.texts(11)[-1]


async def test_the_daily_message_arrives_at_the_hour_and_goes_when_blocked(
    settings: configuration.Settings, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Subscribe in the chat, and at the minute the message is there, once; who blocks the bot is unsubscribed."""
    monkeypatch.setattr(whole, "CALENDAR_SECONDS", 0.2)
    app = made(settings.model_copy(update={"now": "2026-11-21T06:59:55+07:00"}), server.url)
    telegram = app.platform("telegram")
    assert telegram
    jobs = [telegram.poll(app.receive), app.machine.door.run(), whole._calendar(app)]
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        for said in ("đăng ký 7h sáng", "đồng ý"):
            before = len(server.texts(7))
            server.do("say", chat=7, text=said)
            await server.until(lambda before=before: len(server.texts(7)) > before)
        await server.until(lambda: any(t.startswith("Gửi bạn một dòng") for t in server.texts(7)), 20)
        await asyncio.sleep(1.5)
        assert sum(t.startswith("Gửi bạn một dòng") for t in server.texts(7)) == 1
        me, chat = {"id": 4300, "is_bot": True, "first_name": "x"}, {"id": 7, "type": "private"}
        person = {"id": 7, "is_bot": False, "first_name": "An"}
        change = {
            "chat": chat, "from": person, "date": 1, "old_chat_member": {"status": "member", "user": me},
            "new_chat_member": {"status": "kicked", "user": me, "until_date": 0},
        }  # fmt: skip
        server.do("say", update={"update_id": 10_000, "my_chat_member": change})

        def subscribed() -> bool:
            with app.people.connect() as db:
                return db.exec_driver_sql("SELECT count(*) FROM subscription").scalar_one() > 0

        await server.until(lambda: not subscribed())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await telegram.close()
        await app.rasa.close()
        app.people.dispose()
        app.directory.dispose()
