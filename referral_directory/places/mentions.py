"""Every stretch of a text that could be the name of a unit, typed or bare, certain or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from referral_directory.places.everyday import EVERYDAY, EVERYDAY_PLAIN, GIVEN_NAMES
from referral_directory.places.names import Sense, keys, names
from referral_directory.places.spelling import Word, plain, sound
from referral_directory.places.vocabulary import KINDS, NOT_UNITS, PLAIN_KINDS, STRUCTURE

EXACT, PLAIN, LOOSE = 3, 2, 1
"""How well a typed name fits: every mark; marks left out; one syllable with another mark, or a slip of the key."""
LONGEST = 6
_NO_NAME = {
    "xa": ("hoi", "giao", "doi", "tac", "xoi", "la", "ha", "lo"), "phuong": ("doi", "phap", "tien"),
    "huyen": ("doi", "ui", "doan"), "tinh": ("tao", "day", "doi", "ui", "doan", "nguoi"), "quan": ("doi", "he"),
}  # fmt: skip
"""What follows a type word without being a name: "xã hội", "tỉnh táo"."""
_SPELT_TOGETHER = frozenset(("hue", "sapa", "pleiku"))
_HYPHENS = frozenset("-–'’ ")
_ALIKE = ("sx", "tc", "dgrv", "ln", "iy", "ck", "qk")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text: words `start` to `end`, with its type word when there is one."""

    start: int
    end: int
    kind: str
    """"Xã", "Huyện" and so on; empty for a bare name."""
    sure: bool
    """The type word cannot be anything else ("xã", "tp"; not "xa", "p")."""
    senses: tuple[Sense, ...]
    fit: int
    capital: bool
    marks: tuple[str, ...]
    size: int
    """Words of the name without its type."""

    @property
    def everyday(self) -> bool:
        """The name is also an everyday phrase."""
        return any(s.marks in EVERYDAY for s in self.senses) or self.marks in EVERYDAY_PLAIN

    @property
    def mistyped(self) -> bool:
        """No unit of that name has that kind."""
        return bool(self.kind) and all(s.kind != self.kind for s in self.senses)

    @property
    def given_name(self) -> bool:
        """People bear the name too."""
        return any(s.marks in GIVEN_NAMES for s in self.senses)

    @property
    def level(self) -> int:
        """The highest level that the name may mean."""
        return max(s.level for s in self.senses)

    @property
    def number(self) -> bool:
        """It is a numbered ward or quận."""
        return self.marks[0].isdigit()


def mentions(words: Sequence[Word], *, limit: int = 80) -> list[Mention]:
    """Return the possible names in the text, by their place in it; at most `limit`."""
    found: list[Mention] = []
    guesses = 6
    at = 0
    while at < len(words) and len(found) < limit:
        kind = _kind(words, at)
        if kind:
            name, size, sure = kind
            typed = list(_typed(words, at, name, size, sure))
            if not typed and sure and size and guesses:
                guesses -= 1
                typed = list(_misspelt(words, at, name, size))
            found.extend(typed)
        if not (at and not words[at].before and NOT_UNITS.has(words[at - 1])):
            found.extend(_bare(words, at))
        at += 1
    return found


def similar(window: Sequence[Word], choices: tuple[str, ...]) -> str | None:
    """Return the name key that the words most likely misspell, or None."""
    if any(STRUCTURE.has(w) or w.plain.isdigit() for w in window):
        return None
    typed = "".join(w.plain for w in window)
    if len(typed) < 5:
        return None
    if (heard := _heard(choices).get("".join(sound(w.plain) for w in window))) is not None:
        return heard
    match = process.extractOne(typed, choices, scorer=fuzz.ratio, score_cutoff=84 if len(typed) > 6 else 88)
    if match is None or not _same_start(typed, match[0]):
        return None
    return match[0]


def near_marks(window: Sequence[Word], sense: Sense) -> bool:
    """Tell whether the marks of a misspelt name are close to those of `sense`."""
    if not any(w.has_marks for w in window):
        return True
    return fuzz.ratio("".join(w.marked for w in window), "".join(sense.marks)) >= 75


def _kind(words: Sequence[Word], at: int) -> tuple[str, int, bool] | None:
    """Return the type word at this place with its length, and whether it can mean nothing else."""
    for size in (2, 1):
        window = words[at : at + size]
        if len(window) < size or any(w.before and w.before != "." for w in window[1:]):
            continue
        if (kind := KINDS.get(tuple(w.marked for w in window))) is not None:
            letters = "".join(w.plain for w in window)
            return kind[0], size, size == 2 or any(w.has_marks for w in window) or letters in ("tp", "tx")
        if not any(w.has_marks for w in window) and (kind := PLAIN_KINDS.get(tuple(w.plain for w in window))):
            return kind[0], size, size == 2
    return None


def _windows(words: Sequence[Word], start: int) -> Iterator[tuple[int, str, Sequence[Word]]]:
    """Yield the possible names that begin at `start`, the longest first."""
    end = start
    while end < min(len(words), start + LONGEST) and (end == start or set(words[end].before) <= _HYPHENS):
        end += 1
    for stop in range(end, start, -1):
        window = words[start:stop]
        yield stop, "".join(w.plain for w in window), window


