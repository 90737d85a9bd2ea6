"""The understanding server may be slow, dead, strange or of another age; the bot says so to itself and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.conversation import rasa
from bot.conversation.rasa import RasaUnderstanding
from bot.errors import UnderstandingDown
from bot.nlu_server import free_port
from nlu.labels import INTENTS, REPORTERS, RISKS, TYPES

THRESHOLDS = {"told": 0.5, "ask": 0.2, "emergency": 0.5, "perpetrator": 0.5, "types": 0.5}
SCORES = {
    "intents": dict.fromkeys(INTENTS, 0.01),
    "told": 0.9,
    "risks": dict.fromkeys(RISKS, 0.1),
    "types": dict.fromkeys(TYPES, 0.1),
    "reporters": dict.fromkeys(REPORTERS, 0.1),
    "thresholds": THRESHOLDS,
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[RasaUnderstanding]:
    """Give a client whose server, on a real port of this machine, is `handler`."""
    app = web.Application()
    app.router.add_post("/model/parse", handler)
    async with TestServer(app) as server:
        asking = RasaUnderstanding(str(server.make_url("/")), "token")
        yield asking
        await asking.close()


async def good(_: web.Request) -> web.Response:
    """Answer as our server does."""
    return web.json_response({"text": "…", "scores": SCORES})


async def hang_up(request: web.Request) -> web.Response:
    """Close the connection without a word."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def test_scores_come_through() -> None:
    """A good answer becomes scores, asked for with the token."""
    tokens: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        tokens.append(request.query["token"])
        return await good(request)

    async with served(handler) as asking:
        found = await asking.scores("chồng em giữ lương")
    assert found.told == 0.9
    assert found.source == "rasa"
    assert tokens == ["token"]


@pytest.mark.parametrize("text", ["/chồng đánh em", "  //chồng đánh em", "/\n/ chồng đánh em"])
async def test_a_leading_slash_never_reaches_rasa(text: str) -> None:
    """Rasa takes "/…" for an intent of its own; the words after it are asked."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append((await request.json())["text"])
        return await good(request)

    async with served(handler) as asking:
        await asking.scores(text)
    assert asked == ["chồng đánh em"]


STRANGE: dict[str, Callable[[], web.Response]] = {
    "HTML": lambda: web.Response(text="<html>busy</html>", content_type="text/html"),
    "HTML that says it is JSON": lambda: web.Response(text="<html>busy</html>", content_type="application/json"),
    "an old model": lambda: web.json_response({"intent": {"name": "greet", "confidence": 1.0}}),
    "scores of another shape": lambda: web.json_response({"scores": {"intents": {}}}),
    "a list": lambda: web.json_response([]),
    "nothing": lambda: web.Response(),
    "an error": lambda: web.Response(status=500, text="oops"),
    "not allowed": lambda: web.json_response({"status": "failure"}, status=401),
}


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE.keys())
async def test_a_strange_answer_is_no_answer(answer: Callable[[], web.Response]) -> None:
    """Whatever is not our scores is "down", never "nothing told"."""

    async def handler(_: web.Request) -> web.Response:
        return answer()

    async with served(handler) as asking:
        with pytest.raises(UnderstandingDown):
            await asking.scores("chồng đánh em")


async def test_a_slow_server_is_left_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than the limit, and a server that took the question is not asked twice."""
    monkeypatch.setattr(rasa, "LIMIT_SECONDS", 0.3)
    asked, left = 0, asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await left.wait()
        return await good(request)

    async with served(handler) as asking:
        with pytest.raises(UnderstandingDown):
            await asking.scores("chồng đánh em")
        left.set()
    assert asked == 1


async def test_one_hiccup_is_tried_again() -> None:
    """A connection that breaks once costs nothing."""
    tries = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal tries
        tries += 1
        return await (hang_up if tries == 1 else good)(request)

    async with served(handler) as asking:
        assert (await asking.scores("chồng đánh em")).told == 0.9


async def test_a_dead_server_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """After three failures nothing is asked for some seconds; then the server gets its chance again."""
    asked, dead = 0, True

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return await (hang_up if dead else good)(request)

    monkeypatch.setattr(rasa, "BREAK_SECONDS", 0.3)
    async with served(handler) as asking:
        for _ in range(3):
            with pytest.raises(UnderstandingDown):
                await asking.scores("a")
        before = asked
        with pytest.raises(UnderstandingDown):
            await asking.scores("a")
        assert asked == before
        dead = False
        await asyncio.sleep(0.35)
        assert (await asking.scores("a")).told == 0.9


async def test_nobody_listens() -> None:
    """A refused connection is "down"."""
    asking = RasaUnderstanding(f"http://127.0.0.1:{free_port()}", "")
    with pytest.raises(UnderstandingDown):
        await asking.scores("a")
    await asking.close()
