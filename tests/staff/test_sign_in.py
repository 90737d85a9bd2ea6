"""Signing in: who may, who may not, for how long, and how often somebody may guess."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from bot.staff import attempts, codes, passwords, roster, sessions
from bot.staff.visit import Site
from bot.store.engine import reading, transaction
from referral_directory.keeper import Keeper
from referral_directory.keeping import audit, session, staff
from tests.referral_directory.conftest import keeper
from tests.staff.conftest import NOW, REAL, Browser

PASSWORD = "bốn chiếc ghế xanh"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Weaker than what the tests call today's."""


def officer(site: Site, login: str = "mai", role: str = "commune", code: bool = False) -> Keeper:
    """Return somebody who can sign in with `PASSWORD`, and with a code if asked."""
    with transaction(site.directory) as db:
        made = keeper(db, role)
        values = {"login": login, "password": WEAK.hash(PASSWORD)}
        db.execute(update(staff).where(staff.c.id == made.id).values(**values))
        if code:
            codes.set_up(db, site.keys, made.id, SECRET, 0)
    return replace(made, login=login)


def sign_in(browser: Browser, login: str = "mai", password: str = PASSWORD, path: str = "/sign-in") -> int:
    """Fill in the first page; return the status of the answer."""
    browser.get(path)
    return browser.post(path, {"login": login, "password": password}).status_code


def code_at(now: datetime, steps: int = 0) -> str:
    """Return what the app shows, so many half minutes later."""
    return pyotp.TOTP(SECRET).at(now + timedelta(seconds=30 * steps))


def later(site: Site, **span: float) -> Site:
    """Return the same site at a later moment."""
    return replace(site, now=lambda: NOW + timedelta(**span))


def test_the_right_password_opens_and_a_wrong_one_does_not(site: Site) -> None:
    """A login in any case; a wrong password, an unknown login and a closed account read the same."""
    mai = officer(site)
    browser = Browser(site)
    assert sign_in(browser, password="sai mật khẩu rồi") == 400
    wrong = browser.words
    assert sign_in(browser, login="khong.co") == 400
    assert browser.words == wrong
    assert sign_in(browser, login=" MAI ") == 303
    assert browser.follow().status_code == 200
    assert "Lò Thị Mai" in browser.words
    with transaction(site.directory) as db:
        db.execute(update(staff).where(staff.c.id == mai.id).values(active=False))
    assert sign_in(Browser(site)) == 400


def test_a_phone_that_sends_marks_apart_sends_the_same_password(site: Site) -> None:
    """ế may come as one character or as three."""
    officer(site)
    import unicodedata

    apart = unicodedata.normalize("NFD", PASSWORD)
    assert apart != PASSWORD
    assert sign_in(Browser(site), password=apart) == 303


def test_a_weakly_hashed_password_is_hashed_anew(site: Site) -> None:
    """After the sign-in the stored hash has today's parameters and still fits."""
    mai = officer(site)
    assert sign_in(Browser(site)) == 303
    with reading(site.directory) as db:
        stored = db.execute(select(staff.c.password).where(staff.c.id == mai.id)).scalar_one()
    assert not passwords.is_outdated(stored)
    assert passwords.is_right(stored, PASSWORD)


def test_passwords_are_costly_to_guess() -> None:
    """At least what OWASP asks of argon2id: 19 MB and two passes."""
    assert REAL.type.name == "ID"
    assert REAL.memory_cost >= 19_456
    assert REAL.time_cost >= 2


def test_an_unknown_login_costs_as_much_work(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell by the time which logins exist: each answer is one check against one full hash."""
    officer(site)
    checked: list[str] = []
    real = PasswordHasher.verify

    def counted(self: PasswordHasher, stored: str, password: str) -> bool:
        checked.append(stored)
        return real(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    sign_in(Browser(site), login="khong.co")
    sign_in(Browser(site), login="mai", password="x")
    assert len(checked) == 2
    assert not passwords.is_outdated(checked[0])


def test_a_session_of_before_does_not_become_the_session_of_after(site: Site) -> None:
    """Fixation: the token is new at every sign-in, the old one opens nothing, and an invented one is not taken over."""
    officer(site)
    browser = Browser(site)
    browser.cookies.set("tincay-staff", "planted-by-somebody-else-0123456789", domain="127.0.0.1", path="/")
    sign_in(browser)
    first = browser.cookies["tincay-staff"]
    assert "planted" not in first
    browser.cookies.set("tincay-staff", first, domain="127.0.0.1", path="/")
    with reading(site.directory) as db:
        kept = db.execute(select(session.c.token)).scalars().all()
    assert kept == [sessions.digest(first)]
    assert first.encode() not in kept[0]


def test_the_cookie_is_read_by_no_script_and_sent_by_no_other_site(site: Site) -> None:
    """Session cookie of the browser's life, HttpOnly, SameSite=Strict, for the whole host and no domain."""
    officer(site)
    browser = Browser(site)
    sign_in(browser)
    (cookie,) = [c for c in browser.page.headers.get_list("set-cookie") if c.startswith("tincay-staff=")]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "samesite=strict", "path=/"}


