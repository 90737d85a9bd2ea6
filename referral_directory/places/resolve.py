"""Which commune of today a text tells, or which ones it could be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.text import normalise
from referral_directory.places.chains import Chain, chains
from referral_directory.places.cues import Reading, role, told
from referral_directory.places.mentions import LOOSE, Mention, mentions, near_marks, similar
from referral_directory.places.names import Sense, keys, names
from referral_directory.places.spelling import Word, letters, words
from referral_directory.places.units import Commune, load
from referral_directory.places.vocabulary import FILLERS

LIMIT = 2_000
"""Characters that are read; of a longer text, its beginning and its end."""
_LINK = re.compile(r"https?://\S+")
MOST = 8
"""Choices that a place carries at most."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a text says about where, in names of today; `code` is the commune's when it is certain."""

    province: str | None
    commune: str | None
    ask: bool
    choices: tuple[str, ...]
    code: int | None

    def as_dict(self) -> dict[str, object]:
        """Return the four fields of the label scheme."""
        return {
            "province": self.province,
            "commune": self.commune,
            "ask": self.ask,
            "choices": list(self.choices),
        }


def find_place(text: str, *, expecting: bool = False, near: str | None = None) -> Place | None:
    """Return the place that the text tells, or None when it tells none.

    `expecting` says that the bot has just asked where: a bare name is then an answer. `near` is the province of
    the deployment: its communes come first among the choices.
    """
    if "://" in text:
        text = _LINK.sub(" ", text[: LIMIT * 5])
    if len(text) > LIMIT:
        text = text[: LIMIT * 2 // 3] + "\n" + text[-LIMIT // 3 :]
    place = _found(words(text), expecting, near)
    if place is None and text.isascii() and len(text) <= LIMIT // 4:
        spelt = normalise(text)
        if not spelt.isascii():
            place = _found(words(spelt), expecting, near)
    return place


def _found(typed: Sequence[Word], expecting: bool, near: str | None) -> Place | None:
    reading = Reading.of(typed, expecting=expecting)
    counted = [c for c in chains(typed, mentions(typed)) if told(c, reading)]
    kept = _apart(counted)
    if not kept:
        guess = _guess(reading) if expecting else None
        return _answer(guess, reading, near) if guess else None
    ranks = {id(c): role(c, reading, first=i == 0) for i, c in enumerate(kept)}
    best = max(kept, key=lambda c: (ranks[id(c)], -min(s.level for s in c.senses), -c.start))
    for other in kept:
        if other is not best and ranks[id(other)] >= 2:
            best = _narrowed(best, other)
    best = next((c for c in kept if _overrules(c, best)), best)
    return _answer(best, reading, near)


def _apart(found: Iterable[Chain]) -> list[Chain]:
    """Return the weightiest chains that do not overlap, in the order of the text."""
    kept: list[Chain] = []
    for chain in sorted(found, key=lambda c: c.weight, reverse=True):
        if all(chain.end <= other.start or chain.start >= other.end for other in kept):
            kept.append(chain)
    return sorted(kept, key=lambda c: c.start)


def _narrowed(chain: Chain, other: Chain) -> Chain:
    """Return the chain with what a larger unit elsewhere in the text leaves of its senses."""
    larger = [s for s in other.senses if s.level > min(t.level for t in chain.senses)]
    inside = tuple(s for s in chain.senses if any(s.level < h.level and s.lies_in(h) for h in larger))
    return Chain(chain.parts, inside, tuple(larger)) if inside else chain


def _overrules(other: Chain, best: Chain) -> bool:
    """Tell whether the district or province told next to a commune holds no commune of that name: it is believed."""
    beside = other.start == best.end or other.end == best.start
    larger = all(s.level > 1 for s in other.senses) and (other.parts[0].kind or len(other.parts) > 1)
    return bool(beside and larger and not best.holders and all(s.level == 1 for s in best.senses))


def _guess(reading: Reading) -> Chain | None:
    """Return the one name that a short answer misspells."""
    rest = [w for w in reading.words if not FILLERS.has(w)]
    if not 1 <= len(rest) <= 4:
        return None
    for level in (2, 1, 3):
        key = similar(rest, keys(level))
        senses = tuple(s for s in names()[key] if s.marks and near_marks(rest, s)) if key else ()
        if senses:
            marks = tuple(w.marked for w in rest)
            return Chain((Mention(0, len(rest), "", False, senses, LOOSE, False, marks, len(rest)),), senses, ())
    return None


def _answer(chain: Chain, reading: Reading, near: str | None) -> Place | None:
    low = chain.parts[0]
    senses = chain.senses
    former = low.end < len(reading.words) and reading.words[low.end].marked in (letters("cũ")[0], "cu")
    top = max(s.level for s in senses)
    if (not low.kind and top == 3) or (low.kind and top > 1 and any(s.level == 3 for s in senses)):
        return _of_province(senses, near)
    if top == 2:
        order = _order([s for s in senses if s.level == 1 and not s.old])
        codes = _order([s for s in senses if s.level == 2])
        if low.kind:
            return _place(_heirs(low, codes), near)
        return _place([*order, *_heirs(low, codes)], near)
    return _place(_communes(senses, chain, former, near), near)


def _of_province(senses: Sequence[Sense], near: str | None) -> Place | None:
    """Return a province with, as choices, what bears its name: the communes of its old chief town."""
    codes = {code for s in senses if s.level == 3 for code in s.codes}
    same = [s for s in senses if s.level < 3 and not (s.level == 1 and s.old)]
    chosen = [c for c in _order(sorted(same, key=lambda s: s.level)) if c in codes]
    place = _place(chosen, near)
    provinces = {c.province.name for c in _known(codes)}
    return Place(provinces.pop() if len(provinces) == 1 else None, None, True, place.choices if place else (), None)


def _communes(senses: Sequence[Sense], chain: Chain, former: bool, near: str | None) -> list[int]:
    """Return what a commune's name means: today's first, the old ones where the old district is named too."""
    today, old = [s for s in senses if not s.old], [s for s in senses if s.old]
    if former and old:
        return _order(old)
    if today and old and {h.level for h in chain.holders} - {1} == {2}:
        heirs = {code for s in old for code in s.codes}
        return _order(today) if all(s.codes <= heirs for s in today) else _order([*today, *old])
    if today and near and not any(c.province.name == near for c in _known(_order(today))):
        mine = [s for s in old if any(c.province.name == near for c in _known(s.order))]
        return _order([*mine, *today])
    return _order(today or old)


def _heirs(low: Mention, codes: Sequence[int]) -> list[int]:
    """Return the communes of an old district, the one that took its name first."""
    same = [c.code for c in _known(codes) if letters(c.name) == low.senses[0].marks]
    return [*same, *(c for c in codes if c not in same)]


def _order(senses: Iterable[Sense]) -> list[int]:
    return list(dict.fromkeys(code for s in senses for code in s.order))


def _known(codes: Iterable[int]) -> list[Commune]:
    return [c for c in map(load().commune, codes) if c is not None]


def _place(codes: Sequence[int], near: str | None) -> Place | None:
    communes = _known(dict.fromkeys(codes))
    if not communes:
        return None
    provinces = {c.province.name for c in communes}
    province = provinces.pop() if len(provinces) == 1 else None
    if len(communes) == 1:
        return Place(province, communes[0].label, False, (), communes[0].code)
    communes.sort(key=lambda c: c.province.name != near)
    return Place(province, None, True, tuple(c.full for c in communes[:MOST]), None)
