"""Whatever is sent to the staff site is answered: never by a page that broke."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.staff.site import ROUTES
from tests.staff.cast import Cast, entry, typed
from tests.staff.cast import cast as cast
from tests.staff.conftest import Browser
from tests.staff.test_doors import World
from tests.staff.test_doors import world as world

LISTS = [route for route in ROUTES if route.method == "GET" and "{" not in route.path]
ASKED = ("q", "page", "kind", "state", "sort", "after", "before", "commune", "province", "next", "why", "from", "to")
shared = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@shared
@given(
    route=st.sampled_from(LISTS),
    query=st.dictionaries(st.sampled_from(ASKED), st.text(max_size=40) | st.integers().map(str), max_size=3),
)
def test_any_query_is_answered(world: World, route: object, query: dict[str, str]) -> None:
    """Lists and forms under any words in the address."""
    browser = world.browser(route.roles[0])
    clean = {key: value.encode("utf-8", "ignore").decode() for key, value in query.items()}
    assert browser.get(route.path, params=clean).status_code < 500, browser.page.text


@pytest.mark.parametrize("number", ["2147483648", "9" * 5000])
def test_any_number_is_answered(cast: Cast, number: str) -> None:
    """In every place of the address of every page: numbers past the edge of what a database, or Python, reads."""
    browsers = {who.role: cast.browser(who) for who in (cast.mai, cast.lan, cast.boss)}
    for route in (r for r in ROUTES if r.method == "GET"):
        browser = browsers[route.roles[0]]
        browser.get(re.sub(r"\{\w+\}", number, route.path), params=dict.fromkeys(ASKED, number))
        assert browser.page.status_code < 500, route.path


def test_any_number_in_a_hidden_field_is_answered(cast: Cast) -> None:
    """The version that a change is built on, and the commune that was picked."""
    place, huge = cast.approved(entry()), "9" * 5000
    for who, path in ((cast.mai, f"/entries/{place}/edit"), (cast.lan, "/entries/new")):
        browser = cast.browser(who)
        browser.get(path)
        browser.post(path, typed(base=huge, pick=huge, place="Cẩm Tân", name="Địa chỉ khác"))
        assert browser.page.status_code < 500, path


@pytest.mark.parametrize("named", ["http://[::1", "http://[x]/", "//", "null", "http://\u2100"])
def test_any_address_in_a_header_is_answered(world: World, named: str) -> None:
    """Where a browser says it comes from, in words that are no address."""
    for browser in (Browser(world.site), world.browser("admin")):
        for header in ("origin", "referer"):
            browser.post("/sign-in", headers={header: named.encode()})
            assert browser.page.status_code == 403


@shared
@given(body=st.binary(max_size=400), kind=st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "multipart/form-data"]))  # fmt: skip
@pytest.mark.parametrize("path", ["/sign-in", "/code", "/password", "/people/new"])
def test_any_body_is_answered(world: World, path: str, body: bytes, kind: str) -> None:
    """Bytes that are no form, to strangers and to people signed in."""
    for browser in (Browser(world.site), world.browser("admin")):
        browser.get("/sign-in")
        answer = browser.ask(
            "POST", path, content=b"csrf=" + browser.csrf.encode() + b"&" + body,
            headers={"content-type": kind, "origin": browser.origin},
        )  # fmt: skip
        assert answer.status_code < 500, answer.text


@shared
@given(values=st.dictionaries(st.sampled_from(["login", "name", "role", "place", "pick", "old", "new", "again", "code", "sealed", "password"]), st.text(max_size=200), max_size=6))  # fmt: skip
@pytest.mark.parametrize(
    "path", [r.path for r in ROUTES if r.method == "POST" and "{" not in r.path and "sign-out" not in r.path]
)
def test_any_form_is_answered(world: World, path: str, values: dict[str, str]) -> None:
    """Fields with any text in them, in a form of our own."""
    browser = world.browser(next(r.roles[0] for r in ROUTES if r.path == path))
    sent = {key: value.encode("utf-8", "ignore").decode() for key, value in values.items()}
    assert browser.post(path, sent).status_code < 500, browser.page.text
