"""Nothing lives longer than it was promised, on either database, when the clock moves on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, Table, func, select, update

from bot.clock import VIETNAM
from bot.messages import Outgoing
from bot.store import callbacks, lifetimes, people, replies
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.schema import callback_request, contact, conversation, delivery, seen, subscription, tally
from tests.delivery.conftest import keys as keys
from tests.delivery.conftest import store as store

START = datetime(2026, 11, 21, 14, 0, tzinfo=VIETNAM)


def count(store: Engine, table: Table) -> int:
    """Return how many rows a table has."""
    with transaction(store) as db:
        return int(db.execute(select(func.count()).select_from(table)).scalar_one())


def sweep(store: Engine, later: timedelta) -> None:
    """Let time pass, and the sweep run as it does every hour."""
    while lifetimes.sweep(store, START + later):
        pass


@pytest.fixture
def who(store: Engine, keys: Keys) -> int:
    """Somebody who wrote once: a state, a message id, an answer that was sent, a request to be called, a count."""
    with transaction(store) as db:
        one = people.meet(db, keys, "telegram", "chat-4711", START)
        people.is_new(db, keys, one, "m1", START)
        people.keep_state(db, keys, one, {"told": True}, START)
        (row,) = replies.put(db, keys, one, [Outgoing("Bạn không có lỗi")], "me", START)
        replies.settle(db, row, "me", "sent", b"77")
        callbacks.request_callback(db, keys, one, 15178, "số 0912345678", START)
        people.add_count(db, "told:physical", "Thanh Hóa", START)
    return one


@pytest.mark.parametrize(
    ("table", "kept"),
    [
        (conversation, timedelta(days=people.CONVERSATION_DAYS)),
        (seen, timedelta(days=lifetimes.SEEN_DAYS)),
        (delivery, timedelta(days=lifetimes.SETTLED_DAYS)),
        (callback_request, timedelta(days=lifetimes.CALLBACK_DAYS)),
    ],
    ids=str,
)
def test_everything_goes_when_its_time_is_over(store: Engine, who: int, table: Table, kept: timedelta) -> None:
    """A minute before it is there, a minute after it is gone."""
    sweep(store, kept - timedelta(minutes=1))
    assert count(store, table) == 1
    sweep(store, kept + timedelta(minutes=1))
    assert count(store, table) == 0


def test_the_state_of_a_child_is_gone_after_a_day(store: Engine, keys: Keys) -> None:
    """The row says itself when it goes, and the sweep keeps to it; another one written later lives on."""
    with transaction(store) as db:
        for chat, brief in (("child", True), ("grown", False)):
            one = people.meet(db, keys, "telegram", chat, START)
            people.keep_state(db, keys, one, {"told": True}, START, brief=brief)
        ends = [datetime.fromtimestamp(at, VIETNAM) for at in db.execute(select(conversation.c.expires_at)).scalars()]
    assert sorted(ends) == [START + timedelta(days=1), START + timedelta(days=30)]
    sweep(store, timedelta(hours=23, minutes=59))
    assert count(store, conversation) == 2
    sweep(store, timedelta(days=1, minutes=1))
    assert count(store, conversation) == 1


def test_the_promised_days_are_these() -> None:
    """States and strangers 30 days, the state of a child one, a request that nobody closed 90, ids and rows of messages two."""
    assert (people.CONVERSATION_DAYS, people.CHILD_DAYS, lifetimes.IDLE_DAYS, lifetimes.CALLBACK_DAYS) == (
        30,
        1,
        30,
        90,
    )
    assert (lifetimes.SEEN_DAYS, lifetimes.SETTLED_DAYS) == (2, 2)


def test_the_words_of_an_answer_go_when_it_was_sent(store: Engine, who: int) -> None:
    """What is left of it until the sweep has no text."""
    with transaction(store) as db:
        assert db.execute(select(delivery.c.state, delivery.c.body)).one() == ("sent", None)


def test_a_request_that_nobody_answered_leaves_a_count(store: Engine, who: int) -> None:
    """That nobody called is not forgotten with the words; who never called is told by the report of counts."""
    sweep(store, timedelta(days=91))
    with transaction(store) as db:
        assert db.execute(select(tally.c.count).where(tally.c.what == "callback:lapsed")).scalar() == 1


def test_counts_stay_for_ever(store: Engine, who: int) -> None:
    """Ten years later the number of the day is there, and nothing that leads to anybody."""
    sweep(store, timedelta(days=3660))
    with transaction(store) as db:
        told = select(tally.c.count, tally.c.province).where(tally.c.what == "told:physical")
        assert db.execute(told).one() == (1, "Thanh Hóa")
    assert count(store, contact) == 0


def test_a_silent_stranger_is_forgotten(store: Engine, keys: Keys) -> None:
    """Who asked for nothing that lasts is unknown 30 days after the last message; who subscribed is not."""
    with transaction(store) as db:
        people.meet(db, keys, "telegram", "stranger", START)
        subscriber = people.meet(db, keys, "telegram", "subscriber", START)
        people.subscribe(db, subscriber, 420, START)
        back = people.meet(db, keys, "telegram", "back", START)
        db.execute(update(contact).where(contact.c.id == back).values(seen_at=(START + timedelta(days=9)).timestamp()))
    sweep(store, timedelta(days=29))
    assert count(store, contact) == 3
    sweep(store, timedelta(days=31))
    assert count(store, contact) == 2
    sweep(store, timedelta(days=400))
    assert count(store, contact) == 1
    assert count(store, subscription) == 1


def test_who_left_is_forgotten_too(store: Engine, keys: Keys) -> None:
    """Who blocked the bot has no subscription any more; 30 days later there is no row of them."""
    with transaction(store) as db:
        one = people.meet(db, keys, "telegram", "left", START)
        people.subscribe(db, one, 420, START)
        people.mark_gone(db, one)
    sweep(store, timedelta(days=31))
    assert count(store, contact) == 0


def test_somebody_who_waits_for_a_call_is_kept(store: Engine, who: int) -> None:
    """The request keeps the person until somebody has called, or its own time is over."""
    sweep(store, timedelta(days=60))
    assert (count(store, contact), count(store, callback_request)) == (1, 1)
    sweep(store, timedelta(days=91))
    sweep(store, timedelta(days=92))
    assert count(store, contact) == 0
