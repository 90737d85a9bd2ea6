"""What a subscriber may choose by word: topics, messages for the young, their own commune, discretion, a pause."""

from __future__ import annotations

import re

from bot.conversation.daily import agreed, as_hour, ask_consent
from bot.conversation.entities import time_of_day
from bot.conversation.state import Choose, Conversation, Heard, Step, Unsubscribe, World, rest
from bot.conversation.words import button, message, say
from nlu.text import fold, normalise
from referral_directory.places import find_place

LONGEST_PAUSE = 90
"""Days; who wants longer stops."""
_TOPIC_WORDS = {
    "binh-dang": r"binh dang(?: gioi)?", "phong-chong": r"phong[ ,]*chong|bao luc", "phap-luat": r"(?:phap )?luat",
    "tre": r"tre em|tre con",
}  # fmt: skip
_NUMBER = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10}
_DAYS = {"ngay": 1, "hom": 1, "bua": 1, "tuan": 7, "thang": 30}
FEW_DAYS = 3
"""How long a pause is when no number is told."""
_PAUSE = re.compile(
    rf"(?:tam (?:ngung|dung|nghi)|nghi nhan|ngung nhan|dung gui|khoan gui|^(?:cho (?:em|toi|minh) )?nghi)(?: \w+){{0,3}}? (\d{{1,3}}|vai|may|{'|'.join(_NUMBER)}) ({'|'.join(_DAYS)})\b"
)
_BARE_PAUSE = re.compile(
    r"^(?:cho (?:em|toi|minh) )?tam (?:ngung|dung|nghi)(?: (?:nhan|gui|tin|di|nhe|nha|a|da|mot thoi gian|it lau))*$"
)
_STOP = re.compile(r"^(?:dung|stop)(?: (?:lai|nhan|gui|tin|di|nhe|nha|a))*$")
_WHEN = re.compile(
    r"(?:nhan|gui|den)(?: tin)?(?: \w+)? (?:luc )?may gio(?!.* cung duoc)|may gio (?:thi )?(?:em |toi |minh )?(?:nhan|gui|co tin)"
)
_WANTS_DISCREET = re.compile(r"(?:nhan|dang ky)(?: \w+){0,5} kin(?: dao)?\b")
_RESUME = re.compile(
    r"^(?:(?:cho (?:em|toi|minh) )?(?:nhan|gui) (?:tin )?(?:lai|tiep)(?: tin| di| nhe| nha| a)*"
    r"|tiep tuc (?:nhan|gui)(?: tin)?(?: di| nhe| a)*|bat (?:lai )?tin|gio (?:thi )?an toan roi)$"
)
_OPEN = re.compile(r"^(?:bo|tat|thoi) (?:che do )?kin(?: dao)?$")
_DISCREET = re.compile(
    r"^(?:che do |bat (?:che do )?|gui )?kin(?: dao)?$|(?:che do|gui|nhan tin) kin dao|dung (?:nhac|gui) (?:\w+ )?bao luc"
)
_TOPIC = re.compile(r"^(?:chi (?:nhan|gui)|chu de|doi chu de|nhan tin ve|doi (?:tin )?sang)\b(.*)")
_ALL = re.compile(r"^(?:nhan |gui )?(?:moi|tat ca|het) (?:cac )?chu de")
_YOUTH = re.compile(r"(?:nhan |gui )?tin (?:cho|cua) (?:thanh nien|hoc sinh|sinh vien|gioi tre|ban tre)")
_HERE = re.compile(r"^(?:nhan|gui) tin (?:cua|o|cho) (?:xa|phuong|tinh|thanh pho|dac khu)\b")


def choose(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer a message that chooses; None for any other."""
    text = fold(normalise(heard.text)).strip(" .!?")
    minute = world.subscribed()
    if minute is not None and not talk.asked and _STOP.search(text):  # "dung" may be "đúng" where something was asked
        return Step((message(say("unsubscribe.done", talk.you)),), rest(talk), (Unsubscribe(),))
    if minute is not None and _WHEN.search(text):
        return Step((message(say("subscribe.already", talk.you, hour=as_hour(minute))),), rest(talk))
    if minute is None and _WANTS_DISCREET.search(text):
        return ask_consent(talk, heard, time_of_day(heard.text), discreet=True)
    found = _choice(text, heard.text)
    if found is None:
        return None
    key, chosen, value = found
    waiting, _, hour = talk.asked.partition(":")
    if minute is None and waiting == "consent" and chosen.discreet:  # said instead of yes: asked again, and discreet
        return ask_consent(talk, heard, agreed(hour), discreet=True)
    if minute is None:
        return Step(
            (message(say("subscribe.none", talk.you), buttons=(button("menu.subscribe", "subscribe"),)),), rest(talk)
        )
    return Step((message(say(key, talk.you, choice=value)),), rest(talk), (chosen,))


def _choice(text: str, raw: str) -> tuple[str, Choose, str] | None:
    if pause := _PAUSE.search(text):
        number = int(pause[1]) if pause[1].isdigit() else _NUMBER.get(pause[1], FEW_DAYS)
        days = min(LONGEST_PAUSE, max(1, number * _DAYS[pause[2]]))
        return "choice.paused", Choose(pause_days=days), str(days)
    if _BARE_PAUSE.search(text):
        return "choice.paused", Choose(pause_days=FEW_DAYS), str(FEW_DAYS)
    if _RESUME.search(text):
        return "choice.resumed", Choose(pause_days=0), ""
    if _OPEN.search(text):
        return "choice.open", Choose(discreet=False), ""
    if _DISCREET.search(text) or _WANTS_DISCREET.search(text):
        return "choice.discreet", Choose(discreet=True), ""
    if _ALL.search(text):
        return "choice.all", Choose(topics=()), ""
    if _YOUTH.search(text):
        return "choice.youth", Choose(youth=True), ""
    if _HERE.search(text) and (place := find_place(raw, expecting=True)) and place.province:
        chosen = Choose(province=place.province, commune=place.code)
        return "choice.place", chosen, ", ".join(p for p in (place.commune, place.province) if p)
    if (told := _TOPIC.search(text)) and (
        topics := [t for t, words in _TOPIC_WORDS.items() if re.search(words, told[1])]
    ):
        return "choice.topics", Choose(topics=tuple(topics)), ", ".join(say(f"topic.{t}") for t in topics)
    return None
