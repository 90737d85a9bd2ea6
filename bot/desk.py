"""`tincay campaign …` and `tincay worker`: what staff and servers do with campaigns, from the command line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.campaign.names import ENDS, STATES
from bot.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.app import App
    from bot.store.campaigns import Progress

cli = typer.Typer(no_args_is_help=True, help="Chiến dịch: lịch, tiến độ, tạm dừng, hủy, thu hồi. / Campaigns.")

Json = Annotated[bool, typer.Option("--json", help="In JSON. / Print JSON.")]
Name = Annotated[str, typer.Argument(help="Tên chiến dịch, xem `tincay campaign list`. / Name of the campaign.")]
Day = Annotated[str, typer.Option("--day", help="Ngày, ví dụ 2026-11-25; trống: mọi ngày chưa xong. / Day.")]

Order = Callable[["Connection", str, list[str], datetime, date | None], int]
"""Pause, resume or cancel; return on how many channels and days."""


@cli.command("list")
def list_all(as_json: Json = False) -> None:
    """Các mùa và tin gửi một lần trong `content/campaigns`. / The campaigns of the content folder."""
    from content import seasons

    rows: list[dict[str, Any]] = [
        {"name": s.name, "kind": "daily", "title": s.title, "from": s.first, "to": s.last, "items": len(s.items)}
        for s in seasons.seasons()
    ] + [{"name": o.name, "kind": "once", "title": o.title} for o in seasons.onces().values()]
    if as_json:
        _json(rows)
        return
    for row in rows:
        when = f"{row['from']} → {row['to']}, {row['items']} mục" if row["kind"] == "daily" else "gửi một lần"
        typer.echo(f"{row['name']:<20} {when:<28} {row['title']}")


@cli.command("plan")
def forecast(
    days: Annotated[int, typer.Option(help="Số ngày tới. / Days ahead.", min=1, max=366)] = 31, as_json: Json = False
) -> None:
    """Dự báo: ai nhận được gì, kênh nào không đủ hạn mức. / Forecast of the coming days against each channel's quota."""
    from bot.campaign import plan
    from bot.clock import VIETNAM
    from bot.store import audience, pace
    from content import seasons

    app = _app()
    with _store(app) as db:
        people = audience.size(db)
        here = app.now().astimezone(VIETNAM)
        season = seasons.season_on(here.date())
        left = audience.waiting(
            db, season.name if season else "", here.replace(hour=0, minute=0, second=0, microsecond=0)
        )
        used = {bot: pace.used(db, bot, app.now()) for bot in app.machine.door.paces}
    found = plan.forecast(people, plan.limits_of(app.machine.door.paces, used), app.now(), days, left)
    if as_json:
        _json([plan.as_json(f) for f in found])
        return
    for line in plan.lines(found):
        typer.echo(line)


@cli.command()
def start(name: Name) -> None:
    """Gửi ngay một tin gửi một lần cho mọi người đã đăng ký. / Begin a message that is sent once."""
    from bot.campaign import fanout
    from bot.clock import is_quiet

    app = _app()
    bots = list(app.machine.door.paces)
    if not bots:
        raise _no_channel()
    with _store(app) as db:
        states = {fanout.start(db, name, bot, app.now()) for bot in bots}
    if "fanning_out" not in states and "running" not in states:
        told = ", ".join(sorted(STATES[state] for state in states))
        raise SettingsError(f"'{name}' của hôm nay {told}; một tin chỉ gửi một lần mỗi ngày.")
    later = " Bây giờ là giờ đêm: tin đi từ 6:30 sáng." if is_quiet(app.now()) else ""
    typer.echo(
        f"Đã lên lịch '{name}' trên {', '.join(bots)}; `tincay up` hoặc `tincay worker` đang chạy sẽ gửi.{later}"
    )


@cli.command()
def pause(name: Name, day: Day = "") -> None:
    """Tạm dừng, cả những ngày sau, cho đến khi `resume`. / Hold a campaign until it is resumed, the next days too."""
    from bot.campaign import orders

    _order(name, day, "tạm dừng", orders.pause)


@cli.command()
def resume(name: Name, day: Day = "") -> None:
    """Gửi tiếp sau khi tạm dừng. / Go on after a pause."""
    from bot.campaign import orders

    _order(name, day, "gửi tiếp", lambda db, name, _bots, _now, when: orders.resume(db, name, when))


@cli.command()
def cancel(name: Name, day: Day = "") -> None:
    """Hủy hẳn ngày này; hôm sau mùa lại chạy, muốn ngừng cả mùa thì `pause`. / End this day's campaign for good."""
    from bot.campaign import orders

    _order(name, day, "hủy", orders.cancel)


@cli.command()
def status(
    name: Annotated[str, typer.Argument(help="Trống: tất cả. / Empty: all.")] = "",
    days: Annotated[int, typer.Option(help="Mấy ngày gần đây. / Days back.", min=1, max=3660)] = 3,
    watch: Annotated[bool, typer.Option("--watch", help="Cập nhật đến khi gửi xong. / Until it is done.")] = False,
    as_json: Json = False,
) -> None:
    """Tiến độ và báo cáo đối soát: đã gửi, còn lại, không rõ, đã rời. / Progress and reconciliation."""
    from bot.campaign.orders import waits
    from bot.store import campaigns

    app = _app()
    since = app.now().date() - timedelta(days=days)
    while True:
        with _store(app) as db:
            if name:
                _check_name(db, name)
            found = campaigns.progress(db, since, name)
            why = waits(db, app.machine.door.paces, {p.bot: p.held_until for p in found}, app.now())
        if as_json:
            _json([_row(p) | {"waits": why[p.bot] if p.left else ""} for p in found])
        else:
            for line in _report(found, why) if found else ["Chưa có chiến dịch nào trong những ngày này."]:
                typer.echo(line)
        if not watch or all(p.left == 0 or p.state in ("paused", "cancelled", "done") for p in found):
            return
        time.sleep(2.0)


