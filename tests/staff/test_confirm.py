"""An account that one person alone gave opens nothing private before a second person has asked its owner."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from bot.staff import roster
from bot.staff.roster import Post
from bot.store.engine import reading, transaction
from referral_directory.desks import reader_of
from referral_directory.keeper import Keeper, Refused, find_keeper
from referral_directory.keeping import MACHINE, audit, staff
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG, keeper
from tests.staff.cast import Cast, entry, value_of
from tests.staff.cast import cast as cast
from tests.staff.conftest import Browser
from tests.staff.test_calls import asked
from tests.staff.test_sign_in import sign_in

OWN = "sáu cái nón lá treo hiên"


def row(cast: Cast, staff_id: str) -> Any:
    """Return an account."""
    with reading(cast.site.directory) as db:
        return db.execute(select(staff).where(staff.c.id == staff_id)).one()


def now_of(cast: Cast, staff_id: str) -> Keeper:
    """Return somebody as the database knows them now."""
    with reading(cast.site.directory) as db:
        found = find_keeper(db, staff_id)
    assert found
    return found


def seen(cast: Cast, staff_id: str) -> str:
    """Return what the form of a page opened now holds."""
    return roster.mark(row(cast, staff_id))


def confirm(cast: Cast, who: Keeper, staff_id: str) -> str:
    """Open the page of an account and confirm it; return the words of what is shown then."""
    cast.read(who, f"/people/{staff_id}")
    return cast.send(who, f"/people/{staff_id}/confirm", {"mark": value_of(cast.browser(who).page.text, "mark")})


def said_right(db: Connection, who: Keeper, staff_id: str, now: datetime) -> None:
    """Confirm an account as it is now."""
    found = roster.find(db, who, staff_id)
    roster.confirm(db, who, found, roster.mark(found), now)


def entered(cast: Cast, login: str, password: str) -> Browser:
    """Return a browser in which somebody signed in with a one-time password and chose another."""
    browser = Browser(cast.site)
    assert sign_in(browser, login, password) == 303
    browser.follow()
    browser.follow()
    assert browser.post("/password", {"new": OWN, "again": OWN}).status_code == 303
    browser.follow()
    return browser


def test_a_supervisor_who_signs_in_as_an_officer_reads_no_request(cast: Cast) -> None:
    """Lan resets Mai's code and password and enters under her name: no request and no hidden place opens to her."""
    one, hidden = asked(cast, CAM_TAN), cast.approved(entry(address="nhà chị Hà, thôn Phú Lai"))
    assert "nhà chị Hà" in cast.read(cast.mai, f"/entries/{hidden}")
    lan = cast.browser(cast.lan)
    lan.post(f"/people/{cast.mai.id}/code")
    (password,) = re.findall(r'class="big">([^<]+)<', lan.post(f"/people/{cast.mai.id}/password").text)
    assert "Người xác nhận được: Trần Văn Quản." in lan.words
    posing = entered(cast, cast.mai.id, password)
    assert posing.post(f"/callbacks/{one}/open").status_code == 404
    assert posing.get(f"/callbacks/{one}").status_code == 404
    assert "Lời nhờ số" not in posing.get("/callbacks").text
    assert "chờ một người thứ hai xác nhận" in posing.words
    assert "nhà chị Hà" not in posing.get(f"/entries/{hidden}").text
    assert lan.post(f"/people/{cast.mai.id}/confirm", {"mark": seen(cast, cast.mai.id)}).status_code == 409
    assert posing.post(f"/callbacks/{one}/open").status_code == 404
    assert "Lò Thị Mai" in cast.read(cast.boss, "/").partition("chờ bạn xác nhận")[2]
    assert "Đã xác nhận" in confirm(cast, cast.boss, cast.mai.id)
    assert posing.post(f"/callbacks/{one}/open").status_code == 303
    with reading(cast.site.directory) as db:
        about = select(audit.c.staff_id, audit.c.action).where(
            audit.c.entity_id == cast.mai.id, audit.c.entity == "staff"
        )
        found = [tuple(line) for line in db.execute(about.order_by(audit.c.id))]
    assert (cast.lan.id, "reset_password") in found
    assert found[-1] == (cast.boss.id, "confirm_staff")


