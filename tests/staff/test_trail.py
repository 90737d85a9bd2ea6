"""The audit: who did what and when, for those who answer for it, and without any word of a record."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from sqlalchemy import insert

import bot
from bot.staff.trail import ACTIONS
from bot.store.engine import transaction
from referral_directory.keeping import audit
from tests.referral_directory.conftest import trusted
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast
from tests.staff.test_calls import asked


def test_every_deed_of_the_code_has_words() -> None:
    """Nothing is written down that the page could not name in Vietnamese."""
    root = Path(bot.__file__).parents[1]
    written: set[str] = set()
    for file in (*root.glob("bot/**/*.py"), *root.glob("referral_directory/**/*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = getattr(call.func, "attr", getattr(call.func, "id", "")) if isinstance(call, ast.Call) else ""
            if isinstance(call, ast.Call) and name in ("note", "_note_all"):
                written |= {n.value for n in ast.walk(call.args[2]) if isinstance(n, ast.Constant)}
    assert {"propose", "approve", "view_callback", "sign_in"} <= written
    assert written <= set(ACTIONS), written - set(ACTIONS)


def test_who_did_what_when(cast: Cast) -> None:
    """The newest first, with names, place and a way to the record; filtered by deed and by day."""
    made = cast.proposed(cast.mai, trusted(address="nhà chị Hà"))
    cast.send(cast.hoa, f"/changes/{cast.change_of(made)}/approve")
    cast.send(cast.mai, f"/callbacks/{asked(cast, 15178)}/open")
    page = cast.read(cast.lan, "/audit")
    assert "Duyệt : Địa chỉ tin cậy thôn Phú Lai , Xã Cẩm Tân Bùi Thị Hòa, 14:00, 21/11/2026" in page
    assert page.index("Đọc lời nhờ gọi lại") < page.index("Duyệt :") < page.index("Viết thay đổi :")
    assert f'href="/staff/entries/{made}"' in cast.browser(cast.lan).page.text
    for secret in ("Quỳnhzeta", "nhà chị Hà", "0987 654 321", "0912 345 678"):
        assert secret not in cast.browser(cast.lan).page.text
    page = cast.read(cast.lan, "/audit?action=approve")
    assert "Viết thay đổi :" not in page
    assert "Không có việc nào như vậy" in cast.read(cast.lan, "/audit?day=2026-11-20")
    assert "Duyệt :" in cast.read(cast.lan, "/audit?day=2026-11-21")
    assert "Duyệt :" in cast.read(cast.lan, "/audit?day=khi+nao")


def test_a_supervisor_reads_the_province_alone(cast: Cast) -> None:
    """What was done in another province is the administrator's to read; officers have no such page."""
    cast.proposed(cast.stranger, trusted(name="Nơi khác", commune=cast.stranger.commune, province="Cần Thơ"))
    cast.proposed(cast.mai, trusted())
    assert "Nơi khác" not in cast.read(cast.lan, "/audit")
    assert "Thạch Thị Sa" not in cast.read(cast.lan, "/audit")
    assert "Nơi khác" in cast.read(cast.boss, "/audit")
    assert cast.browser(cast.mai).get("/audit").status_code == 404


def test_the_whole_audit_is_there_page_after_page(cast: Cast) -> None:
    """100 deeds on three pages under 15 KB, each once."""
    with transaction(cast.site.directory) as db:
        about = {"staff_id": cast.mai.id, "action": "verify", "entity": "callback", "commune": 15178}
        db.execute(insert(audit), [{**about, "at": float(n), "entity_id": str(n)} for n in range(1000, 1100)])
    path, seen = "/audit", []
    for _ in range(3):
        page = cast.read(cast.lan, path)
        assert len(cast.browser(cast.lan).page.content) < 15_000
        seen += re.findall(r"số (1\d{3})\b", page)
        following = re.search(r'rel="next" href="/staff([^"]+)"', cast.browser(cast.lan).page.text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert path == ""
    assert seen == [str(n) for n in range(1099, 999, -1)]


def test_the_second_factor_has_one_name() -> None:
    """The audit calls it as the account page does."""
    assert ACTIONS["set_totp"] == "Cài mã xác thực"
    assert not any("mã lần hai" in words for words in ACTIONS.values())
