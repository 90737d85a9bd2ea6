"""The campaign files of `content/campaigns`: seasons with their items, and messages that staff send once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import content

_HERE = Path(__file__).parent / "campaigns"
TOPICS = {
    "binh-dang": "bình đẳng", "phong-chong": "phòng, chống bạo lực", "phap-luat": "pháp luật", "tre": "trẻ em",
}  # fmt: skip
"""Topics that a person can choose, and their names."""
_VIOLENCE = re.compile(
    r"\b(?:bạo|xâm hại|đánh|đập|cưỡng|hiếp|quấy rối|mua bán|nạn nhân|giết|tố cáo|tố giác|tình dục|cấm tiếp xúc|tạm lánh"
    r"|địa chỉ tin cậy|tảo hôn|ly hôn|ép|báo tin|báo ngay|người báo)\b",
    re.IGNORECASE,
)
"""Words that a message to somebody who lives with violence must not carry."""


@dataclass(frozen=True, slots=True)
class Item:
    """One slogan, fact or text in the version that is served today."""

    id: str
    topic: str
    text: str
    youth: bool = False
    """Only for those who asked for the messages of young people."""

    @property
    def calm(self) -> bool:
        """Tell whether nothing in it, preview or end, speaks of violence."""
        return self.topic != "phong-chong" and not _VIOLENCE.search(self.text)

    @property
    def key(self) -> str:
        """Return the id with the version of its words: what a planned message remembers."""
        return f"{self.id}@{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Season:
    """A stretch of the year with a message a day; `first` and `last` are ``MM-DD`` and may span the new year."""

    name: str
    title: str
    first: str
    last: str
    grace: int
    policy: str
    priority: int
    version: str
    days: dict[str, str] = field(default_factory=dict)
    items: tuple[tuple[str, str], ...] = ()
    """(topic, id) in the order in which people get them: one of each topic in turn."""

    def covers(self, day: date) -> bool:
        """Tell whether `day` belongs to the season."""
        today = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= today <= self.last
        return today >= self.first or today <= self.last

    def on(self, day: date) -> tuple[Item, ...]:
        """Return the items that may be served on `day`, in order."""
        return tuple(item for topic, i in self.items if (item := find(i, day, topic)))

    def special(self, day: date) -> Item | None:
        """Return the item that belongs to `day` alone, if there is one."""
        own = self.days.get(f"{day:%m-%d}")
        return find(own, day, "phong-chong") if own else None


@dataclass(frozen=True, slots=True)
class Once:
    """A message that staff send once to an audience, valid for some hours."""

    name: str
    title: str
    policy: str
    priority: int
    hours: int
    version: str
    item: Item
    youth: bool = False
    province: str = ""
    commune: int | None = None


@cache
def find(item: str, day: date, topic: str = "") -> Item | None:
    """Return an item as it may be served on `day`: in force, its library read again in time; else None."""
    slogan = next((s for s in content.slogans() if s.id == item), None)
    if slogan:
        return Item(item, topic, slogan.template.format(year=day.year) if slogan.template else slogan.text)
    if item in content.facts():
        fact = next(iter(content.current(item, day=day)), None)
        return Item(item, topic, f"{fact.text}\n({fact.source})") if fact else None
    once = onces().get(item)
    return once.item if once else None


@cache
def seasons() -> tuple[Season, ...]:
    """Return the seasons; days that two of them cover, and unknown items, are errors."""
    found = tuple(_season(file.stem, row, version) for file, row, version in _files() if row["kind"] == "daily")
    for season in found:
        for _, item in season.items:
            if item not in content.facts() and all(s.id != item for s in content.slogans()):
                raise ValueError(f"{season.name}: no item {item!r}")
    for number in range(366):
        day = date.fromordinal(date(2028, 1, 1).toordinal() + number)
        if len([s for s in found if s.covers(day)]) > 1:
            raise ValueError(f"two seasons cover {day:%d/%m}")
    return found


@cache
def onces() -> dict[str, Once]:
    """Return the messages that staff send by hand, by name."""
    return {
        file.stem: Once(
            file.stem, row["title"], row["policy"], int(row["priority"]), int(row["hours"]), version,
            Item(file.stem, "", str(row["text"]).strip()), bool(row.get("youth", False)), str(row.get("province", "")),
            row.get("commune"),
        )
        for file, row, version in _files()
        if row["kind"] == "once"
    }  # fmt: skip


def season_on(day: date) -> Season | None:
    """Return the season of a day."""
    return next((s for s in seasons() if s.covers(day)), None)


def _season(name: str, row: dict[str, Any], version: str) -> Season:
    topics = {topic: list(ids) for topic, ids in row["items"].items()}
    if unknown := set(topics) - set(TOPICS):
        raise ValueError(f"{name}: unknown topics {unknown}")
    turn = [(t, ids[n]) for n in range(max(map(len, topics.values()))) for t, ids in topics.items() if n < len(ids)]
    days = {str(day): item for day, item in row["days"].items()}
    pool = tuple((topic, item) for topic, item in turn if item not in days.values())
    return Season(
        name, row["title"], row["from"], row["to"], int(row["grace"]), row["policy"], int(row["priority"]), version,
        days, pool,
    )  # fmt: skip


@cache
def _files() -> tuple[tuple[Path, dict[str, Any], str], ...]:
    files = sorted(_HERE.glob("*.yml"))
    return tuple(
        (file, yaml.safe_load(file.read_text(encoding="utf-8")), hashlib.sha256(file.read_bytes()).hexdigest()[:12])
        for file in files
    )
