"""`tincay callbacks`: who waits for a call; the words of one request for somebody named, after the audit; its end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot import app as whole
from bot.clock import VIETNAM
from bot.errors import TinCayError
from bot.settings import Settings
from bot.staff import roster
from bot.staff.desks import desk_of
from bot.store import callbacks
from bot.store.callbacks import CallBack, Desk
from bot.store.engine import empty_journal, reading, transaction
from referral_directory.keeper import Keeper, find_keeper, machine, note
from referral_directory.keeping import MACHINE, staff
from referral_directory.places import find_place, load


def report(settings: Settings, commune: str = "", done: int | None = None) -> list[str]:
    """Return one line an open request (number, time, commune), without a word of it; `done` deletes that one first."""
    app = whole.build(settings)
    whole.set_up_stores(app)
    code = _code(commune, settings.province) if commune else None
    lines = []
    if done is not None:
        _finish(app, done)
        lines.append(f"Đã xong số {done}, lời nhắn đã xóa. / Done, its words are deleted.")
    with reading(app.people) as db:
        waiting = callbacks.open_callbacks(db, app.machine.keys, code)
    return lines + ([_line(row) for row in waiting] or ["Không có lời nhờ gọi lại nào. / No open request."])


def _finish(app: whole.App, request: int) -> None:
    """Delete a request; the audit keeps that it was closed on this machine, and keeps it first."""
    with transaction(app.people) as people:
        commune = callbacks.finish_callback(people, request)
        if commune is None:
            raise TinCayError(f"Không có lời nhờ số {request}. / There is no open request {request}.")
        with transaction(app.directory) as directory:
            by = machine(directory, app.now())
            note(directory, by, "close_callback", "callback", str(request), app.now(), commune)
    empty_journal(app.people)


def read(settings: Settings, request: int, by: str) -> str:
    """Return the words of one request; that this member of staff (login) reads it is written down and kept before.

    They get what they may read on the site, and no more.
    """
    app = whole.build(settings)
    whole.set_up_stores(app)
    with transaction(app.directory) as directory, reading(app.people) as people:
        found = select(staff.c.id).where(staff.c.login == roster.login_of(by), staff.c.active, staff.c.id != MACHINE)
        keeper = find_keeper(directory, directory.execute(found).scalar() or "")
        if keeper is None:
            raise TinCayError(
                f"Không có cán bộ nào tên đăng nhập '{by}'. Ghi đúng tên sau --by. / There is no such login."
            )
        desk = _desk(keeper, app.machine.home)
        if desk is None or not callbacks.is_waiting(people, desk, request):
            raise TinCayError(f"{keeper.name} không phụ trách lời nhờ số {request}. / Not a request of theirs.")
        note(directory, keeper, "view_callback", "callback", str(request), app.now(), desk.commune or 0)
    with reading(app.people) as people:
        row = callbacks.read_callback(people, app.machine.keys, desk, request)
    if row is None:
        raise TinCayError(f"Không có lời nhờ số {request}. / There is no open request {request}.")
    return " ".join(row.words.split())


def _desk(keeper: Keeper, home: str) -> Desk | None:
    """Return whose requests somebody reads: as on the site. Where no province is set nobody reads those of no commune
    there; then the operator opens them here for a confirmed supervisor or administrator."""
    if not home and keeper.confirmed and keeper.role != "commune":
        return Desk(None)
    return desk_of(keeper, home)


def _line(row: CallBack) -> str:
    place = load().commune(row.commune) if row.commune else None
    where = place.full if place else "chưa rõ xã, phường"
    return f"{row.id}\t{_moment(row.at)}\t{where}"


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, VIETNAM):%d/%m/%Y %H:%M}"


def _code(name: str, home: str) -> int:
    place = find_place(name, expecting=True, near=home or None)
    if place is None or place.code is None:
        choices = "; ".join(place.choices) if place else ""
        raise TinCayError(
            f"Chưa rõ xã, phường nào: {choices or name}. Gõ kèm tên tỉnh. / Which commune? Add its province."
        )
    return place.code
