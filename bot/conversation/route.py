"""One step of a conversation: which flow answers this message. Danger goes before everything. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.address import form_of_address
from bot.conversation.allowed import allowed
from bot.conversation.alone import SMALL_TALK, Attempt, is_known, nothing_to_read, stands_alone
from bot.conversation.buttons import done_when_pressed, numbered, opened, pressed, typed
from bot.conversation.commands import command
from bot.conversation.flows import (
    callback,
    campaign,
    choices,
    danger,
    directory,
    disclosure,
    knowledge,
    language,
    perpetrator,
    person,
    quiz,
    safe_word,
    smalltalk,
)
from bot.conversation.helping import FRIGHTENED, go_on, goes_on
from bot.conversation.offer import led, womens_line
from bot.conversation.pause import after_pause, anew, asks_to_go_on, was_away
from bot.conversation.phrases import in_words
from bot.conversation.state import Conversation, Flow, Heard, Step, World, going_on
from bot.conversation.victim import cannot_call, says_no_more, with_needs
from bot.conversation.waiting import answer, closed, hour, number_or_how
from bot.conversation.words import explained, speaking
from bot.conversation.young import is_under_age, own_word, spared, with_youth
from nlu.labels import DISCLOSURE

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
    **dict.fromkeys(SMALL_TALK, smalltalk.small_talk),
}  # fmt: skip
"""Which flow answers which intent; a test holds it against the label scheme."""

PHRASES: dict[str, Flow] = {
    "machine": person.machine,
    "call-back": callback.offer,
    "avoid": directory.avoid,
    "other-slogan": campaign.other_slogan,
    "which-day": campaign.about,
    "may-i": campaign.may_i,
    "poster": campaign.slogan,
    "today": campaign.today,
    "shy": disclosure.listen,
    "quiz": quiz.begin,
    "quiz-over": smalltalk.no_more,
}
"""Rows of `content/phrases.yml` that are answered at any time when nothing is told."""

_NOT_WHO_HURTS: dict[str, Flow] = {
    "find_safe_address": perpetrator.refuse,
    "find_counselling": perpetrator.goes_on,
    "find_hotline": perpetrator.goes_on,
}
"""Questions whose usual answer names a refuge: somebody who hurts gets the lines to stop instead."""


def step(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer one message in the language that was chosen; the buttons are remembered, so that numbers can be typed."""
    before = talk
    talk = replace(talk, you=form_of_address(heard.text) or own_word(heard.text, talk.you, world.now.year) or talk.you)
    away = was_away(talk, heard, world)
    heard = command(heard if away else typed(talk, heard), talk.language)
    meant, need = in_words(heard.text)
    need = "no_call" if cannot_call(heard.text) else need
    young = is_under_age(heard.text, talk.you, world.now.year)
    known = anew(talk) if away or asks_to_go_on(talk) else talk  # what was told before a pause gives no word a meaning
    heard = allowed(known, replace(heard, meant=meant, need=need, young=young), world.now)
    with speaking(talk.language):
        resumed = after_pause(talk, heard, world, lambda state: stands_alone(ORDER, state, heard, world))
        if isinstance(resumed, Step):
            answered = resumed
        else:
            talk = with_youth(with_needs(resumed, heard), heard)
            found = next(found for attempt in ORDER if (found := attempt(talk, heard, world)))
            answered = spared(before, led(talk, closed(talk, callback.placed(talk, heard, found, world))))
        answered = numbered(done_when_pressed(answered, heard.incoming.channel))
        return replace(answered, replies=explained(answered.replies, womens_line()))


def _button(talk: Conversation, heard: Heard, world: World) -> Step | None:
    button = heard.incoming.button
    return pressed(talk, button, heard, world) if button is not None else None


def _disaster(talk: Conversation, heard: Heard, world: World) -> Step | None:
    calm = heard.meant == "disaster" and not heard.understood.alarmed
    return danger.disaster(talk, heard, world) if calm else None


