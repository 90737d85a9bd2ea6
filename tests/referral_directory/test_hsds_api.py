"""The public API as another system meets it, through the real web door."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from bot import hsds
from bot.channels.webchat import WebChat
from bot.clock import VIETNAM
from bot.messages import Incoming
from bot.store.engine import open_engine, transaction
from bot.web import application
from referral_directory.record import term_id
from tests.referral_directory.hsds_rules import check
from tests.referral_directory.test_hsds import approved, police

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)


class Client:
    """What another system is: it asks our web door, one request at a time."""

    def __init__(self, engine: Engine) -> None:
        async def receive(_: Incoming) -> None:
            raise AssertionError("nobody writes here")

        self._site = application(receive, WebChat(Path("cards")), dict, "/", more=hsds.routes(engine))

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._site)
            async with httpx.AsyncClient(transport=transport, base_url="https://danh-ba.example") as wire:
                return await wire.request(method, path, **more)

        return asyncio.run(send())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Get something."""
        return self.ask("GET", path, **more)


@pytest.fixture
def client(engine: Engine) -> Client:
    """The door over five police stations."""
    with transaction(engine) as db:
        for n in range(5):
            approved(db, police(name=f"Công an {n}"))
    return Client(engine)


def get(client: Client, path: str, **parameters: Any) -> Any:
    """Ask for something that is there; return its JSON."""
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def test_the_api_tells_what_it_is(client: Client) -> None:
    """Version, profile and the address of its own description, which describes what is really there."""
    about = get(client, "/hsds/")
    assert about["version"] == "3.1.3"
    assert about["profile"].startswith("https://")
    assert about["openapi_url"] == "https://danh-ba.example/hsds/openapi.json"
    described = get(client, "/hsds/openapi.json")
    assert described["servers"] == [{"url": "https://danh-ba.example/hsds"}]
    assert set(described["paths"]) == {"/", "/services", "/services/{id}"}
    known = {p["name"] for p in described["paths"]["/services"]["get"]["parameters"]}
    assert known == set(hsds._PARAMETERS)
    assert client.get("/hsds").headers["location"].endswith("/hsds/")


def test_pages_as_the_standard_says(client: Client) -> None:
    """Numbers, a part, everything, ids alone; and one service by its id."""
    page = get(client, "/hsds/services", page=2, per_page=2)
    counts = {
        name: page[name] for name in ("total_items", "total_pages", "page_number", "size", "first_page", "last_page")
    }
    assert counts == {
        "total_items": 5, "total_pages": 3, "page_number": 2, "size": 2, "first_page": False, "last_page": False,
    }  # fmt: skip
    assert page["empty"] is False
    for one in page["contents"]:
        check(one)
        assert "phones" not in one
    full = get(client, "/hsds/services", full="true", per_page=5)["contents"]
    assert full == [get(client, f"/hsds/services/{one['id']}") for one in full]
    assert full[0]["phones"]
    ids = get(client, "/hsds/services", minimal="true")["contents"]
    assert [one["id"] for one in ids] == [one["id"] for one in full]
    assert set(ids[0]) == {"id", "modified_date"}
    assert get(client, "/hsds/services", page=9)["empty"]


def test_filters_by_the_address(client: Client) -> None:
    """An offset that was not escaped is understood; a time without one is UTC."""
    at = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)
    for written in ("2026-11-21T09:00:00+07:00", "2026-11-21T02:00:00Z", "2026-11-21T02:00:00", "2026-11-21"):
        assert get(client, "/hsds/services", modified_after=written)["total_items"] == 5, (written, at)
    answer = client.get("/hsds/services?modified_after=2026-11-21T09:00:01+07:00")
    assert answer.json()["total_items"] == 0
    assert get(client, "/hsds/services", taxonomy_term_id=term_id("kind", "police"))["total_items"] == 5
    assert get(client, "/hsds/services", taxonomy_term_id=term_id("kind", "hospital"))["total_items"] == 0
    assert get(client, "/hsds/services", search="cong an 3")["total_items"] == 1


REFUSED = (
    "page=0", "page=-1", "page=a", "page=1.5", "page=", "page=１", "page=99999999999999999999", "page=1000001",
    "per_page=0", "per_page=501", "per_page=x", "minimal=yes", "full=1", "full=true&minimal=true",
    "modified_after=hôm qua", "modified_after=2026-13-01", "taxonomy_term_id=police", "organization_id=%00",
    "proximity=5", "trang=2",
)  # fmt: skip


def test_what_cannot_be_answered_is_refused_with_a_reason(client: Client) -> None:
    """400 and a sentence in two languages, as JSON; nothing is kept by caches."""
    for query in REFUSED:
        answer = client.get(f"/hsds/services?{query}")
        assert answer.status_code == 400, query
        assert " / " in answer.json()["error"], query
        assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_service_is_not_found(client: Client) -> None:
    """404 as JSON, whatever the id looks like."""
    for service_id in ("00000000-0000-4000-8000-000000000000", "1", "%00", "..%2f..", "a" * 3000, "'--"):
        answer = client.get(f"/hsds/services/{service_id}")
        assert answer.status_code == 404, service_id
        assert answer.headers["cache-control"] == "no-store"


def test_what_did_not_change_is_not_sent_again(engine: Engine, client: Client) -> None:
    """304 while the tag holds; a change gives another tag; caches keep it for a minute."""
    first = client.get("/hsds/services?full=true")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert first.headers["cache-control"] == "public, max-age=60"
    for asked in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = client.get("/hsds/services?full=true", headers={"if-none-match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "public, max-age=60"
    assert client.get("/hsds/services", headers={"if-none-match": tag}).status_code == 200
    one = first.json()["contents"][0]["id"]
    with transaction(engine) as db:
        approved(db, police(phone="0000 000 114"), service_id=one)
    changed = client.get("/hsds/services?full=true", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_head_is_get_without_its_body(client: Client) -> None:
    """Same status, tag and length; nothing can be written."""
    same = ("content-type", "content-length", "cache-control", "etag")
    for path in ("/hsds/", "/hsds/openapi.json", "/hsds/services", "/hsds/services?page=0"):
        got, head = client.get(path), client.ask("HEAD", path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert [head.headers.get(n) for n in same] == [got.headers.get(n) for n in same], path
        assert client.ask("POST", path).status_code == 405


def test_pages_carry_the_strict_headers_and_no_cookie(client: Client) -> None:
    """The API is part of the same door."""
    answer = client.get("/hsds/services")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


def test_a_database_that_is_away_is_told_as_later(tmp_path: Path) -> None:
    """503 and when to ask again; no word of what is wrong inside."""
    empty = open_engine("", tmp_path / "empty.db")
    with empty.connect() as db:
        db.execute(text("CREATE TABLE x (y INTEGER)"))
    answer = Client(empty).get("/hsds/services")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "service" not in json.dumps(answer.json())
    empty.dispose()
