"""What a thief of the disk, a reader of the logs, or the person who asks to be forgotten will find: nothing."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.conversation.state import Conversation
from bot.messages import Incoming, Outgoing
from bot.store.replies import Parcel
from bot.store.schema import people
from tests.conftest import Bench

WORDS = "Quỳnhzeta bị chồng nhốt, số 0912345678"
CHAT = "chat-4711-zulu"


def _held(folder: Path) -> bytes:
    return b"\n".join(f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file())


def _forms(word: str) -> list[bytes]:
    return [word.encode(), word.lower().encode(), word.encode("utf-16-le"), unicodedata.normalize("NFD", word).encode()]


def test_no_word_and_no_id_stays_on_disk_or_in_the_logs(
    bench: Bench, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """After a whole conversation with a call-back, neither words nor number nor chat id is anywhere."""
    for said in (WORDS, "Cẩm Tân, Cẩm Thủy", "cho tôi gặp người thật", f"gọi {WORDS}"):
        bench.say(said, chat=CHAT)
    bench.say(button="callback:yes", chat=CHAT)
    out = capfd.readouterr()
    everything = _held(tmp_path / "var") + (out.out + out.err).encode()
    for trace in ("Quỳnhzeta", "0912345678", CHAT):
        assert not any(form in everything for form in _forms(trace)), trace


def test_who_asks_to_be_forgotten_is_forgotten(bench: Bench, tmp_path: Path) -> None:
    """After "xóa" no row of any table belongs to the person, and their sealed rows are gone from the file."""
    bench.say("đăng ký 7h tối", chat=CHAT)
    bench.say("1", chat=CHAT)
    bench.say("bị chồng đánh", chat=CHAT)
    with bench.app.people.connect() as db:
        sealed = db.execute(text("SELECT chat FROM contact")).scalar_one()
    assert "Đã xóa hết" in bench.say("xóa", chat=CHAT)
    with bench.app.people.connect() as db:
        for table in people.sorted_tables:
            if "contact_id" in table.c or table.name == "contact":
                assert db.execute(table.select()).first() is None, table.name
    assert bytes(sealed) not in _held(tmp_path / "var")


def test_values_do_not_print_what_is_private() -> None:
    """A value in a traceback or a log shows no text and no id."""
    outgoing = Outgoing("Nơi giúp bí mật")
    shown = repr([
        Incoming("web", CHAT, "1", WORDS, button="place:1", location=(20.1, 105.2)),
        outgoing,
        Parcel(1, 1, "web", CHAT, outgoing, 0),
        Conversation(draft=WORDS),
    ])  # fmt: skip
    for trace in (CHAT, "Quỳnhzeta", "0912345678", "bí mật", "105.2"):
        assert trace not in shown
