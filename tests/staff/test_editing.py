"""Writing a record as an officer does it on a phone: read as people write, nothing lost, nothing private told."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from bot.store.engine import reading, transaction
from referral_directory import record as records
from referral_directory.dossier import dossier
from referral_directory.keeping import revision
from referral_directory.models import service
from referral_directory.record import Record
from tests.referral_directory.conftest import trusted
from tests.staff.cast import Cast, typed, value_of
from tests.staff.cast import cast as cast


def written(cast: Cast, service_id: str) -> Record:
    """Return the record of the open change."""
    with reading(cast.site.directory) as db:
        change = dossier(db, cast.mai, service_id).change
    assert change is not None
    return change.record


def made_by(cast: Cast) -> str:
    """Return the id in the address that the last answer to Mai leads to."""
    return cast.browser(cast.mai).page.headers["location"].rpartition("/")[2]


def test_what_is_typed_is_read_as_people_write_it(cast: Cast) -> None:
    """A lost zero comes back, spaces and dots go, a comma is a decimal point, 1/3/2026 is a day."""
    sent = typed(decided_on="1/3/2026", distance_km="3,5 km", spot="20.1432, 105.5318", name="  Địa chỉ   tin cậy ")
    browser = cast.browser(cast.mai)
    browser.post("/entries/new", sent)
    read = written(cast, made_by(cast))
    assert (read.phone, read.private_phone) == ("0912345678", "0987654321")
    assert (read.decided_on, read.distance_km, read.name) == ("2026-03-01", 3.5, "Địa chỉ tin cậy")
    assert (read.latitude, read.longitude) == (20.1432, 105.5318)
    assert (read.commune, read.province) == (cast.mai.commune, "Thanh Hóa")
    assert (read.takes, read.languages, read.consent) == (("children",), ("mtq", "vi"), True)
    browser.follow()
    assert "Đã gửi duyệt. Người duyệt được: Bùi Thị Hòa, Nguyễn Thị Lan, Trần Văn Quản." in browser.words


def test_an_error_keeps_all_that_was_typed(cast: Cast) -> None:
    """Each wrong field says what to do in Vietnamese; every other field stands as it was typed."""
    wrong = typed(
        phone="09123", private_phone="09 12/ab", decided_on="32/13/2026", distance_km="xa", spot="ở gần chợ", kind="",
        name=" ", hours="x" * 121, address_public="y", address="",
    )  # fmt: skip
    page = cast.send(cast.mai, "/entries/new", wrong)
    for told in (
        "Chọn loại.", "Ghi tên mà người dân sẽ thấy.", "Thiếu chữ số", "Ghi ngày, tháng, năm, ví dụ 01/03/2026.",
        "Ghi số ki-lô-mét, ví dụ 3,5.", "Chép hai số từ bản đồ", "viết gọn trong 120", "Ghi địa chỉ, hoặc bỏ dấu",
    ):  # fmt: skip
        assert told in page, told
    html = cast.browser(cast.mai).page.text
    assert cast.browser(cast.mai).page.status_code == 400
    for name in ("phone", "private_phone", "decided_on", "distance_km", "spot", "hours", "decision"):
        assert value_of(html, name) == wrong[name], name
    for name in ("consent", "address_public"):
        assert "checked" in html[html.index(f'name="{name}"') - 60 : html.index(f'name="{name}"') + 60], name
    assert html.count("checked") == 6  # these two, one of shelter, one of takes, two languages
    with reading(cast.site.directory) as db:
        assert db.execute(select(func.count()).select_from(service)).scalar_one() == 0


def test_a_trusted_address_needs_decision_and_consent(cast: Cast) -> None:
    """Sending is refused and says what is missing; a draft may wait for it; a police post needs neither."""
    page = cast.send(cast.mai, "/entries/new", typed(decision="", consent=""))
    assert "Ghi số quyết định của xã công bố địa chỉ này." in page
    assert "Người giữ địa chỉ phải đồng ý" in page
    assert "Chỉ cho người dân thấy địa chỉ khi người giữ đồng ý" in cast.send(
        cast.mai, "/entries/new", typed(consent="", address_public="y", do="draft")
    )
    page = cast.send(cast.mai, "/entries/new", typed(decision="", consent="", do="draft"))
    assert "Đã lưu nháp" in page
    assert "Người dân không thấy" in page
    police = typed(kind="police", name="Công an xã", decision="", consent="", decided_on="", shelter="")
    assert "Đã gửi duyệt" in cast.send(cast.mai, "/entries/new", police)


def test_the_preview_shows_what_was_understood(cast: Cast) -> None:
    """The resident's line, the hours as they were read, what is missing; and nothing is kept."""
    sent = typed(hours="7h30-11h30, 13h30-17h thứ 2 đến thứ 6", decision="", do="preview")
    page = cast.send(cast.mai, "/entries/new", sent)
    assert "Địa chỉ tin cậy thôn Phú Lai: 0912345678 (" in page
    assert "thứ 2 đến thứ 6: 07:30–11:30, 13:30–17:00" in page
    assert "Ghi số quyết định" in page
    assert "nhà chị Hà" not in page[page.index("Người dân sẽ thấy") : page.index("Nơi này là gì")]
    page = cast.send(cast.mai, "/entries/new", typed(hours="lúc nào rảnh", do="preview"))
    assert "Chưa đọc được giờ mở cửa" in page
    with reading(cast.site.directory) as db:
        assert db.execute(select(func.count()).select_from(service)).scalar_one() == 0


