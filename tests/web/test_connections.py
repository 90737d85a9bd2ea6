"""Slow clients, held connections and wrong names: none of them keeps anybody in danger from being heard."""

from __future__ import annotations

import contextlib
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from bot import connections
from bot.channels.telegram import Telegram
from bot.connections import Connection
from bot.serve import MOST_AT_ONCE
from bot.web import application
from tests.conftest import Bench

HELD = 1_000
ONCE = {"cookie": "tincay=" + "x" * 24, "connection": "close"}
DANGER = {"id": "1", "text": "nó cầm dao đuổi em"}
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def port(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The site on loopback, with the connections of the product and less patience."""
    monkeypatch.setattr(connections, "ARRIVAL_SECONDS", 1.5)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, most[1]), most[1]))
    app = bench.app
    door = application(app.receive, app.web, app.health, "https://example.org/", hosts=("bot.example",))
    config = uvicorn.Config(door, log_config=None, http=Connection, ws="none", limit_concurrency=MOST_AT_ONCE)
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)
    listening.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, most)


def is_closed(one: socket.socket, seconds: float) -> bool:
    """Tell whether the other side has ended this connection within the time."""
    one.settimeout(seconds)
    try:
        while one.recv(65_536):  # an answer may have come before
            pass
        return True
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize(
    "begin", [b"GET / HTTP/1.1\r\n", b"POST /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n", b""]
)
def test_one_byte_a_second_is_not_waited_for(port: int, begin: bytes) -> None:
    """Heads and bodies that drip, and connections that say nothing, are closed."""
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(begin)
        for _ in range(8):
            with contextlib.suppress(OSError):
                slow.sendall(b"a" if begin else b"")
            if is_closed(slow, 0.5):
                return
        pytest.fail("still open after four seconds")


def test_a_weak_network_is_waited_for(port: int) -> None:
    """A long body at a fair pace takes longer than the patience for a silent one, and still comes through."""
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"POST /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 40000\r\n\r\n")
        for _ in range(10):
            slow.sendall(b"x" * 4_000)
            time.sleep(0.25)
        slow.settimeout(5)
        assert slow.recv(40).startswith(b"HTTP/1.1 400")


def test_a_kept_connection_is_guarded_too(port: int) -> None:
    """Whoever was answered once cannot drip a second request for ever."""
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(WHOLE)
        time.sleep(0.3)
        assert b"200 OK" in slow.recv(65_536)
        slow.sendall(b"GET / HT")
        assert is_closed(slow, 4)


@pytest.mark.parametrize(
    "begin", [b"", b"POST /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n", WHOLE]
)
def test_a_thousand_held_connections_keep_nobody_out(port: int, begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-open, half-told or only kept: somebody in danger is answered while they are held."""
    monkeypatch.setattr(connections, "ARRIVAL_SECONDS", 60.0)
    with contextlib.ExitStack() as held, httpx.Client(headers=ONCE, timeout=10, verify=False) as page:
        page.post(f"http://127.0.0.1:{port}/chat", json={**DANGER, "id": "before"}).close()  # tables are read once
        time.sleep(0.1)
        for _ in range(HELD):
            one = held.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            with contextlib.suppress(OSError):  # made room already
                one.sendall(begin)
        answer = page.post(f"http://127.0.0.1:{port}/chat", json=DANGER)
        assert "113" in answer.text
        assert len(Connection.unheard) + len(Connection.answered) <= connections.MOST_IDLE + 1


@pytest.mark.parametrize(
    ("host", "status"),
    [("bot.example", 200), ("BOT.example:443", 200), ("127.0.0.1:8080", 200), ("[::1]:8080", 200), ("localhost", 200),
     ("evil.example", 421), ("bot.example.evil", 421), ("", 421)],
)  # fmt: skip
def test_no_other_name_leads_here(port: int, host: str, status: int) -> None:
    """Where names are set, a page of another name cannot reach us through somebody's browser."""
    answer = httpx.get(f"http://127.0.0.1:{port}/healthz", headers={"host": host})
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_webhook_without_its_secret_is_not_even_parsed(bench: Bench) -> None:
    """Junk and a made-up message get the same 403; only what the platform sent is read."""
    telegram = Telegram("1:abc", "http://127.0.0.1:9", "bi-mat-gi-do", 10, Path("cards"))
    site = application(bench.app.receive, bench.app.web, bench.app.health, "https://example.org/", [telegram])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://a") as page:
        for body in (b"{", b"[" * 50_000, b'{"update_id": 1}'):
            for told in ({}, {"x-telegram-bot-api-secret-token": "bi-mat"}, {"x-telegram-bot-api-secret-token": "bí"}):
                headers = {name: value.encode() for name, value in told.items()}
                answer = await page.post("/webhooks/telegram", content=body, headers=headers)
                assert (answer.status_code, answer.json()["error"]) == (403, "not from the platform")
        right = {"x-telegram-bot-api-secret-token": b"bi-mat-gi-do"}
        assert (await page.post("/webhooks/telegram", content=b"{", headers=right)).status_code == 400
    await telegram.close()
