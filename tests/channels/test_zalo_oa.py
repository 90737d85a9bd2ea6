"""Zalo Official Account: only signed calls are heard, replies carry buttons, tokens are replaced once and by one."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import app as whole
from bot import settings as configuration
from bot.channels import zalo_oa
from bot.channels.zalo_oa import read_event, sign
from bot.conversation.keywords import KeywordUnderstanding
from bot.errors import ChannelBusy, ChannelClosed, ChannelError, OutcomeUnknown, PayloadRefused
from bot.messages import Button, Outgoing
from bot.nlu_server import free_port
from bot.settings import ROOT
from bot.web import application
from tests.channels.fake_zalo_oa import APP_ID, APP_SECRET
from tests.conftest import KEYS

SECRET = "oa-secret-key-for-tests"
BODY = '{"app_id":"360846524940903967","sender":{"id":"246845883529197922"},"user_id_by_app":"552177279717587730","recipient":{"id":"388613280878808645"},"event_name":"user_send_text","message":{"text":"Xin chào","msg_id":"96d3cdf3af150460909"},"timestamp":"1763690400000"}'
MAC = "mac=aefe658e62cd7c69cc63cc341fd8c69562de6da441338e30e5cc0af2221fc4e9"


@pytest.fixture
def server() -> Iterator[str]:
    """The platform as a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.channels.fake_zalo_oa", "--port", str(port)], cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(f"{url}/fake/state")
            break
        except httpx.HTTPError:
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait()


def state(url: str) -> Any:
    """What the platform has accepted."""
    return httpx.get(f"{url}/fake/state").json()


def fail(url: str, **how: Any) -> None:
    """Let the next call go wrong."""
    httpx.post(f"{url}/fake/fail", json=how)


def expire(url: str) -> None:
    """Let the access token be no longer good."""
    httpx.post(f"{url}/fake/expire")


def made(folder: Path, url: str) -> whole.App:
    """A machine with an Official Account."""
    app = whole.build(
        configuration.load(
            data_dir=folder, secret_keys=KEYS, zalo_oa_app_id=APP_ID, zalo_oa_app_secret=APP_SECRET, zalo_oa_secret=SECRET,
            zalo_oa_access_token="access-0", zalo_oa_refresh_token="refresh-0", zalo_oa_api=url, zalo_oa_oauth=url,
        )
    )  # fmt: skip
    whole.set_up_stores(app)
    object.__setattr__(app.machine, "understanding", KeywordUnderstanding())
    return app


async def end(app: whole.App) -> None:
    """Close everything."""
    assert app.zalo_oa
    await app.zalo_oa.close()
    await app.rasa.close()
    app.people.dispose()
    app.directory.dispose()


@pytest.fixture
async def app(settings: configuration.Settings, server: str) -> AsyncIterator[whole.App]:
    """The machine of one test."""
    one = made(settings.data_dir, server)
    yield one
    await end(one)


def post(app: whole.App, body: str, **headers: str) -> Any:
    """Call the webhook as Zalo does."""

    async def run() -> httpx.Response:
        wire = httpx.ASGITransport(application(app.receive, app.web, app.health, "/", app.platforms))
        async with httpx.AsyncClient(transport=wire, base_url="http://t") as client:
            return await client.post("/webhooks/zalo-oa", content=body.encode(), headers=headers)

    return run()


def event(text: str, number: str = "1", **more: Any) -> tuple[str, dict[str, str]]:
    """A signed event."""
    row = {
        "app_id": APP_ID, "sender": {"id": "246"}, "event_name": "user_send_text", "timestamp": "1763690400000",
        "message": {"text": text, "msg_id": number}, **more,
    }  # fmt: skip
    body = json.dumps(row, ensure_ascii=False)
    return body, {"x-zevent-signature": f"mac={sign(APP_ID, body.encode(), '1763690400000', SECRET)}"}


def test_the_published_vector_is_signed_as_told() -> None:
    """The signature of the documented example."""
    assert f"mac={sign(APP_ID, BODY.encode(), '1763690400000', SECRET)}" == MAC


async def test_only_zalo_itself_is_heard(app: whole.App, server: str) -> None:
    """A good signature with the time in header or body is heard; another body, secret or none is not; `{}` is 200."""
    assert (await post(app, BODY, **{"x-zevent-signature": MAC})).status_code == 200
    assert len(state(server)["sent"]) >= 1
    assert state(server)["sent"][0]["recipient"]["user_id"] == "246845883529197922"
    again = len(state(server)["sent"])
    answer = await post(app, BODY, **{"x-zevent-signature": MAC, "x-zevent-timestamp": "1763690400000"})
    assert answer.status_code == 200
    assert len(state(server)["sent"]) == again  # the same message id is answered once
    for body, mac in (
        (BODY.replace("chào", "chao"), MAC),
        (BODY, "mac=" + "0" * 64),
        (BODY, ""),
        ("[]", MAC),
        ("{", MAC),
    ):
        assert (await post(app, body, **{"x-zevent-signature": mac})).status_code == 403
    assert (await post(app, "{}")).status_code == 200