def test_a_form_sent_twice_makes_one_record(cast: Cast) -> None:
    """A slow link and two taps; but another place of that name in the commune is told, with the way to it."""
    browser = cast.browser(cast.mai)
    browser.post("/entries/new", typed())
    first = made_by(cast)
    browser.post("/entries/new", typed())
    assert made_by(cast) == first
    page = cast.send(cast.mai, "/entries/new", typed(phone="0909000111"))
    assert "Xã này đã có một địa chỉ cùng tên" in page
    assert f'href="/staff/entries/{first}"' in browser.page.text
    assert value_of(browser.page.text, "phone") == "0909000111"


def test_who_edits_an_older_version_is_told_what_changed(cast: Cast) -> None:
    """Somebody was faster: what I typed stays, the difference is shown, and sending again is my decision."""
    made = cast.approved(trusted(), called=1)
    cast.read(cast.mai, f"/entries/{made}/edit")
    html = cast.browser(cast.mai).page.text
    seen = {"base": value_of(html, "base"), "seen": value_of(html, "seen")}
    cast.proposed(cast.hoa, trusted(phone="0909 000 111"), made)
    cast.send(cast.lan, f"/changes/{cast.change_of(made)}/approve")
    page = cast.send(cast.mai, f"/entries/{made}/edit", typed(phone="0909000222", address="thôn Phú Lai", **seen))
    assert "Có người vừa sửa bản ghi này" in page
    assert "Đang hiện: 0909 000 111 Sẽ thành: 0909000222" in page
    html = cast.browser(cast.mai).page.text
    assert cast.browser(cast.mai).page.status_code == 409
    assert value_of(html, "phone") == "0909000222"
    again = {"base": value_of(html, "base"), "seen": value_of(html, "seen")}
    assert "Đã gửi duyệt" in cast.send(
        cast.mai, f"/entries/{made}/edit", typed(phone="0909000222", address="thôn Phú Lai", **again)
    )


def test_a_colleagues_waiting_change_is_not_replaced_unseen(cast: Cast) -> None:
    """Hoa's change came while Mai typed: Mai is told; who opens the form later goes on from Hoa's words."""
    made = cast.approved(trusted(), called=1)
    cast.read(cast.mai, f"/entries/{made}/edit")
    html = cast.browser(cast.mai).page.text
    seen = {"base": value_of(html, "base"), "seen": value_of(html, "seen")}
    cast.proposed(cast.hoa, trusted(hours="giờ hành chính"), made)
    page = cast.send(cast.mai, f"/entries/{made}/edit", typed(**seen))
    assert "Có người vừa lưu hoặc xử lý một thay đổi khác" in page
    page = cast.read(cast.mai, f"/entries/{made}/edit")
    assert "Bùi Thị Hòa đang có một thay đổi chờ duyệt" in page
    assert value_of(cast.browser(cast.mai).page.text, "hours") == "giờ hành chính"
    cast.read(cast.mai, f"/entries/{made}/edit?from=live")
    assert value_of(cast.browser(cast.mai).page.text, "hours") == "cả ngày đêm"


def test_nothing_changed_sends_nothing(cast: Cast) -> None:
    """Opening the form and sending it as it is asks nobody to approve anything."""
    record = trusted(phone="0912345678", private_phone="0987654321")
    made = cast.approved(record, called=1)
    cast.read(cast.mai, f"/entries/{made}/edit")
    html = cast.browser(cast.mai).page.text
    same = typed(
        address="thôn Phú Lai", types=["physical"], base=value_of(html, "base"), seen=value_of(html, "seen"),
        private_phone=value_of(html, "private_phone"), phone=value_of(html, "phone"),
    )  # fmt: skip
    assert "Chưa có gì khác" in cast.send(cast.mai, f"/entries/{made}/edit", same)
    with reading(cast.site.directory) as db:
        assert dossier(db, cast.mai, made).change is None


