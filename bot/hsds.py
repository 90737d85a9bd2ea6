"""The directory's public API, after HSDS 3.1.3: `/hsds/`, `/hsds/services`, `/hsds/services/{id}`. It only reads."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, Engine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import StoreUnavailable
from bot.store.engine import snapshot
from referral_directory import hsds
from referral_directory.hsds import Wanted

PER_PAGE, MOST_PER_PAGE = 50, 500
"""Services of a page, unless another number is asked for, and the largest number."""
ALL = 50_000
"""Ids of a page with `minimal`: the standard wants all of them at once."""
_LAST_PAGE = 1_000_000
_PROFILE = f"https://github.com/openreferral/specification/releases/tag/v{hsds.VERSION}"
_OPENAPI = Path(__file__).with_name("hsds_openapi.json")
_KEEP = "public, max-age=60"
"""A minute, no longer: an address that was taken back must be gone from caches soon."""
_ASK = "no-cache"
"""For what tells our own address: it hangs on the host that was asked for."""
_AT_ONCE = 2
_PARAMETERS = ("page", "per_page", "minimal", "full", "modified_after", "taxonomy_term_id", "organization_id", "search")
Answer = Callable[[Request], Awaitable[Response]]


class Unreadable(ValueError):
    """A request that cannot be answered as it is asked; the message says what to write instead."""


def routes(directory: Engine) -> list[Route]:
    """Return the routes over a directory. No more than two answers are made at once: residents come first."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def read(work: Callable[[Connection], Any]) -> bytes | None:
        def reading() -> bytes | None:
            with snapshot(directory) as db:
                found = work(db)
            return None if found is None else as_json(found)

        async with places:
            return await asyncio.to_thread(reading)

    async def about(request: Request) -> Response:
        where = f"{str(request.base_url).rstrip('/')}/hsds"
        told = {"version": hsds.VERSION, "profile": _PROFILE, "openapi_url": f"{where}/openapi.json"}
        return _answer(request, as_json(told), _ASK)

    async def openapi(request: Request) -> Response:
        where = f"{str(request.base_url).rstrip('/')}/hsds"
        return _answer(request, as_json({**_document(), "servers": [{"url": where}]}), _ASK)

    async def services(request: Request) -> Response:
        number, size, shape, wanted = _asked(request)
        return _answer(request, await read(lambda db: hsds.page(db, number, size, shape, wanted)) or b"", _KEEP)

    async def service(request: Request) -> Response:
        known = _uuid(request.path_params["id"])
        found = await read(lambda db: hsds.service_of(db, known)) if known else None
        if found is None:
            return _error(404, "Không có dịch vụ này. / There is no such service.")
        return _answer(request, found, _KEEP)

    pages = {"/": about, "/openapi.json": openapi, "/services": services, "/services/{id}": service}
    return [Route(f"/hsds{path}", _told(answer), methods=["GET"]) for path, answer in pages.items()]


def _told(answer: Answer) -> Answer:
    """Turn what went wrong into an answer that programs can read."""

    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except Unreadable as error:
            return _error(400, str(error))
        except StoreUnavailable:
            return _error(
                503, "Danh bạ đang bận, thử lại sau ít phút. / Try again in some minutes.", {"retry-after": "60"}
            )

    return told


def _asked(request: Request) -> tuple[int, int, str, Wanted]:
    """Return page number, size of a page, shape and what must hold."""
    given = request.query_params
    if strange := sorted(set(given) - set(_PARAMETERS)):
        raise Unreadable(f"Không có tham số {strange[0][:40]!r}. / Parameters: {', '.join(_PARAMETERS)}.")
    minimal, full = _flag(request, "minimal"), _flag(request, "full")
    if minimal and full:
        raise Unreadable("Chọn minimal hoặc full, không cả hai. / Either minimal or full.")
    size = _number(request, "per_page", ALL if minimal else PER_PAGE, ALL if minimal else MOST_PER_PAGE)
    wanted = Wanted(
        _moment(given.get("modified_after", "")), _id(request, "organization_id"), _id(request, "taxonomy_term_id"),
        given.get("search", "")[:200],
    )  # fmt: skip
    return _number(request, "page", 1, _LAST_PAGE), size, "minimal" if minimal else "full" if full else "list", wanted


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= number <= most:
        raise Unreadable(f"{name} phải là một số từ 1 đến {most}. / {name} must be a number from 1 to {most}.")
    return number


def _flag(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false").lower()
    if text not in ("true", "false"):
        raise Unreadable(f"{name} phải là true hoặc false. / {name} must be true or false.")
    return text == "true"


def _id(request: Request, name: str) -> str:
    text = request.query_params.get(name, "")
    if text and not _uuid(text):
        raise Unreadable(f"{name} phải là một UUID. / {name} must be a UUID.")
    return _uuid(text)


def _uuid(text: str) -> str:
    """Return an id as the tables write it, or "" for what is none."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


def _moment(text: str) -> float | None:
    """Return seconds since 1970; a time without an offset is UTC, as in our own answers."""
    if not text:
        return None
    try:  # an unescaped + of an offset arrives as a space
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        raise Unreadable(
            "modified_after phải là thời điểm ISO 8601, ví dụ 2026-11-21T07:00:00Z. / Must be an ISO 8601 datetime."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _answer(request: Request, body: bytes, keep: str) -> Response:
    """Return the body with its strong ETag, or 304 where the asker has the same already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": keep}
    have = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in have or "*" in have:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _error(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(as_json({"error": text}), status, headers, media_type="application/json")


def as_json(found: Any) -> bytes:
    """Return JSON text; pydantic's writer takes a quarter of the time of Python's own, and a full page is 400 KB."""
    return to_json(found)


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_OPENAPI.read_text(encoding="utf-8"))
    return document
