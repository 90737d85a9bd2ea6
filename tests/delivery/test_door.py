"""The one door out: nothing is lost when a process dies, nothing comes twice, and one person's order is kept."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from bot.clock import VIETNAM, clock
from bot.delivery import door
from bot.delivery.door import LAST_ATTEMPT, LAST_IN_DOUBT, SILENT_SECONDS, Door
from bot.errors import ChannelBusy, ChannelError, ContactGone, OutcomeUnknown, PayloadRefused
from bot.messages import Outgoing
from bot.store import lifetimes, people, replies
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.replies import Parcel
from bot.store.schema import delivery
from tests.conftest import FakeWire


def stored(store: Engine, keys: Keys, owner: str, *texts: str, chat: str = "an") -> list[Parcel]:
    """Store replies as a turn does; return what it would hand to the door."""
    said = [Outgoing(t) for t in texts]
    with transaction(store) as db:
        who = people.meet(db, keys, "terminal", chat, clock()())
        ids = replies.put(db, keys, who, said, owner, clock()())
    return [Parcel(i, who, "terminal", chat, r, 0) for i, r in zip(ids, said, strict=True)]


def states(store: Engine) -> list[str]:
    """Return the state of each row, in order."""
    with transaction(store) as db:
        return list(db.execute(select(delivery.c.state).order_by(delivery.c.id)).scalars())


def claim(store: Engine, keys: Keys, owner: str, later: float = 0.0) -> list[Parcel]:
    """Claim what waits, `later` seconds from now."""
    now = time.time() + later
    with transaction(store) as db:
        return replies.take(db, keys, owner, now, now - SILENT_SECONDS)


def test_rows_of_the_dead_are_sent_and_rows_of_the_living_left(store: Engine, keys: Keys) -> None:
    """A dead worker's replies go out in order through another; a living one keeps its own."""
    stored(store, keys, "dead", "một", "hai")
    stored(store, keys, "alive", "ba", chat="bình")
    with transaction(store) as db:
        replies.beat(db, "alive", time.time())
    found = claim(store, keys, "me")
    assert [p.outgoing.text for p in found] == ["một", "hai"]
    wire = FakeWire()
    mine = Door(store, keys, {"terminal": wire})
    mine.owner = "me"
    asyncio.run(mine.send(found))
    assert [o.text for _, o in wire.sent] == ["một", "hai"]
    assert states(store) == ["sent", "sent", "sending"]


def test_two_workers_never_get_the_same_row(store: Engine, keys: Keys) -> None:
    """Whoever comes second finds nothing."""
    stored(store, keys, "dead", *(str(n) for n in range(20)))
    for name in ("one", "two"):
        with transaction(store) as db:
            replies.beat(db, name, time.time())
    assert len(claim(store, keys, "one")) == 20
    assert claim(store, keys, "two") == []


def test_a_slow_row_that_is_still_held_is_not_taken(store: Engine, keys: Keys) -> None:
    """Minutes of waiting for a platform are not death: the beat names the rows in hand."""
    rows = stored(store, keys, "slow", "một")
    later = time.time() + 600
    with transaction(store) as db:
        replies.beat(db, "slow", later, [p.id for p in rows])
    assert claim(store, keys, "other", 600) == []


@pytest.mark.parametrize("error", [ChannelBusy("429", 30), OutcomeUnknown("timeout")])
def test_what_must_wait_holds_what_follows(store: Engine, keys: Keys, error: Exception) -> None:
    """A message that could not go is tried again before the ones after it, each once."""
    wire = FakeWire(failures=[error])  # type: ignore[list-item]
    mine = Door(store, keys, {"terminal": wire})
    asyncio.run(mine.send(stored(store, keys, mine.owner, "một", "hai", "ba")))
    assert wire.sent == []
    assert states(store) == ["ready"] * 3
    if isinstance(error, ChannelBusy):
        assert claim(store, keys, mine.owner, 20) == []
    asyncio.run(mine.send(claim(store, keys, mine.owner, 60)))
    assert [o.text for _, o in wire.sent] == ["một", "hai", "ba"]
    assert states(store) == ["sent"] * 3


def test_who_blocked_us_is_asked_once(store: Engine, keys: Keys) -> None:
    """After a 403 nothing more is tried for that person."""
    wire = FakeWire(failures=[ContactGone("403")])
    mine = Door(store, keys, {"terminal": wire})
    asyncio.run(mine.send(stored(store, keys, mine.owner, "một", "hai")))
    assert wire.sent == []
    assert states(store) == ["gone", "gone"]


