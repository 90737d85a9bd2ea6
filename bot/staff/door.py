"""From a request to a visit and back: who is it, may they, is it their own page that asks; then the page in a thread."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import quote, urlsplit

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.errors import SettingsError
from bot.staff import look, sessions
from bot.staff.sessions import Signed
from bot.staff.visit import ROOT, Onward, Route, Site, Visit
from bot.store.engine import reading, transaction
from referral_directory.changes import OutOfScope

FORM_LIMIT, UPLOAD_LIMIT = 200_000, 5_500_000
"""Bytes of a form; of a form with a file of 5 MB."""
_TOLD_SECONDS = 120
Endpoint = Callable[[Request], Awaitable[Response]]


class TooLarge(Exception):
    """A request body over its limit."""


class Foreign(Exception):
    """A form that is not our own page's."""


def endpoint(site: Site, route: Route, nav: tuple[Route, ...] = ()) -> Endpoint:
    """Return what serves one route."""

    async def answer(request: Request) -> Response:
        token = request.cookies.get(cookie_name(request), "")
        signed = await run_in_threadpool(_identify, site, token)
        if signed is None or not signed.full:
            return _to_sign_in(request)
        if route.roles and signed.keeper.role not in route.roles:
            raise OutOfScope("Không có trang này.")
        form = FormData()
        if route.method == "POST":
            check_origin(request)
            form = await read_form(request, route.uploads)
            check_csrf(form, signed.csrf)
        try:
            return await run_in_threadpool(_serve, site, route, nav, request, token, form)
        finally:
            await form.close()

    return answer


def _identify(site: Site, token: str) -> Signed | None:
    if not token:
        return None
    now = site.now()
    with reading(site.directory) as db:
        signed = sessions.find(db, token, now)
    if signed and now.timestamp() - signed.seen_at > sessions.SEEN_SECONDS:
        with transaction(site.directory) as db:
            sessions.touch(db, signed.token, now)
    return signed


def _serve(site: Site, route: Route, nav: tuple[Route, ...], request: Request, token: str, form: FormData) -> Response:
    now = site.now()
    writes = route.writes or route.method == "POST"
    with (transaction if writes else reading)(site.directory) as db:
        signed = sessions.find(db, token, now)
        if signed is None:
            return _to_sign_in(request)
        visit = _visit(site, nav, request, signed, db, now, form)
        answer = route.page(visit)
    return _with_told(site, request, visit, answer)


def _visit(
    site: Site, nav: tuple[Route, ...], request: Request, signed: Signed, db: Connection, now: datetime, form: FormData
) -> Visit:
    return Visit(
        site=site, keeper=signed.keeper, db=db, now=now, query=request.query_params, form=form,
        path=request.path_params, csrf=signed.csrf, here=request.url.path, token=signed.token,
        told=_told(site, request, signed.token),
        nav=tuple((ROOT + r.path, r.nav) for r in nav if signed.keeper.role in r.roles),
    )  # fmt: skip


def _to_sign_in(request: Request) -> Response:
    """Return the way to the sign-in page, which knows where somebody wanted to go."""
    here = request.url.path
    more = f"?next={quote(here)}" if request.method == "GET" and here != f"{ROOT}/" else ""
    return RedirectResponse(f"{ROOT}/sign-in{more}", 303)


def is_https(request: Request) -> bool:
    """Tell whether the browser speaks https to us, or to the proxy on this machine before us."""
    return request.url.scheme == "https"


def cookie_name(request: Request, what: str = "staff") -> str:
    """Return the name of a cookie: with `__Host-` over https no other site of the domain can set it."""
    return f"__Host-tincay-{what}" if is_https(request) else f"tincay-{what}"


def set_cookie(request: Request, answer: Response, what: str, value: str, max_age: int | None = None) -> None:
    """Set a cookie that no script reads and no other site sends."""
    answer.set_cookie(
        cookie_name(request, what), value, max_age=max_age, path="/", secure=is_https(request), httponly=True,
        samesite="strict",
    )  # fmt: skip


def drop_cookie(request: Request, answer: Response, what: str) -> None:
    """Delete a cookie."""
    set_cookie(request, answer, what, "", 0)


def _told(site: Site, request: Request, token: bytes) -> str:
    sealed = request.cookies.get(cookie_name(request, "told"), "")
    try:
        return str(site.keys.open(bytes.fromhex(sealed), f"told:{token.hex()}")) if sealed else ""
    except (ValueError, SettingsError):
        return ""


def _with_told(site: Site, request: Request, visit: Visit, answer: Response) -> Response:
    if isinstance(answer, Onward):
        if answer.told:
            sealed = site.keys.seal(answer.told, f"told:{visit.token.hex()}").hex()
            set_cookie(request, answer, "told", sealed, _TOLD_SECONDS)
    elif visit.told:
        drop_cookie(request, answer, "told")
    return answer


def check_origin(request: Request) -> None:
    """Raise `Foreign` unless our own page asks."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise Foreign
    if origin is not None and (urlsplit(origin).scheme, urlsplit(origin).netloc) != (
        request.url.scheme, request.headers.get("host"),
    ):  # fmt: skip
        raise Foreign


def check_csrf(form: FormData, csrf: str) -> None:
    """Raise `Foreign` unless the form carries the token of the session."""
    if not hmac.compare_digest(str(form.get("csrf", "")).encode(), csrf.encode()):
        raise Foreign


async def read_form(request: Request, uploads: bool = False) -> FormData:
    """Read a form of limited size; raise `TooLarge`. Files are left out unless they may be uploaded here."""
    limit = UPLOAD_LIMIT if uploads else FORM_LIMIT
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:12]) > limit:
        raise TooLarge
    came, receive = 0, request.receive

    async def counted() -> dict[str, object]:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > limit:
            raise TooLarge
        return dict(message)

    return await Request(request.scope, counted).form(max_files=1 if uploads else 0, max_fields=300)


async def refused(request: Request, error: Exception) -> Response:
    """Show what was refused and the way back: nothing was changed."""
    missing = isinstance(error, OutOfScope)
    words = "Không có trang này, hoặc nó không thuộc phạm vi của bạn." if missing else str(error)
    title = "Không tìm thấy" if missing else "Chưa làm được"
    return plain(title, words, 404 if missing else 409, _back(request))


async def foreign(request: Request, error: Exception) -> Response:
    """Refuse a form of another site, or one that is too old."""
    return plain(
        "Trang đã cũ", "Trang này mở quá lâu. Mở lại rồi gửi lần nữa; chưa có gì thay đổi.", 403, _back(request)
    )


async def too_large(request: Request, error: Exception) -> Response:
    """Refuse a body over its limit."""
    return plain(
        "Tệp quá lớn", "Gửi tệp không quá 5 MB. Có thể chia danh sách thành nhiều tệp nhỏ hơn.", 413, _back(request)
    )


async def unavailable(request: Request, error: Exception) -> Response:
    """Tell that the database is away."""
    return plain(
        "Tạm thời chưa mở được", "Kho dữ liệu đang bận. Chờ một phút rồi thử lại; chưa có gì thay đổi.", 503, ""
    )


def plain(title: str, words: str, status: int, back: str) -> Response:
    """Return a page for somebody of whom nothing is known."""
    return HTMLResponse(look.render("plain", title=title, words=words, back=back), status)


def _back(request: Request) -> str:
    """Return the page of ours that somebody came from, or the first page."""
    came = urlsplit(request.headers.get("referer", ""))
    ours = came.netloc == request.headers.get("host") and came.path.startswith(f"{ROOT}/")
    return came.path + (f"?{came.query}" if came.query else "") if ours else f"{ROOT}/"
