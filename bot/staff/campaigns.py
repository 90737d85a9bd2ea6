"""Campaigns as those who answer for them see them: what goes when and to whom, how far it is, and how to stop it.

The two stores cannot share a transaction: the line of the audit is written first, and kept only where the deed was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection
from starlette.responses import Response

from bot.campaign import orders
from bot.campaign.names import ENDS, STATES
from bot.channels.names import CHANNELS
from bot.staff import ahead
from bot.staff.ahead import Ahead
from bot.staff.visit import Route, Site, Visit
from bot.store import campaigns
from bot.store.campaigns import Progress
from bot.store.engine import reading, transaction
from content import seasons
from content.seasons import Once, Season
from referral_directory.keeper import Keeper, OutOfScope, Refused, note
from referral_directory.places import load

_LOOKS = {"fanning_out": "good", "running": "good", "paused": "waits", "cancelled": "late", "done": ""}
BADGES = {state: (words, _LOOKS[state]) for state, words in STATES.items()}
WEEK, AHEAD, BACK = 7, 31, 14
"""Days of the calendar on the first page; of one season ahead; of what was sent."""
UNKNOWN_DAYS = 40
"""How long messages of unknown end are asked about: longer than the action month."""


@dataclass(frozen=True, slots=True)
class Order:
    """What may be told a campaign: the words of its button, what will happen, what has happened."""

    label: str
    kind: str
    will: str
    did: str
    deed: Callable[[Connection, Site, str, date, datetime], int]
    grave: str = ""
    """What must be ticked as understood before."""


ORDERS = {
    "pause": Order(
        "Tạm dừng", "", "Tin chưa đi được giữ lại, cả những ngày sau, cho đến khi bấm “Gửi tiếp”. Vài tin đang trên đường vẫn tới.",
        "Đã tạm dừng. Tin được giữ lại đến khi gửi tiếp; quá giờ của ngày thì không gửi nữa.",
        lambda db, site, name, day, now: orders.pause(db, name, site.paces, now),
    ),
    "resume": Order(
        "Gửi tiếp", "", "Tin còn trong giờ của ngày đi tiếp ngay; tin đã quá giờ không gửi nữa.", "Đã cho gửi tiếp.",
        lambda db, site, name, day, now: orders.resume(db, name),
    ),
    "cancel": Order(
        "Hủy tin của ngày", "grave", "Tin của ngày này chưa đi thì không đi nữa. Hủy rồi không lấy lại được; ngày sau vẫn gửi.",
        "Đã hủy tin của ngày.", lambda db, site, name, day, now: orders.cancel(db, name, site.paces, now, day),
    ),
    "count": Order(
        "Tính là đã tới", "quiet", "Không ai nhận thêm tin nào. Các tin này được cộng vào số đã gửi trong báo cáo.",
        "Đã tính là đã tới.", lambda db, site, name, day, now: campaigns.count_as_arrived(db, name, day),
    ),
    "again": Order(
        "Gửi lại", "grave", "Nhiều người trong số này có thể đã nhận tin: họ sẽ nhận hai lần. Trên máy dùng chung, một tin "
        "lặp lại dễ làm người khác để ý. Chỉ gửi lại khi biết chắc tin chưa tới, ví dụ nền tảng đã báo sự cố.",
        "Đã xếp hàng để gửi lại.", lambda db, site, name, day, now: orders.send_again(db, name, day, now),
        "Tôi hiểu có người sẽ nhận hai lần",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one campaign, on all channels."""

    name: str
    title: str
    day: date
    channels: tuple[Progress, ...]

    @property
    def unknown(self) -> int:
        """How many messages nobody knows the end of."""
        return self.total("unknown")

    def total(self, end: str) -> int:
        """Return one count of `ENDS`, or "total", over the channels."""
        return sum(p.left if end == "left" else p.counts[end] for p in self.channels)


def overview(visit: Visit) -> Response:
    """Show today, what nobody knows the end of, and the week to come."""
    today = visit.now.date()
    if problem := seasons.problem():
        return visit.page("campaigns", problem=problem)
    with reading(visit.site.people) as db:
        days = _days(db, visit.keeper, today - timedelta(days=UNKNOWN_DAYS))
        found = ahead.look(db, visit, WEEK)
        why = _why(db, visit, days)
        held = {s.name for s in seasons.seasons() if _held(db, visit, s)}
    now = [d for d in days if d.day == today or d.total("left")]
    return visit.page(
        "campaigns", problem="", today=now, why=why, ends=ENDS, channels=CHANNELS,
        unknown=[d for d in days if d.unknown], week=ahead.coming(found, _dropped(days), today, WEEK), state=_states(found),
        warnings=ahead.warnings(found), known=_known(visit.keeper), held=held, reaches=bool(visit.site.paces), acts=_acts(visit),
    )  # fmt: skip