async def test_who_tells_gets_numbers_and_buttons_and_a_button_comes_back(app: whole.App, server: str) -> None:
    """113 comes first, choices as the platform's buttons; a pressed one sends its payload as text."""
    body, headers = event("chồng tôi vừa đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy")
    assert (await post(app, body, **headers)).status_code == 200
    sent = state(server)["sent"]
    assert "113" in sent[0]["message"]["text"]
    buttons = [b for m in sent for b in m["message"].get("attachment", {}).get("payload", {}).get("buttons", [])]
    assert buttons
    assert all(b["type"] == "oa.query.show" and b["payload"].startswith("#") for b in buttons)
    before = len(sent)
    body, headers = event(buttons[-1]["payload"], "2")
    assert (await post(app, body, **headers)).status_code == 200
    assert len(state(server)["sent"]) > before


def test_events_are_read() -> None:
    """Follow greets, unfollow ends, a place is a place, what we sent ourselves is silent, nonsense is refused."""
    follower = {"follower": {"id": "7"}, "timestamp": "1"}
    follow, unfollow = (
        read_event({"event_name": "follow", **follower}),
        read_event({"event_name": "unfollow", **follower}),
    )
    assert follow
    assert follow.start == ""
    assert unfollow
    assert unfollow.left
    where = {
        "attachments": [{"type": "location", "payload": {"coordinates": {"latitude": "20.1", "longitude": "105.4"}}}]
    }
    place = read_event({"event_name": "user_send_location", "sender": {"id": "7"}, "message": {"msg_id": "1", **where}})
    assert place
    assert place.location == (20.1, 105.4)
    image = read_event({"event_name": "user_send_image", "sender": {"id": "7"}, "message": {"msg_id": "1"}})
    assert image
    assert image.media == "photo"
    for silent in ("oa_send_text", "user_seen_message", "user_received_message", "lạ"):
        assert read_event({"event_name": silent, "sender": {"id": "7"}, "message": {}}) is None
    for junk in ([], 1, None, {}, {"event_name": 5}):
        with pytest.raises(ValueError, match="not an event"):
            read_event(junk)


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"error": -201}, PayloadRefused), ({"error": -230}, PayloadRefused), ({"error": "-213"}, PayloadRefused),
        ({"error": -32}, ChannelBusy), ({"html": True}, ChannelBusy), ({"reset": True}, OutcomeUnknown),
    ],
)  # fmt: skip
async def test_each_error_gets_its_name(app: whole.App, server: str, how: dict[str, Any], error: Any) -> None:
    """What the platform answers with HTTP 200 is told apart."""
    assert app.zalo_oa
    fail(server, **how)
    with pytest.raises(error) as caught:
        await app.zalo_oa.send("7", Outgoing("chào"))
    assert "access-0" not in repr(caught.value)


async def test_a_stale_token_is_replaced_once_by_one_worker(
    app: whole.App, server: str, settings: configuration.Settings
) -> None:
    """Twenty messages of two workers with a stale token: one refresh, everything arrives, the pair outlives us."""
    other = made(settings.data_dir, server)
    assert app.zalo_oa
    assert other.zalo_oa
    expire(server)
    await asyncio.gather(
        *(w.send(str(n), Outgoing(f"tin {n}")) for n in range(10) for w in (app.zalo_oa, other.zalo_oa))
    )
    assert state(server)["refreshes"] == ["refresh-0"]
    assert len(state(server)["sent"]) == 20
    await end(other)
    third = made(settings.data_dir, server)
    assert third.zalo_oa
    await third.zalo_oa.send("9", Outgoing("sau khi khởi động lại"))
    assert state(server)["refreshes"] == ["refresh-0"]
    with third.people.connect() as db:
        assert state(server)["access"].encode() not in bytes(db.exec_driver_sql("SELECT pair FROM token").scalar_one())
    await end(third)


async def test_a_refresh_in_doubt_is_never_tried_again(
    app: whole.App, server: str, settings: configuration.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The single-use token may be used up: the channel stops and asks for a new pair, instead of burning it."""
    assert app.zalo_oa
    monkeypatch.setattr(zalo_oa, "_PATIENCE", 2)
    expire(server)
    fail(server, at="oauth", reset=True)
    for _ in range(3):
        with pytest.raises(ChannelClosed):
            await app.zalo_oa.send("7", Outgoing("chào"))
    again = made(settings.data_dir, server)
    assert again.zalo_oa
    with pytest.raises(ChannelError):
        async with asyncio.timeout(12):
            await again.zalo_oa.send("7", Outgoing("sau khi khởi động lại"))
    assert len(state(server)["refreshes"]) == 1
    await end(again)


async def test_many_choices_and_long_texts(app: whole.App, server: str) -> None:
    """More than five choices are numbered; a long text is cut, with the buttons under its last part."""
    assert app.zalo_oa
    many = tuple(Button(f"Nơi {n}", f"place:{n}") for n in range(7))
    await app.zalo_oa.send("7", Outgoing("Chọn giúp", many))
    await app.zalo_oa.send("7", Outgoing("chữ " * 800, many[:2]))
    first, second, third = state(server)["sent"]
    assert "7. Nơi 6" in first["message"]["text"]
    assert "attachment" not in first["message"]
    assert "attachment" not in second["message"]
    assert len(third["message"]["attachment"]["payload"]["buttons"]) == 2
    with pytest.raises(PayloadRefused):
        await app.zalo_oa.send("7", Outgoing(" "))
