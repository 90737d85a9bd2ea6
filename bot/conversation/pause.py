"""After a pause somebody else may hold the phone: ask whether to go on, and show nothing of what was told."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.state import Conversation, Heard, Step, World
from bot.conversation.words import button, exit_button, message, say
from nlu.labels import DIRECTORY

HOURS = 4
"""Of silence in a conversation where something was told."""
_OWN = (*DIRECTORY, "quick_exit", "erase_data", "unsubscribe", "ask_privacy")
"""Intents that need nothing of before: they are answered at once, as if nothing had been told."""


def after_pause(talk: Conversation, heard: Heard, world: World) -> Conversation | Step:
    """Return the state in which this message is answered, or the question whether to go on; danger passes at once."""
    said, pressed = heard.understood, heard.incoming.button
    waits, _, asked = talk.asked.partition(":")
    if waits == "pause":
        if pressed == "pause:on":
            return Step((message(say("pause.on", talk.you)),), replace(talk, asked=asked))
        if pressed == "pause:new":
            return Step((message(say("pause.new", talk.you)),), _anew(talk))
        return replace(talk, asked=asked) if said.risk == "emergency" else _anew(talk)
    if not _is_open(talk) or world.now.timestamp() - talk.at < HOURS * 3600 or said.risk == "emergency":
        return talk
    if pressed == "exit" or said.act == "act" or (pressed is None and said.intent in _OWN):
        return _anew(talk)
    below = (button("pause.on_button", "pause:on"), button("pause.new_button", "pause:new"), exit_button())
    return Step((message(say("pause.ask", talk.you), buttons=below),), replace(talk, asked=f"pause:{talk.asked}"))


def _is_open(talk: Conversation) -> bool:
    """Tell whether there is something sensitive that an answer could show."""
    return bool(talk.at) and bool(
        talk.types or talk.answered or talk.needs or talk.draft or (talk.told and talk.commune)
    )


def _anew(talk: Conversation) -> Conversation:
    """Return a state that can show nothing of before, and still keeps messages away, refuges from who hurts, call-backs from a commune."""
    return Conversation(
        you=talk.you,
        told=talk.told,
        hurts=talk.hurts,
        avoided=talk.avoided,
        young=talk.young,
        quiz=talk.quiz,
        slogan=talk.slogan,
        language=talk.language,
    )
