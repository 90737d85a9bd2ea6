"""What a subscriber may choose by word: topics, messages for the young, their own commune, discretion, a pause."""

from __future__ import annotations

import re

from bot.conversation.state import Choose, Conversation, Heard, Step, World, rest
from bot.conversation.words import button, message, say
from content.seasons import TOPICS
from nlu.text import fold, normalise
from referral_directory.places import find_place

LONGEST_PAUSE = 90
"""Days; who wants longer stops."""
_TOPIC_WORDS = {
    "binh-dang": r"binh dang(?: gioi)?", "phong-chong": r"phong[ ,]*chong|bao luc", "phap-luat": r"(?:phap )?luat",
    "tre": r"tre em|tre con",
}  # fmt: skip
_NUMBER = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10}
_PAUSE = re.compile(
    rf"(?:tam (?:ngung|dung|nghi)|nghi nhan|ngung nhan|dung gui|khoan gui)(?: \w+){{0,3}} (\d{{1,3}}|{'|'.join(_NUMBER)}) (ngay|tuan|thang)"
)
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
    found = _choice(text, heard.text)
    if found is None:
        return None
    key, chosen, value = found
    if world.subscribed() is None:
        return Step(
            (message(say("subscribe.none", talk.you), buttons=(button("menu.subscribe", "subscribe"),)),), rest(talk)
        )
    return Step((message(say(key, talk.you, choice=value)),), rest(talk), (chosen,))


def _choice(text: str, raw: str) -> tuple[str, Choose, str] | None:
    if pause := _PAUSE.search(text):
        number = int(pause[1]) if pause[1].isdigit() else _NUMBER[pause[1]]
        days = min(LONGEST_PAUSE, max(1, number * {"ngay": 1, "tuan": 7, "thang": 30}[pause[2]]))
        return "choice.paused", Choose(pause_days=days), str(days)
    if _RESUME.search(text):
        return "choice.resumed", Choose(pause_days=0), ""
    if _OPEN.search(text):
        return "choice.open", Choose(discreet=False), ""
    if _DISCREET.search(text):
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
        return "choice.topics", Choose(topics=tuple(topics)), ", ".join(TOPICS[t] for t in topics)
    return None
