"""People and roles: who may look after whom, and what becomes of a session when somebody's role changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select, update

from bot.staff import codes, passwords, roster
from bot.staff.roster import Post
from bot.staff.visit import Site
from bot.store.engine import reading, transaction
from referral_directory.keeper import Keeper, OutOfScope, Refused
from referral_directory.keeping import audit, staff
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG, keeper
from tests.staff.conftest import NOW, Browser
from tests.staff.test_sign_in import sign_in


@dataclass
class Crew:
    """An administrator, a supervisor of Thanh Hóa, an officer of Cẩm Tân, one of Sóc Trăng."""

    site: Site
    boss: Keeper
    lan: Keeper
    mai: Keeper
    sa: Keeper


@pytest.fixture
def crew(site: Site) -> Crew:
    """Everybody has a password that nobody knows, and a second factor."""
    with transaction(site.directory) as db:
        made = Crew(
            site, keeper(db, "admin", province=""), keeper(db, "province"), keeper(db),
            keeper(db, commune=SOC_TRANG, province="Cần Thơ"),
        )  # fmt: skip
        db.execute(update(staff).values(password="x", totp=b"x"))
    return made


def row(site: Site, who: Keeper | str) -> object:
    """Return somebody's row."""
    with reading(site.directory) as db:
        by = staff.c.id == who.id if isinstance(who, Keeper) else staff.c.login == who
        return db.execute(select(staff).where(by)).one()


NEW = {"login": "hoa.camtan", "name": "Bùi Thị Hòa", "role": "commune", "place": "cam tan, thanh hoa"}


def test_a_new_account_gets_a_password_that_is_shown_once(crew: Crew) -> None:
    """It opens one page: the one where its owner chooses another; then the account is theirs alone."""
    browser = Browser(crew.site, crew.boss)
    browser.post("/people/new", NEW)
    (password,) = re.findall(r'<code class="big">([^<]+)</code>', browser.page.text)
    made = row(crew.site, "hoa.camtan")
    assert (made.commune, made.province, made.role) == (CAM_TAN, "Thanh Hóa", "commune")
    assert password not in browser.get(f"/people/{made.id}").text
    hoa = Browser(crew.site)
    assert sign_in(hoa, "hoa.camtan", password) == 303
    hoa.follow()
    assert hoa.page.headers["location"] == "/staff/password"
    hoa.follow()
    assert "Chọn mật khẩu của bạn" in hoa.words
    own = "sáu cái nón lá treo hiên"
    assert hoa.post("/password", {"new": own, "again": own}).status_code == 303
    assert hoa.follow().status_code == 200
    assert sign_in(Browser(crew.site), "hoa.camtan", password) == 400
    assert sign_in(Browser(crew.site), "hoa.camtan", own) == 303


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"login": "hoa cẩm tân"}, "không dấu"), ({"login": ""}, "Đặt tên đăng nhập"), ({"name": " "}, "Ghi họ và tên"),
        ({"place": "Atlantis"}, "Chưa tìm ra"), ({"place": ""}, "Chưa tìm ra"), ({"place": "tân an"}, "Chọn một nơi"),
        ({"role": "root"}, "Chọn một mục"), ({"name": "x" * 121}, "Không quá 120"), ({"login": "trùng.tên"}, "không dấu"),
    ],
)  # fmt: skip
def test_what_is_missing_or_unclear_is_told(crew: Crew, wrong: dict[str, str], words: str) -> None:
    """What was typed stays, and nothing is made."""
    browser = Browser(crew.site, crew.boss)
    assert browser.post("/people/new", {**NEW, **wrong}).status_code == 400
    assert words in browser.words
    with reading(crew.site.directory) as db:
        assert len(db.execute(select(staff.c.id).where(staff.c.id != roster.MACHINE)).all()) == 4


def test_a_login_belongs_to_one_person(crew: Crew) -> None:
    """In whatever case it is typed."""
    browser = Browser(crew.site, crew.boss)
    assert browser.post("/people/new", NEW).status_code == 200
    assert browser.post("/people/new", {**NEW, "name": "Bùi Thị Hoài", "login": "HOA.Camtan"}).status_code == 400
    assert "đã có người dùng" in browser.words


