"""Which facts answer a question, and what the library says of a year's theme; nothing is guessed."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

import content
from bot.conversation.days import day_named
from bot.conversation.search import fitting
from bot.conversation.words import day, quoted, say
from content import Fact
from nlu.patterns import Pattern, Rule, Text

_PUNISHMENT = Pattern([
    "nghị định|phạt(?! hiện| tán| sinh| triển)|(?:đi|ở|ngồi|vào|vô|bị|phạt|án|mức) tù|tù (?:không|mấy|bao|giam|chung)|xử|xử lý|mức (?:phạt|án)",
    "(?:có|phạm|bị|mắc|thành|phải) tội|tội (?:gì|nào|danh|phạm|hình)|khung (?:hình|cao|thấp|nào)|hình sự|khởi tố|truy cứu",
    "vi phạm|phạm|trái luật|bao nhiêu tiền|bao nhiêu năm|sao không|có sao|bị gì|bị sao|bị chi|mấy năm tù|tội nặng|luật (?:\\w+ )?trị",
])  # fmt: skip
_WITH_MARKS = re.compile(r"\b(?:tù|tội(?! nghiệp))\b")
"""Words that mean a punishment only with their marks: "toi" may be "tôi", "tu" may be "từ"."""
_PRICED = ("fine-", "crime-")
"""What the ids of fines and prison begin with, whatever their topic: the fine for harassment at work is `labour`."""
_NOT_WHEN_TOLD = ("fine-bystander", "fine-hotline-prank", "crime-156", "dv-report-duty", "child-report", "child-ban")
"""Duties and fines that would only frighten somebody who told of violence."""
_IS_HURT = Pattern([
    r"(?:em|tôi|con|mình|cháu|tui|tao|chị) (?:\w+ ){0,2}bị (?:\w+ ){0,3}(?:đánh|đập|bạo lực|bạo hành|hành hạ|chửi|ngược đãi|xâm hại)",
])  # fmt: skip
"""Somebody who says so of themselves is answered as somebody who told."""
_ARTICLE = re.compile(r"\bdieu (1\d\d)\b")
_OTHER_LAW = Pattern(["nghị định|luật (?:hôn nhân|lao động|trẻ em|phòng|đất đai|dân sự)"])
_REFUGE = "shelter"
"""The topic of facts on where the hurt find shelter: never for somebody who hurts."""
_THEME = Pattern(["chủ đề", "chủ điểm"])


def find_facts(question: str, told: bool = False, hurts: bool = False) -> list[Fact]:
    """Return the facts that answer a question, best first, whatever the day; fines only where they are asked for."""
    text, known = Text(question), content.facts()
    told = told or _IS_HURT.search(text) is not None
    ids = dict.fromkeys(i for facts in (_articles(text), *fitting(question)) for i in facts)
    found = [known[i] for i in ids if not ((told and i in _NOT_WHEN_TOLD) or (hurts and known[i].topic == _REFUGE))]
    calm = [fact for fact in found if not fact.id.startswith(_PRICED)]
    punish = _PUNISHMENT.search(text) or _WITH_MARKS.search(text.marked)
    return found if punish or not calm else calm


def topic_of(question: str, found: list[Fact]) -> str:
    """Return under which topic of the facts a question is counted; "none" where the library has nothing on it."""
    if _THEME.search(Text(question)):
        return "action_month"
    return found[0].topic if found else "none"


def served(found: list[Fact], day: date, today: date | None = None) -> list[Fact]:
    """Return at most three that hold on `day` and may be told `today`; no amount where the fines of that day are unknown."""
    known = content.current(*(fact.id for fact in found), day=max(day, today or day))
    may = [f for f in known if f.in_force(day)]
    return [f for f in may if not (lacks_fine(found, day) and (_is_fine(f) or f.topic == "criminal"))][:3]


def lacks_fine(found: list[Fact], day: date) -> bool:
    """Tell whether a fine that answers is not known to hold on `day`: then no amount is told, and that is said."""
    return any(_is_fine(f) and not f.in_force(day) for f in found)


def _is_fine(fact: Fact) -> bool:
    return "fine" in fact.id.split("-")


def theme_lines(question: str, you: str, this_year: int) -> list[str]:
    """Return the theme of the year asked for, or nothing when no theme is asked for."""
    if not _THEME.search(Text(question)):
        return []
    years = [int(y) for y in re.findall(r"\b(20\d\d)\b", question)]
    if not years:
        last = re.search(r"năm (?:ngoái|trước)|nam (?:ngoai|truoc)", question.lower())
        years = [this_year - 1 if last else this_year]
    return [_theme(year, you) for year in years[:3]]


def _theme(year: int, you: str) -> str:
    theme = content.theme(year)
    if theme is None:
        return say("campaign.no_theme", you, year=str(year))
    return say("campaign.theme", you, year=str(year), theme=theme)


def aside(question: str, you: str, today: date, hurts: bool = False, told: tuple[str, ...] = ()) -> list[str]:
    """Return the plain answer to a question asked in the middle, with its law; nothing when it is no such question.

    `told` are the kinds of violence told before: some questions mean what they mean only after these.
    """
    text, before = Text(question), {"", *told, *(["hurts"] if hurts else [])}
    row = next((row for row, rule in _asides() if row.get("after", "") in before and rule.fits(text)), None)
    if row is None:
        return []
    found = [f for f in (content.facts()[i] for i in row.get("facts", ())) if not (hurts and f.topic == _REFUGE)]
    about = day_named(question, today) or today
    known, lacking = served(found, about, today), [no_amount(about, you)] if lacks_fine(found, about) else []
    plain = [say(row["say"], you)] if "say" in row and (known or "facts" not in row) else []
    then = [say(row["then"], you)] if "then" in row else []
    return [*plain, *as_list(known), *lacking, *then] if plain or known or lacking else []


def no_amount(about: date, you: str) -> str:
    """Return the sentence that no fine of that day is known, with who can tell."""
    return say("law.not_that_day", you, day=day(about), aid=say("law.aid", you))


def as_list(facts: list[Fact]) -> list[str]:
    """Return facts as people read them, with article and day; the law's own words are Vietnamese, and that is said."""
    return [*(f"• {f.text}\n  ({f.source})" for f in facts), *([quoted()] if facts else [])]


def as_sentences(facts: list[Fact]) -> list[str]:
    """Return facts one below the other, without marks of a list."""
    return [*(f"{f.text}\n({f.source})" for f in facts), quoted() if facts else ""]


def _articles(text: Text) -> list[str]:
    """Return the facts on articles of the Penal Code that are asked for by their number."""
    numbers = () if _OTHER_LAW.search(text) else _ARTICLE.findall(text.folded)
    return [i for n in numbers if (i := f"crime-{n}") in content.facts()]


@cache
def _asides() -> tuple[tuple[dict[str, Any], Rule], ...]:
    return tuple((row, Rule(row, says="about")) for row in content.asides())
