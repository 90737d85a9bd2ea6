"""Who types "xóa" is gone before they read the answer: from every table of both databases, from the files, from what waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, LargeBinary, Table, insert, select

from bot import settings as configuration
from bot.messages import Incoming
from bot.store import replies
from bot.store.engine import transaction
from bot.store.schema import people
from referral_directory.models import directory
from tests.conftest import Bench, benched
from tests.delivery.conftest import start_campaign
from tests.delivery.conftest import store as store

OWN = [table for table in people.sorted_tables if "contact_id" in table.c or table.name == "contact"]
"""The tables that hold rows of a person."""


@pytest.fixture
def bench(store: Engine, settings: configuration.Settings) -> Iterator[Bench]:
    """The whole machine, its people on SQLite and on PostgreSQL."""
    url = store.url.render_as_string(hide_password=False)
    yield from benched(settings.model_copy(update={"people_url": url}))


def rows(bench: Bench, table: Table) -> list[tuple[object, ...]]:
    """Return all rows of a table."""
    engine = bench.app.directory if table.metadata is directory else bench.app.people
    with transaction(engine) as db:
        return [tuple(row) for row in db.execute(select(table))]


def live(bench: Bench, chat: str) -> None:
    """Do everything that leaves something: subscribe, tell, ask for a call, be part of a campaign."""
    for said in ("đăng ký 7h tối", "1", "kín đáo", "bị chồng đánh", "Cẩm Tân, Cẩm Thủy", "cho tôi gặp người thật"):
        bench.say(said, chat=chat)
    bench.say("số 0912345678, gọi 9 giờ sáng", chat=chat)
    bench.say(button="callback:yes", chat=chat)
    start_campaign(bench.app.people, bot="terminal")


def marks(bench: Bench) -> list[bytes]:
    """Return every value of the person's rows that nobody else has: sealed values and keyed hashes."""
    columns = [c for table in OWN for c in table.columns if isinstance(c.type, LargeBinary)]
    with transaction(bench.app.people) as db:
        found = [value for column in columns for value in db.execute(select(column)).scalars() if value]
    return [bytes(value) for value in found]


def files(store: Engine) -> bytes:
    """Return the raw bytes of the database with its journal; b"" where it is a server's."""
    if store.dialect.name != "sqlite" or store.url.database is None:
        return b""
    return b"\n".join(f.read_bytes() for f in sorted(Path(store.url.database).parent.glob("people.db*")))


def test_nothing_of_a_person_is_left(bench: Bench, store: Engine) -> None:
    """Each table had something of theirs; when the answer is there none has, and the files hold no trace of it."""
    live(bench, "chat-4711")
    assert [table.name for table in OWN if not rows(bench, table)] == []
    left = marks(bench)
    assert len(left) >= 4
    assert "Đã xóa hết" in bench.say("xóa", chat="chat-4711")
    assert [table.name for table in OWN if rows(bench, table)] == []
    held = files(store)
    assert [mark for mark in left if mark in held] == []


def test_the_screen_is_cleared_too(bench: Bench) -> None:
    """Where the platform deletes messages, those of both sides go; the last line stays."""
    bench.say("chào", chat="me", message_id="theirs")
    bench.say("xóa", chat="me", message_id="last")
    chat, ids = bench.wire.cleared[-1]
    assert chat == "me"
    assert sorted(ids) == ["1", "last", "theirs"]


def test_only_they_are_forgotten(bench: Bench) -> None:
    """Somebody else's conversation, subscription and request stay, and the directory is not touched."""
    live(bench, "other")
    before = {table.name: len(rows(bench, table)) for table in OWN}
    known = {table.name: rows(bench, table) for table in directory.sorted_tables}
    live(bench, "me")
    bench.say("xóa", chat="me")
    assert {table.name: len(rows(bench, table)) for table in OWN} == before
    assert {table.name: rows(bench, table) for table in directory.sorted_tables} == known


def test_the_counters_of_a_campaign_still_add_up(bench: Bench) -> None:
    """The message that waited for them is counted as cancelled."""
    live(bench, "me")
    bench.say("xóa", chat="me")
    (row,) = rows(bench, people.tables["campaign"])
    counted = dict(zip(people.tables["campaign"].c.keys(), row, strict=True))
    assert counted["total"] == sum(
        counted[end] for end in ("sent", "gone", "failed", "unknown", "cancelled", "expired")
    )


def test_what_waits_for_the_page_goes_too(bench: Bench) -> None:
    """A web page that had not fetched its answers finds one line only: that all is deleted."""
    page = bench.app.web
    bench.hear(Incoming("web", "w" * 30, "1", "bị chồng đánh"))
    bench.hear(Incoming("web", "w" * 30, "2", "xóa"))
    assert [m["text"].split(".")[0] for m in page.fetch("w" * 30, 0)] == ["Đã xóa hết"]


def test_an_answer_on_its_way_is_not_written_down_again(bench: Bench, store: Engine) -> None:
    """A row whose sending ends after the person was forgotten makes no new row."""
    bench.say("chào", chat="me")
    with transaction(store) as db:
        who = db.execute(select(people.tables["contact"].c.id)).scalar_one()
        late = {"contact_id": who, "state": "sending", "owner": "me", "due": 0.0, "created_at": 0.0}
        row = db.execute(insert(people.tables["delivery"]).returning(people.tables["delivery"].c.id), late).scalar_one()
    bench.say("xóa", chat="me")
    with transaction(store) as db:
        replies.settle(db, row, "me", "sent", b"77")
    assert [table.name for table in OWN if rows(bench, table)] == []
