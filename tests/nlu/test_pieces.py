"""How words are cut for the encoder: whole where it knows them, smaller where it does not, blurred where marks are missing."""

from __future__ import annotations

import pytest

from nlu.encoder.pieces import END, MOST, START, UNKNOWN, Pieces

KNOWN = (START, END, UNKNOWN, "▁", "▁đánh", "▁đá", "nh", "▁không", "▁em", "▁ch", "ồng", "o", "n", "g", "h", "e", "m")


@pytest.fixture
def pieces() -> Pieces:
    """A vocabulary of some pieces, long ones likelier, and two words of messages without marks."""
    rows = {piece: row for row, piece in enumerate(KNOWN)}
    return Pieces(rows, {piece: -10.0 + len(piece) for piece in KNOWN}, {"danh": 100, "em": 101})


def test_a_word_is_cut_into_its_likeliest_pieces(pieces: Pieces) -> None:
    """A word that is known stays whole, another falls into parts, and what no part holds is unknown."""
    assert pieces.cut("đánh") == ["▁đánh"]
    assert pieces.cut("chồng") == ["▁ch", "ồng"]
    assert pieces.cut("đáz") == ["▁đá", UNKNOWN]


@pytest.mark.parametrize("said", ["danh em", "danh em.", "ck danh em"])
def test_a_message_without_marks_is_read_by_what_its_words_may_stand_for(pieces: Pieces, said: str) -> None:
    """Such a word has a row of its own; in a message with marks "em" is the plain word."""
    assert {100, 101} <= set(pieces.of(said))
    assert pieces.of("không đánh em")[-2] == KNOWN.index("▁em")


def test_whatever_is_typed_is_cut_and_no_more_than_can_be_read(pieces: Pieces) -> None:
    """A long word, other scripts, nothing at all: between start and end stand rows that exist."""
    for text in ("", "z" * 100_000, "您好 привет 😭", "em " * 5_000):
        found = pieces.of(text)
        assert (found[0], found[-1]) == (0, 1)
        assert len(found) <= MOST
        assert set(found) <= {*range(len(KNOWN)), 100, 101}
