"""A Zalo Bot Platform on loopback: keeps what it accepted, gives updates out once, and fails as told.

    python -m tests.channels.fake_zalo --port 9090

then `TINCAY_ZALO_API=http://127.0.0.1:9090 TINCAY_ZALO_TOKEN=4200:chi-de-thu tincay up`, and as a person would:

    curl http://127.0.0.1:9090/fake/say -d '{"chat": "an", "text": "xin chào"}'
    curl http://127.0.0.1:9090/fake/sent
    curl http://127.0.0.1:9090/fake/fail -d '{"code": 429, "times": 3}'
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "4200:chi-de-thu"
HTML = "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"


@dataclass
class Failure:
    """How the next `times` calls of `method` go wrong.

    `code` is answered as Zalo does (`ok: false`), with the HTTP status `status`; `body` is answered
    as it is. `accept` does the work first; `reset` cuts the connection instead of answering;
    `seconds` is the wait before the answer.
    """

    method: str = "sendMessage"
    times: int = 1
    status: int = 200
    code: int | str | None = None
    body: str | None = None
    accept: bool = False
    reset: bool = False
    seconds: float = 0.0


@dataclass
class State:
    """All that the platform knows."""

    token: str = TOKEN
    sent: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    updates: deque[dict[str, Any]] = field(default_factory=deque)
    failures: list[Failure] = field(default_factory=list)
    webhook: tuple[str, str] | None = None
    life: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def reset(self) -> None:
        """Forget everything but the token."""
        with self.changed:
            self.sent, self.calls, self.updates, self.failures = [], [], deque(), []
            self.webhook, self.life = None, self.life + 1
            self.changed.notify_all()

    def take_failure(self, method: str) -> Failure | None:
        """Return how this call goes wrong, if it does."""
        with self.changed:
            for failure in self.failures:
                if failure.method == method and failure.times > 0:
                    failure.times -= 1
                    return failure
        return None


class Refusal(Exception):
    """The platform says no with this code."""


def update(
    chat: str, text: str | None = None, /, *, event: str = "text", group: bool = False, **more: Any
) -> dict[str, Any]:
    """Return one update as Zalo writes it (without the envelope); `more` goes into the message, None leaves a key out."""
    message = {
        "from": {"id": chat, "display_name": "Nguyễn Thị An", "is_bot": False},
        "chat": {"id": f"g{chat}" if group else chat, "chat_type": "GROUP" if group else "PRIVATE"},
        "text": text,
        "message_id": secrets.token_hex(10),
        "date": int(time.time() * 1000),
        **more,
    }
    return {
        "message": {k: v for k, v in message.items() if v is not None},
        "event_name": f"message.{event}.received",
    }


def call(state: State, method: str, values: dict[str, Any]) -> dict[str, Any]:
    """Do one method of the platform and return its envelope."""
    methods: dict[str, Callable[[State, dict[str, Any]], dict[str, Any]]] = {
        "getMe": _get_me,
        "getUpdates": _get_updates,
        "setWebhook": _set_webhook,
        "deleteWebhook": _delete_webhook,
        "getWebhookInfo": _webhook_info,
        "sendMessage": _send_message,
        "sendPhoto": _send_message,
        "sendSticker": _send_message,
        "sendChatAction": lambda _s, _v: {"ok": True},
    }
    if method not in methods:
        raise Refusal(404)
    return methods[method](state, values)


def _get_me(_state: State, _values: dict[str, Any]) -> dict[str, Any]:
    me = {"id": "1", "account_name": "bot.fake", "account_type": "BASIC", "can_join_groups": False}
    return {"ok": True, "result": me, "error_code": 0}


def _get_updates(state: State, values: dict[str, Any]) -> dict[str, Any]:
    with state.changed:
        if state.webhook:
            raise Refusal(400)
        life, seconds = state.life, float(values.get("timeout", 30))
        state.changed.wait_for(lambda: state.updates or state.life != life, seconds)
        if not state.updates or state.life != life:
            raise Refusal(408)
        return {"ok": True, "result": state.updates.popleft()}


def _set_webhook(state: State, values: dict[str, Any]) -> dict[str, Any]:
    url, secret = values.get("url"), values.get("secret_token")
    if (
        not isinstance(url, str)
        or not url.startswith("http")
        or not isinstance(secret, str)
        or not 8 <= len(secret) <= 256
    ):
        raise Refusal(400)
    state.webhook = (url, secret)
    return {"ok": True, "result": {"url": url, "updated_at": int(time.time() * 1000)}}


def _delete_webhook(state: State, _values: dict[str, Any]) -> dict[str, Any]:
    state.webhook = None
    return {"ok": True, "result": {"url": "", "updated_at": int(time.time() * 1000)}}


def _webhook_info(state: State, _values: dict[str, Any]) -> dict[str, Any]:
    if not state.webhook:
        raise Refusal(404)
    return {"ok": True, "result": {"url": state.webhook[0], "updated_at": int(time.time() * 1000)}}


def _send_message(state: State, values: dict[str, Any]) -> dict[str, Any]:
    chat, text = values.get("chat_id"), values.get("text", values.get("caption", "x"))
    if not isinstance(chat, str) or not chat or not isinstance(text, str):
        raise Refusal(400)
    if not 1 <= len(text.encode("utf-16-le")) // 2 <= 2_000:
        raise Refusal(400)
    message_id = secrets.token_hex(10)
    with state.changed:
        state.sent.append({**values, "message_id": message_id, "at": time.monotonic()})
        state.changed.notify_all()
    return {"ok": True, "result": {"message_id": message_id, "date": int(time.time() * 1000)}}


def give(state: State, found: dict[str, Any], wrapped: bool) -> int | None:
    """Deliver one update: to the webhook (return its HTTP status), else to who polls."""
    with state.changed:
        if state.webhook is None:
            state.updates.append(found)
            state.changed.notify_all()
            return None
        url, secret = state.webhook
    body = json.dumps({"ok": True, "result": found} if wrapped else found).encode()
    request = urllib.request.Request(
        url, body, {"content-type": "application/json", "x-bot-api-secret-token": secret}
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


class Handler(BaseHTTPRequestHandler):
    """One connection: `/bot{token}/{method}` for the bot, `/fake/…` for the test."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: State

    def do_POST(self) -> None:
        """Serve a call of the bot or of the test."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            values = json.loads(body or b"{}")
        except ValueError:
            values = None
        area, _, rest = self.path.lstrip("/").partition("/")
        if area == "fake":
            self._answer(200, json.dumps(self._steer(rest, values or {})))
        else:
            self._serve(area, rest, values)

    def do_GET(self) -> None:
        """Serve what the test asks for."""
        self._answer(200, json.dumps(self._steer(self.path.removeprefix("/fake/"), {}), ensure_ascii=False))

    def _serve(self, area: str, method: str, values: Any) -> None:
        with self.state.changed:
            self.state.calls.append(method)
            self.state.changed.notify_all()
        failure = self.state.take_failure(method)
        answer: dict[str, Any] = {}
        status = 200
        if failure is None or failure.accept:
            try:
                if area != f"bot{self.state.token}":
                    raise Refusal(401)
                if not isinstance(values, dict):
                    raise Refusal(400)
                answer = call(self.state, method, values)
            except Refusal as refusal:
                answer = {"ok": False, "error_code": refusal.args[0], "description": "refused"}
        if failure:
            time.sleep(failure.seconds)
            if failure.reset:
                self._cut()
                return
            status = failure.status
            if failure.code is not None:
                answer = {"ok": False, "error_code": failure.code, "description": f"fails for {self.path}"}
        self._answer(status, failure.body if failure and failure.body is not None else json.dumps(answer))

    def _steer(self, what: str, values: dict[str, Any]) -> Any:
        state = self.state
        if what == "sent":
            return state.sent
        if what == "calls":
            return state.calls
        if what == "count":
            return Counter(str(m["chat_id"]) for m in state.sent)
        if what == "reset":
            return state.reset()
        if what == "fail":
            state.failures.append(Failure(**values))
        elif what == "say":
            wrapped = values.pop("wrapped", True)
            return give(
                state,
                values["update"]
                if "update" in values
                else update(values.pop("chat"), values.pop("text", None), **values),
                wrapped,
            )
        elif what == "wait":
            with state.changed:
                return state.changed.wait_for(lambda: len(state.sent) >= values["sent"], timeout=values["seconds"])
        return None

    def _answer(self, status: int, body: str) -> None:
        raw = body.encode()
        with contextlib.suppress(OSError):  # the bot went away
            self.send_response(status)
            self.send_header("content-type", "text/html" if body.startswith("<") else "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log: the path holds the token."""


