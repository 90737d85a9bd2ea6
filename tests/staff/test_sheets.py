"""Excel on the site: upload, report by row, import, approval; all rows or none; nothing of a file stays on disk."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import select, update

from bot.staff.shelf import Shelf
from bot.store.engine import reading, transaction
from bot.store.keys import load_keys
from referral_directory import book, excel
from referral_directory.keeping import audit, revision, staff
from tests.conftest import KEYS
from tests.referral_directory.conftest import CAM_TAN, trusted
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast

TITLES = ["TT", "Tên địa chỉ tin cậy", "Số điện thoại", "Địa chỉ", "Số quyết định", "Đồng ý công bố"]


def sheet(*rows: list[Any]) -> bytes:
    """Return a list as communes have it: a title over the table, then its rows."""
    made = Workbook()
    page = made.active
    assert page is not None
    page.append(["DANH SÁCH ĐỊA CHỈ TIN CẬY XÃ CẨM TÂN"])
    page.append([])
    for row in (TITLES, *rows):
        page.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


GOOD = [1, "Địa chỉ tin cậy thôn Phú Lai", 912345678, "thôn Phú Lai", "12/QĐ-UBND", "có"]
MORE = [2, "Địa chỉ tin cậy thôn Phong Mỹ", "0987 654 321", "thôn Phong Mỹ", "12/QĐ-UBND", "có"]
BAD = [3, "Địa chỉ tin cậy thôn Bãi", "09123", "thôn Bãi", "12/QĐ-UBND", "có"]


def blank() -> bytes:
    """Return a file in which nobody has written anything."""
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def upload(cast: Cast, who: Any, content: bytes, name: str = "danh sách.xlsx") -> str:
    """Send a file; return the words of the page."""
    browser = cast.browser(who)
    if browser.post("/excel", files={"file": (name, content)}).status_code == 303:
        browser.follow()
    return browser.words


def mark(cast: Cast, who: Any) -> dict[str, str]:
    """Return what the page of a report sends back of its file, "" where it offers nothing to send."""
    found = re.search(r'name="file" value="(\w+)"', cast.browser(who).page.text)
    return {"file": found[1] if found else ""}


def take(cast: Cast, who: Any) -> str:
    """Tap "Nhập" on the page of a report; return the words of what is shown then."""
    return cast.send(who, "/excel/take", mark(cast, who))


def open_changes(cast: Cast) -> int:
    """Return how many changes there are."""
    with reading(cast.site.directory) as db:
        return len(db.execute(select(revision.c.id)).all())


def test_a_messy_sheet_becomes_addresses_that_residents_see(cast: Cast) -> None:
    """Upload, read what was mended, import, a second person approves both, the bot has them."""
    page = upload(cast, cast.mai, sheet(GOOD, MORE))
    assert "2 dòng thêm mới" in page
    assert "Dòng 4: Địa chỉ tin cậy thôn Phú Lai" in page
    assert "thêm số 0 bị mất" in page
    assert open_changes(cast) == 0
    page = take(cast, cast.mai)
    assert "Đã nhập 2 dòng; người dân chưa thấy. Người duyệt được: Bùi Thị Hòa" in page
    assert "thôn Phong Mỹ" in page
    cast.read(cast.hoa, "/changes")
    html = cast.browser(cast.hoa).page.text
    ids = [part.split('"')[0] for part in html.split('name="change" value="')[1:]]
    assert "Đã duyệt 2 thay đổi" in cast.send(cast.hoa, "/changes", {"change": ids})
    with reading(cast.site.directory) as db:
        found = {e.name: e.phone for e in book.entries_of(db, CAM_TAN)}
    assert found == {"Địa chỉ tin cậy thôn Phú Lai": "0912345678", "Địa chỉ tin cậy thôn Phong Mỹ": "0987654321"}


def test_what_is_said_of_many_rows_is_said_once(cast: Cast) -> None:
    """One sentence with its rows, neighbours joined; said of one row it names the place."""
    first = "TT,Tên cơ sở,Loại hình,Số điện thoại,Xã\n"
    rows = "".join(f"{n},Cơ sở {n},Địa chỉ tin cậy,91234567{n},Cẩm Tân\n" for n in (1, 2, 3))
    page = upload(
        cast,
        cast.mai,
        f"{first}{rows}5,Cơ sở 5,Địa chỉ tin cậy,,Cẩm Tân\n6,Cơ sở 6,Địa chỉ tin cậy,912345676,Cẩm Tân\n".encode(),
        "ds.csv",
    )
    assert page.count("nhập được nhưng chưa duyệt được: ") == 1
    assert "Dòng 2–6 nhập được" in page
    assert "Dòng 5: Cơ sở 5 chưa có số điện thoại và địa chỉ" in page


SECRET = trusted(address="nhà chị Hà ngõ 3", private_phone="0987 654 321", latitude=20.1, longitude=105.5)


def csv(*rows: str) -> bytes:
    """Return a list that names the place of `SECRET` in Cẩm Tân."""
    titles = "Loại,Tên,Xã,Tỉnh,Giờ mở cửa,Số điện thoại riêng,Địa chỉ,Công khai địa chỉ,Vĩ độ,Kinh độ"
    return "\n".join((titles, *(f"Địa chỉ tin cậy,{SECRET.name},Xã Cẩm Tân,Thanh Hóa,{row}" for row in rows))).encode()


def test_a_report_shows_nothing_hidden_and_answers_no_guess(cast: Cast) -> None:
    """Who does not see the private parts uploads the place, bare or with guesses: right and wrong ones read alike, and what
    is hidden stays as it is."""
    made = cast.approved(SECRET)
    with transaction(cast.site.directory) as db:
        db.execute(update(staff).where(staff.c.id == cast.mai.id).values(given_by=cast.boss.id))
    guesses = (
        ("0987654321,nhà chị Hà ngõ 3,có,20.1,105.5", "0911222333,nhà bà Tư ngõ 9,có,21.2,105.6"),
        ("0987 654 321,,,,", "0911 222 333,,,,"), (",nhà chị Hà ngõ 3,,,", ",nhà bà Tư ngõ 9,,,"), (",,có,,", ",,có,,"),
    )  # fmt: skip
    for who in (cast.lan, cast.boss, cast.mai):
        for hours in ("7h30-17h", SECRET.hours):
            page = upload(cast, who, csv(f"{hours},,,,,"), "a.csv")
            assert "nhà chị Hà" not in cast.browser(who).page.text, who.role
            assert ("Sẽ nhập" in page) == (hours != SECRET.hours), who.role
            for right, wrong in guesses:
                pages = [upload(cast, who, csv(f"{hours},{guess}"), "a.csv") for guess in (right, wrong)]
                assert pages[0] == pages[1].replace(wrong, right), (who.role, right)
                assert "sửa bản ghi đã có: giờ mở cửa" in pages[0] or hours == SECRET.hours
                assert "giờ mở cửa, " not in pages[0]
                assert "nhà chị Hà" not in cast.browser(who).page.text
    file = csv("7h30-17h,0911222333,nhà bà Tư ngõ 9,có,21.2,105.6")
    upload(cast, cast.lan, file, "a.csv")
    with reading(cast.site.directory) as db:
        held = str(excel.read(file, "a.csv", cast.lan, db, cast.site.now()).as_json())
    assert SECRET.private_phone not in held
    assert "nhà chị Hà" not in held
    take(cast, cast.lan)
    assert "Số riêng" not in cast.read(cast.lan, f"/changes/{cast.change_of(made)}")
    cast.send(cast.hoa, f"/changes/{cast.change_of(made)}/approve")
    page = cast.read(cast.hoa, f"/entries/{made}")
    for kept in ("nhà chị Hà ngõ 3", "0987 654 321", "7h30-17h"):
        assert kept in page
    assert "bà Tư" not in page


def test_a_number_of_ones_own_is_kept_where_none_is(cast: Cast) -> None:
    """A supervisor's list brings a private number for a place that has none: it is kept, and its commune reads it."""
    made = cast.approved(trusted(private_phone="", address="", address_public=False))
    row = csv("7h30-17h,0911222333,,,,").decode().replace(SECRET.name, trusted().name).encode()
    upload(cast, cast.lan, row, "a.csv")
    take(cast, cast.lan)
    cast.send(cast.hoa, f"/changes/{cast.change_of(made)}/approve")
    assert "0911222333" in cast.read(cast.hoa, f"/entries/{made}")