def _not_listed(talk: Conversation, heard: Heard, world: World) -> Step | None:
    fits = (
        heard.meant == "not-listed"
        and talk.asked.removeprefix("callback_").startswith("place")
        and not heard.understood.alarmed
    )
    return directory.not_listed(talk, heard, world) if fits else None


def _danger_now(talk: Conversation, heard: Heard, world: World) -> Step | None:
    said = heard.understood
    is_now = said.risk == "emergency" and said.intent == "emergency"
    return FLOWS["emergency"](_known_to_hunt(talk, heard), heard, world) if is_now else None


def _own_matters(talk: Conversation, heard: Heard, world: World) -> Step | None:
    if heard.understood.alarmed:
        return None
    kept = safe_word.keep_or_drop(talk, heard, world, lambda word: is_known(step, talk, word, heard, world))
    return kept or person.receipts(talk, heard, world)


def _language(talk: Conversation, heard: Heard, world: World) -> Step | None:
    return _LANGUAGES[heard.meant](talk, heard, world) if heard.meant in _LANGUAGES else None


_LANGUAGES: dict[str, Flow] = {"language": language.offer, "vietnamese": language.vietnamese}


def _hunting(talk: Conversation, heard: Heard, world: World) -> Step | None:
    hunts = heard.meant == "hunting" and heard.understood.intent != "self_harm"
    return perpetrator.refuse(talk, heard, world) if hunts else None


def _forced_pills(talk: Conversation, heard: Heard, world: World) -> Step | None:
    if heard.meant != "forced-pills":
        return None
    again = "forced_pills" in talk.answered and going_on(talk, world.now)
    return (disclosure.goes_on if again else danger.forced_pills)(talk, heard, world)


def _need_that_sounds_like_hurting(talk: Conversation, heard: Heard, world: World) -> Step | None:
    fits = heard.understood.intent == "perpetrator" and not talk.hurts and heard.need
    return go_on(talk, heard, world) if fits else None


def _told_in_words(talk: Conversation, heard: Heard, world: World) -> Step | None:
    fits = heard.meant in _TOLD_IN_WORDS and heard.understood.act != "act" and not (talk.told or talk.hurts)
    return _TOLD_IN_WORDS[heard.meant](talk, heard, world) if fits else None


