"""The list that staff look through: words typed without marks, within what they may see, page after page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from referral_directory.keeping import revision
from referral_directory.models import service
from referral_directory.words import split_words

_WORDS = 8
"""More words than this are not looked for; each must begin a word of the name, the kind, the commune or the province."""


@dataclass(frozen=True, slots=True)
class Line:
    """One service as a list shows it; `change` is the state of its open revision, or "";
    `retires` tells that it is to be shown no more."""

    id: str
    name: str
    kind: str
    commune: int
    province: str
    state: str
    status: str
    verified: date | None
    change: str
    sample: bool
    retires: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """One page of a list, and what to give as `after` for the next one ("" where there is none)."""

    lines: tuple[Line, ...]
    next: str


def search(db: Connection, condition: ColumnElement[bool], words: str = "", limit: int = 30, after: str = "") -> Lines:
    """Return at most `limit` services in the order of their names that hold every word, however it is marked.

    `condition` says what may be seen (`Keeper.scope`) and is never left out; `after` is the `next` of the page before,
    so that what is added meanwhile neither doubles nor hides a line. Words may stand anywhere, so a search reads all of
    `service_search` at worst: 50,000 lines in 10 to 25 ms; of a province or a commune it reads the rows alone.
    """
    wanted = sorted({word[:40] for word in split_words(words).split()[:_WORDS]}, key=len, reverse=True)
    place = (service.c.search_fold, service.c.id)
    held = (service.c.search_fold.like(f"% {word}%") for word in wanted)
    hits = select(service.c.id).where(condition, *held).order_by(*place).limit(limit + 1).correlate(None)
    if after:  # without the condition: the last line may have been approved, and so left the list, meanwhile
        last = select(*place).where(service.c.id == after).correlate(None)
        hits = hits.where(tuple_(*place) > last.scalar_subquery())
    opened = (revision.c.service_id == service.c.id, revision.c.state.in_(("draft", "waiting", "returned")))
    change, retires = select(revision.c.state).where(*opened), select(revision.c.retires).where(*opened)
    query = (
        select(
            service.c.id, service.c.name, service.c.kind, service.c.commune, service.c.province, service.c.state,
            service.c.status, service.c.assured_date, change.scalar_subquery().label("change"), service.c.sample,
            retires.scalar_subquery().label("retires"),
        )
        .where(service.c.id.in_(hits))  # these from the index alone, where it holds what is asked
        .order_by(*place)
    )  # fmt: skip
    found = [
        Line(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8] or "", bool(r[9]), bool(r[10]))
        for r in db.execute(query)
    ]
    return Lines(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else "")