def one(visit: Visit) -> Response:
    """Show one campaign: how it stands, its calendar, and what may be told it."""
    about, today = _mine(visit), visit.now.date()
    season = about if isinstance(about, Season) else None
    first = today
    while season and not season.covers(first):
        first += timedelta(days=1)
    with reading(visit.site.people) as db:
        days = _days(db, visit.keeper, today - timedelta(days=UNKNOWN_DAYS), about.name)
        found = ahead.look(db, visit, (first - today).days + AHEAD if season else 1)
        held = _held(db, visit, about)
        why = _why(db, visit, days)
    calendar = ahead.coming(found, _dropped(days), first, AHEAD) if season else []
    return visit.page(
        "campaign", about=about, season=season, now=[d for d in days if d.day == today],
        ahead=[c for c in calendar if season and season.covers(c.day)], state=_states(found),
        past=[d for d in days if d.day < today][:BACK], unknown=[d for d in days if d.unknown], why=why, ends=ENDS,
        channels=CHANNELS, warnings=ahead.warnings(found) if season else [], acts=_acts(visit), orders=ORDERS,
        topics=seasons.TOPICS, may=_may(visit, about, days, held, found), held=held, whom=_whom(about),
    )  # fmt: skip


def ask(visit: Visit) -> Response:
    """Ask whether a campaign shall really be told this."""
    return _ask(visit)


def tell(visit: Visit) -> Response:
    """Tell a campaign to hold, to go on, to leave out a day, or what becomes of what nobody knows the end of."""
    about, order, day = _order(visit)
    if order.grave and visit.form.get("sure") != "y":
        return _ask(visit, "Đánh dấu ô này nếu vẫn muốn gửi lại.", 400)
    if visit.path["do"] == "cancel" and day == visit.now.date():
        with reading(visit.site.people) as db:
            now = [d for d in _days(db, visit.keeper, day, about.name) if d.day == day]
            if _all_sent(now, ahead.look(db, visit, 1)):
                raise Refused("Tin của ngày này đã gửi hết, không còn gì để hủy.")
    action = f"campaign_{visit.path['do']}"
    note(visit.db, visit.keeper, action, "campaign", f"{about.name} {day:%d/%m/%Y}", visit.now)
    with transaction(visit.site.people) as db:
        number = order.deed(db, visit.site, about.name, day, visit.now)
    if not number:
        raise Refused("Không còn gì để làm: đã quá giờ, đã xong, hoặc có người vừa làm rồi. Mở lại trang để xem.")
    many = f" {number} tin." if visit.path["do"] in ("count", "again") else ""
    return visit.redirect(f"/campaigns/{about.name}", f"{order.did}{many}")


def _ask(visit: Visit, wrong: str = "", status: int = 200) -> Response:
    about, order, day = _order(visit)
    with reading(visit.site.people) as db:
        found = [d for d in _days(db, visit.keeper, name=about.name) if d.day == day]
    return visit.page(
        "campaign_order", status, about=about, order=order, do=visit.path["do"], day=day, found=found, wrong=wrong,
        left=sum(d.total("left") for d in found), unknown=sum(d.unknown for d in found),
    )  # fmt: skip


def _order(visit: Visit) -> tuple[Season | Once, Order, date]:
    """Return what is told to which campaign of which day; raise `OutOfScope` for what this person may not tell."""
    about, order = _mine(visit), ORDERS.get(visit.path["do"])
    typed = str(visit.form.get("day", "")) or visit.query.get("day", "")
    try:
        day = date.fromisoformat(typed) if typed else visit.now.date()
    except ValueError:
        raise OutOfScope("Không có ngày này.") from None
    if order is None or not _acts(visit):
        raise OutOfScope("Không có trang này.")
    return about, order, day


def _mine(visit: Visit) -> Season | Once:
    """Return the campaign of this page; raise `OutOfScope` for one that is of another province, or is none."""
    found = next((one for one in _known(visit.keeper) if one.name == visit.path["name"]), None)
    if found is None:
        raise OutOfScope("Không có chiến dịch này.")
    return found


def _known(keeper: Keeper) -> list[Season | Once]:
    """Return the campaigns that this person may look at: those to everybody, and those to their own province."""
    if seasons.problem():
        return []
    told = (keeper.province, "")
    mine = [once for once in seasons.onces().values() if keeper.role == "admin" or _province(once) in told]
    return [*seasons.seasons(), *mine]


