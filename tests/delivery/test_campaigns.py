"""Campaign messages: paced, once, only to who still wants them, and each in a known state at the end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text, update

from bot.clock import VIETNAM, is_quiet
from bot.delivery.door import Door
from bot.errors import ChannelBusy, ContactGone, ContactMoved, OutcomeUnknown, PayloadRefused
from bot.messages import Outgoing
from bot.store import audience, campaigns, outbox, pace, people, replies
from bot.store.audience import Audience
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.outbox import Ended
from bot.store.pace import Pace
from bot.store.schema import bucket, campaign, consent, contact, delivery, subscription
from tests.delivery.conftest import DAY, NOON, CountingWire, counts, run_until, start_campaign, subscribe, worker


async def test_everybody_gets_it_once(store: Engine, keys: Keys) -> None:
    """All subscribers of the channel, each exactly once, and the counters say so."""
    subscribe(store, keys, 500)
    subscribe(store, keys, 20, channel="zalo")
    one = start_campaign(store)
    wire = CountingWire(seconds=0.01)
    await run_until(worker(store, keys, wire), lambda: len(wire.accepted) >= 500)
    assert set(wire.times.values()) == {1}
    assert counts(store, one) == {"total": 500, "sent": 500}


async def test_three_workers_share_one_pace_and_no_row(store: Engine, keys: Keys) -> None:
    """Three workers together keep the bot's rate and double nothing."""
    subscribe(store, keys, 100)
    one = start_campaign(store)
    wire = CountingWire(seconds=0.02)
    workers = [asyncio.create_task(worker(store, keys, wire, rate=28).run()) for _ in range(3)]
    begun = time.monotonic()
    while len(wire.accepted) < 100 and time.monotonic() - begun < 20:
        await asyncio.sleep(0.05)
    spent = wire.accepted[-1][0] - wire.accepted[0][0]
    for one_of_them in workers:
        one_of_them.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    assert set(wire.times.values()) == {1}
    assert wire.worst_second() <= 33
    assert 100 / spent < 33, spent
    assert counts(store, one) == {"total": 100, "sent": 100}


async def test_a_new_rate_in_the_settings_holds_at_once(store: Engine, keys: Keys) -> None:
    """The rate that was kept from an earlier start is not the last word."""
    subscribe(store, keys, 400)
    start_campaign(store)
    wire = CountingWire()
    with contextlib.suppress(AssertionError):
        await run_until(worker(store, keys, wire, rate=2), lambda: False, 0.5)
    await run_until(worker(store, keys, wire, rate=1000), lambda: len(wire.accepted) >= 200, 10)
    with transaction(store) as db:
        assert db.execute(select(bucket.c.rate)).scalar() == 1000


async def test_each_failure_ends_in_its_state(store: Engine, keys: Keys) -> None:
    """Gone, refused and in doubt are told apart; who is gone is unsubscribed; a busy moment is tried again."""
    subscribe(store, keys, 20)
    one = start_campaign(store)
    errors: dict[str, list[Exception]] = {
        "telegram1": [ContactGone("403")], "telegram2": [PayloadRefused("400")], "telegram3": [OutcomeUnknown("reset")],
        "telegram4": [ChannelBusy("503")],
    }  # fmt: skip
    wire = CountingWire(fail=lambda chat: errors[chat].pop() if errors.get(chat) else None)
    await run_until(worker(store, keys, wire), lambda: len(wire.accepted) >= 17)
    assert counts(store, one) == {"total": 20, "sent": 17, "gone": 1, "failed": 1, "unknown": 1}
    with transaction(store) as db:
        left = db.execute(select(contact.c.id).where(contact.c.gone == 1)).scalars().all()
        assert len(left) == 1
        assert people.subscribed_at(db, left[0]) is None