@pytest.mark.parametrize("way", ["new", "moved", "opened again", "code"])
def test_every_way_to_give_an_account_waits_for_a_second_person(cast: Cast, way: str) -> None:
    """An invented officer, one moved in from elsewhere, a closed account, a code taken away: none reads at once."""
    with transaction(cast.site.directory) as db:
        who = keeper(db, commune=14758).id
        db.execute(update(staff).where(staff.c.id == who).values(password="x"))
        match way:
            case "new":
                who, _ = roster.create(db, cast.lan, "nguoi.bia", "Người Bịa", Post("commune", CAM_TAN, "Thanh Hóa"), cast.site.now())  # fmt: skip
            case "moved":
                roster.change(db, cast.lan, who, "X", Post("commune", CAM_TAN, "Thanh Hóa"), cast.site.now())
            case "opened again":
                roster.deactivate(db, cast.lan, who, cast.site.now())
                roster.set_password_anew(db, cast.lan, roster.find(db, cast.lan, who), cast.site.now())
            case _:
                roster.drop_code(db, cast.lan, roster.find(db, cast.lan, who), cast.site.now())
    assert not now_of(cast, who).confirmed
    with transaction(cast.site.directory) as db:
        db.execute(update(staff).where(staff.c.id == who).values(new_password=False))
        with pytest.raises(Refused, match="một người khác"):
            said_right(db, cast.lan, who, cast.site.now())
        said_right(db, cast.boss, who, cast.site.now())
    assert now_of(cast, who).confirmed


def test_the_database_keeps_the_two_persons(cast: Cast) -> None:
    """Past all functions: neither who gave it, nor its owner, nor the machine, nor before its owner chose a password."""
    mine = update(staff).where(staff.c.id == cast.mai.id)
    with transaction(cast.site.directory) as db:
        roster.set_password_anew(db, cast.lan, roster.find(db, cast.lan, cast.mai.id), cast.site.now())
        for wrong in (cast.lan.id, cast.mai.id, MACHINE, cast.boss.id):
            with pytest.raises(IntegrityError), db.begin_nested():
                db.execute(mine.values(confirmed_by=wrong, new_password=wrong == cast.boss.id))
        db.execute(mine.values(confirmed_by=cast.boss.id, new_password=False))
    assert now_of(cast, cast.mai.id).confirmed


def test_who_waits_confirms_nobody(cast: Cast) -> None:
    """An administrator who invents a supervisor is still one person."""
    with transaction(cast.site.directory) as db:
        now = cast.site.now()
        made, _ = roster.create(db, cast.boss, "gia.tinh", "Người Bịa", Post("province", 0, "Thanh Hóa"), now)
        roster.set_password_anew(db, cast.boss, roster.find(db, cast.boss, cast.mai.id), now)
        db.execute(update(staff).values(new_password=False))
        invented = find_keeper(db, made)
        assert invented
        with pytest.raises(Refused, match="còn chờ xác nhận"):
            said_right(db, invented, cast.mai.id, now)
        assert roster.seconds(db, cast.mai.id) == ["Nguyễn Thị Lan"]
        assert roster.to_confirm(db, invented, 9) == []
        assert [one.id for one in roster.to_confirm(db, cast.lan, 9)] == [cast.mai.id]


def test_one_administrator_with_an_invented_second_opens_nothing(cast: Cast) -> None:
    """A second administrator, made by the first and not confirmed, resets Mai: else the first would confirm it."""
    boss = cast.browser(cast.boss)
    made = boss.post("/people/new", {"login": "gia.tinh", "name": "Người Bịa", "role": "admin", "place": ""})
    assert made.status_code == 200
    with transaction(cast.site.directory) as db:
        own = update(staff).where(staff.c.login == "gia.tinh").values(new_password=False, totp=b"x")
        who = db.execute(own.returning(staff.c.id)).scalar_one()
    invented = Browser(cast.site, now_of(cast, who))
    invented.get("/people")
    assert "chưa cấp được tài khoản, mật khẩu hay nơi làm việc cho người khác" in invented.words
    assert "tincay staff reset gia.tinh" in invented.words
    assert "/people/new" not in invented.page.text
    kept = row(cast, cast.mai.id)
    moved = {"name": kept.name, "role": "commune", "place": "phường Sóc Trăng, Cần Thơ"}
    for path, data in (("/password", {}), ("/code", {}), ("", moved)):
        refused = invented.post(f"/people/{cast.mai.id}{path}", data)
        assert refused.status_code == 409
        assert "chờ một người thứ hai xác nhận" in invented.words
    new = {"login": "nguoi.bia", "name": "Ai Đó", "role": "commune", "place": "Cẩm Tân, Thanh Hóa"}
    assert invented.post("/people/new", new).status_code == 400
    assert row(cast, cast.mai.id) == kept
    assert (
        invented.post(f"/people/{cast.mai.id}", {**moved, "name": "Lò Mai", "place": "Cẩm Tân, Thanh Hóa"}).status_code
        == 303
    )


