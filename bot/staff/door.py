"""From a request to a visit and back: who is it, may they, is it their own page that asks; then the page in a thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import SettingsError
from bot.staff import resend, sessions
from bot.staff.incoming import (
    Foreign,
    check_origin,
    cookie,
    drop_cookie,
    is_right,
    is_surely_ours,
    read_form,
    set_cookie,
)
from bot.staff.roster import NEEDS_CODE
from bot.staff.sessions import Signed
from bot.staff.threads import PAGES, aside
from bot.staff.visit import ROOT, Onward, Route, Site, Visit
from bot.store.engine import reading, transaction
from referral_directory.keeper import OutOfScope

SESSION = "staff"
"""The cookie of a session."""
_TOLD_SECONDS = 120
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(site: Site, route: Route, nav: tuple[Route, ...]) -> Endpoint:
    """Return what serves one route."""

    async def answer(request: Request) -> Response:
        if route.method != "POST":
            return await aside(PAGES, _serve, site, route, nav, request, FormData())
        check_origin(request)
        signed = await aside(PAGES, _signed, site, request)  # before a byte of a stranger's body is read
        if signed is None:
            return await _hold(site, route, request)
        if (elsewhere := _gate(route, request, signed)) is not None:
            return elsewhere
        form = await read_form(request, route.uploads)
        try:
            if not is_right(form, signed.csrf):
                await aside(PAGES, _check_own, site, route, request, signed, form)
                again = replace(route, page=resend.stale, reads=True)
                return await aside(PAGES, _serve, site, again, nav, request, form)
            return await aside(PAGES, _serve, site, route, nav, request, form)
        finally:
            await form.close()

    return answer


async def _hold(site: Site, route: Route, request: Request) -> Response:
    """Lead to the sign-in page; what was typed in a session that has ended meanwhile waits there for the same person."""
    form = FormData() if route.uploads or not cookie(request, SESSION) else await read_form(request)
    owner = await aside(PAGES, _owner, site, request, form) if resend.may_wait(route, form) else ""
    if not owner:
        return to_sign_in(request)
    resend.hold(site, owner, request.url.path, form)
    return RedirectResponse(f"{ROOT}/sign-in?next={quote(ROOT + resend.PATH)}&why=typed", 303)


def _owner(site: Site, request: Request, form: FormData) -> str:
    """Return whose form this is, if the browser says that our own page sends it, or ""."""
    with reading(site.directory) as db:
        return sessions.owner_of(db, str(form.get("csrf", ""))) if is_surely_ours(request) else ""


def _check_own(site: Site, route: Route, request: Request, signed: Signed, form: FormData) -> None:
    """Raise `Foreign` unless the form is of an earlier session of the same person, and may be shown again."""
    if not resend.may_wait(route, form) or _owner(site, request, form) != signed.keeper.id:
        raise Foreign


def _serve(site: Site, route: Route, nav: tuple[Route, ...], request: Request, form: FormData) -> Response:
    """Serve one request in one transaction; what the page raises undoes it."""
    now = site.now()
    writes = route.writes or (route.method == "POST" and not route.reads)
    with (transaction if writes else reading)(site.directory) as db:
        signed = sessions.find(db, cookie(request, SESSION), now)
        if (elsewhere := _gate(route, request, signed)) is not None or signed is None:
            return elsewhere or to_sign_in(request)
        visit = _visit(site, nav, request, signed, db, now, form)
        answer = route.page(visit)
    if now.timestamp() - signed.seen_at > sessions.SEEN_SECONDS:
        with transaction(site.directory) as db:
            sessions.touch(db, signed.token, now)
    return _with_cookies(site, request, visit, answer)


def _signed(site: Site, request: Request) -> Signed | None:
    with reading(site.directory) as db:
        return sessions.find(db, cookie(request, SESSION), site.now())


def _gate(route: Route, request: Request, signed: Signed | None) -> Response | None:
    """Return where somebody must go first, or None; raise `OutOfScope` for a page of another role."""
    if signed is None:
        return to_sign_in(request)
    if not signed.full:
        return RedirectResponse(f"{ROOT}/code", 303)
    if signed.keeper.role not in route.roles:
        raise OutOfScope("Không có trang này.")
    if signed.new_password and not route.early:
        return RedirectResponse(f"{ROOT}/password", 303)
    if signed.keeper.role in NEEDS_CODE and not signed.has_totp and not route.early:
        return RedirectResponse(f"{ROOT}/totp", 303)
    return None


def _visit(
    site: Site, nav: tuple[Route, ...], request: Request, signed: Signed, db: Connection, now: datetime, form: FormData
) -> Visit:
    return Visit(
        site=site, keeper=signed.keeper, db=db, now=now, query=request.query_params, form=form,
        path=request.path_params, csrf=signed.csrf, here=request.url.path, token=signed.token,
        told=_told(site, request, signed.token),
        nav=tuple((ROOT + r.path, r.nav) for r in nav if _gate_is_open(r, signed)),
    )  # fmt: skip


def _gate_is_open(route: Route, signed: Signed) -> bool:
    ready = not signed.new_password and (signed.has_totp or signed.keeper.role not in NEEDS_CODE)
    return signed.keeper.role in route.roles and (ready or route.early)


def to_sign_in(request: Request) -> Response:
    """Return the way to the sign-in page, which knows where somebody wanted to go and whether a session ran out."""
    here, was_in = request.url.path, bool(cookie(request, SESSION))
    more = [f"next={quote(here)}"] if request.method == "GET" and here != f"{ROOT}/" else []
    more += [f"why={'idle' if request.method == 'GET' else 'lost'}"] if was_in else []
    return RedirectResponse(f"{ROOT}/sign-in{'?' if more else ''}{'&'.join(more)}", 303)


def _told(site: Site, request: Request, token: bytes) -> str:
    """Return what the page before told to this session: sealed, so that nobody else can put words here."""
    try:
        sealed = bytes.fromhex(cookie(request, "told"))
        return str(site.keys.open(sealed, f"told:{token.hex()}")) if sealed else ""
    except (ValueError, SettingsError):
        return ""


def _with_cookies(site: Site, request: Request, visit: Visit, answer: Response) -> Response:
    if not isinstance(answer, Onward):
        if visit.told:
            drop_cookie(request, answer, "told")
        return answer
    token = visit.token if answer.token is None else sessions.digest(answer.token)
    if answer.told:
        sealed = site.keys.seal(answer.told, f"told:{token.hex()}").hex()
        set_cookie(request, answer, "told", sealed, _TOLD_SECONDS)
    if answer.token:
        set_cookie(request, answer, SESSION, answer.token)
    elif answer.token is not None:
        drop_cookie(request, answer, SESSION)
    return answer