async def test_who_moved_is_followed(store: Engine, keys: Keys) -> None:
    """A chat with a new id gets its message there, and from then on."""
    subscribe(store, keys, 3)
    one = start_campaign(store)
    moved: list[Exception] = [ContactMoved("telegram-mới")]
    wire = CountingWire(fail=lambda chat: moved.pop() if moved and chat == "telegram1" else None)
    await run_until(worker(store, keys, wire), lambda: len(wire.accepted) >= 3)
    assert set(wire.times) == {"telegram0", "telegram2", "telegram-mới"}
    assert counts(store, one) == {"total": 3, "sent": 3}
    with transaction(store) as db:
        assert people.known(db, keys, "telegram", "telegram-mới")
        assert people.known(db, keys, "telegram", "telegram1") is None


async def test_retry_sends_what_is_in_doubt_again(store: Engine, keys: Keys) -> None:
    """A campaign that must not lose anybody tries again where `hold` would leave it."""
    subscribe(store, keys, 5)
    one = start_campaign(store, policy="retry")
    doubts: list[Exception] = [OutcomeUnknown("reset")]
    wire = CountingWire(fail=lambda chat: doubts.pop() if doubts and chat == "telegram3" else None)
    await run_until(worker(store, keys, wire), lambda: len(wire.accepted) >= 5)
    assert counts(store, one) == {"total": 5, "sent": 5}


async def test_a_429_silences_the_bot_for_everybody(store: Engine, keys: Keys) -> None:
    """After "wait two seconds" no worker sends anything for two seconds, and then nothing is lost."""
    subscribe(store, keys, 40)
    one = start_campaign(store)
    told: list[float] = []

    def fail(chat: str) -> Exception | None:
        if chat == "telegram7" and not told:
            told.append(time.monotonic())
            return ChannelBusy("429", 2.0, everybody=True)
        return None

    wire = CountingWire(fail=fail)
    await run_until(worker(store, keys, wire, rate=20), lambda: len(wire.accepted) >= 40)
    early = [at for at, _, _ in wire.accepted if told[0] + 0.2 < at < told[0] + 1.9]
    assert early == []
    assert counts(store, one) == {"total": 40, "sent": 40}


async def test_pause_holds_and_cancel_is_for_good(store: Engine, keys: Keys) -> None:
    """A paused campaign stops at once and goes on when told; a cancelled one ends, and beginning it again is vain."""
    subscribe(store, keys, 400)
    one = start_campaign(store)
    wire = CountingWire()
    running = asyncio.create_task(worker(store, keys, wire, rate=100).run())
    while len(wire.accepted) < 20:
        await asyncio.sleep(0.01)
    with transaction(store) as db:
        assert campaigns.change(db, "thu", DAY, "paused") == 1
    at_pause = len(wire.accepted)
    await asyncio.sleep(0.8)
    assert len(wire.accepted) - at_pause <= 10
    with transaction(store) as db:
        assert campaigns.change(db, "thu", None, "fanning_out") == 1
    while len(wire.accepted) < at_pause + 30:
        await asyncio.sleep(0.01)
    with transaction(store) as db:
        campaigns.change(db, "thu", None, "cancelled")
        assert campaigns.change(db, "thu", None, "fanning_out") == 0
    await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    with transaction(store) as db:
        campaigns.sweep(db, NOON)
        assert campaigns.begin(db, "thu", DAY, "telegram", "1", "hold", 0, NOON)[1] == "cancelled"
    found = counts(store, one)
    assert found["sent"] == len(wire.accepted)
    assert found["sent"] + found["cancelled"] == 400


