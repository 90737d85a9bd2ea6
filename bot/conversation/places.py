"""The places that help, as one answer: the ladder of the commune, the ways out of it, what nobody checked lately."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.conversation.address import CHILD
from bot.conversation.merged import merged
from bot.conversation.state import Conversation, Count, Effect, Step, World, rest
from bot.conversation.suggestion import line, suggestion_line
from bot.conversation.words import button, exit_button, message, say
from bot.messages import Button
from referral_directory.opening import WORKDAYS, Opening, is_open
from referral_directory.places import Commune, load, nearest
from referral_directory.routing import CHANGE_KINDS, Entry, Need, Referral, is_refuge, route, rung
from referral_directory.terms import LANGUAGES, TAKES


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
    today = f"{world.now:%Y-%m-%d}"
    before = talk.shown if talk.shown_on == today else ()
    enough = commune is not None and commune.code not in before and len(before) >= COMMUNES_A_DAY
    if commune and not enough:
        talk = replace(talk, shown=tuple(dict.fromkeys((*before, commune.code))), shown_on=today)
    entries = [] if enough else _entries(talk, world, commune, need)
    referral = route(entries, need, world.now)
    refuges = {e.kind for e in entries if is_refuge(e)} if talk.hurts else set()
    local: list[str] = []
    if commune and not talk.avoid:
        local = [merged(told, commune=commune), *_of_commune(referral, commune, talk, need, refuges, world.now)]
    beyond = [_beyond_head(talk, commune, province, referral, neighbours)]
    beyond += [suggestion_line(s, talk.you, world.now) for s in referral.beyond]
    beyond += [line(h) for h in referral.lines]
    late = [say("places.late", talk.you)] if referral.late else []
    late += [suggestion_line(s, talk.you, world.now, late=True) for s in referral.late]
    below = _below(talk, commune, referral, neighbours, everything)
    kinds = frozenset(s.entry.kind for s in referral.suggestions)
    counted: tuple[Effect, ...] = tuple(Count(f"offered:{k}", province) for k in sorted(kinds))
    asked_for = _is_late_alone(referral, need.kind)
    ordered = (late, local, beyond) if asked_for else (local, beyond, late)
    parts = ["\n".join(filter(None, part)) for part in (*ordered, _notes(referral, talk, need))]
    return Step((message("\n\n".join(filter(None, parts)), buttons=below),), rest(talk), counted, kinds)


def _is_late_alone(referral: Referral, kind: str) -> bool:
    """Tell whether the kind of place that is asked for is there, but of none such did anybody check lately."""
    checked = {s.entry.kind for s in (*referral.local, *referral.beyond)}
    return kind not in checked and kind in {s.entry.kind for s in referral.late}


def _need(talk: Conversation, province: str) -> Need:
    """Return what the conversation knows of the person that decides where they are sent."""
    wanted = "change" if talk.hurts and not talk.told else talk.wanted
    child = talk.of_child or talk.you in CHILD or "children" in talk.needs
    return Need(
        talk.types, child, wanted, talk.avoid, province, who=tuple(n for n in talk.needs if n in TAKES),
        language=next((n for n in talk.needs if n in LANGUAGES), talk.other_language), shelter="overnight" in talk.needs,
        hurts=talk.hurts,
    )  # fmt: skip


def _entries(talk: Conversation, world: World, commune: Commune | None, need: Need) -> list[Entry]:
    """Return the entries that may be offered: of the commune and its province, of the neighbours if they are wished."""
    if commune is None:
        return world.of_province(talk.province) if talk.province else []
    if need.neighbours or need.where:
        beside = [c.code for c in nearest(*need.where, limit=4)] if need.where else _beside(commune)
        return world.beside(commune.code, [code for code in beside if code != commune.code][:_NEIGHBOURS])
    return world.services(commune.code)


COMMUNES_A_DAY = 12
"""Communes whose own places one person is shown in a day; the lines and the offices by law are told of every commune."""
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
    shown = [(s.entry.kind, rung(s.entry), suggestion_line(s, talk.you, now)) for s in referral.local]
    rows = [*shown, *_by_law(commune, {kind for kind, _, _ in shown} | refuges, need.kind, now)]
    rows.sort(key=lambda row: (row[0] != need.kind, row[1]))  # stable: within a rung, what is known goes first
    head = [say("places.head", talk.you, commune=commune.label)] if rows else []
    known = any(s.entry.phone for s in (*referral.local, *referral.late) if s.entry.reach == "commune")
    key = "places.nobody" if in_office_hours(now) else "places.nobody_closed"
    nobody = [] if known or not rows else [say(key, talk.you, commune=commune.label)]
    return [*head, *(words for _, _, words in rows), *nobody]


def _notes(referral: Referral, talk: Conversation, need: Need) -> list[str]:
    """Return what is good to know of the places shown."""
    refuge = any(s.entry.kind == "trusted_address" for s in referral.suggestions)
    sample = any(s.entry.sample for s in referral.suggestions)
    return [
        say("told.notified", talk.you) if refuge else "",
        say("places.sample", talk.you) if sample else "",
        "" if need.kind == "change" else say("places.other_commune", talk.you),
    ]


def _below(
    talk: Conversation, commune: Commune | None, referral: Referral, neighbours: bool, everything: bool
) -> tuple[Button, ...]:
    """Return the buttons under the places."""
    below = []
    if commune and not talk.avoid:
        below.append(button("places.avoid_button", "avoid"))
    if commune and talk.avoid and not neighbours and _beside(commune):
        below.append(button("places.beside_button", "beside"))
    if referral.more and not everything:
        below.append(button("places.all_button", "all:beside" if neighbours else "all"))
    return (*below, button("human.button", "human"), exit_button())


def _beyond_head(
    talk: Conversation, commune: Commune | None, province: str, referral: Referral, neighbours: bool
) -> str:
    """Return what stands above the ways out of the commune."""
    if talk.avoid:
        return say("places.beside" if neighbours else "places.beyond_only", talk.you)
    if commune is None and referral.beyond:
        return say("places.of_province", talk.you, province=province)
    return say("places.beyond" if commune else "places.skipped", talk.you)


def in_office_hours(now: datetime) -> bool:
    """Tell whether offices of the commune are open, as far as office hours and holidays tell."""
    return is_open([Opening(WORKDAYS, "07:30", "17:00")], now) is True


def _by_law(commune: Commune, known: set[str], wanted: str, now: datetime) -> list[tuple[str, int, str]]:
    """Return (kind, rung, words) of the offices that every commune has (Luật 13/2022/QH15, Điều 19) and the directory
    lacks."""
    fitting = {k: key for k, key in _OFFICES.items() if k not in known and (wanted != "change" or k in CHANGE_KINDS)}
    shut = () if in_office_hours(now) else _IN_OFFICE_HOURS
    office, visit = say("places.office"), say("places.visit")
    return [
        (
            kind,
            rung(Entry("", kind)),
            f"• {say(key, commune=commune.label)}: {office if kind in shut else visit}",
        )
        for kind, key in fitting.items()
    ]


_IN_OFFICE_HOURS = ("peoples_committee", "womens_union")
_OFFICES = {
    "police": "places.police",
    "peoples_committee": "places.committee",
    "womens_union": "places.union",
    "health_station": "places.health",
}
