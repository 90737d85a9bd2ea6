"""What a message says by its words alone: the table is `content/phrases.yml`."""

from __future__ import annotations

from functools import cache

import content
from nlu.patterns import Rule, Text


def in_words(raw: str) -> tuple[str, str]:
    """Return the id of the first row that fits, and what somebody who told needs now ("where", "hurt" …); or ""."""
    rows = fitting(raw)
    needs = [row.removeprefix("need-").replace("-", "_") for row in rows if row.startswith("need-")]
    return next(iter(rows), ""), next(iter(needs), "")


def fitting(raw: str) -> list[str]:
    """Return the ids of all rows that fit, in their order."""
    text = Text(raw)
    return [row for row, rule in _rules() if rule.fits(text)]


def of_person(raw: str) -> tuple[str, ...]:
    """Return what the words tell of the person that decides where they are sent: ids of all rows that fit."""
    text = Text(raw)
    return tuple(row for row, rule in _person_rules() if rule.fits(text))


@cache
def _person_rules() -> tuple[tuple[str, Rule], ...]:
    table = content.phrases()
    return tuple((row["id"], Rule(row, table["words"])) for row in table["of_person"])


@cache
def _rules() -> tuple[tuple[str, Rule], ...]:
    """The rows in order, but for needs after all else, and last the row that any sentence fits."""
    table = content.phrases()
    rows = sorted(table["rows"], key=lambda row: (row["id"] == "talk", row["id"].startswith("need-")))
    return tuple((row["id"], Rule(row, table["words"])) for row in rows)