def _unsaid(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer "I do not know" or "I would rather not say": never a telling of a new kind."""
    if heard.meant not in ("unsaid", "place-unknown"):
        return None
    if talk.asked.removeprefix("callback_") in ("place", "place:again"):
        return directory.place_unknown(talk, heard, world)
    if talk.asked and talk.asked != "checkin":
        return None
    return go_on(talk, heard, world) or disclosure.listen(talk, heard, world)


def _not_this(talk: Conversation, heard: Heard, world: World) -> Step | None:
    wrong = heard.meant == "not-this" and going_on(talk, world.now)
    return disclosure.correct(talk, heard, world) if wrong else None


def _law_of_a_deed(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer "đánh vợ có bị đi tù không", which to the model looks like a telling or like one who hurts."""
    if heard.meant != "law-of-deed" or heard.understood.alarmed or talk.asked.startswith("callback"):
        return None
    return knowledge.answer_aside(talk, heard, world) or knowledge.answer(talk, heard, world)


def _asked_while_telling(talk: Conversation, heard: Heard, world: World) -> Step | None:
    said = heard.understood
    tells_more = said.act == "act" and talk.told and said.intent in DISCLOSURE
    return knowledge.answer_aside(talk, heard, world) if tells_more else None


def _cannot_call(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer who is deaf or asks for help in writing, which to the model looks like a question for numbers, or an end."""
    said = heard.understood
    fits = heard.need == "no_call" and cannot_call(heard.text) and not talk.asked.startswith("callback")
    if not fits or said.alarmed or (said.act == "act" and not says_no_more(heard.text)):
        return None
    return go_on(talk, heard, world) or disclosure.without_a_call(talk, heard, world)


def _told(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer what the screen or the model is sure of: violence told, a wish to die, somebody who hurts."""
    said = heard.understood
    return FLOWS[said.intent](_known_to_hunt(talk, heard), heard, world) if said.act == "act" else None


def _quick_exit(talk: Conversation, heard: Heard, world: World) -> Step | None:
    return person.hide(talk, heard, world) if heard.understood.intent == "quick_exit" else None


def _location(talk: Conversation, heard: Heard, world: World) -> Step | None:
    where = heard.incoming.location
    return directory.place_shared(talk, where, world) if where is not None else None


def _link_opened(talk: Conversation, heard: Heard, world: World) -> Step | None:
    start = heard.incoming.start
    return opened(talk, start, heard, world) if start is not None and not heard.text else None


def _choice(talk: Conversation, heard: Heard, world: World) -> Step | None:
    may = talk.asked != "callback" and heard.understood.act != "ask"
    return choices.choose(talk, heard, world) if may else None


def _phrase(talk: Conversation, heard: Heard, world: World) -> Step | None:
    known = heard.meant in PHRASES and not talk.asked.startswith("callback")
    return PHRASES[heard.meant](talk, heard, world) if known else None


def _events(talk: Conversation, heard: Heard, world: World) -> Step | None:
    asks = heard.meant == "events" and not talk.asked.startswith("callback")
    return campaign.events(talk, heard, world) if asks and not going_on(talk, world.now) else None


def _fear_or_need(talk: Conversation, heard: Heard, world: World) -> Step | None:
    helps = heard.understood.act == "ask" or goes_on(talk, heard)
    return go_on(talk, heard, world) if helps else None


def _no_refuge(talk: Conversation, heard: Heard, world: World) -> Step | None:
    intent = heard.understood.intent
    return _NOT_WHO_HURTS[intent](talk, heard, world) if talk.hurts and intent in _NOT_WHO_HURTS else None


def _perhaps_told(talk: Conversation, heard: Heard, world: World) -> Step | None:
    said = heard.understood
    frightened = said.intent in SMALL_TALK and heard.need in FRIGHTENED
    return disclosure.check_in(talk, heard, world) if said.act == "ask" or frightened else None


def _place_alone(talk: Conversation, heard: Heard, world: World) -> Step | None:
    said = heard.understood
    helped = bool(going_on(talk, world.now))  # in the middle of help a place is where help is sought
    short = helped or len(heard.text.split()) <= 6
    alone = said.intent == "out_of_scope" and said.place and short
    return directory.place_told(talk, heard, world) if alone else None


def _hour_alone(talk: Conversation, heard: Heard, world: World) -> Step | None:
    alone = heard.understood.intent == "out_of_scope" and not talk.told and hour(heard).text
    return campaign.hour_told(talk, heard, world) if alone else None


def _by_intent(talk: Conversation, heard: Heard, world: World) -> Step:
    return FLOWS[heard.understood.intent](talk, heard, world)


ORDER: tuple[Attempt, ...] = (
    _button,
    _disaster,
    _not_listed,
    _danger_now,  # of all that is read from words, the first
    _own_matters,
    _language,
    number_or_how,
    # words that mean what they say, whatever the model thinks
    _hunting,
    _forced_pills,
    _need_that_sounds_like_hurting,
    _told_in_words,
    _unsaid,
    _not_this,
    _law_of_a_deed,
    _asked_while_telling,
    _cannot_call,
    _told,
    # nothing is told for sure
    _quick_exit,
    _location,
    _link_opened,
    nothing_to_read,
    _choice,
    _phrase,
    _events,
    knowledge.answer_aside,
    answer,  # to the question that waits
    _fear_or_need,
    _no_refuge,
    _perhaps_told,
    _place_alone,
    _hour_alone,
    _by_intent,
)
"""Who is asked for an answer, in this order; the first that has one gives it. The order is the policy."""


def _known_to_hunt(talk: Conversation, heard: Heard) -> Conversation:
    return replace(talk, hurts=True) if heard.meant == "hunting" else talk


_TOLD_IN_WORDS: dict[str, Flow] = {
    "fleeing": disclosure.fled,
    "afraid": disclosure.afraid,
    "english": disclosure.confirm,
}
"""Rows that tell enough to be believed, where nothing was told before."""
