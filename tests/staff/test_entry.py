"""The page of a record: the bot's own line, what to do next, who called, who changed what; and only to those it concerns."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from bot.clock import VIETNAM
from bot.conversation.suggestion import suggestion_line
from bot.staff.resident import hours_in_words, seen_of
from bot.store.engine import reading, transaction
from referral_directory import book, changes
from referral_directory import record as records
from referral_directory.keeping import staff
from referral_directory.record import Record
from referral_directory.routing import Need, route
from referral_directory.terms import KINDS, SHELTER, TAKES
from tests.conftest import Bench
from tests.referral_directory.conftest import keeper, trusted
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast

BA_THUOC = 14923
NOW = datetime(2026, 11, 21, 14, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("record", "called"),
    [
        (trusted(address_public=True), 10),
        (trusted(), 100),
        (trusted(phone="", address_public=True), None),
        (Record(kind="police", name="Công an xã", commune=15178, province="Thanh Hóa", phone="0237000000"), 90),
    ],
)
def test_the_page_shows_the_bots_own_line(bench: Bench, record: Record, called: int | None) -> None:
    """What staff see as "người dân thấy" is word for word what the bot answers to somebody of that commune."""
    with transaction(bench.app.directory) as db:
        book.set_sample(db, False, NOW.date())
        writer, other = keeper(db), keeper(db)
        made = changes.propose(db, writer, record, NOW)
        changes.approve(db, other, changes.open_revision(db, made).id, NOW)
        if called is not None:
            changes.verify(db, other, made, "right", "", NOW - timedelta(days=called))
    verified = NOW.date() - timedelta(days=called) if called is not None else None
    answer = bench.say("chồng tôi chửi mắng tôi suốt ngày, tôi ở xã Cẩm Tân, Cẩm Thủy")
    seen = seen_of(record, NOW, verified, NOW.date())
    assert seen.line in answer
    late = called is None or called > 90
    assert seen.late == late == (answer.index(seen.line) > answer.index("• 113"))


RECORDS = st.builds(
    trusted, kind=st.sampled_from(KINDS), status=st.sampled_from(("active", "inactive", "temporarily closed")),
    phone=st.sampled_from(("", "0912345678")), address=st.sampled_from(("", "nhà chị Hà")), address_public=st.booleans(),
    hours=st.sampled_from(("", "cả ngày đêm", "giờ hành chính", "7h-11h thứ 2 đến thứ 6", "khi nào rảnh")),
    decision=st.sampled_from(("", "12/QĐ-UBND")), consent=st.booleans(), shelter=st.sampled_from(("", *SHELTER)),
    takes=st.lists(st.sampled_from(list(TAKES)), unique=True).map(tuple), latitude=st.sampled_from((None, 20.1)),
    longitude=st.sampled_from((None, 105.5)), languages=st.lists(st.sampled_from(("vi", "hmn")), unique=True).map(tuple),
    distance_km=st.sampled_from((None, 3.5)),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(RECORDS, st.none() | st.integers(0, 200), st.integers(0, 200))
def test_staff_are_told_what_residents_see(engine: Engine, record: Record, called: int | None, approved: int) -> None:
    """Whatever a record holds: the page's line is that of the tables, and "nobody sees it" is true exactly when it is."""
    verified = NOW.date() - timedelta(days=called) if called is not None else None
    since = NOW - timedelta(days=approved)
    with transaction(engine) as db:
        columns = {"state": "approved", "version": 1, "last_modified": since.timestamp(), "assured_date": verified}
        editor, other = keeper(db), keeper(db)
        records.write(db, "one", record, **columns, edited_by=editor.id, approved_by=other.id)
        there = book.entries_of(db, record.commune)
        db.rollback()
    referral = route(there, Need(all=True), NOW)
    seen = seen_of(record, NOW, verified, since.date())
    assert (seen.because == "") == bool(referral.suggestions)
    for told in referral.suggestions:
        assert suggestion_line(told, "bạn", NOW, late=bool(referral.late)) == f"• {seen.line}"
        assert seen.late == bool(referral.late)


