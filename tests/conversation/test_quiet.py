"""Quiet: a word of one's own hides at once, a pause shows nothing of before, a child leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.telegram import Telegram
from bot.channels.webchat import WebChat
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOA
from bot.conversation.flows.safe_word import may_hide, plain
from bot.conversation.keywords import keyword_scores
from bot.conversation.understanding import Scores
from bot.conversation.young import is_under_age
from bot.store import lifetimes
from bot.store.engine import transaction
from bot.store.schema import callback_request, consent, contact, conversation, subscription
from tests.conftest import Bench

TOLD = "bị chồng đánh, ở xã Cẩm Tân, Cẩm Thủy"
TRACES = ("Cẩm Tân", "đánh", "bạo lực", "113", "không có lỗi", "1900")
"""What an answer must not show to somebody who only holds the phone."""


def kept(bench: Bench, *columns: object) -> list[tuple[object, ...]]:
    """Return columns of all rows of the people store."""
    with transaction(bench.app.people) as db:
        return [tuple(row) for row in db.execute(select(*columns))]  # type: ignore[call-overload]


@pytest.mark.parametrize("typed", ["mua rau", "Mua rau.", "MUA RAU", "mua  rau"])
def test_a_safe_word_alone_hides_at_once(bench: Bench, typed: str) -> None:
    """Typed alone, in any letters, it is answered by one harmless line, and nothing of before is known."""
    assert "Đã nhớ" in bench.say("đặt từ an toàn mua rau")
    bench.say(TOLD)
    assert bench.say(typed) == "Hôm nay trời nhiều mây, có lúc có nắng."
    assert kept(bench, conversation.c.state) == []
    assert bench.wire.cleared[-1][0] == "a"
    assert "Cẩm Tân" not in bench.say("chào")


def test_a_safe_word_is_kept_as_a_keyed_hash(bench: Bench) -> None:
    """32 bytes that differ from person to person, and no word of it in the answer that sets it or in the store."""
    bench.say("đặt từ an toàn của em là Canh Chua", chat="a")
    bench.say("đặt từ an toàn canh chua", chat="b")
    (first,), (second,) = kept(bench, contact.c.safe_word)
    assert isinstance(first, bytes)
    assert len(first) == 32
    assert first != second
    for (state,) in kept(bench, conversation.c.state):
        assert "canh" not in str(bench.app.keys.open(state, "state")).lower()  # type: ignore[arg-type]


def test_a_safe_word_is_of_one_person_only(bench: Bench) -> None:
    """The same word of somebody else is a word like any other; inside a sentence it is one too."""
    bench.say("đặt từ an toàn canh chua", chat="a")
    assert "nhiều mây" not in bench.say("canh chua", chat="b")
    assert "nhiều mây" not in bench.say("hôm nay ăn canh chua", chat="a")


def test_a_safe_word_can_be_changed_and_dropped(bench: Bench) -> None:
    """The new one counts, the old one no more; after "bỏ từ an toàn" none does, and "xóa" takes it too."""
    bench.say("đặt từ an toàn canh chua")
    bench.say("đổi từ an toàn thành lẩu mắm")
    assert "nhiều mây" not in bench.say("canh chua")
    assert "nhiều mây" in bench.say("lau mam")
    bench.say("bỏ từ an toàn")
    assert "nhiều mây" not in bench.say("lẩu mắm")
    assert kept(bench, contact.c.safe_word) == [(None,)]


@pytest.mark.parametrize("word", ["cứu", "cứu em với", "thoát", "có", "1", "12345", "xin chào", "nó cầm dao", "a" * 41, "đồng ý"])  # fmt: skip
def test_what_means_something_else_is_no_safe_word(bench: Bench, word: str) -> None:
    """A cry for help stays one; a command or an answer stays what it is."""
    assert not may_hide(plain(word))
    assert "Từ này dễ lẫn" in bench.say(f"đặt từ an toàn {word}") or "113" in bench.say(word)
    assert kept(bench, contact.c.safe_word) == [(None,)]


@pytest.mark.parametrize("word", [
    "giúp đỡ", "help", "em bị đánh", "em bi danh", "cứu mạng", "nguy hiểm", "em sợ", "đau quá", "chồng đánh", "gọi công an", "luật",
    "bỏ từ an toàn", "đặt từ an toàn", "thôi", "exit", "menu", "đố vui", "nhận lại", "kín đáo", "tiếp tục", "hỏi về luật", "khẩu hiệu hôm nay",
    "không đồng ý", "bỏ qua", "bảy giờ tối", "Cẩm Tân", "hà nội", "số 0912345678", "tôi đã đồng ý gì", "ngôn ngữ", "bạn là người hay máy",
])  # fmt: skip
def test_what_is_understood_as_anything_is_refused_kindly(bench: Bench, word: str) -> None:
    """Danger, telling, a command, a choice, yes or no, an hour, a place, a number: refused, and told what kind of word is good."""
    refused = bench.say(f"đặt từ an toàn {word}")
    assert "Từ này dễ lẫn" in refused
    assert "món ăn" in refused
    assert "113" in refused
    assert kept(bench, contact.c.safe_word) == [(None,)]
    assert "nhiều mây" not in bench.say(word) or word == "exit"


@pytest.mark.parametrize(
    "word", ["mua rau", "canh chua", "trời mưa", "con mèo", "xe đạp", "bún bò", "áo xanh", "hết gạo", "giặt đồ"]
)
def test_everyday_words_are_good_safe_words(bench: Bench, word: str) -> None:
    """Nothing that the bot knows sounds like them."""
    assert "Đã nhớ" in bench.say(f"đặt từ an toàn {word}")
    assert "nhiều mây" in bench.say(word)


class HearsTelling:
    """A model that knows more cries than the tables: it hears telling in one word of no table."""

    async def scores(self, text: str) -> Scores:
        found = keyword_scores(text)
        return replace(found, told=0.9) if text == "buông ra" else found


def test_the_model_is_asked_what_a_safe_word_says(bench: Bench) -> None:
    """What only the model understands is refused too."""
    bench.understanding(HearsTelling())
    assert "Từ này dễ lẫn" in bench.say("đặt từ an toàn buông ra")
    assert "Đã nhớ" in bench.say("đặt từ an toàn canh chua")


def test_after_a_pause_nothing_is_read_back(bench: Bench) -> None:
    """Hours later the first answer asks to go on or to begin again, and shows nothing of what was told."""
    bench.say(TOLD)
    bench.at("2026-11-21T17:59")
    assert "tiếp tục hay bắt đầu lại" not in bench.say("còn ai nữa")
    bench.at("2026-11-21T22:30")
    asked = bench.say("chào")
    assert "tiếp tục hay bắt đầu lại" in asked
    assert not any(trace in asked for trace in TRACES)
    begun = bench.say("bắt đầu lại")
    assert not any(trace in begun for trace in TRACES)
    assert "Cẩm Tân" not in bench.say("công an")


def test_who_goes_on_is_known_again(bench: Bench) -> None:
    """ "Tiếp tục" shows nothing by itself either; then the conversation goes on where it stood."""
    bench.say(TOLD)
    bench.at("2026-11-21T22:30")
    bench.say("chào")
    going_on = bench.say("tiếp tục")
    assert not any(trace in going_on for trace in TRACES)
    assert "Cẩm Tân" in bench.say("tìm công an")


def test_any_other_answer_begins_anew(bench: Bench) -> None:
    """Who does not choose, or asks for something of its own, gets an answer that knows nothing of before."""
    bench.say(TOLD)
    bench.at("2026-11-21T22:30")
    bench.say("chào")
    assert "Cẩm Tân" not in bench.say("tìm công an")
    bench.say(TOLD)
    bench.at("2026-11-22T09:30")
    assert "Cẩm Tân" not in bench.say("tìm công an")


def test_danger_passes_a_pause(bench: Bench) -> None:
    """No question stands before 113, and none before help for what is told anew."""
    bench.say(TOLD)
    bench.at("2026-11-22T03:00")
    assert bench.say("nó cầm dao đuổi em").startswith("Gọi 113 ngay")
    bench.say("thoát")
    bench.say(TOLD)
    bench.at("2026-11-23T03:00")
    assert "không có lỗi" in bench.say("chồng lại đánh em")


@pytest.mark.parametrize("opened", [[], ["chào"]], ids=["at once", "after the question"])
@pytest.mark.parametrize(("told", "help_first"), [
    ("nó cầm dao đuổi em", "113"), ("em uống hết vỉ thuốc ngủ rồi", "115"), ("chồng lại đánh em", "không có lỗi"),
    ("chồng lại đánh em, số em 0912345678", "không có lỗi"),
])  # fmt: skip
@pytest.mark.parametrize("before", [TOLD, "nó cầm dao đuổi em, ở xã Cẩm Tân, Cẩm Thủy", "hàng xóm bị chồng đánh, ở xã Cẩm Tân, Cẩm Thủy"])  # fmt: skip
def test_what_is_told_after_a_pause_is_answered_alone(
    bench: Bench, before: str, opened: list[str], told: str, help_first: str
) -> None:
    """Danger or violence told hours later gets help at once, word for word as if nothing had been told before: whoever holds
    the phone is shown no place and no telling."""
    bench.say(before, chat="told")
    bench.say("mình hỏi chút", chat="calm")
    bench.at("2026-11-21T22:30")
    for said in opened:
        bench.say(said, chat="told")
        bench.say(said, chat="calm")
    answer = bench.say(told, chat="told")
    assert help_first in answer
    assert "Cẩm Tân" not in answer
    assert answer == bench.say(told, chat="calm")


AFTERWARDS = [
    "menu",
    "khẩu hiệu hôm nay",
    "hôm nay là ngày gì",
    "đánh vợ bị phạt bao nhiêu",
    "phạt bao nhiêu",
    "nó có bị đi tù không",
    "có bị bắt không",
    "ừ",
    "đăng ký 7h tối",
    "thôi",
    "đổi giờ",
    "8h",
    "cảm ơn",
]
"""What somebody may type to find out who told: menus, offers, law, the daily message."""


@pytest.mark.parametrize(
    "begins",
    [["chào", "bắt đầu lại"], ["menu", "tiếp tục"], ["chào", "tiếp tục", "ừ"], ["chào", "ơ"], ["khẩu hiệu hôm nay"], ["."], ["ai đọc tin này"]],
)  # fmt: skip
@pytest.mark.parametrize("told", [
    [TOLD], ["chồng ép quan hệ"], ["chồng dạo này lạ lắm, sợ về nhà"], ["bị câm điếc, bị chồng đánh"],
    ["cho tôi gặp người thật"], ["cho tôi gặp người thật", "số 0912345678, gọi 9 giờ sáng"],
])  # fmt: skip
def test_after_a_pause_nobody_can_tell_who_told(bench: Bench, begins: list[str], told: list[str]) -> None:
    """The question, and every menu, offer and answer after it, is the same for who told and for who did not."""
    for said in told:
        bench.say(said, chat="told")
    bench.say("mình hỏi chút", chat="calm")
    bench.at("2026-11-21T22:30")
    answers = [(bench.say(text, chat="told"), bench.say(text, chat="calm")) for text in [*begins, *AFTERWARDS]]
    assert [told for told, calm in answers if told != calm] == []
    assert not any(trace in told for told, _ in answers[: len(begins)] for trace in TRACES if "?" not in told)
    assert kept(bench, callback_request.c.id) == []


def test_what_needs_nothing_of_before_is_answered_at_once(bench: Bench) -> None:
    """A week between two slogans is no matter: no question stands before a slogan, a quiz, a place or a law."""
    bench.say("khẩu hiệu hôm nay")
    for day, said in enumerate(
        ("khẩu hiệu hôm nay", "đố vui", "Cẩm Tân, Cẩm Thủy", "đánh vợ bị phạt bao nhiêu", "nhận lại"), 22
    ):
        bench.at(f"2026-11-{day}T14:00")
        assert "bắt đầu lại" not in bench.say(said)
    bench.at("2026-11-28T14:00")
    assert "bắt đầu lại" not in bench.say(button="quiz")


def test_who_told_before_a_pause_still_gets_calm_messages_only(bench: Bench) -> None:
    """What no answer shows any more is still kept: whoever subscribes after the pause is sent nothing on violence."""
    bench.say(TOLD)
    bench.at("2026-11-21T19:30")
    for said in ("chào", "bắt đầu lại", "đăng ký 7h tối", "1"):
        bench.say(said)
    assert kept(bench, subscription.c.discreet) == [(1,)]


def test_a_consent_is_shown_on_request(bench: Bench) -> None:
    """What was agreed to, on which day, by which version of the words; nothing before anything was."""
    assert "chưa đồng ý" in bench.say("tôi đã đồng ý gì")
    bench.say("đăng ký 7h tối")
    bench.say("1")
    bench.at("2026-11-22T08:00")
    for said in ("cho tôi gặp người thật", "số 0912345678, gọi 9 giờ sáng"):
        bench.say(said)
    bench.say(button="callback:yes")
    shown = bench.say("tôi đã đồng ý những gì")
    assert "Nhận tin mỗi ngày: đồng ý ngày 21/11/2026, theo bản lời 2026-11" in shown
    assert "lời nhờ gọi lại: đồng ý ngày 22/11/2026" in shown
    assert "0912345678" not in shown


@pytest.mark.parametrize("left", [["thoát"], ["chào", "bắt đầu lại"], ["chào", "tiếp tục"]])
def test_a_receipt_names_no_call_back_to_whoever_holds_the_phone_later(bench: Bench, left: list[str]) -> None:
    """After an exit or a pause it reads the same for who left a call-back and for who did not, and claims no less than is kept."""
    for chat in ("asked", "calm"):
        bench.say("đăng ký 7h tối", chat=chat)
        bench.say("1", chat=chat)
    for said in ("cho tôi gặp người thật", "số 0912345678, gọi 9 giờ sáng"):
        bench.say(said, chat="asked")
    bench.say(button="callback:yes", chat="asked")
    assert "lời nhờ gọi lại: đồng ý" in bench.say("tôi đã đồng ý gì", chat="asked")
    bench.at("2026-11-21T20:00")
    for said in left:
        bench.say(said, chat="asked")
        bench.say(said, chat="calm")
    shown = bench.say("tôi đã đồng ý gì", chat="asked")
    assert shown == bench.say("tôi đã đồng ý gì", chat="calm")
    assert "gọi lại" not in shown
    assert "có thể không hiện ở đây" in shown


@pytest.mark.parametrize("said", ["em 14 tuổi", "cháu học lớp 8", "dạ con năm nay 12 tuổi, con bị đánh", "em mới 15 tuổi bị bạn đánh", "em 14t, bị bố đánh", "chau 13 tuoi",
    "con 14 tuổi, bố con hay đánh con bằng dây điện", "con 13 tuổi bị bố đánh", "con 14 tuổi", "con học lớp 7, mẹ con hay đánh con",
    "thưa cô con 13 tuổi", "con 14 tuổi bị bạn đánh", "cô ơi con 12 tuổi", "I am 14 and my uncle touches me", "i'm 13 years old"])  # fmt: skip
def test_who_is_under_16_is_known(bench: Bench, said: str) -> None:
    """An age or a class of the writer's own: a request to be called leaves nothing."""
    assert is_under_age(said, "bạn", 2026)
    bench.say(said)
    bench.say("cho em gặp người thật")
    bench.say("số 0912345678, gọi 9 giờ sáng")
    bench.say(button="callback:yes")
    assert kept(bench, callback_request.c.id) == []


