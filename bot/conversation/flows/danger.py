"""Danger now and thoughts of dying: numbers first, at most one question."""

from __future__ import annotations

from dataclasses import replace

import content
from bot.conversation.offer import adult_line, ask_place, show_places, with_place
from bot.conversation.state import Conversation, Count, Heard, Step, World
from bot.conversation.words import button, exit_button, message, say

_MAY_BE_YOUNG = ("bạn", "em", "cháu", "con")
_NOT_THIS = ("told.wrong_button", "not_this")


def emergency(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer danger: 113, 115 if hurt, 111 for a child, what to do, then the commune if it is not known yet."""
    said = heard.understood
    talk = _remember(talk, heard)
    writer_child = talk.you in ("cháu", "con")
    child = bool({"child", "school"} & set(talk.types)) or bool(said.entities.get("child"))
    witness = said.reporter == "witness"
    first = message(
        say("emergency.witness" if witness else "emergency.self", talk.you),
        say("emergency.witness_child", talk.you) if witness and child else "",
        say("emergency.child", talk.you) if writer_child or (child and not witness) else "",
        "" if witness else say("emergency.next", talk.you),
        buttons=(button(*_NOT_THIS), exit_button()),
    )
    return _then_place(
        Step((first,), talk, (Count("told:emergency", talk.province),)), heard, world, "emergency.ask_place"
    )


def self_harm(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer thoughts of dying: 115 and 113 first, warmth, a line that is open now."""
    said = heard.understood
    talk = _remember(talk, heard)
    if said.reporter == "witness":
        words = [say("self_harm.witness", talk.you)]
    else:
        key = "self_harm.now" if said.risk == "emergency" else "self_harm.first"
        words = [say(key, talk.you), say("self_harm.stay", talk.you)]
    listening = content.hotlines()["0963061414"]
    if listening.is_open(world.now) and listening.is_checked(world.now.date()):
        words.append(say("self_harm.line", talk.you, number=listening.number, hours=listening.hours))
    if said.reporter == "witness":
        words.append(say("self_harm.witness_child", talk.you))
    elif talk.you in _MAY_BE_YOUNG:
        words.append(say("self_harm.child", talk.you))
    if talk.types:
        words += [say("self_harm.told", talk.you), adult_line(talk.you, world.now)]
    first = message(*words, buttons=(button(*_NOT_THIS), exit_button()))
    return _then_place(
        Step((first,), talk, (Count("told:self_harm", talk.province),)), heard, world, "self_harm.ask_place"
    )


def _remember(talk: Conversation, heard: Heard) -> Conversation:
    said = heard.understood
    return replace(
        with_place(talk, said.place),
        types=tuple(dict.fromkeys((*said.types, *talk.types))),
        reporter=said.reporter,
        told=True,
        wanted="",
        draft="",
    )


def _then_place(step: Step, heard: Heard, world: World, question: str) -> Step:
    """Add the places of a commune that is known, or ask for it."""
    place = heard.understood.place
    if step.talk.commune and not (place and place.ask):
        more = show_places(step.talk, world)
        return Step(step.replies + more.replies, more.talk, step.effects + more.effects)
    if step.talk.skipped and place is None:
        return step
    asked, talk = ask_place(step.talk, say(question, step.talk.you), place)
    return Step((*step.replies, asked), talk, step.effects)
