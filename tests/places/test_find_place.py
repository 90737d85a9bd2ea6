"""Find the place in what people type."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from referral_directory.places import Place, find_place, load
from tests.places.cases import Case, cases

CASES = cases()


def seen(place: Place | None) -> str:
    """Return a place as the table writes it."""
    if place is None:
        return "-"
    if not place.ask:
        return f"{place.commune}, {place.province}"
    return f"? {place.province}" if place.province else "?"


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.text)
def test_the_table(case: Case) -> None:
    """Every line of the table gives its place, typed composed or decomposed."""
    place = find_place(case.text, expecting=case.expecting)
    assert seen(place) == case.place
    for choice in case.offered:
        assert place is not None
        assert choice in place.choices
    assert find_place(unicodedata.normalize("NFD", case.text), expecting=case.expecting) == place


def test_the_table_is_wide() -> None:
    """The table has 150 lines and more, 50 and more of them no place."""
    assert len(CASES) >= 150
    assert sum(case.place == "-" for case in CASES) >= 50


def test_a_certain_place_has_its_code_and_the_four_fields() -> None:
    """A certain place is the label scheme's four fields and the code of the commune."""
    place = find_place("phường 5 tp Sóc Trăng")
    assert place is not None
    assert place.code == 31507
    assert place.as_dict() == {"province": "Cần Thơ", "commune": "Phường Sóc Trăng", "ask": False, "choices": []}


def test_a_split_commune_asks_among_its_heirs() -> None:
    """An old commune that was split to several of today asks with those."""
    place = find_place("xã Vầy Nưa, huyện Đà Bắc")
    assert place is not None
    assert place.ask
    assert place.commune is None
    assert len(place.choices) > 1


def test_near_comes_first() -> None:
    """The deployment's province leads the choices, also by what an old commune there became."""
    today, old = find_place("xã Tân Thành", near="Lạng Sơn"), find_place("xã Tân Thành", near="Vĩnh Long")
    assert today is not None
    assert old is not None
    assert today.choices[0] == "Xã Tân Thành, Lạng Sơn"
    assert old.choices[0] == "Xã Tân Lược, Vĩnh Long"


def test_choices_are_at_most_eight_and_real() -> None:
    """A wide place offers at most eight communes, and each exists today."""
    for text in ("huyện Châu Thành", "tp Hải Dương", "xã Tân Thành", "* quận 1", "ở Sóc Trăng"):
        place = find_place(text)
        assert place is not None
        assert len(place.choices) <= 8
        for choice in place.choices:
            commune, _, province = choice.partition(", ")
            assert load().by_name(commune, province) is not None


def test_every_commune_is_found_by_its_full_name() -> None:
    """Each of the 3,321 communes is found by its own name and province, with and without marks."""
    lost = []
    for commune in load().communes:
        for text in (f"tôi ở {commune.label}, {commune.province.kind} {commune.province.name}", commune.full):
            place = find_place(text, expecting=True)
            if place is None or place.code != commune.code:
                lost.append((text, place))
    assert lost == []


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.booleans())
@example("p. " * 50, True)
@example("\x00\ud7ff,,,\n", False)
@example("ở " * 900, True)
def test_any_text_is_survived(text: str, expecting: bool) -> None:
    """No text makes the resolver fail, and what it gives keeps its own promises."""
    place = find_place(text, expecting=expecting, near="Cần Thơ")
    if place is not None:
        assert place.ask == (place.commune is None) == (place.code is None)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            "xã phường p . , huyện tp ở tại 5 7 q Cẩm Tân Cẩm Thủy Thanh Hóa hòa bình Sóc Trăng Kế Sách từ về lên "
            "em chị quê cũ - tân thành châu thành Long Phú".split()
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_any_jumble_of_place_words_is_survived(words: list[str], expecting: bool) -> None:
    """Place words in any order keep the promises of a place."""
    place = find_place(" ".join(words), expecting=expecting)
    if place is not None:
        assert place.ask == (place.commune is None)
        assert len(place.choices) <= 8


@pytest.mark.parametrize(
    "piece", ["xã Tân Thành, ", "hòa bình ", "ở p.5 ", "châu thành long phú ", "a", "😀", "xã Tânn Thànhh "]
)
def test_a_long_text_is_read_to_an_end(piece: str) -> None:
    """A hundred thousand characters, which a careless pattern would never finish: what the beginning says is found."""
    assert find_place(piece * (100_000 // len(piece))) == find_place(piece * (2_000 // len(piece)))