class Server(ThreadingHTTPServer):
    """Accepts many connections at once."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that broke."""


@dataclass
class FakeZalo:
    """The test's side of a running server."""

    url: str

    def say(self, chat: str, text: str | None = None, **more: Any) -> int | None:
        """Write to the bot as a person; `update=…` gives any update at all."""
        given = {"chat": chat, "text": text, **more} if "update" not in more else more
        return self._ask("say", given)  # type: ignore[no-any-return]

    def fail(self, failure: Failure) -> None:
        """Make the next calls go wrong."""
        self._ask("fail", asdict(failure))

    def sent(self) -> list[dict[str, Any]]:
        """Return every message accepted, in order."""
        return self._ask("sent")  # type: ignore[no-any-return]

    def texts(self, chat: str) -> list[str]:
        """Return the texts that one chat got."""
        return [m["text"] for m in self.sent() if m["chat_id"] == chat]

    def calls(self) -> list[str]:
        """Return the names of the methods called, in order."""
        return self._ask("calls")  # type: ignore[no-any-return]

    def wait(self, sent: int, seconds: float = 10.0) -> bool:
        """Wait until so many messages were accepted, and tell whether they were."""
        return bool(self._ask("wait", {"sent": sent, "seconds": seconds}))

    def reset(self) -> None:
        """Forget everything."""
        self._ask("reset", {})

    def _ask(self, what: str, values: dict[str, Any] | None = None) -> Any:
        body = None if values is None else json.dumps(values).encode()
        with urllib.request.urlopen(f"{self.url}/fake/{what}", body, timeout=30) as answer:
            return json.loads(answer.read())


@contextlib.contextmanager
def running() -> Iterator[FakeZalo]:
    """Start the server as a process of its own and stop it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.channels.fake_zalo", "--port", "0"],
        cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        try:
            yield FakeZalo(process.stdout.readline().strip())
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    """Serve until stopped; the first line printed is the address."""
    parser = argparse.ArgumentParser(description="Zalo Bot Platform on loopback, for tests")
    parser.add_argument("--port", type=int, default=9090)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    handler = type("Bound", (Handler,), {"state": State(given.token)})
    with Server(("127.0.0.1", given.port), handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
