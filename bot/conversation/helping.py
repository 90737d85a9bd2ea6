"""Helping goes on after somebody told: which flow does it, and which words are no small talk then."""

from __future__ import annotations

from bot.conversation.flows import danger, disclosure, perpetrator
from bot.conversation.library import find_facts
from bot.conversation.state import Conversation, Flow, Heard, Step, World, going_on
from nlu.patterns import Pattern, Text


def go_on(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Go on helping somebody who told today, or None."""
    label = going_on(talk, world.now)
    return GOING_ON.get(label, disclosure.goes_on)(talk, heard, world) if label else None


def goes_on(talk: Conversation, heard: Heard) -> bool:
    """Tell whether words after telling are fear, need or more of it, and no small talk, question or place."""
    said = heard.understood
    if said.place or said.intent not in _FOR_WORDS:
        return False
    if said.intent == "ask_law":
        sure = said.confidence >= _SURE_OF_LAW and _OF_LAW.search(Text(heard.text)) and not heard.need
        return not (sure or find_facts(heard.text, talk.told))
    if heard.need or heard.child:
        return True
    if said.intent in ("affirm", "deny"):
        return talk.asked.startswith("place")
    return said.intent == "out_of_scope" or (said.intent == "ask_concept" and not find_facts(heard.text, talk.told))


GOING_ON: dict[str, Flow] = {
    "emergency": danger.emergency_goes_on,
    "self_harm": danger.self_harm_goes_on,
    "perpetrator": perpetrator.goes_on,
}
"""What goes on helping after each label; any other was told, and is `disclosure.goes_on`."""

_FOR_WORDS = ("out_of_scope", "goodbye", "greet", "help", "affirm", "deny", "ask_concept", "ask_law", "give_location")
"""Intents that fear or need look like to the model."""

_SURE_OF_LAW = 0.8
"""From this confidence on a question on the law is one, also where the library has no answer to it …"""
_OF_LAW = Pattern(
    ["luật|phạt|tù|ly hôn|li hôn|ly dị|tòa|kiện|đơn từ|nộp đơn|quyền|tài sản|giấy tờ|thủ tục|nghị định|khởi tố|án phí"]
)
"""… and names what the law is about: "mẹ la con thì sao" does not."""

FRIGHTENED = ("fear", "hidden", "no_way_out", "no_call", "unbelieved", "hurt", "plea")
"""Needs that are asked about gently even when nothing was told."""
