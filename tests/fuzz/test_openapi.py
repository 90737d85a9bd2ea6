"""Schemathesis over the OpenAPI pages of all our HTTP routes: what fits the page, and what does not, never gets a 5xx."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode

from bot.channels.zalo_oa import sign
from bot.staff.site import ROUTES
from bot.staff.visit import EVERYBODY
from tests.fuzz import openapi
from tests.fuzz.test_routes import NAMED, SECRET, Product, check
from tests.fuzz.test_routes import product as product
from tests.staff.test_doors import World
from tests.staff.test_doors import world as world

HSDS = json.loads((Path(openapi.__file__).parents[2] / "bot/hsds_openapi.json").read_text(encoding="utf-8"))
fuzzed = settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))


def operations(page: dict[str, Any], below: str = "") -> list[Any]:
    """Return one test parameter for each operation of a page whose paths stand below `below`."""
    paths = {below + path: what for path, what in page["paths"].items()}
    schema = schemathesis.openapi.from_dict({**page, "paths": paths})
    found = [operation.ok() for operation in schema.get_all_operations()]
    return [pytest.param(operation, id=operation.label) for operation in found]


def drawn(operation: APIOperation, data: st.DataObject) -> Case:
    """Return one request: as the page describes it, or with something in it that the page does not allow."""
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    return data.draw(operation.as_strategy(generation_mode=mode))


def bytes_of(case: Case, base: str, **form: str) -> tuple[str, str, dict[str, str], bytes]:
    """Return the request as it goes over the wire: method, address, headers, body; `form` is what our own page adds."""
    told = case.as_transport_kwargs(base_url=base)
    if form and isinstance(told.get("data"), dict):
        told["data"] = {**told["data"], **form}
    ready = requests.Request(**told).prepare()
    body = ready.body or b""
    return ready.method or "", ready.url or "", dict(ready.headers), body.encode() if isinstance(body, str) else body


@pytest.mark.parametrize("operation", operations(openapi.of_residents()) + operations(HSDS, "/hsds"))
@fuzzed
@given(data=st.data())
def test_residents_platforms_and_the_public_directory(
    product: Product, operation: APIOperation, data: st.DataObject
) -> None:
    """The chat, what platforms send with their right secrets, the watching pages and the public directory."""
    method, url, headers, body = bytes_of(drawn(operation, data), "http://127.0.0.1:8080")
    at = "1763690400000"
    signed = {
        "x-telegram-bot-api-secret-token": SECRET, "x-bot-api-secret-token": SECRET, "x-zevent-timestamp": at,
        "x-zevent-signature": f"mac={sign(NAMED['zalo_oa_app_id'], body, at, SECRET)}",
    }  # fmt: skip
    check(product.ask(method, url, headers={**headers, **signed}, content=body))


@pytest.mark.parametrize("operation", operations(openapi.of_staff()))
@fuzzed
@given(data=st.data())
def test_staff_signed_in(world: World, operation: APIOperation, data: st.DataObject) -> None:
    """Every page of the staff site by somebody who may open it, with the token of a form of our own.

    The staff site stands alone here: the headers of addresses that it does not serve are looked at in the whole product,
    by `test_every_answer_is_guarded`.
    """
    roles = {(route.method, f"/staff{route.path}"): route.roles for route in ROUTES}
    browser = world.browser(roles.get((operation.method.upper(), operation.path), EVERYBODY)[0])
    method, url, headers, body = bytes_of(drawn(operation, data), browser.origin, csrf=browser.csrf)
    sent = {**headers, "origin": browser.origin, "sec-fetch-site": "same-origin"}
    answer = browser.ask(method, url.removeprefix(f"{browser.origin}/staff"), headers=sent, content=body)
    assert answer.status_code < 500, answer.text


def test_the_page_holds_every_route(product: Product) -> None:
    """A new route is fuzzed, or this fails; the staff site's own page is made from its table of routes."""
    known = {path for _, path in openapi.RESIDENTS} | {f"/hsds{path}" for path in HSDS["paths"]}
    assert product.paths - {"/staff", "/hsds/openapi.json"} == known
