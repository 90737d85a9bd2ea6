"""Which of the offered communes a person picked."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from nlu.text import fold, squeeze
from referral_directory.places.spelling import letters, plain, syllables, words

_NUMBERS = {
    "mot": 1, "nhat": 1, "dau": 1, "hai": 2, "nhi": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7,
    "tam": 8, "chin": 9, "muoi": 10,
}  # fmt: skip
_BY_NUMBER = re.compile(
    r"^(?:(?:da|vang|a|em|toi|minh|chon|la|lay|o|thi) )*(?:(?:so|cai|muc|dong|lua chon|phuong an|cho|xa|noi) )*"
    r"(?:thu )?(\d{1,2}|[a-z]+)(?: (?:a|nha|nhe|do|ay|di|ban|em|chi|anh|tien))*[ .)!]*$"
)
_KINDS = frozenset({"xa", "phuong", "dac", "khu", "thi", "tran"})


def choose(choices: tuple[str, ...], answer: str) -> str | None:
    """Return the choice that the answer names, by number ("2", "cái thứ hai") or by name; None when unclear."""
    said = squeeze(fold(answer[:200]))
    by_number = _BY_NUMBER.match(re.sub(r"[^\w\s]", " ", said).strip())
    if "cuoi" in said.split() and choices and len(said.split()) <= 4:
        return choices[-1]
    if by_number:
        number = int(by_number[1]) if by_number[1].isdigit() else _NUMBERS.get(by_number[1], 0)
        if 1 <= number <= len(choices):
            return choices[number - 1]
    return _by_name(choices, answer[:200])


def _by_name(choices: tuple[str, ...], answer: str) -> str | None:
    typed = words(answer)
    marks, bare = " ".join(w.marked for w in typed), " ".join(w.plain for w in typed)
    if not bare:
        return None
    for said, spelt in ((marks, _marked), (bare, _plain)):
        scored = [(_told(said, *spelt(choice)), choice) for choice in choices]
        best = max((score for score, _ in scored), default=0)
        top = [choice for score, choice in scored if score == best]
        if best and len(top) == 1:
            return top[0]
    close = sorted(((fuzz.ratio(bare, _plain(c)[1]), c) for c in choices), reverse=True)
    if close and close[0][0] >= 84 and (len(close) == 1 or close[0][0] - close[1][0] >= 5):
        return close[0][1]
    return None


def _told(said: str, label: str, name: str, province: str) -> int:
    """Return how much of a choice the answer holds: its name, then its kind, then its province."""
    if f" {name} " not in f" {said} ":
        return 0
    return 1 + len(name) * 4 + 2 * (f" {label} " in f" {said} ") + (f" {province} " in f" {said} ")


def _marked(choice: str) -> tuple[str, str, str]:
    return _parts(choice, " ".join(letters(choice.partition(",")[0])), " ".join(letters(choice.partition(",")[2])))


def _plain(choice: str) -> tuple[str, str, str]:
    label, _, province = choice.partition(",")
    return _parts(choice, *(" ".join(plain(s) for s in syllables(part)) for part in (label, province)))


def _parts(choice: str, label: str, province: str) -> tuple[str, str, str]:
    size = 2 if choice.startswith(("Đặc khu", "Thị trấn")) else 1
    return label, " ".join(label.split()[size:]), province
