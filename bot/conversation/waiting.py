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
    if question == "callback_consent" and talk.draft and _of_calling(talk, heard):
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
    if heard.understood.intent in _NOT_CALLBACK:
        return None
    if _of_calling(talk, heard):
        return callback.words_given(talk, heard, world)
    return None if _is_something_else(talk, heard) else callback.ask_again(talk, heard, world)


def number_or_how(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Take a number, or beside words for a call-back how to call, whatever else the message looks like."""
    said = heard.understood
    if talk.asked == "callback" and said.entities.get("phones") and said.risk != "emergency":
        return callback.words_given(talk, heard, world)
    waits = talk.asked == "callback_consent" and talk.draft and not said.alarmed
    return callback.words_added(talk, heard, world) if waits and _HOW_ALONE.search(Text(heard.text)) else None


def closed(before: Conversation, answered: Step) -> Step:
    """Close a question of consent that something else was said to: a later "ok" agrees to nothing."""
    buttons = _ASKED_WITH.get(before.asked.partition(":")[0])
    if buttons is None or answered.talk.asked != before.asked:
        return answered
    if any(b.payload.startswith(buttons) for reply in answered.replies for b in reply.buttons):
        return answered
    return replace(answered, talk=replace(answered.talk, asked=""))


_ASKED_WITH = {"consent": "subscribe:", "erase": "erase:"}
"""Questions that any other answer closes, with the buttons that ask them anew."""


def _of_calling(talk: Conversation, heard: Heard) -> bool:
    """Tell whether the message says something for a call-back: a number (also one mistyped), an hour, when or how to call.

    A bare day or "zalo" is that only where nothing is asked or needed.
    """
    if hour(heard).text or sum(c.isdigit() for c in heard.text) >= _DIGITS:
        return True
    text = Text(heard.text)
    return _WHEN_OR_HOW.fits(text) or (_DAY_OR_WAY.search(text) is not None and not _is_something_else(talk, heard))


def _is_something_else(talk: Conversation, heard: Heard) -> bool:
    """Tell whether the message asks for something, or tells a need."""
    said = heard.understood
    asks = said.intent in _ASKS or (said.intent in KNOWLEDGE and find_facts(heard.text, talk.told))
    return bool(asks or heard.need or said.act == "ask")


_DIGITS = 7
"""As many digits are a phone number, or are meant as one."""
_WHO = "mẹ|má|chị|em|anh|bạn|bà|ông|hàng xóm|con|cô|dì|cậu|chú|bác|nhà"
_DAY = "(?:sáng|trưa|chiều|tối|đêm|ngày|hôm) (?:nay|mai|mốt|kia)|cuối tuần|đầu tuần|chủ nhật|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|morning|afternoon|evening"
_WAY = "zalo|telegram|facebook|messenger|viber|mail|email|nhắn tin|tin nhắn"
_WHEN_OR_HOW = Rule({
    "says": [
        "gọi (?:buổi|lúc|vào|giờ|ban|sáng|trưa|chiều|tối|khi|sau|trước|qua|bằng)",
        f"đừng gọi|chỉ gọi|cứ nói là|giả (?:làm|bộ|vờ)|nói là|giờ hành chính|gọi (?:\\w+ ){{0,3}}(?:{_DAY})|(?:{_DAY}) (?:\\w+ )?gọi",
        r"(?:lúc|khi|giờ) (?:nào|mô) (?:\w+ )?cũng|bất (?:cứ|kỳ|kể) (?:lúc|khi|giờ)|cả ngày",
        r"(?:lúc|khi|sau khi|trước khi|đợi|chờ|hễ)(?: \w+){1,5} (?:đi|vắng|ngủ|ra ngoài|về|khỏi nhà|không có nhà)",
        rf"(?:lúc|khi|giờ|{_DAY}) (?:\w+ ){{0,2}}(?:đi làm|đi vắng|đi học|đi chợ|vắng nhà|nghỉ trưa|tan làm|tan ca)",
        rf"(?:số|máy|điện thoại|{_WAY}) (?:của )?(?:{_WHO})|by (?:text|email)",
        "call (?:me )?(?:in|at|on|after|before|when|tomorrow|tonight)",
        r"(?:(?:không|một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mốt)(?: [,.])? ){6,}(?:không|một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mốt)",
    ],
    "unless": [r"(?:mấy giờ|bao giờ|khi nào|lúc nào|giờ nào)(?! (?:\w+ )?cũng)(?: \w+){0,3}(?: [?.])*$"],
})  # fmt: skip
"""When or how to call, in words; a question for the hour is none."""
_BESIDE = (
    "dạ|vâng|ừ|ok|chắc|thì|là|vào|buổi|cả|hoặc|hay|và|cũng|được|không|thôi|nha|nhé|nghe|ạ|đi|với|tuần|tới|sau|này|rảnh|em|tôi|tui|mình|cháu|con|chị|cho|của"
    "|gửi|nhắn|viết|qua|bằng|sáng|trưa|chiều|tối|in|on|the|every|tomorrow|please|only|is|fine|[,.!?]"
)
_DAY_OR_WAY = Pattern([f"^(?:(?:{_BESIDE}) )*(?:{_DAY}|{_WAY})(?: (?:{_BESIDE}|{_DAY}|{_WAY}))*$"])
"""A day or a way to write, with nothing but small words beside it."""
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
