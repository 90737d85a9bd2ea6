"""Show the places that help: ask for the commune once, then the ladder of the commune and the ways out of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import content
from bot.conversation.address import CHILD
from bot.conversation.merged import merged
from bot.conversation.state import Conversation, Count, Effect, Step, World, rest
from bot.conversation.suggestion import suggestion_line
from bot.conversation.understanding import Understood
from bot.conversation.words import button, exit_button, message, say
from bot.messages import Button, Outgoing
from content import Hotline
from nlu.text import fold, normalise
from referral_directory.places import Commune, Place, find_place, load, nearest
from referral_directory.routing import CHANGE_KINDS, Entry, Need, Referral, is_refuge, route
from referral_directory.terms import LANGUAGES, TAKES

_LADDER = ("police", "committee", "union", "health")


def with_place(talk: Conversation, place: Place | None) -> Conversation:
    """Return the state that knows the place told, as far as it is certain."""
    if place is None:
        return talk
    avoid = talk.avoid and place.code in (None, talk.commune)
    return replace(talk, commune=place.code or talk.commune, province=place.province or talk.province, avoid=avoid)


def after_telling(talk: Conversation, said: Understood) -> Conversation:
    """Return the state that knows of the telling: who, where, and which kinds, the newest first."""
    kinds = tuple(dict.fromkeys((*said.types, *talk.types)))
    talk = replace(with_place(talk, said.place), types=kinds, reporter=said.reporter)
    return replace(talk, told=True, wanted="", draft="")


def ask_place(
    talk: Conversation, question: str, place: Place | None = None, told: str = ""
) -> tuple[Outgoing, Conversation]:
    """Return the one question about the commune (with choices when the text fits several) and the waiting state.

    `told` is the message that names the place: an old unit in it is explained in a few words.
    """
    old = place is not None and place.province is not None and _is_former_province(told, place.province)
    choices = place.choices if place and place.ask and not old else ()
    more, choices = len(choices) > _SHOWN, choices[:_SHOWN]
    picks = tuple(Button(name, f"place:{code}") for name, code in _codes(choices))
    if picks:
        text = " ".join([say("places.ask_which", talk.you), *([say("places.more", talk.you)] if more else [])])
    elif place and place.province:
        text = say("places.ask_commune", talk.you, province=place.province)
    else:
        text = question
    asked = message(
        merged(told, place) if place else "",
        text,
        buttons=(*picks, button("places.skip_button", "place:skip"), exit_button()),
        ask_location=not picks,
    )
    return asked, replace(talk, asked="place")


_SHOWN = 5
"""Communes offered at most; whoever lives in another types its name."""


def _is_former_province(told: str, province: str) -> bool:
    """Tell whether `told` names a province of before, not the town of that name: its land is wider than the town."""
    names = {old.name for old in load().former_provinces} - {province}
    words = fold(normalise(told)).split()
    named = any(f" {fold(normalise(name))} " in f" {' '.join(words)} " for name in names)
    return named and not {"tp", "pho", "thi", "phuong", "huyen"} & set(words)


def answer_place(talk: Conversation, text: str, world: World) -> Place | None:
    """Return the place that answers our question, or None when the text is something else."""
    return find_place(text, expecting=True, near=talk.province or world.home or None)


def then_places(step: Step, question: str, place: Place | None, told: str, world: World) -> Step:
    """Add the places of a commune that is known, or ask for it; who would not tell it is not asked again.

    `told` is the message and `place` what it tells of one; `question` is the key of the reply that asks.
    """
    if step.talk.commune and not (place and place.ask):
        more = show_places(step.talk, world, told)
        return Step(step.replies + more.replies, more.talk, step.effects + more.effects)
    if step.talk.skipped and place is None:
        return replace(step, talk=rest(step.talk))
    asked, talk = ask_place(step.talk, say(question, step.talk.you), place, told)
    return Step((*step.replies, asked), talk, step.effects)


def show_places(
    talk: Conversation,
    world: World,
    told: str = "",
    where: tuple[float, float] | None = None,
    neighbours: bool = False,
    everything: bool = False,
) -> Step:
    """Return the places of the person's commune and beyond, or the lines alone when there is none.

    `told` is the message that names the place, `where` the place that the person shared (degrees): it is used for this
    answer and kept nowhere. Somebody who hurts is shown no refuge, whatever was said since.
    """
    commune = load().commune(talk.commune) if talk.commune else None
    province = commune.province.name if commune else talk.province
    need = replace(_need(talk, province), where=where, neighbours=neighbours, all=everything)
    entries = _entries(talk, world, commune, need)
    referral = route(entries, need, world.now)
    refuges = {e.kind for e in entries if is_refuge(e)} if talk.hurts else set()
    parts: list[str] = []
    if commune and not talk.avoid:
        parts += [merged(told, commune=commune), *_of_commune(referral, commune, talk, need, refuges, world.now)]
    parts += ["", _beyond_head(talk, commune, province, referral, neighbours)]
    parts += [suggestion_line(s, talk.you, world.now) for s in referral.beyond]
    parts += [line(h) for h in referral.lines]
    if referral.late:
        parts += ["", say("places.late", talk.you)]
        parts += [suggestion_line(s, talk.you, world.now, late=True) for s in referral.late]
    if any(s.entry.kind == "trusted_address" for s in referral.suggestions):
        parts.append(say("told.notified", talk.you))
    if any(s.entry.sample for s in referral.suggestions):
        parts.append(say("places.sample", talk.you))
    parts.append("" if need.kind == "change" else say("places.other_commune", talk.you))
    below = [button("places.avoid_button", "avoid")] if commune and not talk.avoid else []
    if commune and talk.avoid and not neighbours and _beside(commune):
        below.append(button("places.beside_button", "beside"))
    if referral.more:
        below.append(button("places.all_button", "all:beside" if neighbours else "all"))
    below += [button("human.button", "human"), exit_button()]
    kinds = sorted({s.entry.kind for s in referral.suggestions})
    counted: tuple[Effect, ...] = tuple(Count(f"offered:{k}", province) for k in kinds)
    return Step((Outgoing("\n".join(parts).strip(), tuple(below)),), rest(talk), counted)


def _need(talk: Conversation, province: str) -> Need:
    """Return what the conversation knows of the person that decides where they are sent."""
    wanted = "change" if talk.hurts and not talk.told else talk.wanted
    child = talk.of_child or talk.you in CHILD or "children" in talk.needs
    return Need(
        talk.types, child, wanted, talk.avoid, province, who=tuple(n for n in talk.needs if n in TAKES),
        language=next((n for n in talk.needs if n in LANGUAGES), ""), shelter="overnight" in talk.needs,
        hurts=talk.hurts,
    )  # fmt: skip


def _entries(talk: Conversation, world: World, commune: Commune | None, need: Need) -> list[Entry]:
    """Return the entries that may be offered: of the commune and its province, of the neighbours if they are wished."""
    if commune is None:
        return world.of_province(talk.province) if talk.province else []
    found = world.services(commune.code)
    if need.neighbours or need.where:
        beside = [c.code for c in nearest(*need.where, limit=4)] if need.where else _beside(commune)
        found = found + world.beside(tuple(code for code in beside if code != commune.code)[:_NEIGHBOURS])
    return found


_NEIGHBOURS = 3
"""Communes nearest to the person's own, by their centres."""


