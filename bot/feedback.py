"""`tincay feedback`: how often people said "đúng" or "không phải chuyện này", by label. Counts are all there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot import app as whole
from bot.settings import Settings
from bot.store import people
from bot.store.engine import transaction

FEW = 5
"""A count below this is not shown: in a small place it could point at somebody."""


def report(settings: Settings, days: int) -> list[str]:
    """Return the table of the last `days` days."""
    app = whole.build(settings)
    whole.set_up_stores(app)
    since = app.now().date() - timedelta(days=days - 1)
    with transaction(app.people) as db:
        counts = people.counts_since(db, since)
    return [f"Từ {since:%d/%m/%Y}, dưới {FEW} thì không ghi số:", *table(counts)]


def table(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield one line a label: answered as told, confirmed by the person, corrected by the person."""
    labels = sorted(
        {what.split(":")[-1] for what in counts if what.startswith(("told:", "feedback:"))} - {"right", "wrong"}
    )
    yield f"{'nhãn':24}{'nghe là kể':>14}{'đúng':>14}{'không phải':>14}"
    for label in labels:
        row = (f"told:{label}", f"feedback:right:{label}", f"feedback:wrong:{label}")
        yield f"{label:24}" + "".join(f"{_shown(counts.get(what, 0)):>14}" for what in row)
    row = ("asked:checkin", "feedback:right", "feedback:wrong")
    yield f"{'hỏi lại, không nhãn':24}" + "".join(f"{_shown(counts.get(what, 0)):>14}" for what in row)


def _shown(count: int) -> str:
    return "–" if count == 0 else f"dưới {FEW}" if count < FEW else str(count)
