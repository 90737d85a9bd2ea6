"""Whether the words around a name use it as a place, and whether it is where the person is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from referral_directory.places.chains import Chain
from referral_directory.places.mentions import EXACT, LOOSE, PLAIN, Mention
from referral_directory.places.spelling import Word
from referral_directory.places.vocabulary import (
    AT,
    FILLERS,
    HERE,
    KIN,
    LATER,
    MOVED,
    ORIGIN,
    PEOPLE,
    ROOT,
    SELF,
    TOWARDS,
    VILLAGE,
)

SHORT = 6
"""Words; a message no longer than this may be nothing but an address."""
_STOPS = frozenset(".!?;\n")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with what its writer's habits tell about it."""

    words: tuple[Word, ...]
    with_marks: bool
    """The writer types marks, so a syllable without any is meant so."""
    capitals: bool
    """The writer uses capitals for names only."""
    expecting: bool

    @classmethod
    def of(cls, words: Sequence[Word], *, expecting: bool) -> Reading:
        """Return the reading of these words."""
        alphabetic = [w for w in words if not w.plain.isdigit()]
        marks = sum(w.has_marks for w in alphabetic)
        shouting = sum(w.raw.isupper() for w in alphabetic)
        proper = shouting * 2 <= len(alphabetic) or len(alphabetic) <= 2 < marks
        return cls(tuple(words), marks * 4 >= len(alphabetic) > 0, proper, expecting)

    def is_all(self, chain: Chain) -> bool:
        """Tell whether the message is nothing but this address and a few polite words."""
        inside = {i for part in chain.parts for i in range(part.start, part.end)}
        rest = [w for i, w in enumerate(self.words) if i not in inside]
        longest = SHORT * 2 if self.expecting else SHORT
        return len(self.words) <= longest + 2 * len(chain.parts) and all(FILLERS.has(w) for w in rest)

    def before(self, at: int, count: int) -> tuple[Word, ...]:
        """Return up to `count` words before this one in the same sentence, the nearest first."""
        found: list[Word] = []
        while at > 0 and len(found) < count and not _STOPS & set(self.words[at].before):
            at -= 1
            found.append(self.words[at])
        return tuple(found)


def told(chain: Chain, reading: Reading) -> bool:
    """Tell whether the sentence uses the chain as a place."""
    if any(part.fit == LOOSE and not (part.kind and part.sure) for part in chain.parts) and len(chain.parts) == 1:
        return False
    if any(part.kind and _type_word_counts(part, chain, reading) for part in chain.parts):
        return True
    if any(part.kind for part in chain.parts):
        return False
    if _is_person(chain, reading):
        return False
    if len(chain.parts) > 1:
        return _chain_counts(chain, reading)
    return _name_counts(chain.parts[0], chain, reading)


def role(chain: Chain, reading: Reading, *, first: bool) -> float:
    """Return how likely the chain is where the person is now: 0 elsewhere, 4 certainly here."""
    near = reading.before(chain.start, 6)
    if not near:
        return 2
    to = next((i for i, w in enumerate(near) if AT.has(w) or MOVED.has(w) or ORIGIN.has(w)), None)
    if any(ORIGIN.has(w) and not ROOT.has(w) for w in near[:2]) or any(ROOT.has(w) for w in near[:4]):
        return 4 if any(HERE.has(w) for w in near[:1]) else 1
    if any(LATER.has(w) for w in near[:4]):
        return 1.5
    if any(HERE.has(w) for w in near[:4]):
        return 4
    if to is not None and any(KIN.has(w) for w in near[to + 1 : to + 3]) and not _speaks(near, to):
        return 2
    if any(MOVED.has(w) for w in near[:2]):
        return 2.5 if first else 3.5
    return 3 if any(AT.has(w) for w in near[:3]) else 2


def _speaks(near: Sequence[Word], to: int) -> bool:
    """Tell whether the writer is the subject: "em ở", not "mẹ em ở"."""
    after = near[to + 1 : to + 3]
    return bool(after) and SELF.has(after[0]) and not (len(after) > 1 and KIN.has(after[1]))


