"""The picture of a slogan goes with its words: once, to who may see it, and never instead of the words."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bot import app as whole
from bot import settings as configuration
from bot.channels.telegram import Telegram
from bot.conversation.keywords import KeywordUnderstanding
from bot.errors import ChannelBusy, OutcomeUnknown
from bot.messages import Outgoing
from bot.web import application
from tests.channels.test_telegram import Server, process, running, server

__all__ = ["process", "server"]
SLOGAN = "Hưởng ứng Ngày quốc tế xóa bỏ bạo lực đối với phụ nữ 25/11/2026."
CARD = Outgoing("Lời của ngày", card=("Chấm dứt bạo lực, vun đắp yêu thương.",))


async def test_a_subscriber_gets_the_poster_and_the_slogan_of_the_day(
    settings: configuration.Settings,
    server: Server,
) -> None:
    """On 25 November the day's slogan comes once, as a picture with its words; who chose discretion gets none of it."""
    async with running(settings, server.url, now="2026-11-25T06:59:55+07:00") as app:
        for chat in (7, 8):
            server.do("say", chat=chat, text="đăng ký nhận tin lúc 7 giờ")
            await server.until(lambda chat=chat: server.texts(chat))
            server.do("say", chat=chat, button="subscribe:420")
            await server.until(lambda chat=chat: len(server.texts(chat)) > 1)
        server.do("say", chat=8, text="kín đáo")
        await server.until(lambda: len(server.texts(8)) > 2)
        while app.now() < app.now().replace(hour=7, minute=0, second=0):
            await asyncio.sleep(0.1)
        for _ in range(2):
            await asyncio.to_thread(whole._plan, app, "telegram")
            await server.until(lambda: len(server.texts(7)) > 2 and len(server.texts(8)) > 3)
    last = {m["chat"]["id"]: m for m in server.state["sent"]}
    assert SLOGAN in last[7]["text"]
    assert last[7]["uploaded"]
    assert "photo" not in last[8]
    assert "bạo lực" not in last[8]["text"]
    assert [len(server.texts(7)), len(server.texts(8))] == [3, 4]


@pytest.mark.parametrize("failure", [{"status": 400}, {"status": 502, "html": True}])
async def test_a_picture_that_telegram_refuses_leaves_the_words(
    settings: configuration.Settings,
    server: Server,
    failure: dict[str, object],
) -> None:
    """The words come alone, and once."""
    async with running(settings, server.url, now="2026-11-25T09:00+07:00") as app:
        server.do("fail", method="sendPhoto", **failure)
        telegram = app.platform("telegram")
        assert isinstance(telegram, Telegram)
        assert await telegram.send("7", CARD)
    assert [(m["text"], m.get("photo")) for m in server.state["sent"]] == [("Lời của ngày", None)]


@pytest.mark.parametrize(
    ("failure", "error"),
    [({"status": 429, "retry_after": 60}, ChannelBusy), ({"reset": True, "accept": True}, OutcomeUnknown)],
)
async def test_a_picture_in_doubt_is_not_followed_by_words(
    settings: configuration.Settings,
    server: Server,
    failure: dict[str, object],
    error: type[Exception],
) -> None:
    """Where the picture may have arrived, or Telegram asks for silence, the door decides, as for any message."""
    async with running(settings, server.url, now="2026-11-25T09:00+07:00") as app:
        server.do("fail", method="sendPhoto", **failure)
        telegram = app.platform("telegram")
        assert isinstance(telegram, Telegram)
        with pytest.raises(error):
            await telegram.send("7", CARD)
    assert "sendMessage" not in server.state["calls"]


async def test_a_picture_is_uploaded_once(settings: configuration.Settings, server: Server) -> None:
    """The second person's picture is named, not carried; a text too long for a caption goes without it."""
    async with running(settings, server.url, now="2026-11-25T09:00+07:00") as app:
        telegram = app.platform("telegram")
        assert isinstance(telegram, Telegram)
        for chat in ("7", "8"):
            await telegram.send(chat, CARD)
        await telegram.send("9", Outgoing("dài " * 300, card=CARD.card))
    assert [m.get("uploaded") for m in server.state["sent"]] == [True, False, None]


async def test_the_page_shows_the_card_with_its_words(settings: configuration.Settings) -> None:
    """Asked for the slogan, the page gets a picture with its words as alternative text; who told of violence gets none."""
    app = whole.build(settings.model_copy(update={"now": "2026-11-21T14:00+07:00"}))
    whole.set_up_stores(app)
    object.__setattr__(app.machine, "understanding", KeywordUnderstanding())
    transport = httpx.ASGITransport(application(app.receive, app.web, dict, "/"))
    async with httpx.AsyncClient(transport=transport, base_url="https://testserver") as page:
        await page.get("/")

        async def ask(number: int, text: str) -> dict[str, Any]:
            answer = await page.post("/chat", json={"id": f"n{number}", "text": text, "have": 0})
            return dict(answer.json()["messages"][-1])

        shown = await ask(1, "khẩu hiệu hôm nay")
        assert shown["alt"] in shown["text"]
        picture = await page.get(shown["image"])
        assert picture.headers["content-type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
        assert picture.headers["cache-control"] == "no-store"
        assert not {"last-modified", "etag"} & set(picture.headers)
        assert (await page.get("/cards/people.db")).status_code == 404
        for kept in (app.settings.data_dir / "cards").iterdir():  # the same name on every installation
            assert (await page.get(f"/cards/{kept.name}")).status_code == 404
        await ask(2, "chồng tôi đánh tôi")
        assert "image" not in await ask(3, "khẩu hiệu hôm nay")
    await app.close()
    app.people.dispose()
    app.directory.dispose()
