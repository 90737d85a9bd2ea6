"""Take a message as the answer to the question that waits, where it is one."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import offer
from bot.conversation.entities import time_of_day
from bot.conversation.flows import callback, campaign, directory, disclosure, person
from bot.conversation.state import Conversation, Heard, Step, World, going_on
from nlu.patterns import Pattern, Text
from nlu.text import fold, normalise
from referral_directory.places import Place


def answer(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Take the message as the answer to the question that waits, if it is one."""
    said, question, _, value = heard.understood, *talk.asked.partition(":")
    yes, no = said.intent == "affirm", said.intent in ("deny", "unsubscribe")
    if question in ("place", "callback_place"):
        return _place(talk, heard, world, yes, no)
    if question == "events" and (place := _place_told(talk, heard, world)):
        return campaign.events(talk, replace(heard, understood=replace(said, place=place)), world)
    if question == "checkin" and (yes or no):
        return disclosure.confirm(talk, heard, world) if yes else disclosure.correct(talk, heard, world)
    if question == "consent" and (yes or no):
        return campaign.consented(talk, value if yes else "no", world)
    if question == "consent" and said.act != "ask" and hour(heard).text:
        return campaign.subscribe(talk, hour(heard), world)
    if question == "hour" and said.act != "ask" and hour(heard).text:
        return campaign.hour_told(talk, hour(heard), world)
    if question == "callback" and not no and said.intent not in _NOT_CALLBACK:
        return callback.words_given(talk, heard, world)
    if question == "callback_consent" and talk.draft and _of_calling(heard):
        return callback.words_added(talk, heard, world)
    if (question == "callback" and no) or (question == "callback_consent" and (yes or no)):
        return callback.consented(talk, "yes" if yes else "no", world)
    if question == "erase" and (yes or no or said.intent == "erase_data"):
        return person.erased(talk, "no" if no else "yes")
    return None


def _place(talk: Conversation, heard: Heard, world: World, yes: bool, no: bool) -> Step | None:
    """Take the message as a place, or as the wish to tell none; while somebody is being helped, need goes before it."""
    said, helped = heard.understood, going_on(talk, world.now)
    if helped and said.place is None and (heard.need or heard.child):
        return None
    if (no and len(heard.text.split()) <= 4) or fold(normalise(heard.text)).strip(" .") in ("bo qua", "skip"):
        return directory.place_chosen(talk, "skip", world)
    place = _place_told(talk, heard, world)
    if helped and place is None and (said.act == "ask" or yes or no or heard.meant == "talk"):
        return None
    if place or said.intent in ("out_of_scope", "give_location", "affirm"):
        return directory.place_told(talk, replace(heard, understood=replace(said, place=place)), world)
    return None


def how_to_call(talk: Conversation, heard: Heard) -> bool:
    """Tell whether the message only says how to call, while the words for a call-back wait for the consent."""
    waits = talk.asked == "callback_consent" and bool(talk.draft)
    return waits and not heard.understood.alarmed and _HOW_ALONE.search(Text(heard.text)) is not None


def _of_calling(heard: Heard) -> bool:
    """Tell whether the message adds to the words for a call-back: an hour, a number, how to call."""
    told = bool(hour(heard).text or heard.understood.entities.get("phones"))
    return told or _HOW_TO_CALL.search(Text(heard.text)) is not None


_HOW_TO_CALL = Pattern(
    ["gọi (?:buổi|lúc|vào|giờ|ban|sáng|trưa|chiều|tối|cho|khi)", "đừng gọi|chỉ gọi|cứ nói là|giả (?:làm|bộ|vờ)|nói là"]
)
_HOW_ALONE = Pattern(
    [
        "^(?:dạ |và |với |nhớ |mà )*(?:cứ nói là|đừng gọi|chỉ gọi|gọi (?:buổi|lúc|vào|ban|sáng|trưa|chiều|tối)|giả (?:làm|bộ|vờ))"
    ]
)
_NOT_CALLBACK = ("erase_data", "ask_privacy", "help", "ask_law", "ask_concept", "goodbye", "thank")
"""Said instead of the words for a call-back, these are what they are."""
_OPEN = ("out_of_scope", "give_location", "find_safe_address", "find_police", "find_health", "affirm", "greet")


def _place_told(talk: Conversation, heard: Heard, world: World) -> Place | None:
    """Return the place in an answer to our question; a question on something else is not searched for names."""
    said = heard.understood
    if said.intent in _OPEN or len(heard.text.split()) <= 3:  # "cam tan" looks like thanks
        place = offer.answer_place(talk, heard.text, world)
        return place if place and (said.intent in _OPEN or not place.ask) else said.place
    return said.place


def hour(heard: Heard) -> Heard:
    """Return the message as an hour ("7" is seven o'clock), without text when it tells none."""
    digits = heard.text.strip(" .")
    text = f"{digits}h" if digits.isascii() and digits.isdigit() and len(digits) <= 2 else heard.text
    text = text if time_of_day(text) is not None else ""
    return replace(heard, incoming=replace(heard.incoming, text=text))
