"""What is offered to somebody who tells: the question for the commune, once, then the places; lines to talk to."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import content
from bot.conversation.merged import merged
from bot.conversation.places import show_places
from bot.conversation.state import Conversation, Step, World, rest
from bot.conversation.suggestion import line, of_line
from bot.conversation.understanding import Understood
from bot.conversation.victim import NO_CALL
from bot.conversation.words import button, exit_button, message, say
from bot.messages import Button, Outgoing
from nlu.text import fold, normalise
from referral_directory.places import Place, find_place, load


def with_place(talk: Conversation, place: Place | None) -> Conversation:
    """Return the state that knows the place told, as far as it is certain."""
    if place is None:
        return talk
    by_link = talk.by_link and place.code is None
    return replace(talk, commune=place.code or talk.commune, province=place.province or talk.province, by_link=by_link)


def after_telling(talk: Conversation, said: Understood) -> Conversation:
    """Return the state that knows of the telling: who, where, and which kinds, the newest first."""
    kinds = tuple(dict.fromkeys((*said.types, *talk.types)))
    talk = replace(with_place(talk, said.place), types=kinds, reporter=said.reporter)
    return replace(talk, told=True, wanted="", draft="")


def ask_place(
    talk: Conversation, question: str, place: Place | None = None, told: str = ""
) -> tuple[Outgoing, Conversation]:
    """Return the one question about the commune (with choices when the text fits several) and the waiting state.

    `told` is the message that names the place: an old unit in it is explained in a few words.
    """
    old = place is not None and place.province is not None and _is_former_province(told, place.province)
    choices = place.choices if place and place.ask and not old else ()
    more, choices = len(choices) > _SHOWN, choices[:_SHOWN]
    picks = tuple(Button(name, f"place:{code}") for name, code in _codes(choices))
    if picks:
        text = " ".join([say("places.ask_which", talk.you), *([say("places.more", talk.you)] if more else [])])
    elif place and place.province:
        text = say("places.ask_commune", talk.you, province=place.province)
    else:
        text = question
    asked = message(
        merged(told, place) if place else "",
        text,
        buttons=(*picks, button("places.skip_button", "place:skip"), exit_button()),
        ask_location=not picks,
    )
    return asked, replace(talk, asked="place")


_SHOWN = 5
"""Communes offered at most; whoever lives in another types its name."""


def _is_former_province(told: str, province: str) -> bool:
    """Tell whether `told` names a province of before, not the town of that name: its land is wider than the town."""
    names = {old.name for old in load().former_provinces} - {province}
    words = fold(normalise(told)).split()
    named = any(f" {fold(normalise(name))} " in f" {' '.join(words)} " for name in names)
    return named and not {"tp", "pho", "thi", "phuong", "huyen"} & set(words)


def answer_place(talk: Conversation, text: str, world: World) -> Place | None:
    """Return the place that answers our question, or None when the text is something else."""
    return find_place(text, expecting=True, near=talk.province or world.home or None)


def then_places(step: Step, question: str, place: Place | None, told: str, world: World) -> Step:
    """Add the places of a commune that is known, or ask for it; who would not tell it is not asked again.

    `told` is the message and `place` what it tells of one; `question` is the key of the reply that asks.
    """
    if step.talk.commune and not (place and place.ask):
        more = show_places(step.talk, world, told)
        return Step(step.replies + more.replies, more.talk, step.effects + more.effects, more.places)
    if step.talk.skipped and place is None:
        return replace(step, talk=rest(step.talk))
    asked, talk = ask_place(step.talk, say(question, step.talk.you), place, told)
    return Step((*step.replies, asked), talk, step.effects)


def adult_line(you: str, now: datetime) -> str:
    """Return the sentence on the line for adults, or "" when nobody checked the number lately."""
    known = content.hotlines()["1900969680"]
    if not known.is_checked(now.date()):
        return ""
    return say("told.line_adult", you, number=known.number, hours=of_line(known, "hours"), cost=of_line(known, "cost"))


def womens_line() -> dict[str, str]:
    """Return the women's line by its number, as a list of numbers shows it."""
    known = content.hotlines()["1900969680"]
    return {known.number: line(known)}


def talk_line(talk: Conversation, now: datetime) -> str:
    """Return the sentence on somebody to talk to: the women's line, or for somebody who hurts none that shelters."""
    return "" if talk.hurts else adult_line(talk.you, now)


def listening_line(you: str, now: datetime) -> str:
    """Return the sentence on the line for people in despair, or "" while nobody answers it."""
    listening = content.hotlines()["0963061414"]
    if not (listening.is_open(now) and listening.is_checked(now.date())):
        return ""
    return say("self_harm.line", you, number=listening.number, hours=of_line(listening, "hours"))


def need_line(need: str, you: str, witness: bool = False) -> str:
    """Return what to do about a need told in the middle ("where", "hurt" …), or ""."""
    key = "witness.gone" if witness and need == "gone" else f"need.{need}"
    return say(key, you) if need else ""


def ways_without_call(you: str) -> list[str]:
    """Return what somebody can do who cannot call: another calls for them, or they go there."""
    return [say("need.no_call", you), say("no_call.go_there", you)]


def led(talk: Conversation, step: Step) -> Step:
    """Return the step that tells somebody who is deaf or cannot speak, before any number, that another may call it."""
    you, numbers = step.talk.you, re.compile(r"(?<!\d)(?:11[1-5]|1900)(?!\d)")
    at = next((i for i, reply in enumerate(step.replies) if numbers.search(reply.text)), None)
    if NO_CALL not in talk.needs or at is None or any(say("need.no_call", you) in r.text for r in step.replies):
        return step
    first = say("no_call.numbers", you)
    told = replace(step.replies[at], text=f"{first}\n{step.replies[at].text}")
    return replace(step, replies=(*step.replies[:at], told, *step.replies[at + 1 :]))


def call_back_button(talk: Conversation, world: World) -> tuple[Button, ...]:
    """Return the button that asks for a call, where somebody reads such requests; none for a child, of whom nothing is kept."""
    may = world.reader(talk.desk) and not talk.young and NO_CALL not in talk.needs
    return (button("human.button", "human"),) if may else ()


def place_later(talk: Conversation) -> str:
    """Return that the place may wait, while the question for it stays open."""
    return say("places.later", talk.you) if talk.asked.startswith("place") else ""


def _codes(choices: tuple[str, ...]) -> list[tuple[str, int]]:
    found = []
    for choice in choices:
        label, _, province = choice.rpartition(", ")
        commune = load().by_name(label, province)
        if commune:
            found.append((choice, commune.code))
    return found
