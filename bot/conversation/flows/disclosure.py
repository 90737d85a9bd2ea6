"""Somebody tells of violence: belief, numbers, one thing to do, then the places of their commune."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.address import CHILD, MAYBE_YOUNG, YOUNG
from bot.conversation.library import aside
from bot.conversation.offer import (
    after_telling,
    call_back_button,
    need_line,
    place_later,
    talk_line,
    then_places,
    ways_without_call,
    with_place,
)
from bot.conversation.phrases import of_person
from bot.conversation.state import CHILD_KINDS, Conversation, Count, Heard, Step, World, answered, ask, going_on, rest
from bot.conversation.victim import as_told, is_young_at_home
from bot.conversation.words import button, exit_button, language_button, message, say
from bot.conversation.young import age_alone
from nlu.labels import DISCLOSURE
from nlu.patterns import Pattern, Text

_WITNESS_KINDS = ("sexual", "harassment", "school", "trafficking", "forced_marriage")
"""Kinds of violence whose advice differs for somebody who only saw it."""
_PARENTS = Pattern([r"(?:ba|bố|cha|tía|bọ|dượng) (?:\w+ ){0,5}(?:mẹ|má|bu|u|mệ)", "ba mẹ (?:đánh|cãi|quánh)"])
_BESIDE = {"men": "told.man", "lgbt": "told.lgbt", "disabled": "told.disabled", "elder": "told.elder"}
"""One more sentence for people who often hear that help is not for them; the first that fits."""


def disclosure(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer a disclosure of any kind, by the person or by a witness."""
    heard = replace(heard, understood=as_told(heard, talk.you))
    said, before = heard.understood, talk
    talk = after_telling(talk, said)
    only_an_age = heard.child and len(heard.text.split()) <= 6
    if before.told and said.place is None and (set(said.types) <= set(before.types) or only_an_age or heard.need):
        return goes_on(replace(talk, reporter=before.reporter), heard, world)
    _, talk = answered(talk, said.intent, world.now)
    below = (button("told.wrong_button", "not_this"), exit_button())
    first = message(*_first_words(talk, heard, world), buttons=below)
    counts = tuple(Count(f"told:{kind}", talk.province) for kind in said.types)
    once = before.told and before.asked.startswith("place") and said.place is None
    if once and not (talk.commune or talk.skipped):
        return Step((replace(first, text=f"{first.text}\n{place_later(talk)}"),), talk, counts)
    return then_places(Step((first,), talk, counts), "told.ask_place", said.place, heard.text, world)


