"""What a message says by its words alone: the table is `content/phrases.yml`."""

from __future__ import annotations

from functools import cache

import content
from nlu.patterns import Pattern, Text


def phrase(raw: str) -> str:
    """Return the id of the first row that fits, or ""."""
    return next(iter(_fitting(raw)), "")


def need(raw: str) -> str:
    """Return what somebody who told needs now ("where", "hurt" …), or ""."""
    return next((row.removeprefix("need-").replace("-", "_") for row in _fitting(raw) if row.startswith("need-")), "")


def _fitting(raw: str) -> list[str]:
    text = Text(raw)
    return [row for row, says, unless in _rows() if says.search(text) and not (unless and unless.search(text))]


@cache
def _rows() -> tuple[tuple[str, Pattern, Pattern | None], ...]:
    table = content.phrases()
    return tuple(
        (
            row["id"],
            Pattern(row["says"], table["words"]),
            Pattern(row["unless"], table["words"]) if "unless" in row else None,
        )
        for row in table["rows"]
    )