def test_hours_are_told_as_they_were_read() -> None:
    """Days in a row as a span, hours together, the night over midnight as such; what cannot be read as nothing."""
    assert hours_in_words("7h30-11h30, 13h30-17h thứ 2 đến thứ 6") == "thứ 2 đến thứ 6: 07:30–11:30, 13:30–17:00"
    assert hours_in_words("cả ngày đêm") == "mọi ngày: cả ngày đêm"
    assert "hôm sau" in hours_in_words("20h-6h hàng ngày")
    assert hours_in_words("khi nào rảnh") == ""


def test_a_call_that_finds_all_right_counts(cast: Cast) -> None:
    """One tap and a note: verified today, by whom is written down, and the work list is shorter."""
    made = cast.approved(trusted(), called=100)
    assert "100 ngày chưa kiểm" in cast.read(cast.mai, f"/entries/{made}")
    page = cast.send(cast.mai, f"/entries/{made}/verify", {"found": "right", "note": "gặp chị chủ nhà"})
    assert "Đã ghi: hôm nay đã gọi, đúng như trong danh bạ." in page
    assert "Đã kiểm 21/11/2026" in page
    assert "Đúng như ghi Lò Thị Mai, 14:00, 21/11/2026 gặp chị chủ nhà" in page
    assert "thôn Phú Lai" not in cast.read(cast.mai, "/")


def test_one_call_told_twice_is_one_call(cast: Cast) -> None:
    """A second tap adds nothing to the list of calls."""
    made = cast.approved(trusted())
    for _ in range(2):
        cast.send(cast.mai, f"/entries/{made}/verify", {"found": "no_answer", "note": "máy bận"})
    assert cast.read(cast.mai, f"/entries/{made}").count("máy bận") == 1


@pytest.mark.parametrize(
    ("found", "leads"),
    [("no_answer", "Gọi lại vào giờ khác"), ("changed", "Sửa địa chỉ"), ("closed", "Rút khỏi danh bạ")],
)
def test_each_finding_leads_on(cast: Cast, found: str, leads: str) -> None:
    """Nobody there: again later; something changed: the form; closed: take it out. None of them counts as verified."""
    made = cast.approved(trusted(), called=100)
    assert leads in cast.send(cast.mai, f"/entries/{made}/verify", {"found": found})
    kept = "100 ngày chưa kiểm" if found == "no_answer" else "Chưa được kiểm tra"
    assert kept in cast.read(cast.mai, f"/entries/{made}")


def test_a_call_without_a_result_is_asked_again(cast: Cast) -> None:
    """The note that was typed stays; a note that is too long is said to be."""
    made = cast.approved(trusted())
    page = cast.send(cast.mai, f"/entries/{made}/verify", {"note": "máy bận"})
    assert "Chọn kết quả cuộc gọi." in page
    assert 'value="máy bận"' in cast.browser(cast.mai).page.text
    assert "viết gọn trong 300" in cast.send(cast.mai, f"/entries/{made}/verify", {"found": "right", "note": "x" * 301})
    assert "Chưa ai gọi kiểm tra lần nào" in cast.read(cast.mai, f"/entries/{made}")


def test_history_tells_field_by_field_who_and_when(cast: Cast) -> None:
    """Old value, new value, writer, approver; in words, not in codes."""
    made = cast.approved(trusted())
    cast.proposed(cast.hoa, trusted(hours="giờ hành chính", takes=("children", "lgbt")), made)
    cast.send(cast.mai, f"/changes/{cast.change_of(made)}/approve")
    page = cast.read(cast.mai, f"/entries/{made}")
    past = page[page.index("Lịch sử sửa") :]
    assert "14:00, 21/11/2026: Bùi Thị Hòa viết, Lò Thị Mai duyệt Giờ mở cửa, Nhận cả" in past
    assert "cả ngày đêm → giờ hành chính" in past
    assert "Trẻ em → Trẻ em, Người LGBT" in past
    assert "15178" not in past


