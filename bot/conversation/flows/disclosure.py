"""Somebody tells of violence: belief, numbers, one thing to do, then the places of their commune."""

from __future__ import annotations

from dataclasses import replace

import content
from bot.conversation.library import aside
from bot.conversation.offer import ask_place, need_line, place_later, show_places, talk_line, with_place
from bot.conversation.phrases import need
from bot.conversation.state import Conversation, Count, Heard, Step, World, answered, ask, buttons, going_on, rest
from bot.conversation.understanding import Understood
from bot.conversation.words import button, exit_button, message, say, speaks_of_self
from nlu.labels import DISCLOSURE
from nlu.patterns import Pattern, Text

_CHILD_KINDS = {"child", "school"}
_YOUNG = ("em", "cháu", "con", "bạn")
_WITNESS_KINDS = ("sexual", "harassment", "school", "trafficking", "forced_marriage")
"""Kinds of violence whose advice differs for somebody who only saw it."""
_PARENTS = Pattern([r"(?:ba|bố|cha|tía|bọ|dượng) (?:\w+ ){0,5}(?:mẹ|má|bu|u|mệ)", "ba mẹ (?:đánh|cãi|quánh)"])
_BESIDE = (
    ("told.man", Pattern([r"(?:tôi|em|mình|tui) là (?:đàn ông|con trai|nam)", "đàn ông mà bị", r"(?:bị )?(?:vợ|bà xã)(?: \w+){0,3} (?:đánh|đập|tát|chửi|cào|quánh|dọa|đuổi|ném)"])),
    ("told.lgbt", Pattern(["gay|les|lesbian|lgbt|trans|đồng tính|song tính|chuyển giới|bê đê|pê đê"])),
    ("told.disabled", Pattern(["khuyết tật|xe lăn|khiếm thị|khiếm thính|bị mù|bị câm|bị điếc|bị liệt|không nói được|không đi được"])),
    ("told.elder", Pattern([r"(?:6|7|8|9)\d tuổi", r"(?:con|cháu|con dâu|con rể)(?: \w+){0,2} (?:đánh|chửi|đuổi|bỏ mặc)(?: \w+){0,2} (?:bác|ông|bà|cụ|già)"])),
)  # fmt: skip
"""One more sentence for people who often hear that help is not for them; the first that fits."""


_SCHOOL = Pattern(["lớp|trường|học sinh|bạn học|thầy|cô giáo|đi học|giờ ra chơi|ký túc|mẫu giáo|mầm non"])
_CHILD_ON_PARENT = (
    r"con (?:trai|gái)(?: \w+){0,5} (?:đánh|chửi|đuổi|mắng|dọa|xô|bỏ đói|đập) (?:tôi|tui|mẹ|má|bác|bà|cha|u)"
)
_GROWN = Pattern(
    [
        "vợ|chồng|con dâu|con rể|dâu|rể|lương|đi làm|công ty|nhậu|rượu|xe lăn|khuyết tật|nuôi (?:nó|tôi)|tiền bạc",
        r"(?:1[89]|[2-9]\d) tuổi",
        _CHILD_ON_PARENT,
    ]
)
_OWN_AGE = Pattern(
    [r"^(?:(?:dạ|em|cháu|con|năm nay|nay|mới|đang|học|được) )*(?:\d+ ?t(?:uổi)?|lớp \d+)(?: ạ| rồi| thôi| [.,!])*$"]
)
_I_AM = Pattern(
    [
        r"^(?:(?:dạ|thưa|ạ|hôm qua|tối qua|hồi nãy|nay) )*(?:em|con|cháu|tôi|tui|mình|tao) (?:(?:hay|vừa|mới|đang|cứ|thường|luôn|toàn) )*bị"
    ]
)
_BY_A_GROWN_CHILD = Pattern([_CHILD_ON_PARENT])  # fmt: skip