@pytest.mark.parametrize("said", ["con tôi 14 tuổi", "em gái em 14 tuổi", "em 17 tuổi", "em lớp 11", "tôi 34 tuổi", "em có con 5 tuổi",
    "con 5 tuổi bị cô đánh", "con gái 14 tuổi bị bạn đánh", "con 14 tuổi, nó bị bạn đánh", "con 14 tuổi bị bạn đánh, tôi phải làm gì", "bị chồng đánh, con 12 tuổi",
    "I am 14 weeks pregnant", "I am 34 years old"])  # fmt: skip
def test_somebody_elses_age_is_not_the_writers(said: str) -> None:
    """A mother may leave her number for her child."""
    assert not is_under_age(said, "bạn", 2026)


def test_a_mother_may_tell_the_age_of_her_child() -> None:
    """Who called herself otherwise before is no child for a "con 10 tuổi"."""
    assert not is_under_age("con 10 tuổi", "em", 2026)


def test_a_child_is_spoken_to_as_it_speaks(bench: Bench) -> None:
    """ "con 13 tuổi" is answered as "con"."""
    assert "con" in bench.say("con 13 tuổi bị bố đánh").split()


@pytest.mark.parametrize("told", ["em 14 tuổi, bố em đánh em, em ở xã Cẩm Tân, Cẩm Thủy", "con 14 tuổi, bố con hay đánh con bằng dây điện, ở xã Cẩm Tân, Cẩm Thủy",
    "con 13 tuổi bị bố đánh", "con học lớp 7, mẹ con hay đánh con", "thưa cô con 13 tuổi, bố đánh con", "em mười bốn, bố em đánh em", "em học lớp tám, bố đánh em",
    "sn 2013, bố đánh em", "bo em danh em, em lop tam", "mười bốn tuổi", "sinh năm 2013", "em là học sinh cấp 2"])  # fmt: skip
