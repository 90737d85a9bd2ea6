"""Every button that any reply of the transcripts offers is pressed once, and answers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

import content
from bot.clock import VIETNAM
from bot.conversation import route, words
from bot.conversation.entities import entities
from bot.conversation.flows import campaign
from bot.conversation.keywords import keyword_scores
from bot.conversation.safety import screen
from bot.conversation.state import Conversation, Count, Heard, Receipt, Step, Subscribe, World
from bot.conversation.understanding import Understood, decide
from bot.conversation.victim import NEEDS
from bot.messages import Incoming
from nlu.labels import DISCLOSURE, INTENTS
from referral_directory.events import Event
from referral_directory.hours import read_hours
from referral_directory.places import find_place
from referral_directory.routing import Entry
from referral_directory.terms import TAKES

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
NOW = datetime(2026, 11, 21, 14, tzinfo=VIETNAM)
BROKEN = (words.say("stale_button", "x")[:14], words.say("trouble", "x")[:22])
DEEP = 3


def world(now: datetime = NOW, minute: int | None = None) -> World:
    """A world without a directory, in which the person is subscribed at `minute` or not at all."""
    return World(now, lambda _: [], lambda: minute)


def heard(text: str = "", button: str | None = None) -> Heard:
    """A message as the keywords understand it, or a button."""
    said = decide(screen(text), keyword_scores(text)) if text else Understood()
    said = replace(said, place=find_place(text) if text else None, entities=entities(text))
    return Heard(Incoming("terminal", "a", "1", text, button), said)


def lines(file: Path) -> list[str]:
    """What the person types in a transcript."""
    return [line[2:] for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("> ")]


def every_step() -> list[Step]:
    """All steps of all transcripts, by keywords; then the button walk of each, as deep as three."""
    steps: list[Step] = []
    for file in TRANSCRIPTS:
        talk = Conversation()
        for text in lines(file):
            for minute in (None, 420):
                steps.append(route.step(talk, heard(text), world(minute=minute)))
            talk = steps[-2].talk
    return steps


STEPS = every_step()


def test_every_button_offered_is_answered_once_and_again() -> None:
    """Pressed at once, or three buttons later, no button is old and none is in trouble."""
    pressed, seen = 0, set()
    ring = STEPS
    for _ in range(DEEP):
        following = []
        for step in ring:
            for reply in step.replies:
                for button in reply.buttons:
                    key = (button.payload, step.talk.asked, step.talk.told, step.talk.hurts, step.talk.commune is None)
                    if key in seen:
                        continue
                    seen.add(key)
                    answer = route.step(step.talk, heard(button=button.payload), world())
                    text = "\n".join(r.text for r in answer.replies)
                    assert text.strip(), button
                    assert not any(b in text for b in BROKEN), (button, text)
                    following.append(answer)
                    pressed += 1
        ring = following
    assert pressed > 50


def test_a_choice_is_offered_once_in_an_answer() -> None:
    """No answer shows the same button twice ("Thoát nhanh" least of all), and numbers run on."""
    for step in STEPS:
        payloads = [b.payload for r in step.replies for b in r.buttons]
        assert len(payloads) == len(set(payloads)), payloads
        assert [p for _, p in step.talk.offered] == payloads


def test_a_button_may_be_typed() -> None:
    """Where there are no buttons, the words of a choice are the choice."""
    asked = route.step(Conversation(), heard("chồng đánh em"), world())
    assert asked.talk.asked == "place"
    assert route.step(asked.talk, heard("bỏ qua"), world()).talk.skipped


def test_help_never_shouts_and_never_blames() -> None:
    """No answer holds an exclamation mark, a placeholder, or an empty line of nothing."""
    for step in STEPS:
        for reply in step.replies:
            assert "!" not in reply.text
            assert "{" not in reply.text
            assert reply.text == reply.text.strip()
            assert "\n\n\n" not in reply.text


def test_slogans_are_verbatim() -> None:
    """Every slogan shown stands in the plans as it is, but for the year where the plan's own year stood."""
    known = {s.template.format(year=2026) if s.template else s.text for s in content.slogans()}
    shown, talk = set(), Conversation()
    for on, _ in product((NOW, NOW.replace(day=25)), content.slogans()):
        step = campaign.other_slogan(talk, heard("khẩu hiệu khác"), world(on))
        shown.add(step.replies[0].text.splitlines()[0])
        talk = step.talk
    assert shown == known


@pytest.mark.parametrize("minute", [None, 420])
def test_stopping_stops_whether_or_not_anything_came(minute: int | None) -> None:
    """ "Ngừng" never asks why, and says truly whether anything was being sent."""
    step = route.step(Conversation(), heard("ngừng"), world(minute=minute))
    assert ("Đã ngừng" in step.replies[0].text) == (minute is not None)
    assert not any(isinstance(e, Subscribe) for e in step.effects)


