"""Call-back requests: the words reach whoever is in charge and nobody else, every view is written down, and no word stays."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.staff.calls import ENDS
from bot.store import callbacks, people
from bot.store.callbacks import OUTCOMES
from bot.store.engine import reading, transaction
from bot.store.schema import callback_request
from referral_directory.keeping import audit, staff
from tests.conftest import Bench
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG, keeper
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast

WORDS = "số 0912 000 000, gọi 9 giờ sáng, cứ nói là Quỳnhzeta hỏi mua gạo"
_chats = itertools.count()


def asked(cast: Cast, commune: int | None, words: str = WORDS) -> int:
    """Return the id of a request by a new person."""
    now, keys = cast.site.now(), cast.site.keys
    with transaction(cast.site.people) as db:
        who = people.meet(db, keys, "telegram", f"chat {next(_chats)}", now)
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
    assert WORDS.partition(", ")[2] in cast.send(cast.mai, f"/callbacks/{one}/open")
    assert deeds(cast) == [(cast.mai.id, "view_callback", str(one))]
    page = cast.send(cast.mai, f"/callbacks/{one}/close", {"outcome": "reached"})
    assert "Lời nhắn đã xóa hẳn" in page
    assert "Chưa có ai nhờ gọi lại" in page
    with reading(cast.site.people) as db:
        assert people.counts_since(db, cast.site.now().date()) == {"callback:reached": 1}
        assert callbacks.queues(db) == []
    cast.read(cast.mai, f"/callbacks/{one}", 303)


def test_what_is_closed_is_told_as_closed(cast: Cast) -> None:
    """A second tap reads the success of the first; a colleague reads that it is done; strangers learn nothing."""
    one = asked(cast, CAM_TAN)
    cast.send(cast.mai, f"/callbacks/{one}/open")
    for _ in range(2):
        assert "Đã đóng." in cast.send(cast.mai, f"/callbacks/{one}/close", {"outcome": "reached"})
    for path in ("/open", "/close"):
        assert "đã được một người khác đóng" in cast.send(cast.hoa, f"/callbacks/{one}{path}", {"outcome": "reached"})
    cast.read(cast.stranger, f"/callbacks/{one}", 404)
    with reading(cast.site.people) as db:
        assert people.counts_since(db, cast.site.now().date()) == {"callback:reached": 1}


def test_an_old_page_reads_and_closes_no_other_request(cast: Cast) -> None:
    """The page of a closed request is that of no later one: its words stay unread, and it stays open."""
    one = asked(cast, CAM_TAN)
    cast.send(cast.hoa, f"/callbacks/{one}/open")
    cast.send(cast.mai, f"/callbacks/{one}/open")
    cast.send(cast.mai, f"/callbacks/{one}/close", {"outcome": "reached"})
    two = asked(cast, CAM_TAN)
    cast.read(cast.hoa, f"/callbacks/{one}", 303)
    cast.send(cast.hoa, f"/callbacks/{one}/close", {"outcome": "reached"})
    assert f"/callbacks/{two}/open" in cast.browser(cast.mai).get("/callbacks").text


def test_who_was_not_reached_is_kept_with_the_hour_of_the_call(cast: Cast) -> None:
    """ "Để đó gọi lại sau": the colleague reads when somebody tried; no word of the request is written down."""
    one, other = asked(cast, CAM_TAN), asked(cast, CAM_TAN)
    assert "Mở lời nhắn rồi mới ghi được" in cast.send(cast.mai, f"/callbacks/{one}/later")
    cast.send(cast.mai, f"/callbacks/{one}/open")
    assert "/later" in cast.browser(cast.mai).page.text
    assert "Đã ghi là đã gọi thử" in cast.send(cast.mai, f"/callbacks/{one}/later")
    page = cast.read(cast.hoa, "/callbacks")
    assert page.count("đã gọi thử lúc") == 1
    assert (
        f"đã gọi thử lúc {cast.site.now():%H:%M, %d/%m/%Y}"
        in page.partition(f"số {one}")[2].partition(f"số {other}")[0]
    )
    assert deeds(cast)[-1] == (cast.mai.id, "try_callback", str(one))
    assert cast.browser(cast.stranger).post(f"/callbacks/{one}/later").status_code == 404


def test_a_supervisor_whose_communes_have_requests_is_not_told_that_nobody_asked(cast: Cast) -> None:
    """What was sent to the supervisor alone is counted apart from what waits in the communes."""
    asked(cast, CAM_TAN)
    page = cast.read(cast.lan, "/callbacks")
    assert "Chưa có ai nhờ gọi lại" not in page
    assert "Chưa có lời nhờ nào gửi riêng cho bạn" in page


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


def test_an_officer_who_waits_for_confirmation_is_not_taken_for_nobody(cast: Cast) -> None:
    """The commune has officers whose accounts wait: supervisors read that, and what to do; not that anybody is missing."""
    asked(cast, CAM_TAN)
    with transaction(cast.site.directory) as db:
        both = staff.c.id.in_((cast.mai.id, cast.hoa.id))
        db.execute(update(staff).where(both).values(given_by=cast.boss.id))
    for who in (cast.lan, cast.boss):
        page = cast.read(who, "/callbacks")
        assert "2 người đã có tài khoản, còn chờ xác nhận. Mở trang Cán bộ , gọi hỏi rồi xác nhận." in page
        assert "Thêm cán bộ cho xã này" not in page
        home = cast.read(who, "/")
        assert "1 lời nhờ chưa có ai đọc được vì cán bộ nơi đó còn chờ xác nhận" in home
        assert "chưa có cán bộ nào" not in home
    asked(cast, 14758)  # a commune of the province without staff
    assert "2 lời nhờ chưa có ai đọc được vì nơi đó chưa có cán bộ nào, hoặc có mà còn chờ" in cast.read(cast.lan, "/")
    assert "Thêm cán bộ cho xã này" in cast.read(cast.lan, "/callbacks")


def test_who_named_no_commune_is_read_by_the_house_alone(cast: Cast) -> None:
    """The supervisor of the province that runs the bot reads it; no commune, no other province; without one nobody."""
    one = asked(cast, None)
    assert f"Lời nhờ số {one}" in cast.read(cast.lan, "/callbacks")
    assert WORDS.partition(", ")[2] in cast.send(cast.lan, f"/callbacks/{one}/open")
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
        line = dict(db.execute(select(callback_request)).mappings().one())
    with transaction(cast.site.people) as db:  # as a store of before one request each may hold it
        kept = insert(callback_request).values(**{**line, "id": None, "commune": SOC_TRANG})
        other = db.execute(kept.returning(callback_request.c.id)).scalar_one()
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
    assert readers(bench) == [None, None]


@pytest.mark.parametrize(
    ("posts", "told", "reads"),
    [
        ((("commune", CAM_TAN),), "giờ nào thì an toàn", CAM_TAN),
        ((("commune", 14758), ("province", 0)), "sẽ đến người phụ trách của tỉnh, không đến xã", None),
        ((("commune", 14758),), "có thể không có ai gọi lại", CAM_TAN),
    ],
)
def test_who_asks_for_a_call_knows_who_reads_it(
    bench: Bench, posts: tuple[tuple[str, int], ...], told: str, reads: int | None
) -> None:
    """Staff of the commune; else the supervisor of the province, who gets it; else it is said that perhaps nobody calls."""
    object.__setattr__(bench.app.machine, "home", "Thanh Hóa")
    with transaction(bench.app.directory) as db:
        for role, commune in posts:
            keeper(db, role, commune)
    bench.say("chồng em đánh em, em ở xã Cẩm Tân, Thanh Hóa")
    assert told in bench.say(button="human")
    bench.say("0912345678, gọi 9 giờ sáng")
    bench.say(button="callback:yes")
    with reading(bench.app.people) as db:
        assert [c.commune for c in callbacks.open_callbacks(db, bench.app.keys)] == [reads]


def test_a_commune_named_after_the_consent_is_read_by_somebody_or_it_is_said(bench: Bench) -> None:
    """Without a word on the commune nothing could be known; once it is told, and nobody is there, the person reads it."""
    with transaction(bench.app.directory) as db:
        keeper(db, commune=14758)
    bench.say(button="human")
    bench.say("0912345678, gọi 9 giờ sáng")
    agreed = bench.say(button="callback:yes")
    assert "có thể không có ai gọi lại" not in agreed
    assert "Chưa biết xã, phường thì chưa có cán bộ nào đọc được" in agreed
    assert "có thể không có ai gọi lại" in bench.say("Cẩm Tân, Thanh Hóa")


def test_the_number_of_a_request_can_be_tapped(cast: Cast) -> None:
    """The words stay words: only the number becomes a link, and what to mind before calling stands beside it."""
    one = asked(cast, CAM_TAN, "số 0912 000 000, gọi 9 giờ <b>sáng</b>")
    page = cast.send(cast.mai, f"/callbacks/{one}/open")
    html = cast.browser(cast.mai).page.text
    assert '<a href="tel:0912000000">0912 000 000</a>, gọi 9 giờ &lt;b&gt;' in html
    assert "Trước khi gọi" in page


def told_and_asked(bench: Bench, chat: str, *before: str) -> None:
    """Somebody of Cẩm Tân tells, presses what is given, asks for a call and agrees."""
    bench.say("chồng tôi hay đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy", chat=chat)
    for pressed in before:
        bench.say(button=pressed, chat=chat)
    bench.say("nhờ gọi lại", chat=chat)
    bench.say(WORDS, chat=chat)
    bench.say(button="callback:yes", chat=chat)


def readers(bench: Bench) -> list[int | None]:
    """Return the communes whose staff can read an open request."""
    with reading(bench.app.people) as db:
        return [c.commune for c in callbacks.open_callbacks(db, bench.app.keys)]


def test_nothing_said_later_brings_a_request_to_the_commune_that_is_avoided(bench: Bench) -> None:
    """Exit, a pause, the same commune again, another and back, one more request: her commune never reads it."""
    home = "tôi ở xã Cẩm Tân, Cẩm Thủy"
    after = {
        "exit": ("thoát", home),
        "again": (home, "nhờ gọi lại", WORDS, "callback:yes"),
        "another": ("tôi ở phường Hạc Thành, Thanh Hóa", home, "nhờ gọi lại", WORDS, "callback:yes"),
        "anew": ("thoát", "nhờ gọi lại", WORDS, "callback:yes", home),
    }
    for chat, steps in after.items():
        told_and_asked(bench, chat, "avoid")
        for said in steps:
            bench.say("" if ":" in said else said, button=said if ":" in said else None, chat=chat)
    bench.at("2026-11-21T09:00")
    told_and_asked(bench, "pause", "avoid")
    bench.at("2026-11-21T15:00")
    for said in (home, "nhờ gọi lại", WORDS):
        bench.say(said, chat="pause")
    bench.say(button="callback:yes", chat="pause")
    assert readers(bench) == [None] * 5


def test_fear_of_the_commune_in_the_words_of_a_request_is_heard(bench: Bench) -> None:
    """Who writes that nobody of the commune may know is told that nobody there reads it, and nobody does."""
    for chat, fear in (
        ("a", "đừng để cán bộ xã biết, tôi sợ gặp người quen"),
        ("b", "công an xã là bà con bên chồng"),
        ("c", "đừng cho xã biết"),
        ("d", "so gap nguoi quen"),
    ):
        bench.say("chồng tôi hay đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy", chat=chat)
        bench.say("nhờ gọi lại", chat=chat)
        assert "Không ai ở xã" in bench.say(f"số 0912345678, {fear}", chat=chat), fear
        bench.say(button="callback:yes", chat=chat)
    assert readers(bench) == [None] * 4


def test_ordinary_words_of_a_request_go_to_the_commune(bench: Bench) -> None:
    """How to call, and whom not to tell at home, is no fear of the commune."""
    bench.say("chồng tôi hay đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy")
    bench.say("nhờ gọi lại")
    assert "Không ai ở xã" not in bench.say("0912345678, đừng gọi buổi tối, đừng để chồng tôi biết")
    bench.say(button="callback:yes")
    assert readers(bench) == [CAM_TAN]


@pytest.mark.parametrize("pressed", ["link", "button"])
def test_a_link_moves_no_request(bench: Bench, pressed: str) -> None:
    """Whoever made a link reads nobody's words: neither a request before it, nor one after it, nor one being placed."""
    opened = {"start": "p4"} if pressed == "link" else {"button": "place:4"}
    told_and_asked(bench, "a", "avoid")
    bench.say("nhờ gọi lại", chat="b")
    bench.say(WORDS, chat="b")
    bench.say(button="callback:yes", chat="b")  # the bot asks for her commune
    for chat in ("a", "b", "c"):
        bench.say(chat=chat, **opened)
    bench.say("nhờ gọi lại", chat="c")
    bench.say(WORDS, chat="c")
    bench.say(button="callback:yes", chat="c")
    assert readers(bench) == [None] * 3
    bench.say("Cẩm Tân, Thanh Hóa", chat="c")
    assert readers(bench) == [None, None, CAM_TAN]


def test_a_commune_chosen_among_several_is_the_answer_too(bench: Bench) -> None:
    """The commune asked for after the consent may take two steps: a name that several bear, then the choice."""
    bench.say("nhờ gọi lại")
    bench.say(WORDS)
    bench.say(button="callback:yes")
    bench.say("Cẩm Thủy")
    bench.say("1")
    assert readers(bench)[0] is not None


def test_one_person_has_one_open_request(bench: Bench) -> None:
    """New words take the place of those before: staff find one line, and the older words are gone."""
    for number in range(3):
        bench.say("nhờ gọi lại")
        bench.say(f"số 091234567{number}")
        bench.say(button="callback:yes")
    with reading(bench.app.people) as db:
        assert [c.words for c in callbacks.open_callbacks(db, bench.app.keys)] == ["số 0912345672"]
