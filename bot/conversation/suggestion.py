"""One suggested place or line as people read it: name, phone, why it is suggested, when it opens, last check."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.words import say
from content import Hotline
from referral_directory.routing import Reason, Suggestion, is_hidden
from referral_directory.terms import LANGUAGES

REASONS_SHOWN = 2
"""Whoever reads is afraid: the two most telling reasons, and no more."""
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def suggestion_line(suggestion: Suggestion, you: str, now: datetime, late: bool = False) -> str:
    """Return one entry in a line; with `late`, without the day of a check that is long past."""
    entry, opens = suggestion.entry, suggestion.opens
    why = [r for r in suggestion.reasons if not (opens and r.code == entry.reach)][:REASONS_SHOWN]
    checked = f"kiểm ngày {entry.verified:%d/%m/%Y}" if entry.verified and not late else ""
    parts = (
        say("why.closed", you, when=_moment(opens, now)) if opens else "",
        *(reason_words(r, you) for r in why),
        entry.address, "" if opens else entry.hours, checked,
    )  # fmt: skip
    reach = entry.phone or say("places.guided" if is_hidden(entry) else "places.visit")
    told = ", ".join(p for p in parts if p)
    return f"• {entry.name}: {reach}" + (f" ({told})" if told else "")


def line(hotline: Hotline) -> str:
    """Return one hotline as people read it."""
    about = ", ".join(p for p in (hotline.hours, hotline.cost) if p)
    return f"• {hotline.number} – {hotline.short} ({about}, kiểm {hotline.checked_on:%d/%m/%Y})"


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