async def test_who_stopped_meanwhile_gets_nothing(store: Engine, keys: Keys) -> None:
    """Consent, pause and departure are looked at again when a row is claimed."""
    subscribe(store, keys, 6)
    one = start_campaign(store)
    with transaction(store) as db:
        ids = list(db.execute(select(contact.c.id).order_by(contact.c.id)).scalars())
        people.unsubscribe(db, ids[0])
        db.execute(update(consent).where(consent.c.contact_id == ids[1]).values(purpose="other"))
        db.execute(
            update(subscription).where(subscription.c.contact_id == ids[2]).values(paused_until=NOON.timestamp() + 9)
        )
        db.execute(update(contact).where(contact.c.id == ids[3]).values(gone=1))
        people.forget(db, ids[4])
    wire = CountingWire()
    await run_until(worker(store, keys, wire), lambda: len(wire.accepted) >= 1)
    assert list(wire.times) == ["telegram5"]
    with transaction(store) as db:
        found = campaigns.progress(db)[0].counts
    assert (found["cancelled"], found["gone"], found["sent"], found["total"]) == (4, 1, 1, 6)
    assert one


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(6, 29, True), (6, 30, False), (12, 0, False), (20, 59, False), (21, 0, True), (23, 59, True), (0, 0, True)],
)
def test_the_night_is_quiet(hour: int, minute: int, quiet: bool) -> None:
    """Nothing leaves from 21:00 to 06:30."""
    assert is_quiet(datetime(2026, 11, 21, hour, minute, tzinfo=VIETNAM)) is quiet


async def test_nothing_leaves_at_night_or_too_late(store: Engine, keys: Keys) -> None:
    """At night rows wait; after their time they end as expired and are counted."""
    subscribe(store, keys, 3)
    one = start_campaign(store, expires=NOON.timestamp() + 10 * 3600)
    wire = CountingWire()
    at = [NOON.replace(hour=21, minute=30)]
    door = worker(store, keys, wire, now=lambda: at[0])
    running = asyncio.create_task(door.run())
    await asyncio.sleep(0.5)
    assert wire.accepted == []
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    with transaction(store) as db:
        campaigns.sweep(db, NOON + timedelta(hours=11))
    assert counts(store, one) == {"total": 3, "expired": 3}


