"""`tincay feedback`: how often people said "đúng" or "không phải chuyện này", by label. Counts are all there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot import app as whole
from bot.settings import Settings
from bot.store import people
from bot.store.engine import transaction
from nlu.labels import DISCLOSURE

FEW = 5
"""A count below this is not shown: in a small place it could point at somebody."""
_COLUMNS = {"told": "nghe, hỏi", "feedback:right": "đúng", "feedback:wrong": "không phải"}


def report(settings: Settings, days: int) -> list[str]:
    """Return the table of the last `days` days."""
    app = whole.build(settings)
    whole.set_up_stores(app)
    since = app.now().date() - timedelta(days=days - 1)
    with transaction(app.people) as db:
        counts = people.counts_since(db, since)
    return [f"Từ {since:%d/%m/%Y}, dưới {FEW} thì không ghi số:", *table(counts)]


def table(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield one line a label: heard as that (or asked gently), confirmed by the person, corrected by the person."""
    found: dict[str, Counter[str]] = defaultdict(Counter, checkin=Counter())
    for what, count in counts.items():
        column, _, label = ("told:checkin" if what == "asked:checkin" else what).rpartition(":")
        if column in _COLUMNS:
            found[DISCLOSURE.get(label, label)][column] += count  # corrections name the intent, telling its kind
    yield f"{'nhãn':24}" + "".join(f"{head:>14}" for head in _COLUMNS.values())
    for label, row in sorted(found.items()):
        yield f"{label:24}" + "".join(f"{_shown(row[column]):>14}" for column in _COLUMNS)


def _shown(count: int) -> str:
    return "–" if count == 0 else f"dưới {FEW}" if count < FEW else str(count)