def test_the_past_of_another_commune_stays_there(cast: Cast) -> None:
    """Emptied of its private parts and moved, a record shows the new commune none of them in its past; each reads its own."""
    secrets = ("nhà chị Hà", "0987 654 321", "20.1")
    made = cast.approved(trusted(address="nhà chị Hà", latitude=20.1, longitude=105.5))
    cast.send(cast.mai, f"/entries/{made}/verify", {"found": "right", "note": "gọi chị Hà, số riêng 0987 654 321"})
    assert "gọi chị Hà" in cast.read(cast.hoa, f"/entries/{made}")
    for who in (cast.lan, cast.boss):  # that somebody called, and what was found, and no word of the note
        page = cast.read(who, f"/entries/{made}")
        assert "Lò Thị Mai, 14:00, 21/11/2026 (chỉ cán bộ xã xem được)" in page
        assert "gọi chị Hà" not in page
    bare = trusted(address="", private_phone="", name="Nhà văn hóa")
    there = {"commune": BA_THUOC, "name": "Nhà văn hóa Bá Thước"}
    with transaction(cast.site.directory) as db:
        new, other = keeper(db, commune=BA_THUOC), keeper(db, commune=BA_THUOC)
        db.execute(update(staff).where(staff.c.id.in_((new.id, other.id))).values(password="x", totp=b"x"))
        steps = (
            (cast.mai, cast.hoa, bare), (cast.lan, cast.boss, replace(bare, **there)),
            (new, other, replace(bare, **there, private_phone="0911 111 111")), (new, other, replace(bare, **there)),
            (cast.lan, cast.boss, bare),
        )  # fmt: skip
        for n, (writer, approver, record) in enumerate(steps[:4], 1):
            now = cast.site.now() + timedelta(hours=n)
            changes.propose(db, writer, record, now, made)
            changes.approve(db, approver, changes.open_revision(db, made).id, now)
    theirs = cast.read(new, f"/entries/{made}/past") + cast.read(new, f"/entries/{made}")
    assert "0911 111 111" in theirs
    assert "Nhà văn hóa → Nhà văn hóa Bá Thước" in theirs
    assert "Lò Thị Mai, 14:00, 21/11/2026 (chỉ cán bộ xã xem được)" in theirs
    assert "gọi chị Hà" not in theirs
    assert not any(secret in theirs for secret in secrets)
    with transaction(cast.site.directory) as db:
        writer, approver, record = steps[4]
        changes.propose(db, writer, record, now + timedelta(hours=1), made)
        changes.approve(db, approver, changes.open_revision(db, made).id, now + timedelta(hours=1))
    back = cast.read(cast.mai, f"/entries/{made}/past")
    assert "nhà chị Hà" in back
    assert "gọi chị Hà" in back
    assert "0987 654 321" in back
    assert "0911 111 111" not in back


def test_the_whole_past_is_there_page_after_page(cast: Cast) -> None:
    """Nine changes and twenty calls: the record's page shows the latest, the pages of the past show each once."""
    made = cast.approved(trusted())
    with transaction(cast.site.directory) as db:
        for n in range(9):
            at = NOW + timedelta(minutes=n + 1)
            changes.propose(db, cast.mai, trusted(hours=f"{n}h-20h"), at, made)
            changes.approve(db, cast.hoa, changes.open_revision(db, made).id, at)
        for n in range(20):
            changes.verify(db, cast.hoa, made, "no_answer", f"lần {n:02}", NOW + timedelta(minutes=n))
    path, seen, tried = f"/entries/{made}/past", [], []
    for _ in range(2):
        page = cast.read(cast.mai, path)
        seen += re.findall(r"→ (\d)h-20h", page)
        following = re.search(r'rel="next" href="/staff([^"]+)"', cast.browser(cast.mai).page.text)
        path = following[1] if following else ""
    assert seen == list("876543210")
    assert path == ""
    for path in (f"/entries/{made}/past", "calls"):
        if path == "calls":
            path = re.search(r'href="/staff([^"]+calls=[^"]+)"', cast.browser(cast.mai).page.text)[1]  # type: ignore[index]
        tried += re.findall(r"lần (\d\d)", cast.read(cast.mai, path))
    assert tried == [f"{n:02}" for n in range(19, -1, -1)]
    assert cast.browser(cast.stranger).get(f"/entries/{made}/past").status_code == 404


