"""Who says that they are under 16: nothing is kept for them beyond the turn but what the next one needs."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation.address import CHILD, YOUNG, form_of_address
from bot.conversation.state import Conversation, Effect, Heard, RequestCallback, SafeWord, Step, Subscribe, Unsubscribe
from bot.conversation.words import exit_button, message, say
from nlu.text import normalise

OF_AGE = 16
_GRADE_OF_AGE = 10
_I = r"(?:em|con|cháu|chau|mình|minh|tôi|toi|tui|tớ|to)"
_OWN_YEARS = re.compile(
    rf"(?:^|[,.;!?] ?|\b(?:dạ|da|mà|ma|vì|vi|tại|tai|nhưng|nhung|ơi|oi) |\b(?:thưa|thua|chào|chao) (?:(?:cô|co|chú|chu|thầy|thay|bác|bac|chị|chi|anh) )?)({_I})"
    r"(?: (?:năm nay|nam nay|nay|mới|moi|chỉ|chi|đang|dang|có|co|được|duoc|là|la|còn|học sinh|hoc sinh|học|hoc|gái|trai))*"
    r" (?:(\d{1,2}) ?(?:tuổi|tuoi|t)\b|(?:lớp|lop) (\d{1,2})\b)"
)
_IN_ENGLISH = re.compile(
    r"\bi (?:am|(?:['’] )?m(?:ày)?) (?:only |just )?(\d{1,2})(?= years?\b| ?y ?/? ?o\b| and\b| ?[,.!]|$)"
)
_OF_A_PARENT = re.compile(
    r"\b(?:tôi|toi|tui|mình|minh|vợ|chồng|chong|cháu|chau|bé|nó)\b|\bcon (?:gái|gai|trai|em|chị|chi|anh|bé|nhỏ|nho|nhà|nha|cả|út)\b"
)
"""Words of somebody who writes of their own child: "con 14 tuổi, nó bị bạn đánh"."""
_SHORT_YEARS = re.compile(r"\b(\d{1,2}) ?[tT]\b")
_LEAST = 7
"""Years: a younger "con" writes no message."""


def is_under_age(text: str, you: str) -> bool:
    """Tell whether the writer says that they are under 16: "em 14 tuổi", "cháu học lớp 8"; not "con tôi 14 tuổi"."""
    plain = _plain(text)
    if english := _IN_ENGLISH.search(plain):
        return _LEAST <= int(english[1]) < OF_AGE
    found = _OWN_YEARS.search(plain)
    if found is None or (found[1] == "con" and _tells_of_a_child(found, plain, you)):
        return False
    return int(found[2]) < OF_AGE if found[2] else int(found[3]) < _GRADE_OF_AGE


def own_word(text: str, you: str) -> str:
    """Return what somebody under 16 calls itself beside its age ("con 14 tuổi"), or ""."""
    found = _OWN_YEARS.search(_plain(text))
    word = {"chau": "cháu"}.get(found[1], found[1]) if found and you not in CHILD else ""
    return word if word in YOUNG and is_under_age(text, you) else ""


def _plain(text: str) -> str:
    return normalise(_SHORT_YEARS.sub(r"\1 tuổi", text))


def _tells_of_a_child(found: re.Match[str], plain: str, you: str) -> bool:
    """Tell a parent's "con 14 tuổi" from a child's: who called themselves otherwise before, or has a parent's words."""
    if you in CHILD or form_of_address(plain) in CHILD:
        return False
    young = found[2] is not None and int(found[2]) < _LEAST
    return young or you != "bạn" or _OF_A_PARENT.search(plain) is not None


def with_youth(talk: Conversation, heard: Heard) -> Conversation:
    """Return the state that knows of a writer under 16."""
    alone = heard.understood.entities.get("age") if heard.understood.source == "command" else None
    young = is_under_age(heard.text, talk.you) or (alone is not None and alone < OF_AGE)
    return replace(talk, young=True) if young else talk


def spared(before: Conversation, step: Step) -> Step:
    """Return the step with nothing kept of somebody under 16: no call-back, no subscription, no words, no story."""
    talk = step.talk
    if not talk.young:
        return step
    effects: list[Effect] = [e for e in step.effects if not isinstance(e, (RequestCallback, Subscribe, SafeWord))]
    refused = len(effects) < len(step.effects)
    if not before.young:
        effects.append(Unsubscribe())
    asks = talk.asked.startswith(("callback", "consent"))
    replies = step.replies
    if refused or (asks and talk.asked != before.asked):
        replies = (message(say("young.nothing_kept", talk.you), buttons=(exit_button(),)),)
    asked = "" if asks else talk.asked
    bare = Conversation(
        you=talk.you, asked=asked, offered=talk.offered, told=talk.told, guarded=talk.guarded, hurts=talk.hurts, young=True,
        answered=talk.answered, answered_on=talk.answered_on, language=talk.language,
    )  # fmt: skip
    return Step(replies, bare, tuple(effects))