CORRECTED = [
    ("bị chồng đánh", "physical_violence"), ("nó cầm dao đuổi em", "emergency"), ("em không muốn sống nữa", "self_harm"),
    ("em lỡ tay tát vợ", "perpetrator"), ("nó ép em bỏ cái thai", "forced_pills"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "label"), CORRECTED)
def test_a_correction_leaves_a_count_by_label_and_nothing_else(text: str, label: str) -> None:
    """ "Không phải chuyện này" is counted under what we thought, and all that we thought is forgotten."""
    told = route.step(Conversation(), heard(text), world())
    corrected = route.step(told.talk, heard(button="not_this"), world())
    assert corrected.effects == (Count(f"feedback:wrong:{label}"),)
    left = corrected.talk
    assert (left.told, left.hurts, left.types, left.answered, left.commune, left.province) == (
        False, False, (), (), None, "",
    )  # fmt: skip


def test_a_yes_to_the_check_in_is_counted_too() -> None:
    """ "Đúng, chỉ nơi giúp" leaves its count, and the way is shown."""
    asked = replace(Conversation(), asked="checkin", offered=(("Đúng, chỉ nơi giúp", "told:yes"),))
    step = route.step(asked, heard(button="told:yes"), world())
    assert Count("feedback:right:checkin") in step.effects
    assert "không có lỗi" in step.replies[0].text


def test_a_count_of_a_correction_fits_its_column() -> None:
    """The longest label fits the 40 letters of the column."""
    assert max(len(f"feedback:right:{intent}") for intent in INTENTS) <= 40


def test_every_reply_can_be_reached() -> None:
    """Each computed key of the replies belongs to a kind, a need or a question that exists."""
    known = set(content.replies())
    rows = {r["id"] for r in content.phrases()["rows"]}
    kinds = set(DISCLOSURE.values())
    assert {k.removeprefix("need.") for k in known if k.startswith("need.")} == {
        r.removeprefix("need-").replace("-", "_") for r in rows if r.startswith("need-")
    }
    assert {k.replace("find.", "find_") for k in known if k.startswith("find.")} <= set(INTENTS)
    assert {k for k in known if k.startswith("aside.")} == {
        *(r["say"] for r in content.asides() if "say" in r), "aside.machine",
    }  # fmt: skip
    assert {
        k.removeprefix("kind.").removesuffix("_witness").removesuffix("_self") for k in known if k.startswith("kind.")
    } == kinds


MORE = (
    "khmer", "tiếng việt",
    "chủ đề năm 2025", "chủ đề năm nay là gì", "tháng hành động là gì", "đổi giờ", "luật về con rồng",
    "tôi là gay, bị chồng đánh", "tôi 70 tuổi bị con trai đánh", "ba đánh mẹ hoài", "giờ làm sao", "hôm nay cũng vậy",
)  # fmt: skip
STALE = datetime(2026, 7, 1).date()


ALWAYS = tuple(read_hours("24/24"))
RECEIVES = Entry(
    "Địa chỉ tin cậy", "trusted_address", "000", verified=NOW.date(), openings=ALWAYS, takes=tuple(TAKES),
    types=("physical",), languages=("km", "vsl"), shelter="overnight", where=(20.2, 105.4),
)  # fmt: skip
STALE_ENTRY = Entry("Địa chỉ tin cậy", "trusted_address", "000", verified=STALE, sample=True)


def wide_world(now: datetime, minute: int | None = None) -> World:
    """A world in which a commune has a trusted address (a sample, checked long ago)."""
    return World(now, lambda _: [STALE_ENTRY], lambda: minute)


def full_world() -> World:
    """A world with places of every kind: near and far, open and closed, of the commune, of others, of the province."""
    office = Entry("Hội", "womens_union", verified=NOW.date(), openings=tuple(read_hours("giờ hành chính")))
    bare = Entry("Trạm y tế", "health_station", verified=NOW.date())
    far = replace(RECEIVES, where=(21.0, 105.4))
    here = [*[RECEIVES] * 4, far, replace(bare, kind="trusted_address"), office, bare]
    of_province = [replace(bare, kind="legal_aid", reach="province")]
    own = [*here, *of_province]
    beside = [replace(e, reach="neighbour") for e in here]
    return World(NOW, lambda _: own, lambda: None, "", lambda *_: [*own, *beside], lambda _: of_province)


