"""The web chat's door: what a page may send, what it gets, and what it never gets."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.conversation.keywords import keyword_scores
from bot.conversation.understanding import Scores
from bot.messages import SCREEN_LIMIT
from bot.store.engine import transaction
from bot.store.schema import tally
from bot.web import BODY_LIMIT, application
from tests.conftest import Bench


class Page:
    """A browser with an open page: it keeps its cookies and speaks to the door in this process."""

    def __init__(self, bench: Bench) -> None:
        app = bench.app
        self._site = application(app.receive, app.web, app.health, "https://example.org/")
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


class Unsure:
    """An understanding that hears telling in everything, never surely."""

    async def scores(self, text: str) -> Scores:
        found = keyword_scores(text)
        return replace(found, told=0.3, thresholds={**found.thresholds, "ask": 0.2, "told": 0.5})


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
    assert "113" not in str(say(page, "khẩu hiệu hôm nay", "2"))


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


@pytest.mark.parametrize("before", [0, 50_000, 99_980])
def test_danger_is_answered_anywhere_in_a_long_message(page: Page, before: int) -> None:
    """100,000 characters: whatever stands around it, at the beginning, in the middle and at the end."""
    text = ("a" * before + " nó cầm dao đuổi em ").ljust(SCREEN_LIMIT, "a")
    assert len(text) == SCREEN_LIMIT
    messages = say(page, text, "long")
    assert str(messages[0]["text"]).startswith("Gọi 113 ngay")


def test_another_site_cannot_speak_for_a_page(page: Page) -> None:
    """A cross-site request is refused."""
    answer = page.post("/chat", json={"id": "1", "text": "a"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/chat", "/chat/leave"])
@pytest.mark.parametrize("headers", [
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site", "origin": "http://testserver"},
    {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://testserver.evil.example"},
    {"origin": "http://testserver:81"}, {"origin": "http://[evil"},
])  # fmt: skip
def test_another_site_can_neither_speak_nor_leave_for_a_page(page: Page, path: str, headers: dict[str, str]) -> None:
    """Old browsers tell only the origin, new ones also whose page asks; nothing happens to the conversation."""
    said = say(page, "bị chồng đánh", "1")
    answer = page.post(path, json={"id": "2", "text": "xóa"}, headers=headers)
    assert answer.status_code in (400, 403)
    assert "set-cookie" not in answer.headers
    assert say(page, "bị chồng đánh", "1") == said


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}])
def test_the_page_itself_may_speak_and_leave(page: Page, headers: dict[str, str]) -> None:
    """Our own page in any browser, and a command line."""
    assert page.post("/chat", json={"id": "1", "text": "chào"}, headers=headers).status_code == 200
    assert page.post("/chat/leave", headers=headers).status_code == 204


def test_what_was_erased_is_not_given_out_again(page: Page) -> None:
    """A page that lost its answers, or somebody with its cookie, finds only "Đã xóa hết" after "xóa"."""
    say(page, "bị chồng đánh, ở xã Cẩm Tân, Cẩm Thủy", "1")
    (last,) = say(page, "xóa", "2")
    assert "Đã xóa hết" in str(last["text"])
    assert say(page, "xóa", "2") == [last]


def test_what_waits_is_given_to_no_link(page: Page) -> None:
    """Opening an address takes no answer out of the box of the page that waits for it: only a message gets answers."""
    said = say(page, "bị chồng đánh", "1")
    assert page.get("/chat").status_code == 405
    assert say(page, "bị chồng đánh", "1") == said


def test_an_answer_without_the_store_is_not_given_twice(page: Page, bench: Bench, tmp_path: Path) -> None:
    """Locked: the numbers come at once. The page asks again with the same id after the lock: the same answer, no other."""
    say(page, "xin chào", "0")
    locked = sqlite3.connect(tmp_path / "var" / "people.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    first = say(page, "nó cầm dao đuổi em", "1")
    assert any("113" in str(m["text"]) for m in first)
    locked.close()
    assert say(page, "nó cầm dao đuổi em", "1") == first


@pytest.mark.parametrize("pressed", ["told:yes", "not_this"])
def test_only_an_offered_button_counts(page: Page, bench: Bench, pressed: str) -> None:
    """Whoever makes up a button, or presses an old one again and again, is answered and changes no count."""

    def feedback() -> int:
        with transaction(bench.app.people) as db:
            query = select(func.sum(tally.c.count)).where(tally.c.what.startswith("feedback:"))
            return db.execute(query).scalar() or 0

    def press(message_id: str) -> None:
        assert page.post("/chat", json={"id": message_id, "button": pressed}).json()["messages"]

    press("1")
    assert feedback() == 0
    page.post("/chat/leave")
    bench.understanding(Unsure())
    say(page, "anh ấy giữ hết thẻ", "3")
    press("4")
    press("5")
    assert feedback() == 1


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