def test_the_second_factor_stands_before_everything(site: Site) -> None:
    """The password alone opens no page; the code gives another token."""
    officer(site, code=True)
    browser = Browser(site)
    sign_in(browser)
    assert browser.page.headers["location"] == "/staff/code"
    half = browser.cookies["tincay-staff"]
    for path in ("/", "/account", "/totp", "/password"):
        assert browser.get(path).headers["location"] == "/staff/code"
    browser.get("/code")
    assert browser.post("/code", {"code": code_at(NOW)}).status_code == 303
    assert browser.cookies["tincay-staff"] != half
    assert browser.get("/account").status_code == 200
    browser.cookies.set("tincay-staff", half, domain="127.0.0.1", path="/")
    assert browser.get("/account").status_code == 303


def test_a_code_counts_once(site: Site) -> None:
    """Seen over a shoulder, it opens nothing; nor does an older one; the next one does."""
    officer(site, code=True)
    for number, (at, code, status) in enumerate(
        [(0, code_at(NOW), 303), (5, code_at(NOW), 400), (5, code_at(NOW, -1), 400), (30, code_at(NOW, 1), 303)]
    ):
        browser = Browser(later(site, seconds=at))
        sign_in(browser)
        browser.get("/code")
        assert browser.post("/code", {"code": code}).status_code == status, number


def test_a_code_opens_nothing_after_a_reset(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the right password and the right code the account is reset: who gave both is not let in."""
    mai, boss, count = officer(site, code=True), officer(site, "boss", "admin"), attempts.Attempts.code
    browser = Browser(site)
    sign_in(browser)
    browser.get("/code")

    def meanwhile(self: attempts.Attempts, who: str) -> int:
        with transaction(site.directory) as db:
            roster.set_password_anew(db, boss, roster.find(db, boss, mai.id), NOW)
        return count(self, who)

    monkeypatch.setattr(attempts.Attempts, "code", meanwhile)
    browser.post("/code", {"code": code_at(NOW)})
    assert browser.page.headers["location"] == "/staff/sign-in?why=idle"
    assert browser.get("/account").headers["location"].startswith("/staff/sign-in")
    with reading(site.directory) as db:
        assert db.execute(select(session.c.full)).all() == []


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000", "' OR 1=1"])
def test_what_is_no_code_opens_nothing(site: Site, code: str) -> None:
    """Junk in the field of the code."""
    officer(site, code=True)
    browser = Browser(site)
    sign_in(browser)
    browser.get("/code")
    assert browser.post("/code", {"code": code}).status_code == 400


def test_a_recovery_code_opens_once_and_only_for_its_owner(site: Site) -> None:
    """In any writing; afterwards it is gone."""
    mai = officer(site, code=True)
    officer(site, "hoa", code=True)
    with transaction(site.directory) as db:
        (mine, *_) = codes.renew(db, mai.id)
    for number, (login, code, status) in enumerate(
        [("hoa", mine, 400), ("mai", mine.lower().replace("-", " "), 303), ("mai", mine, 400)]
    ):
        browser = Browser(site)
        sign_in(browser, login)
        browser.get("/code")
        assert browser.post("/code", {"code": code}).status_code == status, number
    with reading(site.directory) as db:
        assert codes.left(db, mai.id) == codes.RECOVERY_CODES - 1


def test_a_session_ends_after_half_an_hour_of_nothing(site: Site) -> None:
    """Used every 29 minutes it stays open; left for 31, the next page is the sign-in, which says why."""
    mai = officer(site)
    browser = Browser(site, mai)
    for minutes in (29, 58, 87):
        browser.app = Browser(later(site, minutes=minutes)).app
        assert browser.get("/account").status_code == 200
    browser.app = Browser(later(site, minutes=87 + 31)).app
    assert browser.get("/account").status_code == 303
    assert "hết" in Browser(site).get("/sign-in?why=idle").text
    assert browser.follow().status_code == 200
    assert "Phiên làm việc đã hết" in browser.words


def test_a_session_ends_after_twelve_hours_whatever_is_done(site: Site) -> None:
    """Even without a pause."""
    mai = officer(site)
    browser = Browser(site, mai)
    for minutes in range(0, 12 * 60, 20):
        browser.app = Browser(later(site, minutes=minutes)).app
        assert browser.get("/account").status_code == 200
    browser.app = Browser(later(site, hours=12, minutes=1)).app
    assert browser.get("/account").status_code == 303


def test_after_signing_in_one_is_where_one_wanted_to_be(site: Site) -> None:
    """The page that was asked for, through the code too; never another site's."""
    officer(site, code=True)
    browser = Browser(site)
    browser.get("/account")
    browser.follow()
    where = re.search(r'action="/staff(/sign-in[^"]*)"', browser.page.text)
    assert where
    assert sign_in(browser, path=where[1]) == 303
    browser.follow()
    where = re.search(r'action="/staff(/code[^"]*)"', browser.page.text)
    assert where
    assert browser.post(where[1], {"code": code_at(NOW)}).headers["location"] == "/staff/account"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/staff//evil.example", "/staff/../chat", "/staff/\\evil", "/chat"],
)
def test_signing_in_leads_to_no_other_site(site: Site, wanted: str) -> None:
    """An address in a link that somebody sent does not send people away."""
    officer(site)
    browser = Browser(site)
    browser.get("/sign-in")
    browser.page = browser.ask(
        "POST", "/sign-in", params={"next": wanted}, data={"csrf": browser.csrf, "login": "mai", "password": PASSWORD}
    )
    assert browser.page.headers["location"] == "/staff/"


