"""What belongs to the person: who reads this, erase it, hide it now."""

from __future__ import annotations

from bot.conversation.state import Conversation, Forget, Heard, Step, World, ask, rest
from bot.conversation.words import button, exit_button, message, say
from nlu.text import fold, normalise


def privacy(talk: Conversation, heard: Heard, world: World) -> Step:
    """Tell that this is a machine, what is kept and for how long."""
    return Step(
        (message(say("privacy", talk.you), buttons=(button("erase.yes", "erase:ask"), exit_button())),), rest(talk)
    )


def machine(talk: Conversation, heard: Heard, world: World) -> Step:
    """Tell in one sentence that a machine answers, and how to reach a person."""
    below = (button("human.button", "human"), button("menu.privacy", "privacy"), exit_button())
    return Step((message(say("aside.machine", talk.you), buttons=below),), talk)


def erase(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask once before everything is deleted; the bare word "xóa" needs no question."""
    if fold(normalise(heard.text)).strip(" .!") in ("xoa", "xoa het", "xoa di", "xoa het di"):
        return erased(talk, "yes")
    below = (button("erase.yes", "erase:yes"), button("erase.no", "erase:no"))
    return Step((message(say("erase.confirm", talk.you), buttons=below),), ask(talk, "erase"))


def erased(talk: Conversation, payload: str) -> Step:
    """Delete everything of this person, or nothing."""
    if payload == "yes":
        return Step((message(say("erase.done", talk.you)),), Conversation(), (Forget(),))
    return Step((message(say("erase.kept", talk.you)),), rest(talk))


def hide(talk: Conversation, heard: Heard, world: World) -> Step:
    """Hide now: one harmless line, and nothing of the conversation stays."""
    return Step((message(say("exit"), leave=True),), Conversation(you="bạn"))
