"""Take a message as the answer to the question that waits, where it is one."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import offer
from bot.conversation.entities import time_of_day
from bot.conversation.flows import callback, campaign, directory, disclosure, person
from bot.conversation.library import find_facts
from bot.conversation.state import Conversation, Heard, Step, World, going_on
from nlu.labels import DIRECTORY, KNOWLEDGE
from nlu.patterns import Pattern, Rule, Text
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
    if question == "callback" and not (no := no or _NEVER_MIND.search(Text(heard.text)) is not None):
        return _words_for_the_call(talk, heard, world)
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


def _words_for_the_call(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Take the message as the words for a call-back where it says how or when; else it is what it is, or is asked again."""
    said = heard.understood
    if said.intent in _NOT_CALLBACK and not said.entities.get("phones"):
        return None
    if _of_calling(heard):
        return callback.words_given(talk, heard, world)
    asks = said.intent in _ASKS or (said.intent in KNOWLEDGE and find_facts(heard.text, talk.told))
    helps = heard.need or said.act == "ask"
    return None if asks or helps else callback.ask_again(talk, heard, world)


def how_to_call(talk: Conversation, heard: Heard) -> bool:
    """Tell whether the message only says how to call, while the words for a call-back wait for the consent."""
    waits = talk.asked == "callback_consent" and bool(talk.draft)
    return waits and not heard.understood.alarmed and _HOW_ALONE.search(Text(heard.text)) is not None


def _of_calling(heard: Heard) -> bool:
    """Tell whether the message says something for a call-back: a number (also one mistyped), an hour, when or how to call."""
    if hour(heard).text or sum(c.isdigit() for c in heard.text) >= _DIGITS:
        return True
    return _WHEN_OR_HOW.fits(Text(heard.text))


_DIGITS = 7
"""As many digits are a phone number, or are meant as one."""
_WHEN_OR_HOW = Rule({
    "says": [
        "gọi (?:buổi|lúc|vào|giờ|ban|sáng|trưa|chiều|tối|khi|sau|trước|qua|bằng)",
        "đừng gọi|chỉ gọi|cứ nói là|giả (?:làm|bộ|vờ)|nói là",
        "(?:sáng|trưa|chiều|tối|đêm|ngày|hôm) (?:nay|mai|mốt|kia)|cuối tuần|đầu tuần|chủ nhật|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|giờ hành chính",
        r"(?:lúc|khi|giờ) (?:nào|mô) (?:\w+ )?cũng|bất (?:cứ|kỳ|kể) (?:lúc|khi|giờ)|cả ngày",
        r"(?:lúc|khi|sau khi|trước khi|đợi|chờ|hễ)(?: \w+){1,5} (?:đi|vắng|ngủ|ra ngoài|về|khỏi nhà|không có nhà)",
        r"(?:lúc|khi|giờ) (?:\w+ ){0,2}(?:đi làm|đi vắng|đi học|đi chợ|vắng nhà|nghỉ trưa|tan làm|tan ca)",
        "zalo|telegram|facebook|messenger|viber|mail|email|nhắn tin|tin nhắn",
        r"(?:số|máy|điện thoại) (?:của )?(?:mẹ|má|chị|em|anh|bạn|bà|ông|hàng xóm|con|cô|dì|cậu|chú|bác|nhà)",
        "call (?:me )?(?:in|at|on|after|before|when|tomorrow|tonight)|morning|afternoon|evening|by (?:text|email)",
        r"(?:(?:không|một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mốt)(?: [,.])? ){6,}(?:không|một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mốt)",
    ],
    "unless": [r"(?:mấy giờ|bao giờ|khi nào|lúc nào|giờ nào)(?! (?:\w+ )?cũng)(?: \w+){0,3}(?: [?.])*$"],
})  # fmt: skip
"""When or how to call, in words; a question for the hour is none."""
_NEVER_MIND = Pattern(
    [
        r"^(?:dạ |à |ơ |mà )*(?:thôi |khỏi |không |chẳng )+(?:\w+ )?(?:khỏi|cần|gọi|nữa|thôi|muốn|nhờ)(?: (?:gọi|nữa|đâu|ạ|nha|nhé|đi|lại|vậy|[.]))*$"
    ]
)
"""The wish for a call taken back."""
_HOW_ALONE = Pattern(
    [
        "^(?:dạ |và |với |nhớ |mà )*(?:cứ nói là|đừng gọi|chỉ gọi|gọi (?:buổi|lúc|vào|ban|sáng|trưa|chiều|tối)|giả (?:làm|bộ|vờ))"
    ]
)
_NOT_CALLBACK = ("erase_data", "ask_privacy", "help", "goodbye", "thank")
"""Said instead of the words for a call-back, these are what they are."""
_ASKS = frozenset({*DIRECTORY, "ask_slogan", "ask_campaign"} - {"give_location"})
"""… and these too, where nothing beside them says how or when to call."""
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
