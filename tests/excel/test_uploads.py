"""Files that may not be taken say why in one sentence; nothing in them can make the reader work without end."""

from __future__ import annotations

import contextlib
import io
import unicodedata
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from referral_directory.excel import sheets, workbooks
from referral_directory.excel.sheets import MOST_ROWS, Unreadable
from referral_directory.excel.uploads import read_sheets
from tests.excel.conftest import THANH_HOA, Read, line, record, said
from tests.excel.workbooks import large, saved, sheet_of

HERE = Path(__file__).parent
LIST = sheet_of(("Loại hình", "Tên cơ sở", "SĐT"), ("Công an", "Công an xã", "02373822123"))


def zipped(**parts: bytes | str) -> bytes:
    """Return a zip file of these parts; "__" in a name stands for a slash."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


def with_part(upload: bytes, name: str, change: bytes, into: bytes) -> bytes:
    """Return a workbook of which one part is written otherwise."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(upload)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part).replace(b"<v></v>", b"<v />").replace(b"<v/>", b"<v />")  # as lxml writes it
            assert part != name or change in content
            new.writestr(part, content.replace(change, into) if part == name else content)
    return out.getvalue()


WRONG = {
    "empty": (b"", "trống"),
    "blank": (b"\xef\xbb\xbf \n\n", "trống"),
    "too large": (b"a,b\n" * (sheets.MOST_BYTES // 4 + 1), "5 MB"),
    "html named xls": ("\n<html><table><tr><td>Tên cơ sở</td></tr></table></html>".encode(), "trang web"),
    "xml of 2003": (b'<?xml version="1.0"?><Workbook></Workbook>', "trang web"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", "hình ảnh"),
    "docx": (zipped(word__document="<w/>"), "Word"),
    "ods": (zipped(content="<o/>"), "OpenDocument"),
    "any zip": (zipped(anything="x"), "ZIP"),
    "cut off": (LIST[: len(LIST) // 2], "hỏng"),
    "nothing behind its head": (b"PK\x03\x04" + bytes(200), "hỏng"),
    "old doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), "hỏng"),
    "with a password": ((HERE / "locked.xlsx").read_bytes(), "mật khẩu"),
    "old xls, cut off": ((HERE / "old.xls").read_bytes()[:3_000], "hỏng"),
    "a program": (b"\x7fELF\x02\x01\x01\0\0\0\0\0" * 9, "không phải bảng"),
    "not a sheet inside": (with_part(LIST, "xl/workbook.xml", b"<workbook", b"<workbokk"), "hỏng"),
    "too wide": (sheet_of(["x"] * 101), "100 cột"),
    "csv too wide": ((",".join("x" * 101) + "\n").encode() * 2, "100 cột"),
}


@pytest.mark.parametrize(("upload", "word"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_says_why(glance: Read, upload: bytes, word: str) -> None:
    """One problem, in Vietnamese, which says what to do; no row, and nothing to import."""
    report = glance(upload)
    assert len(report.problems) == 1
    assert word in report.problems[0]
    assert report.lines == ()
    assert report.importable == 0
    assert report.summary == report.problems[0]


def test_every_cut_of_a_file_is_refused_or_glance() -> None:
    """Wherever a download breaks off, or a byte flips, the reader answers: with sheets, or with its one sentence."""
    for upload in (LIST, (HERE / "old.xls").read_bytes(), (HERE / "locked.xlsx").read_bytes()):
        spoilt = [upload[: len(upload) * n // 23] for n in range(1, 23)]
        for n in range(0, len(upload), max(1, len(upload) // 60)):
            spoilt.append(upload[:n] + bytes([upload[n] ^ 0xFF]) + upload[n + 1 :])
        for attempt in spoilt:
            with contextlib.suppress(Unreadable):
                assert read_sheets(attempt)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred megabytes of nothing in a small file: its list of parts is enough to refuse it."""
    bomb = with_part(LIST, "xl/workbook.xml", b"</workbook>", b"</workbook>" + b" " * 200_000_000)
    assert len(bomb) < sheets.MOST_BYTES

    def unpacked(*_: object) -> bytes:
        raise AssertionError("a part was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "read", unpacked)
    monkeypatch.setattr(zipfile.ZipFile, "open", unpacked)
    with pytest.raises(Unreadable, match="50 MB"):
        read_sheets(bomb)


def test_a_bomb_that_lies_about_its_size_is_broken() -> None:
    """A part that says it is small gives no more than it says, and then does not add up."""
    bomb = bytearray(with_part(LIST, "xl/worksheets/sheet1.xml", b"</worksheet>", b"</worksheet>" + b" " * 100_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    assert bomb.count(size)
    with pytest.raises(Unreadable, match="hỏng"):
        read_sheets(bytes(bomb.replace(size, (2_000).to_bytes(4, "little"))))


LAUGHS = b"<!DOCTYPE x [<!ENTITY a 'ha'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 30) for n in range(9)
) + b"]>"  # fmt: skip


@pytest.mark.parametrize("declared", [LAUGHS, b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"])
@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_entities_are_refused(declared: bytes, code: str) -> None:
    """Neither a billion laughs nor a file of the server is ever asked for; in UTF-16 as little."""
    with zipfile.ZipFile(io.BytesIO(LIST)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    text = f"<?xml version='1.0' encoding='{code}'?>" + declared.decode() + sheet.replace("02373822123", "&j;")
    with pytest.raises(Unreadable, match="khai báo lạ"):
        read_sheets(with_part(LIST, "xl/worksheets/sheet1.xml", sheet.encode(), text.encode(code)))


def test_entities_are_harmless_to_the_parser_too(tmp_path: Path) -> None:
    """Were they let through: openpyxl's parser expands no billion, and reads no file."""
    (tmp_path / "secret").write_text("bi-mat")
    with zipfile.ZipFile(io.BytesIO(LIST)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    outside = f"<!DOCTYPE x [<!ENTITY j SYSTEM 'file://{tmp_path}/secret'>]>".encode()
    for declared in (LAUGHS, outside):
        spoilt = declared + sheet.replace(b"02373822123", b"&j;")
        with pytest.raises(Unreadable):
            workbooks.read_xlsx(with_part(LIST, "xl/worksheets/sheet1.xml", sheet, spoilt))


TOO_MANY = (
    "Danh sách có hơn 5.000 dòng (kể cả dòng trống). Xóa dòng trống hoặc chia thành nhiều tệp rồi tải lên từng tệp."
)


def test_a_million_empty_rows_are_not_read_to_the_end(glance: Read) -> None:
    """Whatever stands below so many rows, filled or empty, is not looked at: here a row with more columns than may be."""
    wide = b",x" * 150
    assert glance(b"Ten co so,So dien thoai\nCong an xa,113\n" + b"\n" * 10_000 + wide).problems == (TOO_MANY,)
    with zipfile.ZipFile(io.BytesIO(LIST)) as archive:
        end = b"</sheetData>"
        assert end in archive.read("xl/worksheets/sheet1.xml")
    far = b"<row/>" * 10_000 + b'<row><c r="ZZ20000" t="str"><v>x</v></c></row>' + end
    assert glance(with_part(LIST, "xl/worksheets/sheet1.xml", end, far)).problems == (TOO_MANY,)


def test_a_list_of_too_many_rows_is_refused_whole(glance: Read) -> None:
    """One row too many: nothing is cut off in silence, the list must be parted."""
    rows = [("Công an", f"Công an xã số {n}") for n in range(MOST_ROWS + 1)]
    report = glance(("Loại hình", "Tên cơ sở"), *rows)
    assert report.problems == (TOO_MANY,)
    assert glance(("Loại hình", "Tên cơ sở"), *rows[:-1]).counts == {"new": MOST_ROWS}


def test_rows_are_found_far_down_and_far_dimensions_cost_nothing(glance: Read) -> None:
    """A list that begins in row 900 of a sheet formatted to its last row."""
    book = Workbook()
    sheet = book.worksheets[0]
    for n, row in enumerate((("Loại hình", "Tên cơ sở"), ("Công an", "Công an xã")), 900):
        for at, text in enumerate(row, 1):
            sheet.cell(n, at, text)
    sheet.cell(1_048_576, 1).number_format = "@"
    assert line(glance(saved(book)), 901).action == "new"


def test_a_very_long_cell_is_an_error_of_its_row(glance: Read) -> None:
    """It is neither cut in silence nor kept whole."""
    report = glance(("Loại hình", "Tên cơ sở", "Mô tả"), ("Công an", "A" * 201, ""), ("Công an", "B", "c" * 30_000))
    assert "nhiều nhất 200" in said(report, 2, "error")
    assert "nhiều nhất 2000" in said(report, 3, "error")
    assert all(len(cell) <= 2_001 for one in report.lines for cell in one.cells)


def test_an_old_workbook_is_glance(glance: Read) -> None:
    """.xls with a title, TCVN3 by font, a merged cell, a day, a number of days, a tick."""
    report = glance((HERE / "old.xls").read_bytes(), name="cu.xls")
    first, second, third = (record(report, n) for n in (4, 5, 6))
    assert {one.kind for one in (first, second, third)} == {"trusted_address"}
    assert (first.name, first.address, first.private_phone) == ("Nhà thôn Một", "thôn Một", "0912345678")
    assert (first.decided_on, first.shelter) == ("2019-03-01", "overnight")
    assert (second.decided_on, second.private_phone, second.shelter) == ("2019-03-01", "0834567890", "overnight")
    assert (second.address, third.address) == ("thôn Hai", "thôn Hai")


def apart(letter: str) -> str:
    """Return a letter as Windows-1258 has it: its tone stands apart, its other marks do not."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    letters = unicodedata.normalize("NFD", letter)
    bare = "".join(c for c in letters if c not in tones)
    return unicodedata.normalize("NFC", bare) + "".join(c for c in letters if c in tones)


ROWS = 'Loại hình,Tên cơ sở,SĐT,Địa chỉ\nCông an,Công an xã,02373822123,"đường Lê Lợi, số 5"\n'
TCVN3_ROWS = b'Lo\xb9i h\xd7nh,T\xaan c\xac s\xeb,S\xa7T,\xa7\xdea ch\xd8\nC\xabng an,C\xabng an x\xb7,02373822123,"\xae\xad\xeang L\xaa L\xeei, s\xe8 5"\n'
CODED = {
    "utf-8": ROWS.encode(), "utf-8 of Excel": ROWS.encode("utf-8-sig"), "utf-16 of Excel": ROWS.replace(",", "\t").replace('"đường Lê Lợi\t', '"đường Lê Lợi,').encode("utf-16"),
    "utf-16 without its mark": ROWS.encode("utf-16-le"), "old Mac ends": ROWS.replace("\n", "\r").encode(),
    "semicolons": ROWS.replace('"đường Lê Lợi, số 5"', "đường Lê Lợi\\ số 5").replace(",", ";").replace("\\", ",").encode(),
    "windows-1258": "".join(map(apart, ROWS)).encode("cp1258"),
    "TCVN3": TCVN3_ROWS, "with sep=": b"sep=,\r\n" + ROWS.encode(),
}  # fmt: skip


@pytest.mark.parametrize("upload", CODED.values(), ids=CODED)
def test_csv_in_the_ways_offices_save_it(glance: Read, upload: bytes) -> None:
    """Encoding and separator are guessed; a comma in quotes is none."""
    report = glance(upload, name="danh-sach.csv")
    last = report.lines[-1].row
    found = record(report, last)
    assert (found.kind, found.name, found.phone) == ("police", "Công an xã", "02373822123")
    assert found.address == "đường Lê Lợi, số 5"


def test_a_csv_that_broke_long_numbers_says_so(glance: Read) -> None:
    """9,12E+08 is no number any more: the row is an error that tells how to save it as text."""
    report = glance("Loại hình;Tên cơ sở;SĐT\nCông an;Công an xã;9,12E+08\n".encode())
    assert "Văn bản" in said(report, 2, "error")


def test_formulas_give_the_value_that_excel_kept(glance: Read) -> None:
    """A counted formula is a value; #N/A and a formula that nobody counted are errors of their row."""
    upload = sheet_of(("Loại hình", "Tên cơ sở", "SĐT"), ("Công an", "=B9", "02373822123"), ("Công an", "#N/A", "113"))
    sheet = "xl/worksheets/sheet1.xml"
    counted = with_part(
        upload,
        sheet,
        b'<c r="B2"><f>B9</f><v /></c>',
        b'<c r="B2" t="str"><f>B9</f><v>C\xc3\xb4ng an x\xc3\xa3</v></c>',
    )
    assert record(glance(counted), 2).name == "Công an xã"
    assert "công thức chưa có kết quả" in said(glance(upload), 2, "error")
    assert "công thức lỗi" in said(glance(upload), 3, "error")


def test_the_sheet_with_the_list_is_taken(glance: Read) -> None:
    """Others are named, and one that holds a list too is said to be unread; hidden ones are left alone."""
    book = Workbook()
    book.worksheets[0].append(["Hướng dẫn"])
    for name, titles in (
        ("DS 2026", ("Loại hình", "Tên cơ sở", "SĐT")),
        ("DS cũ", ("Tên cơ sở", "SĐT")),
        ("ẩn", ("Loại hình", "Tên", "SĐT", "Địa chỉ")),
    ):
        sheet = book.create_sheet(name)
        sheet.append(titles)
        sheet.append(("Công an", "Công an xã", "113"))
    book["ẩn"].sheet_state = "hidden"
    report = glance(saved(book))
    assert report.sheet == "DS 2026"
    assert "“DS cũ”" in report.notes[0]
    assert "Chưa đọc" in report.notes[0]


def test_a_list_of_5000_rows_is_read_whole(read: Read) -> None:
    """Old communes, lost zeros and three ways of hours: every row becomes a place of the right province."""
    report = read(large(5_000), by=THANH_HOA)
    assert report.counts == {"new": 5_000}
    assert {record(report, row).province for row in range(4, 5_004)} == {"Thanh Hóa"}
    assert record(report, 5_003).phone == "0912004999"


def test_merged_areas_over_the_whole_sheet_cost_nothing(glance: Read) -> None:
    """Thousands of areas, each from its row to the last row of Excel: the list is read, and read soon."""
    rows = [("Công an", f"Công an xã số {n}", f"thôn {n}") for n in range(3_000)]
    upload = sheet_of(("Loại hình", "Tên cơ sở", "Địa chỉ"), *rows)
    areas = "".join(f'<mergeCell ref="A{n}:A1048576"/>' for n in range(2, 3_002)).encode()
    merged = b"</sheetData><mergeCells>" + areas + b"</mergeCells>"
    report = glance(with_part(upload, "xl/worksheets/sheet1.xml", b"</sheetData>", merged))
    assert report.counts == {"new": 3_000}
