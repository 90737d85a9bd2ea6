"""What the model may say of a message in the middle of a conversation. Plain words and what was told go before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.conversation.address import CHILD
from bot.conversation.keywords import keyword_scores
from bot.conversation.state import CHILD_KINDS, Conversation, Heard, going_on
from bot.conversation.understanding import Understood
from bot.conversation.young import age_alone
from nlu.labels import CAMPAIGN, DISCLOSURE, OUT_OF_SCOPE, PERPETRATOR
from nlu.patterns import Pattern, Text

_OWN = r"(?:tôi|tui|tao|tau|anh|em|mình|chị|cháu|con|bác|chú)"
_KIN = ("chồng", "vợ", "bố", "ba", "cha", "mẹ", "má", "tía", "dượng", "trai", "gái", "nhà", "anh", "chị", "em", "bạn", "con", "yêu", "của", "rể", "dâu")  # fmt: skip
_DID = r"(?:đánh|đập|tát|đấm|đạp|đá|xô|chửi|mắng|bóp cổ|ép|nhốt|dọa|quánh|oánh|uýnh|bạt tai|táng|hành hạ|bạo hành|đuổi)"
_WHOM = r"(?:vợ|con|nó|bạn gái|người yêu|ny|bà xã|mẹ|cô ấy|cổ|bả|em ấy|em gái|em trai|chồng|bạn)"
_BETWEEN = r"(?:(?:có|đã|cũng|lỡ|tay|trót|hay|mới|vừa|cứ|lại|toàn|thường|từng|say|nóng|giận|tức|quá|nên|muốn|sắp|đang|chỉ|dám|sẽ|là|người) )*"
_DEED = Pattern(
    [
        rf"{''.join(f'(?<!{kin} )' for kin in _KIN)}{_OWN} {_BETWEEN}{_DID} (?:\w+ )?{_WHOM}",
        rf"^(?:\w+ )?lỡ (?:tay |chân )?{_DID} (?:\w+ )?{_WHOM}",
    ]
)
"""What the writer did: without such words nobody who told becomes somebody who hurts."""
_MINE = r"(?:(?:con|cháu|bé|thằng bé|con bé|đứa nhỏ|thằng nhỏ|con nhỏ)(?: (?:gái|trai|nhỏ|lớn|út|đầu|bé))? (?:của )?(?:nhà )?(?:em|tôi|tui|mình|chị)|mấy đứa(?: nhỏ)?|hai đứa(?: nhỏ)?|tụi nhỏ|lũ nhỏ|các con|mẹ con (?:em|tôi|tui|mình)|cả con)"
_HURT = rf"(?:{_DID}|bỏ đói)"
_CHILD_TOO = Pattern(
    [
        rf"{_MINE} (?:(?:cũng|luôn|đều|còn|hay|thường|mới|vừa) )*bị (?:\w+ ){{0,3}}{_HURT}",
        rf"{_HURT} (?:(?:cả|luôn|lây|sang|đến|tới|em|tôi|tui|mình|và|với|rồi|nữa) )*{_MINE}",
    ]
)
"""Their own child is hurt as well: "con em cũng bị nó đánh", "nó đánh cả mấy đứa nhỏ"."""
_TO_ME = Pattern(
    [
        r"(?:vào|vô|lên|bắt|ép|kêu|gọi|đánh|quánh|đập|tát|đá|sờ|ôm|hôn|kéo|chửi|mắng|dọa) (?:(?:người|áo|quần|đùi|ngực|mông|mặt|đầu|tay) )?"
        r"(?:em|e|cháu|con|mình|tớ|tui)(?! (?:trai|gái|bé|họ|út|nhỏ|cháu|em|con|mình|tôi|tui|chú|bạn|nó))"
    ]
)
"""What was done to the writer: "thầy bắt cháu …", "sờ vào người em"; but not "đánh em trai cháu"."""
_OF_CAMPAIGN = Pattern(
    ["đăng ký|đk|khẩu hiệu|slogan|nhận (?:\\w+ )?tin|gửi (?:\\w+ )?tin|tin (?:hằng|hàng|mỗi) ngày|đổi giờ|ngừng|hủy|dừng|tạm|tháng hành động|chiến dịch|chủ đề|chủ điểm|nhận nữa|gửi nữa"]
)  # fmt: skip
_CALL_ALONE = Pattern(
    [
        r"^(?:dạ |làm ơn )*(?:gọi|điện|gọi lại|gọi điện|điện lại) (?:giúp |giùm )?cho (?:em|tôi|tui|mình|cháu|con|chị|bác|cô)(?: với| nhé| nha| đi| ạ| được không| [?.])*$",
        r"^(?:please |can (?:someone|somebody|you) |could (?:someone|somebody|you) )*call me(?: back)?(?: please| later| now| tomorrow| [.?])*$",
        r"^i (?:want|need|would like) to (?:talk|speak) (?:to|with) .*$",
    ]
)
"""Nothing but the wish for a call: no danger, and nothing to hide from."""
_MEANS = {"privacy": "ask_privacy", "en-refuge": "find_safe_address", "en-law": "ask_law", "en-menu": "help"}
"""Rows of `content/phrases.yml` that are an intent by their words alone."""
_IN_ENGLISH = Pattern(
    [
        "(?:is|are|was|my|your|you|his|her|she|they|what|where|who|how|when|why|want|need|please|find|help|with|and|have|has|call|tell|about|english)"
    ]
)
"""Words that are no Vietnamese: the model has learnt none, so it is not asked what they mean."""
_ENDS = ("quick_exit", "unsubscribe", "erase_data")
_SURE_OF_AN_END = 0.7
_LIKELY_WHO_HURTS = 0.4
_LIKELY_SELF_HARM = 0.5
_A_BARE_HOUR = 3
"""Words: "8h tối nha" answers our question for an hour; more words tell something."""
_AFTER_THE_CALL = ("gone", "nobody_came", "text_police")
_NO_WISH_TO_DIE = ("where", "unbelieved", "unwilling")


def allowed(talk: Conversation, heard: Heard, now: datetime) -> Heard:
    """Return the message as it may be read here; what the safety screen or a command says is never taken back."""
    heard = _age_alone(talk, heard, now)
    said = heard.understood
    if not heard.text or said.source == "command" or said.alarmed:
        return heard
    if meaning := _meaning(talk, heard, now):
        return replace(heard, understood=meaning)
    if talk.other_language and said.act == "let_be" and heard.meant in ("", "talk") and _not_vietnamese(heard):
        return replace(heard, understood=_calm(said))
    if talk.told and talk.reporter == "witness" and said.reporter == "self" and heard.need:
        said = replace(said, reporter="witness")
    if heard.young and said.reporter == "witness" and said.act == "act" and _TO_ME.search(Text(heard.text)):
        said = replace(said, reporter="self")
    if talk.told and talk.reporter != "witness" and _own_child(talk, heard):
        said = _child_too(talk, said)
    return replace(heard, understood=_read(talk, heard, said, now))


def _own_child(talk: Conversation, heard: Heard) -> bool:
    """Tell whether somebody who told of themselves says that their child is hurt too."""
    return talk.you not in CHILD and not talk.young and _CHILD_TOO.search(Text(heard.text)) is not None


def _child_too(talk: Conversation, said: Understood) -> Understood:
    """Return the telling of somebody hurt, whose child is too: they stay the one hurt."""
    kinds = tuple(kind for kind in said.types if kind not in CHILD_KINDS) or talk.types[:1]
    entities = {**said.entities, "child": True, "own_child": True}
    return replace(said, reporter="self", types=kinds if said.act == "act" else said.types, entities=entities)


def _meaning(talk: Conversation, heard: Heard, now: datetime) -> Understood | None:
    """Return what plain words mean whatever the model thinks: a call asked for, what is kept, requests in English."""
    said = heard.understood
    if heard.meant == "en-report" and not talk.told:
        known = replace(said, intent="physical_violence", risk="disclosure", types=("physical",), reporter="witness")
        return replace(known, act="act")
    if heard.meant == "call-back":
        alone = _CALL_ALONE.search(Text(heard.text)) and not (talk.told or going_on(talk, now))
        return replace(_calm(said), intent="talk_to_human") if alone else None
    intent = _MEANS.get(heard.meant)
    return replace(_calm(said), intent=intent, confidence=1.0) if intent else None


def _not_vietnamese(heard: Heard) -> bool:
    """Tell whether the model may not say what this means: English words, or an end of it all that no keyword says."""
    said = heard.understood
    guessed = said.intent in _ENDS and said.source == "rasa" and said.confidence < _SURE_OF_AN_END
    if guessed and said.intent != max((known := keyword_scores(heard.text).intents), key=known.__getitem__):
        return True
    return _IN_ENGLISH.search(Text(heard.text)) is not None


def _read(talk: Conversation, heard: Heard, said: Understood, now: datetime) -> Understood:
    meant, open_now = heard.meant, bool(talk.told or going_on(talk, now))
    if meant == "hunting" and said.intent != "self_harm":
        return replace(said, intent=PERPETRATOR, risk="sensitive", act="act")
    if meant == "stop" and not talk.told:
        return replace(said, intent=PERPETRATOR, risk="sensitive", types=(), act="act")
    if meant in ("joke", "calm-fear"):
        return _calm(said) if said.act == "ask" or said.intent == PERPETRATOR else said
    if meant in ("unsaid", "place-unknown"):
        return replace(_calm(said), act="ask") if open_now else replace(_calm(said), intent="deny")
    if said.intent == PERPETRATOR and said.act == "act" and not talk.hurts:
        return said if _may_hurt(talk, said, heard) else replace(_calm(said), act="ask")
    if open_now and (heard.need in _AFTER_THE_CALL or not _may_be(talk, said, heard)):
        return replace(_calm(said), act="ask")
    return said


def _may_hurt(talk: Conversation, said: Understood, heard: Heard) -> bool:
    """Tell whether somebody may be taken for one who hurts: never for fear alone."""
    if _DEED.search(Text(heard.text)):
        return True
    return not talk.told and said.confidence >= _LIKELY_WHO_HURTS and heard.need != "fear" and heard.meant != "afraid"


def _may_be(talk: Conversation, said: Understood, heard: Heard) -> bool:
    """Tell whether a reading may stand while somebody is being helped."""
    if said.intent in CAMPAIGN:
        asked = talk.asked.startswith(("hour", "consent")) and len(heard.text.split()) <= _A_BARE_HOUR
        return asked or _OF_CAMPAIGN.search(Text(heard.text)) is not None
    if said.intent == "self_harm" and "self_harm" not in talk.answered:
        return said.confidence >= _LIKELY_SELF_HARM and heard.need not in _NO_WISH_TO_DIE
    return not (said.intent in DISCLOSURE and heard.need in _NO_WISH_TO_DIE)


def _calm(said: Understood) -> Understood:
    return replace(said, intent=OUT_OF_SCOPE, risk="none", types=(), reporter="none", act="let_be")


def _age_alone(talk: Conversation, heard: Heard, now: datetime) -> Heard:
    """ "em 14" is an age: nothing new in the middle of telling, and before it no telling at all."""
    years = age_alone(heard.text, now.year)
    if years is None or heard.understood.alarmed:
        return heard
    known = {**heard.understood.entities, "age": years, "child": years < 18}
    said = replace(_calm(heard.understood), entities=known, source="command")
    if talk.told or going_on(talk, now) or talk.asked == "checkin":
        return replace(heard, understood=replace(said, act="ask"))
    return replace(heard, understood=replace(said, intent="greet", confidence=1.0))
