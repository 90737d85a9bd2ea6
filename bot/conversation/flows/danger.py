"""Danger now and thoughts of dying: numbers first, at most one question, and never the same text twice."""

from __future__ import annotations

from dataclasses import replace

import content
from bot.conversation.address import CHILD, MAYBE_YOUNG, YOUNG
from bot.conversation.offer import (
    after_telling,
    listening_line,
    need_line,
    place_later,
    talk_line,
    then_places,
    ways_without_call,
)
from bot.conversation.state import Conversation, Count, Heard, Step, World, answered
from bot.conversation.suggestion import line
from bot.conversation.words import button, exit_button, message, say
from nlu.patterns import Pattern, Text

_FEELINGS = ("fear", "sad")
_NOT_THIS = ("told.wrong_button", "not_this")


def emergency(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer danger: 113, 115 if hurt, 111 for a child, what to do, then the commune if it is not known yet."""
    talk = after_telling(talk, heard.understood)
    times, talk = answered(talk, "emergency", world.now)
    if times:
        return _emergency_again(talk, heard, world, times)
    witness = heard.understood.reporter == "witness"
    first = message(
        say("emergency.witness" if witness else "emergency.self", talk.you),
        _child_line(talk, heard),
        "" if witness else _where_they_are(heard, talk.you) or say("emergency.next", talk.you),
        buttons=(button(*_NOT_THIS), exit_button()),
    )
    step = Step((first,), talk, (Count("told:emergency", talk.province),))
    return then_places(step, "emergency.ask_place", heard.understood.place, heard.text, world)


def emergency_goes_on(talk: Conversation, heard: Heard, world: World) -> Step:
    """Fear or need in the words after an emergency: go on helping."""
    times, talk = answered(talk, "emergency", world.now)
    return _emergency_again(talk, heard, world, times)


def _emergency_again(talk: Conversation, heard: Heard, world: World, times: int) -> Step:
    """The numbers first, in few words; then what is new in the message, or the next step; no question."""
    witness = talk.reporter == "witness"
    steps = ("emergency.witness_next", "witness.help") if witness else ("need.no_call", "emergency.either")
    next_step = say(steps[(times - 1) % 2], talk.you)
    silent = heard.need == "no_call" and not witness  # a number alone is no answer to "em không gọi được"
    fitting = (_of_the_call if witness else _where_they_are)(heard, talk.you) or next_step
    first = message(
        *(ways_without_call(talk.you) if silent else ()),
        say("emergency.again", talk.you),
        _child_line(talk, heard),
        need_line(heard.need, talk.you) if heard.need in _FEELINGS else "",
        "" if silent else fitting,
        place_later(talk),
        buttons=(exit_button(),),
    )
    step = Step((first,), talk, (Count("told:emergency", talk.province),))
    place = heard.understood.place
    return then_places(step, "emergency.ask_place", place, heard.text, world) if place else step


def _of_the_call(heard: Heard, you: str) -> str:
    """Return what a witness needs now: nobody came, how to reach 113, it is quiet; or ""."""
    wanted = heard.need
    return need_line(wanted, you, witness=True) if wanted in ("gone", "nobody_came", "text_police") else ""


def _where_they_are(heard: Heard, you: str) -> str:
    """Return what to do for somebody hidden, held, hurt or unable to call, or ""."""
    wanted = heard.need
    return need_line(wanted, you) if wanted not in ("", "what", *_FEELINGS) else ""


def self_harm(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer thoughts of dying: 115 and 113 first, warmth, a line that is open now."""
    said = heard.understood
    talk = after_telling(talk, heard.understood)
    times, talk = answered(talk, "self_harm", world.now)
    if times:
        return _self_harm_again(talk, heard, world, times)
    if said.reporter == "witness":
        words = [say("self_harm.witness", talk.you), listening_line(talk.you, world.now)]
        words.append(say("self_harm.witness_child", talk.you))
    else:
        key = "self_harm.now" if said.risk == "emergency" else "self_harm.first"
        words = [say(key, talk.you), say("self_harm.stay", talk.you), listening_line(talk.you, world.now)]
        if talk.you in MAYBE_YOUNG:
            words.append(say("self_harm.child", talk.you))
    if talk.types:
        words += [say("self_harm.told", talk.you), talk_line(talk, world.now)]
    first = message(*words, buttons=(button(*_NOT_THIS), exit_button()))
    step = Step((first,), talk, (Count("told:self_harm", talk.province),))
    return then_places(step, "self_harm.ask_place", said.place, heard.text, world)


def self_harm_goes_on(talk: Conversation, heard: Heard, world: World) -> Step:
    """More words after thoughts of dying: stay with the person."""
    times, talk = answered(talk, "self_harm", world.now)
    return _self_harm_again(talk, heard, world, times)


def _self_harm_again(talk: Conversation, heard: Heard, world: World, times: int) -> Step:
    witness = talk.reporter == "witness"
    near = ("self_harm.near", "self_harm.minute")[(times - 1) % 2]
    first = message(
        say("self_harm.again", talk.you),
        say("self_harm.witness_next" if witness else near, talk.you),
        listening_line(talk.you, world.now),
        say("self_harm.child", talk.you) if talk.you in MAYBE_YOUNG and not witness else "",
        place_later(talk),
        buttons=(exit_button(),),
    )
    step = Step((first,), talk, (Count("told:self_harm", talk.province),))
    place = heard.understood.place
    return then_places(step, "self_harm.ask_place", place, heard.text, world) if place else step


def forced_pills(talk: Conversation, heard: Heard, world: World) -> Step:
    """Somebody is made to take pills against a pregnancy: the body first, then that nobody may force them."""
    talk = replace(after_telling(talk, heard.understood), types=tuple(dict.fromkeys(("sexual", *talk.types))))
    _, talk = answered(talk, "forced_pills", world.now)
    first = message(
        say("forced.body", talk.you),
        say("forced.will", talk.you),
        say("told.line_child_self", talk.you) if talk.you in YOUNG else "",
        talk_line(talk, world.now),
        buttons=(button(*_NOT_THIS), exit_button()),
    )
    step = Step((first,), talk, (Count("told:sexual", talk.province),))
    return then_places(step, "told.ask_place", heard.understood.place, heard.text, world)


_ACCIDENT = Pattern([r"tai nạn|đụng xe|tông xe|đâm xe"])
_FIRE = Pattern(["cháy|hỏa hoạn"])


def disaster(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer flood, storm, fire or an accident with the numbers of rescue, the fitting one first; nothing else."""
    text = Text(heard.text)
    first = "115" if _ACCIDENT.search(text) else "114" if _FIRE.search(text) else "112"
    known = content.hotlines()
    numbers = [line(known[i]) for i in dict.fromkeys((first, "112", "114", "115"))]
    words = message(say("disaster.head", talk.you), *numbers, say("disaster.next", talk.you), buttons=(exit_button(),))
    return Step((words,), talk, (Count("asked:disaster", talk.province),))


def _child_line(talk: Conversation, heard: Heard) -> str:
    """Return the children's number, as it concerns the writer or the child told about."""
    child = talk.of_child or heard.child
    if talk.reporter == "witness" and child:
        return say("emergency.witness_child", talk.you)
    return say("emergency.child", talk.you) if talk.you in CHILD or child else ""