def every_place() -> list[Step]:
    """Places as they are shown to people of each need: reasons, what lies beside, what the province has."""
    in_cam_tan = Conversation(commune=15178, province="Thanh Hóa", types=("physical",), told=True)
    steps = [
        route.step(replace(in_cam_tan, needs=needs), heard(button=pressed), full_world())
        for needs in ((), *((need,) for need in sorted(NEEDS)))
        for pressed in ("near", "avoid", "all")
    ]
    hiding = replace(in_cam_tan, avoided=(15178,))
    steps += [route.step(hiding, heard(button=pressed), full_world()) for pressed in ("beside", "all:beside")]
    steps.append(route.step(replace(in_cam_tan, commune=None), heard(button="place:skip"), full_world()))
    for where in ((20.2, 105.4), (20.3, 105.4)):
        shared = Heard(Incoming("terminal", "a", "1", location=where), Understood())
        steps.append(route.step(in_cam_tan, shared, full_world()))
    return steps


def every_understanding() -> list[Step]:
    """Each intent by each reporter, to a bạn and to a cháu, said again and again, on a day of each kind."""
    steps = [*STEPS, *every_place()]
    days = (NOW, NOW.replace(hour=22), NOW.replace(year=2025, month=12, day=1), NOW.replace(year=2027))
    for intent, reporter, you, now in product(INTENTS, ("self", "witness"), ("bạn", "cháu"), days):
        kind = DISCLOSURE.get(intent)
        acts = kind is not None or intent in ("emergency", "self_harm", "perpetrator")
        own: tuple[str, ...] = (kind,) if kind else ()
        for risk, types, text in product(
            ("emergency", "disclosure"), {own, ("child",), ("online",)}, ("đánh vợ bị phạt", *MORE)
        ):
            if types != own and text != "đánh vợ bị phạt":
                continue
            said = Understood(intent, 1.0, risk if acts else "none", types, reporter, "act" if acts else "let_be")
            talk = Conversation(you=you)
            for _ in range(4 if text in MORE[-2:] else 1):
                steps.append(route.step(talk, Heard(Incoming("terminal", "a", "1", text), said), wide_world(now, 420)))
                talk = steps[-1].talk
    for incoming in (
        Incoming("terminal", "a", "1", media="photo"), *(Incoming("terminal", "a", "1", button=b) for b in ("no-such-button", "avoid", "law", "erase:no")),
        Incoming("terminal", "a", "1", button="place:15178"), Incoming("terminal", "a", "1", location=(20.2, 105.4)),
    ):  # fmt: skip
        steps.append(route.step(Conversation(), Heard(incoming, Understood()), wide_world(NOW)))
    workday, place = NOW.replace(day=23), Incoming("terminal", "a", "1", button="place:15178")
    steps.append(route.step(Conversation(), Heard(place, Understood()), replace(world(), now=workday)))
    steps.append(
        route.step(Conversation(), Heard(Incoming("web", "a", "1", button="subscribe"), Understood()), wide_world(NOW))
    )
    steps.append(
        route.step(Conversation(), Heard(Incoming("terminal", "a", "1", "em không rõ"), Understood(act="ask")), world())
    )
    asks = Heard(Incoming("terminal", "a", "1", button="human"), Understood())
    for readers in ({None: "", 15178: "province"}, {None: "province", 15178: ""}):
        steps.append(route.step(Conversation(commune=15178), asks, replace(world(), reader=readers.__getitem__)))
    told = Conversation(told=True, types=("physical",))
    for risk in ("emergency", "disclosure"):
        said = Understood("self_harm", 1.0, risk, (), "self", "act")
        steps.append(route.step(told, Heard(Incoming("terminal", "a", "1", "em mệt"), said), world()))
    return [*steps, *quiz_steps(), *own_matters()]


def own_matters() -> list[Step]:
    """Events of a commune, a word of one's own to hide by, receipts, the question after a pause, and who is a child."""
    event = Event(
        "1", 15178, "Lễ phát động", "Nhà văn hóa", NOW.timestamp() + 86_400, "", "approved", "", "", 0.0, "", ""
    )
    given = [Receipt("campaign", "1", NOW.date()), Receipt("callback", "1", NOW.date())]
    with_events = replace(world(), events=lambda commune: (commune, [event]), receipts=lambda: given)
    here = Conversation(commune=15178, province="Thanh Hóa")
    told = replace(here, told=True, types=("physical",), at=NOW.timestamp() - 86_400)
    waits = route.step(told, heard("chào"), world()).talk
    child = route.step(Conversation(), heard("em 14 tuổi, muốn cán bộ gọi lại"), world())
    asked = route.step(here, heard(button="human"), world()).talk
    return [
        route.step(asked, heard("số 0912345678, đừng để cán bộ xã biết"), world()),
        *(route.step(here, heard("ở xã tôi có gì"), known) for known in (world(), with_events)),
        route.step(Conversation(), heard("ở xã tôi có gì"), world()),
        route.step(
            Conversation(), replace(heard("ngày 3/2 là ngày gì"), understood=Understood("ask_campaign", 1.0)), world()
        ),
        *(route.step(here, heard(f"đặt từ an toàn {word}".strip()), world()) for word in ("mua rau", "", "ok")),
        route.step(here, heard("bỏ từ an toàn"), world()),
        route.step(here, heard("tôi đã đồng ý gì"), world()),
        route.step(replace(here, call_left=True), heard("tôi đã đồng ý gì"), with_events),
        route.step(asked, heard("là sao"), world()),
        route.step(told, heard("chào"), world()),
        *(route.step(waits, heard(button=pressed), world()) for pressed in ("pause:on", "pause:new")),
        child,
        route.step(child.talk, heard(button="human"), world()),
    ]