def test_a_place_that_calls_itself_secret_is_asked_about(cast: Cast) -> None:
    """In its name, or in a column that nobody reads: the report asks before it is imported, the approver is asked again."""
    titles = (
        "Loại,Tên,Xã,Điện thoại,Công khai số điện thoại,Địa chỉ,Công khai địa chỉ,Số quyết định,Đồng ý công bố,Ghi chú"
    )
    rows = (
        "Nhà bà Sáu (kín),Cẩm Tân,0912345678,,,,12/QĐ-UBND,có,", "Nhà bà Năm,Cẩm Tân,0912345679,,,,12/QĐ-UBND,có,khong cho ai biet",
        "Nhà bà Tư kín,Cẩm Tân,0912345670,không,ngõ 3,không,12/QĐ-UBND,có,", "Nhà chị Kính,Cẩm Tân,0912345671,,,,12/QĐ-UBND,có,gần chợ",
    )  # fmt: skip
    page = upload(cast, cast.mai, "\n".join((titles, *(f"Địa chỉ tin cậy,{row}" for row in rows))).encode(), "a.csv")
    assert "Dòng 2: Nhà bà Sáu (kín) ghi “kín” mà lại công khai: đúng không?" in page
    assert "Dòng 3: Nhà bà Năm ghi “khong cho ai biet” mà lại công khai: đúng không?" in page
    assert page.count("mà lại công khai") == 2
    take(cast, cast.mai)
    assert cast.read(cast.hoa, "/changes").count("Dòng này ghi “kín” mà lại công khai: đúng không?") == 1