def disclosure(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer a disclosure of any kind, by the person or by a witness."""
    heard = replace(heard, understood=_as_told(heard, talk.you))
    said, before = heard.understood, talk
    kinds = tuple(dict.fromkeys((*said.types, *talk.types)))
    talk = replace(
        with_place(talk, said.place), types=kinds, reporter=said.reporter, told=True, wanted="", draft=""
    )  # fmt: skip
    only_an_age = bool(said.entities.get("child")) and len(heard.text.split()) <= 6
    if before.told and said.place is None and (set(said.types) <= set(before.types) or only_an_age or need(heard.text)):
        return goes_on(replace(talk, reporter=before.reporter), heard, world)
    _, talk = answered(talk, said.intent, world.now)
    below = (button("told.wrong_button", "not_this"), exit_button())
    first = message(*_first_words(talk, heard, world), buttons=below)
    counts = tuple(Count(f"told:{kind}", talk.province) for kind in said.types)
    if talk.commune and not (said.place and said.place.ask):
        more = show_places(talk, world, heard.text)
        return Step((first, *more.replies), more.talk, counts + more.effects)
    if talk.skipped and said.place is None:
        return Step((first,), rest(talk), counts)
    if before.told and before.asked.startswith("place") and said.place is None:  # asked once
        return Step((replace(first, text=f"{first.text}\n{place_later(talk)}"),), talk, counts)
    asked, talk = ask_place(talk, say("told.ask_place", talk.you), said.place, heard.text)
    return Step((first, asked), talk, counts)


def goes_on(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person goes on: what is needed now, no second wall of numbers; the question that waits stays open."""
    label = going_on(talk, world.now) or heard.understood.intent
    times, talk = answered(talk, label, world.now)
    child_voice = talk.you in ("cháu", "con")
    child = child_voice or bool(_CHILD_KINDS & set(talk.types)) or bool(heard.understood.entities.get("child"))
    told_age = bool(heard.understood.entities.get("child"))
    own_age = told_age and talk.you in ("em", "cháu", "con") and bool(_OWN_AGE.search(Text(heard.text)))
    young = talk.you in ("em", "cháu", "con") and talk.reporter != "witness" and (own_age or not told_age)
    wanted = need(heard.text)
    words = [say("told.danger", talk.you)]
    if child:
        line = "told.line_child_now" if own_age else "told.line_child_self" if young else "told.line_child"
        words.append(say(line, talk.you))
    if wanted == "what" and child and young:
        words.append(say("kind.child_self", talk.you))
    elif wanted in ("what", "where", "fear", "sad") and talk.reporter == "witness":
        words.append(say("witness.help", talk.you))
    elif wanted:
        words += [need_line(wanted, talk.you), "" if child and young else talk_line(talk, world.now)]
    elif not told_age:
        words.insert(0, say(("told.more", "told.more_next", "told.more_here")[(times - 1) % 3], talk.you))
    words.append(place_later(talk))
    below = (button("menu.help_near", "near"), button("told.wrong_button", "not_this"), exit_button())
    return Step((message(*words, buttons=below),), talk)


def _as_told(heard: Heard, you: str) -> Understood:
    """Return what was understood, mended where the words are plain: who is hurt, and that a son may be grown up."""
    said = heard.understood
    of_self = _I_AM.search(Text(heard.text)) or (_young_at_home(heard, you) and speaks_of_self(heard.text, you))
    said = replace(said, reporter="self") if of_self and said.reporter == "witness" else said
    return _of_grown_ups(said, heard.text)


def _young_at_home(heard: Heard, you: str) -> bool:
    """Tell whether a child speaks of somebody at home or at school who should care for it."""
    found = heard.understood.entities
    child_voice = you in ("cháu", "con") or (you == "em" and bool(found.get("child")))
    return child_voice and found.get("relation") in ("stepfather", "parent", "teacher")


def _of_grown_ups(said: Understood, text: str) -> Understood:
    """Take back "school" and "child" where grown people are told of and no school: a son may be forty."""
    words = Text(text)
    young = _CHILD_KINDS & set(said.types)
    if not young or said.entities.get("child") or _SCHOOL.search(words) or not _GROWN.search(words):
        return said
    if "school" not in young and not _BY_A_GROWN_CHILD.search(words):
        return said
    types = tuple(t for t in said.types if t not in young) or ("physical",)
    intent = next(i for i, kind in DISCLOSURE.items() if kind == types[0])
    return replace(said, types=types, intent=intent if DISCLOSURE.get(said.intent) in young else said.intent)


def check_in(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask gently when the message may tell of violence; the numbers come with the question."""
    said = heard.understood
    if talk.asked == "checkin":  # asked once; whoever goes on telling is believed
        return confirm(talk, heard, world)
    below = (button("checkin.yes", "told:yes"), button("told.wrong_button", "not_this"), exit_button())
    asked = message(say("checkin", talk.you), talk_line(talk, world.now), say("checkin.ask", talk.you), buttons=below)
    return Step((asked,), ask(with_place(talk, said.place), "checkin"), (Count("asked:checkin"),))


def confirm(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person says yes to the check-in: what could not be told in words is enough to show the way."""
    talk = replace(with_place(talk, heard.understood.place), told=True, wanted="")
    right = Count(f"feedback:right:{going_on(talk, world.now) or 'checkin'}")
    _, talk = answered(talk, "checkin", world.now)
    first = message(
        say("told.self", talk.you), say("told.danger", talk.you), say("told.line_child", talk.you),
        talk_line(talk, world.now), buttons=(button("told.wrong_button", "not_this"), exit_button()),
    )  # fmt: skip
    if talk.commune:
        more = show_places(talk, world)
        return Step((first, *more.replies), more.talk, (*more.effects, right))
    asked, talk = ask_place(talk, say("told.ask_place", talk.you))
    return Step((first, asked), talk, (right,))


def fled(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person hides from the one who hurts: said in a few words, and enough to be believed."""
    step = confirm(talk, heard, world)
    first = replace(step.replies[0], text=f"{step.replies[0].text}\n{say('need.where', talk.you)}")
    return Step((first, *step.replies[1:]), step.talk, (Count("told:fled", step.talk.province),))


def correct(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person says that we misunderstood: say sorry, forget what we thought; only a count by label stays."""
    wrong = Count(f"feedback:wrong:{going_on(talk, world.now) or 'checkin'}")
    talk = replace(rest(talk), told=False, types=(), reporter="none", avoid=False, wanted="", commune=None, province="")
    talk = replace(talk, hurts=False, answered=(), answered_on="")
    below = buttons(
        *(
            (content.replies()[k], p)
            for k, p in (("menu.help_near", "near"), ("menu.law", "law"), ("human.button", "human"))
        )
    )
    return Step((message(say("told.corrected", talk.you), buttons=below),), talk, (wrong,))


def _first_words(talk: Conversation, heard: Heard, world: World) -> list[str]:
    said, text, you = heard.understood, Text(heard.text), talk.you
    young_at_home = _young_at_home(heard, you)
    witness = said.reporter == "witness"
    child_kind = bool(_CHILD_KINDS & set(said.types)) or (young_at_home and not witness)
    at_home = witness and you in _YOUNG and bool(_PARENTS.search(text))
    child_self = not witness and child_kind and you in _YOUNG
    child = child_kind or at_home or bool(said.entities.get("child"))
    belief = "told.child_self" if child_self or at_home else "told.witness" if witness else "told.self"
    words = [say(belief, you)]
    if "trafficking" in said.types:
        words.append(say("told.line_trafficking", you))
    elif child:
        words.append(say("told.line_child_self" if child_self or at_home else "told.line_child", you))
    words.append(say("told.danger", you))
    if not child_self:
        words.append(talk_line(talk, world.now))
    kind = DISCLOSURE.get(said.intent, said.types[0] if said.types else "")
    if at_home:
        words.append(say("witness.at_home", you))
    elif kind:
        words.append(say(_advice(kind, child_self, witness), you))
    beside = next((key for key, pattern in _BESIDE if not witness and pattern.search(text)), None)
    if beside:
        words.append(say(beside, you))
    if witness and not at_home:
        words.append(say("witness.help", you))
    return [*words, *aside(heard.text, you, world.now.date(), talk.hurts)]


def _advice(kind: str, child_self: bool, witness: bool) -> str:
    if child_self and kind not in ("school", "trafficking", "online", "forced_marriage"):
        return "kind.child_self"
    return f"kind.{kind}_witness" if witness and kind in _WITNESS_KINDS else f"kind.{kind}"