def _typed(words: Sequence[Word], at: int, kind: str, size: int, sure: bool) -> Iterator[Mention]:
    start = at + size
    if start >= len(words) or not set(words[start].before) <= frozenset(".: -–"):
        return
    if (
        size == 1
        and words[at].has_marks
        and words[start].plain in _NO_NAME.get(words[at].plain, ())
        and not _named(words, at)
    ):
        return
    letter = size == 1 and len(words[at].plain) == 1
    for stop, key, window in _windows(words, start):
        number = key.isdigit()
        if number and (len(window) > 1 or kind not in ("Phường", "Quận")):
            continue
        if letter and not number and len(window) < 2:
            continue
        senses = [s for s in names().get(key, ()) if (s.marks == (key,)) == number or not number]
        senses = _of_kind(senses, kind, lenient=sure and not number)
        yield from _mention(words, at, stop, window, senses, kind, sure)


def _named(words: Sequence[Word], at: int) -> bool:
    """Tell whether a capital sets the word after this one apart: "xã Hội Hợp", not "XÃ HỘI"."""
    return words[at + 1].capital and not (words[at].raw.isupper() and words[at + 1].raw.isupper())


def _of_kind(senses: Sequence[Sense], kind: str, *, lenient: bool) -> list[Sense]:
    """Return the senses that the type word allows; people mix up kinds of one level, so others serve for want."""
    if kind == "Tỉnh":
        return [s for s in senses if s.level == 3]
    if kind == "Thành phố":
        same = [s for s in senses if s.level > 1 and s.kind == kind]
        return same or [s for s in senses if s.level > 1]
    level = 1 if kind in ("Xã", "Phường", "Thị trấn", "Đặc khu") else 2
    same = [s for s in senses if s.level == level and s.kind == kind]
    return same or [s for s in senses if s.level == level and lenient]


def _bare(words: Sequence[Word], at: int) -> Iterator[Mention]:
    for stop, key, window in _windows(words, at):
        if key.isdigit() or key not in names():
            continue
        senses = names()[key]
        if len(window) == 1 and len(senses[0].marks) == 1:
            alone = len(words) <= 3
            senses = [s for s in senses if s.level > 1 or (alone and s.marks and s.marks[0] == window[0].marked)]
            if not (
                window[0].has_marks or alone or len(key) < 3 or key in _SPELT_TOGETHER or set("aeiou").isdisjoint(key)
            ):
                senses = [s for s in senses if s.level == 3 or window[0].capital]
        elif len(window) == 1 and len(key) < 5 and key not in _SPELT_TOGETHER:
            continue
        yield from _mention(words, at, stop, window, senses, "", sure=False)


def _mention(
    words: Sequence[Word],
    at: int,
    stop: int,
    window: Sequence[Word],
    senses: Sequence[Sense],
    kind: str,
    sure: bool,
) -> Iterator[Mention]:
    fits = [(_fit(window, s), s) for s in senses]
    best = max((f for f, _ in fits), default=0)
    if best == 0 or (best == LOOSE and not kind and len(window) < 2):
        return
    some_marks = any(w.has_marks for w in words[max(at - 4, 0) : stop + 4])
    kept = tuple(s for f, s in fits if f == best or (f == PLAIN and not some_marks))
    capital = all(w.capital or w.plain.isdigit() for w in window)
    yield Mention(at, stop, kind, sure, kept, best, capital, tuple(w.marked for w in window), len(window))


@lru_cache(maxsize=50_000)
def _fits(typed: tuple[str, ...], bare: tuple[str, ...], marks: tuple[str, ...]) -> int:
    if not marks or len(typed) != len(marks):
        return PLAIN
    wrong = sum(t not in (p, m) for t, p, m in zip(typed, bare, marks, strict=True))
    if wrong == 0:
        return EXACT if typed == marks else PLAIN
    return LOOSE if wrong == 1 and len(typed) > 1 else 0


def _fit(window: Sequence[Word], sense: Sense) -> int:
    return _fits(tuple(w.marked for w in window), tuple(w.plain for w in window), sense.marks)


def _misspelt(words: Sequence[Word], at: int, kind: str, size: int) -> Iterator[Mention]:
    start = at + size
    level = {"Tỉnh": 3, "Huyện": 2, "Quận": 2, "Thị xã": 2, "Thành phố": 2}.get(kind, 1)
    for stop, _, window in _windows(words, start):
        if len(window) not in (2, 3) or words[start].before.strip(". :"):
            continue
        key = similar(window, keys(level))
        senses = _of_kind(names()[key], kind, lenient=level > 1) if key else []
        senses = [s for s in senses if s.marks and near_marks(window, s)]
        if senses:
            capital = all(w.capital for w in window)
            marks = tuple(w.marked for w in window)
            yield Mention(at, stop, kind, True, tuple(senses), LOOSE, capital, marks, len(window))
            return


@lru_cache(maxsize=4)
def _heard(choices: tuple[str, ...]) -> dict[str, str]:
    """Return the names by their sound, for who writes as they speak: "Xóc Trăng", "Vĩnh Trâu"."""
    known = frozenset(choices)
    by_sound: dict[str, str] = {}
    for name in sorted(known):
        for sense in names()[name]:
            if sense.marks:
                by_sound.setdefault("".join(sound(plain(m)) for m in sense.marks), name)
    return by_sound


def _same_start(one: str, other: str) -> bool:
    return one[0] == other[0] or any(one[0] in group and other[0] in group for group in _ALIKE)
