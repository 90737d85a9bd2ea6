"""Call-back requests: the words reach whoever is in charge and nobody else, every view is written down, and no word stays."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.staff.calls import ENDS
from bot.store import callbacks, people
from bot.store.callbacks import OUTCOMES
from bot.store.engine import reading, transaction
from bot.store.schema import callback_request
from referral_directory.keeping import audit, staff
from tests.conftest import Bench
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast

WORDS = "số 0912 000 000, gọi 9 giờ sáng, cứ nói là Quỳnhzeta hỏi mua gạo"
_chats = itertools.count()


def asked(cast: Cast, commune: int | None, words: str = WORDS, who: int | None = None) -> int:
    """Return the id of a request, by a new person where none is given."""
    now, keys = cast.site.now(), cast.site.keys
    with transaction(cast.site.people) as db:
        who = who or people.meet(db, keys, "telegram", f"chat {next(_chats)}", now)
        callbacks.request_callback(db, keys, who, commune, words, now - timedelta(days=3))
        return int(
            db.execute(select(callback_request.c.id).order_by(callback_request.c.id.desc())).scalars().first() or 0
        )


def deeds(cast: Cast) -> list[tuple[str, str, str]]:
    """Return (who, action, request) of every line of the audit about call-backs."""
    with reading(cast.site.directory) as db:
        lines = select(audit.c.staff_id, audit.c.action, audit.c.entity_id).where(audit.c.entity == "callback")
        return [tuple(row) for row in db.execute(lines.order_by(audit.c.id))]


def test_an_officer_opens_calls_and_closes(cast: Cast) -> None:
    """The list shows who waits and no word; the button shows the words; closing leaves a count and nothing else."""
    one = asked(cast, CAM_TAN)
    page = cast.read(cast.mai, "/")
    assert "1 người đang chờ một cuộc gọi" in page
    assert "3 ngày trước" in page
    page = cast.read(cast.mai, "/callbacks")
    assert f"Lời nhờ số {one}" in page
    assert "Quỳnhzeta" not in page
    assert WORDS in cast.send(cast.mai, f"/callbacks/{one}/open")
    assert deeds(cast) == [(cast.mai.id, "view_callback", str(one))]
    page = cast.send(cast.mai, f"/callbacks/{one}/close", {"outcome": "reached"})
    assert "Lời nhắn đã xóa hẳn" in page
    assert "Chưa có ai nhờ gọi lại" in page
    with reading(cast.site.people) as db:
        assert people.counts_since(db, cast.site.now().date()) == {"callback:reached": 1}
        assert callbacks.queues(db) == []
    cast.read(cast.mai, f"/callbacks/{one}", 404)


def test_no_words_without_a_line_of_the_audit(cast: Cast) -> None:
    """The address of a request shows nothing before the button was pressed, nor a quarter of an hour after."""
    one = asked(cast, CAM_TAN)
    browser = cast.browser(cast.mai)
    assert browser.get(f"/callbacks/{one}").headers["location"] == "/staff/callbacks"
    assert deeds(cast) == []
    cast.send(cast.mai, f"/callbacks/{one}/open")
    assert "Quỳnhzeta" in cast.read(cast.mai, f"/callbacks/{one}")
    assert browser.get(f"/callbacks/{one}").status_code == 200
    cast.at(cast.site.now() + timedelta(minutes=16))
    assert cast.browser(cast.mai).get(f"/callbacks/{one}").status_code == 303
    assert cast.browser(cast.hoa).get(f"/callbacks/{one}").status_code == 303  # Mai's view is not Hoa's
    assert cast.browser(cast.hoa).post(f"/callbacks/{one}/close", {"outcome": "reached"}).status_code == 303
    with reading(cast.site.people) as db:
        assert len(callbacks.queues(db)) == 1


def test_a_view_stays_written_down_when_the_page_breaks(cast: Cast) -> None:
    """The line of the audit is kept before the words are decrypted: a page that fails afterwards takes nothing back."""
    one = asked(cast, CAM_TAN)
    browser = cast.browser(cast.mai)
    browser.post(f"/callbacks/{one}/open")
    with transaction(cast.site.people) as db:  # damaged on disk: the words cannot be read
        db.execute(update(callback_request).values(words=b"k1xx" + bytes(40)))
    assert browser.get(f"/callbacks/{one}").status_code == 500
    assert deeds(cast) == [(cast.mai.id, "view_callback", str(one))]


def test_only_those_in_charge_read(cast: Cast) -> None:
    """Another commune, the supervisor and the administrator find no request of Cẩm Tân, whatever they try."""
    one = asked(cast, CAM_TAN)
    for who in (cast.stranger, cast.lan, cast.boss):
        browser = cast.browser(who)
        for method, path in (("get", ""), ("post", "/open"), ("post", "/close")):
            answer = getattr(browser, method)(f"/callbacks/{one}{path}")
            assert answer.status_code == 404 or answer.headers["location"] == "/staff/callbacks", (who.role, path)
            assert "Quỳnhzeta" not in answer.text
        assert "Quỳnhzeta" not in cast.read(who, "/callbacks")
        assert "Quỳnhzeta" not in cast.read(who, "/")
    assert deeds(cast) == []


def test_a_supervisor_sees_counts_and_who_can_read(cast: Cast) -> None:
    """Number, age, and whether the commune has anybody at all; other provinces are not there."""
    asked(cast, CAM_TAN)
    asked(cast, CAM_TAN)
    asked(cast, 14758)  # a commune of the province without staff
    asked(cast, SOC_TRANG)
    page = cast.read(cast.lan, "/callbacks")
    assert "Xã Cẩm Tân 2 3 ngày 2 người" in page
    assert "1 3 ngày chưa có ai" in page
    assert "Sóc Trăng" not in page
    assert "1 lời nhờ chưa có ai đọc được" in cast.read(cast.lan, "/")
    assert "Phường Sóc Trăng, Cần Thơ 1 3 ngày 1 người" in cast.read(cast.boss, "/callbacks")


def test_who_named_no_commune_is_read_by_the_house_alone(cast: Cast) -> None:
    """The supervisor of the province that runs the bot reads it; no commune, no other province; without one nobody."""
    one = asked(cast, None)
    assert f"Lời nhờ số {one}" in cast.read(cast.lan, "/callbacks")
    assert WORDS in cast.send(cast.lan, f"/callbacks/{one}/open")
    for who in (cast.mai, cast.stranger):
        assert cast.browser(who).post(f"/callbacks/{one}/open").status_code == 404
        assert f"số {one}" not in cast.read(who, "/callbacks")
    assert "Chưa rõ xã, hoặc không muốn gặp xã 1" in cast.read(cast.boss, "/callbacks")
    for home in ("Cần Thơ", ""):
        cast.site = replace(cast.site, home=home)
        cast.browsers.clear()
        answer = cast.browser(cast.lan).post(f"/callbacks/{one}/open")
        assert answer.status_code == 404, home
    assert "tincay callbacks" in cast.read(cast.boss, "/callbacks")


def test_a_request_that_cannot_be_read_is_told(cast: Cast) -> None:
    """No supervisor of the house is left: the administrator reads that somebody waits and nobody can see it."""
    asked(cast, None)
    with transaction(cast.site.directory) as db:
        db.execute(update(staff).where(staff.c.id == cast.lan.id).values(active=False))
    assert "1 lời nhờ chưa có ai đọc được" in cast.read(cast.boss, "/")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_outcome_leaves_a_count(cast: Cast, outcome: str) -> None:
    """Reached, not reached, wrong number, asked to stop: one number each; who asked to stop is called for nothing."""
    one = asked(cast, CAM_TAN)
    with reading(cast.site.people) as db:
        who = db.execute(select(callback_request.c.contact_id)).scalar_one()
    other = asked(cast, SOC_TRANG, who=who)
    cast.send(cast.mai, f"/callbacks/{one}/open")
    assert ENDS[outcome][0] in cast.read(cast.mai, f"/callbacks/{one}")
    assert "Chọn kết quả" in cast.send(cast.mai, f"/callbacks/{one}/close")
    cast.send(cast.mai, f"/callbacks/{one}/close", {"outcome": outcome})
    with reading(cast.site.people) as db:
        assert people.counts_since(db, cast.site.now().date()) == {f"callback:{outcome}": 1}
        left = list(db.execute(select(callback_request.c.id)).scalars())
    assert left == ([] if outcome == "asked_to_stop" else [other])
    assert deeds(cast)[-1] == (cast.mai.id, "close_callback", str(one))


def test_nothing_of_a_closed_request_is_left_on_disk(cast: Cast, tmp_path: Path) -> None:
    """Neither words nor sealed words, in the file or in SQLite's journal."""
    one = asked(cast, CAM_TAN)
    with reading(cast.site.people) as db:
        sealed = bytes(db.execute(select(callback_request.c.words)).scalar_one())

    def held() -> bytes:
        return b"".join(f.read_bytes() for f in sorted(tmp_path.glob("people.db*")))

    assert sealed in held()
    cast.send(cast.mai, f"/callbacks/{one}/open")
    cast.send(cast.mai, f"/callbacks/{one}/close", {"outcome": "not_reached"})
    assert sealed not in held()
    assert "Quỳnhzeta".encode() not in held()


def test_whoever_avoids_the_commune_is_not_read_there(bench: Bench) -> None:
    """ "Không gặp người ở xã này": a request made before or after it goes to no commune's staff."""
    for chat, steps in (("a", ("ask", "avoid")), ("b", ("avoid", "ask"))):
        bench.say("chồng tôi đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy", chat=chat)
        for step in steps:
            if step == "avoid":
                bench.say(button="avoid", chat=chat)
            else:
                bench.say("cho tôi gặp người thật", chat=chat)
                bench.say(WORDS, chat=chat)
                bench.say(button="callback:yes", chat=chat)
    with reading(bench.app.people) as db:
        assert list(db.execute(select(callback_request.c.commune)).scalars()) == [None, None]
