"""What residents get to see of a record: the bot's own line, and why they may not see it at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from bot.conversation.suggestion import suggestion_line
from referral_directory.hours import DAYS, Opening, read_hours
from referral_directory.record import Record
from referral_directory.routing import HIDDEN_DAYS, Entry, Need, Suggestion, route

_DAY_NAMES = dict(zip(DAYS, ("thứ 2", "thứ 3", "thứ 4", "thứ 5", "thứ 6", "thứ 7", "chủ nhật"), strict=True))


def line_of(record: Record, verified: date | None, now: datetime, sample: bool = False) -> str:
    """Return the line that the bot shows of a record once it is approved."""
    street = record.address if record.address_public else ""
    entry = Entry(
        record.name, record.kind, record.phone, street, record.hours, verified, sample,
        openings=tuple(read_hours(record.hours)), takes=record.takes, types=record.types, languages=record.languages,
        shelter=record.shelter, distance_km=record.distance_km, since=now.date(),
    )  # fmt: skip
    found = route([entry], Need(province=record.province), now).suggestions
    return suggestion_line(found[0] if found else Suggestion(entry, ()), "bạn", now).removeprefix("• ")


def unseen_because(state: str, status: str, verified: date | None, today: date) -> str:
    """Return why residents do not see a service, as a sentence; "" when they do."""
    if state == "retired":
        return "Đã rút khỏi danh bạ: người dân không thấy."
    if state != "approved":
        return "Chưa được duyệt: người dân chưa thấy."
    if status != "active":
        return "Không ở tình trạng đang hoạt động: người dân không thấy."
    if verified and (today - verified).days > HIDDEN_DAYS:
        return "Hơn 180 ngày chưa ai gọi kiểm tra: người dân không thấy nữa. Gọi kiểm tra là hiện lại ngay."
    return ""


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
    if len(at) == len(DAYS):
        return "mọi ngày"
    if len(at) > 2 and at == list(range(at[0], at[-1] + 1)):
        return f"{_DAY_NAMES[DAYS[at[0]]]} đến {_DAY_NAMES[DAYS[at[-1]]]}"
    return ", ".join(_DAY_NAMES[DAYS[n]] for n in at)
