"""The staff site as one ASGI application to mount at `/staff`: its routes, its hosts, its headers, its refusals."""

from __future__ import annotations

from itertools import chain

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.routing import Route as Path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import StoreUnavailable
from bot.log import log
from bot.origin import address_told, is_here
from bot.staff import (
    account,
    approval,
    board,
    calls,
    campaigns,
    dashboard,
    door,
    editing,
    entries,
    entry,
    events,
    library,
    look,
    passwords,
    people,
    resend,
    season,
    sheets,
    sign_in,
    trail,
    worklist,
)  # fmt: skip
from bot.staff.incoming import Foreign, TooLarge, is_https
from bot.staff.visit import ROOT, Route, Site
from referral_directory.keeper import OutOfScope, Refused

PAGES = (
    worklist,
    entries,
    editing,
    entry,
    approval,
    sheets,
    calls,
    library,
    events,
    campaigns,
    dashboard,
    season,
    board,
    trail,
    people,
    account,
    resend,
)
"""Modules of pages: each has `ROUTES`."""
ROUTES: tuple[Route, ...] = tuple(chain.from_iterable(module.ROUTES for module in PAGES))
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # "no-referrer" would make browsers send "Origin: null" with our own forms
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
    "x-robots-tag": "noindex",
}


def routes(site: Site) -> Mount:
    """Return the staff site, mounted."""
    return Mount(ROOT, app=application(site))


def application(site: Site) -> ASGIApp:
    """Return the staff site alone."""
    passwords.nobodys()  # made now, so that the first unknown login takes no longer than the second
    nav = tuple(route for route in ROUTES if route.nav)
    served = [Path(r.path, door.endpoint(site, r, nav), methods=[r.method], name=r.name) for r in ROUTES]
    inner = Starlette(
        routes=[*(Path(f"/{sheet}", _css, methods=["GET"]) for sheet in look.SHEETS), *sign_in.routes(site), *served],
        exception_handlers={
            Refused: _refused,
            Foreign: _foreign,
            TooLarge: _too_large,
            StoreUnavailable: _unavailable,
            HTTPException: _missing,
            ClientDisconnect: _gone,
            Exception: _broken,
        },
    )
    return _Frame(inner, site.hosts)


async def _css(request: Request) -> Response:
    sheet = request.url.path.rpartition("/")[2]
    return Response(
        look.css(sheet), media_type="text/css", headers={"cache-control": "public, max-age=31536000, immutable"}
    )


class _Frame:
    """Lets in only names of our own, over https unless on this machine, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request, begun = Request(scope), False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                present = {key.lower() for key, _ in message["headers"]}
                ours = _HEADERS | ({"strict-transport-security": "max-age=31536000"} if is_https(request) else {})
                more = [(k.encode(), v.encode()) for k, v in ours.items() if k.encode() not in present]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        try:
            await (self._stopped(request) or self._app)(scope, receive, with_headers)
        except Exception as error:  # its words may hold anything: only its kind is logged
            log.error("request_failed", error=type(error).__name__, where="staff")
            if not begun:
                await (await _broken(request, error))(scope, receive, with_headers)

    def _stopped(self, request: Request) -> Response | None:
        if "\0" in _address_words(request):  # no keyboard makes it, and PostgreSQL cannot compare with it
            return _plain("Không đọc được", "Địa chỉ này không đọc được.", 400)
        host = (request.url.hostname or "").lower()
        if host in LOOPBACK and is_here(request.scope):
            return None
        if host not in self._hosts:
            words = "Trang cán bộ chưa được mở ở địa chỉ này. Người quản trị máy chủ thêm tên miền vào TINCAY_HOSTS."
            return _plain("Sai địa chỉ", words, 400, "")
        if not is_https(request):
            return _plain(
                "Cần https",
                "Trang cán bộ chỉ mở qua https, để không ai trên đường truyền đọc được. Máy chủ đứng trước phải gửi "
                "X-Forwarded-Proto.",
                403,
                "",
            )
        return None


def _address_words(request: Request) -> str:
    """Return all that an address holds, as the pages read it."""
    return str(request.scope["path"]) + "".join(f"{key}{value}" for key, value in request.query_params.multi_items())


async def _broken(_: Request, error: Exception) -> Response:
    words = "Trang này bị lỗi và chưa ghi gì. Thử lại; nếu vẫn lỗi, báo người quản trị."
    return _plain("Có trục trặc", words, 500)


async def _refused(request: Request, error: Exception) -> Response:
    """Show why nothing was changed, and the way back."""
    if isinstance(error, OutOfScope):
        return await _missing(request, error)
    return _plain("Chưa làm được", str(error), 409, _back(request))


async def _missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    if status == 400:
        return _plain(
            "Không đọc được", "Yêu cầu này không đọc được. Mở lại trang rồi gửi lần nữa.", 400, _back(request)
        )
    return _plain("Không tìm thấy", "Không có trang này, hoặc nó không thuộc phạm vi của bạn.", status)


async def _foreign(request: Request, error: Exception) -> Response:
    words = (
        "Trang này đã mở từ trước, nên lần gửi này chưa được nhận; chưa có gì thay đổi. Mở lại trang rồi gửi lần nữa."
    )
    return _plain("Trang đã cũ", words, 403, _back(request))


async def _too_large(request: Request, error: Exception) -> Response:
    words = "Tệp không quá 5 MB; chữ trong một ô không quá dài. Có thể chia danh sách thành nhiều tệp nhỏ hơn."
    return _plain("Gửi nhiều quá", words, 413, _back(request))


async def _unavailable(request: Request, error: Exception) -> Response:
    return _plain("Tạm thời chưa mở được", "Kho dữ liệu đang bận. Chờ một phút rồi thử lại; chưa có gì thay đổi.", 503)


async def _gone(_: Request, error: Exception) -> Response:
    return Response(status_code=400)


def _plain(title: str, words: str, status: int, back: str = f"{ROOT}/") -> Response:
    """Return a page for anybody."""
    return HTMLResponse(look.render("plain", title=title, words=words, back=back), status)


def _back(request: Request) -> str:
    """Return the page of ours that somebody came from, or the first page."""
    came = address_told(request.headers.get("referer", ""))
    ours = came.netloc == request.headers.get("host") and came.path.startswith(f"{ROOT}/")
    return came.path + (f"?{came.query}" if came.query else "") if ours else f"{ROOT}/"
