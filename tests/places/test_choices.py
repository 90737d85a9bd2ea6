"""Pick one of the offered communes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_directory.places import choose

OFFERED = (
    "Xã Kế Sách, Cần Thơ",
    "Xã An Lạc Thôn, Cần Thơ",
    "Xã Thới An Hội, Cần Thơ",
    "Xã Tân Thành, Cà Mau",
    "Phường Tân Thành, Cà Mau",
)


@pytest.mark.parametrize(
    ("answer", "picked"),
    [
        ("2", 1), ("số 2", 1), ("so 2", 1), ("2 nha", 1), ("cái thứ hai", 1), ("cai dau tien", 0), ("thứ nhất", 0),
        ("số 1 ạ", 0), ("dạ số 3", 2), ("chọn 3", 2), ("cuối cùng", 4), ("Kế Sách", 0), ("ke sach", 0),
        ("xã kế sách", 0), ("Xã Kế Sách, Cần Thơ", 0), ("an lac thon", 1), ("em ở An Lạc Thôn", 1),
        ("thới an hội á", 2), ("phường tân thành", 4), ("xa tan thanh", 3), ("thoi an hoi", 2), ("kế sáck", 0), ("2.", 1),
        ("tân thành", None), ("9", None), ("0", None), ("không biết", None), ("", None), ("cần thơ", None),
        ("không có xã em", None), ("chọn", None),
    ],
)  # fmt: skip
def test_answers(answer: str, picked: int | None) -> None:
    """A number, an ordinal or a name picks a choice; what fits two or none picks nothing."""
    assert choose(OFFERED, answer) == (None if picked is None else OFFERED[picked])


def test_nothing_offered() -> None:
    """Where nothing was offered nothing is picked."""
    assert choose((), "1") is None


@given(st.text(max_size=60))
def test_any_answer(answer: str) -> None:
    """Any answer gives a choice or None."""
    assert choose(OFFERED, answer) in (*OFFERED, None)