def test_a_child_leaves_nothing_behind(bench: Bench, told: str) -> None:
    """Under 16: 111, no call-back, no subscription, no receipt, no story in the state, and nobody else is written to."""
    bench.say("đăng ký 7h tối")
    bench.say("1")
    assert "111" in bench.say(told)
    assert kept(bench, subscription.c.minute) == []
    assert "111" in bench.say("cho em gặp người thật")
    bench.say("số 0912345678, gọi 9 giờ sáng")
    bench.say(button="callback:yes")
    assert "111" in bench.say("đăng ký 7h tối")
    bench.say("đồng ý")
    assert kept(bench, callback_request.c.id) == []
    assert kept(bench, subscription.c.minute) == []
    assert kept(bench, consent.c.purpose) == []
    (sealed,) = kept(bench, conversation.c.state)
    state = bench.app.keys.open(sealed[0], "state")  # type: ignore[arg-type]
    assert (state["commune"], state["province"], state["types"], state["needs"], state["draft"]) == (
        None,
        "",
        [],
        [],
        "",
    )
    assert {chat for chat, _ in bench.wire.sent} == {"a"}


def test_a_child_in_danger_gets_the_numbers_whatever_was_asked(bench: Bench) -> None:
    """The age told together with danger, while a call-back was being asked for: 113 first, and nothing is kept."""
    bench.say("cho em gặp người thật")
    answer = bench.say("em 14 tuổi, bố cầm dao đuổi em")
    assert answer.startswith("Gọi 113")
    assert "111" in answer
    assert kept(bench, callback_request.c.id) == []


