"""One suggested place as people read it: name, phone, why it is suggested, when it opens, address, last check."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.words import say
from referral_directory.routing import Reason, Suggestion
from referral_directory.terms import LANGUAGES

REASONS_SHOWN = 2
"""Whoever reads is afraid: the two most telling reasons, and no more."""
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def suggestion_line(suggestion: Suggestion, you: str, now: datetime, late: bool = False) -> str:
    """Return one entry in a line; with `late`, without the day of a check that is long past."""
    entry = suggestion.entry
    why = [reason_words(r, you) for r in suggestion.reasons[:REASONS_SHOWN]]
    opens = say("why.closed", you, when=_moment(suggestion.opens, now)) if suggestion.opens else ""
    checked = f"kiểm ngày {entry.verified:%d/%m/%Y}" if entry.verified and not late else ""
    parts = ", ".join(p for p in (opens, *why, entry.address, entry.hours, checked) if p)
    return f"• {entry.name}: {entry.phone or say('places.visit')} ({parts})"


def reason_words(reason: Reason, you: str) -> str:
    """Return why an entry is suggested, in a few words."""
    value = reason.value
    if reason.code == "language":
        name = LANGUAGES[value]
        value = name[:1].lower() + name[1:] if name.startswith(("Tiếng", "Ngôn")) else f"tiếng {name}"
    return say(f"why.{reason.code}", you, value=value)


def _moment(when: datetime, now: datetime) -> str:
    """Return a moment to come: "7:30 ngày mai", "13:30 thứ Hai", from a week on with the date."""
    days = (when.date() - now.date()).days
    name = _WEEKDAYS[when.weekday()]
    day = {0: "hôm nay", 1: "ngày mai"}.get(days, name if days < 7 else f"{name} {when:%d/%m}")
    return f"{when.hour}:{when:%M} {day}"