def test_a_supervisor_types_the_place(cast: Cast) -> None:
    """Without marks, by its old name, or for the whole province; what fits several is asked; other provinces are not."""
    new = typed(name="Trung tâm công tác xã hội", kind="social_work", decision="", consent="", private_phone="")
    browser = cast.browser(cast.lan)
    for place, commune in (("cam tan", 15178), ("Xã Cẩm Tân, Thanh Hóa", 15178)):
        browser.post("/entries/new", {**new, "place": place, "name": f"{new['name']} {place}"})
        with reading(cast.site.directory) as db:
            found = dossier(db, cast.lan, browser.page.headers["location"].rpartition("/")[2])
        assert found.commune == commune, place
    browser.post("/entries/new", {**new, "place": "", "whole": "y"})
    with reading(cast.site.directory) as db:
        found = dossier(db, cast.lan, browser.page.headers["location"].rpartition("/")[2])
    assert (found.commune, found.province) == (0, "Thanh Hóa")
    assert "không thuộc phạm vi của bạn" in cast.send(
        cast.lan, "/entries/new", {**new, "place": "Phường Sóc Trăng, Cần Thơ"}
    )
    assert "Chưa tìm ra nơi này" in cast.send(cast.lan, "/entries/new", {**new, "place": "đâu đó"})


def test_a_name_of_several_communes_is_asked(cast: Cast) -> None:
    """An administrator who types a name that many provinces have picks one of them."""
    new = typed(name="Trạm y tế", kind="health_station", decision="", consent="", private_phone="", place="Tân Thành")
    page = cast.send(cast.boss, "/entries/new", new)
    assert "Có nhiều nơi hợp với tên này" in page
    html = cast.browser(cast.boss).page.text
    code = html.split('name="pick"')[1].split('value="')[1].split('"')[0]
    cast.browser(cast.boss).post("/entries/new", {**new, "pick": code})
    with reading(cast.site.directory) as db:
        found = dossier(db, cast.boss, cast.browser(cast.boss).page.headers["location"].rpartition("/")[2])
    assert found.commune == int(code)


def test_an_officer_writes_into_no_other_commune(cast: Cast) -> None:
    """A form that names another commune is read as one's own; another commune's record is not there."""
    browser = cast.browser(cast.stranger)
    browser.post("/entries/new", typed(place="Xã Cẩm Tân, Thanh Hóa", pick="15178", whole="y", commune="15178"))
    with reading(cast.site.directory) as db:
        found = dossier(db, cast.stranger, browser.page.headers["location"].rpartition("/")[2])
    assert found.commune == cast.stranger.commune
    mine = cast.approved(trusted(), called=1)
    assert browser.get(f"/entries/{mine}/edit").status_code == 404
    assert browser.post(f"/entries/{mine}/edit", typed()).status_code == 404


def test_a_supervisor_changes_hours_and_loses_nothing_private(cast: Cast) -> None:
    """What only the commune may see is on no page of hers, and is still there after her change was approved."""
    record = trusted(phone="0912345678", address="nhà chị Hà")
    made = cast.approved(record, called=1)
    cast.read(cast.lan, f"/entries/{made}/edit")
    html = cast.browser(cast.lan).page.text
    assert "0987 654 321" not in html
    assert "nhà chị Hà" not in html
    assert "chỉ cán bộ xã xem được; để trống thì giữ nguyên" in html
    sent = typed(address="", hours="giờ hành chính", place="Xã Cẩm Tân, Thanh Hóa", types=["physical"])
    sent |= {"base": value_of(html, "base"), "seen": value_of(html, "seen")}
    del sent["private_phone"], sent["address"]
    browser = cast.browser(cast.lan)
    browser.post(f"/entries/{made}/edit", {**sent, "hours": "x" * 130})
    assert "nhà chị Hà" not in browser.page.text  # nor when a field is left out of a form with errors
    cast.send(cast.lan, f"/entries/{made}/edit", sent)
    cast.send(cast.mai, f"/changes/{cast.change_of(made)}/approve")
    with reading(cast.site.directory) as db:
        kept = records.read(db, [made])[made]
    assert (kept.private_phone, kept.address, kept.address_public) == ("0987 654 321", "nhà chị Hà", False)
    assert kept.hours == "giờ hành chính"


