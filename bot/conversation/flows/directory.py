"""Questions for a place or a number, and answers that only tell where the person is."""

from __future__ import annotations

from dataclasses import replace

import content
from bot.conversation.library import as_sentences
from bot.conversation.offer import answer_place, ask_place, then_places, with_place
from bot.conversation.places import show_places
from bot.conversation.state import Conversation, Count, Heard, Step, World, avoiding, rest
from bot.conversation.suggestion import line
from bot.conversation.words import button, exit_button, message, say
from nlu.patterns import Pattern, Text
from referral_directory.places import Place, load, nearest

_KINDS = {
    "find_safe_address": "trusted_address",
    "find_police": "police",
    "find_health": "health_station",
    "find_legal_aid": "legal_aid",
    "find_counselling": "counselling",
    "find_hotline": "",
}
_NAMED = {
    "womens_union": Pattern(["hội (?:liên hiệp )?phụ nữ"]),
    "police": Pattern(["công an|đồn"]),
    "peoples_committee": Pattern(["ủy ban|ubnd|uỷ ban"]),
    "health_station": Pattern(["trạm y tế|trạm xá"]),
}


def find(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer with what holds everywhere, then with the commune's own places; a trusted address that is known goes first."""
    intent, place = heard.understood.intent, heard.understood.place
    if intent == "find_hotline" and place is not None and not talk.hurts:
        return _of_an_office(talk, place, heard.text, world)
    talk = replace(with_place(talk, place), wanted=_KINDS[intent], skipped=False)
    first = message(*_everywhere(talk, intent, world))
    count = (Count(f"asked:{intent}", talk.province),)
    if intent == "find_hotline":
        return Step((replace(first, buttons=(button("menu.help_near", "near"), exit_button())),), rest(talk), count)
    step = then_places(Step((), talk, count), "places.ask", place, heard.text, world)
    return step if _address_first(intent, step) else replace(step, replies=(first, *step.replies))


def _of_an_office(talk: Conversation, place: Place, text: str, world: World) -> Step:
    """Show the places of the commune whose number is asked for, the named office first: "số hội phụ nữ xã Cẩm Thủy"."""
    kind = next((kind for kind, named in _NAMED.items() if named.search(Text(text))), "")
    step = Step((), replace(with_place(talk, place), wanted=kind, skipped=False))
    return then_places(step, "places.ask", place, text, world)


def _address_first(intent: str, step: Step) -> bool:
    """Tell whether a trusted address is asked for and shown: nobody reads what such an address is before its number."""
    return intent == "find_safe_address" and _KINDS[intent] in step.places


def near(talk: Conversation, heard: Heard, world: World) -> Step:
    """Start from the menu: which commune."""
    return then_places(Step((), replace(talk, wanted="", skipped=False)), "places.ask", None, "", world)


def place_told(talk: Conversation, heard: Heard, world: World) -> Step:
    """The message tells only where the person is, asked or not."""
    place = heard.understood.place or answer_place(talk, heard.text, world)
    if place is None:
        if talk.asked.endswith(":again"):
            return place_chosen(talk, "skip", world)
        asked, talk = ask_place(talk, say("places.not_found", talk.you))
        return Step((asked,), replace(talk, asked="place:again"))
    talk = replace(talk, commune=place.code, province=place.province or talk.province, skipped=False, by_link=False)
    if place.ask or place.code is None:
        asked, talk = ask_place(talk, say("places.ask", talk.you), place, heard.text)
        return Step((asked,), talk)
    return show_places(talk, world, heard.text)


def place_unknown(talk: Conversation, heard: Heard, world: World) -> Step:
    """They do not know the name of the commune: no matter, the numbers work; another name nearby may be told."""
    step = show_places(replace(talk, commune=None), world)
    told = message(say("places.unknown", talk.you))
    return Step((told, *step.replies), replace(step.talk, commune=talk.commune, asked=talk.asked))


def not_listed(talk: Conversation, heard: Heard, world: World) -> Step:
    """ "Không có trong đó": none of the communes offered; the name is typed."""
    asked, talk = ask_place(talk, say("places.type_name", talk.you))
    return Step((asked,), talk)


def place_chosen(talk: Conversation, payload: str, world: World, by_link: bool = False) -> Step:
    """A button of the place question: a commune's code, or "skip"; `by_link`: whoever made the code is not the person."""
    commune = load().commune(int(payload)) if payload.isascii() and payload.isdigit() and len(payload) < 8 else None
    if commune:
        by_link = by_link and (talk.by_link or talk.commune != commune.code)
        talk = replace(talk, commune=commune.code, province=commune.province.name, skipped=False, by_link=by_link)
        return show_places(talk, world)
    return show_places(replace(talk, commune=None, skipped=True), world)


def place_shared(talk: Conversation, where: tuple[float, float], world: World) -> Step:
    """A shared location: the nearest communes, told as such so that it can be corrected."""
    found = nearest(*where, limit=1)
    if not found:
        asked, talk = ask_place(talk, say("places.not_found", talk.you))
        return Step((asked,), talk)
    talk = replace(talk, commune=found[0].code, province=found[0].province.name, skipped=False, by_link=False)
    step = show_places(talk, world, where=where)
    told = message(say("places.near", talk.you, commune=found[0].full))
    return Step((told, *step.replies), step.talk, step.effects)


def avoid(talk: Conversation, heard: Heard, world: World) -> Step:
    """ "Không gặp người ở xã này": only ways out of the commune."""
    return show_places(avoiding(talk), world)


def beside(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person would rather go to a commune beside their own."""
    return show_places(talk, world, neighbours=True)


def everything(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person wants to see all places, not the first ones alone."""
    return show_places(talk, world, neighbours=heard.incoming.button == "all:beside", everything=True)


def _everywhere(talk: Conversation, intent: str, world: World) -> list[str]:
    today = world.now.date()
    known = {i: h for i, h in content.hotlines().items() if h.is_open(world.now) and h.is_checked(today)}
    if intent == "find_hotline":
        open_now = [h for i, h in known.items() if i not in ("112", "114") and h.province in ("", talk.province)]
        return [say("find.hotline", talk.you), *map(line, open_now)]
    if intent == "find_counselling":
        wanted = [known[i] for i in ("1900969680", "111", "0963061414") if i in known]
        return [say("find.counselling", talk.you), *map(line, wanted)]
    if intent == "find_legal_aid":
        aid = content.current("aid-dv-2026", "aid-who", day=today)
        return [*as_sentences(aid), say("law.aid", talk.you)]
    if intent == "find_safe_address":
        told = content.current("safe-address-def", day=today)
        return [*as_sentences(told), "" if talk.commune else say("told.notified", talk.you)]
    return [say(intent.replace("find_", "find."), talk.you)]
