"""The page in a real browser: on a phone and on a desk, by keyboard, and gone in one key."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from bot.conversation.flows.smalltalk import menu
from bot.conversation.keywords import keyword_scores
from bot.conversation.understanding import Scores
from bot.nlu_server import free_port
from bot.store.engine import reading
from bot.store.schema import tally
from bot.web import application
from tests.conftest import Bench

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt-get install chromium)"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # playwright's own pipes
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TOLD = "chồng tôi vừa đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy"


@pytest.fixture
def url(bench: Bench) -> Iterator[str]:
    """The site on loopback; its exit leads to a page of its own."""
    port = free_port()
    app = bench.app
    door = application(app.receive, app.web, app.health, f"http://127.0.0.1:{port}/healthz")
    server = uvicorn.Server(uvicorn.Config(door, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(params=[(390, 780), (1280, 800)], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser that notes what went wrong and what was asked of other hosts."""
    width, height = request.param
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_page(viewport={"width": width, "height": height})
        wrong: list[str] = []  # the page left for has no icon; ours has
        opened.on(
            "console",
            lambda m: wrong.append(m.text) if m.type == "error" and "favicon" not in m.location["url"] else None,
        )
        opened.on("pageerror", lambda e: wrong.append(str(e)))
        opened.on("request", lambda r: wrong.append(r.url) if "127.0.0.1" not in r.url else None)
        yield opened
        assert wrong == []
        browser.close()


def test_the_first_screen_offers_the_menu(page: Page, url: str, bench: Bench) -> None:
    """Under the greeting stand the bot's own first choices, one Tab each; pressed, one is answered and they go."""
    page.goto(url)
    shown = page.locator(".choices button").all_inner_texts()
    assert shown == [b.label for b in menu() if b.payload not in ("exit", "language", "subscribe")]
    assert shown[0] == "Tìm nơi giúp"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.focus("#log")
    for label in shown:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == label
    page.get_by_role("button", name="Khẩu hiệu hôm nay").press("Enter")
    page.wait_for_selector("text=Khẩu hiệu khác")
    assert page.get_by_role("button", name="Ai đọc tin này?").count() == 0
    with reading(bench.app.people) as db:
        assert db.execute(select(tally.c.count).where(tally.c.what == "asked:ask_slogan")).scalar() == 1


