"""Somebody who hurts, or fears to: safety of the other first, help without praise or threat."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.offer import ask_place, show_places, with_place
from bot.conversation.state import Conversation, Count, Heard, Step, World
from bot.conversation.words import button, exit_button, message, say


def perpetrator(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer with what to do now and where one can learn to stop."""
    talk = replace(with_place(talk, heard.understood.place), wanted="change")
    online = "online" in heard.understood.types
    first = message(
        say("perpetrator.image" if online else "perpetrator.first", talk.you),
        say("perpetrator.next", talk.you),
        buttons=(button("told.wrong_button", "not_this"), exit_button()),
    )
    count = (Count("told:perpetrator", talk.province),)
    if talk.commune and not (heard.understood.place and heard.understood.place.ask):
        more = show_places(talk, world)
        return Step((first, *more.replies), more.talk, count + more.effects)
    asked, talk = ask_place(talk, say("perpetrator.ask_place", talk.you), heard.understood.place)
    return Step((first, asked), talk, count)