@pytest.mark.parametrize("do", ["draft", "send"])
@pytest.mark.parametrize("open_change", [False, True])
def test_nobody_moves_what_they_do_not_see(cast: Cast, do: str, open_change: bool) -> None:
    """A supervisor makes a hidden place hers, or another commune's: it stays, and she reads who can help, not where it is."""
    hidden = trusted(address="nhà chị Hà")
    made = cast.proposed(cast.mai, hidden, draft=True) if open_change else cast.approved(hidden)
    browser = cast.browser(cast.lan)
    for where in ({"whole": "y"}, {"place": "Xã Bá Thước, Thanh Hóa"}):
        html = browser.get(f"/entries/{made}/edit").text
        sent = typed(do=do, name="Địa chỉ X", place="Thanh Hóa", types=["physical"]) | where
        sent |= {"base": value_of(html, "base"), "seen": value_of(html, "seen")}
        del sent["private_phone"], sent["address"]
        assert "Nhờ cán bộ ấy bỏ phần riêng trước" in cast.send(cast.lan, f"/entries/{made}/edit", sent)
        assert value_of(browser.page.text, "name") == "Địa chỉ X"
        for page in (
            browser.page.text,
            browser.get(f"/entries/{made}/edit").text,
            cast.read(cast.lan, f"/entries/{made}"),
        ):
            assert not any(secret in page for secret in ("nhà chị Hà", "0987 654 321", "0987654321"))
    with reading(cast.site.directory) as db:
        assert db.execute(select(service.c.commune).where(service.c.id == made)).scalar_one() == cast.mai.commune


def test_a_move_written_before_shows_nothing_and_is_not_approved(cast: Cast) -> None:
    """A change that would take a hidden place to the whole province: form, record and approval go by where it is now."""
    made = cast.approved(trusted(address="nhà chị Hà"))
    cast.proposed(cast.mai, trusted(address="nhà chị Hà", hours="8h-17h"), made)
    with transaction(cast.site.directory) as db:
        mine = revision.c.id == cast.change_of(made)
        moved = {**db.execute(select(revision.c.record).where(mine)).scalar_one(), "commune": 0}
        db.execute(update(revision).where(mine).values(record=moved))
    change = f"/changes/{cast.change_of(made)}"
    for path in (f"/entries/{made}/edit", f"/entries/{made}", change, "/changes"):
        cast.read(cast.lan, path)
        page = cast.browser(cast.lan).page.text
        assert not any(secret in page for secret in ("nhà chị Hà", "0987 654 321", "0987654321")), path
    assert "Nhờ cán bộ ấy bỏ phần riêng trước" in cast.send(cast.lan, f"{change}/approve")
    late = typed(whole="y", place="Thanh Hóa", name="Địa chỉ X", base="0", types=["physical"])
    del late["private_phone"], late["address"]
    cast.send(cast.lan, f"/entries/{made}/edit", late)
    assert "nhà chị Hà" not in cast.browser(cast.lan).page.text


def test_samples_are_not_written_on(cast: Cast) -> None:
    """What is made up for trials is left as it is, and says how to go on."""
    from bot.store.engine import transaction
    from referral_directory import book

    with transaction(cast.site.directory) as db:
        book.set_sample(db, True, cast.site.now().date())
        sample = db.execute(select(service.c.id).where(service.c.commune == cast.mai.commune)).scalars().first()
    assert "dữ liệu mẫu" in cast.read(cast.mai, f"/entries/{sample}")
    assert "Thêm địa chỉ thật" in cast.read(cast.mai, f"/entries/{sample}/edit", 409)
    assert "Thêm địa chỉ thật" in cast.send(cast.mai, f"/entries/{sample}/verify", {"found": "right"})


def test_everything_that_is_wrong_is_told_at_once(cast: Cast) -> None:
    """No name, no decision, no consent, half a number: four places in one answer, not one after the other."""
    page = cast.send(cast.mai, "/entries/new", typed(name="", decision="", consent="", phone="0912"))
    assert "Chưa gửi được; những gì bạn gõ vẫn còn. Sửa 4 chỗ" in page


def test_a_draft_keeps_a_number_that_is_not_finished(cast: Cast) -> None:
    """It is there to be finished later, and cannot be sent before; what else keeps a draft back says "lưu"."""
    assert "Đã lưu nháp" in cast.send(cast.mai, "/entries/new", typed(phone="0912 34", do="draft"))
    path = cast.browser(cast.mai).page.url.path.removeprefix("/staff")
    cast.read(cast.mai, f"{path}/edit")
    html = cast.browser(cast.mai).page.text
    assert value_of(html, "phone") == "0912 34"
    again = typed(phone="0912 34", base=value_of(html, "base"), seen=value_of(html, "seen"))
    assert "Thiếu chữ số" in cast.send(cast.mai, f"{path}/edit", again)
    assert "Chưa lưu được" in cast.send(cast.mai, "/entries/new", typed(name="", do="draft"))


def test_the_form_says_what_each_state_means(cast: Cast) -> None:
    """Closed for a while, closed, gone, withdrawn: what residents see of each, and where to withdraw."""
    hint = cast.read(cast.mai, "/entries/new").partition("Tình trạng")[2]
    for said in ("Tạm nghỉ: sẽ mở lại", "Cả ba đều không hiện cho người dân", "chọn Rút khỏi danh bạ"):
        assert said in hint