def test_one_place_in_two_spellings_is_asked_about(cast: Cast) -> None:
    """Same kind and commune, and the same number or nearly the same name: the row is named, and may be imported all the same."""
    rows = (
        "Trạm y tế Cẩm Tân,Trạm y tế,02373822121,Cẩm Tân", "Trạm y tế xã Cẩm Tân,Trạm y tế,02373822122,Cẩm Tân",
        "Nhà bà Lý thôn Bãi,Địa chỉ tin cậy,0912345678,Cẩm Tân", "Cơ sở tạm lánh thôn Bãi,Địa chỉ tin cậy,0912 345 678,Cẩm Tân",
        "Địa chỉ tin cậy thôn 1,Địa chỉ tin cậy,0912345671,Cẩm Tân", "Địa chỉ tin cậy thôn 2,Địa chỉ tin cậy,0912345672,Cẩm Tân",
        "Địa chỉ tin cậy Phú Lai,Địa chỉ tin cậy,0912345673,Cẩm Tân", "Địa chỉ tin cậy Phú Lộc,Địa chỉ tin cậy,0912345674,Cẩm Tân",
    )  # fmt: skip
    page = upload(cast, cast.mai, "\n".join(("Tên cơ sở,Loại hình,Số điện thoại,Xã", *rows)).encode(), "ds.csv")
    assert "Có thể trùng nhau" in page
    assert page.count("có phải là dòng") == 2
    assert "có phải là dòng 2, “Trạm y tế Cẩm Tân” không? Cùng loại, cùng xã, tên gần giống." in page
    assert "có phải là dòng 4, “Nhà bà Lý thôn Bãi” không? Cùng loại, cùng xã, cùng số điện thoại." in page
    assert "Đã nhập 8 dòng" in take(cast, cast.mai)


def test_a_place_of_the_directory_in_another_spelling_is_asked_about(cast: Cast) -> None:
    """What residents see already is compared too."""
    upload(cast, cast.mai, sheet(GOOD, MORE))
    take(cast, cast.mai)
    cast.read(cast.hoa, "/changes")
    html = cast.browser(cast.hoa).page.text
    cast.send(
        cast.hoa, "/changes", {"change": [part.split('"')[0] for part in html.split('name="change" value="')[1:]]}
    )
    row = "Tên cơ sở,Loại hình,Số điện thoại,Xã\nNhà tạm lánh Phú Lai,Địa chỉ tin cậy,0912345678,Cẩm Tân"
    page = upload(cast, cast.mai, row.encode(), "ds.csv")
    assert "có phải là “Địa chỉ tin cậy thôn Phú Lai” đã có trong danh bạ không" in page


def test_one_wrong_row_keeps_all_out(cast: Cast) -> None:
    """The report says which row and what to do; there is no button; a form made up by hand imports nothing either."""
    page = upload(cast, cast.mai, sheet(GOOD, BAD))
    assert "Dòng 5: Địa chỉ tin cậy thôn Bãi" in page
    assert "Thiếu chữ số" in page
    assert "/excel/take" not in cast.browser(cast.mai).page.text
    file = re.search(r"/excel/marked\?(file)=(\w+)", cast.browser(cast.mai).page.text)
    assert file
    assert "chưa nhập dòng nào" in cast.send(cast.mai, "/excel/take", {file[1]: file[2]})
    assert open_changes(cast) == 0
    assert "2 dòng thêm mới" in upload(cast, cast.mai, sheet(GOOD, MORE))  # mended and sent again


