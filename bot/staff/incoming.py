"""What a request may hold: cookies of our own, forms of our own pages, bodies of limited size."""

from __future__ import annotations

import hmac
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.origin import address_told

FORM_LIMIT, UPLOAD_LIMIT = 200_000, 5_500_000
"""Bytes of a form; of a form with a file of 5 MB."""

MOST_NUMBER = 2**31 - 1
"""The largest of a column of whole numbers."""


class TooLarge(Exception):
    """A request body over its limit."""


class Foreign(Exception):
    """A form that is not our own page's, or is too old."""


async def read_form(request: Request, uploads: bool = False) -> FormData:
    """Read a form of limited size; raise `TooLarge`. A file is refused unless it may be uploaded here."""
    limit = UPLOAD_LIMIT if uploads else FORM_LIMIT
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:12]) > limit:
        raise TooLarge
    came, receive = 0, request.receive

    async def counted() -> Any:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > limit:
            raise TooLarge
        return message

    form = await Request(request.scope, counted).form(
        max_files=1 if uploads else 0, max_fields=300, max_part_size=limit
    )
    if any(isinstance(value, str) and "\0" in value for value in form.values()):
        raise HTTPException(400)  # no keyboard makes it, and PostgreSQL cannot keep it
    return form


def check_origin(request: Request) -> None:
    """Raise `Foreign` unless our own page asks: by what the browser says of the page, where it says it."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise Foreign
    ours = (request.url.scheme, request.headers.get("host"))
    if origin is not None and address_told(origin)[:2] != ours:
        raise Foreign


def is_surely_ours(request: Request) -> bool:
    """Tell whether the browser says that our own page asks; one that says nothing is not believed."""
    return "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"


def whole_number(typed: str) -> int | None:
    """Return a number as an address or a hidden field holds it; None for anything else, and for one no column can keep."""
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 10 else None
    return None if number is None or number > MOST_NUMBER else number


def check_csrf(form: FormData, csrf: str) -> None:
    """Raise `Foreign` unless the form carries this token."""
    if not is_right(form, csrf):
        raise Foreign


def is_right(form: FormData, csrf: str) -> bool:
    """Tell whether the form carries this token."""
    return bool(csrf) and hmac.compare_digest(str(form.get("csrf", "")).encode(), csrf.encode())


def is_https(request: Request) -> bool:
    """Tell whether the browser speaks https, to us or to the proxy on this machine before us."""
    return request.url.scheme == "https"


def cookie(request: Request, what: str) -> str:
    """Return a cookie of ours, or ""."""
    return request.cookies.get(_name(request, what), "")


def set_cookie(request: Request, answer: Response, what: str, value: str, max_age: int | None = None) -> None:
    """Set a cookie that no script reads and no other site sends."""
    answer.set_cookie(
        _name(request, what), value, max_age=max_age, path="/", secure=is_https(request), httponly=True, samesite="strict"
    )  # fmt: skip


def drop_cookie(request: Request, answer: Response, what: str) -> None:
    """Delete a cookie."""
    set_cookie(request, answer, what, "", 0)


def _name(request: Request, what: str) -> str:
    """With `__Host-` no other name of the domain can set it; on http, for trials on this machine, browsers refuse that."""
    return f"__Host-tincay-{what}" if is_https(request) else f"tincay-{what}"
