"""Whatever is broken behind us, danger is answered within three seconds, and nothing is doubled afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from sqlalchemy import select

from bot.conversation.keywords import keyword_scores
from bot.conversation.order import Answered, Meter, Wanted
from bot.conversation.rasa import RasaUnderstanding
from bot.conversation.turn import PLAIN_SECONDS, URGENT_MODEL_SECONDS, URGENT_SECONDS
from bot.conversation.understanding import Scores
from bot.errors import StoreUnavailable
from bot.messages import Incoming, Outgoing, clean
from bot.nlu_server import free_port
from bot.store.engine import reading
from bot.store.schema import seen
from tests.conftest import Bench

DANGER = "nó cầm dao đuổi em"


class Refused:
    """A client of an understanding server that is not there; opened and closed with each message, as each has a loop."""

    async def scores(self, text: str) -> Scores:
        """Ask nobody."""
        asking = RasaUnderstanding(f"http://127.0.0.1:{free_port()}", "")
        try:
            return await asking.scores(text)
        finally:
            await asking.close()


@pytest.mark.chaos
def test_danger_is_answered_with_everything_down(bench: Bench, tmp_path: Path) -> None:
    """Understanding refused and the database locked: 113 while the lock lasts; after it nothing is doubled."""
    bench.say("xin chào")
    bench.understanding(Refused())
    locked = sqlite3.connect(tmp_path / "var" / "people.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    assert "113" in bench.say(DANGER)
    locked.execute("ROLLBACK")
    locked.close()
    before = len(bench.wire.sent)

    async def later() -> None:
        running = asyncio.create_task(bench.app.machine.door.run())
        await asyncio.sleep(1.2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(later())
    assert len(bench.wire.sent) == before
    assert "113" in bench.say(DANGER)


@pytest.mark.chaos
def test_danger_is_answered_when_the_disk_is_full(bench: Bench) -> None:
    """A database that cannot grow holds back no number."""
    bench.say("xin chào")
    bench.app.people.dispose()
    with bench.app.people.connect() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    for n in range(30):
        assert "113" in bench.say(DANGER, chat=f"người {n}")


@pytest.mark.chaos
def test_telling_is_answered_as_telling_when_nothing_can_be_stored(bench: Bench) -> None:
    """What hurt for years is met with belief and numbers, not with the answer to a danger of this minute."""
    bench.say("xin chào")
    bench.app.people.dispose()
    with bench.app.people.connect() as db:
        db.exec_driver_sql(f"PRAGMA max_page_count={db.exec_driver_sql('PRAGMA page_count').scalar_one()}")
    for n in range(30):
        said = bench.say("vợ tui đánh tui 11 năm nay", chat=f"người {n}")
        assert "không có lỗi" in said
        assert "1900" in said or "113" in said


@pytest.mark.chaos
def test_leaving_needs_no_store(bench: Bench) -> None:
    """ "thoát" hides the conversation though nothing can be stored."""
    bench.say("xin chào")
    bench.app.people.dispose()
    with bench.app.people.connect() as db:
        db.exec_driver_sql(f"PRAGMA max_page_count={db.exec_driver_sql('PRAGMA page_count').scalar_one()}")
    for n in range(30):
        bench.say("thoát", chat=f"người {n}")
        assert bench.wire.sent[-1][1].leave


@pytest.mark.parametrize(
    "raw", ["", "   ", "😭😭", "a" * 100_000, "đau\0quá", "\ud800", "chồng đánh em", "\u202echồng đánh em\u202c"]
)
def test_bad_input_is_answered(bench: Bench, raw: str) -> None:
    """Whatever comes, somebody answers."""
    assert bench.say(clean(raw))


@tuned(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300), button=st.none() | st.text(max_size=64))
def test_any_text_and_any_button_is_answered(bench: Bench, text: str, button: str | None) -> None:
    """No text and no made-up button breaks a turn."""
    assert bench.say(clean(text), button=None if button is None else clean(button))


async def test_fifty_people_at_once_are_all_answered(bench: Bench) -> None:
    """A busy evening: everybody gets 113, each as often as they wrote."""
    heard = [Incoming("terminal", str(n), f"{m}", DANGER) for n in range(50) for m in range(2)]
    await asyncio.gather(*(bench.app.receive(i) for i in heard))
    for n in range(50):
        assert sum("113" in o.text for chat, o in bench.wire.sent if chat == str(n)) >= 2


class Watch:
    """A wire that notes who got their first answer before whom."""

    name = "terminal"

    def __init__(self) -> None:
        self.first: dict[str, tuple[int, str]] = {}
        self.texts: defaultdict[str, list[str]] = defaultdict(list)

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        self.first.setdefault(chat, (len(self.first), outgoing.text))
        self.texts[chat].append(outgoing.text)
        return None

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Nothing to do."""


