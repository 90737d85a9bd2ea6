"""Who is hurt, where the words are plain and labels are not: the child itself, grown people; and what they need."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.address import CHILD, speaks_of_self
from bot.conversation.phrases import fitting, of_person
from bot.conversation.state import CHILD_KINDS, Conversation, Heard
from bot.conversation.understanding import Understood
from nlu.labels import DIRECTORY, DISCLOSURE, PERPETRATOR
from nlu.patterns import Pattern, Text
from referral_directory.terms import LANGUAGES, TAKES


def as_told(heard: Heard, you: str) -> Understood:
    """Return what was understood, mended where the words are plain: who is hurt, and that a son may be grown up."""
    said = heard.understood
    of_self = _I_AM.search(Text(heard.text)) or (is_young_at_home(heard, you) and speaks_of_self(heard.text, you))
    said = replace(said, reporter="self") if of_self and said.reporter == "witness" else said
    return _of_grown_ups(said, heard.text)


def with_needs(talk: Conversation, heard: Heard) -> Conversation:
    """Return the state that knows what was just told of the person and decides where they are sent; never who hurts."""
    said = heard.understood
    if NO_CALL in of_person(heard.text) and said.reporter != "witness":
        talk = replace(talk, needs=tuple(dict.fromkeys((*talk.needs, NO_CALL))))
    telling = talk.told or said.act == "act" or said.intent in DIRECTORY or talk.asked.startswith("place")
    if not (telling and heard.text) or talk.hurts or said.intent == PERPETRATOR:
        return talk
    found = [code for code in of_person(heard.text) if code in NEEDS]
    if said.reporter == "witness" or talk.reporter == "witness":  # "tôi là đàn ông" tells of the writer
        found = [code for code in found if code not in TAKES]
    found += ["children"] if heard.child else []
    found += ["overnight"] if heard.need == "where" or heard.meant == "fleeing" else []
    found += ["en"] if heard.meant == "english" else []
    return replace(talk, needs=tuple(dict.fromkeys((*found, *talk.needs))))


def cannot_call(text: str) -> bool:
    """Tell whether a message says that its writer is deaf or cannot speak, or asks for help without a call."""
    return NO_CALL in of_person(text) or "by-writing" in fitting(text)


def says_no_more(text: str) -> bool:
    """Tell whether a message holds nothing beside that: no word of violence."""
    return cannot_call(text) and _ONLY_OF_CALLING.search(Text(text)) is not None


NO_CALL = "no_call"
"""What is kept of somebody who is deaf or cannot speak, told at any time of the conversation."""
NEEDS = frozenset({*TAKES, "overnight", *LANGUAGES})
"""What of a person decides where they are sent."""


def is_young_at_home(heard: Heard, you: str) -> bool:
    """Tell whether a child speaks of somebody at home or at school who should care for it."""
    child = you in CHILD or (you == "em" and heard.child)
    relation = heard.understood.entities.get("relation")
    fathers = relation == "husband" and heard.young  # "bố cháu" is the husband of whoever is no child
    return child and (fathers or relation in ("stepfather", "parent", "teacher"))


def _of_grown_ups(said: Understood, text: str) -> Understood:
    """Take back "school" and "child" where grown people are told of and no school: a son may be forty."""
    words = Text(text)
    young = CHILD_KINDS & set(said.types)
    if not young or said.entities.get("child") or _SCHOOL.search(words) or not _GROWN.search(words):
        return said
    if "school" not in young and not _BY_A_GROWN_CHILD.search(words):
        return said
    types = tuple(t for t in said.types if t not in young) or ("physical",)
    intent = next(i for i, kind in DISCLOSURE.items() if kind == types[0])
    return replace(said, types=types, intent=intent if DISCLOSURE.get(said.intent) in young else said.intent)


_ONLY_OF_CALLING = Pattern(
    [
        "^(?:(?:dạ|em|tôi|tui|mình|cháu|con|bị|là|người|câm|điếc|khiếm thính|bẩm sinh|nên|mà|thì|vì|và|không|chẳng|hổng|nghe|nói|gọi|điện|thoại|được|có|số|nào|nhận|sms|tin|nhắn|chat|zalo|tổng đài|báo|công an|kiểu|gì|sao|làm|thế|thôi|đừng|ạ|nha|nhé|[,.?])(?: |$))+$"
    ]
)
_SCHOOL = Pattern(["lớp|trường|học sinh|bạn học|thầy|cô giáo|đi học|giờ ra chơi|ký túc|mẫu giáo|mầm non"])
_CHILD_ON_PARENT = (
    r"con (?:trai|gái)(?: \w+){0,5} (?:đánh|chửi|đuổi|mắng|dọa|xô|bỏ đói|đập) (?:tôi|tui|mẹ|má|bác|bà|cha|u)"
)
_GROWN = Pattern(
    [
        "vợ|chồng|con dâu|con rể|dâu|rể|lương|đi làm|công ty|nhậu|rượu|xe lăn|khuyết tật|nuôi (?:nó|tôi)|tiền bạc",
        r"(?:1[89]|[2-9]\d) tuổi",
        _CHILD_ON_PARENT,
    ]
)
_I_AM = Pattern(
    [
        r"^(?:(?:dạ|thưa|ạ|hôm qua|tối qua|hồi nãy|nay) )*(?:em|con|cháu|tôi|tui|mình|tao) (?:(?:hay|vừa|mới|đang|cứ|thường|luôn|toàn) )*bị"
    ]
)
_BY_A_GROWN_CHILD = Pattern([_CHILD_ON_PARENT])