def _beside(commune: Commune) -> list[int]:
    if commune.lat is None or commune.lon is None:
        return []
    return [c.code for c in nearest(commune.lat, commune.lon, _NEIGHBOURS + 1) if c.code != commune.code]


def _of_commune(
    referral: Referral, commune: Commune, talk: Conversation, need: Need, refuges: set[str], now: datetime
) -> list[str]:
    """Return the lines on the commune itself: its entries, then the offices that it has by law."""
    shown = [suggestion_line(s, talk.you, now) for s in referral.local]
    by_law = _by_law(commune, {s.entry.kind for s in referral.local} | refuges, need.kind)
    head = [say("places.head", talk.you, commune=commune.label)] if shown or by_law else []
    known = any(s.entry.phone for s in (*referral.local, *referral.late) if s.entry.reach == "commune")
    return [*head, *shown, *by_law, "" if known else say("places.nobody", talk.you, commune=commune.label)]


def _beyond_head(
    talk: Conversation, commune: Commune | None, province: str, referral: Referral, neighbours: bool
) -> str:
    """Return what stands above the ways out of the commune."""
    if talk.avoid:
        return say("places.beside" if neighbours else "places.beyond_only", talk.you)
    if commune is None and referral.beyond:
        return say("places.of_province", talk.you, province=province)
    return say("places.beyond" if commune else "places.skipped", talk.you)


def line(hotline: Hotline) -> str:
    """Return one hotline as people read it."""
    about = ", ".join(p for p in (hotline.hours, hotline.cost) if p)
    return f"• {hotline.number} – {hotline.short} ({about}, kiểm {hotline.checked_on:%d/%m/%Y})"


def adult_line(you: str, now: datetime) -> str:
    """Return the sentence on the line for adults, or "" when nobody checked the number lately."""
    known = content.hotlines()["1900969680"]
    if not known.is_checked(now.date()):
        return ""
    return say("told.line_adult", you, number=known.number, hours=known.hours, cost=known.cost)


def talk_line(talk: Conversation, now: datetime) -> str:
    """Return the sentence on somebody to talk to: the women's line, or for somebody who hurts none that shelters."""
    return "" if talk.hurts else adult_line(talk.you, now)


def listening_line(you: str, now: datetime) -> str:
    """Return the sentence on the line for people in despair, or "" while nobody answers it."""
    listening = content.hotlines()["0963061414"]
    if not (listening.is_open(now) and listening.is_checked(now.date())):
        return ""
    return say("self_harm.line", you, number=listening.number, hours=listening.hours)


def need_line(need: str, you: str, witness: bool = False) -> str:
    """Return what to do about a need told in the middle ("where", "hurt" …), or ""."""
    key = "witness.gone" if witness and need == "gone" else f"need.{need}"
    return say(key, you) if need else ""


def place_later(talk: Conversation) -> str:
    """Return that the place may wait, while the question for it stays open."""
    return say("places.later", talk.you) if talk.asked.startswith("place") else ""


def _by_law(commune: Commune, known: set[str], wanted: str) -> list[str]:
    """Return the offices that every commune has (Luật 13/2022/QH15, Điều 19) and that the directory lacks."""
    kinds = {
        "police": "police",
        "committee": "peoples_committee",
        "union": "womens_union",
        "health": "health_station",
    }
    fitting = [key for key in _LADDER if wanted != "change" or kinds[key] in CHANGE_KINDS]
    missing = [say(f"places.{key}", commune=commune.label) for key in fitting if kinds[key] not in known]
    return [f"• {name}: {say('places.visit')}" for name in missing]


def _codes(choices: tuple[str, ...]) -> list[tuple[str, int]]:
    found = []
    for choice in choices:
        label, _, province = choice.rpartition(", ")
        commune = load().by_name(label, province)
        if commune:
            found.append((choice, commune.code))
    return found
