"""What the bot says and knows: replies, hotlines, facts, slogans, days. The only reader of the files here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent

SHORT_CODES = ("111", "113", "114", "115")
CHECK_DAYS = 90
"""A number that nobody checked within so many days is not shown; the short codes always are."""


@dataclass(frozen=True, slots=True)
class Hotline:
    """A national or provincial line; `weekdays` (ISO, 1 = Monday) and `opens`-`closes` are Vietnam's time."""

    id: str
    number: str
    short: str
    text: str
    cost: str
    hours: str
    province: str
    topics: tuple[str, ...]
    checked_on: date
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    opens: time = time(0, 0)
    closes: time = time(23, 59, 59)

    def is_open(self, now: datetime) -> bool:
        """Tell whether somebody should answer at `now` (a moment in Vietnam)."""
        return now.isoweekday() in self.weekdays and self.opens <= now.time() <= self.closes

    def is_checked(self, day: date) -> bool:
        """Tell whether the number may be shown on `day`: checked lately, or one of the nation's short codes."""
        return self.id in SHORT_CODES or (day - self.checked_on).days <= CHECK_DAYS


@dataclass(frozen=True, slots=True)
class Fact:
    """One legal or campaign fact with the instrument it comes from and the days on which it is in force."""

    id: str
    topic: str
    text: str
    instrument: str
    article: str
    effective_from: date | None
    effective_to: date | None
    checked_on: date
    sources: tuple[str, ...] = ()
    review_by: date = date.max
    """The last day on which it may be served without being read again."""
    approved_by: str = ""
    """Who answers for it; without that it is not served."""
    replaced_by: str = ""
    """Id of the fact that stands in its place afterwards, or ""."""

    def may_be_served(self, day: date) -> bool:
        """Tell whether the fact may be told on `day`: in force, read again in time, approved."""
        return self.in_force(day) and day <= self.review_by and bool(self.approved_by)

    def in_force(self, day: date) -> bool:
        """Tell whether the fact holds on `day`."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )

    @property
    def source(self) -> str:
        """Article and instrument as people read them, and the day of the last check."""
        place = ", ".join(p for p in (_article(self.article), _spelled_out(self.instrument)) if p)
        return f"{place or _publisher(self.sources)} (kiểm ngày {self.checked_on:%d/%m/%Y})"


_ABBREVIATIONS = (
    (r"\s*\([^)]*\)", ""),
    (r"\bĐ(?=\d)", "Điều "), (r"\bk(?=\d)", "khoản "), (r"(khoản \d+[a-z]?) (?=[a-zđ]\b)", r"\1 điểm "),
    (r"\bBLLĐ\b", "Bộ luật Lao động"), (r"\bNĐ(?= \d)", "Nghị định"), (r"\bNQ(?= \d)", "Nghị quyết"),
    (r"\bQĐ(?= \d)", "Quyết định"), (r"\bCV(?= \d)", "Công văn"), (r"\bKH(?= \d)", "Kế hoạch"), (r"\bUBTVQH\b", "Ủy ban Thường vụ Quốc hội"),
)  # fmt: skip


def _spelled_out(text: str) -> str:
    for short, long in _ABBREVIATIONS:
        text = re.sub(short, long, text)
    return text.strip(" ;,—")


def _article(text: str) -> str:
    """Return the article in words; nothing where it was not read in the text itself."""
    return "" if "chưa đọc" in text else _spelled_out(text)


def _publisher(sources: tuple[str, ...]) -> str:
    """Return who published it: the site of the first source with an address, else the first source."""
    sites = [m[1].removeprefix("www.") for s in sources if (m := re.search(r"https?://([^/\s]+)", s))]
    return f"Nguồn: {sites[0]}" if sites else "Tài liệu của Tháng hành động"


@dataclass(frozen=True, slots=True)
class Slogan:
    """A slogan of a real plan, verbatim; `around_disclosure` tells whether somebody who told may see it."""

    id: str
    text: str
    kind: str
    template: str | None
    around_disclosure: bool
    plan: str
    """The plan it was read in, as people name it."""
    first: str = "01-01"
    last: str = "12-31"
    """Between these days of the year (``MM-DD``) it is shown."""

    def fits(self, day: date) -> bool:
        """Tell whether the slogan may be shown on `day`."""
        return self.first <= f"{day:%m-%d}" <= self.last

    def as_shown(self, day: date) -> str:
        """Return its words with the year of `day`, where it names one."""
        return self.template.format(year=day.year) if self.template else self.text


@dataclass(frozen=True, slots=True)
class Observance:
    """A day or a stretch of days that is kept every year; `first` and `last` are ``MM-DD``."""

    name: str
    first: str
    last: str

    @property
    def names(self) -> list[str]:
        """Its names one by one: some days have two."""
        return self.name.split("; ")

    @property
    def in_words(self) -> str:
        """The dates as people write them: 25/11, or 15/11 – 15/12."""
        return " – ".join(f"{d[3:]}/{d[:2]}" for d in dict.fromkeys((self.first, self.last)))


@cache
def _file(name: str) -> Any:
    return yaml.load((_HERE / name).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders


@cache
def replies() -> dict[str, str]:
    """Return every reply text by its key; a key that stands in two files is an error."""
    found: dict[str, str] = {}
    for file in sorted((_HERE / "replies").glob("*.yml")):
        for key, text in _file(f"replies/{file.name}").items():
            if key in found:
                raise ValueError(f"reply {key!r} stands twice")
            found[key] = str(text).strip()
    return found


@cache
def page() -> dict[str, str]:
    """Return the words of the web page by key."""
    words: dict[str, str] = _file("page.yml")
    return words


@cache
def hotlines() -> dict[str, Hotline]:
    """Return the lines that may be served, by id, in order of priority."""
    lines = sorted(_file("hotlines.yml")["hotlines"], key=lambda row: row["priority"])
    return {
        row["id"]: Hotline(
            id=row["id"], number=row["number"], short=row["short"], text=row["text"], cost=row["cost"],
            hours=row["hours"], province=row["province"], topics=tuple(row["topics"]),
            checked_on=date.fromisoformat(row["checked_on"]), **_hours(row.get("open")),
        )
        for row in lines
    }  # fmt: skip


def _hours(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {
        "weekdays": tuple(row["weekdays"]),
        "opens": time.fromisoformat(row["from"]),
        "closes": time.fromisoformat(row["to"]),
    }


def never_served() -> tuple[str, ...]:
    """Return the numbers that must not appear anywhere."""
    return tuple(_file("hotlines.yml")["never"])


@cache
def facts() -> dict[str, Fact]:
    """Return every fact that may be served at some time, by id."""
    return {
        row["id"]: Fact(
            id=row["id"], topic=row["topic"], text=row["text"], instrument=row["instrument"] or "",
            article=row["article"] or "", effective_from=_day(row["effective_from"]),
            effective_to=_day(row["effective_to"]), checked_on=date.fromisoformat(row["checked_on"]), sources=tuple(row["sources"]),
            review_by=_day(row.get("review_by")) or review_by(),
            approved_by=row.get("approved_by", _file("facts.yml")["approved_by"]) or "", replaced_by=row.get("replaced_by", ""),
        )
        for row in _file("facts.yml")["facts"]
    }  # fmt: skip


def raw_facts() -> list[dict[str, Any]]:
    """Return the rows of the library as its file holds them."""
    rows: list[dict[str, Any]] = _file("facts.yml")["facts"]
    return rows


def review_by() -> date:
    """Return the day after which facts must be read again before they are served, but for those with a day of their own."""
    return date.fromisoformat(_file("facts.yml")["review_by"])


def current(*ids: str, day: date) -> list[Fact]:
    """Return those of the named facts that may be served on `day`."""
    return [fact for i in ids if (fact := facts()[i]).may_be_served(day)]


@cache
def answers() -> list[dict[str, Any]]:
    """Return what the library answers: `facts` (ids, the best first; none where it has nothing) and questions `asked`."""
    return [row for file in sorted((_HERE / "answers").glob("*.yml")) for row in _file(f"answers/{file.name}")]


def question_words() -> dict[str, list[str]]:
    """Return the expressions of questions that mean the same, by a name of the meaning."""
    words: dict[str, list[str]] = _file("question_words.yml")
    return words


@cache
def slogans() -> tuple[Slogan, ...]:
    """Return the slogans proper (no themes or names of models)."""
    return tuple(
        Slogan(
            row["id"],
            row["text"],
            row["kind"],
            row["template"],
            row["around_disclosure"],
            _plan(row["sources"][0]),
            *_ends(row.get("days", "01-01..12-31")),
        )
        for row in _file("slogans.yml")["slogans"]
        if row["kind"] == "slogan"
    )


def _plan(source: str) -> str:
    plans: dict[str, str] = _file("slogans.yml")["plans"]
    return plans[source]


def theme(year: int) -> str | None:
    """Return the theme of the action month of `year`, or None while it is not published."""
    return next((row["text"] for row in _file("calendar.yml")["themes"] if row["year"] == year), None)


def observances(day: date) -> list[str]:
    """Return the names of the days and months that `day` belongs to."""
    return [one.name for one in kept() if one.first <= f"{day:%m-%d}" <= one.last]


@cache
def kept() -> tuple[Observance, ...]:
    """Return the days and months that are kept every year, as the calendar has them."""
    rows = [row for row in _file("calendar.yml")["observances"] if row["recurrence"] == "annual"]
    return tuple(Observance(row["name"], *_ends(row["date"])) for row in rows)


def _ends(dates: str) -> tuple[str, str]:
    """Return the first and the last day of ``MM-DD`` or ``MM-DD..MM-DD``."""
    first, _, last = dates.partition("..")
    return first, last or first


def safety_patterns() -> list[dict[str, Any]]:
    """Return the rows of the safety screen's table."""
    rows: list[dict[str, Any]] = _file("safety.yml")["patterns"]
    return rows


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def safety_words() -> dict[str, str]:
    """Return the named groups of words that the safety patterns share."""
    words: dict[str, str] = _file("safety.yml")["words"]
    return words


def keywords() -> dict[str, Any]:
    """Return the table of understanding by keywords: `words` and `rows`."""
    table: dict[str, Any] = _file("keywords.yml")
    return table


def phrases() -> dict[str, Any]:
    """Return the table of what people say in the middle of a conversation: `words` and `rows`."""
    table: dict[str, Any] = _file("phrases.yml")
    return table


def asides() -> list[dict[str, Any]]:
    """Return the questions that are answered in a sentence: `about`, `say` (key of a reply) and `facts` (ids)."""
    rows: list[dict[str, Any]] = _file("asides.yml")["asides"]
    return rows
