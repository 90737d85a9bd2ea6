"""The understanding server may be slow, dead, strange or of another age; the bot says so to itself and goes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import httpx
import pytest

from bot.conversation import rasa
from bot.conversation.rasa import RasaUnderstanding
from bot.errors import UnderstandingDown
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
Handler = Callable[[httpx.Request], Awaitable[httpx.Response]]


def client(handler: Handler) -> RasaUnderstanding:
    """Return a client whose server is `handler`."""
    return RasaUnderstanding("http://nlu", "token", httpx.MockTransport(handler))


async def good(request: httpx.Request) -> httpx.Response:
    """Answer as our server does."""
    return httpx.Response(200, json={"text": "…", "scores": SCORES})


async def test_scores_come_through() -> None:
    """A good answer becomes scores, asked for with the token."""
    seen: list[httpx.Request] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return await good(request)

    found = await client(handler).scores("chồng em giữ lương")
    assert found.told == 0.9
    assert found.source == "rasa"
    assert seen[0].url.params["token"] == "token"


@pytest.mark.parametrize("text", ["/chồng đánh em", "  //chồng đánh em", "/\n/ chồng đánh em"])
async def test_a_leading_slash_never_reaches_rasa(text: str) -> None:
    """Rasa takes "/…" for an intent of its own; the words after it are asked."""
    asked: list[str] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["text"])
        return await good(request)

    await client(handler).scores(text)
    assert asked == ["chồng đánh em"]


STRANGE = {
    "HTML": httpx.Response(200, text="<html>busy</html>"),
    "an old model": httpx.Response(200, json={"intent": {"name": "greet", "confidence": 1.0}}),
    "scores of another shape": httpx.Response(200, json={"scores": {"intents": {}}}),
    "a list": httpx.Response(200, json=[]),
    "an error": httpx.Response(500, text="oops"),
    "not allowed": httpx.Response(401, json={"status": "failure"}),
}


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE.keys())
async def test_a_strange_answer_is_no_answer(answer: httpx.Response) -> None:
    """Whatever is not our scores is "down", never "nothing told"."""

    async def handler(request: httpx.Request) -> httpx.Response:
        return answer

    with pytest.raises(UnderstandingDown):
        await client(handler).scores("chồng đánh em")


async def test_a_slow_server_is_left_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than the limit, retry included."""
    monkeypatch.setattr(rasa, "LIMIT_SECONDS", 0.3)

    async def handler(request: httpx.Request) -> httpx.Response:
        try:
            await asyncio.wait_for(asyncio.sleep(5), request.extensions["timeout"]["read"])
        except TimeoutError:
            raise httpx.ReadTimeout("slow", request=request) from None
        return await good(request)

    begun = time.monotonic()
    with pytest.raises(UnderstandingDown):
        await client(handler).scores("chồng đánh em")
    assert time.monotonic() - begun < 1.5


async def test_one_hiccup_is_tried_again() -> None:
    """A connection that breaks once costs nothing."""
    tries = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise httpx.ConnectError("refused", request=request)
        return await good(request)

    assert (await client(handler).scores("chồng đánh em")).told == 0.9


async def test_a_dead_server_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """After three failures nothing is asked for some seconds; then the server gets its chance again."""
    asked, dead = 0, True

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if dead:
            raise httpx.ConnectError("refused", request=request)
        return await good(request)

    monkeypatch.setattr(rasa, "BREAK_SECONDS", 0.3)
    asking = client(handler)
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
