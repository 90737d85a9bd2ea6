"""The door from the internet: web chat, webhooks, health and metrics. Every page carries strict headers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import content
from bot import origin
from bot.channels import webchat
from bot.channels.visits import Visits
from bot.channels.webchat import WebChat
from bot.channels.webhook import Webhook
from bot.conversation.flows import smalltalk
from bot.log import log
from bot.messages import Incoming
from content import languages

BODY_LIMIT = 1_000_000
"""Bytes of a request; a larger one is refused with 413."""
_PAGE = Path(__file__).parent / "channels" / "page"
_COOKIE = "tincay"
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "geolocation=(self), camera=(), microphone=()",
}
_NOT_ON_THE_PAGE = ("exit", "language", "subscribe")
"""Choices of the bot's menu that the page's head has already, and the one that no page can serve."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
Receiver = Callable[[Incoming], Awaitable[None]]


class TooLarge(Exception):
    """A request body over `BODY_LIMIT`."""


class Foreign(Exception):
    """A request that another site makes a browser send."""


def application(
    receive: Receiver,
    chat: WebChat,
    health: Callable[[], dict[str, Any]],
    exit_url: str,
    webhooks: Iterable[Webhook] = (),
    staff: ASGIApp | None = None,
    more: Iterable[BaseRoute] = (),
    hosts: Collection[str] = (),
) -> Starlette:
    """Return the ASGI application over one receiver of messages, with one route for each platform that calls us.

    `staff` is the staff site, where there is one; `more` are the routes of other doors: the directory's API. Where
    `hosts` are given, no other name than these and this machine's own leads here.
    """
    turns: set[asyncio.Future[None]] = set()
    return Starlette(
        routes=[
            *_page_routes(exit_url, chat.visits),
            *_chat_routes(receive, chat),
            _card_route(chat),
            *(_webhook_route(platform, receive, turns) for platform in webhooks),
            *_watch_routes(health),
            *([Mount("/staff", app=staff)] if staff else []),
            *more,
        ],
        middleware=[Middleware(origin.Forwarded, near=bool(hosts)), Middleware(_StrictHeaders, hosts=frozenset(hosts))],
        exception_handlers={ValueError: _refused, TooLarge: _too_large, Foreign: _foreign, ClientDisconnect: _gone},
    )


def _page_routes(exit_url: str, visits: Visits) -> list[Route]:
    html = _page(exit_url)

    async def page(request: Request) -> Response:
        answer = HTMLResponse(html)
        _set_cookie(answer, request, visits.renew(request.cookies.get(_COOKIE, "")))
        return answer

    return [
        Route("/", page, methods=["GET"]),
        Route("/assets/{name}", _asset, methods=["GET"]),
        Route("/words/{language}", _words, methods=["GET"]),
    ]


def _page(exit_url: str) -> str:
    """Return the page in Vietnamese; it asks for the words of another language when an answer comes in it."""
    words = _page_words(languages.SOURCE)
    menu = [{"label": b.label, "button": b.payload} for b in smalltalk.menu() if b.payload not in _NOT_ON_THE_PAGE]
    told = {"words": words, "menu": menu}
    values = {**words, "exit_url": exit_url, **{k: json.dumps(v, ensure_ascii=False) for k, v in told.items()}}
    html = (_PAGE / "chat.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{([\w.]+)\}\}", lambda found: escape(values[found[1]]), html)


def _page_words(language: str) -> dict[str, str]:
    return {key: languages.text(key, language)[0] for key in content.page()}


async def _words(request: Request) -> Response:
    language = request.path_params["language"]
    return JSONResponse(_page_words(language)) if language in languages.offered() else Response(status_code=404)


def _card_route(chat: WebChat) -> Route:
    async def card(request: Request) -> Response:
        drawn = await asyncio.to_thread(chat.card, request.path_params["name"])
        if drawn is None:
            return Response(status_code=404)
        return Response(drawn, media_type="image/png")  # a date or a tag of the file would tell when it was asked for

    return Route("/cards/{name}", card, methods=["GET"])


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ("chat.css", "chat.js", "ribbon.svg"):
        return Response(status_code=404)
    return FileResponse(_PAGE / name)


