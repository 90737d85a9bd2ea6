"""Subscriptions: consent with its version, silence when it is asked for, and a wall between telling and campaigns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from bot.campaign import fanout
from bot.campaign.words import renderer
from bot.clock import VIETNAM
from bot.messages import Incoming
from bot.store import audience, campaigns, lifetimes, outbox, pace, people
from bot.store.engine import transaction
from bot.store.outbox import Ended
from bot.store.pace import Pace
from bot.store.schema import bucket, consent, contact, delivery, subscription
from content import seasons
from tests.conftest import Bench, FakeWire

MORNING = datetime(2026, 11, 22, 7, 0, tzinfo=VIETNAM)


@pytest.fixture
def statements(bench: Bench) -> Iterator[list[str]]:
    """Every statement that the people store is given."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement.lower())

    event.listen(bench.app.people, "before_cursor_execute", note)
    yield found
    event.remove(bench.app.people, "before_cursor_execute", note)


def row(bench: Bench, *columns: Any) -> Any:
    """Return columns of the one subscription, or None."""
    with transaction(bench.app.people) as db:
        return db.execute(select(*columns)).first()


def next_morning(bench: Bench, at: datetime = MORNING) -> list[str]:
    """Plan and claim the messages of a morning; return the words that would leave."""
    with transaction(bench.app.people) as db:
        fanout.fan_out(db, "terminal", at)
        db.execute(update(delivery).values(due=0.0))  # as if the second between two messages had passed
        found = outbox.exchange(db, bench.app.keys, "terminal", Pace(100), "me", [], 10, at)
        ended = [Ended(t.id, t.contact, "sent") for t in found.tickets]
        outbox.settle(db, "terminal", "me", ended, pace.clock(db))
        db.execute(update(bucket).values(tokens=9.0))
    said = [renderer(lambda: at)("terminal", ticket) for ticket in found.tickets]
    return [outgoing.text for outgoing in said if outgoing]


def sign_up(bench: Bench) -> None:
    """Subscribe for 07:00."""
    bench.say("đăng ký")
    bench.say("1")


def test_consent_is_a_receipt_with_a_version(bench: Bench) -> None:
    """Before "yes" nothing is kept; after it the version of the words; after "ngừng" neither."""
    bench.say("đăng ký")
    assert row(bench, subscription) is None
    bench.say("1")
    assert row(bench, consent.c.purpose, consent.c.version) == ("campaign", people.CONSENT_VERSION)
    assert len(next_morning(bench)) == 1
    bench.say("ngừng")
    assert row(bench, subscription) is None
    assert row(bench, consent) is None


def test_choices_are_kept(bench: Bench) -> None:
    """Topics, place, youth and discretion reach the subscription, and the calendar keeps to them."""
    sign_up(bench)
    for said in ("chủ đề pháp luật", "kín đáo", "nhận tin của xã Cẩm Tân, Cẩm Thủy", "nhận tin cho học sinh"):
        bench.say(said)
    s = subscription.c
    assert row(bench, s.topics, s.discreet, s.youth, s.province, s.commune) == ("phap-luat", 1, 1, "Thanh Hóa", 15178)
    (text,) = next_morning(bench)
    assert text.split("\n")[1] in {i.text.split("\n")[0] for i in seasons.seasons()[1].on(MORNING.date()) if i.calm}


def test_a_pause_is_a_pause(bench: Bench) -> None:
    """Nothing for seven days, then again by itself; "nhận lại" ends it earlier."""
    sign_up(bench)
    bench.say("tạm dừng 7 ngày")
    assert next_morning(bench) == []
    assert len(next_morning(bench, MORNING + timedelta(days=8))) == 1
    bench.say("nhận lại")
    assert len(next_morning(bench, MORNING + timedelta(days=1))) == 1


