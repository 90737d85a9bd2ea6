"""A Telegram Bot API on loopback: keeps what it accepted, gives updates with offsets, and fails as told.

    python -m tests.channels.fake_telegram --port 9091

then `TINCAY_TELEGRAM_API=http://127.0.0.1:9091 TINCAY_TELEGRAM_TOKEN=4300:chi-de-thu tincay up`, and as a person would:

    curl http://127.0.0.1:9091/fake/say -d '{"chat": 7, "text": "xin chào"}'
    curl http://127.0.0.1:9091/fake/state
    curl http://127.0.0.1:9091/fake/strict -d '{"rate": 30}'
    curl http://127.0.0.1:9091/fake/fail -d '{"status": 429, "retry_after": 2, "times": 3}'
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import json
import time
from collections import deque
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

TOKEN = "4300:chi-de-thu"
WORDS = {400: "Bad Request: message text is empty", 403: "Forbidden: bot was blocked by the user"}


class FakeTelegram:
    """All that the platform knows; `failures` are rows ``{method, status, retry_after, html, reset, accept, seconds, times}``."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.deleted: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.updates: list[dict[str, Any]] = []
        self.failures: list[dict[str, Any]] = []
        self.pictures: dict[str, bytes] = {}
        self.webhook = ""
        self.strict = 0
        self.refused = 0
        self.accepted: deque[float] = deque()
        self.changed = asyncio.Event()
        self._number = itertools.count(100)

    def add(self, body: dict[str, Any]) -> dict[str, Any]:
        """Add what a person did: ``{chat, text}``, ``{chat, button}``, or ``{update: …}`` as it is."""
        number = next(self._number)
        row = body.get("update") or _update(number, body)
        self.updates.append(row)
        self.changed.set()
        return row

    async def answer(self, request: Request) -> Response:
        """Do one method, or fail as told."""
        method, values = request.path_params["method"], await _values(request)
        self.calls.append(method)
        if request.path_params["token"] != TOKEN:
            return _no(401, "Unauthorized")
        failure = next((f for f in self.failures if f.get("method", "sendMessage") == method and f["times"] > 0), None)
        if failure is None:
            return await self._do(method, values)
        failure["times"] -= 1
        await asyncio.sleep(failure.get("seconds", 0))
        if failure.get("accept") or "status" not in failure:
            done = await self._do(method, values)
            if not failure.get("reset"):
                return done
        if failure.get("reset"):
            return Cut()
        if failure.get("html"):
            return HTMLResponse("<html>Bad Gateway</html>", failure["status"])
        more = {"parameters": {"retry_after": failure["retry_after"]}} if "retry_after" in failure else {}
        if "parameters" in failure:
            more = {"parameters": failure["parameters"]}
        return _no(failure["status"], WORDS.get(failure["status"], "Too Many Requests"), more)

    async def _do(self, method: str, values: dict[str, Any]) -> Response:
        if method == "getUpdates":
            return _yes(await self._get_updates(int(values.get("offset", 0)), float(values.get("timeout", 0))))
        if method == "sendMessage" and self.strict and not self._has_room():
            self.refused += 1
            return _no(429, "Too Many Requests: retry after 1", {"parameters": {"retry_after": 1}})
        if method == "sendMessage":
            chat, text = int(values["chat_id"]), str(values["text"])
            if not text.strip() or len(text.encode("utf-16-le")) > 8192:
                return _no(400, WORDS[400])
            message = {
                "message_id": next(self._number),
                "date": int(time.time()),
                "chat": {"id": chat, "type": "private"},
            }
            self.sent.append({**message, "text": text, "reply_markup": values.get("reply_markup")})
            return _yes({**message, "text": text})
        if method == "sendPhoto":
            return self._photo(values)
        if method == "deleteMessages":
            self.deleted.append(values)
        if method == "setWebhook":
            self.webhook = str(values["url"])
        if method == "deleteWebhook":
            self.webhook = ""
        if method == "getMe":
            return _yes({"id": 4300, "is_bot": True, "first_name": "Tin Cậy", "username": "tincay_bot"})
        known = ("deleteMessages", "setWebhook", "deleteWebhook", "answerCallbackQuery")
        return _yes(True) if method in known else _no(404, "Not Found")

    def _photo(self, values: dict[str, Any]) -> Response:
        """Take a picture with its caption; one that it has is named by its file_id."""
        photo, caption = values["photo"], str(values.get("caption", ""))
        if len(caption.encode("utf-16-le")) > 2048:
            return _no(400, "Bad Request: message caption is too long")
        if isinstance(photo, bytes):
            name = hashlib.sha256(photo).hexdigest()[:16]
            self.pictures[name] = photo
        elif (name := str(photo)) not in self.pictures:
            return _no(400, "Bad Request: wrong file identifier")
        message = {
            "message_id": next(self._number),
            "date": int(time.time()),
            "chat": {"id": int(values["chat_id"]), "type": "private"},
        }
        uploaded = isinstance(photo, bytes)
        self.sent.append(
            {
                **message,
                "text": caption,
                "photo": name,
                "uploaded": uploaded,
                "reply_markup": values.get("reply_markup"),
            }
        )
        size = {"file_id": name, "file_unique_id": name, "width": 1080, "height": 1080}
        return _yes({**message, "caption": caption, "photo": [size]})

    def _has_room(self) -> bool:
        """Accept at most `strict` messages in any second."""
        now = time.monotonic()
        while self.accepted and self.accepted[0] <= now - 1.0:
            self.accepted.popleft()
        if len(self.accepted) >= self.strict:
            return False
        self.accepted.append(now)
        return True

    async def _get_updates(self, offset: int, seconds: float) -> list[dict[str, Any]]:
        self.updates = [u for u in self.updates if u["update_id"] >= offset]
        deadline = time.monotonic() + seconds
        while not self.updates and (left := deadline - time.monotonic()) > 0:
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), min(left, 0.5))
            except TimeoutError:
                continue
        return self.updates[:100]


