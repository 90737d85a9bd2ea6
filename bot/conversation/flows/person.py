"""What belongs to the person: who reads this, erase it, hide it now."""

from __future__ import annotations

import re

from bot.conversation.state import Conversation, Forget, Heard, Step, World, ask, rest
from bot.conversation.words import button, day, exit_button, message, say
from nlu.text import fold, normalise

_RECEIPTS = {"campaign": "receipt.campaign", "callback": "receipt.callback"}
_AGREED = re.compile(
    r"\b(?:toi|em|minh|tui|chau|con|chi|bac|co|ban) (?:da |tung |co )?dong y (?:nhung |cho |voi )?(?:\w+ )?(?:gi|nao)\b"
    r"|^(?:xem )?bien nhan(?: dong y)?$|^(?:xem )?nhung gi (?:toi|em|minh) da dong y"
)


def privacy(talk: Conversation, heard: Heard, world: World) -> Step:
    """Tell that this is a machine, what is kept and for how long."""
    stays = "" if world.can_delete else say("privacy.stays", talk.you)
    below = (button("erase.yes", "erase:ask"), exit_button())
    return Step((message(say("privacy", talk.you), stays, buttons=below),), rest(talk))


def receipts(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Show what the person agreed to, on which day, by which version of the words; None for any other message.

    A call-back is named only in the conversation in which it was left: later somebody else may hold the phone.
    """
    if not _AGREED.search(fold(normalise(heard.text))):
        return None
    given = [r for r in world.receipts() if r.purpose != "callback" or talk.call_left]
    lines = [say(_RECEIPTS[r.purpose], talk.you, day=day(r.day), value=r.version) for r in given]
    below = (button("erase.yes", "erase:ask"), exit_button())
    head = say("receipt.head" if lines else "receipt.none", talk.you)
    return Step((message(head, *lines, say("receipt.tail", talk.you), buttons=below),), rest(talk))


def machine(talk: Conversation, heard: Heard, world: World) -> Step:
    """Tell in one sentence that a machine answers, and how to reach a person."""
    below = (button("human.button", "human"), button("menu.privacy", "privacy"), exit_button())
    return Step((message(say("aside.machine", talk.you), buttons=below),), talk)


def erase(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask once before everything is deleted; the bare word "xóa" needs no question."""
    if fold(normalise(heard.text)).strip(" .!") in ("xoa", "xoa het", "xoa di", "xoa het di", "delete"):
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
