"""The first run makes one administrator; a lost password is mended at the machine, and nothing of it is logged."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from bot import app as whole
from bot import keepers
from bot.errors import TinCayError
from bot.nlu_server import free_port
from bot.settings import ROOT
from bot.staff import codes, passwords
from bot.store.engine import reading, transaction
from referral_directory.keeping import audit, staff
from tests.conftest import Bench
from tests.staff.test_sign_in import SECRET
from tests.whole.test_operator import tincay


def test_the_first_administrator_is_made_once(bench: Bench) -> None:
    """One account with a one-time password; the next start makes and prints nothing."""
    password = keepers.first_password(bench.app)
    assert password
    assert keepers.first_password(bench.app) is None
    with reading(bench.app.directory) as db:
        (row,) = db.execute(select(staff).where(staff.c.login == "admin")).all()
    assert passwords.is_right(row.password, password)
    assert (row.role, row.new_password, row.active) == ("admin", True, True)


def test_without_any_administrator_left_one_is_made_again(bench: Bench) -> None:
    """A database mended by hand can leave none: the next start opens a door, and the second factor of before is gone."""
    keepers.first_password(bench.app)
    with transaction(bench.app.directory) as db:
        (admin,) = db.execute(select(staff.c.id).where(staff.c.login == "admin")).scalars()
        codes.set_up(db, bench.app.keys, admin, SECRET, 0)
        db.execute(update(staff).where(staff.c.id == admin).values(active=False))
    assert keepers.first_password(bench.app)
    with reading(bench.app.directory) as db:
        row = db.execute(select(staff).where(staff.c.login == "admin")).one()
    assert (row.active, row.totp) == (True, None)


def test_a_lost_password_is_mended_at_the_machine(bench: Bench) -> None:
    """A one-time password; with the second factor only if asked; written down; an unknown login is told."""
    keepers.first_password(bench.app)
    with transaction(bench.app.directory) as db:
        (admin,) = db.execute(select(staff.c.id).where(staff.c.login == "admin")).scalars()
        codes.set_up(db, bench.app.keys, admin, SECRET, 0)
    first = keepers.reset_password(bench.app, " ADMIN ")
    with reading(bench.app.directory) as db:
        row = db.execute(select(staff).where(staff.c.login == "admin")).one()
    assert passwords.is_right(row.password, first)
    assert row.totp is not None
    keepers.reset_password(bench.app, "admin", code=True)
    with reading(bench.app.directory) as db:
        assert db.execute(select(staff.c.totp).where(staff.c.login == "admin")).scalar_one() is None
        actions = db.execute(select(audit.c.action).order_by(audit.c.id)).scalars().all()
    assert actions == ["create_staff", "reset_password", "reset_totp", "reset_password"]
    with pytest.raises(TinCayError, match="Không có cán bộ"):
        keepers.reset_password(bench.app, "khong.co")
    with pytest.raises(TinCayError):
        keepers.reset_password(bench.app, "tincay")  # nobody signs in as the machine that imports


def test_the_command_prints_one_password(tmp_path: Path) -> None:
    """On standard output, once; for a login that is not there, one sentence and the code 1."""
    assert tincay(tmp_path, "migrate").returncode == 0
    missing = tincay(tmp_path, "staff", "reset", "admin")
    assert missing.returncode == 1
    assert "Không có cán bộ nào" in missing.stderr


def test_a_first_start_prints_the_address_and_the_password_once(tmp_path: Path) -> None:
    """The whole program: what it prints opens the site; the second start prints no password, and no file holds it."""
    port = free_port()
    first = _start_until_served(tmp_path, port)
    (password,) = re.findall(r"mật khẩu dùng một lần \(chỉ hiện lần này\): (\S+)", first)
    assert f"http://127.0.0.1:{port}/staff/" in first
    assert "mật khẩu" not in _start_until_served(tmp_path, port)
    for file in (tmp_path / "var").rglob("*"):
        assert not file.is_file() or password.encode() not in file.read_bytes()


def test_behind_a_proxy_the_cookie_is_that_of_https(tmp_path: Path) -> None:
    """A proxy on this machine that speaks https to the world says so; a name that is not set opens nothing."""
    port = free_port()
    seen: list[httpx.Response] = []

    def ask() -> None:
        for host, more in (
            ("canbo.example.vn", {"X-Forwarded-Proto": "https"}),
            ("canbo.example.vn", {}),
            ("khac.vn", {}),
        ):
            seen.append(httpx.get(f"http://127.0.0.1:{port}/staff/sign-in", headers={"host": host, **more}, timeout=20))

    _start_until_served(tmp_path, port, ask)
    assert [answer.status_code for answer in seen] == [200, 403, 421]
    assert seen[0].headers["set-cookie"].startswith("__Host-tincay-form=")
    assert "X-Forwarded-Proto" in seen[1].text
    assert "set-cookie" not in seen[2].headers


def _start_until_served(folder: Path, port: int, then: Callable[[], None] = lambda: None) -> str:
    """Run `tincay up` until its sign-in page is served, and then do this; return what it told."""
    told = folder / "told.txt"
    environment = {"PATH": "", "PYTHONPATH": str(ROOT), "TINCAY_DATA_DIR": str(folder / "var")}
    environment |= {"TINCAY_NLU_URL": "http://127.0.0.1:9", "TINCAY_HOSTS": "canbo.example.vn"}
    with told.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "bot", "up", "--port", str(port)],
            cwd=folder,
            stdout=out,
            stderr=out,
            env=environment,
        )
    try:
        for _ in range(400):
            time.sleep(0.1)
            try:
                page = httpx.get(f"http://127.0.0.1:{port}/staff/", follow_redirects=True, timeout=10)
            except httpx.HTTPError:
                continue
            assert page.status_code == 200
            assert "Tên đăng nhập" in page.text
            then()
            break
        else:
            pytest.fail(told.read_text())
    finally:
        running.terminate()
        running.wait(20)
    return told.read_text()


def test_the_site_is_read_when_somebody_opens_it(bench: Bench) -> None:
    """A start does not wait for templates and forms; asked twice at once, the site is built once."""
    import asyncio

    async def both() -> list[object]:
        return list(await asyncio.gather(bench.app.staff.ready(), bench.app.staff.ready()))

    one, two = asyncio.run(both())
    assert one is two
    assert isinstance(bench.app, whole.App)
