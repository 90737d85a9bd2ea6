"""One step of a conversation: which flow answers this message. Danger goes before everything. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.address import form_of_address
from bot.conversation.allowed import allowed
from bot.conversation.buttons import numbered, opened, pressed, typed
from bot.conversation.flows import (
    callback,
    campaign,
    choices,
    danger,
    directory,
    disclosure,
    knowledge,
    perpetrator,
    person,
    smalltalk,
)
from bot.conversation.library import find_facts
from bot.conversation.phrases import need, phrase
from bot.conversation.safety import screen
from bot.conversation.state import Conversation, Flow, Heard, Step, World, going_on
from bot.conversation.understanding import Understood
from bot.conversation.waiting import answer, hour, how_to_call
from nlu.labels import DISCLOSURE
from nlu.text import normalise

FLOWS: dict[str, Flow] = {
    "emergency": danger.emergency,
    "self_harm": danger.self_harm,
    "perpetrator": perpetrator.perpetrator,
    **dict.fromkeys(DISCLOSURE, disclosure.disclosure),
    **dict.fromkeys(("find_safe_address", "find_police", "find_hotline", "find_health", "find_legal_aid", "find_counselling"), directory.find),
    "give_location": directory.place_told,
    "ask_law": knowledge.answer,
    "ask_concept": knowledge.answer,
    "ask_slogan": campaign.slogan,
    "ask_campaign": campaign.about,
    "subscribe": campaign.subscribe,
    "unsubscribe": campaign.unsubscribe,
    "change_schedule": campaign.change,
    "talk_to_human": callback.offer,
    "ask_privacy": person.privacy,
    "erase_data": person.erase,
    "quick_exit": person.hide,
    **dict.fromkeys(("greet", "goodbye", "thank", "affirm", "deny", "help", "out_of_scope"), smalltalk.small_talk),
}  # fmt: skip
"""Which flow answers which intent; a test holds it against the label scheme."""

PHRASES: dict[str, Flow] = {
    "machine": person.machine,
    "call-back": callback.offer,
    "avoid": directory.avoid,
    "other-slogan": campaign.other_slogan,
    "shy": disclosure.listen,
}
"""Rows of `content/phrases.yml` that are answered at any time when nothing is told."""

GOING_ON: dict[str, Flow] = {
    "emergency": danger.emergency_goes_on,
    "self_harm": danger.self_harm_goes_on,
    "perpetrator": perpetrator.goes_on,
}
"""What goes on helping after each label; any other was told, and is `disclosure.goes_on`."""


_NOT_WHO_HURTS: dict[str, Flow] = {
    "find_safe_address": perpetrator.refuse,
    "find_counselling": perpetrator.goes_on,
    "find_hotline": perpetrator.goes_on,
}
"""Questions whose usual answer names a refuge: somebody who hurts gets the lines to stop instead."""


def step(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer one message; the buttons of the answer are remembered, so that their numbers can be typed."""
    talk = replace(talk, you=form_of_address(heard.text) or talk.you)
    heard = allowed(talk, _command(typed(talk, heard)), world.now)
    return numbered(_closed(talk, _answer(talk, heard, world)))


_ASKED_WITH = {"consent": "subscribe:", "erase": "erase:"}
"""Questions that any other answer closes, with the buttons that ask them anew."""


def _closed(before: Conversation, answered: Step) -> Step:
    """Close a question of consent that something else was said to: a later "ok" agrees to nothing."""
    buttons = _ASKED_WITH.get(before.asked.partition(":")[0])
    if buttons is None or answered.talk.asked != before.asked:
        return answered
    if any(b.payload.startswith(buttons) for reply in answered.replies for b in reply.buttons):
        return answered
    return replace(answered, talk=replace(answered.talk, asked=""))


def _answer(talk: Conversation, heard: Heard, world: World) -> Step:
    incoming, said = heard.incoming, heard.understood
    if incoming.button is not None:
        return pressed(talk, incoming.button, heard, world)
    if talk.asked == "callback" and said.entities.get("phones") and said.risk != "emergency":
        return callback.words_given(talk, heard, world)
    if how_to_call(talk, heard):
        return callback.words_added(talk, heard, world)
    meant = phrase(heard.text)
    early = _before_the_model(talk, heard, world, meant)
    if early:
        return early
    if meant == "hunting":
        talk = replace(talk, hurts=True)
    if said.act == "act":
        return FLOWS[said.intent](talk, heard, world)
    if said.intent == "quick_exit":
        return person.hide(talk, heard, world)
    if incoming.location is not None:
        return directory.place_shared(talk, incoming.location, world)
    if incoming.start is not None and not heard.text:
        return opened(talk, incoming.start, heard, world)
    if not heard.text or not any(c.isalnum() for c in heard.text):
        return _go_on(talk, heard, world) or smalltalk.unreadable(talk, heard, world)
    chosen = choices.choose(talk, heard, world) if talk.asked != "callback" and said.act != "ask" else None
    if chosen:
        return chosen
    if meant in PHRASES and not talk.asked.startswith("callback"):
        return PHRASES[meant](talk, heard, world)
    answered = knowledge.answer_aside(talk, heard, world) or answer(talk, heard, world)
    if answered:
        return answered
    more = _go_on(talk, heard, world) if said.act == "ask" or _goes_on(talk, heard) else None
    if more:
        return more
    if talk.hurts and said.intent in _NOT_WHO_HURTS:
        return _NOT_WHO_HURTS[said.intent](talk, heard, world)
    frightened = said.intent == "out_of_scope" and need(heard.text) in _FRIGHTENED
    if said.act == "ask" or frightened:
        return disclosure.check_in(talk, heard, world)
    if said.intent == "out_of_scope" and said.place and len(heard.text.split()) <= 6:
        return directory.place_told(talk, heard, world)
    if said.intent == "out_of_scope" and not talk.told and hour(heard).text:
        return campaign.hour_told(talk, heard, world)
    return FLOWS[said.intent](talk, heard, world)