def test_a_password_read_out_over_the_phone_opens(crew: Crew) -> None:
    """Capitals, spaces for hyphens, a blank at the end: the same one-time password; another one does not open."""
    browser = Browser(crew.site, crew.boss)
    browser.post("/people/new", NEW)
    (password,) = re.findall(r'<code class="big">([^<]+)</code>', browser.page.text)
    assert sign_in(Browser(crew.site), "hoa.camtan", password.replace("-", "")[:-1] + "0") == 400
    assert sign_in(Browser(crew.site), "hoa.camtan", password.upper().replace("-", " ") + " ") == 303


def test_a_second_tap_shows_the_one_time_password_again(crew: Crew) -> None:
    """To the same person in the same session, for a minute; one account is made, and its password is the one shown."""
    browser = Browser(crew.site, crew.boss)
    seen = [re.findall(r'class="big">([^<]+)<', browser.post("/people/new", NEW).text) for _ in range(2)]
    assert seen[0] == seen[1] != []
    assert sign_in(Browser(crew.site), "hoa.camtan", seen[0][0]) == 303
    assert Browser(crew.site, crew.boss).post("/people/new", NEW).status_code == 400


def test_a_name_that_several_places_have_is_chosen_from_a_list(crew: Crew) -> None:
    """The second form carries the choice."""
    browser = Browser(crew.site, crew.boss)
    browser.post("/people/new", {**NEW, "place": "tân an"})
    choices = re.findall(r'name="pick" type="radio" value="([^"]+)"', browser.page.text)
    assert "Xã Tân An, Nghệ An" in choices
    browser.post("/people/new", {**NEW, "place": "tân an", "pick": "Xã Tân An, Nghệ An"})
    assert row(crew.site, "hoa.camtan").province == "Nghệ An"


def test_a_province_typed_for_an_officer_is_asked_back(crew: Crew) -> None:
    """ "Thanh Hóa" with the role of a commune: perhaps the supervisor was meant; nothing is made."""
    browser = Browser(crew.site, crew.boss)
    assert browser.post("/people/new", {**NEW, "place": "Tỉnh Thanh Hóa"}).status_code == 400
    assert "Bạn muốn chọn vai trò Phụ trách tỉnh, thành phố?" in browser.words
    assert browser.post("/people/new", {**NEW, "role": "province", "place": "Thanh Hóa"}).status_code == 200


def test_the_address_of_the_site_stands_beside_the_password(crew: Crew) -> None:
    """Who gets the password is told where to type it, where the site has a name."""
    site = replace(crew.site, hosts=("tincay.example.vn",))
    browser = Browser(site, crew.boss)
    browser.post("/people/new", NEW)
    assert "tincay.example.vn/staff" in browser.words
    browser.post(f"/people/{row(site, 'hoa.camtan').id}/password")
    assert "tincay.example.vn/staff" in browser.words


def test_a_supervisor_leaves_the_province_out(crew: Crew) -> None:
    """Their own is meant; another one's commune is refused."""
    browser = Browser(crew.site, crew.lan)
    browser.post("/people/new", {**NEW, "place": "cẩm tân"})
    assert row(crew.site, "hoa.camtan").commune == CAM_TAN
    assert (
        browser.post("/people/new", {**NEW, "login": "khac", "place": "phường Sóc Trăng, Cần Thơ"}).status_code == 400
    )
    assert "không thuộc Thanh Hóa" in browser.words


@pytest.mark.parametrize("role", ["province", "admin"])
def test_a_supervisor_makes_nobody_more_than_commune_staff(crew: Crew, role: str) -> None:
    """Not in a new account, not in an old one, whatever the form holds."""
    browser = Browser(crew.site, crew.lan)
    browser.post("/people/new", {**NEW, "role": role})
    browser.post(f"/people/{crew.mai.id}", {"name": "Lò Thị Mai", "role": role, "place": "Thanh Hóa"})
    with reading(crew.site.directory) as db:
        found = db.execute(select(staff.c.id).where(staff.c.role != "commune", staff.c.id != roster.MACHINE)).scalars()
        assert set(found) == {crew.boss.id, crew.lan.id}
    with transaction(crew.site.directory) as db, pytest.raises(Refused):
        roster.create(db, crew.lan, "ke.gian", "Kẻ Gian", Post(role, 0, "Thanh Hóa"), NOW)
    with transaction(crew.site.directory) as db, pytest.raises(Refused):
        roster.change(db, crew.lan, crew.mai.id, "Lò Thị Mai", Post(role, 0, "Thanh Hóa"), NOW)


