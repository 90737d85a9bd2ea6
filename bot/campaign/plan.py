"""The quota plan: who can be reached by what on which day, what cannot fit, and which days to leave for asking. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import content
from bot.campaign.calendar import choose
from bot.clock import SLEEPS, VIETNAM
from bot.store.audience import Subscriber
from bot.store.pace import CAMPAIGN_SHARE, Pace
from content import seasons
from content.seasons import Item

ARTICLES_A_MONTH = 4
"""Zalo OA: broadcasts by article that one follower may get in a month (1 a day, 06:00-21:59)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What one channel allows: messages a second; of a month's quota how much, and how much is left of this month."""

    bot: str
    rate: float | None
    monthly: int | None = None
    left: int | None = None
    people: int | None = None
    days_a_month: int | None = None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One day on one channel: pushed or left for asking, how many messages, by when the last one leaves."""

    day: str
    push: bool
    special: str
    messages: int
    last_at: str
    late: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one channel can do in the days ahead."""

    bot: str
    people: int
    reached: int
    days: tuple[DayPlan, ...]
    warnings: tuple[str, ...]


def limits_of(pace_of: Mapping[str, Pace], used: Mapping[str, int], zalo_people: int = 50) -> list[Limit]:
    """Return the limits of the channels that can write first, and of those that cannot."""
    found = [
        Limit(
            bot,
            pace.rate,
            int(pace.monthly * CAMPAIGN_SHARE) if pace.monthly else None,
            max(0, int(pace.monthly * CAMPAIGN_SHARE) - used.get(bot, 0)) if pace.monthly else None,
            zalo_people if bot == "zalo" else None,
        )
        for bot, pace in pace_of.items()
    ]
    return [*found, Limit("zalo_oa", None, days_a_month=ARTICLES_A_MONTH), Limit("web", None, days_a_month=0)]


def forecast(
    people: Sequence[tuple[str, int, int]],
    limits: Sequence[Limit],
    now: datetime,
    days: int,
    left: Sequence[tuple[str, int, int]] | None = None,
) -> list[Forecast]:
    """Forecast each channel that has subscribers; `people` are (channel, minute of the day, how many).

    `left` are those of them who still wait for the message of today: then today's plan is theirs alone.
    """
    found = []
    known = {limit.bot: limit for limit in limits}
    for bot in sorted({channel for channel, _, _ in people}):
        slots = [(minute, count) for channel, minute, count in people if channel == bot and count]
        found.append(_channel(known.get(bot) or Limit(bot, None, days_a_month=0), slots, now, days))
    if left is None:
        return found
    rest = {f.bot: f.days[0] for f in forecast(left, limits, now, 1)}
    return [replace(f, days=(_of_the_rest(f.days[0], rest.get(f.bot)), *f.days[1:])) for f in found]


def items(rounds: Iterable[tuple[Subscriber, bool, int]], days: Sequence[date]) -> dict[date, Counter[Item]]:
    """Return which items go out on each day to how many people, where nothing changes; `rounds` as the store tells them.

    The first of `days` is today: who has their message already gets none on it.
    """
    found: dict[date, Counter[Item]] = {day: Counter() for day in days}
    for person, had, people in rounds:
        for day in days[had:]:
            season = seasons.season_on(day)
            chosen = choose(person, season.on(day), season.special(day)) if season else None
            if chosen:
                item, shown = chosen
                person = replace(person, shown=tuple(shown))
                found[day][item] += people
    return found


def _channel(limit: Limit, slots: list[tuple[int, int]], now: datetime, days: int) -> Forecast:
    total = sum(count for _, count in slots)
    reached = min(total, limit.people) if limit.people is not None else total
    today = now.astimezone(VIETNAM).date()
    ahead = [today + timedelta(days=n) for n in range(days)]
    pushed = {day for month in _months(ahead) for day in _affordable(month, limit, reached, today)}
    planned, late_days = [], 0
    for day in ahead:
        last, late = _run(slots, limit.rate, day) if day in pushed and limit.rate else (0, 0)
        late_days += late > 0
        planned.append(
            DayPlan(
                day.isoformat(), day in pushed, _special(day), reached if day in pushed else 0,
                f"{last // 60:02d}:{last % 60:02d}" if last else "", late,
            )
        )  # fmt: skip
    return Forecast(
        limit.bot, total, reached, tuple(planned), tuple(_warnings(limit, total, reached, planned, late_days))
    )