async def test_a_month_has_its_quota(store: Engine, keys: Keys) -> None:
    """Where the plan allows 40 messages a month, campaigns stop at 95 % and leave the rest for replies."""
    subscribe(store, keys, 60, channel="zalo")
    one = start_campaign(store, bot="zalo")
    wire = CountingWire(name="zalo")
    running = asyncio.create_task(worker(store, keys, wire, monthly=40).run())
    await asyncio.sleep(1.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(wire.accepted) == 38
    assert counts(store, one)["sent"] == 38


async def test_what_is_on_its_way_counts_against_the_quota(store: Engine, keys: Keys) -> None:
    """A slow platform does not let campaigns past the quota: a message counts when it leaves; what failed, no more."""
    subscribe(store, keys, 60, channel="zalo")
    one = start_campaign(store, bot="zalo")
    busy = [ChannelBusy("503") for _ in range(5)]
    wire = CountingWire(name="zalo", seconds=0.5, fail=lambda chat: busy.pop() if busy else None)
    await run_until(worker(store, keys, wire, monthly=40), lambda: len(wire.accepted) >= 38)
    assert (wire.begun, len(wire.accepted)) == (43, 38)
    assert counts(store, one) == {"total": 60, "sent": 38}
    with transaction(store) as db:
        assert pace.used(db, "zalo", NOON) == 38


async def test_words_that_break_harm_no_other_message(store: Engine, keys: Keys) -> None:
    """Where the words of one item cannot be made, that row has failed and the others leave."""
    subscribe(store, keys, 5)
    one = start_campaign(store)
    first: list[int] = []

    def words(_: str, ticket: outbox.Ticket) -> Outgoing:
        if not first:
            first.append(ticket.id)
            raise ValueError("a broken file")
        return Outgoing(ticket.item)

    wire = CountingWire()
    door = Door(store, keys, {wire.name: wire}, {wire.name: Pace(1_000)}, words, lambda: NOON)
    await run_until(door, lambda: len(wire.accepted) >= 4)
    assert counts(store, one) == {"total": 5, "sent": 4, "failed": 1}


async def test_a_chat_gets_one_message_a_second(store: Engine, keys: Keys) -> None:
    """Two campaigns at once never write to one chat within a second."""
    subscribe(store, keys, 30)
    start_campaign(store, name="một")
    start_campaign(store, name="hai")
    wire = CountingWire()
    await run_until(worker(store, keys, wire), lambda: len(wire.accepted) >= 60)
    at: dict[str, list[float]] = {}
    for moment, chat, _ in wire.accepted:
        at.setdefault(chat, []).append(moment)
    assert min(b - a for a, b in at.values()) >= 0.99


async def test_replies_never_wait_for_a_campaign(store: Engine, keys: Keys) -> None:
    """Replies go out beside a full campaign and are paid back by it; the rate holds for both together."""
    subscribe(store, keys, 200)
    start_campaign(store)
    wire = CountingWire()
    door = worker(store, keys, wire, rate=30)
    running = asyncio.create_task(door.run())
    await asyncio.sleep(1.0)
    for n in range(20):

        def put(n: int = n) -> replies.Parcel:
            with transaction(store) as db:
                who = people.meet(db, keys, "telegram", f"người{n}", NOON)
                ids = door.put(db, who, "telegram", [Outgoing(f"trả lời {n}")], NOON)
            return replies.Parcel(ids[0], who, "telegram", f"người{n}", Outgoing(f"trả lời {n}"), 0)

        await door.send([await asyncio.to_thread(put)])
        await asyncio.sleep(0.05)
    assert sum(text_.startswith("trả lời") for _, _, text_ in wire.accepted) == 20
    assert len(wire.accepted) < 220  # the campaign still waits for its pace
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert wire.worst_second() <= 40


def test_a_clock_set_back_gives_no_tokens_and_doubles_nothing(store: Engine, keys: Keys) -> None:
    """An hour back: the bucket neither fills nor locks, and who has the row keeps it."""
    with transaction(store) as db:
        pace.set_pace(db, "telegram", Pace(30))
        now = pace.clock(db)
        db.execute(update(bucket).values(tokens=3.0, at=now + 3600))
        assert pace.refill(db, "telegram", Pace(30), now) == (pytest.approx(3.0), now)
        assert pace.refill(db, "telegram", Pace(30), now + 1)[0] == pytest.approx(3.0)
    subscribe(store, keys, 3)
    one = start_campaign(store)
    again = start_campaign(store)
    assert one == again
    assert counts(store, one) == {"total": 3}


def test_what_is_known_late_is_better_than_unknown(store: Engine, keys: Keys) -> None:
    """A worker given up for dead that comes back tells how its rows ended; another's row it cannot touch."""
    subscribe(store, keys, 2)
    one = start_campaign(store)
    with transaction(store) as db:
        replies.beat(db, "late", pace.clock(db) - 100)
        found = outbox.exchange(db, keys, "telegram", Pace(1000), "late", [], 10, NOON)
        assert len(found.tickets) == 1 or len(found.tickets) == 2
    with transaction(store) as db:
        assert outbox.reap(db, pace.clock(db) - 20) == len(found.tickets)
    assert counts(store, one)["unknown"] == len(found.tickets)
    first = found.tickets[0]
    with transaction(store) as db:
        outbox.settle(db, "telegram", "thief", [Ended(first.id, first.contact, "sent", b"9")], pace.clock(db))
        outbox.settle(db, "telegram", "late", [Ended(first.id, first.contact, "sent", b"8")], pace.clock(db))
        assert db.execute(select(delivery.c.message_id).where(delivery.c.id == first.id)).scalar() == b"8"
    assert counts(store, one)["sent"] == 1


def test_a_fan_out_killed_half_way_gives_exactly_everybody(
    store: Engine, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages are written with the cursor; begun again after a loss of one page, nobody is missing or twice."""
    monkeypatch.setattr(campaigns, "PAGE", 30)
    subscribe(store, keys, 100)
    with transaction(store) as db:
        one, _, _ = campaigns.begin(db, "thu", DAY, "telegram", "1", "hold", 0, NOON)
        audience.add_everybody(db, one, "telegram", "S03@1", Audience(), NOON.timestamp() + 9, 0.0, 0.0)
    with transaction(store) as db:
        db.execute(update(campaign).values(cursor=0))  # as if the cursor had been lost
    assert start_campaign(store) == one
    assert counts(store, one) == {"total": 100}


def test_what_was_not_tried_is_no_attempt(store: Engine, keys: Keys) -> None:
    """A row put back while the bot was silent keeps all its attempts; one that failed has used one up."""
    subscribe(store, keys, 2)
    with transaction(store) as db:
        one, _, _ = campaigns.begin(db, "thu", DAY, "telegram", "1", "hold", 0, NOON)
        audience.add_everybody(db, one, "telegram", "S03@1", Audience(), NOON.timestamp() + 9, 0.0, 0.0)
        rows = db.execute(select(delivery.c.id, delivery.c.contact_id).order_by(delivery.c.id)).all()
        db.execute(update(delivery).values(state="sending", owner="me"))
        ended = [Ended(*rows[0], "ready", error="silent"), Ended(*rows[1], "ready", error="ChannelBusy")]
        outbox.settle(db, "telegram", "me", ended, pace.clock(db))
        assert db.execute(select(delivery.c.attempt).order_by(delivery.c.id)).scalars().all() == [0, 1]


def test_an_audience_is_whom_it_names(store: Engine, keys: Keys) -> None:
    """Young people, a province, a commune: only who asked for these messages."""
    subscribe(store, keys, 8)
    with transaction(store) as db:
        ids = list(db.execute(select(contact.c.id).order_by(contact.c.id)).scalars())
        people.choose(db, ids[0], NOON, youth=1)
        people.choose(db, ids[1], NOON, province="Thanh Hóa", commune=15178)
        people.choose(db, ids[2], NOON, province="Thanh Hóa", commune=None)
        people.choose(db, ids[3], NOON, pause_days=3)
    for number, (whom, size) in enumerate(
        [(Audience(youth=True), 1), (Audience(province="Thanh Hóa"), 2), (Audience(commune=15178), 1), (Audience(), 7)]
    ):
        with transaction(store) as db:
            one, _, _ = campaigns.begin(db, f"thử {number}", DAY, "telegram", "1", "hold", 0, NOON)
            until = NOON.timestamp() + 60
            assert audience.add_everybody(db, one, "telegram", "S03@1", whom, until, NOON.timestamp(), 0.0)
        assert counts(store, one) == {"total": size}


def test_sqlite_takes_the_right_indexes(store: Engine) -> None:
    """Claim and settle walk the few rows they mean, not the table: one wrong index doubles their cost."""
    if store.dialect.name != "sqlite":
        pytest.skip("the plan of SQLite")
    values = {"campaign": 1, "owner": "a", "room": 9, "now": 1.0, "calendar": 1.0, "gap": 1.0, "rows": "[]", "ids": "[]", "silent": 1.0, "stuck": 1.0}  # fmt: skip
    statements = [outbox._CLAIM, outbox._SETTLE, outbox._PEOPLE]
    with transaction(store) as db:
        plans = [
            " | ".join(
                r.detail
                for r in db.execute(
                    text(f"EXPLAIN QUERY PLAN {s['sqlite'].text}"), {k: v for k, v in values.items() if f":{k}" in s["sqlite"].text}
                )
            )
            for s in statements
        ]  # fmt: skip
        next_due = [r.detail for r in db.execute(text(f"EXPLAIN QUERY PLAN {outbox._NEXT.text}"), {"campaign": 1})]
    assert "delivery_ready" in plans[0]
    assert "delivery_once" in plans[0]
    assert "delivery_sending" not in plans[1]
    assert "USING INTEGER PRIMARY KEY" in plans[1]
    assert "delivery_ready" in next_due[0]
    for plan in plans:
        assert "SCAN d" not in plan
        assert "SCAN delivery" not in plan
