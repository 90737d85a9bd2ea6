"""The figures of an action month, as the stores hold them: counts by day, by channel and by kind, none of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, func, select

import content
from bot.store.schema import ENDS, campaign, contact, subscription, tally
from referral_directory.readiness import readiness, readiness_of_all
from referral_directory.terms import FOR, KIND_NAMES

FEWEST = 5
"""A cell with fewer is not told by itself: it joins "khác"."""
OTHER = "Khác (gộp các mục ít lượt)"

CHANNELS = {"telegram": "Telegram", "zalo": "Zalo Bot", "zalo_oa": "Zalo OA", "web": "Trang web", "terminal": "Thử"}
QUESTIONS = {
    "ask_law": "Hỏi về luật", "ask_concept": "Hỏi khái niệm", "aside": "Hỏi thêm khi đang được giúp",
    "ask_slogan": "Khẩu hiệu", "ask_campaign": "Tháng hành động", "find_safe_address": "Tìm địa chỉ tin cậy",
    "find_police": "Tìm công an", "find_hotline": "Tìm đường dây", "find_health": "Tìm nơi y tế",
    "find_legal_aid": "Tìm trợ giúp pháp lý", "find_counselling": "Tìm nơi tư vấn", "callback": "Nhờ gọi lại",
    "out_of_scope": "Ngoài phạm vi", "checkin": "Được hỏi thăm nhẹ nhàng", "disaster": "Thiên tai",
}  # fmt: skip
TOLD = {**FOR, "emergency": "Nguy hiểm ngay lúc đó", "self_harm": "Muốn tự làm hại mình", "perpetrator": "Người gây bạo lực tìm đến", "fled": "Đang trốn"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Channel:
    """What became of the messages of one channel; counts by `ENDS`."""

    name: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Month:
    """All that a report tells of one action month."""

    year: int
    province: str
    first: date
    last: date
    written: datetime
    theme: str
    channels: tuple[Channel, ...]
    sent_by_day: tuple[tuple[date, int], ...]
    subscribers: int
    questions: tuple[tuple[str, int], ...]
    told: tuple[tuple[str, int], ...]
    offered: tuple[tuple[str, int], ...]
    quiz: tuple[tuple[str, int], ...]
    callbacks: int
    ready: int = 0
    communes: int = 0
    missing: tuple[str, ...] = ()
    activities: tuple[str, ...] = field(default=())

    @property
    def totals(self) -> dict[str, int]:
        """Return the counts of all channels together."""
        total: Counter[str] = Counter()
        for channel in self.channels:
            total.update(channel.counts)
        return {end: total[end] for end in ENDS}


def gather(people: Connection, directory: Connection, year: int, province: str, now: datetime) -> Month:
    """Read the figures of the action month of `year`, for one province or ("") for all."""
    first, last = date(year, 11, 15), date(year, 12, 15)
    counted = _counts(people, first, last, province)
    ready, communes, missing = _readiness(directory, province, min(now.date(), last))
    return Month(
        year, province, first, last, now, content.theme(year) or "",
        _channels(people, first, last), _sent_by_day(people, first, last), _subscribers(people),
        _named(counted, "asked:", QUESTIONS), _named(counted, "told:", TOLD), _named(counted, "offered:", KIND_NAMES),
        _quiz(counted), counted.get("callback", 0), ready, communes, missing,
    )  # fmt: skip


def merge_small(rows: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Return rows, most first, those under `FEWEST` as one; where that one is small too, its number is 0: "under 5".

    No sum of all rows is told anywhere, so that what is left out cannot be worked out.
    """
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    told = [row for row in ordered if row[1] >= FEWEST]
    rest = sum(n for _, n in ordered if n < FEWEST)
    return (*told, (OTHER, rest if rest >= FEWEST else 0)) if rest else tuple(told)


def _counts(db: Connection, first: date, last: date, province: str) -> dict[str, int]:
    query = select(tally.c.what, func.sum(tally.c.count)).where(tally.c.day.between(first, last)).group_by(tally.c.what)
    if province:
        query = query.where(tally.c.province.in_((province, "")))
    return {what: int(count) for what, count in db.execute(query)}


def _named(counted: dict[str, int], prefix: str, names: dict[str, str]) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    for what, count in counted.items():
        if what.startswith(prefix):
            found[names.get(what.removeprefix(prefix), "Mục khác")] += count
    return merge_small(found.items())


def _quiz(counted: dict[str, int]) -> tuple[tuple[str, int], ...]:
    rounds = {what.removeprefix("quiz:"): n for what, n in counted.items() if what.startswith("quiz:")}
    return merge_small((f"Đúng {right}/5 câu", n) for right, n in rounds.items())


def _channels(db: Connection, first: date, last: date) -> tuple[Channel, ...]:
    sums = [func.sum(campaign.c[end]).label(end) for end in ENDS]
    query = select(campaign.c.bot, *sums).where(campaign.c.day.between(first, last)).group_by(campaign.c.bot)
    rows = db.execute(query.order_by(campaign.c.bot))
    return tuple(Channel(CHANNELS.get(r.bot, r.bot), {end: int(getattr(r, end) or 0) for end in ENDS}) for r in rows)


def _sent_by_day(db: Connection, first: date, last: date) -> tuple[tuple[date, int], ...]:
    query = select(campaign.c.day, func.sum(campaign.c.sent)).where(campaign.c.day.between(first, last))
    sent = {day: int(n or 0) for day, n in db.execute(query.group_by(campaign.c.day))}
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return tuple((day, sent.get(day, 0)) for day in days)


def _subscribers(db: Connection) -> int:
    query = select(func.count()).select_from(subscription.join(contact, contact.c.id == subscription.c.contact_id))
    return int(db.execute(query.where(contact.c.gone == 0)).scalar_one())


def _readiness(db: Connection, province: str, day: date) -> tuple[int, int, tuple[str, ...]]:
    """Return how many communes are ready on that day, of how many, and the names of those of a province that are not."""
    if not province:
        all_of_it = readiness_of_all(db, day)
        return sum(r.ready for r in all_of_it), sum(r.communes for r in all_of_it), ()
    found = readiness(db, province, day)
    return found.ready, found.communes, tuple(sorted(m.commune.label for m in found.missing))
