"""What a page of the staff site gets and gives: one visit in, one answer out; and how a page names its route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.clock import Clock
from bot.staff import look
from bot.store.keys import Keys
from referral_directory.changes import Keeper

ROOT = "/staff"


@dataclass(frozen=True, slots=True)
class Site:
    """What the staff site stands on; built once in `bot.app`."""

    directory: Engine
    people: Engine
    keys: Keys
    now: Clock
    hosts: tuple[str, ...] = ()
    home: str = ""
    """Province of those who run this installation; "" where none is set."""


class Onward(RedirectResponse):
    """The way to another page (303), and what is told there once: the door seals the words into a cookie of the session."""

    def __init__(self, path: str, told: str = "") -> None:
        super().__init__(ROOT + path, 303)
        self.told = told


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody signed in: what a page may use."""

    site: Site
    keeper: Keeper
    """Read from the database at this request."""
    db: Connection
    """Open transaction of the directory store: kept when the page returns, undone when it raises."""
    now: datetime
    """Vietnam time."""
    query: Mapping[str, str]
    form: FormData
    """Empty for GET; uploads only where the route says so: `form["file"].file.read()`."""
    path: Mapping[str, str]
    csrf: str
    here: str
    """Path of this page, with `/staff`."""
    token: bytes = b""
    """SHA-256 of the session's token."""
    told: str = ""
    """What the page before wanted to tell, shown once."""
    nav: tuple[tuple[str, str], ...] = ()

    def page(self, template: str, /, status: int = 200, **values: Any) -> Response:
        """Render `bot/staff/pages/<template>.html`; it sees `visit`, `keeper` and these values."""
        html = look.render(template, visit=self, keeper=self.keeper, csrf=self.csrf, told=self.told, **values)
        return HTMLResponse(html, status)

    def redirect(self, path: str, told: str = "") -> Response:
        """Go to another page of the site (303), path without `/staff`; `told` is shown there once and stands in no URL."""
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a redirect stays within the site")
        return Onward(path, told)


Page = Callable[[Visit], Response]
"""A plain function; it runs in a thread."""


@dataclass(frozen=True, slots=True)
class Route:
    """One page: GET reads, POST may write (and carries the CSRF token), others' roles see 404."""

    method: str
    path: str
    """Below `/staff`; parameters in braces: `/places/{id}`."""
    page: Page
    name: str
    roles: tuple[str, ...] = ("commune", "province", "admin")
    uploads: bool = False
    """Files up to 5 MB in `multipart/form-data`."""
    writes: bool = False
    """A GET that writes (an audited view)."""
    nav: str = ""
    """Label in the navigation; empty: not there."""