def test_another_site_cannot_sign_somebody_in(site: Site) -> None:
    """The form needs a token that hangs on a cookie of this browser; and the browser must say that the page is ours."""
    officer(site)
    browser = Browser(site)
    browser.get("/sign-in")
    right, wrong = browser.csrf, Browser(site)
    wrong.get("/sign-in")
    data = {"login": "mai", "password": PASSWORD}
    assert browser.post("/sign-in", {**data, "csrf": wrong.csrf}).status_code == 403
    assert (
        browser.post("/sign-in", {**data, "csrf": right}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    )
    without = Browser(site)
    assert without.post("/sign-in", {**data, "csrf": right}).status_code == 403
    assert without.post("/sign-in", {**data, "csrf": ""}).status_code == 403


def test_guessing_ends_soon_and_says_how_long_to_wait(site: Site) -> None:
    """Five wrong passwords of one login from one address; then even the right one must wait, and is told for how long."""
    officer(site)
    officer(site, "hoa")
    browser = Browser(site)
    for _ in range(attempts.NAME_THERE.amount):
        assert sign_in(browser, password="không đúng đâu nhé") == 400
    assert sign_in(browser) == 429
    assert re.search(r"Chờ 1[45] phút", browser.words)
    assert int(browser.page.headers["retry-after"]) > 600
    assert sign_in(Browser(site), "hoa") == 303
    assert sign_in(Browser(site, address="198.51.100.7")) == 303


def test_a_wrong_password_now_and_then_is_forgiven(site: Site) -> None:
    """The right one wipes the count away."""
    officer(site)
    for _ in range(3):
        browser = Browser(site)
        for _ in range(attempts.NAME_THERE.amount - 1):
            assert sign_in(browser, password="không đúng đâu nhé") == 400
        assert sign_in(browser) == 303


def test_one_address_may_not_try_many_names(site: Site) -> None:
    """Spraying: also unknown logins count against the address; of IPv6, against the household."""
    for number in range(attempts.ADDRESS.amount):
        assert not site.attempts.sign_in(f"name{number}", f"2001:db8:1:2::{number:x}", "")
    assert site.attempts.sign_in("another", "2001:db8:1:2:ffff::1", "") > 0
    assert not site.attempts.sign_in("another", "2001:db8:1:3::1", "")


def test_nobody_can_lock_another_out_of_a_device_of_theirs(site: Site) -> None:
    """A thousand addresses guess at a name: it is closed to new devices, and open on the one that its owner uses."""
    officer(site)
    browser = Browser(site)
    assert sign_in(browser) == 303
    browser.get("/account")
    browser.post("/sign-out")
    for number in range(attempts.NAME.amount):
        site.attempts.sign_in("mai", f"198.51.{number}.1", "")
    assert sign_in(Browser(site, address="203.0.113.9")) == 429
    assert sign_in(browser) == 303
    forged = Browser(site)
    forged.cookies.set("tincay-device", "ab" * 60, domain="127.0.0.1", path="/")
    assert sign_in(forged) == 429


def test_a_device_of_one_person_gives_no_more_guesses_at_another(site: Site) -> None:
    """The cookie of a device counts for the login that was signed in there, and has its own limit."""
    officer(site)
    officer(site, "hoa")
    browser = Browser(site)
    assert sign_in(browser) == 303
    browser.get("/account")
    browser.post("/sign-out")
    for _ in range(attempts.NAME_THERE.amount):
        assert sign_in(browser, "hoa", "không đúng đâu nhé") == 400
    assert sign_in(browser, "hoa") == 429
    for _ in range(attempts.DEVICE.amount):
        assert sign_in(browser, "mai", "không đúng đâu nhé") == 400
    assert sign_in(browser, "mai") == 429


def test_codes_may_not_be_guessed(site: Site) -> None:
    """Who knows the password has five codes, from whatever address or session."""
    officer(site, code=True)
    for number in range(attempts.CODE.amount + 1):
        browser = Browser(site, address=f"198.51.100.{number}")
        sign_in(browser)
        browser.get("/code")
        status = browser.post("/code", {"code": "000000"}).status_code
        assert status == (400 if number < attempts.CODE.amount else 429)
    assert browser.post("/code", {"code": code_at(NOW)}).status_code == 429


def test_the_last_codes_are_announced(site: Site) -> None:
    """Two tries before the end it is said how many are left; who has tried once is not frightened."""
    officer(site, code=True)
    browser = Browser(site)
    sign_in(browser)
    browser.get("/code")
    told = []
    for _ in range(attempts.CODE.amount):
        browser.post("/code", {"code": "000000"})
        told += [re.findall(r"Còn thử được (\d) lần, sau đó phải chờ 15 phút", browser.words)]
    assert told == [[], [], ["2"], ["1"], []]


def test_every_sign_in_is_written_down(site: Site) -> None:
    """Right and wrong, codes and signing out; an unknown login without its name."""
    mai = officer(site, code=True)
    browser = Browser(site)
    sign_in(browser, "khong.co")
    sign_in(browser, password="không đúng đâu nhé")
    sign_in(browser)
    browser.get("/code")
    browser.post("/code", {"code": "000000"})
    browser.post("/code", {"code": code_at(NOW)})
    browser.get("/account")
    browser.post("/sign-out")
    with reading(site.directory) as db:
        rows = db.execute(select(audit.c.action, audit.c.entity_id).order_by(audit.c.id)).all()
    assert [tuple(row) for row in rows] == [
        ("sign_in_failed", ""), ("sign_in_failed", mai.id), ("sign_in", mai.id), ("code_failed", mai.id),
        ("code", mai.id), ("sign_out", mai.id),
    ]  # fmt: skip


def test_failed_sign_ins_are_not_kept_for_ever(site: Site) -> None:
    """After 90 days they go; what was done stays."""
    officer(site)
    browser = Browser(site)
    sign_in(browser, "khong.co")
    sign_in(browser)
    for days, left in ((89, 2), (91, 1)):
        with transaction(site.directory) as db:
            sessions.forget_failures(db, NOW + timedelta(days=days))
            assert len(db.execute(select(audit.c.action)).all()) == left


def test_no_password_no_code_and_no_token_is_logged_or_shown(
    site: Site, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right or wrong, what was typed into these fields stands in no page, no log, no address and no table."""
    caplog.set_level(logging.DEBUG)
    officer(site, code=True)
    browser, seen = Browser(site), []
    typed = ["matkhauSaiZeta9", PASSWORD, "135791", code_at(NOW)]
    sign_in(browser, password=typed[0])
    seen.append(browser.page)
    sign_in(browser)
    seen.append(browser.page)
    browser.get("/code")
    for code in typed[2:]:
        seen.append(browser.post("/code", {"code": code}))
    tokens = list(browser.cookies.values())
    said = caplog.text + "".join(capsys.readouterr())
    shown = "".join(page.text + page.headers.get("location", "") for page in seen)
    assert not [word for word in (*typed, SECRET, *tokens) if word in said]
    assert not [word for word in (*typed, SECRET) if word in shown]


def test_old_sessions_are_swept_away(site: Site) -> None:
    """A sign-in deletes what has lived its time, of anybody, once no page of it can still be open."""
    Browser(site, officer(site, "hoa"))
    officer(site)
    sign_in(Browser(later(site, hours=25)))
    with reading(site.directory) as db:
        assert db.execute(select(func.count()).select_from(session)).scalar_one() == 1
