"""Every door of the staff site, tried by those who may not pass: nobody, another commune, another role, another site.

The walk is over all routes: a new page is tried without a line here, unless it is about a new kind of thing.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, update

from bot import migrate
from bot.staff.site import ROUTES
from bot.staff.visit import EVERYBODY, Route, Site
from bot.store.engine import open_engine, transaction
from bot.store.keys import load_keys
from bot.store.schema import callback_request, contact
from content import seasons
from referral_directory import changes, events, season
from referral_directory import record as records
from referral_directory.events import Wanted
from referral_directory.keeper import Keeper
from referral_directory.keeping import staff
from referral_directory.season import Activity
from tests.conftest import KEYS
from tests.referral_directory.conftest import SOC_TRANG, keeper, trusted
from tests.staff.conftest import NOW, Browser

SECRETS = ("0987 654 321", "0987654321", "nhà chị Út", "Ấp Kín", "gọi lúc chồng đi làm")
"""What another commune keeps, in confidence or waiting for approval."""
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True)
class World:
    """A site with staff of two communes, and one thing of each kind that belongs to the other commune."""

    site: Site
    ours: dict[str, Keeper]
    """By role, in Thanh Hóa."""
    theirs: dict[str, str]
    """Id of something of Sóc Trăng, by the first word of the path that it stands under."""

    def path(self, route: Route) -> str:
        """Return the path of a route with the ids of the other commune's things."""
        kind = route.path.strip("/").split("/")[0]
        return re.sub(r"\{\w+\}", lambda _: self.theirs[kind], route.path)

    def browser(self, role: str) -> Browser:
        """Return a new browser of somebody of this role, signed in; the administrator looks after everything."""
        return Browser(self.site, self.ours[role])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for the whole walk: nothing that is refused changes it."""
    folder = tmp_path_factory.mktemp("doors")
    directory, people = open_engine("", folder / "directory.db"), open_engine("", folder / "people.db")
    migrate.upgrade(directory, "directory")
    migrate.upgrade(people, "people")
    keys = load_keys(KEYS, folder)
    with transaction(directory) as db:
        records.write_terms(db)
        ours = {role: keeper(db, role) for role in EVERYBODY}
        sa, ray = (keeper(db, commune=SOC_TRANG, province="Cần Thơ") for _ in range(2))
        db.execute(update(staff).values(totp=b"x", password="x"))
        record = trusted(commune=SOC_TRANG, province="Cần Thơ", name="Nhà tạm lánh Ấp Kín", address="nhà chị Út")
        service = changes.propose(db, sa, record, NOW)
        changes.approve(db, ray, changes.open_revision(db, service).id, NOW)
        changes.propose(db, sa, trusted(**record.as_json() | {"description": "Ấp Kín"}), NOW, service)
        change = changes.open_revision(db, service).id
        happens = events.write(db, sa, Wanted("Tọa đàm ở Ấp Kín", "nhà chị Út", NOW.timestamp() + 86_400), NOW)
        done = Activity(NOW.date(), "Tọa đàm ở Ấp Kín")
        season.add_activity(db, sa, "Cần Thơ", 2026, done, NOW)
        activity = season.activities_of(db, "Cần Thơ", 2026)[0].id
    with transaction(people) as db:
        who = db.execute(
            insert(contact).values(channel="web", lookup=b"1" * 32, chat=b"x", seen_at=0.0)
        ).inserted_primary_key[0]
        call = {"contact_id": who, "commune": SOC_TRANG, "words": keys.seal("gọi lúc chồng đi làm", "callback")}
        request = db.execute(insert(callback_request).values(**call, created_at=0.0)).inserted_primary_key[0]
    theirs = {
        "people": sa.id, "entries": service, "changes": change, "callbacks": str(request), "campaigns": "rieng-soc-trang",
        "events": happens, "report": activity,
    }  # fmt: skip
    with campaign_of_theirs(folder):
        yield World(Site(directory, people, keys, lambda: NOW), ours, theirs)
    directory.dispose()
    people.dispose()


@contextmanager
def campaign_of_theirs(folder: Path) -> Iterator[None]:
    """Let there be a message that goes to the people of Sóc Trăng alone."""
    cached = (seasons._files, seasons.seasons, seasons.onces, seasons.find)
    copy = folder / "campaigns"
    shutil.copytree(seasons._HERE, copy)
    words = "kind: once\ntitle: Riêng Ấp Kín\npolicy: hold\npriority: 1\nhours: 6\ntext: Mời bà con Ấp Kín.\n"
    (copy / "rieng-soc-trang.yml").write_text(f"{words}commune: {SOC_TRANG}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seasons, "_HERE", copy)
        for one in cached:
            one.cache_clear()
        yield
    for one in cached:
        one.cache_clear()


def named(route: Route) -> str:
    """Return what a test of a route is called."""
    return f"{route.method} {route.path}"


every = pytest.mark.parametrize("route", ROUTES, ids=named)
every_form = pytest.mark.parametrize("route", [r for r in ROUTES if r.method == "POST"], ids=named)
about_one = pytest.mark.parametrize("route", [r for r in ROUTES if "{" in r.path], ids=named)


def send(browser: Browser, route: Route, path: str) -> httpx.Response:
    """Open a page, or send an empty form of our own."""
    return browser.get(path) if route.method == "GET" else browser.post(path)


@about_one
def test_what_is_of_another_commune_is_not_there(world: World, route: Route) -> None:
    """Staff of another commune, and a supervisor of another province, see 404 and not a word of it."""
    for role in {"commune", "province"} & set(route.roles):
        answer = send(world.browser(role), route, world.path(route))
        assert answer.status_code == 404, role
        assert not [secret for secret in SECRETS if secret in answer.text]


@about_one
def test_what_is_nowhere_is_not_there(world: World, route: Route) -> None:
    """An id that nobody has, of any form: 404, and nothing breaks."""
    for wrong in ("0", "00000000-0000-0000-0000-000000000000", "x' OR '1'='1", "%F0%9F%92%A5", "9" * 40):
        path = re.sub(r"\{\w+\}", wrong, route.path)
        assert send(world.browser(route.roles[0]), route, path).status_code == 404, wrong


@every
def test_a_page_of_another_role_is_not_there(world: World, route: Route) -> None:
    """Who has not the role cannot tell the page from one that never was."""
    for role in set(EVERYBODY) - set(route.roles):
        assert send(world.browser(role), route, world.path(route)).status_code == 404, role


@every
def test_nobody_is_led_to_the_sign_in_page(world: World, route: Route) -> None:
    """Without a session, or with an invented one, every door leads to the sign-in page."""
    for token in ("", "x" * 43, "x" * 5_000):
        browser = Browser(world.site)
        browser.cookies.set("tincay-staff", token, domain="127.0.0.1", path="/")
        answer = send(browser, route, world.path(route))
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/staff/sign-in")


@every_form
def test_a_form_without_the_token_is_refused(world: World, route: Route) -> None:
    """No CSRF token, a wrong one, or that of another session: 403."""
    other = world.browser(route.roles[0]).csrf
    for token in ("", "x", other):
        browser = world.browser(route.roles[0])
        assert browser.post(world.path(route), {"csrf": token}).status_code == 403


@every_form
def test_a_form_of_another_site_is_refused(world: World, route: Route) -> None:
    """Even with the right token, what another site makes a browser send is refused, whichever way the browser tells."""
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"sec-fetch-site": "same-origin", "origin": "https://127.0.0.1"},
    ):
        assert world.browser(route.roles[0]).post(world.path(route), headers=headers).status_code == 403, headers


@every
def test_every_answer_carries_the_headers(world: World, route: Route) -> None:
    """Strict policy, no store, no frames, no sniffing: on pages, refusals and redirects."""
    browser = world.browser(route.roles[0])
    answers = [send(browser, route, world.path(route)), send(Browser(world.site), route, world.path(route))]
    for answer in answers:
        assert answer.status_code < 500, answer.text
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<script" not in answer.text
        assert "style=" not in answer.text


@every
def test_no_list_shows_what_another_commune_keeps(world: World, route: Route) -> None:
    """Pages over many things hold nothing confidential of another commune, nor what waits there for approval."""
    if route.method == "GET" and "{" not in route.path:
        for role in {"commune", "province"} & set(route.roles):
            answer = world.browser(role).get(route.path)
            shown = [secret for secret in SECRETS if secret.encode() in answer.content]
            assert shown == []


@every
def test_who_must_still_do_something_gets_no_further(world: World, route: Route) -> None:
    """A one-time password opens only the page to choose another; a role that needs a code opens nothing without one."""
    if route.early:
        return
    with transaction(world.site.directory) as db:
        new, bare = (keeper(db, route.roles[-1]) for _ in range(2))
        db.execute(update(staff).where(staff.c.id == new.id).values(new_password=True, totp=b"x"))
    assert send(Browser(world.site, new), route, world.path(route)).headers["location"] == "/staff/password"
    answer = send(Browser(world.site, bare), route, world.path(route))
    if bare.role != "commune":
        assert answer.headers["location"] == "/staff/totp"


def test_every_route_is_of_a_known_kind(world: World) -> None:
    """A page about a new kind of thing needs one of another commune here, so that the walk covers it."""
    kinds = {route.path.strip("/").split("/")[0] for route in ROUTES if "{" in route.path}
    assert kinds <= set(world.theirs)


def test_other_answers_carry_the_headers_too(world: World) -> None:
    """The sign-in page, the style sheet, what is missing, and what comes under a wrong name."""
    browser = Browser(world.site)
    for path in ("/sign-in", "/code", "/staff.css", "/nowhere", "/%00", "/people/%00"):
        answer = browser.get(path)
        assert answer.status_code < 500
        assert answer.headers["content-security-policy"] == POLICY
    stranger = Browser(world.site, origin="http://evil.example").get("/sign-in")
    assert stranger.status_code == 400
    assert stranger.headers["content-security-policy"] == POLICY


def test_a_name_of_ours_is_served_over_https_only(world: World) -> None:
    """Outside of this machine passwords travel sealed, and the cookie is one that no neighbour site can set."""
    site = Site(world.site.directory, world.site.people, world.site.keys, lambda: NOW, ("canbo.example.vn",))
    assert Browser(site, origin="http://canbo.example.vn").get("/sign-in").status_code == 403
    answer = Browser(site, origin="https://canbo.example.vn").get("/sign-in")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-tincay-form=")
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert Browser(site, world.ours["commune"], "https://canbo.example.vn").get("/account").status_code == 200


def test_a_body_is_of_limited_size(world: World) -> None:
    """A form of a megabyte is refused before it is kept, with or without its length told; so is a file where none belongs."""
    browser = world.browser("commune")
    assert browser.post("/password", {"new": "x" * 1_000_000}).status_code == 413

    async def pieces() -> object:
        for _ in range(40):
            yield b"new=" + b"x" * 10_000 + b"&"

    headers = {"content-type": "application/x-www-form-urlencoded", "origin": browser.origin}
    assert browser.ask("POST", "/password", content=pieces(), headers=headers).status_code == 413
    assert browser.post("/password", files={"file": ("a.xlsx", b"x")}).status_code == 400
    assert browser.post("/password", {"new": "a\0b"}).status_code == 400
