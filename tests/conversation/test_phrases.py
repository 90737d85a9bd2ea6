"""What people say in the middle of a conversation: every line of its table, marked and unmarked."""

from __future__ import annotations

import pytest

import content
from bot.conversation.phrases import fitting, of_person
from bot.conversation.victim import NEEDS
from nlu.text import fold

ROWS = content.phrases()["rows"]
FITS = [(row["id"], text) for row in ROWS for text in row["fits"]]
LEAVES = [(row["id"], text) for row in ROWS for text in row["leaves"]]
OF_PERSON = content.phrases()["of_person"]


@pytest.mark.parametrize(("row", "text"), FITS)
def test_a_line_of_the_table_fits_its_row(row: str, text: str) -> None:
    """Each example is known for what it is; typed without marks it still fits."""
    first = fitting(text)
    assert first[:1] == [row]
    assert row in fitting(fold(text))


@pytest.mark.parametrize(("row", "text"), LEAVES)
def test_a_counter_example_is_left(row: str, text: str) -> None:
    """Each counter-example is something else."""
    assert row not in fitting(text)


@pytest.mark.parametrize(("row", "text"), [(row["id"], text) for row in OF_PERSON for text in row["fits"]])
def test_what_is_told_of_a_person_is_known(row: str, text: str) -> None:
    """With marks; without them too, where a word without marks is not another ("thai", "mong")."""
    assert row in of_person(text)


@pytest.mark.parametrize(("row", "text"), [(row["id"], text) for row in OF_PERSON for text in row["leaves"]])
def test_what_is_not_of_the_person_is_left(row: str, text: str) -> None:
    """The language of the one who hurts, a knife ("dao"), a place named after a people."""
    assert row not in of_person(text)


def test_every_row_of_a_person_can_decide_a_route() -> None:
    """Each id is a code of the directory (or has its own sentence), so that nothing is read in vain."""
    assert {row["id"] for row in OF_PERSON} - NEEDS == {"elder", "no_call"}
