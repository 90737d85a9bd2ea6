"""Which day a question is about, and what the calendar of the action month says of it; nothing is guessed."""

from __future__ import annotations

import re
from datetime import date, timedelta

import content
from bot.conversation.words import say
from nlu.patterns import Pattern, Text
from nlu.text import fold, normalise

_NO_AMOUNT = r"(?! ?(?:triệu|trieu|tr|năm tù|nam tu)\b)"
"""What an amount is, "5-10 triệu", is no day; nor is "điều 5.2", nor 24/7."""
_DATE = re.compile(
    r"(?<![\d/])(?<!điều )(?<!dieu )(?<!khoản )(?<!khoan )(?!24 ?/ ?7\b(?! ?/))"
    r"(\d{1,2}) ?(?:[/.-]|tháng|thang) ?(\d{1,2})(?: ?(?:[/.-]|năm|nam) ?(\d{4}))?(?![\d/])" + _NO_AMOUNT
)
_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d) ?- ?(\d{1,2}) ?- ?(\d{1,2})(?!\d)")
_MONTH = re.compile(r"(?:tháng|thang) ?(\d{1,2}) ?(?:/|-|năm|nam) ?(20\d\d)(?!\d)")
_ASKS = Pattern(["ngày (?:gì|nào|mấy|bao nhiêu|chi)|(?:là|có) (?:gì|chi)|khi nào|hôm nào|bao giờ"])
_BESIDE = {"ngay mai": 1, "hom qua": -1}


def day_named(raw: str, today: date) -> date | None:
    """Return the day that a text names, of this year where it names none: "25/11", "8 tháng 3", "2025-12-01", "ngày mai";
    of a month with its year the first; or None."""
    text = normalise(raw)
    try:
        if found := _YEAR_FIRST.search(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DATE.search(text):
            return date(int(found[3] or today.year), int(found[2]), int(found[1]))
        if found := _MONTH.search(text):
            return date(int(found[2]), int(found[1]), 1)
    except ValueError:
        return None
    return next((today + timedelta(days=n) for word, n in _BESIDE.items() if word in fold(text)), None)


def day_lines(raw: str, you: str, today: date) -> list[str]:
    """Return what is kept on the day that a question names, or when the day is whose name it tells; else nothing."""
    if not _ASKS.search(Text(raw)):
        return []
    if day := day_named(raw, today):
        kept = "; ".join(content.observances(day))
        known = say("campaign.that_day", you, day=f"{day:%d/%m}", days=kept)
        return [known if kept else say("campaign.no_day", you, day=f"{day:%d/%m}")]
    asked = fold(raw)
    named = [one for one in content.kept() if any(fold(name).removeprefix("ngay ") in asked for name in one.names)]
    return [say("campaign.that_day", you, day=one.in_words, days=one.name) for one in named[:2]]
