"""The figures of an action month, as the stores hold them: counts by day, by channel and by kind, none of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

import content
from bot.channels.names import CHANNELS
from bot.report import names
from bot.store.schema import ENDS, campaign, contact, delivery, subscription, tally
from referral_directory import season
from referral_directory.readiness import CLOSES, OPENS, Readiness, readiness, readiness_of_all, together
from referral_directory.season import Activity, Words
from referral_directory.terms import KIND_NAMES

FEWEST = 5
"""A cell with fewer is not told by itself: it joins "khác"."""
UNDER = f"dưới {FEWEST}"
"""What is told instead of a small count that stands alone."""
NOT_TODAY = timedelta(days=1)
"""What people asked and told is shown to the end of yesterday: nobody sees a number rise while somebody writes."""
OTHER = "Khác (gộp các mục ít lượt)"
NOWHERE = "Chưa nói tỉnh"
Rows = tuple[tuple[str, int], ...]
"""Names and counts, most first; 0 stands for `UNDER`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: those of one province, or ("") of all. Who runs this bot has also what tells no province."""

    province: str = ""
    runs: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted in some days, each small count merged."""

    reached: int
    topics: Rows
    asked: Rows
    told: Rows
    offered: Rows
    quiz: Rows
    callbacks: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the messages of one channel on one day; counts by `names.ENDS`."""

    day: date
    channel: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Month:
    """All that a report tells of one action month."""

    year: int
    scope: Scope
    first: date
    last: date
    written: datetime
    theme: str
    sent: tuple[Sent, ...]
    """Empty for a province that does not run this bot: messages are not told apart by province."""
    few: bool
    """There were messages, too few to be told: see `told`."""
    subscribers: int
    counts: Counts
    reach: Rows
    """By province, for the whole country."""
    ready: Readiness
    """Of the province; of the whole country without its list."""
    provinces: tuple[Readiness, ...]
    activities: tuple[Activity, ...]
    words: Words

    @property
    def provisional(self) -> bool:
        """Tell whether the month is not over: the figures will still change."""
        return self.written.date() <= self.last

    @property
    def channels(self) -> dict[str, dict[str, int]]:
        """Return the counts of each channel, all days together."""
        found: dict[str, Counter[str]] = {}
        for one in self.sent:
            found.setdefault(one.channel, Counter()).update(one.counts)
        return {name: dict(counts) for name, counts in sorted(found.items())}

    @property
    def totals(self) -> dict[str, int]:
        """Return the counts of all channels together."""
        found = dict.fromkeys(names.ENDS, 0)
        for one in self.sent:
            found = {end: n + one.counts[end] for end, n in found.items()}
        return found

    @property
    def sent_by_day(self) -> tuple[tuple[date, int], ...]:
        """Return how many messages arrived on each day of the month, also on those without any."""
        arrived: Counter[date] = Counter()
        for one in self.sent:
            arrived[one.day] += one.counts["sent"]
        days = range(self.first.toordinal(), self.last.toordinal() + 1)
        return tuple((date.fromordinal(n), arrived[date.fromordinal(n)]) for n in days)


def gather(counted: Connection, directory: Connection, year: int, scope: Scope, now: datetime) -> Month:
    """Read the figures of the action month of `year`."""
    first, last = date(year, *OPENS), date(year, *CLOSES)
    day = min(now.date(), last)
    every = () if scope.province else tuple(readiness_of_all(directory, day))
    words = season.words_of(directory, scope.province, year)
    messages = sent(counted, first, last) if scope.runs else ()
    return Month(
        year, scope, first, last, now, content.theme(year) or words.theme,
        told(messages), bool(messages) and not told(messages),
        subscribers(counted, scope), count(counted, first, min(now.date() - NOT_TODAY, last), scope),
        () if scope.province else reach(counted, first, last),
        readiness(directory, scope.province, day) if scope.province else together(every), every,
        season.activities_of(directory, scope.province, year), words,
    )  # fmt: skip


def count(db: Connection, first: date, last: date, scope: Scope) -> Counts:
    """Return what was counted from one day to another."""
    query = select(tally.c.what, func.sum(tally.c.count)).where(tally.c.day.between(first, last), *_of(scope))
    found = {what: int(n) for what, n in db.execute(query.group_by(tally.c.what))}
    rounds = {what.removeprefix("quiz:"): n for what, n in found.items() if what.startswith("quiz:")}
    return Counts(
        found.get("reached", 0), _named(found, "topic:", names.TOPICS), _named(found, "asked:", names.QUESTIONS),
        _named(found, "told:", names.TOLD), _named(found, "offered:", KIND_NAMES),
        merge_small((f"Đúng {right}/5 câu", n) for right, n in rounds.items()), found.get("callback", 0),
    )  # fmt: skip


def reach(db: Connection, first: date, last: date, home: str = "") -> Rows:
    """Return how many people messages reached, by province; who told none belongs to those who run the bot."""
    query = select(tally.c.province, func.sum(tally.c.count)).where(tally.c.day.between(first, last))
    found: Counter[str] = Counter()
    for province, n in db.execute(query.where(tally.c.what == "reached").group_by(tally.c.province)):
        found[province or home or NOWHERE] += int(n)
    return merge_small(found.items())


def sent(db: Connection, first: date, last: date) -> tuple[Sent, ...]:
    """Return what became of each day's messages of each channel, as the campaigns' counters tell."""
    sums = [func.sum(campaign.c[end]).label(end) for end in ENDS]
    query = select(campaign.c.day, campaign.c.bot, *sums).where(campaign.c.day.between(first, last))
    rows = db.execute(query.group_by(campaign.c.day, campaign.c.bot).order_by(campaign.c.day, campaign.c.bot))
    return tuple(
        Sent(r.day, CHANNELS.get(r.bot, r.bot), _ends({end: int(r._mapping[end]) for end in ENDS})) for r in rows
    )


def sent_to(db: Connection, day: date, province: str) -> tuple[Sent, ...]:
    """Return the same of one day for the people of one province, as the rows tell, which live two days."""
    today = select(campaign.c.id).where(campaign.c.day == day)
    query = (
        select(campaign.c.bot, delivery.c.state, func.count().label("rows"))
        .join_from(subscription, delivery, delivery.c.contact_id == subscription.c.contact_id)
        .join(campaign, campaign.c.id == delivery.c.campaign_id)
        .where(subscription.c.province == province, delivery.c.campaign_id.in_(today))
        .group_by(campaign.c.bot, delivery.c.state)
    )
    found: dict[str, Counter[str]] = {}
    for r in db.execute(query):
        found.setdefault(r.bot, Counter()).update({"total": r.rows, r.state: r.rows})
    return tuple(Sent(day, CHANNELS.get(bot, bot), _ends(counts)) for bot, counts in sorted(found.items()))


def told(messages: tuple[Sent, ...]) -> tuple[Sent, ...]:
    """Return the messages of some days where they may be told: nothing where no day had `FEWEST` of them.

    On each day a person gets one: so few tell how many people got them, and "under five" beside them would hide nothing.
    """
    days: Counter[date] = Counter()
    for one in messages:
        days[one.day] += one.counts["total"]
    return messages if max(days.values(), default=0) >= FEWEST else ()


def corrected(db: Connection, first: date, last: date, scope: Scope) -> tuple[int, int]:
    """Return how often people of a scope said "không phải chuyện này", and in whole percents of what was heard as telling."""
    query = select(tally.c.what, func.sum(tally.c.count)).where(tally.c.day.between(first, last), *_of(scope))
    found = {what: int(n) for what, n in db.execute(query.group_by(tally.c.what))}
    wrong = sum(n for what, n in found.items() if what.startswith("feedback:wrong:"))
    heard = sum(n for what, n in found.items() if what.startswith("told:") or what == "asked:checkin")
    return wrong, round(100 * wrong / heard) if heard else 0


def subscribers(db: Connection, scope: Scope) -> int:
    """Return how many people get messages at present."""
    query = select(func.count()).select_from(subscription.join(contact, contact.c.id == subscription.c.contact_id))
    mine = (subscription.c.province.in_(_provinces(scope)),) if scope.province else ()
    return int(db.execute(query.where(contact.c.gone == 0, *mine)).scalar_one())


def merge_small(rows: Iterable[tuple[str, int]]) -> Rows:
    """Return rows, most first, those under `FEWEST` as one; where that one is small too, its number is 0.

    No sum of all rows is told anywhere, so that what is left out cannot be worked out.
    """
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    told = [row for row in ordered if row[1] >= FEWEST]
    rest = sum(n for _, n in ordered if n < FEWEST)
    return (*told, (OTHER, rest if rest >= FEWEST else 0)) if rest else tuple(told)


def few(value: int) -> str:
    """Return a count that stands alone, in words where it is small."""
    return _in_letters(as_told(value))


def at_most_few(value: int) -> str:
    """Return a count that ends yesterday while more may wait today, in words where it is small or none."""
    return _in_letters(as_told_at_most(value))


def as_told(value: int) -> int | str:
    """Return a count that stands alone as far as it may be told: `UNDER` for a small one."""
    return UNDER if 0 < value < FEWEST else value


def as_told_at_most(value: int) -> int | str:
    """Return a count that ends yesterday while more may wait today: `UNDER` for none too, since nobody knows that it is none."""
    return UNDER if value < FEWEST else value


def _in_letters(value: int | str) -> str:
    return number(value) if isinstance(value, int) else value


def number(value: int) -> str:
    """Return a number as people in Vietnam write it: 12.345."""
    return f"{value:,}".replace(",", ".")


def _ends(counts: Mapping[str, int]) -> dict[str, int]:
    ended = {end: counts.get(end, 0) for end in ENDS}
    return {
        "total": ended["total"], "sent": ended["sent"], "unknown": ended["unknown"],
        "refused": ended["gone"] + ended["failed"], "unsent": ended["expired"] + ended["cancelled"],
        "waiting": 2 * ended["total"] - sum(ended.values()),
    }  # fmt: skip


def _of(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return (tally.c.province.in_(_provinces(scope)),) if scope.province else ()


def _provinces(scope: Scope) -> tuple[str, ...]:
    return (scope.province, "") if scope.runs else (scope.province,)


def _named(counted: dict[str, int], prefix: str, called: dict[str, str]) -> Rows:
    found: Counter[str] = Counter()
    for what, n in counted.items():
        if what.startswith(prefix):
            found[called.get(what.removeprefix(prefix), "Mục khác")] += n
    return merge_small(found.items())
