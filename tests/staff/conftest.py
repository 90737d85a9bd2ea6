"""The staff site on a directory of its own, and browsers that are signed in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from starlette.applications import Starlette

from bot import migrate
from bot.clock import VIETNAM
from bot.staff import passwords, sessions
from bot.staff.site import routes
from bot.staff.visit import Site
from bot.store.engine import open_engine, transaction
from bot.store.keys import load_keys
from referral_directory.keeper import Keeper
from tests.conftest import KEYS
from tests.referral_directory.conftest import engine as engine  # SQLite and PostgreSQL

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=VIETNAM)
ORIGIN = "http://127.0.0.1"
REAL = passwords._hasher


class Browser:
    """A browser without JavaScript: it keeps its cookies, follows nothing by itself, and finds the forms of its page."""

    def __init__(
        self, site: Site, keeper: Keeper | None = None, origin: str = ORIGIN, address: str = "127.0.0.1"
    ) -> None:
        if address != "127.0.0.1":  # from elsewhere only https and a name that is set lead in
            site, origin = replace(site, hosts=("canbo.example",)), "https://canbo.example"
        self.app = Starlette(routes=[routes(site)])
        self.origin = origin
        self.address = address
        self.cookies = httpx.Cookies()
        self.csrf = ""
        self.page = httpx.Response(204)
        if keeper:
            with transaction(site.directory) as db:
                token = sessions.begin(db, keeper.id, site.now(), full=True)
                found = sessions.find(db, token, site.now())
                assert found is not None
                self.csrf = found.csrf
            name = "__Host-tincay-staff" if origin.startswith("https") else "tincay-staff"
            self.cookies.set(name, token, domain=httpx.URL(origin).host, path="/")

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page; path without `/staff`."""
        return self.ask("GET", path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Send a form as the browser does, with the CSRF token of the session."""
        headers = {"origin": self.origin, "sec-fetch-site": "same-origin", **more.pop("headers", {})}
        return self.ask("POST", path, data={"csrf": self.csrf, **(data or {})}, headers=headers, **more)

    def follow(self) -> httpx.Response:
        """Go where the last answer leads."""
        assert self.page.status_code == 303, self.page.text
        return self.ask("GET", self.page.headers["location"].removeprefix("/staff"))

    @property
    def words(self) -> str:
        """What a person reads on the page."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.page.text).split())

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send any request; path without `/staff`. Keep the page, its cookies and the token of its forms."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=True, client=(self.address, 1))
            async with httpx.AsyncClient(transport=transport, base_url=self.origin, cookies=self.cookies) as client:
                answer = await client.request(method, f"/staff{path}", **more)
                self.cookies = client.cookies
                return answer

        self.page = asyncio.run(ask())
        found = re.search(r'name="csrf" value="([^"]+)"', self.page.text)
        self.csrf = found[1] if found else self.csrf
        return self.page


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> Iterator[None]:
    """Passwords cost a thousandth of what they cost in life; `REAL` is what they cost there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        passwords.nobodys.cache_clear()
        yield
    passwords.nobodys.cache_clear()


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Site:
    """The staff site on SQLite and on PostgreSQL, on 21/11/2026 at 14:00."""
    people = open_engine("", tmp_path / "people.db")
    migrate.upgrade(people, "people")
    return Site(engine, people, load_keys(KEYS, tmp_path), lambda: NOW)
