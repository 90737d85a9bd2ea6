"""What a page of the staff site gets and gives: one visit in, one answer out; and how a page names its route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.clock import Clock
from bot.staff import look
from bot.staff.attempts import Attempts
from bot.staff.shelf import Shelf
from bot.standing import Standing
from bot.store.keys import Keys
from bot.store.pace import Pace
from referral_directory.keeper import Keeper

ROOT = "/staff"
TYPED_SECONDS = 30 * 60
EVERYBODY = ("commune", "province", "admin")


@dataclass(frozen=True, slots=True)
class Site:
    """What the staff site stands on; made in `bot.app`."""

    directory: Engine
    people: Engine
    keys: Keys
    now: Clock
    hosts: tuple[str, ...] = ()
    """Names under which the site may be opened from outside this machine."""
    home: str = ""
    """Province of those who run this installation; "" where none is set."""
    paces: Mapping[str, Pace] = field(default_factory=dict)
    """The channels that can write to people first, and their pace."""
    attempts: Attempts = field(default_factory=Attempts)
    shelf: Shelf = field(default_factory=Shelf)
    """Uploads between report and import, by session."""
    typed: Shelf = field(default_factory=lambda: Shelf(TYPED_SECONDS))
    """Forms whose session had ended, by person."""
    made: Shelf = field(default_factory=lambda: Shelf(60))
    """The account that was made just now, by session: a second tap is shown the same page."""
    model: Callable[[], Standing] = lambda: Standing("")
    """How the understanding of this process is."""


class Onward(RedirectResponse):
    """The way to another page (303). `told` is shown there once; `token` replaces the session's cookie, "" ends it."""

    def __init__(self, path: str, told: str = "", token: str | None = None) -> None:
        if not path.startswith("/") or path.startswith(("//", "/\\")):
            raise ValueError("a redirect stays within the site")
        super().__init__(ROOT + path, 303)
        self.told = told
        self.token = token


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
    token: bytes
    """What is stored of the session's token."""
    told: str = ""
    """What the page before wanted to tell, shown once."""
    nav: tuple[tuple[str, str], ...] = ()

    def page(self, template: str, /, status: int = 200, **values: Any) -> Response:
        """Render `bot/staff/pages/<template>.html`; it sees `visit`, `keeper`, `csrf`, `told` and these values."""
        html = look.render(template, visit=self, keeper=self.keeper, csrf=self.csrf, told=self.told, **values)
        return HTMLResponse(html, status)

    def redirect(self, path: str, told: str = "") -> Response:
        """Go to another page of the site (303), path without `/staff`; `told` is shown there once and stands in no URL."""
        return Onward(path, told)


Page = Callable[[Visit], Response]
"""A plain function; it runs in a thread."""


@dataclass(frozen=True, slots=True)
class Route:
    """One page: GET reads, POST may write and carries the CSRF token; who has another role sees 404."""

    method: str
    path: str
    """Below `/staff`; parameters in braces, named after what they identify: `/people/{staff}`."""
    page: Page
    name: str
    roles: tuple[str, ...] = EVERYBODY
    uploads: bool = False
    """Files up to 5 MB in `multipart/form-data`."""
    writes: bool = False
    """A GET that writes (an audited view)."""
    reads: bool = False
    """A POST that only looks (a file before it is imported): it keeps nobody from writing."""
    nav: str = ""
    """Label in the navigation; empty: not there."""
    early: bool = False
    """Also for somebody who must still choose a password or set up the second factor."""