def test_who_tells_sees_the_numbers_as_links_and_the_places(page: Page, url: str) -> None:
    """By keyboard alone: type, Enter, and 113 can be touched; nothing is wider than the screen."""
    page.goto(url)
    page.keyboard.press("Tab")
    page.focus("#text")
    page.keyboard.type(TOLD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nơi giúp ở Xã Cẩm Tân")
    assert page.locator("#log a[href='tel:113']").count() >= 1
    assert page.locator("#log a[href='tel:1900969680']").count() >= 1
    assert page.locator("a[href^='tel:0000']").count() == 0
    assert "[MẪU] Công an Xã Cẩm Tân" in page.inner_text("#log")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.click("text=Không gặp người ở xã này")
    page.wait_for_function(
        "document.querySelector('#log').lastElementChild.previousElementSibling.innerText.includes('113')"
    )


def test_escape_leaves_and_the_way_back_shows_nothing(page: Page, url: str) -> None:
    """One key: another page, no cookie, and Back does not return to the conversation."""
    page.goto("about:blank")
    page.add_init_script("addEventListener('beforeunload', () => { window.name = document.title; })")
    page.goto(url)
    page.fill("#text", TOLD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nơi giúp ở Xã Cẩm Tân")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("healthz"))
    page.wait_for_timeout(300)
    assert page.evaluate("window.name") == "Trang mới"  # the title while the other page loads names nobody
    assert page.context.cookies() == []
    page.go_back()
    assert "Cẩm Tân" not in page.content()


def test_the_page_opened_again_shows_nothing_of_before(page: Page, url: str) -> None:
    """Left without the exit: neither the way back nor the page loaded anew, nor its next answer, shows what was told."""
    page.goto(url)
    page.fill("#text", TOLD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nơi giúp ở Xã Cẩm Tân")
    page.goto(f"{url}/healthz")
    page.go_back()
    page.wait_for_selector("#text")
    assert "Cẩm Tân" not in page.content()
    page.fill("#text", "khẩu hiệu hôm nay")
    page.keyboard.press("Enter")
    page.wait_for_selector(".choices")
    assert "Cẩm Tân" not in page.inner_text("#log")


class Thinking:
    """An understanding that takes its time, until it may go on."""

    def __init__(self) -> None:
        self.asked, self.goes_on = threading.Event(), threading.Event()

    async def scores(self, text: str) -> Scores:
        self.asked.set()
        while not self.goes_on.is_set():
            await asyncio.sleep(0.02)
        return keyword_scores(text)


def test_an_answer_on_its_way_outlives_a_reload(page: Page, url: str, bench: Bench) -> None:
    """The page is loaded again before the bot has answered: the answer comes with the next one."""
    bench.understanding(thinking := Thinking())
    page.goto(url)
    page.fill("#text", TOLD)
    page.keyboard.press("Enter")
    assert thinking.asked.wait(10)
    page.reload()
    thinking.goes_on.set()
    page.fill("#text", "chào")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nơi giúp ở Xã Cẩm Tân")


def test_while_the_model_loads_a_quiet_line_says_so(page: Page, url: str, bench: Bench) -> None:
    """Understanding is still limited: the page says it in one line, which goes by itself when the model is there."""
    bench.app.nlu.state = "starting"
    page.goto(url)
    page.wait_for_selector("#learning:visible")
    assert "chưa hiểu hết" in page.inner_text("#learning")
    bench.app.nlu.state = "ready"
    page.wait_for_selector("#learning", state="hidden", timeout=8_000)


def test_a_screen_reader_finds_its_way(page: Page, url: str) -> None:
    """The log speaks new messages, the field and every button have a name, the language is told."""
    page.goto(url)
    assert page.get_attribute("html", "lang") == "vi"
    assert page.get_attribute("#log", "aria-live") == "polite"
    assert page.get_by_label("Viết tin nhắn").count() == 1
    assert page.get_by_role("button", name="Thoát nhanh").count() == 1
    heights = page.eval_on_selector_all("button", "all => all.map(b => b.getBoundingClientRect().height)")
    assert min(heights) >= 44


def test_a_law_with_brackets_in_the_middle_is_shown_whole(page: Page, url: str) -> None:
    """What stands in brackets inside a sentence stays there, and so does the colon after it."""
    page.goto(url)
    page.fill("#text", "đánh vợ bị phạt bao nhiêu")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Cố ý gây thương tích")
    shown = " ".join(page.inner_text("#log").split())
    assert re.search(r"trở lên \(hoặc dưới 11%[^()]*…\): có thể bị", shown), shown
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_page_speaks_the_language_that_was_chosen(page: Page, url: str) -> None:
    """One press shows the languages by their own names; the page follows the answers, and comes back with them."""
    page.goto(url)
    page.click("#language")
    page.click(".choices >> text=English")
    page.wait_for_selector("html[lang=en]")
    assert page.get_by_role("button", name="Quick exit").count() == 1
    assert page.get_by_label("Write a message").get_attribute("placeholder") == "Write here…"
    assert "In danger now?" in page.inner_text(".danger")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.fill("#text", TOLD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Help in Xã Cẩm Tân")
    assert page.locator("#log a[href='tel:111']").count() >= 1
    page.wait_for_selector("#text:focus")
    page.fill("#text", "tiếng Việt")
    page.keyboard.press("Enter")
    page.wait_for_selector("html[lang=vi]")
    assert page.get_by_role("button", name="Thoát nhanh").count() == 1