@cli.command("retract")
def take_back(name: Name, day: Annotated[str, typer.Option("--day", help="Ngày, ví dụ 2026-11-25. / Day.")]) -> None:
    """Xóa một tin gửi nhầm khỏi máy người nhận (Telegram, trong 48 giờ). / Delete a wrong message again."""
    from bot.campaign.retract import retract
    from bot.store import campaigns

    app = _app()
    when = _day(day)
    with _store(app) as db:
        _check_name(db, name)
        if not campaigns.is_known(db, name, when):
            raise SettingsError(f"'{name}' không gửi gì ngày {when:%d/%m/%Y}. Xem `tincay campaign status --days 30`.")

    async def work() -> dict[str, int]:
        try:
            return await retract(app.machine.door, app.keys, name, when)
        finally:
            await app.close()

    found = asyncio.run(work())
    with _store(app) as db:
        unknown = sum(p.counts["unknown"] for p in campaigns.progress(db, when, name) if p.day == when)
    doubt = f"; {unknown} tin không rõ đã tới hay chưa thì không thu hồi được" if unknown else ""
    typer.echo(f"Đã thu hồi {found['deleted']} tin; không thu hồi được {found['kept']}{doubt}.")


ALIVE_SECONDS = 10.0
"""How often a worker whose heart beats touches `worker.alive` in its folder, for whoever watches its container."""


def work() -> None:
    """Gửi tin cùng với `tincay up` (thêm tiến trình, thêm máy). / One worker more beside `tincay up`."""
    from bot import app as whole
    from content import seasons

    seasons.seasons()  # a broken file is told before anything runs
    app = _app()
    if not app.machine.door.paces:
        raise _no_channel()
    alive = app.settings.data_dir / "worker.alive"

    async def run() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with whole.sending(app):
            while not stopped.is_set():
                if app.machine.door.is_alive():
                    alive.touch()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), ALIVE_SECONDS)

    typer.echo("Đang gửi (Ctrl-C để dừng). / Sending.")
    asyncio.run(run())


def _order(name: str, day: str, told: str, order: Order) -> None:
    app = _app()
    when = _day(day) if day else None
    with _store(app) as db:
        _check_name(db, name)
        number = order(db, name, list(app.machine.door.paces), app.now(), when)
    if not number:
        raise SettingsError(f"Không có ngày nào của '{name}' để {told}. Xem `tincay campaign status`.")
    typer.echo(f"Đã {told} '{name}' ({number} kênh-ngày).")


def _check_name(db: Connection, name: str) -> None:
    """Raise `SettingsError` for a name that neither the store nor the content folder knows."""
    from bot.store import campaigns
    from content import seasons

    if not campaigns.is_known(db, name) and name not in (
        names := [*(s.name for s in seasons.seasons()), *seasons.onces()]
    ):
        raise SettingsError(f"Không có chiến dịch tên '{name}'. Có: {', '.join(names)}.")


def _report(found: Iterable[Progress], why: dict[str, str]) -> Iterable[str]:
    for p in found:
        row = _row(p)
        ends = ", ".join(f"{word} {row[end]}" for end, word in ENDS.items() if row[end])
        rest = ""
        if row["left"] and p.state in ("fanning_out", "running"):
            rest = f"; {why[p.bot] or _still(row['seconds_left'])}"
        odd = "" if p.left >= 0 else "  ← số không khớp, báo quản trị"
        head = f"{p.day:%d/%m/%Y} {p.name:<18} {p.bot:<9} {STATES[p.state]:<9}"
        yield f"{head} tổng {p.counts['total']}: {ends or '—'}{rest}{odd}"


def _still(seconds: float | None) -> str:
    if seconds is None:
        return "chưa có tiến trình nào gửi"
    return f"còn khoảng {seconds / 60:.0f} phút" if seconds >= 60 else "còn chưa đến một phút"


def _row(p: Progress) -> dict[str, Any]:
    seconds = p.seconds_left
    return {
        "name": p.name, "day": p.day.isoformat(), "channel": p.bot, "state": p.state, "policy": p.policy,
        "version": p.version, **p.counts, "left": p.left, "seconds_left": None if seconds is None else round(seconds, 1),
    }  # fmt: skip


def _app() -> App:
    from bot import app as whole
    from bot import settings as configuration

    app = whole.build(configuration.load())
    whole.set_up_stores(app)
    return app


def _store(app: App) -> AbstractContextManager[Connection]:
    from bot.store.engine import transaction

    return transaction(app.people)


def _no_channel() -> SettingsError:
    return SettingsError("Chưa có kênh nào gửi được. Đặt TINCAY_TELEGRAM_TOKEN hoặc TINCAY_ZALO_TOKEN.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"'{text}' không phải ngày; viết như 2026-11-25.") from None


def _json(rows: Any) -> None:
    typer.echo(json.dumps(rows, ensure_ascii=False))