async def crowd(bench: Bench, people: int, watch: Watch) -> list[asyncio.Task[None]]:
    """Let many write at once, and then one in danger; return when this one has the numbers, with the others' turns."""
    bench.app.machine.door.channels["terminal"] = watch
    plain = [
        asyncio.create_task(bench.app.receive(Incoming("terminal", f"p{n}", "1", "cho mình hỏi khẩu hiệu")))
        for n in range(people)
    ]
    await asyncio.sleep(0.1)
    await bench.app.receive(Incoming("terminal", "danger", "1", DANGER))
    assert "113" in watch.first["danger"][1]
    return plain


async def test_danger_goes_past_everybody_who_waits(bench: Bench) -> None:
    """300 people write in the same moment: who is in danger is answered before most of them, with the store at work."""
    watch = Watch()
    await asyncio.gather(*await crowd(bench, 300, watch))
    after = sum(at > watch.first["danger"][0] for at, _ in watch.first.values())
    assert after > 150
    assert not any("trục trặc" in text for _, text in watch.first.values())


@pytest.mark.chaos
async def test_a_lock_of_some_seconds_troubles_nobody(bench: Bench, locked: sqlite3.Connection) -> None:
    """Another process writes: danger is answered meanwhile, and everybody else gets a real answer afterwards."""
    watch = Watch()
    plain = await crowd(bench, 60, watch)
    assert list(watch.first) == ["danger"]
    locked.execute("ROLLBACK")
    await asyncio.gather(*plain)
    assert len(watch.first) == 61
    assert not any("trục trặc" in text for _, text in watch.first.values())