def test_a_supervisor_sees_the_commune_staff_of_the_province(crew: Crew) -> None:
    """Not themselves, not other supervisors, not administrators, not other provinces."""
    browser = Browser(crew.site, crew.lan)
    listed = set(re.findall(r'href="/staff/people/([0-9a-f-]{36})"', browser.get("/people").text))
    assert listed == {crew.mai.id}
    for other in (crew.boss, crew.lan, crew.sa):
        for path in ("", "/password", "/code", "/close"):
            assert browser.post(f"/people/{other.id}{path}", {"name": "x"}).status_code == 404
    everybody = Browser(crew.site, crew.boss).get("/people").text
    assert set(re.findall(r'href="/staff/people/([0-9a-f-]{36})"', everybody)) == {
        crew.boss.id, crew.lan.id, crew.mai.id, crew.sa.id
    }  # fmt: skip


def test_a_new_role_or_place_ends_the_sessions_of_before(crew: Crew) -> None:
    """Who was moved signs in anew, and is from then on what the database says; a new name alone ends nothing."""
    mai, boss = Browser(crew.site, crew.mai), Browser(crew.site, crew.boss)
    boss.post(f"/people/{crew.mai.id}", {"name": "Lò Thị Mai Anh", "role": "commune", "place": "Cẩm Tân, Thanh Hóa"})
    assert "Lò Thị Mai Anh" in mai.get("/account").text
    boss.post(f"/people/{crew.mai.id}", {"name": "Lò Thị Mai Anh", "role": "province", "place": "Thanh Hóa"})
    assert mai.get("/account").status_code == 303
    assert row(crew.site, crew.mai).role == "province"


def test_who_is_deactivated_is_out_at_once(crew: Crew) -> None:
    """The next click leads to the sign-in page; the second factor is gone with the account; opened again, it is anew."""
    mai, lan = Browser(crew.site, crew.mai), Browser(crew.site, crew.lan)
    assert mai.get("/account").status_code == 200
    lan.post(f"/people/{crew.mai.id}/close")
    assert mai.get("/account").status_code == 303
    closed = row(crew.site, crew.mai)
    assert (closed.active, closed.password, closed.totp) == (False, "", None)
    lan.post(f"/people/{crew.mai.id}/password")
    again = row(crew.site, crew.mai)
    assert (again.active, again.new_password) == (True, True)


def test_a_forgotten_password_and_a_lost_phone(crew: Crew) -> None:
    """A one-time password; the second factor off; each ends all sessions, and what was counted against the name."""
    mai, lan = Browser(crew.site, crew.mai), Browser(crew.site, crew.lan)
    lan.post(f"/people/{crew.mai.id}/code")
    assert mai.get("/account").status_code == 303
    assert row(crew.site, crew.mai).totp is None
    lan.post(f"/people/{crew.mai.id}/password")
    (password,) = re.findall(r'<code class="big">([^<]+)</code>', lan.page.text)
    assert passwords.is_right(row(crew.site, crew.mai).password, password)
    assert sign_in(Browser(crew.site), crew.mai.id, password) == 303


def test_nobody_changes_or_removes_themselves(crew: Crew) -> None:
    """Not the role, not the account, not past the questions of one's own account page."""
    boss = Browser(crew.site, crew.boss)
    boss.post(f"/people/{crew.boss.id}", {"name": "Tên Mới", "role": "commune", "place": "Cẩm Tân, Thanh Hóa"})
    assert (row(crew.site, crew.boss).role, row(crew.site, crew.boss).name) == ("admin", "Tên Mới")
    for path in ("/close", "/password", "/code"):
        assert boss.post(f"/people/{crew.boss.id}{path}").status_code == 409
    assert row(crew.site, crew.boss).active
    with transaction(crew.site.directory) as db, pytest.raises(Refused):
        roster.change(db, crew.boss, crew.boss.id, "x", Post("province", 0, "Thanh Hóa"), NOW)