class Cut(Response):
    """An answer that never comes: it promises a body, and the server closes the connection instead."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head alone."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})


def _update(number: int, body: dict[str, Any]) -> dict[str, Any]:
    chat = {"id": int(body["chat"]), "type": body.get("type", "private")}
    sender = {"id": int(body["chat"]), "is_bot": False, "first_name": "An"}
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": sender}
    if "button" in body:
        query = {"id": str(number), "from": sender, "chat_instance": "1", "message": message, "data": body["button"]}
        return {"update_id": number, "callback_query": query}
    more = {k: v for k, v in body.items() if k not in ("chat", "type")}
    return {"update_id": number, "message": {**message, **more}}


async def _values(request: Request) -> dict[str, Any]:
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(json.loads(body))
    if request.headers.get("content-type", "").startswith("multipart/"):
        async with request.form() as form:
            return {k: await v.read() if isinstance(v, UploadFile) else _value(k, v) for k, v in form.items()}
    found = dict(parse_qsl(body.decode()))
    return {k: _value(k, v) for k, v in found.items()}


def _value(name: str, text: str) -> Any:
    return json.loads(text) if text[:1] in "[{" and name not in ("text", "caption") else text


def _yes(result: Any) -> Response:
    return JSONResponse({"ok": True, "result": result})


def _no(status: int, words: str, more: dict[str, Any] | None = None) -> Response:
    return JSONResponse({"ok": False, "error_code": status, "description": words, **(more or {})}, status)


def site(fake: FakeTelegram) -> Starlette:
    """Return the server: the Bot API, and `/fake/…` to steer it."""

    async def say(request: Request) -> Response:
        return JSONResponse(fake.add(json.loads(await request.body())))

    async def fail(request: Request) -> Response:
        fake.failures.append({"times": 1, **json.loads(await request.body())})
        return JSONResponse({})

    async def strict(request: Request) -> Response:
        fake.strict = int(json.loads(await request.body())["rate"])
        return JSONResponse({})

    async def state(_: Request) -> Response:
        told = {"sent": fake.sent, "deleted": fake.deleted, "calls": fake.calls, "webhook": fake.webhook}
        return JSONResponse(told | {"refused": fake.refused})

    async def reset(_: Request) -> Response:
        fake.sent, fake.deleted, fake.calls, fake.updates, fake.failures = [], [], [], [], []
        fake.strict, fake.refused = 0, 0
        return JSONResponse({})

    return Starlette(
        routes=[
            Route("/bot{token}/{method}", fake.answer, methods=["GET", "POST"]),
            Route("/fake/say", say, methods=["POST"]),
            Route("/fake/fail", fail, methods=["POST"]),
            Route("/fake/strict", strict, methods=["POST"]),
            Route("/fake/state", state),
            Route("/fake/reset", reset, methods=["POST"]),
        ]
    )


if __name__ == "__main__":
    read = argparse.ArgumentParser()
    read.add_argument("--port", type=int, default=9091)
    uvicorn.run(site(FakeTelegram()), port=read.parse_args().port, log_level="critical", timeout_graceful_shutdown=1)