def _chat_routes(receive: Receiver, chat: WebChat) -> list[Route]:
    async def say(request: Request) -> Response:
        _check_page(request)
        row = await _json(request)
        page, have = webchat.page_of(row)
        name, renewed = _opened(chat.visits, request.cookies.get(_COOKIE, ""), page), ""
        if name is None:
            renewed = chat.visits.renew("")
            name = chat.visits.chat(renewed) or ""
        incoming = webchat.read(name, row)
        await receive(replace(incoming, address=origin.sender(request.scope)))
        if await request.is_disconnected():  # whoever loads the page again finds the answer, which nobody saw
            return Response(status_code=204)
        answer = JSONResponse({"messages": chat.fetch(name, have, page)})
        if renewed:
            _set_cookie(answer, request, renewed)
        return answer

    async def leave(request: Request) -> Response:
        _check_page(request)
        name = _opened(chat.visits, request.cookies.get(_COOKIE, ""))
        if name:
            await receive(Incoming("web", name, webchat.new_id(), button="exit"))
            chat.forget(name)
        answer = Response(status_code=204, headers={"clear-site-data": '"cookies", "storage", "cache"'})
        answer.delete_cookie(_COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return answer

    return [
        Route("/chat", say, methods=["POST"]),
        Route("/chat/leave", leave, methods=["POST"]),
    ]


def _opened(visits: Visits, cookie: str, page: str = "") -> str | None:
    """Return the conversation that a cookie opens, or None for a new one.

    Whatever is no browser may name a conversation of its own by 20 to 64 characters; our page may not, and no name
    that is made up leads to the conversation of a page.
    """
    ours = visits.chat(cookie)
    if ours or page or not 20 <= len(cookie) <= 64:
        return ours
    return f"own:{cookie}"


def _webhook_route(platform: Webhook, receive: Receiver, turns: set[asyncio.Future[None]]) -> Route:
    """Return the route of one platform; turns that outlast its patience stay in `turns` until they end."""

    async def turn(incoming: Incoming, payload: Any) -> None:
        await receive(incoming)
        await platform.answered(payload)

    async def called(request: Request) -> Response:
        body = await _body(request)
        if not platform.verify(body, request.headers):
            return _error(403, "not from the platform")
        payload = _parsed(body)
        incoming = platform.read(payload)
        if incoming and platform.patience is None:
            await turn(incoming, payload)
        elif incoming:
            begun = asyncio.ensure_future(turn(incoming, payload))
            turns.add(begun)
            begun.add_done_callback(turns.discard)
            await asyncio.wait({begun}, timeout=platform.patience)
        return JSONResponse({"ok": True})

    return Route(platform.path, called, methods=["POST"])


def _watch_routes(health: Callable[[], dict[str, Any]]) -> list[Route]:
    async def healthz(request: Request) -> Response:
        """Tell how we are, and which headers of the https server before us came with the question."""
        return JSONResponse({**health(), "forwarded": origin.forwarded(request.scope)})

    return [Route("/healthz", healthz, methods=["GET"]), Route("/metrics", _metrics, methods=["GET"])]


async def _metrics(request: Request) -> Response:
    if not origin.is_here(request.scope):
        return _error(404, "not found")
    return Response(generate_latest(), media_type="text/plain; version=0.0.4")


async def _refused(_: Request, error: Exception) -> Response:
    return _error(400, "Không đọc được yêu cầu." if isinstance(error, ValueError) else "bad request")


async def _too_large(_: Request, error: Exception) -> Response:
    return _error(413, "Tin dài quá.")


async def _foreign(_: Request, error: Exception) -> Response:
    return _error(403, "Yêu cầu không đến từ trang này.")


async def _gone(_: Request, error: Exception) -> Response:
    return Response(status_code=400)


class _StrictHeaders:
    """Puts the security headers on every answer, and turns away whoever came by another name than ours."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts and hosts | _LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {k.lower() for k, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in present),
                ]
            await send(message)

        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if self._hosts and _host(scope) not in self._hosts:
            return await _error(421, "Không có trang này.")(scope, receive, with_headers)
        try:
            await self._app(scope, receive, with_headers)
        except Exception as error:  # Starlette would answer outside of us, without the headers
            log.error("request_failed", error=type(error).__name__)
            with contextlib.suppress(RuntimeError):  # the answer had begun
                await _error(500, "Có trục trặc. Nguy hiểm thì gọi 113.")(scope, receive, with_headers)
        return None


def _host(scope: Scope) -> str:
    named = str(dict(scope["headers"]).get(b"host", b""), "latin-1").lower()
    return named.rsplit(":", 1)[0] if named.rpartition(":")[2].isdigit() else named


def _check_page(request: Request) -> None:
    """Raise `Foreign` unless our own page asks; what is no browser sends neither header and carries no cookie of others."""
    site, told = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        ours = site in ("same-origin", "none")
    else:  # an older browser
        ours = told is None or origin.address_told(told).netloc == request.headers.get("host")
    if not ours:
        raise Foreign


async def _json(request: Request) -> Any:
    """Read a JSON body of limited size; raise ValueError or `TooLarge`."""
    return _parsed(await _body(request))


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:12]) > BODY_LIMIT:
        raise TooLarge
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise TooLarge
    return body


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _error(status: int, text: str) -> JSONResponse:
    return JSONResponse({"ok": False, "error": text}, status_code=status)


def _set_cookie(answer: Response, request: Request, name: str) -> None:
    answer.set_cookie(_COOKIE, name, httponly=True, samesite="strict", secure=request.url.scheme == "https")
