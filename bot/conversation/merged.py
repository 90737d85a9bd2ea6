"""What became of an old province, district or commune that a person names, in a few words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from bot.conversation.words import say
from nlu.text import fold, normalise
from referral_directory.places import Commune, Place, load
from referral_directory.places.units import Former

_WORD = re.compile(r"\w+")


def merged(told: str, place: Place | None = None, *, commune: Commune | None = None) -> str:
    """Return "Bến Tre nay thuộc Vĩnh Long." for the old units named in `told`, or "" where nothing changed."""
    if not told:
        return ""
    text = f" {' '.join(_WORD.findall(fold(normalise(told))))} "
    province = commune.province.name if commune else place.province if place else None
    return next(_notes(text, province, commune), "") if province else ""


def _notes(text: str, province: str, commune: Commune | None) -> Iterator[str]:
    known = load()
    provinces = [old for old in known.former_provinces if old.name != province and _in(text, old.name)]
    for old in known.former_communes if commune else ():
        if (
            commune
            and commune.code in old.today
            and old.name != commune.name
            and not old.name.isdigit()
            and _in(text, old.name)
        ):
            yield say("places.merged", old=old.commune, now=commune.full)
    for old in known.districts if not commune else ():
        named = old.district if old.name.isdigit() or any(p.name == old.name for p in provinces) else old.name
        if _in(text, named) and _homes(old) == {province}:
            yield say("places.no_district", old=old.district, now=province)
    for old in provinces:
        if _homes(old) == {province}:
            yield say("places.merged", old=old.name, now=province)


def _homes(old: Former) -> set[str]:
    """Return the provinces of today on the land of an old unit."""
    return {c.province.name for c in map(load().commune, old.today) if c}


def _in(text: str, name: str) -> bool:
    return f" {_folded(name)} " in text


@cache
def _folded(name: str) -> str:
    return fold(normalise(name))