def _of_the_rest(whole: DayPlan, rest: DayPlan | None) -> DayPlan:
    """Return today's plan for those alone who have no message of today yet."""
    if not whole.push:
        return whole
    return replace(whole, messages=rest.messages if rest else 0, last_at=rest.last_at if rest else "")


def _months(days: list[date]) -> list[list[date]]:
    months: dict[tuple[int, int], list[date]] = {}
    for day in days:
        months.setdefault((day.year, day.month), []).append(day)
    return list(months.values())


def _affordable(month: list[date], limit: Limit, people: int, today: date) -> list[date]:
    """Return the days of one month that the quota can push: days with a meaning first, then evenly."""
    quota = limit.left if month[0].month == today.month and month[0].year == today.year else limit.monthly
    affordable = len(month) if quota is None or not people else quota // people
    if limit.days_a_month is not None:
        affordable = min(affordable, limit.days_a_month)
    if affordable >= len(month):
        return month
    special = [day for day in month if _special(day)][:affordable]
    rest = [day for day in month if day not in special]
    more = affordable - len(special)
    return special + [rest[n * len(rest) // more] for n in range(more)]


def _special(day: date) -> str:
    """Return what `day` alone stands for, or ""."""
    season = seasons.season_on(day)
    names = [name for name in content.observances(day) if name.startswith("Ngày")]
    return names[0] if names else "ngày của chiến dịch" if season and season.special(day) else ""


def _run(slots: list[tuple[int, int]], rate: float, day: date) -> tuple[int, int]:
    """Return the minute at which the last message leaves, and how many would be too late."""
    season = seasons.season_on(day)
    grace, free, late = season.grace if season else 0, 0.0, 0
    for minute, count in sorted(slots):
        start = max(free, float(minute))
        until = min(minute + grace, SLEEPS.hour * 60 + SLEEPS.minute)
        fits = min(count, max(0, int((until - start) * 60 * rate)))
        late += count - fits
        free = start + fits / rate / 60
    return int(free), late


def _warnings(limit: Limit, total: int, reached: int, days: list[DayPlan], late_days: int) -> list[str]:
    found = []
    if limit.people is not None and total > limit.people:
        found.append(f"gói {limit.bot} chỉ cho {limit.people} người một bot; {total - reached} người không nhận được")
    asked = [d for d in days if not d.push]
    if limit.days_a_month == 0:
        found.append("kênh này không gửi trước được; mọi người hỏi 'khẩu hiệu hôm nay'")
    elif limit.rate is None:
        found.append("gửi bằng bài viết của OA (4 bài mỗi người mỗi tháng): lên kế hoạch, chưa gửi tự động")
    elif asked:
        found.append(
            f"hạn mức tháng không đủ cho {len(asked)} ngày; những ngày đó để mọi người hỏi 'khẩu hiệu hôm nay'"
        )
    if late_days:
        worst = max(d.late for d in days)
        found.append(f"{late_days} ngày có giờ quá đông: đến {worst} tin không kịp gửi; mời bớt người sang giờ khác")
    if review := [d for d in days if date.fromisoformat(d.day) > content.review_by()]:
        found.append(f"từ {review[0].day} các điều luật chờ đọc lại, chỉ còn khẩu hiệu")
    return found


def lines(found: Sequence[Forecast]) -> list[str]:
    """Return the forecast as people read it."""
    if not found:
        return ["Chưa có ai đăng ký nhận tin."]
    told = []
    for f in found:
        push = [d for d in f.days if d.push]
        told.append(f"{f.bot}: {f.people} người đăng ký, tới được {f.reached}; gửi {len(push)}/{len(f.days)} ngày")
        told += [f"  ! {warning}" for warning in f.warnings]
        for d in f.days:
            what = (
                f"gửi {d.messages} tin, xong lúc {d.last_at}"
                if d.push and d.last_at
                else "đã gửi đủ"
                if d.push and not d.messages
                else "gửi"
                if d.push
                else "để hỏi"
            )
            late = f", {d.late} không kịp" if d.late else ""
            told.append(f"  {date.fromisoformat(d.day):%d/%m} {what}{late}{f'  ({d.special})' if d.special else ''}")
    return told


def as_json(found: Forecast) -> dict[str, Any]:
    """Return a forecast as JSON values."""
    return asdict(found)
