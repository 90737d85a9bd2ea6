"""The web chat's door: what a page may send, what it gets, and what it never gets."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bot.web import BODY_LIMIT, site
from tests.conftest import Bench


class Page:
    """A browser with an open page: it keeps its cookies and speaks to the door in this process."""

    def __init__(self, bench: Bench) -> None:
        app = bench.app
        self._site = site(app.receive, app.web, None, app.health, "https://example.org/")
        self.cookies = httpx.Cookies()

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self._ask("POST", path, **more)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._site, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://testserver", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())


@pytest.fixture
def page(bench: Bench) -> Page:
    """A browser with an open page."""
    opened = Page(bench)
    opened.get("/")
    return opened


def say(page: Page, text: str, message_id: str, have: int = 0) -> list[dict[str, object]]:
    """Send one message as the page does."""
    answer = page.post("/chat", json={"id": message_id, "text": text, "have": have})
    assert answer.status_code == 200
    return list(answer.json()["messages"])


def test_a_page_and_its_cookie(page: Page) -> None:
    """The cookie is a secret of this page: no script reads it, no other site sends it."""
    page.cookies = httpx.Cookies()
    answer = page.get("/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "https://example.org/" in answer.text
    assert "max-age" not in cookie


def test_the_answer_comes_with_the_message(page: Page) -> None:
    """113 and the places come back in the same request."""
    messages = say(page, "chồng tôi vừa đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy", "1")
    together = "\n".join(str(m["text"]) for m in messages)
    assert together.index("113") < together.index("Nơi giúp ở Xã Cẩm Tân")


def test_the_same_message_twice_is_one_turn(page: Page) -> None:
    """A page that did not hear the answer asks again and hears the same answer, not another turn."""
    first = say(page, "bị chồng đánh", "same")
    assert say(page, "bị chồng đánh", "same") == first
    last = max(int(str(m["id"])) for m in first)
    assert say(page, "bị chồng đánh", "same", have=last) == []


def test_two_people_never_meet(page: Page, bench: Bench) -> None:
    """What waits for one page is not given to another."""
    say(page, "bị chồng đánh", "1")
    page.cookies = httpx.Cookies({"tincay": "another-person-entirely-xyz"})
    assert page.get("/chat").json()["messages"] == []


def test_leaving_forgets_the_conversation(page: Page) -> None:
    """After the exit the next page begins anew, without cookie and without memory."""
    say(page, "bị chồng đánh, ở xã Cẩm Tân, Cẩm Thủy", "1")
    answer = page.post("/chat/leave")
    assert answer.status_code == 204
    assert 'tincay=""' in answer.headers["set-cookie"] or "max-age=0" in answer.headers["set-cookie"].lower()
    assert "cookies" in answer.headers["clear-site-data"]


JUNK = ["[]", '"x"', "{}", '{"id": 5}', '{"id": "1", "text": 7}', '{"id": "", "text": "a"}', "not json", '{"id": "1", "button": 3}',
        '{"id": "1", "location": [1]}', '{"id": "1", "location": [999, 0]}', '{"id":"1","text":"a","have":"x"}', "[" * 50_000]  # fmt: skip


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
def test_junk_is_refused_kindly(page: Page, body: str) -> None:
    """Broken requests get 400 and nothing else happens."""
    assert page.post("/chat", content=body, headers={"content-type": "application/json"}).status_code == 400


def test_too_much_is_refused(page: Page) -> None:
    """A body over the limit gets 413."""
    assert page.post("/chat", content=b"x" * (BODY_LIMIT + 1)).status_code == 413


def test_a_long_message_is_still_answered(page: Page) -> None:
    """100,000 characters: the beginning is read and answered."""
    messages = say(page, "nó cầm dao đuổi em " + "a" * 100_000, "long")
    assert "113" in str(messages[0]["text"])


def test_another_site_cannot_speak_for_a_page(page: Page) -> None:
    """A cross-site request is refused."""
    answer = page.post("/chat", json={"id": "1", "text": "a"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/assets/chat.js", "/nowhere", "/healthz", "/chat"])
def test_every_answer_carries_the_strict_headers(page: Page, path: str) -> None:
    """Pages, files and errors alike."""
    headers = page.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_no_file_outside_the_page_is_served(page: Page) -> None:
    """Only the page's own three files."""
    assert page.get("/assets/..%2F..%2Fweb.py").status_code == 404
    assert page.get("/assets/chat.html").status_code == 404
