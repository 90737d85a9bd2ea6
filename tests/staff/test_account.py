"""One's own account: a password that others do not guess, a second factor, signing out everywhere."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.staff import attempts, codes, passwords, roster, sessions
from bot.staff.visit import Site
from bot.store.engine import reading, transaction
from referral_directory.keeping import recovery_code, staff
from tests.staff.conftest import NOW, Browser
from tests.staff.test_sign_in import PASSWORD, SECRET, code_at, later, officer, sign_in

OWN = "sáu cái nón lá treo hiên"


def enrol(browser: Browser) -> str:
    """Set the second factor up as a person does; return the secret that the page showed."""
    (spelt,) = re.findall(r"Hoặc gõ khóa: <code>([A-Z2-7 ]+)</code>", browser.page.text)
    secret = spelt.replace(" ", "")
    (sealed,) = re.findall(r'name="sealed" value="([0-9a-f]+)"', browser.page.text)
    browser.post("/totp", {"sealed": sealed, "code": pyotp.TOTP(secret).at(NOW)})
    return secret


def test_the_page_shows_the_secret_in_three_ways(site: Site) -> None:
    """As a picture without any script or foreign image, as a link for the phone itself, in letters: the same secret."""
    lan = officer(site, "lan", "province")
    browser = Browser(site, lan)
    assert browser.get("/").headers["location"] == "/staff/totp"
    browser.follow()
    (address,) = re.findall(r'href="(otpauth://[^"]+)"', browser.page.text)
    told = parse_qs(urlsplit(unescape(address)).query)
    (path,) = re.findall(r'<path d="([^"]+)"', browser.page.text)
    size, drawn = codes.qr(unescape(address))
    assert path == drawn
    assert f'viewBox="-4 -4 {size + 8} {size + 8}"' in browser.page.text
    assert enrol(browser) == told["secret"][0]
    assert told["issuer"] == ["Tin Cậy"]
    assert browser.get("/").status_code == 200


def test_the_picture_holds_every_dark_square() -> None:
    """The runs of the path fill what the library calls dark, no more and no less."""
    import qrcode

    size, path = codes.qr("otpauth://totp/x?secret=ABC")
    filled = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+", path):
        filled |= {(int(x) + step, int(y)) for step in range(int(length))}
    made = qrcode.QRCode(error_correction=1, border=0)
    made.add_data("otpauth://totp/x?secret=ABC")
    made.make(fit=True)
    assert filled == {(x, y) for y, line in enumerate(made.get_matrix()) for x, dark in enumerate(line) if dark}
    assert size == len(made.get_matrix())


def test_recovery_codes_are_shown_once_and_kept_as_hashes(site: Site) -> None:
    """Ten different ones; the database holds none of them; the code that set the factor up signs nobody in again."""
    mai = officer(site)
    browser = Browser(site, mai)
    browser.get("/totp")
    secret = enrol(browser)
    shown = re.findall(r"<li><code>([^<]+)</code></li>", browser.page.text)
    assert len(set(shown)) == codes.RECOVERY_CODES
    with reading(site.directory) as db:
        kept = b"".join(db.execute(select(recovery_code.c.hash)).scalars())
        sealed = db.execute(select(staff.c.totp).where(staff.c.id == mai.id)).scalar_one()
    assert not any(code.replace("-", "").encode() in kept for code in shown)
    assert secret.encode() not in sealed
    other = Browser(site)
    sign_in(other)
    other.get("/code")
    assert other.post("/code", {"code": pyotp.TOTP(secret).at(NOW)}).status_code == 400
    assert other.post("/code", {"code": shown[3]}).status_code == 303


def test_a_wrong_code_shows_the_same_secret_again(site: Site) -> None:
    """Nothing is switched on, and the app that has scanned it still fits."""
    browser = Browser(site, officer(site))
    browser.get("/totp")
    (spelt,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", browser.page.text)
    (sealed,) = re.findall(r'name="sealed" value="([0-9a-f]+)"', browser.page.text)
    assert browser.post("/totp", {"sealed": sealed, "code": "000000"}).status_code == 400
    assert spelt in browser.page.text
    assert "Mã chưa đúng" in browser.words
    with reading(site.directory) as db:
        assert db.execute(select(staff.c.totp)).scalars().all() == [None]


@pytest.mark.parametrize("sealed", ["", "zz", "00" * 40, "ab"])
def test_an_invented_secret_is_refused(site: Site, sealed: str) -> None:
    """Only what the page sealed for this session counts."""
    browser = Browser(site, officer(site))
    browser.get("/totp")
    assert browser.post("/totp", {"sealed": sealed, "code": "000000"}).status_code == 409


def test_a_secret_of_another_session_is_refused(site: Site) -> None:
    """Nobody can hand somebody a secret that they know themselves."""
    mai = officer(site)
    theirs, mine = Browser(site, officer(site, "hoa")), Browser(site, mai)
    theirs.get("/totp")
    (sealed,) = re.findall(r'name="sealed" value="([0-9a-f]+)"', theirs.page.text)
    (spelt,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", theirs.page.text)
    mine.get("/totp")
    code = pyotp.TOTP(spelt.replace(" ", "")).at(NOW)
    assert mine.post("/totp", {"sealed": sealed, "code": code}).status_code == 409


def test_the_second_factor_changes_only_with_the_password(site: Site) -> None:
    """A session left open is not enough: another phone, new codes and switching off all ask again."""
    mai = officer(site, code=True)
    browser = Browser(site, mai)
    browser.get("/account")
    for path in ("/totp/again", "/totp/codes", "/totp/off"):
        assert browser.post(path, {"password": ""}).status_code == 400
    assert browser.get("/totp").headers["location"] == "/staff/account"
    browser.get("/account")
    for _ in range(attempts.CODE.amount):
        assert browser.post("/totp/codes", {"password": "không phải đâu nhé"}).status_code == 400
    assert browser.post("/totp/codes", {"password": PASSWORD}).status_code == 400
    assert re.search(r"Chờ \d+ phút", browser.words)
    site.attempts.code_succeeded(mai.id)
    browser = Browser(site, mai)
    assert browser.post("/totp/again", {"password": PASSWORD}).status_code == 200
    fresh = enrol(browser)
    with reading(site.directory) as db:
        assert codes.step_of(fresh, pyotp.TOTP(fresh).at(NOW), NOW)
        sealed = db.execute(select(staff.c.totp).where(staff.c.id == mai.id)).scalar_one()
    assert site.keys.open(sealed, f"totp:{mai.id}") == fresh != SECRET
    browser.get("/account")
    assert browser.post("/totp/off", {"password": PASSWORD}).status_code == 303
    with reading(site.directory) as db:
        assert db.execute(select(staff.c.totp).where(staff.c.id == mai.id)).scalar_one() is None


def test_a_role_that_needs_the_second_factor_cannot_switch_it_off(site: Site) -> None:
    """Supervisors and administrators may change phones, and nothing more."""
    browser = Browser(site, officer(site, "lan", "province", code=True))
    browser.get("/account")
    assert "Tắt" not in browser.words
    assert browser.post("/totp/off", {"password": PASSWORD}).status_code == 409


def change(browser: Browser, old: str, new: str, again: str | None = None) -> str:
    """Fill in the page for a new password; return what it says."""
    browser.get("/password")
    browser.post("/password", {"old": old, "new": new, "again": new if again is None else again})
    return browser.words


def test_a_new_password_ends_the_other_sessions_and_changes_the_token(site: Site) -> None:
    """Here one stays signed in, elsewhere not; the token of before opens nothing."""
    mai = officer(site)
    here, there = Browser(site, mai), Browser(site, mai)
    before = here.cookies["tincay-staff"]
    change(here, PASSWORD, OWN)
    assert here.page.headers["location"] == "/staff/"
    assert here.cookies["tincay-staff"] != before
    here.follow()
    assert "Đã đổi mật khẩu" in here.words
    assert "Đã đổi mật khẩu" not in here.get("/account").text
    assert there.get("/account").status_code == 303
    here.cookies.set("tincay-staff", before, domain="127.0.0.1", path="/")
    assert here.get("/account").status_code == 303
    assert sign_in(Browser(site), password=OWN) == 303
    assert sign_in(Browser(site), password=PASSWORD) == 400


def test_a_reset_stands_against_a_change_that_was_under_way(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator resets an account while whoever is in it changes the password: they are out, the reset stays."""
    if site.directory.dialect.name == "sqlite":
        pytest.skip("SQLite lets one write after the other")
    mai, boss = officer(site), officer(site, "boss", "admin")
    inside, given, judge = Browser(site, mai), [], passwords.weakness

    def meanwhile(*told: str) -> str:
        with transaction(site.directory) as db:
            given.append(roster.set_password_anew(db, boss, roster.find(db, boss, mai.id), NOW))
        return judge(*told)

    monkeypatch.setattr(passwords, "weakness", meanwhile)
    told = change(inside, PASSWORD, OWN)
    assert inside.page.status_code == 409
    assert "Mời bạn đăng nhập lại" in told
    assert inside.get("/account").headers["location"].startswith("/staff/sign-in")
    assert sign_in(Browser(site), password=OWN) == 400
    assert sign_in(Browser(site), password=given[0]) == 303


