"""Somebody who hurts, or fears to: safety of the other first, help without praise or threat, never a refuge."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.offer import listening_line, place_later, then_places, with_place
from bot.conversation.state import Conversation, Count, Heard, Step, World, answered, rest
from bot.conversation.words import button, exit_button, message, say


def perpetrator(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer with what to do now and where one can learn to stop."""
    place = heard.understood.place
    talk = replace(with_place(talk, place), wanted="change", hurts=True)
    times, talk = answered(talk, "perpetrator", world.now)
    counted = (Count("told:perpetrator", talk.province),)
    if times:
        step = replace(_again(talk, world, times), effects=counted)
        return then_places(step, "perpetrator.ask_place", place, heard.text, world) if place else step
    online = "online" in heard.understood.types
    first = message(
        say("perpetrator.image" if online else "perpetrator.first", talk.you),
        say("perpetrator.next", talk.you),
        buttons=(button("told.wrong_button", "not_this"), exit_button()),
    )
    return then_places(Step((first,), talk, counted), "perpetrator.ask_place", place, heard.text, world)


def goes_on(talk: Conversation, heard: Heard, world: World) -> Step:
    """More words of somebody who hurts: the next step."""
    times, talk = answered(talk, "perpetrator", world.now)
    return _again(talk, world, times)


def refuse(talk: Conversation, heard: Heard, world: World) -> Step:
    """He looks for the one who fled: say calmly that nobody is told where a person is, and turn to himself."""
    before, talk = answered(talk, "perpetrator", world.now)
    talk = rest(replace(talk, hurts=True, wanted="change"))
    refused = message(
        say("perpetrator.refuse_again" if before else "perpetrator.refuse", talk.you),
        say("perpetrator.calm", talk.you),
        listening_line(talk.you, world.now),
        buttons=(button("told.wrong_button", "not_this"), exit_button()),
    )
    return Step((refused,), talk, (Count("told:perpetrator", talk.province),))


def _again(talk: Conversation, world: World, times: int) -> Step:
    """Numbers first, then whom to see, then what to do tonight; no text comes twice running."""
    words = message(
        say("perpetrator.again", talk.you),
        say(("perpetrator.whom", "perpetrator.tonight")[(times - 1) % 2], talk.you),
        listening_line(talk.you, world.now),
        place_later(talk),
        buttons=(exit_button(),),
    )
    return Step((words,), talk)
