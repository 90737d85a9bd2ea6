"""After a pause, or on a page loaded again, it may be somebody else: all are asked to go on or not, nothing tells who told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.conversation.state import Conversation, Heard, Step, World
from bot.conversation.words import button, exit_button, message, say

HOURS = 4
"""Of silence, after which the person may be another."""


def after_pause(
    talk: Conversation, heard: Heard, world: World, stands_alone: Callable[[Conversation], bool]
) -> Conversation | Step:
    """Return the state in which this message is answered, or the question whether to go on.

    Danger and whatever else is told pass at once, in a state without the place and the telling of before: a partner may
    hold the phone. `stands_alone` tells whether the message is answered without needing anything of before. Whether
    something was told makes no difference to anything here, nor to the menus and offers afterwards.
    """
    pressed = heard.incoming.button
    if asks_to_go_on(talk):
        if pressed == "pause:on":
            return Step((message(say("pause.on", talk.you)),), _shut(talk))
        if pressed == "pause:new":
            return Step((message(say("pause.new", talk.you)),), anew(talk))
        return anew(talk)
    if not was_away(talk, heard, world):
        return talk
    if heard.understood.act == "act" or stands_alone(anew(talk)):
        return anew(talk)
    below = (button("pause.on_button", "pause:on"), button("pause.new_button", "pause:new"), exit_button())
    return Step((message(say("pause.ask", talk.you), buttons=below),), replace(talk, asked="pause"))


def asks_to_go_on(talk: Conversation) -> bool:
    """Tell whether the question after a pause waits for its answer."""
    return talk.asked == "pause"


def was_away(talk: Conversation, heard: Heard, world: World) -> bool:
    """Tell whether hours went by since the last message, or the page was loaded again: numbers mean no buttons of before."""
    return talk.at > 0 and (world.now.timestamp() - talk.at >= HOURS * 3600 or heard.incoming.page != talk.page)


def _shut(talk: Conversation) -> Conversation:
    """Return the state that knows the place, but nothing of what was told or wished for, and in which no question waits."""
    kept = replace(talk, told=False, guarded=talk.told or talk.guarded, types=(), needs=(), reporter="none", wanted="")
    return replace(kept, asked="", draft="", answered=(), answered_on="", call_left=False)


def anew(talk: Conversation) -> Conversation:
    """Return a state that can show nothing of before, and still keeps messages away, refuges from who hurts, call-backs from a commune."""
    return Conversation(
        you=talk.you,
        guarded=talk.told or talk.guarded,
        hurts=talk.hurts,
        avoided=talk.avoided,
        young=talk.young,
        quiz=talk.quiz,
        slogan=talk.slogan,
        language=talk.language,
    )
