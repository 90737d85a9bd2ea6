"""Every route of the whole product, found by walking it: whatever is sent, no answer is a 5xx, and each is guarded."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from starlette.routing import Mount, Route

from bot import app as whole
from bot import hsds
from bot.channels.zalo_oa import sign
from bot.settings import Settings
from bot.staff.site import ROUTES
from bot.web import application

SECRET = "mot-bi-mat-dai"
NAMED = {
    "telegram_token": "1:abc", "telegram_webhook_secret": SECRET, "telegram_api": "http://127.0.0.1:9",
    "zalo_token": "2:abc", "zalo_webhook_secret": SECRET, "zalo_api": "http://127.0.0.1:9",
    "zalo_oa_app_id": "360846524940903967", "zalo_oa_app_secret": "a", "zalo_oa_secret": SECRET,
    "zalo_oa_access_token": "b", "zalo_oa_refresh_token": "c", "zalo_oa_api": "http://127.0.0.1:9",
}  # fmt: skip
PATHS = [
    "/", "/assets/{x}", "/cards/{x}", "/words/{x}", "/chat", "/chat/leave", "/healthz", "/metrics", "/webhooks/telegram", "/webhooks/zalo",
    "/webhooks/zalo-oa", "/hsds/", "/hsds/openapi.json", "/hsds/services", "/hsds/services/{x}",
    "/staff/sign-in", "/staff/staff.css", "/staff/figures.css", *(f"/staff{route.path}" for route in ROUTES), "/nowhere", "/{x}",
]  # fmt: skip
"""The product's addresses; a test holds them against the routes."""
METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"]
COOKIE = "tincay=" + "x" * 24

words = st.text(st.characters(codec="utf-8"), max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True, slots=True)
class Product:
    """The whole product behind a client; `paths` are the addresses that it serves."""

    client: httpx.AsyncClient
    paths: frozenset[str]
    runner: asyncio.Runner

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask once."""
        return self.runner.run(asyncio.wait_for(self.client.request(method, path, **more), 30))


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product with every platform."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("product")
        patch.chdir(folder)
        for name in Settings.model_fields:
            patch.delenv(f"TINCAY_{name.upper()}", raising=False)
        app = whole.build(Settings(data_dir=folder / "var", nlu_url="http://127.0.0.1:9", **NAMED))  # type: ignore[arg-type]
    whole.set_up_stores(app)
    site = application(
        app.receive, app.web, app.health, "https://example.org/", app.platforms, app.staff, hsds.routes(app.directory)
    )
    paths = frozenset(route.path for route in site.routes if isinstance(route, (Route, Mount)))
    wire = httpx.ASGITransport(site, raise_app_exceptions=False)
    with asyncio.Runner() as runner:
        yield Product(httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1:8080"), paths, runner)
        runner.run(app.close())
    app.people.dispose()
    app.directory.dispose()


def check(answer: httpx.Response) -> None:
    """No page that broke, and on every answer the headers that keep a browser from being used against its person."""
    assert answer.status_code < 500, answer.text
    told = answer.headers
    assert "default-src 'none'" in told["content-security-policy"]
    assert "frame-ancestors 'none'" in told["content-security-policy"]
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] in ("no-referrer", "same-origin")
    assert "server" not in told
    for cookie in told.get_list("set-cookie"):
        assert "httponly" in cookie.lower()
        assert "samesite=strict" in cookie.lower()


def test_every_route_is_walked(product: Product) -> None:
    """A new route is fuzzed, or this fails."""
    assert {re.sub(r"\{\w+\}", "{x}", path) for path in product.paths} - {"/staff"} <= set(PATHS)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_guarded(product: Product, path: str, method: str) -> None:
    """Pages, redirects, refusals and errors of every route and method."""
    for told in ({}, {"origin": "http://[::1"}, {"referer": "http://[::1"}, {"host": "[::1"}):
        check(product.ask(method, path.replace("{x}", "nothing").replace("{", "").replace("}", ""), headers=told))


@tuned(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS), method=st.sampled_from(METHODS[:3]), piece=words, query=st.dictionaries(words, words, max_size=3),
    body=st.binary(max_size=200) | values.map(lambda v: json.dumps(v).encode()),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain; charset=x", ""]),
    told=st.sampled_from([{}, {"content-length": "x"}, {"cookie": COOKIE}, {"cookie": "tincay=\"\\777; =;;"}, {"if-none-match": "\"x\", W/"}, {"origin": "null"}, {"origin": "http://[::1"}, {"referer": "http://[::1"}, {"accept-encoding": "x;q=9"}, {"range": "bytes=9-1"}]),
)  # fmt: skip
def test_anything_sent_anywhere_is_answered(
    product: Product, path: str, method: str, piece: str, query: dict[str, str], body: bytes, kind: str, told: dict[str, str]
) -> None:  # fmt: skip
    """Any body of any kind, any words in the address, strange headers."""
    check(
        product.ask(
            method,
            path.replace("{x}", quote(piece, safe="")),
            params=query,
            content=body,
            headers={"content-type": kind, **told},
        )
    )


def message(text: str) -> dict[str, Any]:
    """One of each platform's messages, whole."""
    person = {"id": 7, "is_bot": False, "first_name": "An", "display_name": "An"}
    inner = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private", "chat_type": "PRIVATE"}, "from": person}
    return {
        "update_id": 1, "event_name": "message.text.received", "message": {**inner, "text": text, "msg_id": "1"},
        "sender": {"id": "7"}, "recipient": {"id": "8"}, "timestamp": "1763690400000",
    }  # fmt: skip


@tuned(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), platform=st.sampled_from(["telegram", "zalo", "zalo-oa"]))
def test_any_payload_of_a_platform_is_answered(product: Product, data: st.DataObject, platform: str) -> None:
    """What a platform signs may still be nonsense: whole messages with a part exchanged for anything, and anything at all."""
    payload: Any = message("")
    part: Any = payload
    for _ in range(data.draw(st.integers(0, 3))):
        name = data.draw(st.sampled_from(sorted(part)))
        if not isinstance(part[name], dict):
            break
        part = part[name]
    part[data.draw(st.sampled_from([*sorted(part), "location", "photo", "callback_query", "start"]))] = data.draw(
        values
    )
    body = json.dumps(data.draw(st.sampled_from([payload, payload, payload, part]))).encode()
    at = "1763690400000"
    headers = {
        "x-telegram-bot-api-secret-token": SECRET, "x-bot-api-secret-token": SECRET, "x-zevent-timestamp": at,
        "x-zevent-signature": f"mac={sign(NAMED['zalo_oa_app_id'], body, at, SECRET)}",
    }  # fmt: skip
    answer = product.ask("POST", f"/webhooks/{platform}", content=body, headers=headers)
    assert answer.status_code in (200, 400), answer.text
