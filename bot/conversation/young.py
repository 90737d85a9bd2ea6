"""Who says that they are under 16: nothing is kept for them beyond the turn but what the next one needs."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation.address import CHILD, MAYBE_YOUNG, YOUNG, form_of_address
from bot.conversation.state import Conversation, Effect, Heard, RequestCallback, SafeWord, Step, Subscribe, Unsubscribe
from bot.conversation.victim import NO_CALL
from bot.conversation.words import exit_button, message, say
from bot.conversation.years import in_years

OF_AGE = 16
_I = r"(?:em|con|cháu|chau|mình|minh|tôi|toi|tui|tớ|to)"
_TO = r"(?:cô|co|chú|chu|thầy|thay|bác|bac|anh|chị|chi|bạn|ban|ad)"
_NOW = r"(?:năm nay|nam nay|nay|bây giờ|bay gio|giờ|gio|hiện|hiện tại|hiện nay)"
_POLITE = rf"(?:(?:dạ|da|vâng|vang|thưa|thua|chào|chao|alo)(?: {_TO})?(?: (?:ơi|oi|ạ))?|{_TO} (?:ơi|oi|ạ)|{_NOW}|,)"
_STILL = (
    r"(?:năm nay|nam nay|nay|mới|moi|chỉ|chi|đang|dang|có|co|được|duoc|là|la|còn|tròn|vừa|vua|khoảng|lên|len"
    r"|hơn|hon|khoang|hiện|hien|học sinh|hoc sinh|học|hoc|trường|truong|nữ sinh|nam sinh|thì|thi|ms)"
)
_NAMED = (
    r"(?: (?:tên|ten)(?: là| la)?(?: \w+){1,4}?| (?:là |la )?(?:nữ|nu|con gái|con gai|con trai)(?= ,? ?\d)"
    r"| (?:là|la) (?!(?:mẹ|me|má|ma|bố|bo|cô|co|thầy|thay|chị|chi|anh|vợ|vo|bạn|ban|con|bà|ba|dì|di)\b)[^\W\d]+(?= ,? ?\d))?(?: ,)?"
)
_ENDED = r"(?:ạ|á|anh|rồi|roi|thôi|thoi|nha|nhé|nè|đó|vậy|rưỡi|ruoi|hơn)"
_OWN_YEARS = re.compile(
    rf"(?:^|[,.;!?] ?|\b(?:dạ|da|mà|ma|vì|vi|tại|tai|nhưng|nhung|ơi|oi|{_NOW}) |\b(?:thưa|thua|chào|chao) (?:{_TO} )?)({_I})"
    rf"{_NAMED}(?: {_STILL})*+ (?:(\d{{1,2}}) tuổi\b|(1\d)(?= (?:[,.;!?]|bị|bi|{_ENDED})(?: |$)|$))"
)
_ALONE = re.compile(
    rf"^(?:{_POLITE} )*+(?:({_I}) (?:{_STILL} )*+(\d{{1,2}})(?: tuổi)?|(?:{_STILL} )*+(\d{{1,2}}) tuổi)(?: (?:{_ENDED}|[.,!]))*$"
)
_NOBODY_NAMED = re.compile(rf"^(?:{_POLITE} )*+(?:{_STILL} )*+(\d{{1,2}}) tuổi(?: {_ENDED})*(?= [,.;!?])")
_TODAY = re.compile(
    rf"^(?:{_POLITE} )*+(em|cháu|chau|mình|minh|tôi|toi|tui)(?! (?:gái|gai|trai|tôi|toi|em|họ|ho)\b)"
    rf"(?:(?!\b(?:con|bé|be|bạn|ban|nó|no)\b).)* \d{{1,2}} tuổi\b(?:(?!\b(?:con|bé|be|bạn|ban|nó|no)\b).)*"
    rf" (?:nay|bây giờ|bay gio|giờ|gio|hiện|hien)(?: {_I})?(?: {_STILL})*+ (\d{{1,2}})(?: tuổi\b|(?= (?:[,.;!?]|bị|bi|{_ENDED})(?: |$)|$))"
)
"""Years of today told after those of another time: "em lấy chồng hồi 14 tuổi, nay 15"."""
_OF_OTHERS = re.compile(
    r" (?:(?:ở|o|của|cua|con|gần|gan|cạnh|canh) )?(?:(?:nhà|nha) (?:hàng xóm|hang xom|bên|ben|kế|ke|tôi|toi|tui)|hàng xóm|hang xom|(?:lớp|lop|trường|truong|xóm|xom) (?:tôi|toi|tui))\b"
)
"""… of somebody else: "cháu 13 tuổi nhà hàng xóm bị đánh"."""
_THEN_BEFORE = re.compile(
    r"\b(?:(?:hồi|hoi|lúc|luc|ngày|ngay|năm|nam|thời|thoi) (?:đó|do|ấy|ay|xưa|xua|trước|truoc|nhỏ|nho|kia)"
    r"|(?:cách đây|cach day) [^,.;!?]+|\d+ (?:năm trước|nam truoc))(?: ,)? ?$"
)
_THEN_AFTER = re.compile(
    r"(?: (?:thì|thi|là|la))? (?:(?:ngày|ngay|hồi|hoi|lúc|luc|năm|nam) (?:đó|do|ấy|ay|xưa|xua|trước|truoc)|(?<=thì )nghỉ|(?<=thi )nghi|xong|hết|het)\b"
)
"""The past of somebody grown: "em lớp 8 ngày xưa", "hồi đó, em 14 tuổi", "em học lớp 7 thì nghỉ"."""
_IN_ENGLISH = re.compile(
    r"\b(?:i (?:am|(?:['’] )?m(?:ày)?)|im) (?:only |just )?(\d{1,2})(?= years?\b| ?y ?/? ?o\b| and\b| ?[,.!]|$)"
)
_OF_A_PARENT = re.compile(
    r"\b(?:tôi|toi|tui|mình|minh|vợ|chồng|chong|cháu|chau|bé|nó|no (?:bị|bi|khóc|khoc))\b|\bcon (?:gái|gai|trai|em|chị|chi|anh|bé|nhỏ|nho|nhà|nha|cả|út)\b"
)
"""Words of somebody who writes of their own child: "con 14 tuổi, nó bị bạn đánh"."""
_LEAST, _LEAST_OF_CON = 5, 7
"""Years of the youngest who write; a younger "con", or one in English, is a child that somebody tells of."""


def is_under_age(text: str, you: str, this_year: int) -> bool:
    """Tell whether the writer says that they are under 16: "em 14 tuổi", "cháu học lớp tám"; not "con tôi 14 tuổi"."""
    own = _own_years(in_years(text, this_year), you)
    word, years = max(own, key=lambda told: told[1], default=("", OF_AGE))  # who was 14 then, and is 25 now, is 25
    return (_LEAST_OF_CON if word in ("con", "") else _LEAST) <= years < OF_AGE


def own_word(text: str, you: str, this_year: int) -> str:
    """Return what somebody under 16 calls itself beside its age ("con 14 tuổi"), or ""."""
    if you in CHILD or not is_under_age(text, you, this_year):
        return ""
    word, _ = _own_years(in_years(text, this_year), you)[0]
    word = {"chau": "cháu"}.get(word, word)
    return word if word in YOUNG else ""


def age_alone(text: str, this_year: int) -> int | None:
    """Return the years where a message holds nothing but an age or a class: "em 14", "dạ lớp tám ạ"; else None."""
    found = _ALONE.search(in_years(text, this_year))
    return int(found[2] or found[3]) if found else None


def _own_years(plain: str, you: str) -> list[tuple[str, int]]:
    """Return every age that is the writer's own, with what they call themselves there ("" where they do not)."""
    if english := _IN_ENGLISH.search(plain):
        return [("", int(english[1]))]
    if today := _TODAY.search(plain):
        return [(today[1], int(today[2]))]
    if alone := _ALONE.search(plain):
        named = [(alone[1] or "", int(alone[2] or alone[3]))]
    else:
        told = [m for m in _OWN_YEARS.finditer(plain) if not _is_of_others(m, plain)]
        named = [(m[1], int(m[2] or m[3])) for m in told]
    parent = any(word == "con" for word, _ in named) and _tells_of_a_child(plain, you)
    own = [(word, years) for word, years in named if not (parent and word == "con")]
    first = None if named else _NOBODY_NAMED.search(plain)
    if first and you in MAYBE_YOUNG and not _is_of_others(first, plain) and not _OF_A_PARENT.search(plain):
        own.append(("", int(first[1])))
    return own


def _is_of_others(found: re.Match[str], plain: str) -> bool:
    """Tell whether an age is of the past, or of the child next door."""
    after = _THEN_AFTER.match(plain, found.end()) or _OF_OTHERS.match(plain, found.end())
    return after is not None or _THEN_BEFORE.search(plain[: found.start(1)]) is not None


def _tells_of_a_child(plain: str, you: str) -> bool:
    """Tell a parent's "con 14 tuổi" from a child's: who called themselves otherwise before, or has a parent's words."""
    if you in CHILD or form_of_address(plain) in CHILD:
        return False
    return you != "bạn" or _OF_A_PARENT.search(plain) is not None


def with_youth(talk: Conversation, heard: Heard) -> Conversation:
    """Return the state that knows of a writer under 16."""
    return replace(talk, young=True) if heard.young else talk


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
        needs=tuple(need for need in talk.needs if need == NO_CALL),
    )  # fmt: skip
    return Step(replies, bare, tuple(effects))