def test_the_last_administrator_stays(crew: Crew) -> None:
    """Two remove each other: the second one is refused, whatever the order."""
    with transaction(crew.site.directory) as db:
        other = keeper(db, "admin", province="")
        roster.deactivate(db, other, crew.boss.id, NOW)
    with transaction(crew.site.directory) as db, pytest.raises(Refused, match="cuối cùng"):
        roster.deactivate(db, crew.boss, other.id, NOW)
    with transaction(crew.site.directory) as db, pytest.raises(Refused, match="cuối cùng"):
        roster.change(db, crew.boss, other.id, "x", Post("province", 0, "Thanh Hóa"), NOW)


def test_the_machine_that_imports_is_nobody_s_to_change(crew: Crew) -> None:
    """It is in no list, has no page, and counts as no administrator."""
    with transaction(crew.site.directory) as db:
        machine = {"id": roster.MACHINE, "login": "tincay", "name": "Máy", "role": "admin", "created_at": 0.0}
        if not db.execute(select(staff.c.id).where(staff.c.id == roster.MACHINE)).first():
            db.execute(staff.insert().values(**machine))
        with pytest.raises(OutOfScope):
            roster.find(db, crew.boss, roster.MACHINE)
        with pytest.raises(Refused):
            roster.deactivate(db, crew.lan, crew.boss.id, NOW)
    assert roster.MACHINE not in Browser(crew.site, crew.boss).get("/people").text


def test_everything_about_people_is_written_down(crew: Crew) -> None:
    """Who did it, what, to whom; what was refused leaves no line."""
    boss = Browser(crew.site, crew.boss)
    boss.post("/people/new", NEW)
    hoa = row(crew.site, "hoa.camtan").id
    boss.post(f"/people/{hoa}", {"name": "Bùi Hòa", "role": "province", "place": "Thanh Hóa"})
    for path in ("/password", "/code", "/close", "/password"):
        boss.post(f"/people/{hoa}{path}")
    boss.post(f"/people/{crew.boss.id}/close")
    with reading(crew.site.directory) as db:
        rows = db.execute(select(audit.c.staff_id, audit.c.action, audit.c.entity_id).order_by(audit.c.id)).all()
    actions = ["create_staff", "change_staff", "reset_password", "reset_totp", "deactivate", "activate"]
    assert [tuple(r) for r in rows] == [(crew.boss.id, action, hoa) for action in actions]


def test_people_are_found_by_any_words_without_marks(crew: Crew) -> None:
    """Name, login, commune; signs of a search pattern are letters like others."""
    boss = Browser(crew.site, crew.boss)
    boss.post("/people/new", NEW)
    for asked, found in (("bui hoa", True), ("Hòa cẩm tân", True), ("hoa.cam", True), ("soc trang", False), ("%", False), ("_", False)):  # fmt: skip
        assert ("Bùi Thị Hòa" in boss.get("/people", params={"q": asked}).text) == found, asked
    for page in ("0", "-1", "9999999", "x", "١", "1e3", ""):
        assert boss.get("/people", params={"page": page}).status_code == 200


def test_names_are_words_and_nothing_else(crew: Crew) -> None:
    """A name that looks like a tag is shown as it was typed."""
    boss = Browser(crew.site, crew.boss)
    boss.post("/people/new", {**NEW, "name": "<b onclick=x>Hòa & 'Lan'</b>"})
    assert "<b onclick" not in boss.page.text
    assert "&lt;b onclick=x&gt;" in boss.get("/people").text


def test_recovery_codes_go_with_the_second_factor(crew: Crew) -> None:
    """None of an account's codes opens it after it was reset."""
    with transaction(crew.site.directory) as db:
        codes.renew(db, crew.mai.id)
    Browser(crew.site, crew.lan).post(f"/people/{crew.mai.id}/code")
    with reading(crew.site.directory) as db:
        assert codes.left(db, crew.mai.id) == 0


def test_who_is_alone_is_told_what_to_do_first(crew: Crew) -> None:
    """The first page of somebody without any colleague leads to the form for one; afterwards it does not."""
    with transaction(crew.site.directory) as db:
        hung = keeper(db, "province", province="Nghệ An")
        db.execute(update(staff).where(staff.c.id == hung.id).values(totp=b"x"))
    browser = Browser(crew.site, hung)
    assert "Thêm người đầu tiên" in browser.get("/").text
    browser.post("/people/new", {**NEW, "place": "Tân An"})
    assert "Thêm người đầu tiên" not in browser.get("/").text
    assert "Thêm người đầu tiên" not in Browser(crew.site, crew.mai).get("/").text