def test_after_telling_no_word_of_violence_comes_until_they_lift_it(bench: Bench) -> None:
    """Who told gets nothing until they ask for it, and then only calm messages; also who tells first and subscribes then."""
    sign_up(bench)
    bench.say("chồng đánh em")
    assert row(bench, subscription.c.discreet) == (1,)
    assert [next_morning(bench, MORNING + timedelta(days=number)) for number in (0, 1, 200)] == [[], [], []]
    bench.say("nhận lại")
    for number in range(12):
        for text in next_morning(bench, MORNING + timedelta(days=number)):
            assert not re.search(r"bạo|đánh|xâm hại|ly hôn", text), text
            assert text.startswith("Gửi bạn một dòng")
    bench.say("bỏ kín đáo")
    assert row(bench, subscription.c.discreet) == (0,)
    bench.say("ngừng")
    bench.say("đăng ký 8h sáng")
    bench.say("đồng ý")
    assert row(bench, subscription.c.discreet) == (1,)


def test_a_message_planned_before_telling_does_not_leave_after_it(bench: Bench) -> None:
    """The discretion is read again when a row is claimed: an item of violence is dropped, not sent."""
    sign_up(bench)
    day = MORNING
    for number in range(40):
        day = MORNING + timedelta(days=number)
        with transaction(bench.app.people) as db:
            fanout.fan_out(db, "terminal", day)
            item = db.execute(select(delivery.c.item).order_by(delivery.c.id.desc())).scalar() or ""
        if item.startswith(("S06", "S08", "S10")):
            break
    bench.say("chồng đánh em")
    assert next_morning(bench, day) == []


def test_after_a_quick_exit_the_campaign_is_silent(bench: Bench) -> None:
    """ "thoát" silences the daily message until the person asks for it again."""
    sign_up(bench)
    with transaction(bench.app.people) as db:
        assert audience.size(db) == [("terminal", 420, 1)]
    bench.say("thoát")
    assert next_morning(bench) == []
    assert next_morning(bench, MORNING + timedelta(days=60)) == []
    with transaction(bench.app.people) as db:
        assert audience.size(db) == []
    bench.say("nhận lại")
    assert len(next_morning(bench, MORNING + timedelta(days=1))) == 1


def test_who_left_is_unsubscribed(bench: Bench) -> None:
    """When the platform says that a person blocked us, subscription and consent end at once."""
    sign_up(bench)
    bench.hear(Incoming("terminal", "a", "left", left=True))
    assert row(bench, subscription) is None
    assert row(bench, contact.c.gone) == (1,)
    assert next_morning(bench) == []


def test_no_query_joins_telling_and_subscriptions(bench: Bench, statements: list[str]) -> None:
    """Whatever happens, no statement names both what was told and who subscribed."""
    sign_up(bench)
    for said in ("chồng đánh em", "Cẩm Tân, Cẩm Thủy", "cho tôi gặp người thật", "gọi 0912345678 9h sáng", "đồng ý"):
        bench.say(said)
    for said in ("tạm dừng 3 ngày", "nhận lại", "kín đáo", "đổi giờ 8h sáng", "thoát", "nhận lại"):
        bench.say(said)
    next_morning(bench)
    with transaction(bench.app.people) as db:
        campaigns.sweep(db, MORNING)
        campaigns.progress(db)
        audience.size(db)
        outbox.reap(db, 0.0)
        lifetimes.clear_old(db, MORNING)
    bench.say("xóa")
    told = re.compile(r"\b(conversation|callback_request|tally)\b")
    subscribed = re.compile(r"\b(subscription|consent)\b")
    assert any(told.search(s) for s in statements)
    assert any(subscribed.search(s) for s in statements)
    assert [s for s in statements if told.search(s) and subscribed.search(s)] == []


def test_the_page_subscribes_nobody(bench: Bench) -> None:
    """Web chat cannot send by itself: it says so, and neither a typed hour nor a made-up button stores anything."""
    wire = FakeWire("web")
    bench.app.machine.door.channels["web"] = wire
    bench.wire = wire

    def say(number: int, text: str = "", button: str | None = None) -> str:
        return "\n".join(r.text for r in bench.hear(Incoming("web", "c", f"w{number}", text, button)))

    assert "không tự gửi tin được" in say(1, "đăng ký nhận tin")
    assert "khẩu hiệu hôm nay" in say(2, button="subscribe")
    say(3, "7h tối")
    say(4, "có")
    say(5, button="subscribe:420")
    with bench.app.people.connect() as db:
        assert db.execute(subscription.select()).first() is None
        assert db.execute(consent.select()).first() is None