def test_a_refused_message_does_not_hold_the_next(store: Engine, keys: Keys) -> None:
    """What can never be sent ends as failed, and the rest goes out."""
    wire = FakeWire(failures=[PayloadRefused("400")])
    mine = Door(store, keys, {"terminal": wire})
    asyncio.run(mine.send(stored(store, keys, mine.owner, "một", "hai")))
    assert states(store) == ["failed", "sent"]


@pytest.mark.parametrize(("error", "last"), [(ChannelBusy("busy"), LAST_ATTEMPT), (OutcomeUnknown("?"), LAST_IN_DOUBT)])
def test_the_last_attempt_ends_as_failed(
    store: Engine, keys: Keys, monkeypatch: pytest.MonkeyPatch, error: ChannelError, last: int
) -> None:
    """Nobody is written to for ever; what may have arrived is not repeated often."""
    last = min(last, 12)
    monkeypatch.setattr(door, "LAST_ATTEMPT", 12)
    wire = FakeWire(failures=[error] * last)
    mine = Door(store, keys, {"terminal": wire})
    asyncio.run(mine.send(stored(store, keys, mine.owner, "một")))
    for _ in range(last - 1):
        asyncio.run(mine.send(claim(store, keys, mine.owner, 1000)))
    assert states(store) == ["failed"]


def test_a_row_of_a_lost_key_does_not_stop_the_others(store: Engine, keys: Keys) -> None:
    """One unreadable row ends as failed; the rest is still sent."""
    broken, *_ = stored(store, keys, "dead", "một", "hai")
    with transaction(store) as db:
        db.execute(update(delivery).where(delivery.c.id == broken.id).values(body=b"\0" * 40))
    assert [p.outgoing.text for p in claim(store, keys, "me")] == ["hai"]


def test_all_ids_of_a_long_message_are_kept(store: Engine, keys: Keys) -> None:
    """A message of many parts has many ids: all are kept, sealed, and a quick exit finds them."""
    with transaction(store) as db:
        who = people.meet(db, keys, "terminal", "an", clock()())
        (row,) = replies.put(db, keys, who, [Outgoing("rất dài")], "me", clock()())
        replies.settle(db, row, "me", "sent", replies.sealed_id(keys, " ".join(["a" * 30] * 4)))
    with transaction(store) as db:
        assert replies.sent_ids(db, keys, who, 0.0) == ["a" * 30] * 4
        assert b"a" * 30 not in db.execute(select(delivery.c.message_id)).scalar_one()


def test_a_running_door_delivers_what_a_crash_left(store: Engine, keys: Keys) -> None:
    """The whole loop: rows of a dead process reach the person by themselves."""
    stored(store, keys, "dead", "một", "hai")
    wire = FakeWire()

    async def run() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.8):
                await Door(store, keys, {"terminal": wire}).run()

    asyncio.run(run())
    assert [o.text for _, o in wire.sent] == ["một", "hai"]
    assert states(store) == ["sent", "sent"]


def test_what_was_sent_is_settled_before_the_next_leaves(store: Engine, keys: Keys) -> None:
    """A crash in the middle of an answer leaves one message in doubt, never the ones before it."""
    mine = Door(store, keys, {})
    seen: list[list[str]] = []

    class Watching(FakeWire):
        async def send(self, chat: str, outgoing: Outgoing) -> str | None:
            seen.append(states(store))
            return await super().send(chat, outgoing)

    mine.channels = {"terminal": Watching()}
    asyncio.run(mine.send(stored(store, keys, mine.owner, "một", "hai", "ba")))
    assert seen == [["sending"] * 3, ["sent", "sending", "sending"], ["sent", "sent", "sending"]]


def test_old_rows_go_a_few_at_a_time(store: Engine, keys: Keys) -> None:
    """What has lived its time goes in pages; what waits stays, however old."""
    stored(store, keys, "dead", *(str(n) for n in range(5)))
    with transaction(store) as db:
        db.execute(update(delivery).where(delivery.c.id > 1).values(state="sent"))
        later = datetime.now(VIETNAM) + timedelta(days=10)
        assert lifetimes.clear_old(db, later, page=3)
        assert not lifetimes.clear_old(db, later, page=3)
    assert states(store) == ["sending"]