@pytest.mark.chaos
async def test_nobody_waits_for_ever(bench: Bench, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that lasts: after their patience all get the numbers with an apology, while it is still held."""
    monkeypatch.setattr(bench.app.machine.plain, "seconds", 1.0)
    watch = Watch()
    await asyncio.gather(*await crowd(bench, 60, watch))
    assert sum("trục trặc" in text for _, text in watch.first.values()) == 60


@pytest.fixture
async def locked(bench: Bench, tmp_path: Path) -> AsyncIterator[sqlite3.Connection]:
    """A lock that another process holds on the people store."""
    held = sqlite3.connect(tmp_path / "var" / "people.db", isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    yield held
    held.close()


async def test_two_messages_of_one_person_are_answered_in_order(bench: Bench) -> None:
    """Sent at once, answered one after the other: the place belongs to what was told before."""
    told, place = (Incoming("terminal", "a", "1", "bị chồng đánh"), Incoming("terminal", "a", "2", "Cẩm Tân, Cẩm Thủy"))
    await asyncio.gather(bench.app.receive(told), bench.app.receive(place))
    texts = [o.text for _, o in bench.wire.sent]
    assert "xã, phường nào" in "\n".join(texts[:2])
    assert "Nơi giúp ở Xã Cẩm Tân" in texts[-1]


class Slow:
    """A wire that needs long for its first message, and only for that."""

    name = "terminal"

    def __init__(self, seconds: float) -> None:
        self.texts: list[str] = []
        self._seconds = seconds

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        seconds, self._seconds = self._seconds, 0.0
        await asyncio.sleep(seconds)
        self.texts.append(outgoing.text)
        return None

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Nothing to do."""


async def test_answers_of_one_person_never_cross(bench: Bench) -> None:
    """The first answer is slow on its way: the second waits for it, and nothing is kept of whoever was answered."""
    slow = bench.app.machine.door.channels["terminal"] = Slow(0.7)
    told, place = (Incoming("terminal", "a", "1", "bị chồng đánh"), Incoming("terminal", "a", "2", "Cẩm Tân, Cẩm Thủy"))
    await asyncio.gather(bench.app.receive(told), bench.app.receive(place))
    assert "không có lỗi" in slow.texts[0]
    assert "Nơi giúp ở Xã Cẩm Tân" in slow.texts[-1]
    assert not vars(bench.app.machine.queue)["_here"]


class Hanging:
    """An understanding that never comes back from an ordinary message."""

    async def scores(self, text: str) -> Scores:
        await asyncio.sleep(60)
        raise AssertionError


@pytest.mark.parametrize("hangs", ["understanding", "wire"])
async def test_danger_does_not_wait_for_ones_own_earlier_message(bench: Bench, hangs: str) -> None:
    """The greeting before it is still being worked on, or still on its way: 113 comes before it."""
    slow = bench.app.machine.door.channels["terminal"] = Slow(60 if hangs == "wire" else 0)
    if hangs == "understanding":
        bench.understanding(Hanging())
    waiting = [
        asyncio.create_task(bench.app.receive(Incoming("terminal", "a", f"{n}", "mình hỏi chút"))) for n in range(5)
    ]
    await asyncio.sleep(0.3)
    await bench.app.receive(Incoming("terminal", "a", "danger", DANGER))
    assert not all(task.done() for task in waiting)
    assert "113" in slow.texts[0]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_danger_that_a_platform_gives_twice_at_once_is_answered_once(bench: Bench) -> None:
    """Two connections bring the same message in the same moment."""
    await asyncio.gather(*(bench.app.receive(Incoming("terminal", "a", "same", DANGER)) for _ in range(3)))
    assert sum("113" in outgoing.text for _, outgoing in bench.wire.sent) == 1


@pytest.mark.parametrize("again", ["at once", "after a restart"])
def test_danger_under_an_id_already_used_is_answered(bench: Bench, again: str) -> None:
    """Another cry is answered though a faulty page numbers it like the message before; each very same one once."""
    bench.say("mình hỏi chút", message_id="1")
    for cry in (DANGER, "nó đang bóp cổ em"):
        assert "113" in bench.say(cry, message_id="1")
    if again == "after a restart":
        bench.app.machine = replace(bench.app.machine, answered=Answered())
    for said in ("mình hỏi chút", DANGER, "nó đang bóp cổ em"):
        assert bench.say(said, message_id="1") == ""


async def test_danger_waits_for_no_message_of_the_same_number(bench: Bench) -> None:
    """The message that had the id before is still being worked on: 113 comes before it."""
    bench.understanding(Hanging())
    waiting = asyncio.create_task(bench.app.receive(Incoming("terminal", "a", "1", "mình hỏi chút")))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(URGENT_SECONDS):
        await bench.app.receive(Incoming("terminal", "a", "1", DANGER))
    assert "113" in bench.wire.sent[0][1].text
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


def test_the_words_of_a_cry_cannot_be_guessed_from_what_is_kept(bench: Bench) -> None:
    """What tells one cry from another is 32 bytes that nobody makes without the keys, other ones for each person."""
    for chat in ("a", "b"):
        bench.say(DANGER, chat=chat, message_id="1")
    with reading(bench.app.people) as db:
        (one,), (two,) = db.execute(select(seen.c.mark)).all()
    assert len(one) == len(two) == 32
    assert one != two
    plain = [f"{i}{DANGER}".encode() for i in ("", "1", "1\0", "seen:1\0", "seen:1\x001\0")]
    assert one not in [hashlib.sha256(guess).digest() for guess in plain]


class Counting:
    """An understanding that counts what it is asked."""

    asked = 0

    async def scores(self, text: str) -> Scores:
        self.asked += 1
        return keyword_scores(text)


async def test_a_flood_of_one_chat_is_set_aside_and_danger_in_it_is_not(bench: Bench) -> None:
    """400 messages of one person in a moment: most are never worked on; danger among them, and others, are answered."""
    watch, counting = Watch(), Counting()
    bench.app.machine.door.channels["web"] = watch
    bench.understanding(counting)
    flood = [
        asyncio.create_task(bench.app.receive(Incoming("web", "flood", f"{n}", "mình hỏi chút"))) for n in range(400)
    ]
    danger = [asyncio.create_task(bench.app.receive(Incoming("web", "flood", f"d{n}", DANGER))) for n in range(3)]
    await bench.app.receive(Incoming("web", "other", "1", "bị chồng đánh"))
    await asyncio.gather(*danger)
    assert "không có lỗi" in watch.first["other"][1]
    assert sum("113" in text for text in watch.texts["flood"]) >= 3
    await asyncio.gather(*flood)
    assert counting.asked < 100
    await bench.app.receive(Incoming("web", "flood", "d9", DANGER))
    assert "113" in "".join(watch.texts["flood"][-2:])


async def test_no_flood_sets_a_wish_to_leave_aside(bench: Bench) -> None:
    """Past one's own pace and that of an address, leaving and erasing are answered, typed or pressed, without the model."""
    watch, counting = Watch(), Counting()
    bench.app.machine.door.channels["web"] = watch
    bench.understanding(counting)
    for meter in ("meter", "crowd"):
        object.__setattr__(bench.app.machine, meter, Meter(1, 0.001, shared=meter == "crowd"))  # type: ignore[arg-type]
    there = "203.0.113.7"
    for n in range(3):
        await bench.app.receive(Incoming("web", "flood", f"{n}", "mình hỏi chút", address=there))
    assert len(watch.texts["flood"]) == counting.asked == 2
    for n, (said, button) in enumerate(
        (("thoát", None), ("/xoa", None), ("", "exit"), ("", "erase:ask"), ("", "erase:yes"))
    ):
        await bench.app.receive(Incoming("web", "flood", f"e{n}", said, button, address=there))
        assert len(watch.texts["flood"]) == 3 + n
    assert counting.asked == 2


def test_somebody_in_danger_never_waits_long() -> None:
    """What SECURITY promises in seconds: for the stores, for the model in danger, and for everybody else."""
    assert URGENT_SECONDS <= 2.5
    assert URGENT_MODEL_SECONDS <= 0.5
    assert PLAIN_SECONDS <= 12.0


def test_who_writes_as_people_do_is_never_slowed(bench: Bench) -> None:
    """A tale in fifty short messages within half a minute; then a pause gives it all back, and nobody is kept for ever."""
    meter = Meter()
    one = Incoming("web", "a", "1")
    assert [meter.wait(one, n * 0.6) for n in range(50)] == [0.0] * 50
    assert None in [meter.wait(one, 30.0) for _ in range(100)]
    assert meter.wait(one, 31.0) is not None
    assert meter.wait(one, 120.0) == 0.0
    for n in range(30_000):
        meter.wait(Incoming("web", f"{n}", "1"), 200.0)
    assert len(meter._free_at) <= 10_000


def test_a_step_is_either_kept_or_given_up() -> None:
    """Given up in time it undoes itself; kept, it cannot be given up any more, and is the answer."""
    late, kept = Wanted(), Wanted()
    with pytest.raises(StoreUnavailable), late:
        assert late.give_up()
    with pytest.raises(StoreUnavailable), late:
        pytest.fail("a step that nobody wants was begun")
    with kept:
        pass
    assert not kept.give_up()


async def test_closing_leaves_long_texts_that_wait(bench: Bench) -> None:
    """A program that ends reads no queue of long texts to its end first."""
    free = threading.Event()
    held = bench.app.machine.long_texts.thread.submit(free.wait)
    waits = bench.app.machine.long_texts.thread.submit(print)
    await bench.app.close()
    assert waits.cancelled()
    free.set()
    assert held.result(5)
