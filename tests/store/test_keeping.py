"""Keys can be changed and databases put back: nothing is lost, and nothing can be read without the keys."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Engine, LargeBinary, select

from bot import app as whole
from bot import backup, doctor
from bot import settings as configuration
from bot.doctor import BROKEN, LOOK, OK, examine
from bot.errors import SettingsError
from bot.staff import codes
from bot.store import keys as rings
from bot.store import rotation
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.schema import contact, conversation, people, seen, token
from bot.store.tokens import FOR_GOOD
from referral_directory.models import directory
from tests.conftest import Bench
from tests.delivery.conftest import store as store
from tests.referral_directory.conftest import keeper
from tests.whole.test_operator import tincay

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WORDS = "số 0912345678, gọi 9 giờ sáng"


def _told(bench: Bench) -> None:
    """Leave one of each: a contact, a state, a call-back."""
    bench.say("cho tôi gặp người thật")
    bench.say(WORDS)
    bench.say(button="callback:yes")


def _ring(name: str, other: str) -> Keys:
    made = {n: bytes(range(i, i + 32)) for n, i in (("k1", 1), ("k2", 77))}
    return Keys({name: made[name], other: made[other]} if other else {name: made[name]}, bytes(range(40, 72)))


def test_every_sealed_column_is_rotated() -> None:
    """Each column of both stores that holds bytes, but hashes, stands in a list, and the other way round."""
    for known, listed in ((people, rotation.SEALED), (directory, rotation.SEALED_BY_STAFF)):
        said = {
            column
            for table in known.sorted_tables
            for column in table.columns
            if isinstance(column.type, LargeBinary)
            and column.name not in ("lookup", "hash", "token", "mark", "safe_word")
        }
        assert said == {sealed.column for sealed in listed}


def test_after_a_rotation_the_old_key_is_not_needed(bench: Bench) -> None:
    """Everything is sealed anew, page by page, and a second run finds nothing to do."""
    _told(bench)
    old, both, new = _ring("k1", ""), _ring("k2", "k1"), _ring("k2", "")
    with transaction(bench.app.people) as db:
        for sealed in rotation.SEALED:
            for key, value in db.execute(select(sealed.key, sealed.column).where(sealed.column.is_not(None))).all():
                anew = old.seal(bench.app.keys.open(value, sealed.purpose(key)), sealed.purpose(key))
                db.execute(sealed.column.table.update().where(sealed.key == key).values({sealed.column.name: anew}))
    waiting = rotation.left(bench.app.people, both)
    assert waiting >= 3
    assert rotation.rotate(bench.app.people, both, lambda *_: None) == waiting
    assert rotation.left(bench.app.people, both) == 0
    assert rotation.rotate(bench.app.people, both, lambda *_: None) == 0
    with transaction(bench.app.people) as db:
        assert new.open(db.execute(select(contact.c.chat)).scalar_one(), "chat") == "a"
        assert new.open(db.execute(select(conversation.c.state)).scalar_one(), "state")["you"]


def test_the_second_factor_of_staff_outlives_a_rotation(bench: Bench) -> None:
    """Who signs in with a code still does when the old key is gone."""
    old, both, new = _ring("k1", ""), _ring("k2", "k1"), _ring("k2", "")
    with transaction(bench.app.directory) as db:
        mai = keeper(db)
        codes.set_up(db, old, mai.id, SECRET, 0)
    columns = rotation.SEALED_BY_STAFF
    assert rotation.left(bench.app.directory, both, columns) == 1
    assert rotation.rotate(bench.app.directory, both, lambda *_: None, columns) == 1
    assert rotation.left(bench.app.directory, both, columns) == 0
    now = bench.app.now()
    with transaction(bench.app.directory) as db:
        assert codes.accept(db, new, mai.id, pyotp.TOTP(SECRET).at(now), now)


def test_the_command_adds_a_key_and_drops_the_old_one(tmp_path: Path) -> None:
    """What was said before is still there afterwards, and the file holds one key and the look-up key."""
    settings = configuration.load(data_dir=tmp_path / "var", secret_keys="")
    whole.set_up_stores(whole.build(settings))
    before = (tmp_path / "var" / "keys").read_text()
    done = tincay(tmp_path, "keys", "rotate", "--drop")
    assert done.returncode == 0, done.stderr
    after = (tmp_path / "var" / "keys").read_text()
    assert after.split(",")[-1] == before.split(",")[-1]
    assert len(after.split(",")) == 2
    assert before.split(",")[0] not in after
    assert (tmp_path / "var" / "keys").stat().st_mode & 0o077 == 0


def test_keys_of_the_environment_are_changed_there(tmp_path: Path) -> None:
    """The command does not pretend to change what it cannot write."""
    made = ",".join(f"{n}:{base64.b64encode(bytes(range(i, i + 32))).decode()}" for n, i in (("k1", 1), ("lookup", 9)))
    done = tincay(tmp_path, "keys", "rotate", SECRET_KEYS=made)
    assert done.returncode == 2
    assert "TINCAY_SECRET_KEYS" in done.stderr


def test_a_backup_brings_everything_back(bench: Bench, tmp_path: Path) -> None:
    """The conversation goes on after a restore; what stood there is kept beside."""
    _told(bench)
    out = tmp_path / "a.bak"
    assert backup.write(bench.app.settings, out) > 10_000
    assert out.stat().st_mode & 0o077 == 0
    bench.say("xóa")
    bench.say(button="erase:yes")
    bench.app.people.dispose()
    backup.restore(bench.app.settings, out)
    with bench.app.people.connect() as db:
        assert bench.app.keys.open(db.execute(select(contact.c.chat)).scalar_one(), "chat") == "a"
    assert (bench.app.settings.data_dir / "people.db.before").exists()


@pytest.mark.parametrize("held", [False, True])
def test_what_stood_only_in_the_journal_is_kept_beside(bench: Bench, tmp_path: Path, held: bool) -> None:
    """A bot was killed: what its last minutes wrote is in the copy put aside, though somebody else still reads there."""
    _told(bench)
    out, killed = tmp_path / "a.bak", tmp_path / "killed"
    backup.write(bench.app.settings, out)
    with bench.app.people.connect() as db:  # open: closing it would bring the journal into the file
        bench.say("đăng ký 7h tối")
        marks = {mark for (mark,) in db.execute(select(seen.c.mark))}
        shutil.copytree(bench.app.settings.data_dir, killed)
    settings = bench.app.settings.model_copy(update={"data_dir": killed})
    with closing(sqlite3.connect(killed / "people.db")) as reader:
        if held:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM seen").fetchone() == (len(marks),)
        backup.restore(settings, out)
    with closing(sqlite3.connect(killed / "people.db.before")) as kept:
        assert {mark for (mark,) in kept.execute("SELECT mark FROM seen")} == marks
    backup.restore(settings, out)
    with closing(sqlite3.connect(killed / "people.db.before")) as kept:
        assert kept.execute("SELECT count(*) FROM seen").fetchone() == (len(marks) - 1,)


def test_a_backup_without_the_keys_says_nothing(bench: Bench, tmp_path: Path) -> None:
    """No name of a table, no word of the directory, and another ring cannot open it."""
    _told(bench)
    out = tmp_path / "a.bak"
    backup.write(bench.app.settings, out)
    raw = out.read_bytes()
    for word in (b"SQLite", b"contact", "Địa chỉ tin cậy".encode(), b"conversation"):
        assert word not in raw
    other = configuration.load(data_dir=tmp_path / "other", secret_keys="")
    with pytest.raises(SettingsError):
        backup.restore(other, out)
    assert not (tmp_path / "other" / "people.db").exists()


@pytest.mark.parametrize("change", ["cut", "swapped", "no backup", "longer", "flipped"])
def test_a_damaged_backup_changes_nothing(bench: Bench, tmp_path: Path, change: str) -> None:
    """Half a file is no backup: what stands there stays."""
    _told(bench)
    out = tmp_path / "a.bak"
    backup.write(bench.app.settings, out)
    raw = out.read_bytes()
    broken = {
        "cut": raw[: len(raw) // 2], "swapped": raw[:16] + raw[len(raw) // 2 :], "no backup": b"PK\3\4" + raw,
        "longer": raw + b"x", "flipped": raw[:2000] + bytes([raw[2000] ^ 1]) + raw[2001:],
    }  # fmt: skip
    out.write_bytes(broken[change])
    bench.app.people.dispose()
    before = (bench.app.settings.data_dir / "people.db").read_bytes()
    with pytest.raises(SettingsError):
        backup.restore(bench.app.settings, out)
    assert (bench.app.settings.data_dir / "people.db").read_bytes() == before


def test_the_doctor_says_what_to_mend(bench: Bench) -> None:
    """Nobody sends, the data is sample, there is no backup: each with what to do; after a backup that line is well."""
    found = {finding.what: finding for finding in examine(bench.app.settings, port=1)}
    assert found["có tiến trình đang gửi tin"].state == BROKEN
    assert "tincay up" in found["có tiến trình đang gửi tin"].mend
    assert "TINCAY_SAMPLE_DATA" in found["không có dữ liệu mẫu"].mend
    assert "tincay backup" in found["có bản sao lưu trong 7 ngày"].mend
    assert all(finding.mend for finding in found.values() if finding.state != OK)
    folder = bench.app.settings.data_dir / "backups"
    folder.mkdir()
    backup.write(bench.app.settings, folder / "a.bak")
    again = {finding.what: finding.state for finding in examine(bench.app.settings, port=1)}
    assert again["có bản sao lưu trong 7 ngày"] == OK


def test_the_doctor_says_that_the_library_has_lapsed(bench: Bench) -> None:
    """Facts past their review are answered with no more: broken, with what to do; before that day all is well."""
    what = "không mục nào của thư viện luật quá hạn"
    settings = bench.app.settings.model_copy(update={"now": "2027-01-02"})
    lapsed = next(f for f in examine(settings, port=1) if f.what == what)
    assert lapsed.state == BROKEN
    assert "tincay content check" in lapsed.mend
    assert "review_by" in lapsed.mend
    before = bench.app.settings.model_copy(update={"now": "2026-11-22"})
    assert next(f for f in examine(before, port=1) if f.what == what).state == OK


def test_the_data_folder_is_the_owners_alone(tmp_path: Path) -> None:
    """We make it so, whatever is above it; one that others can read is told by the doctor, with the mend."""
    folder = tmp_path / "srv" / "data"
    whole.build(configuration.load(data_dir=folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    found = {f.what: f for f in examine(configuration.load(data_dir=folder), port=1)}
    told = found["thư mục dữ liệu chỉ chủ máy đọc được"]
    assert (told.state, told.mend) == (LOOK, f"Chạy: chmod 700 {folder}")


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720, 0o702])
def test_a_data_folder_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever writes there could exchange the keys; it is said how to mend it."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 700"):
        whole.build(configuration.load(data_dir=folder))


@pytest.mark.parametrize("name", ["zalo_oa_api", "zalo_oa_oauth", "zalo_api", "telegram_api"])
def test_no_token_goes_to_a_far_machine_without_https(name: str) -> None:
    """The address of every platform is checked in the same way."""
    with pytest.raises(SettingsError, match="https"):
        configuration.load(**{name: "http://evil.example/x"})


@pytest.mark.parametrize(
    ("secret", "told", "state"),
    [
        ("x" * 9, {"ok": True, "result": {"url": "https://bot.example/webhooks/telegram"}}, OK),
        ("x" * 9, {"ok": True, "result": {"url": ""}}, BROKEN),
        ("x" * 9, {"ok": True, "result": {"url": "https://bot.example/webhooks/zalo"}}, BROKEN),
        ("x" * 9, {"ok": True, "result": {"url": "https://b/webhooks/telegram", "last_error_date": 4e9}}, LOOK),
        ("", {"ok": True, "result": {"url": ""}}, OK),
        ("", {"ok": True, "result": {"url": "https://bot.example/webhooks/telegram"}}, BROKEN),
        ("", {"ok": False, "error_code": 401}, BROKEN),
        ("", "no json of theirs", BROKEN),
    ],
)
def test_the_doctor_asks_the_platform_where_it_brings_messages(
    bench: Bench, secret: str, told: object, state: str
) -> None:
    """A webhook that leads elsewhere, one that fails, one that steals the messages of a bot that polls."""
    with answering(told) as (url, asked):
        changed = {"telegram_token": "1:geheim", "telegram_api": url, "telegram_webhook_secret": secret}
        found = [f for f in examine(bench.app.settings.model_copy(update=changed), port=1) if "Telegram" in f.what]
    assert [f.state for f in found] == [state]
    assert asked == ["/bot1:geheim/getWebhookInfo"]
    assert "geheim" not in found[0].mend


@pytest.mark.parametrize(
    ("until", "states"), [(None, [OK, LOOK, LOOK]), (0.0, [OK, OK, LOOK]), (FOR_GOOD, [BROKEN, OK, LOOK])]
)
def test_the_doctor_tells_of_an_official_account(bench: Bench, until: float | None, states: list[str]) -> None:
    """Never used, well, and stuck with a token that only a person can renew; without a name no webhook arrives."""
    if until is not None:
        with transaction(bench.app.people) as db:
            db.execute(
                token.insert().values(bot="zalo_oa", pair=b"", version=1, expires_at=0.0, refreshing_until=until)
            )
    given = dict.fromkeys(("app_secret", "secret", "access_token", "refresh_token"), "bi-mat-oa")
    changed = {"zalo_oa_app_id": "77"} | {f"zalo_oa_{name}": value for name, value in given.items()}
    app = whole.build(bench.app.settings.model_copy(update=changed))
    found = list(doctor._official_account(app))
    assert [f.state for f in found] == states
    assert all(f.mend for f in found if f.state != OK)


@pytest.mark.parametrize("fresh", [False, True])
def test_the_doctor_asks_for_backups_of_either_database(bench: Bench, store: Engine, fresh: bool) -> None:
    """No dump and no archive is told, with what to do; a dump of today in the folder of backups is well."""
    url = store.url.render_as_string(hide_password=False)
    folder = bench.app.settings.data_dir / "backups"
    if fresh:
        folder.mkdir()
        (folder / "people.dump").write_bytes(b"PGDMP")
    app = whole.build(bench.app.settings.model_copy(update={"people_url": url}))
    (found,) = doctor._backups(app)
    app.people.dispose()
    assert found.state == (OK if fresh else LOOK)
    assert fresh or ("pg_dump" if store.dialect.name == "postgresql" else "tincay backup") in found.mend


@contextmanager
def answering(told: object) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that gives this answer to everything: its address, and what was asked."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_a_rotation_that_was_cut_off_goes_on_where_it_stopped(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after two of seven people, while somebody writes: the second run does the rest, and all can be read."""
    monkeypatch.setattr(rotation, "PAGE", 2)
    for n in range(7):
        bench.say("bị chồng đánh", chat=f"người {n}")
    ring = Keys({"k9": bytes(range(100, 132)), "k1": bytes(range(32))}, bytes(range(1, 33)))

    def cut(_table: str, _number: int) -> None:
        raise KeyboardInterrupt

    before = rotation.left(bench.app.people, ring)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(bench.app.people, ring, cut)
    object.__setattr__(bench.app.machine, "keys", ring)  # the bot was started again with both keys, and is at work
    assert "Cẩm Tân" in bench.say("Cẩm Tân, Cẩm Thủy", chat="người 6")
    assert 0 < rotation.left(bench.app.people, ring) < before
    rotation.rotate(bench.app.people, ring, lambda *_: None)
    assert rotation.left(bench.app.people, ring) == 0
    alone = Keys({"k9": bytes(range(100, 132))}, bytes(range(1, 33)))
    with transaction(bench.app.people) as db:
        chats = {alone.open(sealed, "chat") for sealed in db.execute(select(contact.c.chat)).scalars()}
    assert chats == {f"người {n}" for n in range(7)}


def test_the_doctor_survives_a_broken_installation(tmp_path: Path) -> None:
    """Keys that others can read are named, not a traceback."""
    settings = configuration.load(data_dir=tmp_path / "var", secret_keys="")
    rings.load_keys("", tmp_path / "var")
    (tmp_path / "var" / "keys").chmod(0o644)
    (finding,) = examine(settings)
    assert finding.state == BROKEN
    assert "chmod 600" in finding.mend