def test_the_marked_copy_says_what_to_mend(cast: Cast) -> None:
    """The same list with the reason in front of the wrong row; rows keep their numbers."""
    upload(cast, cast.mai, sheet(GOOD, BAD))
    found = re.search(r'href="/staff(/excel/marked[^"]+)"', cast.browser(cast.mai).page.text)
    assert found
    answer = cast.browser(cast.mai).get(found[1])
    assert "attachment" in answer.headers["content-disposition"]
    page = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert "Thiếu chữ số" in str(page.cell(5, 1).value)
    assert not page.cell(4, 1).value
    assert page.cell(5, 3).value == "Địa chỉ tin cậy thôn Bãi"


def test_a_file_that_is_none_is_told(cast: Cast) -> None:
    """No file, a photograph, a list without titles: each says what to do, and nothing is held."""
    assert "Chọn tệp Excel hoặc CSV" in cast.send(cast.mai, "/excel")
    assert "hình ảnh" in upload(cast, cast.mai, b"\x89PNG\r\n\x1a\n" + bytes(200), "anh.png")
    untitled = upload(cast, cast.mai, "xin chào\n".encode(), "thu.csv")
    assert "hàng tiêu đề" in untitled
    assert "tincay" not in untitled
    assert "Tệp này trống" in upload(cast, cast.mai, blank())
    assert "hết hạn" in take(cast, cast.mai)


def test_a_file_over_the_limit_is_refused(cast: Cast) -> None:
    """Six megabytes are not read."""
    browser = cast.browser(cast.mai)
    browser.post("/excel", files={"file": ("to.csv", b"x" * 6_000_000)})
    assert browser.page.status_code == 413
    assert "5 MB" in browser.words


def test_what_is_held_is_ones_own_and_ends(cast: Cast) -> None:
    """Another person has nothing to import; after twenty minutes nobody has; importing twice imports once."""
    upload(cast, cast.mai, sheet(GOOD))
    assert "hết hạn" in take(cast, cast.hoa)
    assert "Mở lại báo cáo" in cast.read(cast.mai, "/excel")
    assert "1 dòng thêm mới" in cast.read(cast.mai, "/excel/report")
    later = cast.site.now() + timedelta(minutes=21)
    browser = cast.browser(cast.mai)
    kept = replace(cast.site, now=lambda: later)
    assert kept.shelf.look(b"any", kept.keys, later) is None
    cast.site = kept
    cast.browsers.clear()
    assert "hết hạn" in take(cast, cast.mai)
    assert open_changes(cast) == 0
    assert browser.page.status_code == 200


def test_importing_twice_imports_once(cast: Cast) -> None:
    """A second tap is told what the first one did; nothing more is written, and the file is held no longer."""
    upload(cast, cast.mai, sheet(GOOD))
    file = mark(cast, cast.mai)
    assert "Đã nhập 1 dòng" in cast.send(cast.mai, "/excel/take", file)
    assert "Đã nhập 1 dòng" in cast.send(cast.mai, "/excel/take", file)
    assert open_changes(cast) == 1
    assert "đã nhập xong" in cast.read(cast.mai, f"/excel/report?file={file['file']}", 409)
    assert "Mở lại báo cáo" not in cast.read(cast.mai, "/excel")


def test_a_page_imports_the_file_that_it_shows(cast: Cast) -> None:
    """Two pages, two files: the page that was opened first neither imports nor marks the file of the other one."""
    upload(cast, cast.mai, sheet(GOOD))
    first = mark(cast, cast.mai)
    upload(cast, cast.mai, sheet(MORE))
    second = mark(cast, cast.mai)
    assert "Bạn đã mở tệp khác ở trang kia" in cast.send(cast.mai, "/excel/take", first)
    assert "mở tệp khác" in cast.read(cast.mai, f"/excel/marked?file={first['file']}", 409)
    assert "mở tệp khác" in cast.read(cast.mai, f"/excel/report?file={first['file']}", 409)
    assert open_changes(cast) == 0
    assert "Đã nhập 1 dòng" in cast.send(cast.mai, "/excel/take", second)
    assert "thôn Phong Mỹ" in cast.read(cast.mai, "/entries")
    assert "thôn Phú Lai" not in cast.read(cast.mai, "/entries")


