"""Names that stand together as one address: "xã Cẩm Long, Cẩm Thủy, Thanh Hóa"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from referral_directory.places.mentions import Mention
from referral_directory.places.names import Sense
from referral_directory.places.spelling import Word
from referral_directory.places.vocabulary import LINKS

_BETWEEN = frozenset(" ,-–/(|;.:)\n\"'")


@dataclass(frozen=True, slots=True)
class Chain:
    """One address in the text; `parts` go from the smallest unit up, whatever the order was."""

    parts: tuple[Mention, ...]
    senses: tuple[Sense, ...]
    """What the smallest name may mean, given the larger ones."""
    holders: tuple[Sense, ...]
    """What the next larger name may mean, given the smallest; none for a single name."""

    @property
    def start(self) -> int:
        """The first word of the address."""
        return min(part.start for part in self.parts)

    @property
    def end(self) -> int:
        """One past its last word."""
        return max(part.end for part in self.parts)

    @property
    def first(self) -> Mention:
        """The name that stands first in the text."""
        return min(self.parts, key=lambda part: part.start)

    @property
    def weight(self) -> tuple[int, int, int]:
        """How much of the text it explains: for choosing among overlapping ones."""
        words = sum(part.end - part.start for part in self.parts)
        trust = sum(part.fit + 3 * bool(part.kind and part.sure) for part in self.parts)
        return 2 * words + 3 * len(self.parts), trust, -self.start


def chains(words: Sequence[Word], found: Sequence[Mention]) -> Iterator[Chain]:
    """Yield every run of names in which each lies in the next, or each holds the next; single names too."""
    starts: dict[int, list[Mention]] = defaultdict(list)
    for mention in found:
        starts[mention.start].append(mention)
    after = {m.end: [n for at in _next(words, m.end) for n in starts.get(at, ())] for m in found}
    for one in found:
        yield Chain((one,), one.senses, ())
        for two in after[one.end]:
            yield from _joined((one, two))
            for three in after[two.end]:
                yield from _joined((one, two, three))


def _next(words: Sequence[Word], end: int) -> Iterator[int]:
    """Yield where a name that belongs to the one before may begin."""
    for at in range(end, min(end + 3, len(words))):
        if not set(words[at].before) <= _BETWEEN:
            return
        yield at
        if not LINKS.has(words[at]):
            return


def _joined(run: tuple[Mention, ...]) -> Iterator[Chain]:
    for parts in (run, run[::-1]):
        held: list[tuple[Sense, ...]] = [parts[-1].senses]
        for part in reversed(parts[:-1]):
            held.append(_lying_in(part, held[-1]))
        if all(held) and (len(parts) == 2 or _three_levels(held)):
            yield Chain(parts, held[-1], held[-2])


def _lying_in(part: Mention, larger: Sequence[Sense]) -> tuple[Sense, ...]:
    """Return the senses of `part` within the larger unit; a number is first sought in its own town."""
    for level in (2, 3) if part.number else (0,):
        holders = [s for s in larger if level in (0, s.level)]
        inside = tuple(s for s in part.senses if any(s.level < h.level and s.lies_in(h) for h in holders))
        if inside:
            return inside
    return ()


def _three_levels(held: Sequence[Sequence[Sense]]) -> bool:
    top, middle, low = held
    return any(s.level == 3 for s in top) and any(s.level == 2 for s in middle) and any(s.level == 1 for s in low)
