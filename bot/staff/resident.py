"""What residents get to see of a record: the bot's own line, and why they may not see it at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.conversation.suggestion import suggestion_line
from referral_directory.book import as_entry
from referral_directory.hours import DAYS, Opening, read_hours
from referral_directory.publishing import lacking
from referral_directory.record import Record
from referral_directory.routing import HIDDEN_DAYS, Need, Suggestion, age, route


@dataclass(frozen=True, slots=True)
class Seen:
    """What residents see of a record at a moment; `because` tells why they see nothing, "" when they do."""

    line: str = field(repr=False)
    late: bool = False
    """It stands after the national lines, as not verified lately."""
    because: str = ""


def seen_of(
    record: Record, now: datetime, verified: date | None = None, since: date | None = None, sample: bool = False
) -> Seen:
    """Return what residents see of a record that is approved; without `since`, of one that is approved today."""
    entry = as_entry(record, verified, since or now.date())
    if age(entry, now.date()) > HIDDEN_DAYS:
        entry = as_entry(record, now.date(), now.date())  # the line as it would stand after a call
        return Seen(_line(route([entry], Need(all=True), now).suggestions[0], now), because=_TOO_OLD)
    referral = route([entry], Need(all=True), now)
    line = _line(referral.suggestions[0], now, bool(referral.late))
    if record.status != "active":
        return Seen(line, because="Không ở tình trạng đang hoạt động: người dân không thấy.")
    missing = lacking(record)
    unpublished = not sample and {"decision", "consent"} & missing.keys()
    because = f"Chưa được công bố: người dân không thấy. {' '.join(missing.values())}" if unpublished else ""
    return Seen(line, bool(referral.late), because)


def _line(suggestion: Suggestion, now: datetime, late: bool = False) -> str:
    return suggestion_line(suggestion, "bạn", now, late=late).removeprefix("• ")


_DAY_NAMES = dict(zip(DAYS, ("thứ 2", "thứ 3", "thứ 4", "thứ 5", "thứ 6", "thứ 7", "chủ nhật"), strict=True))
_TOO_OLD = "Hơn 180 ngày chưa ai gọi kiểm tra: người dân không thấy nữa. Gọi kiểm tra là hiện lại ngay."


def hours_in_words(hours: str) -> str:
    """Return how opening hours were read, "thứ 2 đến thứ 6: 07:30–11:30, 13:30–17:00"; "" when they could not be."""
    by_days: dict[tuple[str, ...], list[Opening]] = {}
    for opening in read_hours(hours):
        by_days.setdefault(opening.days, []).append(opening)
    return "; ".join(f"{_days(days)}: {', '.join(map(_span, spans))}" for days, spans in by_days.items())


def _span(opening: Opening) -> str:
    if (opening.opens, opening.closes) == ("00:00", "24:00"):
        return "cả ngày đêm"
    next_day = " hôm sau" if opening.closes < opening.opens else ""
    return f"{opening.opens}–{opening.closes}{next_day}"


def _days(days: Iterable[str]) -> str:
    at = [DAYS.index(day) for day in days]
    if not at:
        return "ngày thường"
    if len(at) == len(DAYS):
        return "mọi ngày"
    if len(at) > 2 and at == list(range(at[0], at[-1] + 1)):
        return f"{_DAY_NAMES[DAYS[at[0]]]} đến {_DAY_NAMES[DAYS[at[-1]]]}"
    return ", ".join(_DAY_NAMES[DAYS[n]] for n in at)