def test_rows_that_nobody_can_approve_are_counted(cast: Cast) -> None:
    """Without consent they go in and wait: the report and the notice after the import both say how many."""
    page = upload(cast, cast.mai, sheet(GOOD, [*MORE[:5], ""]))
    assert "1 dòng còn thiếu quyết định, đồng ý hoặc số" in page
    assert "Phú Lai thêm mới, Xã Cẩm Tân: 0912345678, thôn Phú Lai" in page
    file = mark(cast, cast.mai)
    copy = load_workbook(io.BytesIO(cast.browser(cast.mai).get(f"/excel/marked?file={file['file']}").content))
    assert [str(copy.worksheets[0].cell(row, 1).value or "") for row in (4, 5)] == [
        "", "Đồng ý công bố: Người giữ địa chỉ phải đồng ý thì mới được công bố.",
    ]  # fmt: skip
    upload(cast, cast.mai, sheet(GOOD, [*MORE[:5], ""]))
    assert "1 dòng còn thiếu, mở từng dòng để bổ sung" in take(cast, cast.mai)


def test_back_on_the_phone_shows_the_report_again(cast: Cast) -> None:
    """The report is a page of its own: reloading it sends no file a second time."""
    browser = cast.browser(cast.mai)
    assert browser.post("/excel", files={"file": ("a.xlsx", sheet(GOOD))}).status_code == 303
    assert browser.page.headers["location"].startswith("/staff/excel/report")
    assert browser.follow().status_code == 200


def test_a_directory_that_changed_meanwhile_takes_nothing(cast: Cast) -> None:
    """A colleague added the same place after the report: all or nothing, and the way on is told."""
    upload(cast, cast.mai, sheet(GOOD, MORE))
    cast.proposed(cast.hoa, trusted())
    assert "trùng với tệp này" in take(cast, cast.mai)
    assert open_changes(cast) == 1


def test_the_template_and_the_export_are_for_ones_own(cast: Cast) -> None:
    """The template opens; the export holds what is approved and nothing private; who fetched it is written down."""
    cast.approved(trusted(address="nhà chị Hà"), called=1)
    cast.proposed(cast.mai, trusted(name="Thôn chưa duyệt"))
    for who in (cast.mai, cast.lan):
        content = cast.browser(who).get("/excel/template").content
        assert load_workbook(io.BytesIO(content)).sheetnames
        for path in ("/excel/export", "/excel/export-csv"):
            content = cast.browser(who).get(path).content
            if path == "/excel/export":
                cells = load_workbook(io.BytesIO(content)).worksheets[0].values
                text = " ".join(str(value) for row in cells for value in row)
            else:
                text = content.decode("utf-8-sig")
            assert "Địa chỉ tin cậy thôn Phú Lai" in text
            assert not any(secret in text for secret in ("0987 654 321", "0987654321", "nhà chị Hà", "chưa duyệt"))
    assert cast.browser(cast.boss).get("/excel/template?province=Thanh+H%C3%B3a").status_code == 200
    assert cast.browser(cast.boss).get("/excel/template").status_code == 404
    assert "Phú Lai" not in cast.browser(cast.stranger).get("/excel/export-csv").content.decode()
    with reading(cast.site.directory) as db:
        told = db.execute(select(audit.c.staff_id).where(audit.c.action == "export")).scalars().all()
    assert told.count(cast.mai.id) == 2


def test_a_report_of_5000_rows_fits_the_link(cast: Cast) -> None:
    """The longest list: what is shown stays under 15 KB, the counts tell the rest."""
    rows = [[n, f"Địa chỉ tin cậy thôn số {n}", f"091{n:07}", "thôn", "12/QĐ", "có"] for n in range(5000)]
    page = upload(cast, cast.mai, sheet(*rows))
    assert "5000 dòng thêm mới" in page
    assert "Nhập 5000 dòng" in page
    assert len(cast.browser(cast.mai).page.content) < 15_000


def test_the_shelf_holds_sealed_and_not_too_much(tmp_path: Path, cast: Cast) -> None:
    """What is held cannot be read by another session; when too much is held the oldest goes; nothing is on disk."""
    shelf, keys, now = Shelf(), load_keys(KEYS, tmp_path), cast.site.now()
    shelf.put(b"a", keys, {"secret": "Quỳnhzeta"}, now)
    assert "Quỳnhzeta" not in repr(vars(shelf))
    assert shelf.look(b"b", keys, now) is None
    shelf.put(b"b", keys, "x" * 25_000_000, now)
    shelf.put(b"c", keys, "x" * 25_000_000, now)
    assert [shelf.look(s, keys, now) is None for s in (b"a", b"b", b"c")] == [True, True, False]
    upload(cast, cast.mai, sheet(GOOD))
    on_disk = b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
    assert "thôn Phú Lai".encode() not in on_disk