def goes_on(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person goes on: what is needed now, no second wall of numbers; the question that waits stays open."""
    label = going_on(talk, world.now) or heard.understood.intent
    times, talk = answered(talk, label, world.now)
    wanted = heard.need
    if wanted == "no_call":
        return without_a_call(talk, heard, world)
    child = talk.you in CHILD or talk.of_child or heard.child
    own_age = heard.child and talk.you in YOUNG and age_alone(heard.text, world.now.year) is not None
    young = talk.you in YOUNG and talk.reporter != "witness" and (own_age or not heard.child)
    words = [say("told.danger", talk.you)]
    if child:
        line = "told.line_child_now" if own_age else "told.line_child_self" if young else "told.line_child"
        words.append(say(line, talk.you))
    if wanted == "what" and child and young:
        words.append(say("kind.child_self", talk.you))
    elif wanted in ("what", "where", "fear", "sad") and talk.reporter == "witness":
        words.append(say("witness.help", talk.you))
    elif wanted:
        words += [
            need_line(wanted, talk.you, talk.reporter == "witness"),
            "" if child and young else talk_line(talk, world.now),
        ]
    elif heard.own_child or not heard.child:
        words.insert(0, say(("told.more", "told.more_next", "told.more_here")[(times - 1) % 3], talk.you))
    words += [say("kind.child", talk.you) if heard.own_child else "", place_later(talk)]
    below = (button("menu.help_near", "near"), button("told.wrong_button", "not_this"), exit_button())
    return Step((message(*words, buttons=below),), talk)


def without_a_call(talk: Conversation, heard: Heard, world: World) -> Step:
    """Somebody cannot call: what needs no call, and no number to ring; the question that waits stays open."""
    offered = call_back_button(talk, world)
    words = message(
        *ways_without_call(talk.you),
        say("no_call.called_back", talk.you) if offered else "",
        place_later(talk),
        buttons=(button("menu.help_near", "near"), *offered, exit_button()),
    )
    return Step((words,), talk)


def check_in(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask gently when the message may tell of violence; the numbers come with the question."""
    said = heard.understood
    if talk.asked == "checkin":  # asked once; whoever goes on telling is believed
        return confirm(talk, heard, world)
    below = (button("checkin.yes", "told:yes"), button("told.wrong_button", "not_this"), exit_button())
    no_call = heard.need == "no_call"
    first = ways_without_call(talk.you) if no_call else []
    line = "" if no_call else talk_line(talk, world.now)
    asked = message(*first, say("checkin", talk.you), line, say("checkin.ask", talk.you), buttons=below)
    return Step((asked,), ask(with_place(talk, said.place), "checkin"), (Count("asked:checkin", talk.province),))


def confirm(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person says yes to the check-in: what could not be told in words is enough to show the way."""
    return _believed(talk, heard, world, Count(f"feedback:right:{going_on(talk, world.now) or 'checkin'}"))


def fled(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person hides from the one who hurts: said in a few words, and enough to be believed."""
    count = Count("told:fled", with_place(talk, heard.understood.place).province)
    step = _believed(talk, heard, world, count)
    first = replace(step.replies[0], text=f"{step.replies[0].text}\n{say('need.where', talk.you)}")
    return replace(step, replies=(first, *step.replies[1:]))


def _believed(talk: Conversation, heard: Heard, world: World, count: Count) -> Step:
    """Believe without the story: the numbers, then the places; `count` says what was believed."""
    place = heard.understood.place
    talk = replace(with_place(talk, place), told=True, wanted="", skipped=False)
    _, talk = answered(talk, "checkin", world.now)
    english = (language_button("en"),) if heard.meant == "english" and not talk.other_language else ()
    first = message(
        say("told.child_self" if talk.young else "told.self", talk.you), say("told.danger", talk.you),
        say("told.line_child_self" if talk.young else "told.line_child", talk.you),
        "" if talk.young else talk_line(talk, world.now), buttons=(*english, button("told.wrong_button", "not_this"), exit_button()),
    )  # fmt: skip
    return then_places(Step((first,), talk, (count,)), "told.ask_place", place, heard.text, world)


def afraid(talk: Conversation, heard: Heard, world: World) -> Step:
    """Somebody fears the one at home: believed without any more words."""
    step = confirm(talk, heard, world)
    first = replace(step.replies[0], text=f"{say('need.fear', talk.you)}\n{step.replies[0].text}")
    return Step((first, *step.replies[1:]), step.talk, step.effects)


def listen(talk: Conversation, heard: Heard, world: World) -> Step:
    """Somebody would like to tell and dares not yet: invite, ask nothing; the question that waits stays open."""
    words = message(
        say("listen", talk.you), say("told.danger", talk.you), buttons=(button("menu.help_near", "near"), exit_button())
    )
    return Step((words,), talk if talk.asked.startswith("place") else rest(talk))


def correct(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person says that we misunderstood: say sorry, forget what we thought; only a count by label stays."""
    wrong = Count(f"feedback:wrong:{going_on(talk, world.now) or 'checkin'}", talk.province)
    talk = replace(rest(talk), told=False, types=(), reporter="none", wanted="", commune=None, province="")
    talk = replace(talk, hurts=False, needs=(), answered=(), answered_on="")
    below = (button("menu.help_near", "near"), button("menu.law", "law"), button("human.button", "human"))
    return Step((message(say("told.corrected", talk.you), buttons=below),), talk, (wrong,))


def _first_words(talk: Conversation, heard: Heard, world: World) -> list[str]:
    said, text, you = heard.understood, Text(heard.text), talk.you
    young_at_home = is_young_at_home(heard, you)
    witness = said.reporter == "witness"
    child_kind = not CHILD_KINDS.isdisjoint(said.types) or (young_at_home and not witness)
    at_home = witness and you in MAYBE_YOUNG and bool(_PARENTS.search(text))
    child_self = not witness and child_kind and you in MAYBE_YOUNG
    child = child_kind or at_home or heard.child
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
    beside = next((code for code in of_person(heard.text) if code in _BESIDE), None)
    if beside and not witness:
        words.append(say(_BESIDE[beside], you))
    if witness and not at_home:
        words.append(say("witness.help", you))
    return [*words, *aside(heard.text, you, world.now.date(), talk.hurts, talk.types)]


def _advice(kind: str, child_self: bool, witness: bool) -> str:
    if child_self and kind not in ("school", "trafficking", "online", "forced_marriage"):
        return "kind.child_self"
    return f"kind.{kind}_witness" if witness and kind in _WITNESS_KINDS else f"kind.{kind}"