def _province(once: Once) -> str:
    """Return the province that a message goes to, or "" for one to everybody."""
    commune = load().commune(once.commune) if once.commune else None
    return commune.province.name if commune else once.province


def _acts(visit: Visit) -> bool:
    """Tell whether this person may stop what goes to everybody here: who administers, or supervises the house."""
    keeper, home = visit.keeper, visit.site.home
    return keeper.role == "admin" or (home != "" and keeper.province == home)


def _may(visit: Visit, about: Season | Once, days: Iterable[Day], held: bool, found: Ahead) -> list[str]:
    """Return what a campaign may be told now."""
    season = about if isinstance(about, Season) and visit.site.paces else None
    states = {p.state for d in days for p in d.channels}
    now = [d for d in days if d.day == visit.now.date()]
    today = {p.state for d in now for p in d.channels}
    begins = season is not None and season.covers(visit.now.date()) and not today
    can = {
        "pause": {"running", "fanning_out"} & states or (season and not held),
        "resume": held or "paused" in states,
        "cancel": begins or (today - {"cancelled", "done"} and not _all_sent(now, found)),
    }
    return [do for do, may in can.items() if may]


def _all_sent(now: Iterable[Day], found: Ahead) -> bool:
    """Tell whether nothing of a campaign's day is left to stop: every row has ended, and nobody's hour is to come."""
    channels = [p for d in now for p in d.channels]
    rest = found.name in {p.name for p in channels} and any(found.rest.values())
    planned = all(p.state != "fanning_out" or p.name == found.name for p in channels)
    return planned and not rest and all(p.left == 0 for p in channels) and any(p.counts["total"] for p in channels)


def _states(found: Ahead) -> Callable[[Progress], tuple[str, str]]:
    """Return the words and the colour of how one channel's day stands."""

    def state(p: Progress) -> tuple[str, str]:
        planned = p.state == "running" or (
            p.state == "fanning_out" and p.name == found.name and not found.rest.get(p.bot)
        )
        if planned and p.left == 0 and p.counts["total"]:
            return ("đã gửi hết", "good") if p.counts["sent"] == p.counts["total"] else BADGES["done"]
        if p.state == "cancelled" and p.counts["sent"]:
            return "đã hủy phần còn lại", "late"
        return BADGES[p.state]

    return state


def _dropped(days: Iterable[Day]) -> set[tuple[str, date]]:
    return {(d.name, d.day) for d in days if all(p.state == "cancelled" for p in d.channels)}


def _held(db: Connection, visit: Visit, about: Season | Once) -> bool:
    """Tell whether the days to come begin paused."""
    tomorrow = visit.now.date() + timedelta(days=1)
    return any(campaigns.stays_paused(db, about.name, tomorrow, bot) for bot in visit.site.paces)


def _days(db: Connection, keeper: Keeper, since: date | None = None, name: str = "") -> list[Day]:
    """Return the days of the campaigns that this person may look at, the newest first."""
    titles = {one.name: one.title for one in _known(keeper)}
    rows = [p for p in campaigns.progress(db, since, name) if p.name in titles or keeper.role == "admin"]
    rows.sort(key=lambda p: (-p.day.toordinal(), p.name, p.bot))
    grouped = groupby(rows, key=lambda p: (p.name, p.day))
    return [Day(key[0], titles.get(key[0], key[0]), key[1], tuple(found)) for key, found in grouped]


def _why(db: Connection, visit: Visit, days: Iterable[Day]) -> dict[str, str]:
    held = {p.bot: p.held_until for d in days for p in d.channels}
    return orders.waits(db, visit.site.paces, held, visit.now)


def _whom(about: Season | Once) -> str:
    """Return whom a campaign is for, in words."""
    if isinstance(about, Season):
        return "mọi người đã đăng ký, mỗi người vào giờ mình chọn"
    commune = load().commune(about.commune) if about.commune else None
    place = commune.full if commune else about.province
    who = "người trẻ đã đăng ký" if about.youth else "mọi người đã đăng ký"
    return f"{who} ở {place}" if place else who


_WHO = ("province", "admin")
ROUTES = (
    Route("GET", "/campaigns", overview, "campaigns", roles=_WHO, nav="Chiến dịch"),
    Route("GET", "/campaigns/{name}", one, "campaign", roles=_WHO),
    Route("GET", "/campaigns/{name}/{do}", ask, "campaign_ask", roles=_WHO),
    Route("POST", "/campaigns/{name}/{do}", tell, "campaign_tell", roles=_WHO),
)
