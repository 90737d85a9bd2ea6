"""Buttons: how an answer offers them, and which flow answers one that is pressed, typed, or opened by a link."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.daily import WEB
from bot.conversation.flows import (
    callback,
    campaign,
    directory,
    disclosure,
    knowledge,
    language,
    person,
    quiz,
    smalltalk,
)
from bot.conversation.state import Conversation, Flow, Heard, Step, World
from bot.messages import Outgoing
from nlu.text import fold, normalise
from referral_directory.places import load

BUTTONS: dict[str, Flow] = {
    "exit": person.hide,
    "near": directory.near,
    "human": callback.offer,
    "avoid": directory.avoid,
    "beside": directory.beside,
    "all": directory.everything,
    "all:beside": directory.everything,
    "law": knowledge.invite,
    "slogan": campaign.slogan,
    "slogan:other": campaign.other_slogan,
    "subscribe": campaign.subscribe,
    "privacy": person.privacy,
    "not_this": disclosure.correct,
    "told:yes": disclosure.confirm,
    "erase:ask": person.erase,
    "quiz": quiz.begin,
    "quiz:streak": quiz.keep_streak,
    "language": language.offer,
}


def pressed(talk: Conversation, payload: str, heard: Heard, world: World) -> Step:
    """Answer a button by its payload."""
    if payload in BUTTONS:
        return BUTTONS[payload](talk, heard, world)
    kind, _, value = payload.partition(":")
    if kind == "place":
        return directory.place_chosen(talk, value, world, payload not in {p for _, p in talk.offered})
    if kind == "subscribe" and (talk.asked == f"consent:{value}" or value == "no"):
        return campaign.consented(talk, value, world)
    if kind == "callback":
        return callback.consented(talk, value, world)
    if kind == "quiz":
        return quiz.answered(talk, value, heard, world)
    if kind == "language":
        return language.chosen(talk, value)
    if kind == "erase":
        return person.erased(talk, value)
    return smalltalk.stale_button(talk, heard, world)


def opened(talk: Conversation, payload: str, heard: Heard, world: World) -> Step:
    """Answer a deep link: `near`, `slogan`, `subscribe`, `law`, `privacy`, `quiz`, a commune as `p15178`; anything else greets."""
    if payload in ("near", "slogan", "subscribe", "law", "privacy", "quiz"):
        return BUTTONS[payload](talk, heard, world)
    if payload[:1] == "p" and payload[1:].isascii() and payload[1:].isdigit() and load().commune(int(payload[1:8])):
        return directory.place_chosen(talk, payload[1:], world, by_link=True)
    return smalltalk.small_talk(talk, replace(heard, understood=replace(heard.understood, intent="greet")), world)


_WITHOUT_NUMBERS = (WEB, "telegram")
"""Channels that show buttons as buttons."""


def typed(talk: Conversation, heard: Heard) -> Heard:
    """Take "2", "số 2" or the button's own words as that button of the last answer.

    Where buttons stand without numbers, none means leaving: "1" may be the first key of 113.
    """
    words = fold(normalise(heard.text)).strip(" .!")
    for number, (label, payload) in enumerate(talk.offered, 1):
        unseen = payload == "exit" and heard.incoming.channel in _WITHOUT_NUMBERS
        names = (fold(normalise(label)).strip(" ?"), *(() if unseen else (f"{number}", f"so {number}")))
        if heard.incoming.button is None and words in names:
            return replace(heard, incoming=replace(heard.incoming, button=payload))
    return heard


def done_when_pressed(answered: Step, channel: str) -> Step:
    """Return the step without buttons that would be refused: no daily message on the page, nothing kept of a child."""
    refused = {*(("subscribe",) if channel == WEB else ()), *(("subscribe", "human") if answered.talk.young else ())}
    replies = (replace(r, buttons=tuple(b for b in r.buttons if b.payload not in refused)) for r in answered.replies)
    return replace(answered, replies=tuple(replies))


def numbered(answered: Step) -> Step:
    """Offer each choice once, and count the choices through all replies, so that a number means one thing only."""
    replies: list[Outgoing] = []
    offered: list[tuple[str, str]] = []
    for n, reply in enumerate(answered.replies):
        later = {b.payload for r in answered.replies[n + 1 :] for b in r.buttons}
        chosen_below = any(_is_commune(payload) for payload in later)  # "1" is then the first commune
        below = () if chosen_below else tuple(b for b in reply.buttons if b.payload not in later)
        replies.append(replace(reply, buttons=below, first_number=len(offered) + 1))
        offered += [(b.label, b.payload) for b in below]
    return replace(answered, replies=tuple(replies), talk=replace(answered.talk, offered=tuple(offered)))


def _is_commune(payload: str) -> bool:
    return payload.startswith("place:") and payload.removeprefix("place:").isdigit()
