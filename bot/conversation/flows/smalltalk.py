"""Greetings, thanks, the menu, and what is out of scope."""

from __future__ import annotations

from bot.conversation.state import Conversation, Count, Heard, Step, World, rest
from bot.conversation.words import button, exit_button, message, say
from bot.conversation.young import age_alone
from bot.messages import Button

_WITH_MENU = {"greet", "help", "affirm", "deny", "out_of_scope", "empty", "media", "stale_button"}


def small_talk(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer in one or two sentences; the menu goes with what could lead on."""
    if age_alone(heard.text, world.now.year) is not None:
        child = say("told.line_child_self", talk.you) if heard.child else ""
        return Step((message(say("greet", talk.you), child, buttons=menu(talk.told)),), talk)
    return _answer(talk, heard.understood.intent)


def unreadable(talk: Conversation, heard: Heard, world: World) -> Step:
    """Nothing to read: a sticker, a photo, an empty message."""
    return _answer(talk, "media" if heard.incoming.media else "empty", keep=True)


def no_more(talk: Conversation, heard: Heard, world: World) -> Step:
    """No more of a game: nothing is asked, and nothing is said of the daily message."""
    return _answer(talk, "deny")


def stale_button(talk: Conversation, heard: Heard, world: World) -> Step:
    """A button of another time or another bot."""
    return _answer(talk, "stale_button", keep=True)


def _answer(talk: Conversation, key: str, keep: bool = False) -> Step:
    unsure = say("language.unsure") if key == "out_of_scope" and talk.other_language else ""
    text = message(unsure, "" if unsure else say(key, talk.you), buttons=menu(talk.told) if key in _WITH_MENU else ())
    counted = (Count("asked:out_of_scope", talk.province),) if key == "out_of_scope" else ()
    return Step((text,), talk if keep else rest(talk), counted)


def menu(told: bool = False) -> tuple[Button, ...]:
    """Return the menu, help first; nothing of the campaign for somebody who told of violence."""
    keys = (
        ("menu.help_near", "near"),
        ("menu.law", "law"),
        ("menu.slogan", "slogan"),
        ("menu.subscribe", "subscribe"),
        ("menu.privacy", "privacy"),
        ("menu.language", "language"),
    )
    return (*(button(k, p) for k, p in keys if not (told and p in ("slogan", "subscribe"))), exit_button())
