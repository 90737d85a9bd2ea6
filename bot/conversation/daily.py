"""The question of consent to the daily message; nothing is kept before the answer."""

from __future__ import annotations

from dataclasses import replace

from bot.clock import is_daytime
from bot.conversation.state import Conversation, Heard, Step, ask, rest
from bot.conversation.words import button, exit_button, message, say

DEFAULT_MINUTE = 7 * 60
FIRST_MINUTE = 6 * 60 + 30
"""No message comes earlier in the day."""
_DISCREET = "-kin"
WEB = "web"
"""The channel that answers but cannot send by itself: a subscription made there could never be served."""


def ask_consent(talk: Conversation, heard: Heard, minute: int | None, discreet: bool = False) -> Step:
    """Ask consent for a message a day at `minute`, discreet or not; where nothing can be sent, say that instead."""
    if heard.incoming.channel == WEB:
        below = (button("menu.slogan", "slogan"), exit_button())
        return Step((message(say("subscribe.web", talk.you), buttons=() if talk.told else below),), rest(talk))
    minute = DEFAULT_MINUTE if minute is None else minute
    early = is_early(minute)
    minute = FIRST_MINUTE if early else minute
    if not is_daytime(minute):
        return Step((message(say("subscribe.night", talk.you)),), ask(talk, "hour"))
    value = f"{minute}{_DISCREET if discreet or is_discreet(talk.asked) else ''}"
    below = (button("subscribe.yes", f"subscribe:{value}"), button("subscribe.no", "subscribe:no"))
    asked = message(
        say("subscribe.early", talk.you) if early else "",
        say("subscribe.consent", talk.you, hour=as_hour(minute)),
        say("subscribe.discreet", talk.you) if value.endswith(_DISCREET) else "",
        buttons=below,
    )
    return Step((asked,), replace(talk, asked=f"consent:{value}"))


def agreed(payload: str) -> int | None:
    """Return the minute of the day that the answer agrees to, or None for no."""
    minute = payload.removesuffix(_DISCREET)
    known = minute.isascii() and minute.isdigit() and len(minute) < 5 and is_daytime(int(minute))
    return int(minute) if known else None


def is_discreet(value: str) -> bool:
    """Tell whether a consent is asked, or given, for discreet messages only."""
    return value.endswith(_DISCREET)


def is_early(minute: int) -> bool:
    """Tell whether an hour is one of the morning, only too early."""
    return 4 * 60 <= minute < FIRST_MINUTE


def as_hour(minute: int) -> str:
    """Return a minute of the day as people read it, ``"07:00"``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
