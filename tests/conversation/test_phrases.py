"""What people say in the middle of a conversation: every line of its table, marked and unmarked."""

from __future__ import annotations

import pytest

import content
from bot.conversation.phrases import fitting
from nlu.text import fold

ROWS = content.phrases()["rows"]
FITS = [(row["id"], text) for row in ROWS for text in row["fits"]]
LEAVES = [(row["id"], text) for row in ROWS for text in row["leaves"]]


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