def test_one_administrator_and_one_officer_are_not_stuck(cast: Cast) -> None:
    """Nobody else can confirm: the page names the command, and what the command gives waits for nobody."""
    with transaction(cast.site.directory) as db:
        others = staff.c.id.in_((cast.lan.id, cast.hoa.id, cast.stranger.id))
        db.execute(update(staff).where(others).values(active=False))
    page = cast.send(cast.boss, f"/people/{cast.mai.id}/password")
    assert f"tincay staff reset {row(cast, cast.mai.id).login}" in page
    assert page.count("tincay staff reset") == 1
    assert "chỉ có một quản trị" in page
    assert "một quản trị thứ hai" in page
    with transaction(cast.site.directory) as db:
        db.execute(update(staff).where(staff.c.id == cast.mai.id).values(new_password=False))
    own = Browser(cast.site, now_of(cast, cast.mai.id))
    own.get("/callbacks")  # an officer is told whom to ask, not what to type
    assert "nhờ quản trị của cơ quan" in own.words
    assert "tincay staff" not in own.words
    with transaction(cast.site.directory) as db:
        roster.set_password_anew(db, None, roster.find(db, cast.boss, cast.mai.id), cast.site.now())
    assert now_of(cast, cast.mai.id).confirmed


@pytest.mark.parametrize("later", ["moved", "code", "password"])
def test_a_confirmation_covers_no_later_deed(cast: Cast, later: str) -> None:
    """Lan opens the page after one reset; the administrator does something more: Lan's tap confirms neither."""
    now, mai = cast.site.now(), cast.mai.id
    with transaction(cast.site.directory) as db:
        other = keeper(db, "admin", province="")
        roster.set_password_anew(db, other, roster.find(db, other, mai), now)
        db.execute(update(staff).where(staff.c.id == mai).values(new_password=False))
    cast.read(cast.lan, f"/people/{mai}")
    shown = value_of(cast.browser(cast.lan).page.text, "mark")
    with transaction(cast.site.directory) as db:
        found = roster.find(db, cast.boss, mai)
        match later:
            case "moved":
                roster.change(db, cast.boss, mai, "Lò Thị Mai", Post("commune", 14758, "Thanh Hóa"), now)
            case "code":
                roster.drop_code(db, cast.boss, found, now)
            case _:
                roster.set_password_anew(db, cast.boss, found, now)
                db.execute(update(staff).where(staff.c.id == mai).values(new_password=False))
    assert "vừa có thay đổi" in cast.send(cast.lan, f"/people/{mai}/confirm", {"mark": shown})
    assert "vừa có thay đổi" in cast.send(cast.lan, f"/people/{mai}/confirm")
    assert not now_of(cast, mai).confirmed
    assert "Đã xác nhận" in confirm(cast, cast.lan, mai)


def test_a_move_makes_no_second_person_of_who_gave_the_password(cast: Cast) -> None:
    """Lan has the password of an account; the administrator moves it: Lan is still who gave it."""
    with transaction(cast.site.directory) as db:
        now = cast.site.now()
        roster.set_password_anew(db, cast.lan, roster.find(db, cast.lan, cast.mai.id), now)
        roster.change(db, cast.boss, cast.mai.id, "Lò Thị Mai", Post("commune", 14758, "Thanh Hóa"), now)
        roster.drop_code(db, cast.boss, roster.find(db, cast.boss, cast.mai.id), now)
    assert row(cast, cast.mai.id).given_by == cast.lan.id


def test_a_second_tap_on_confirm_is_the_first(cast: Cast) -> None:
    """One line of the audit, no error."""
    with transaction(cast.site.directory) as db:
        roster.drop_code(db, cast.lan, roster.find(db, cast.lan, cast.mai.id), cast.site.now())
    shown = {"mark": seen(cast, cast.mai.id)}
    for _ in range(2):
        assert "Đã xác nhận" in cast.send(cast.boss, f"/people/{cast.mai.id}/confirm", shown)
    with reading(cast.site.directory) as db:
        assert len(db.execute(select(audit.c.id).where(audit.c.action == "confirm_staff")).all()) == 1


def test_nobody_is_promised_a_call_by_who_cannot_read(cast: Cast) -> None:
    """A commune whose only officer waits has no reader; the page of the province says so; the command line is the last way."""
    asked(cast, SOC_TRANG)
    sa = cast.stranger.id
    with transaction(cast.site.directory) as db:
        assert reader_of(db, SOC_TRANG, "") == "commune"
        roster.set_password_anew(db, cast.boss, roster.find(db, cast.boss, sa), cast.site.now())
        assert reader_of(db, SOC_TRANG, "") == ""
    assert "chưa có ai" in cast.read(cast.boss, "/callbacks")
    with transaction(cast.site.directory) as db:
        roster.set_password_anew(db, None, db.execute(select(staff).where(staff.c.id == sa)).one(), cast.site.now())
        assert reader_of(db, SOC_TRANG, "") == "commune"
    assert now_of(cast, sa).confirmed