def test_the_language_outlives_a_pause_and_an_age(bench: Bench) -> None:
    """Who reads English still does after a new beginning, and when they said that they are a child."""
    bench.say(button="language:en")
    bench.say(TOLD)
    bench.at("2026-11-21T22:30")
    assert "go on, or" in bench.say("hello")
    bench.say(button="pause:new")
    bench.say("em 14 tuổi, bố em đánh em")
    assert "find help" in bench.say("menu").lower()


def test_what_is_kept_of_a_child_goes_after_a_day(bench: Bench) -> None:
    """The sweep that takes others' states after 30 days takes a child's after one."""
    bench.say("em 14 tuổi, bố em đánh em")
    now = bench.app.machine.now()
    lifetimes.sweep(bench.app.people, now + timedelta(hours=23))
    assert len(kept(bench, conversation.c.state)) == 1
    lifetimes.sweep(bench.app.people, now + timedelta(hours=25))
    assert kept(bench, conversation.c.state) == []


def test_a_state_past_its_end_is_not_used(bench: Bench) -> None:
    """A child's state is none after a day, also in the hour before the sweep takes it."""
    bench.say("em 14 tuổi, bố em đánh em")
    bench.at("2026-11-22T14:01")
    assert "tiếp tục hay bắt đầu lại" not in bench.say("chào")


@pytest.mark.parametrize(
    ("command", "answer"), [("/thoat", "nhiều mây"), ("/xoa", "Xóa hết những gì"), ("/menu", "Tin Cậy có thể")]
)
def test_the_commands_of_a_neutral_menu_are_known(bench: Bench, command: str, answer: str) -> None:
    """What the README gives for the platform's menu does what it hides."""
    assert answer in bench.say(command)


def test_a_platform_that_deletes_nothing_says_so(bench: Bench) -> None:
    """On Zalo (as here) the messages stay on the phone: who asks what is kept is told; where they go, not."""
    assert "không xóa được tin đã hiện" in bench.say("ai đọc được tin này")
    bench.wire.can_delete = True  # type: ignore[attr-defined]  # as Telegram and the page say of themselves
    assert "không xóa được" not in bench.say("ai đọc được tin này")
    assert [getattr(c, "can_delete", False) for c in (Telegram, WebChat, ZaloBot, ZaloOA)] == [True, True, False, False]