def test_a_session_that_was_ended_changes_no_password(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed out everywhere while a change was under way: nobody is let in again by it."""
    if site.directory.dialect.name == "sqlite":
        pytest.skip("SQLite lets one write after the other")
    mai, judge = officer(site), passwords.weakness
    inside = Browser(site, mai)

    def meanwhile(*told: str) -> str:
        with transaction(site.directory) as db:
            sessions.end_all(db, mai.id)
        return judge(*told)

    monkeypatch.setattr(passwords, "weakness", meanwhile)
    change(inside, PASSWORD, OWN)
    assert inside.page.status_code == 409
    assert sign_in(Browser(site), password=PASSWORD) == 303


def test_a_password_that_may_not_be_is_told_with_what_to_do(site: Site) -> None:
    """Wrong old one, too short, obvious, one's own name, typed differently, the same again."""
    browser = Browser(site, officer(site))
    assert "Mật khẩu chưa đúng" in change(browser, "không phải đâu", OWN)
    assert "ít nhất 10 ký tự" in change(browser, PASSWORD, "ngắn")
    assert "dễ đoán" in change(browser, PASSWORD, "MatKhau@2026")
    assert "tên của bạn" in change(browser, PASSWORD, "Lò Thị Mai 1")
    assert "chưa giống nhau" in change(browser, PASSWORD, OWN, OWN + " ")
    assert "Trùng" in change(browser, PASSWORD, PASSWORD)
    assert sign_in(Browser(site)) == 303


WEAK = [
    "1234567890", "0912345678", "01/01/1990 ", "aaaaaaaaaa", "abcabcabcabc", "qwertyuiop", "asdfghjkl123", "matkhau123",
    "Mật khẩu 2026", "password2026", "admin123456", "phunu2026phunu", "Tin Cậy 2026", "abcdefghij", "9876543210", "iloveyou123",
    "hội phụ nữ 1", "anhyeuem123", "canbo12345",
]  # fmt: skip


@pytest.mark.parametrize("password", WEAK)
def test_obvious_passwords_are_refused(password: str) -> None:
    """Those that are tried first, in capitals, with marks or with a year behind them."""
    assert "dễ đoán" in passwords.weakness(password) or "ít nhất" in passwords.weakness(password)


@pytest.mark.parametrize("password", [PASSWORD, OWN, "mưa rơi trên mái tôn", "Tr3n-do1-C0-hoa-S1m", "k7mp-x3qd-w9ra"])
def test_a_few_words_are_enough(password: str) -> None:
    """No demand for signs that phones hide."""
    assert passwords.weakness(password, "mai.camtan", "Lò Thị Mai") == ""


@given(st.text(max_size=200))
def test_any_text_is_judged_without_breaking(password: str) -> None:
    """Short ones are always refused; whatever is refused is told in a sentence."""
    told = passwords.weakness(password, "mai", password)
    assert told == "" or told.endswith(".")
    assert told or len(password) >= passwords.LEAST


@given(st.text(max_size=12), st.integers(0, 4_000_000_000))
def test_only_the_code_of_now_or_next_to_it_has_a_step(code: str, at: int) -> None:
    """Whatever is typed: a step is given only for the code that this step makes, half a minute around now."""
    now = NOW.fromtimestamp(at, NOW.tzinfo)
    for typed in (code, code_at(now)):
        step = codes.step_of(SECRET, typed, now)
        if step is not None:
            assert abs(step - at // 30) <= 1
            assert pyotp.TOTP(SECRET).generate_otp(step) == re.sub(r"\s", "", typed)
    assert codes.step_of(SECRET, code_at(now), now) is not None


def test_one_time_passwords_can_be_read_out(site: Site) -> None:
    """No letter that looks like another, no two the same, and good enough as they are."""
    made = {passwords.one_time() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"(?:[a-hjkmnp-z2-9]{4}-){2}[a-hjkmnp-z2-9]{4}", one) for one in made)


def test_signing_out_everywhere(site: Site) -> None:
    """On this device and on all others; the page before cannot be opened again."""
    mai = officer(site)
    here, there = Browser(site, mai), Browser(site, mai)
    here.get("/account")
    assert "ở 2 nơi" in here.words
    here.post("/sign-out-everywhere")
    assert here.get("/account").status_code == there.get("/account").status_code == 303
    assert "Đăng nhập" in here.follow().text


def test_what_is_told_once_is_told_to_this_session_alone(site: Site) -> None:
    """The words travel sealed: nobody can make a page say something, nor read it elsewhere."""
    mai = officer(site)
    browser = Browser(site, mai)
    change(browser, PASSWORD, OWN)
    sealed = browser.cookies["tincay-told"]
    assert "mật khẩu" not in sealed
    for cookie in (sealed, "Bạn trúng thưởng", "00" * 50, ""):
        other = Browser(site, officer(site, f"khac{len(cookie)}{cookie[:2]}"))
        other.cookies.set(
            "tincay-told", cookie.encode().hex() if "ạ" in cookie else cookie, domain="127.0.0.1", path="/"
        )
        page = other.get("/account")
        assert page.status_code == 200
        assert 'class="told"' not in page.text


def test_who_lost_a_right_loses_it_with_the_next_click(site: Site) -> None:
    """Role and place are read from the database at every request, never from the cookie."""
    lan = officer(site, "lan", "province", code=True)
    browser = Browser(site, lan)
    assert browser.get("/people").status_code == 200
    with transaction(site.directory) as db:
        db.execute(update(staff).where(staff.c.id == lan.id).values(role="commune", commune=15178))
    assert browser.get("/people").status_code == 404
    with transaction(site.directory) as db:
        db.execute(update(staff).where(staff.c.id == lan.id).values(active=False))
    assert browser.get("/account").status_code == 303


def test_a_session_is_seen_at_most_once_a_minute(site: Site) -> None:
    """Reading pages does not write at every click, and still keeps the session open."""
    from referral_directory.keeping import session

    browser = Browser(site, officer(site))
    seen = []
    for seconds in (0, 30, 70):
        browser.app = Browser(later(site, seconds=seconds)).app
        browser.get("/account")
        with reading(site.directory) as db:
            seen.append(db.execute(select(session.c.seen_at)).scalar_one())
    assert seen == [NOW.timestamp(), NOW.timestamp(), (NOW + timedelta(seconds=70)).timestamp()]
