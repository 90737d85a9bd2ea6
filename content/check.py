"""Is the library sound, and what of it will lapse soon? Faults stop a release; what lapses is for staff to read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import content
from content import Fact, quiz, seasons

_SERVED = ("yes", "with_note")
SOON_DAYS = 60
"""How long before it lapses a fact is told to lapse soon."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """A fact or a number that may not be served from `day` on, and why; `used` names where it stands."""

    id: str
    day: date
    why: str
    used: tuple[str, ...] = ()


def faults() -> list[str]:
    """Return what is broken: one Vietnamese sentence each, an empty list when the library is sound."""
    return [*_faults_of_facts(content.facts().values()), *_missing(), *_faults_of_quiz()]


def lapses(today: date, days: int) -> list[Lapse]:
    """Return what lapses within so many days from `today`, the earliest first; what has lapsed already stands in front."""
    until, used = today + timedelta(days=days), _uses()
    found = [
        Lapse(fact.id, end + timedelta(days=1), why, tuple(sorted(used.get(fact.id, ()))))
        for fact in content.facts().values()
        for end, why in _ends(fact)
        if end < until
    ]
    for line in content.hotlines().values():
        end = line.checked_on + timedelta(days=content.CHECK_DAYS)
        if line.id not in content.SHORT_CODES and end < until:
            found.append(Lapse(line.number, end + timedelta(days=1), "số cần gọi kiểm tra lại", ("đường dây",)))
    return sorted(found, key=lambda lapse: (lapse.day, lapse.id))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a fact stands on a day: "served", "soon" (it lapses within `SOON_DAYS`), or "held", and why."""

    state: str
    why: str


def standing(fact: Fact, today: date) -> Standing:
    """Return whether a fact may be served on a day, for how long still, or why not."""
    if not fact.approved_by:
        return Standing("held", "chưa ai duyệt")
    if fact.effective_from and today < fact.effective_from:
        return Standing("held", f"có hiệu lực từ {fact.effective_from:%d/%m/%Y}")
    ends = sorted(_ends(fact))
    if not ends:
        return Standing("served", "")
    end, why = ends[0]
    left = (end - today).days + 1
    if left <= 0:
        return Standing("held", f"{why}, từ {end + timedelta(days=1):%d/%m/%Y}")
    return Standing("soon", f"còn {left} ngày: {why}") if left <= SOON_DAYS else Standing("served", "")


def uses(fact: str) -> list[str]:
    """Return where a fact stands: the tables and seasons that name it."""
    return sorted(_uses().get(fact, ()))


def _ends(fact: Fact) -> Iterable[tuple[date, str]]:
    if fact.effective_to:
        instead = f", thay bằng {fact.replaced_by}" if fact.replaced_by else ""
        yield fact.effective_to, f"hết hiệu lực{instead}"
    if fact.review_by < date.max and (fact.effective_to is None or fact.review_by < fact.effective_to):
        yield fact.review_by, "đến hạn đọc lại"


def _faults_of_facts(facts: Iterable[Fact]) -> Iterable[str]:
    known = content.facts()
    for fact in facts:
        if not fact.text.strip() or not fact.sources:
            yield f"{fact.id}: thiếu lời hoặc nguồn."
        if fact.effective_from and fact.effective_to and fact.effective_from > fact.effective_to:
            yield f"{fact.id}: ngày hết hiệu lực trước ngày có hiệu lực."
        if not fact.approved_by:
            yield f"{fact.id}: chưa ai duyệt."
        if fact.replaced_by and fact.replaced_by not in known:
            yield f"{fact.id}: thay bằng {fact.replaced_by}, nhưng không có mục đó."
        if any(number in fact.text for number in content.never_served()):
            yield f"{fact.id}: có số điện thoại không được dùng."
    for row in content.raw_facts():
        if row.get("serve") not in _SERVED:
            yield f"{row['id']}: đang giữ lại (serve: {row.get('serve')}), không được nằm trong thư viện."


def _missing() -> Iterable[str]:
    for what, ids in sorted(_references().items()):
        for i in sorted(ids - set(content.facts())):
            yield f"{what}: không có mục {i}."


def _faults_of_quiz() -> Iterable[str]:
    for question in quiz.bank().values():
        if len({question.right, *question.wrong}) != 1 + len(question.wrong) or len(question.wrong) != 2:
            yield f"Câu đố {question.id}: cần một đáp án đúng và hai đáp án khác nhau."


def _references() -> dict[str, set[str]]:
    """Return the ids of facts by the place that names them."""
    return {
        "Câu hỏi thường gặp": {i for row in content.answers() for i in row["facts"]},
        "Câu hỏi xen giữa": {i for row in content.asides() for i in row.get("facts", ())},
        "Câu đố": {question.fact for question in quiz.bank().values()},
    }


def _uses() -> dict[str, set[str]]:
    """Return for each fact the places that serve it, seasons among them."""
    found: dict[str, set[str]] = {}
    for what, ids in _references().items():
        for i in ids:
            found.setdefault(i, set()).add(what)
    for season in seasons.seasons():
        for _, item in season.items:
            found.setdefault(item, set()).add(season.title)
    return found
