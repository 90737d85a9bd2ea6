"""One suggested place or line as people read it: name, phone, why it is suggested, when it opens, last check."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.words import day, day_of_month, say, tongue, weekday
from content import Hotline
from referral_directory.routing import Reason, Suggestion, is_hidden
from referral_directory.terms import LANGUAGES

REASONS_SHOWN = 2
"""Whoever reads is afraid: the two most telling reasons, and no more."""


def suggestion_line(suggestion: Suggestion, you: str, now: datetime, late: bool = False) -> str:
    """Return one entry in a line; with `late`, without the day of a check that is long past."""
    entry, opens = suggestion.entry, suggestion.opens
    why = [r for r in suggestion.reasons if not (opens and r.code == entry.reach)][:REASONS_SHOWN]
    checked = say("places.checked", day=day(entry.verified)) if entry.verified and not (late or entry.sample) else ""
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
    about = [of_line(hotline, part) for part in ("hours", "cost")]
    told = ", ".join(p for p in (*about, say("places.line_checked", day=day(hotline.checked_on))) if p)
    return f"• {hotline.number} – {of_line(hotline, 'short')} ({told})"


def of_line(hotline: Hotline, part: str) -> str:
    """Return the name (`short`), the hours or the cost of a line in the person's language, "" where none is known."""
    return say(f"hotline.{hotline.id}.{part}") if getattr(hotline, part) else ""


def reason_words(reason: Reason, you: str) -> str:
    """Return why an entry is suggested, in a few words."""
    value = reason.value
    if reason.code == "language":
        name = LANGUAGES[value]
        value = tongue(value, name[:1].lower() + name[1:] if name.startswith(("Tiếng", "Ngôn")) else f"tiếng {name}")
    return say(f"why.{reason.code}", you, value=value)


def _moment(when: datetime, now: datetime) -> str:
    """Return a moment to come: "7:30 ngày mai", "13:30 thứ Hai", from a week on with the date."""
    days = (when.date() - now.date()).days
    name = weekday(when) if days < 7 else f"{weekday(when)} {day_of_month(when)}"
    near = {0: "when.today", 1: "when.tomorrow"}
    return f"{when.hour}:{when:%M} {say(near[days]) if days in near else name}"