def test_retiring_takes_two_and_a_reason(cast: Cast) -> None:
    """Asked with a reason; residents see it until somebody else agrees; then the list keeps it as retired."""
    made = cast.approved(trusted(), called=1)
    assert "Ghi lý do" in cast.send(cast.mai, f"/entries/{made}/retire", {"why": " "})
    page = cast.send(cast.mai, f"/entries/{made}/retire", {"why": "chủ nhà chuyển đi"})
    assert "đến khi được duyệt người dân vẫn thấy. Người duyệt được: Bùi Thị Hòa" in page
    change = cast.change_of(made)
    page = cast.read(cast.hoa, f"/changes/{change}")
    assert "Lý do rút: chủ nhà chuyển đi" in page
    page = cast.send(cast.hoa, f"/changes/{change}/approve")
    assert "Đã rút khỏi danh bạ: người dân không thấy." in page
    with reading(cast.site.directory) as db:
        assert book.entries_of(db, cast.mai.commune) == []
    page = cast.read(cast.mai, f"/entries/{made}")
    assert "Đưa trở lại" in page
    assert "Đã gọi kiểm tra" not in page


def test_private_parts_are_for_the_commune_alone(cast: Cast) -> None:
    """Its officers read and call the private number; a supervisor reads that there is one, and a stranger nothing."""
    made = cast.approved(trusted(address="nhà chị Hà"), called=1)
    page = cast.read(cast.mai, f"/entries/{made}")
    assert "0987 654 321" in page
    assert "nhà chị Hà" in page
    assert 'href="tel:0987654321"' in cast.browser(cast.mai).page.text
    for who in (cast.lan, cast.boss):
        page = cast.read(who, f"/entries/{made}")
        assert "Số riêng của người giữ địa chỉ (chỉ cán bộ xã xem được)" in page
        html = cast.browser(who).page.text
        assert not any(secret in html for secret in ("0987 654 321", "0987654321", "nhà chị Hà"))
    cast.read(cast.stranger, f"/entries/{made}", 404)


def test_no_page_of_a_record_is_larger_than_the_link(cast: Cast) -> None:
    """Everything filled in, changed often and called often: still under 15 KB."""
    long = {
        "name": "Địa chỉ tin cậy của thôn có một cái tên thật là dài " * 3, "description": "một hai câu mô tả " * 30,
        "hours": "7h30-11h30, 13h30-17h thứ 2 đến thứ 6", "takes": ("children", "disabled", "lgbt", "men"),
        "types": ("physical", "sexual", "harassment", "psychological", "economic"), "languages": ("km", "hmn", "vi"),
        "distance_km": 3.5, "latitude": 20.1432, "longitude": 105.5318, "address_public": True,
    }  # fmt: skip
    made = cast.approved(trusted(**long), called=1)
    with transaction(cast.site.directory) as db:
        for n in range(30):
            record = trusted(**{**long, "phone": f"09120000{n:02}", "hours": f"{n % 12}h-20h"})
            changes.propose(db, cast.mai, record, NOW + timedelta(minutes=n), made)
            changes.approve(db, cast.hoa, changes.open_revision(db, made).id, NOW + timedelta(minutes=n))
            changes.verify(db, cast.hoa, made, "no_answer", "gọi ba lần không ai nghe " * 4, NOW + timedelta(minutes=n))
        changes.propose(db, cast.hoa, trusted(**{**long, "takes": ()}), NOW, made)
    for path in (
        f"/entries/{made}",
        f"/entries/{made}/past",
        f"/entries/{made}/edit",
        f"/changes/{cast.change_of(made)}",
    ):
        cast.read(cast.mai, path)
        assert len(cast.browser(cast.mai).page.content) < 15_000, path
