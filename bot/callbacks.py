"""`tincay callbacks`: what people asked staff to call back about; a request that is done is deleted."""

from __future__ import annotations

from datetime import datetime

from bot import app as whole
from bot.clock import VIETNAM
from bot.errors import TinCayError
from bot.settings import Settings
from bot.store import callbacks
from bot.store.callbacks import CallBack
from bot.store.engine import empty_journal, transaction
from referral_directory.places import find_place, load


def report(settings: Settings, commune: str = "", done: int | None = None) -> list[str]:
    """Return one line an open request (time, commune, the person's own words); `done` deletes that one first."""
    app = whole.build(settings)
    whole.set_up_stores(app)
    code = _code(commune, settings.province) if commune else None
    lines = []
    with transaction(app.people) as db:
        if done is not None:
            if not callbacks.finish_callback(db, done):
                raise TinCayError(f"Không có lời nhờ số {done}. / There is no open request {done}.")
            lines.append(f"Đã xong số {done}, lời nhắn đã xóa. / Done, its words are deleted.")
        waiting = callbacks.open_callbacks(db, app.machine.keys, code)
    if done is not None:
        empty_journal(app.people)
    return lines + ([_line(row) for row in waiting] or ["Không có lời nhờ gọi lại nào. / No open request."])


def _line(row: CallBack) -> str:
    place = load().commune(row.commune) if row.commune else None
    where = place.full if place else "chưa rõ xã, phường"
    words = " ".join(row.words.split())
    return f"{row.id}\t{_moment(row.at)}\t{where}\t{words}"


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
