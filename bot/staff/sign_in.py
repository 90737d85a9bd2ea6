"""Signing in: login and password, then the code of the second factor; each answer to a wrong one takes as long."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote

from sqlalchemy import select, update
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route as Path

from bot.errors import SettingsError
from bot.staff import codes, look, passwords, sessions
from bot.staff.door import SESSION
from bot.staff.forms import Form, PasswordField, needed, text
from bot.staff.incoming import check_csrf, check_origin, cookie, read_form, set_cookie
from bot.staff.roster import login_of
from bot.staff.sessions import Signed
from bot.staff.threads import PAGES, SIGN_IN, aside
from bot.staff.visit import ROOT, Site
from bot.store.engine import reading, transaction
from referral_directory.keeper import note
from referral_directory.keeping import MACHINE, staff

_DEVICE_SECONDS = 180 * 86_400
_WHY = {
    "idle": "Phiên làm việc đã hết (rời máy 30 phút, hoặc đã được kết thúc). Đăng nhập lại để làm tiếp.",
    "typed": "Phiên làm việc đã hết. Những gì bạn vừa gõ còn được giữ 30 phút: đăng nhập lại rồi bấm gửi lần nữa.",
    "lost": "Phiên làm việc đã hết; những gì vừa gửi chưa được ghi. Đăng nhập lại rồi làm lại bước ấy.",
    "out": "Bạn đã đăng xuất.",
}


class SignIn(Form):
    """The first page."""

    login = text("Tên đăng nhập", needed("Gõ tên đăng nhập."), most=80, autocomplete="username", autocapitalize="none", spellcheck="false")  # fmt: skip
    password = PasswordField("Mật khẩu", [needed("Gõ mật khẩu.")], render_kw={"autocomplete": "current-password"})


class Code(Form):
    """The second page, for who has a second factor."""

    code = text("Mã 6 số, hoặc một mã dự phòng", needed("Gõ mã 6 số."), most=24, autocomplete="one-time-code", autocapitalize="characters", spellcheck="false")  # fmt: skip


def routes(site: Site) -> list[Path]:
    """Return the pages for people who are not signed in."""

    async def first(request: Request) -> Response:
        return await aside(PAGES, _first, site, request)

    async def sign_in(request: Request) -> Response:
        form = await _own_form(request)
        return await aside(SIGN_IN, _sign_in, site, request, form)

    async def second(request: Request) -> Response:
        return await aside(PAGES, _second, site, request)

    async def check_code(request: Request) -> Response:
        form = await _own_form(request)
        return await aside(SIGN_IN, _check_code, site, request, form)

    return [
        Path("/sign-in", first, methods=["GET"]),
        Path("/sign-in", sign_in, methods=["POST"]),
        Path("/code", second, methods=["GET"]),
        Path("/code", check_code, methods=["POST"]),
    ]


async def _own_form(request: Request) -> FormData:
    """Read a form that carries the hash of a cookie: no other site can make a browser sign in as somebody else."""
    check_origin(request)
    form = await read_form(request)
    check_csrf(form, _csrf(cookie(request, "form")))
    return form


def _first(site: Site, request: Request) -> Response:
    signed = _signed(site, request)
    if signed is not None:
        return RedirectResponse(f"{ROOT}/" if signed.full else f"{ROOT}/code", 303)
    return _page(request, "sign_in", SignIn(), told=_WHY.get(request.query_params.get("why", ""), ""))


def _sign_in(site: Site, request: Request, given: FormData) -> Response:
    form = SignIn(given)
    if not form.validate():
        return _page(request, "sign_in", form, 400)
    login, address, now = login_of(form.said("login")), _address(request), site.now()
    device = _device(site, request, login)
    if minutes := site.attempts.sign_in(login, address, device):
        return _page(request, "sign_in", form, 429, wait=minutes)
    given_password = form.said("password")
    with reading(site.directory) as db:
        found = select(staff).where(staff.c.login == login, staff.c.active, staff.c.id != MACHINE)
        row: Any = db.execute(found).first()
    if row and row.new_password:
        given_password = passwords.as_one_time(given_password)
    right = passwords.is_right(row.password if row else "", given_password)  # slow: outside of any transaction
    token = _begin(site, request, row, given_password) if right else ""
    if not token:
        with transaction(site.directory) as db:
            note(db, None, "sign_in_failed", "staff", row.id if row else "", now)
        form.told("password", "Tên đăng nhập hoặc mật khẩu chưa đúng. Xem lại phím chữ hoa và bộ gõ tiếng Việt.")
        return _page(request, "sign_in", form, 400)
    site.attempts.succeeded(login, address, device)
    full = row.totp is None
    answer = RedirectResponse(_next(request) if full else f"{ROOT}/code{_kept(request)}", 303)
    set_cookie(request, answer, SESSION, token)
    if full:
        _know_device(site, request, answer, login)
    return answer


def _begin(site: Site, request: Request, row: Any, password: str) -> str:
    """Open a session for who gave the right password; return its token, or "" if the account changed meanwhile."""
    stronger = {"password": passwords.hashed(password)} if passwords.is_outdated(row.password) else {}
    now = site.now()
    with transaction(site.directory) as db:
        unchanged = (staff.c.id == row.id, staff.c.password == row.password, staff.c.active)
        seen = update(staff).where(*unchanged).values(signed_in_at=now.timestamp(), **stronger)
        if not db.execute(seen).rowcount:
            return ""
        sessions.clear_old(db, now)
        sessions.let_go(db, sessions.digest(cookie(request, SESSION)))
        note(db, None, "sign_in", "staff", row.id, now)
        return sessions.begin(db, row.id, now, full=row.totp is None)


def _second(site: Site, request: Request) -> Response:
    signed = _signed(site, request)
    if signed is None or signed.full:
        return RedirectResponse(f"{ROOT}/", 303)
    return _page(request, "code", Code())


def _check_code(site: Site, request: Request, given: FormData) -> Response:
    signed, form, now = _signed(site, request), Code(given), site.now()
    if signed is None or signed.full:
        return RedirectResponse(f"{ROOT}/sign-in?why=idle" if signed is None else f"{ROOT}/", 303)
    if not form.validate():
        return _page(request, "code", form, 400)
    if minutes := site.attempts.code(signed.keeper.id):
        return _page(request, "code", form, 429, wait=minutes)
    with transaction(site.directory) as db:
        right = codes.accept(db, site.keys, signed.keeper.id, form.said("code"), now)
        note(db, signed.keeper, "code" if right else "code_failed", "staff", signed.keeper.id, now)
        token = sessions.renew(db, signed.token, signed.keeper.id, now) if right else ""
    if right and not token:
        return RedirectResponse(f"{ROOT}/sign-in?why=idle", 303)
    if not right:
        form.code.data = ""
        form.told("code", f"Mã chưa đúng hoặc đã dùng. Chờ ứng dụng hiện mã mới rồi gõ lại.{_few_left(site, signed)}")
        return _page(request, "code", form, 400)
    site.attempts.code_succeeded(signed.keeper.id)
    answer = RedirectResponse(_next(request), 303)
    set_cookie(request, answer, SESSION, token)
    _know_device(site, request, answer, signed.keeper.login)
    return answer


def _few_left(site: Site, signed: Signed) -> str:
    left = site.attempts.codes_left(signed.keeper.id)
    return f" Còn thử được {left} lần, sau đó phải chờ 15 phút." if 0 < left < 3 else ""


def _signed(site: Site, request: Request) -> Signed | None:
    with reading(site.directory) as db:
        return sessions.find(db, cookie(request, SESSION), site.now())


def _page(request: Request, template: str, form: Form, status: int = 200, told: str = "", wait: int = 0) -> Response:
    """Show a form to somebody unknown; its token is the hash of a cookie that only this browser has."""
    secret = cookie(request, "form") or secrets.token_urlsafe(32)
    html = look.render(template, form=form, csrf=_csrf(secret), told=told, wait=wait, query=_kept(request))
    answer = HTMLResponse(html, status, headers={"retry-after": str(wait * 60)} if wait else None)
    set_cookie(request, answer, "form", secret)
    return answer


def _csrf(secret: str) -> str:
    return sha256(f"form:{secret}".encode()).hexdigest() if secret else ""


def _next(request: Request) -> str:
    """Return the page of ours that somebody wanted before signing in; anything else leads to the first page."""
    wanted = parse_qs(request.url.query).get("next", [""])[0]
    plain = wanted.startswith(f"{ROOT}/") and all(c.isalnum() or c in "/-_" for c in wanted) and "//" not in wanted
    return wanted if plain else f"{ROOT}/"


def _kept(request: Request) -> str:
    """Return the query that carries the page wanted through the pages of signing in."""
    wanted = _next(request)
    return f"?next={quote(wanted)}" if wanted != f"{ROOT}/" else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _device(site: Site, request: Request, login: str) -> str:
    """Return the id of a device on which this login was signed in before, or ""."""
    try:
        owner, device = site.keys.open(bytes.fromhex(cookie(request, "device")), "device")
    except (ValueError, TypeError, SettingsError):
        return ""
    return str(device) if owner == login else ""


def _know_device(site: Site, request: Request, answer: Response, login: str) -> None:
    device = _device(site, request, login) or secrets.token_hex(16)
    sealed = site.keys.seal([login, device], "device").hex()
    set_cookie(request, answer, "device", sealed, _DEVICE_SECONDS)
