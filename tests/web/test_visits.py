"""Who opens the page after somebody else: no answer of before is shown, and no planted cookie opens a conversation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.visits import REMEMBERED
from bot.channels.webchat import ON_ITS_WAY, SHOWN, WebChat
from bot.messages import Outgoing
from bot.web import application
from tests.conftest import Bench
from tests.web.test_chat import Page

TOLD = "bị chồng đánh, ở xã Cẩm Tân, Cẩm Thủy"


def say(browser: Page, page: str, text: str, have: int = 0) -> str:
    """Send one message as an open page does; return the answers as one text."""
    body = {"id": f"{page}-{text}", "text": text, "have": have, "page": page}
    return "\n".join(str(m["text"]) for m in browser.post("/chat", json=body).json()["messages"])


def said(browser: Page, page: str, text: str) -> tuple[str, list[str]]:
    """Send one message; return the answers as one text, and the labels of their buttons."""
    body = {"id": f"{page}-{text}", "text": text, "have": 0, "page": page}
    messages = browser.post("/chat", json=body).json()["messages"]
    return "\n".join(m["text"] for m in messages), [b["label"] for m in messages for b in m["buttons"]]


@pytest.fixture
def browser(bench: Bench) -> Page:
    """A browser on the phone of somebody who told, and left the page without a word."""
    opened = Page(bench)
    opened.get("/")
    assert "Cẩm Tân" in say(opened, "hers", TOLD)
    return opened


def test_whoever_opens_the_page_next_sees_nothing_of_before(browser: Page) -> None:
    """The same browser, the page loaded again: neither the first message nor the box itself gives the last answer."""
    browser.get("/")
    shown = say(browser, "his", "khẩu hiệu hôm nay")
    assert shown
    assert "113" not in shown
    assert "Cẩm Tân" not in shown


@pytest.mark.parametrize(
    "begins",
    [
        ["."],
        ["menu"],
        ["chào", "bắt đầu lại"],
        ["alo", "tiếp tục"],
        ["còn ai nữa"],
        ["đọc lại"],
        ["1"],
        ["khẩu hiệu hôm nay"],
    ],
)
def test_on_a_page_loaded_again_nobody_can_tell_who_told(bench: Bench, begins: list[str]) -> None:
    """Minutes later, every answer, menu and offer is the same for who told and for who did not, as after a pause."""
    shown = []
    for words in (TOLD, "mình hỏi chút"):
        opened = Page(bench)
        opened.get("/")
        say(opened, "first", words)
        opened.get("/")
        shown.append([said(opened, "second", text) for text in [*begins, "menu", "cảm ơn", "đăng ký 7h tối", "thôi"]])
    assert shown[0] == shown[1]
    assert not any("Cẩm Tân" in text or "113" in text for text, _ in shown[0][: len(begins)] if "?" not in text)


def test_danger_on_a_page_loaded_again_is_answered_at_once(browser: Page) -> None:
    """No question stands before 113."""
    browser.get("/")
    assert say(browser, "second", "nó cầm dao đuổi em").startswith("Gọi 113 ngay")


def test_the_page_that_stays_open_goes_on(browser: Page) -> None:
    """Nobody is asked between two messages of one page, nor twice on a page loaded again."""
    assert "bắt đầu lại" not in say(browser, "hers", "còn ai nữa")
    browser.get("/")
    assert "bắt đầu lại" in say(browser, "second", "chào")
    assert (
        say(browser, "second", "ừ").count("bắt đầu lại") == 1
    )  # the first answer is not acknowledged, and comes again


def test_the_page_that_asked_may_ask_again(browser: Page) -> None:
    """Its answer was lost on the line: the same message is answered again, to this page alone."""
    assert "Cẩm Tân" in say(browser, "hers", TOLD)


def test_after_a_reload_an_answer_on_its_way_is_not_lost(bench: Bench) -> None:
    """The page is loaded again while the bot still thinks: the answer waits for it; shown once, it is shown no more."""
    opened = Page(bench)
    opened.get("/")
    asyncio.run(closed_meanwhile(bench, opened.cookies, {"id": "1", "text": TOLD, "have": 0, "page": "first"}))
    opened.get("/")
    assert "Cẩm Tân" in say(opened, "second", "chào")
    opened.get("/")
    assert "Cẩm Tân" not in say(opened, "third", "khẩu hiệu hôm nay")


async def closed_meanwhile(bench: Bench, cookies: httpx.Cookies, body: dict[str, Any]) -> None:
    """Send a message as a browser does that closes the connection before the answer."""
    site = application(bench.app.receive, bench.app.web, bench.app.health, "/")
    request = httpx.Request("POST", "http://testserver/chat", json=body, cookies=cookies)
    came = iter([{"type": "http.request", "body": request.content, "more_body": False}, {"type": "http.disconnect"}])
    headers = [(k.lower(), v) for k, v in request.headers.raw]
    scope = {"type": "http", "method": "POST", "path": "/chat", "raw_path": b"/chat", "query_string": b"", "scheme": "http",
             "headers": headers, "server": ("testserver", 80), "client": ("testclient", 1), "root_path": ""}  # fmt: skip

    async def receive() -> Any:
        return next(came)

    async def send(_: Any) -> None:
        """Nobody is there."""

    await site(scope, receive, send)


@pytest.mark.parametrize("planted", ["x" * 24, "a.b.c", f"{'x' * 32}.{'y' * 16}.{'0' * 32}"])
def test_a_made_up_cookie_opens_nobodys_conversation(bench: Bench, planted: str) -> None:
    """Put into her browser before she opens the page, it is replaced; what she tells is not known to who planted it."""
    hers, his = Page(bench), Page(bench)
    hers.cookies = httpx.Cookies({"tincay": planted})
    hers.cookies = httpx.Cookies({"tincay": hers.get("/").cookies["tincay"]})
    say(hers, "hers", TOLD)
    for page in ("his", ""):
        his.cookies = httpx.Cookies({"tincay": planted})
        assert "Cẩm Tân" not in say(his, page, "tìm công an")


def test_a_cookie_of_our_own_opens_nothing_once_the_page_was_loaded_with_it(bench: Bench) -> None:
    """He opens the page himself, plants his cookie in her browser and keeps a copy: hers is renewed, his is dead."""
    hers, his = Page(bench), Page(bench)
    his.get("/")
    copy = his.cookies["tincay"]
    hers.cookies = httpx.Cookies({"tincay": copy})
    hers.cookies = httpx.Cookies({"tincay": hers.get("/").cookies["tincay"]})
    say(hers, "hers", TOLD)
    assert "Cẩm Tân" in say(hers, "hers", "tìm công an")
    for page in ("his", ""):
        his.cookies = httpx.Cookies({"tincay": copy})
        assert "Cẩm Tân" not in say(his, page, "tìm công an")


def test_no_number_of_page_loads_brings_a_planted_cookie_back(bench: Bench) -> None:
    """He loads the page as often as he likes, without a cookie: hers stays the newest of its conversation."""
    visits = bench.app.web.visits
    copy = visits.renew("")
    hers = visits.renew(copy)
    assert visits.chat(hers)
    for _ in range(REMEMBERED):
        visits.renew("")
    assert visits.chat(copy) is None
    assert visits.chat(hers)


def test_an_open_page_does_not_speak_under_a_made_up_cookie(bench: Bench) -> None:
    """Planted while the page is open: her next message begins a conversation of its own, under a cookie of ours."""
    hers, his = Page(bench), Page(bench)
    hers.cookies = httpx.Cookies({"tincay": "x" * 24})
    assert "Cẩm Tân" in say(hers, "hers", TOLD)
    his.cookies = httpx.Cookies({"tincay": "x" * 24})
    assert "Cẩm Tân" not in say(his, "", "tìm công an")


def test_a_conversation_outlives_a_restart_of_the_bot(bench: Bench, tmp_path: Path) -> None:
    """The cookie is known again by its signature alone."""
    first = WebChat(tmp_path, bench.app.keys.mark).visits
    cookie = first.renew("")
    assert WebChat(tmp_path, bench.app.keys.mark).visits.chat(cookie) == first.chat(cookie)


def test_answers_do_not_wait_for_long(tmp_path: Path) -> None:
    """A minute for a page that is loaded again, ten for the page that got it: then nobody finds them."""
    now = 0.0
    web = WebChat(tmp_path, seconds=lambda: now)
    asyncio.run(web.send("a", Outgoing("một")))
    asyncio.run(web.send("b", Outgoing("hai")))
    assert web.fetch("a", 0, "page")
    now = ON_ITS_WAY
    assert web.fetch("b", 0, "page") == []
    assert [m["text"] for m in web.fetch("a", 0, "page")] == ["một"]
    now = SHOWN
    assert web.fetch("a", 0, "page") == []


def test_what_is_no_page_may_name_its_own_conversation(bench: Bench) -> None:
    """A script with a cookie of its own choice goes on where it was, without ever loading the page."""
    script = Page(bench)
    for text in (TOLD, "tìm công an"):
        script.cookies = httpx.Cookies({"tincay": f"{'person':_>24}"})
        assert "Cẩm Tân" in say(script, "", text)