def _type_word_counts(part: Mention, chain: Chain, reading: Reading) -> bool:
    if part.number:
        if part.kind == "Quận" or part.sure or len(chain.parts) > 1:
            return True
        return reading.expecting or any(AT.has(w) for w in reading.before(chain.start, 1))
    if part.mistyped and part.everyday and not (part.capital and reading.capitals) and len(chain.parts) == 1:
        return False
    if part.size == 1 and not part.sure and not part.capital and len(chain.parts) == 1:
        return False
    if part.sure:
        return part.fit > LOOSE or part.size > 1
    dotted = "." in reading.words[part.start + 1].before
    if dotted or len(chain.parts) > 1 or (part.capital and reading.capitals):
        return True
    if reading.with_marks:
        return part.fit == EXACT and any(m not in (w.plain for w in reading.words) for m in part.marks)
    letter = len(reading.words[part.start].plain) == 1
    return not letter and (not part.everyday or _follows(AT, chain, reading))


def _is_person(chain: Chain, reading: Reading) -> bool:
    near = reading.before(chain.start, 2)
    if not near or not PEOPLE.has(near[0]) or reading.words[chain.start].before.strip():
        return False
    if len(near) > 1 and (ROOT.has(near[1]) or near[1].marked == "xã"):
        return False
    if SELF.has(near[0]) and not chain.first.given_name:
        return len(chain.parts) == 1 and (chain.parts[0].level == 1 or not reading.is_all(chain))
    return True


def _chain_counts(chain: Chain, reading: Reading) -> bool:
    if all(part.fit == LOOSE for part in chain.parts):
        return False
    capital = reading.capitals and all(part.capital for part in chain.parts)
    if capital or reading.expecting or _follows(AT, chain, reading) or _follows(TOWARDS, chain, reading):
        return True
    if reading.with_marks and any(part.fit < EXACT for part in chain.parts):
        return False
    return not all(part.everyday for part in chain.parts) or reading.is_all(chain)


def _name_counts(part: Mention, chain: Chain, reading: Reading) -> bool:
    capital = part.capital and reading.capitals
    answer = reading.expecting and reading.is_all(chain)
    large = capital and part.level > 1 and _follows(AT, chain, reading)
    if part.fit == PLAIN and reading.with_marks and not answer and not large:
        return False
    ordinary = part.everyday or part.given_name
    if answer:
        return True
    if reading.is_all(chain) and not (part.everyday and not capital and len(reading.words) > part.size):
        alone = capital and len([s for s in part.senses if not s.old]) == 1
        if alone or (part.level > 1 and not (part.everyday and part.level < 3) and _clear(part, reading)):
            return True
    if _at(part, chain, reading):
        return part.level > 1 or capital or not part.everyday
    if _follows(TOWARDS, chain, reading):
        if part.level == 1 and not reading.with_marks:
            return capital and not ordinary
        return capital or not (part.everyday if part.level > 1 else ordinary)
    if reading.expecting and not ordinary:
        return capital or (part.fit == EXACT and reading.with_marks)
    opening = all(FILLERS.has(w) for w in reading.words[: chain.start])
    if not opening or not _clear(part, reading) or part.level == 1:
        return False
    asks = chain.end < len(reading.words) and reading.words[chain.end].plain == "co"
    return (capital or part.level == 3) and (not ordinary or asks)


def _clear(part: Mention, reading: Reading) -> bool:
    """Tell whether the spelling alone shows the name: its marks, or a writer who types none."""
    return part.fit == EXACT or not reading.with_marks


def _at(part: Mention, chain: Chain, reading: Reading) -> bool:
    near = reading.before(chain.start, 5)
    if not near:
        return False
    if AT.has(near[0]):
        return True
    for word in near[:4]:
        if ROOT.has(word):
            return True
        if not (SELF.has(word) or PEOPLE.has(word) or word.plain in ("la", "o")):
            break
    comma = "," in reading.words[chain.start].before
    if (comma or near[0].plain.isdigit()) and any(VILLAGE.has(w) for w in near):
        return True
    return comma and not part.given_name and any(AT.has(w) for w in near)


def _follows(cue: object, chain: Chain, reading: Reading) -> bool:
    near = reading.before(chain.start, 1)
    return bool(near) and (AT if cue is AT else TOWARDS).has(near[0])