def _before_the_model(talk: Conversation, heard: Heard, world: World, meant: str) -> Step | None:
    """Answer words that mean what they say whatever the model thinks; danger now goes before them."""
    said = heard.understood
    if meant == "disaster" and screen(heard.text) is None:
        return danger.disaster(talk, heard, world)
    if meant == "not-listed" and talk.asked.startswith("place") and screen(heard.text) is None:
        return directory.not_listed(talk, heard, world)
    if said.risk == "emergency" and said.intent == "emergency":
        return None
    if meant == "hunting" and said.intent != "self_harm":
        return perpetrator.refuse(talk, heard, world)
    if meant == "forced-pills":
        if "forced_pills" in talk.answered and going_on(talk, world.now):
            return disclosure.goes_on(talk, heard, world)
        return danger.forced_pills(talk, heard, world)
    if said.intent == "perpetrator" and not talk.hurts and need(heard.text) and going_on(talk, world.now):
        return _go_on(talk, heard, world)
    if meant in _TOLD_IN_WORDS and said.act != "act" and not (talk.told or talk.hurts):
        return _TOLD_IN_WORDS[meant](talk, heard, world)
    if meant in ("unsaid", "place-unknown"):
        return _unsaid(talk, heard, world, meant)
    if meant == "not-this" and going_on(talk, world.now):
        return disclosure.correct(talk, heard, world)
    if said.act == "act" and talk.told and said.intent in DISCLOSURE:
        return knowledge.answer_aside(talk, heard, world)
    return None


def _unsaid(talk: Conversation, heard: Heard, world: World, meant: str) -> Step | None:
    """Answer "I do not know" or "I would rather not say": never a telling of a new kind."""
    if talk.asked in ("place", "place:again", "callback_place"):
        return directory.place_unknown(talk, heard, world)
    if talk.asked and talk.asked != "checkin":
        return None
    return _go_on(talk, heard, world) or disclosure.listen(talk, heard, world)


_TOLD_IN_WORDS: dict[str, Flow] = {
    "fleeing": disclosure.fled,
    "afraid": disclosure.afraid,
    "english": disclosure.confirm,
}
"""Rows that tell enough to be believed, where nothing was told before."""


_FOR_WORDS = ("out_of_scope", "goodbye", "greet", "help", "affirm", "deny", "ask_concept", "ask_law", "give_location")
"""Intents that fear or need look like to the model."""


_FRIGHTENED = ("fear", "hidden", "no_way_out", "no_call", "unbelieved")
"""Needs that are asked about gently even when nothing was told."""


def _goes_on(talk: Conversation, heard: Heard) -> bool:
    """Tell whether words after telling are fear, need or more of it, and no small talk, question or place."""
    said = heard.understood
    if said.place or said.intent not in _FOR_WORDS:
        return False
    if said.intent == "ask_law":
        return not find_facts(heard.text, talk.told)
    if need(heard.text) or heard.child:
        return True
    if said.intent in ("affirm", "deny"):
        return talk.asked.startswith("place")
    return said.intent == "out_of_scope" or (said.intent == "ask_concept" and not find_facts(heard.text, talk.told))


def _go_on(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Go on helping somebody who told today, or None."""
    label = going_on(talk, world.now)
    return GOING_ON.get(label, disclosure.goes_on)(talk, heard, world) if label else None


_COMMANDS = {
    "thoát": "quick_exit", "thoat": "quick_exit", "thoát nhanh": "quick_exit", "thoat nhanh": "quick_exit",
    "xóa": "erase_data", "xoa": "erase_data", "xóa hết": "erase_data", "xoa het": "erase_data",
    "ngừng": "unsubscribe", "ngung": "unsubscribe", "thôi": "deny", "khỏi": "deny", "không": "deny", "khong": "deny",
    "có": "affirm", "menu": "help",
    "dừng": "unsubscribe", "stop": "unsubscribe", "thôi không nhận nữa": "unsubscribe", "thoi khong nhan nua": "unsubscribe",
}  # fmt: skip
"""Words that the bot itself tells people to type mean what it said, whatever the model thinks of them."""


def _command(heard: Heard) -> Heard:
    said = heard.understood
    intent = _COMMANDS.get(normalise(heard.text).strip(" .!"))
    if intent:
        return replace(heard, understood=Understood(intent, 1.0, source="command"))
    if said.intent == "quick_exit" and heard.text and not any(c.isalpha() for c in heard.text):
        return replace(heard, understood=replace(said, intent="out_of_scope"))  # digits alone ask for nothing
    return heard
