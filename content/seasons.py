"""The campaign files of `content/campaigns`: seasons with their items, and messages that staff send once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import content
from content import Slogan
from content.campaign_file import CampaignFileError, Daily, Single, read

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
        return Item(item, topic, slogan.as_shown(day))
    if item in content.facts():
        fact = next(iter(content.current(item, day=day)), None)
        return Item(item, topic, f"{fact.text}\n({fact.source})") if fact else None
    once = onces().get(item)
    return once.item if once else None


@cache
def seasons() -> tuple[Season, ...]:
    """Return the seasons; days that two of them cover, and unknown items, are a `CampaignFileError`."""
    found = tuple(_season(file.stem, row, version) for file, row, version in _files() if isinstance(row, Daily))
    try:
        _check(found)
    except CampaignFileError:
        _files.cache_clear()  # a mended file is read again
        raise
    return found


def _check(found: tuple[Season, ...]) -> None:
    for season in found:
        for item in [*(i for _, i in season.items), *season.days.values()]:
            if item not in content.facts() and all(s.id != item for s in content.slogans()):
                raise CampaignFileError(f"{season.name}.yml: không có mục '{item}' trong slogans.yml hay facts.yml")
    for number in range(366):
        day = date.fromordinal(date(2028, 1, 1).toordinal() + number)
        if len(two := [f"{s.name}.yml" for s in found if s.covers(day)]) > 1:
            raise CampaignFileError(f"{' và '.join(two)}: cùng có ngày {day:%d/%m}")


@cache
def onces() -> dict[str, Once]:
    """Return the messages that staff send by hand, by name."""
    return {
        file.stem: Once(
            file.stem, row.title, row.policy, row.priority, row.hours, version, Item(file.stem, "", row.text), row.youth,
            row.province, row.commune,
        )
        for file, row, version in _files()
        if isinstance(row, Single)
    }  # fmt: skip


def problem() -> str:
    """Tell what is wrong in a campaign file, or ""; a mended file is read the next time somebody asks."""
    try:
        seasons()
        onces()
    except CampaignFileError as error:
        return str(error)
    return ""


def season_on(day: date) -> Season | None:
    """Return the season of a day."""
    return next((s for s in seasons() if s.covers(day)), None)


def slogans_on(day: date) -> tuple[Slogan, ...]:
    """Return the slogans that fit a day, the slogan of that day first: the one that its season sends to everybody, else one
    of those that everybody may see, in turn."""
    fitting = [s for s in content.slogans() if s.fits(day)]
    for_all = [s for s in fitting if s.around_disclosure]
    season = None if problem() else season_on(day)  # a campaign file that is being mended silences no slogan
    own = season.days.get(f"{day:%m-%d}") if season else None
    first = next((s for s in fitting if s.id == own), for_all[day.toordinal() % len(for_all)])
    at = fitting.index(first)
    return (*fitting[at:], *fitting[:at])


def _season(name: str, row: Daily, version: str) -> Season:
    topics: dict[str, list[str]] = {topic: list(ids) for topic, ids in row.items.items()}
    turn = [(t, ids[n]) for n in range(max(map(len, topics.values()))) for t, ids in topics.items() if n < len(ids)]
    pool = tuple((topic, item) for topic, item in turn if item not in row.days.values())
    return Season(
        name, row.title, row.first, row.last, row.grace, row.policy, row.priority, version, row.days, pool
    )  # fmt: skip


@cache
def _files() -> tuple[tuple[Path, Daily | Single, str], ...]:
    files = sorted(file for file in _HERE.iterdir() if not file.name.startswith("."))
    for file in files:
        if file.suffix != ".yml":
            raise CampaignFileError(f"{file.name}: tệp chiến dịch phải có đuôi .yml")
        if file.stem in content.facts() or any(s.id == file.stem for s in content.slogans()):
            raise CampaignFileError(f"{file.name}: tên này đã là một mục của slogans.yml hay facts.yml")
    return tuple((file, read(file), hashlib.sha256(file.read_bytes()).hexdigest()[:12]) for file in files)
