"""The library is sound, says what will lapse, and serves nothing that may not be served."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import content
from content import check

TODAY = date(2026, 11, 21)


def test_the_library_is_sound() -> None:
    """No fault stands in what is released."""
    assert check.faults() == []


def test_what_lapses_is_named_with_where_it_stands() -> None:
    """The aid that ends with the year, the review of all, and numbers that must be called again."""
    soon = {lapse.id: lapse for lapse in check.lapses(TODAY, 60)}
    assert soon["aid-dv-2026"].day == date(2027, 1, 1)
    assert "Câu đố" in soon["aid-dv-2026"].used
    assert soon["fine-beat"].why == "đến hạn đọc lại"
    assert check.lapses(TODAY, 1) == []
    assert "1900 96 96 80" in {lapse.id for lapse in check.lapses(TODAY, 100)}
    assert not {"111", "113"} & {lapse.id for lapse in check.lapses(TODAY, 1000)}


@pytest.mark.parametrize(
    ("change", "day"),
    [
        ({"approved_by": ""}, TODAY),
        ({"review_by": date(2026, 11, 20)}, TODAY),
        ({"effective_from": date(2026, 11, 22)}, TODAY),
        ({"effective_to": date(2026, 11, 20)}, TODAY),
    ],
)
def test_what_may_not_be_served_is_not(change: dict[str, object], day: date) -> None:
    """Not approved, past its review, not yet or no longer in force: each alone is enough."""
    fact = content.facts()["dv-def"]
    assert fact.may_be_served(day)
    assert not replace(fact, **change).may_be_served(day)


def test_each_fault_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact without approval, with days the wrong way round, without its follower, and a reference to nothing."""
    sound = content.facts()["dv-def"]
    broken = replace(
        sound, approved_by="", effective_from=date(2026, 2, 1), effective_to=date(2026, 1, 1), replaced_by="nothing"
    )
    monkeypatch.setattr(content, "facts", lambda: {**_others(), "dv-def": broken})
    monkeypatch.setattr(content, "asides", lambda: [{"facts": ["no-such-fact"]}])
    told = "\n".join(check.faults())
    for part in ("chưa ai duyệt", "trước ngày có hiệu lực", "thay bằng nothing", "không có mục no-such-fact"):
        assert part in told


def _others() -> dict[str, content.Fact]:
    known = dict(KNOWN)
    del known["dv-def"]
    return known


KNOWN = content.facts()
