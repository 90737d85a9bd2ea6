"""Staff can read a call-back request; nobody else can, and nothing of it stays once it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, select

from bot.callbacks import read, report
from bot.errors import TinCayError
from bot.store.engine import reading, transaction
from referral_directory.keeping import MACHINE, audit, staff
from referral_directory.places import load
from tests.conftest import Bench
from tests.referral_directory.conftest import keeper
from tests.whole.test_operator import tincay

WORDS = "số 0912345678, gọi 9 giờ sáng, cứ nói là Quỳnhzeta hỏi mua gạo"


def _asked(bench: Bench, chat: str, place: str) -> None:
    for said in ("cho tôi gặp người thật", WORDS):
        bench.say(said, chat=chat)
    bench.say(button="callback:yes", chat=chat)
    bench.say(place, chat=chat)


@contextmanager
def committing(order: list[str]) -> Iterator[None]:
    """Write down the files of the databases in the order in which they keep what was done to them."""

    def note(connection: Connection) -> None:
        if not connection.get_execution_options().get("reads"):
            order.append(Path(connection.engine.url.database or "").name)

    event.listen(Engine, "commit", note)
    try:
        yield
    finally:
        event.remove(Engine, "commit", note)


def _held(folder: Path) -> bytes:
    return b"\n".join(f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file())


def test_staff_read_the_open_requests_and_finish_them(bench: Bench, tmp_path: Path) -> None:
    """Time and commune are listed, the words read by one officer; on disk they are sealed, and gone when it is done."""
    _asked(bench, "a", "Cẩm Tân, Thanh Hóa")
    _asked(bench, "b", "bỏ qua")
    settings = bench.app.settings
    first, second = report(settings)
    number, moment, commune = first.split("\t")
    assert moment.startswith("21/11/2026")
    assert commune == "Xã Cẩm Tân, Thanh Hóa"
    assert "Quỳnhzeta" not in first + second
    with transaction(bench.app.directory) as db:
        officer = keeper(db)
    assert read(settings, int(number), officer.id) == WORDS
    assert "chưa rõ" in second
    assert [line.split("\t")[0] for line in report(settings, "Cẩm Tân, Thanh Hóa")] == [number]
    with bench.app.people.connect() as db:
        sealed = db.exec_driver_sql(f"SELECT words FROM callback_request WHERE id = {int(number)}").scalar_one()
    assert "Quỳnhzeta".encode() not in _held(tmp_path / "var")
    kept: list[str] = []
    with committing(kept):
        assert "Đã xong" in report(settings, done=int(number))[0]
    assert kept.index("directory.db") < kept.index("people.db", kept.index("directory.db"))
    with transaction(bench.app.directory) as db:
        last = db.execute(select(audit).order_by(audit.c.id.desc())).first()
    assert last is not None
    assert last.staff_id == MACHINE
    assert (last.action, last.entity_id, load().commune(last.commune).full) == ("close_callback", number, commune)  # type: ignore[union-attr]
    assert [line.split("\t")[0] for line in report(settings)] == [second.split("\t")[0]]
    with bench.app.people.connect() as db:
        db.exec_driver_sql("COMMIT")
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert bytes(sealed) not in _held(tmp_path / "var")


def test_no_words_without_a_name_in_the_audit(bench: Bench) -> None:
    """Whoever reads is written down; another commune, a supervisor for a commune's request, and nobody read nothing."""
    _asked(bench, "a", "Cẩm Tân, Thanh Hóa")
    _asked(bench, "b", "bỏ qua")
    settings = bench.app.settings
    placed, nowhere = (int(line.split("\t")[0]) for line in report(settings))
    with transaction(bench.app.directory) as db:
        mai, stranger, lan = keeper(db), keeper(db, commune=14758), keeper(db, "province")
    for who, request in (
        ("", placed),
        ("ai-do", placed),
        (MACHINE, nowhere),
        (stranger.id, placed),
        (lan.id, placed),
        (mai.id, nowhere),
    ):
        with pytest.raises(TinCayError) as told:
            read(settings, request, who)
        assert "Quỳnhzeta" not in str(told.value)
    views = select(audit.c.staff_id, audit.c.entity_id).where(audit.c.action == "view_callback").order_by(audit.c.id)
    with reading(bench.app.directory) as db:
        assert list(db.execute(views)) == []
    assert read(settings, placed, mai.id) == WORDS
    assert read(settings, nowhere, lan.id) == WORDS
    with reading(bench.app.directory) as db:
        assert list(db.execute(views)) == [(mai.id, str(placed)), (lan.id, str(nowhere))]


def test_the_command_reads_for_nobody_who_may_not_read_on_the_site(bench: Bench) -> None:
    """Another province's supervisor, an administrator, an account that waits: nothing, and no line of a view."""
    _asked(bench, "a", "Cẩm Tân, Thanh Hóa")
    _asked(bench, "b", "bỏ qua")
    at_home = bench.app.settings.model_copy(update={"province": "Thanh Hoa"})
    placed, nowhere = (int(line.split("\t")[0]) for line in report(at_home))
    with transaction(bench.app.directory) as db:
        mai, lan, boss = keeper(db), keeper(db, "province"), keeper(db, "admin", province="")
        elsewhere = keeper(db, "province", province="Cần Thơ")
        waits = [keeper(db), keeper(db, "province"), keeper(db, "admin", province="")]
        theirs = staff.c.id.in_([one.id for one in waits])
        db.execute(staff.update().where(theirs).values(given_by=boss.id))
    for who in (boss, elsewhere, *waits):
        for request in (placed, nowhere):
            with pytest.raises(TinCayError):
                read(at_home, request, who.id)
    for who in waits:  # where no province is set, the operator opens it for somebody confirmed alone
        with pytest.raises(TinCayError):
            read(bench.app.settings, nowhere, who.id)
    with reading(bench.app.directory) as db:
        assert db.execute(select(audit.c.id).where(audit.c.action == "view_callback")).all() == []
    assert read(at_home, placed, mai.id) == read(at_home, nowhere, lan.id) == WORDS
    assert read(bench.app.settings, nowhere, boss.id) == WORDS


def test_a_request_or_a_commune_that_is_not_there_is_told(bench: Bench) -> None:
    """A wrong number deletes nothing; a name that fits no commune is asked again."""
    assert report(bench.app.settings) == ["Không có lời nhờ gọi lại nào. / No open request."]
    with pytest.raises(TinCayError, match="7"):
        report(bench.app.settings, done=7)
    with pytest.raises(TinCayError, match="commune"):
        report(bench.app.settings, "Atlantis")


def test_no_hour_is_promised(bench: Bench) -> None:
    """Nobody can promise a call: the bot says so, and names 113."""
    bench.say("cho tôi gặp người thật")
    bench.say(WORDS)
    done = bench.say(button="callback:yes")
    assert "không ai hứa trước được giờ gọi" in done
    assert "113" in done


def test_the_command_runs(tmp_path: Path) -> None:
    """`tincay callbacks` on a fresh folder, and its help in both languages."""
    assert "No open request" in tincay(tmp_path, "callbacks").stdout
    assert "Lời nhờ gọi lại" in tincay(tmp_path, "callbacks", "--help").stdout
