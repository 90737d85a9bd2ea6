"""Somebody tells of violence: belief, numbers, one thing to do, then the places of their commune."""

from __future__ import annotations

from dataclasses import replace

import content
from bot.conversation.offer import ask_place, show_places, with_place
from bot.conversation.state import Conversation, Count, Heard, Step, World, ask, buttons, rest
from bot.conversation.words import button, exit_button, message, say
from nlu.labels import DISCLOSURE

_CHILD_KINDS = {"child", "school"}


def disclosure(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer a disclosure of any kind, by the person or by a witness."""
    said = heard.understood
    talk = replace(
        with_place(talk, said.place),
        types=said.types,
        reporter=said.reporter,
        told=True,
        avoid=False,
        draft="",
    )
    first = message(*_first_words(talk, heard), buttons=(button("told.wrong_button", "not_this"), exit_button()))
    counts = tuple(Count(f"told:{kind}", talk.province) for kind in said.types)
    if talk.commune and not (said.place and said.place.ask):
        more = show_places(talk, world)
        return Step((first, *more.replies), more.talk, counts + more.effects)
    asked, talk = ask_place(talk, say("told.ask_place", talk.you), said.place)
    return Step((first, asked), talk, counts)


def check_in(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask gently when the message may tell of violence; the numbers come with the question."""
    said = heard.understood
    below = (button("checkin.yes", "told:yes"), button("told.wrong_button", "not_this"), exit_button())
    asked = message(say("checkin", talk.you), say("checkin.ask", talk.you), buttons=below)
    return Step((asked,), ask(with_place(talk, said.place), "checkin"), (Count("asked:checkin"),))


def confirm(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person says yes to the check-in: what could not be told in words is enough to show the way."""
    talk = replace(talk, told=True)
    first = message(say("told.self", talk.you), say("told.danger", talk.you))
    if talk.commune:
        more = show_places(talk, world)
        return Step((first, *more.replies), more.talk, (*more.effects, Count("feedback:right")))
    asked, talk = ask_place(talk, say("told.ask_place", talk.you))
    return Step((first, asked), talk, (Count("feedback:right"),))


def correct(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person says that we misunderstood: say sorry, forget what we thought, offer the menu."""
    talk = replace(rest(talk), told=False, types=(), reporter="none", avoid=False)
    below = buttons(
        *(
            (content.replies()[k], p)
            for k, p in (("menu.help_near", "near"), ("menu.law", "law"), ("menu.slogan", "slogan"))
        )
    )
    return Step((message(say("told.corrected", talk.you), buttons=below),), talk, (Count("feedback:wrong"),))


def _first_words(talk: Conversation, heard: Heard) -> list[str]:
    said = heard.understood
    child = bool(_CHILD_KINDS & set(said.types)) or bool(said.entities.get("child"))
    child_self = child and said.reporter == "self" and talk.you in ("em", "cháu", "con", "bạn")
    words = [
        say(
            "told.witness" if said.reporter == "witness" else "told.child_self" if child_self else "told.self",
            talk.you,
        ),
        say("told.danger", talk.you),
    ]
    if "trafficking" in said.types:
        words.append(say("told.line_trafficking", talk.you))
    elif child:
        words.append(say("told.line_child", talk.you))
    if not child_self:
        line = content.hotlines()["1900969680"]
        words.append(say("told.line_adult", talk.you, number=line.number, hours=line.hours, cost=line.cost))
    kind = DISCLOSURE.get(said.intent, said.types[0] if said.types else "")
    if kind:
        key = "kind.child_self" if kind == "child" and child_self else f"kind.{kind}"
        words.append(say(key, talk.you))
    if said.reporter == "witness":
        words.append(say("witness.help", talk.you))
    return words