def quiz_steps() -> list[Step]:
    """The quiz of two days and once more, always the first choice; then a streak, and a day without facts."""
    steps: list[Step] = []
    talk = Conversation()
    for day, button in [*[(2, "quiz")] * 8, (2, "quiz:streak"), *[(3, "quiz")] * 8, (400, "quiz")]:
        on = NOW + timedelta(days=day)
        choices = [payload for _, payload in talk.offered if payload.startswith("quiz:7")]
        pressed = choices[0] if choices and day < 400 and button == "quiz" else button
        steps.append(route.step(talk, Heard(Incoming("terminal", "a", "1", button=pressed), Understood()), world(on)))
        talk = steps[-1].talk
    return steps


def test_every_reply_is_shown_somewhere() -> None:
    """No reply waits in vain: each is said to somebody (but what a machine in trouble says, what frames a push, and what other languages add)."""
    steps = every_understanding()
    said = "\n".join(
        {r.text for s in steps for r in s.replies} | {b.label for s in steps for r in s.replies for b in r.buttons}
    )
    unseen = [
        key for key, text in content.replies().items()
        if not all(p.strip(" .,;:") in said for p in re.split(r"\{\w+\}|\n", text) if len(p.strip()) > 3)
    ]  # fmt: skip
    assert unseen == [
        "push.head",
        "push.event",
        "push.tail",
        "language.safety",
        "language.quoted",
        "language.unsure",
        "when.tomorrow",
        "trouble",
    ], (
        unseen  # what opens tomorrow is in transcripts/language-english.txt
    )


@pytest.mark.parametrize(("told", "reads"), [(True, "commune"), (True, ""), (False, "commune"), (False, "")])
def test_who_cannot_call_is_offered_a_call_back_only_where_its_button_stands(told: bool, reads: str) -> None:
    """A call at an hour of theirs needs somebody who will make it, and the button that the sentence names."""
    talk = Conversation(you="em")
    if told:
        talk = replace(talk, told=True, reporter="self", types=("physical",))
        talk = replace(talk, answered=("physical_violence",), answered_on=f"{world().now:%Y-%m-%d}")
    cannot = Heard(Incoming("terminal", "a", "1", "em không gọi được"), Understood("out_of_scope"))
    (reply,) = route.step(talk, cannot, replace(world(), reader=lambda _: reads)).replies
    offered = "human" in {b.payload for b in reply.buttons}
    assert ("chọn giờ an toàn" in reply.text) is offered
    assert offered is (told and bool(reads))
    assert "đến thẳng công an" in reply.text


@pytest.mark.parametrize(("channel", "leaves"), [("web", False), ("telegram", False), ("zalo", True)])
def test_one_leaves_only_where_it_was_shown(channel: str, leaves: bool) -> None:
    """The first key of 113, under a button without a number, throws nobody out; where "1. Thoát nhanh" stands, it does."""
    talk = route.step(Conversation(), heard("nó cầm dao đuổi em"), world()).talk
    talk = replace(talk, offered=(("Thoát nhanh", "exit"),))
    typed = heard("1")
    answered = route.step(talk, replace(typed, incoming=replace(typed.incoming, channel=channel)), world())
    assert any(reply.leave for reply in answered.replies) is leaves


@pytest.mark.parametrize("words", ["menu", "khẩu hiệu hôm nay", "tháng hành động là gì"])
def test_the_page_offers_no_daily_message(words: str) -> None:
    """No page can be sent to: what would be refused is not offered there, and is elsewhere."""
    for channel, offered in (("web", False), ("telegram", True)):
        heard = Heard(Incoming(channel, "a", "1", words), Understood(_SAID_BY[words], 1.0))
        answered = route.step(Conversation(), heard, wide_world(NOW))
        assert any(b.payload == "subscribe" for r in answered.replies for b in r.buttons) is offered


_SAID_BY = {"menu": "help", "khẩu hiệu hôm nay": "ask_slogan", "tháng hành động là gì": "ask_campaign"}
