"""What leaves: nothing confidential, nothing that counts as a formula, and what comes back unchanged proposes nothing."""

from __future__ import annotations

import csv
import html
import io
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import Connection

from referral_directory import changes, excel
from referral_directory import record as records
from referral_directory.excel.cells import clean, key
from referral_directory.excel.columns import COLUMNS
from referral_directory.excel.workbooks import read_xlsx
from referral_directory.keeper import Keeper
from referral_directory.places import load
from referral_directory.record import Record
from referral_directory.terms import FOR, KINDS, LANGUAGES, SHELTER, STATUSES, TAKES
from tests.excel.conftest import CAM_TAN, NOW, THANH_HOA, Read, line, record, said
from tests.excel.workbooks import messy, sheet_of
from tests.referral_directory.conftest import SOC_TRANG, keeper, trusted

ADMIN = Keeper("3", "Quản trị", "admin")


def stored(db: Connection, *wanted: Record) -> None:
    """Put approved records into the directory."""
    for n, one in enumerate(wanted):
        key = f"00000000-0000-4000-8000-{n:012}"
        records.write(db, key, one, state="approved", version=1, edited_by="a", approved_by="b")


def everything(upload: bytes) -> str:
    """Return all text of a workbook, whatever part it stands in."""
    with zipfile.ZipFile(io.BytesIO(upload)) as archive:
        return html.unescape("".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist()))


def table(upload: bytes) -> list[dict[str, Any]]:
    """Return the rows of an export by their titles."""
    sheet: Any = load_workbook(io.BytesIO(upload)).worksheets[0]
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    at = next(n for n, row in enumerate(rows) if row[:2] == ["Loại hình", "Tên cơ sở"])
    return [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]]


def sets_of(names: dict[str, str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Return some of these keys, sorted as the directory has them."""
    return st.sets(st.sampled_from(sorted(names))).map(lambda found: tuple(sorted(found)))


WORDS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0")
    | st.sampled_from("=+-@'\t\r\n\ufffe\u200bêàª;,\""),
    max_size=60,
)
NUMBERS = st.from_regex(r"0[35789][0-9]{8}|02[0-9]{9}|11[0-9]|", fullmatch=True) | st.just("0912 345 678")
RECORDS = st.builds(
    Record, kind=st.sampled_from(KINDS), name=WORDS.filter(lambda text: bool(key(clean(text)))),
    commune=st.just(15178), province=st.just("Thanh Hóa"), description=WORDS, phone=NUMBERS, private_phone=NUMBERS,
    address=WORDS, address_public=st.booleans(), latitude=st.none() | st.just(20.1), longitude=st.none() | st.just(105.4),
    hours=WORDS, decision=WORDS, decided_on=st.just("") | st.dates().map(str), consent=st.booleans(),
    shelter=st.sampled_from(("", *SHELTER)), takes=sets_of(TAKES), types=sets_of(FOR), languages=sets_of(LANGUAGES),
    distance_km=st.none() | st.floats(0, 200), status=st.sampled_from(sorted(STATUSES)),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_what_was_exported_proposes_nothing(db: Connection, wanted: list[Record]) -> None:
    """Whatever the records hold: an export read again, as .xlsx or as CSV, finds every row as it is."""
    with db.begin_nested() as here:
        stored(db, *wanted)
        for write in (excel.export, excel.export_csv):
            report = excel.read(write(db, ADMIN), "lai.xlsx", ADMIN, db, NOW)
            assert report.counts == {"same": len(wanted)}, [str(r) for one in report.lines for r in one.remarks]
        here.rollback()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORDS, min_size=1, max_size=4), st.booleans())
def test_nothing_confidential_leaves(db: Connection, wanted: list[Record], own: bool) -> None:
    """No private phone, and no address or position that is not public, stands in any export, the commune's own neither."""
    with db.begin_nested() as here:
        hidden = [
            Record.from_json(
                one.as_json()
                | {"private_phone": f"0999{n:06}", "phone": "113", "address": f"ngõ kín {n}", "address_public": False, "latitude": 20.123456}
            )
            for n, one in enumerate(wanted)
        ]  # fmt: skip
        stored(db, *hidden)
        by = CAM_TAN if own else ADMIN
        told = everything(excel.export(db, by)) + excel.export_csv(db, by).decode()
        assert "113" in told
        assert [secret for secret in ("0999000", "ngõ kín", "20.123456") if secret in told] == []
        here.rollback()


def test_an_export_holds_text_alone(db: Connection) -> None:
    """Zeros stay, nothing is a formula: every cell of the list is text, and none begins like one."""
    odd = trusted(name="=HYPERLINK(1)", phone="0912345678", description="+84", hours="@x", decision="-1")
    stored(db, odd)
    upload = excel.export(db, CAM_TAN)
    (row,) = table(upload)
    assert row["Số điện thoại"] == "0912345678"
    assert (row["Tên cơ sở"], row["Mô tả"], row["Giờ mở cửa"], row["Số quyết định"]) == (
        "'=HYPERLINK(1)",
        "'+84",
        "'@x",
        "'-1",
    )
    (sheet, _) = read_xlsx(upload)
    assert all(isinstance(value, str | None) for one in sheet.rows for value in one.values)
    assert "<f>" not in everything(upload)
    cells = [
        cell for line in csv.reader(io.StringIO(excel.export_csv(db, CAM_TAN).decode("utf-8-sig"))) for cell in line
    ]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_an_export_keeps_to_its_scope(db: Connection) -> None:
    """Staff get their commune, supervisors their province, the administrator what was asked; waiting rows nobody."""
    stored(
        db, trusted(), trusted(name="Nơi khác", commune=SOC_TRANG, province="Cần Thơ"), trusted(name="Tỉnh", commune=0)
    )
    changes.propose(db, keeper(db), trusted(name="Chưa duyệt"), NOW)
    names = lambda by, *asked: [row["Tên cơ sở"] for row in table(excel.export(db, by, *asked))]  # noqa: E731
    assert names(CAM_TAN) == ["Địa chỉ tin cậy thôn Phú Lai"]
    assert names(CAM_TAN, "Cần Thơ") == []
    assert names(CAM_TAN, "", SOC_TRANG) == []
    assert names(THANH_HOA) == ["Tỉnh", "Địa chỉ tin cậy thôn Phú Lai"]
    assert names(ADMIN) == ["Nơi khác", "Tỉnh", "Địa chỉ tin cậy thôn Phú Lai"]
    assert names(ADMIN, "Cần Thơ") == ["Nơi khác"]
    assert names(ADMIN, "", 15178) == ["Địa chỉ tin cậy thôn Phú Lai"]


def test_an_exported_row_may_be_renamed_and_moved(db: Connection, read: Read) -> None:
    """Its id says which record it is: a new name and a new commune are an edit of it, not a second place."""
    other = next(c for c in load().communes if c.province.name == "Thanh Hóa" and c.code != 15178)
    stored(db, trusted(private_phone="", address=""))
    (row,) = table(excel.export(db, THANH_HOA))
    row |= {"Tên cơ sở": "Tên mới", "Xã, phường": other.label}
    report = read(tuple(row), tuple(row.values()), by=THANH_HOA)
    assert line(report, 2).action == "edit"
    assert "tên, xã" in said(report, 2)
    assert (record(report, 2).commune, record(report, 2).phone) == (other.code, trusted().phone)
    assert excel.carry_out(db, keeper(db, "province"), report, NOW) == 1
    strange = read(tuple(row), tuple(row.values()), by=Keeper("9", "x", "province", 0, "Cần Thơ"))
    assert "Không có bản ghi này trong phạm vi của bạn" in said(strange, 2, "error")


def test_a_row_twice_in_a_list(db: Connection, read: Read) -> None:
    """Twice the same is taken once; with other words, or by id and by name, it must be mended."""
    stored(db, trusted())
    (row,) = table(excel.export(db, CAM_TAN))
    titles, cells = tuple(row), tuple(row.values())
    without_id = (*cells[:-1], "")
    report = read(titles, without_id, without_id, cells)
    assert [one.action for one in report.lines] == ["same", "skip", "error"]
    assert "giống hệt dòng 2" in said(report, 3)


def test_the_template_offers_choices_and_help() -> None:
    """A line of help and a drop-down for kinds, yes and no, and the communes of the province; text cells down to row 5,000."""
    book = load_workbook(io.BytesIO(excel.template("Thanh Hóa")))
    sheet: Any = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=4)]
    assert rows[3] == [column.title for column in COLUMNS]
    assert all(rows[2])
    assert all(sheet.column_dimensions[cell.column_letter].number_format == "@" for cell in sheet[4])
    assert sheet.freeze_panes == "C5"
    lists: Any = book.worksheets[1]
    offered = {}
    for rule in sheet.data_validations.dataValidation:
        letter = str(rule.sqref)[0]
        last = int(rule.formula1.rpartition("$")[2])
        offered[sheet[f"{letter}4"].value] = [lists[f"{letter}{n}"].value for n in range(1, last + 1)]
        assert rule.prompt
        assert str(rule.sqref).endswith(f"{letter}5:{letter}5004")
    assert "Công an" in offered["Loại hình"]
    assert offered["Nhận trẻ em"] == ["có", "không"]
    assert offered["Xã, phường"][0] == "Toàn tỉnh Thanh Hóa"
    assert "Xã Cẩm Tân – 15178" in offered["Xã, phường"]
    assert len(offered["Xã, phường"]) == 1 + sum(c.province.name == "Thanh Hóa" for c in load().communes)


def test_a_filled_template_is_read(glance: Read) -> None:
    """The empty one has nothing to read; a row with every drop-down's choice is a place."""
    assert "Không có dòng nào" in glance(excel.template("Thanh Hóa")).problems[0]
    book = load_workbook(io.BytesIO(excel.template("Thanh Hóa")))
    row = {
        "Loại hình": "Hội Liên hiệp Phụ nữ", "Tên cơ sở": "Hội LHPN xã", "Xã, phường": "Xã Cẩm Tân – 15178",
        "Số điện thoại": "0912345678", "Có chỗ ở lại": "Chỉ tiếp nhận ban đầu", "Nhận trẻ em": "có", "Ngôn ngữ": "Thái; Mường",
        "Tình trạng": "Tạm nghỉ",
    }  # fmt: skip
    book.worksheets[0].append([row.get(column.title, "") for column in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    report = glance(out.getvalue(), by=THANH_HOA)
    found = record(report, 5)
    assert (found.kind, found.shelter, found.takes, found.languages, found.status) == (
        "womens_union", "receive", ("children",), ("blt", "mtq"), "temporarily closed",
    )  # fmt: skip
    assert [one.row for one in report.lines] == [5]
    assert report.ignored == ()


def test_a_template_of_a_place_that_is_not(glance: Read) -> None:
    """Of one commune alone it offers that commune; of none it is refused."""
    assert "Xã Cẩm Tân – 15178" in everything(excel.template(commune=15178))
    for wrong in ({"province": "Atlantis"}, {"commune": 1}):
        with pytest.raises(ValueError, match=r"no (province|commune)"):
            excel.template(**wrong)  # type: ignore[arg-type]


def test_the_marked_copy_says_in_front_what_to_mend(glance: Read) -> None:
    """Rows keep their numbers; the faulty ones are red with their reason; text is readable, formulas are gone."""
    report = glance(messy())
    sheet: Any = load_workbook(io.BytesIO(excel.marked_copy(report))).worksheets[0]
    assert sheet["A5"].value == "Cần sửa gì"
    assert "3 dòng có lỗi" in sheet["A1"].value
    for one in report.lines:
        wrong = one.action == "error"
        lacks = one.action == "new" and "chưa duyệt được" in said(report, one.row)
        assert bool(sheet.cell(one.row, 1).value) == (wrong or lacks)
        assert (sheet.cell(one.row, 2).fill.fgColor.rgb == "FFFFD6D6") == wrong
    assert "không thuộc phạm vi" in sheet["A15"].value
    assert sheet["D8"].value == "Nhà thôn Phú Tân"
    assert sheet["E11"].value == "2373822123"


def test_a_copy_of_a_list_without_some_columns_says_so_once(glance: Read) -> None:
    """At the top and as titles to fill in, on whichever row the titles stand; a copy filled in is read."""
    rows = (
        ("Tên cơ sở", "Loại hình", "SĐT"),
        *((f"Địa chỉ tin cậy thôn {n}", "Địa chỉ tin cậy", f"091234567{n}") for n in (1, 2)),
    )
    for above in ((), (("DANH SÁCH ĐỊA CHỈ TIN CẬY",),)):
        report = glance(*above, *rows)
        assert report.to_add.startswith("Tệp chưa có cột ")
        assert "“Số quyết định”" in report.to_add
        book = load_workbook(io.BytesIO(excel.marked_copy(report)))
        sheet: Any = book.worksheets[0]
        titles = [cell.value for cell in sheet[len(above) + 1]]
        assert titles[:4] == ["Cần sửa gì", "Tên cơ sở", "Loại hình", "SĐT"]
        assert tuple(titles[4:]) == report.absent
        assert not above or report.to_add in sheet["A1"].value
        for row in (len(above) + 2, len(above) + 3):
            sheet.cell(row, 1 + titles.index("Số quyết định")).value = "12/QĐ-UBND"
        out = io.BytesIO()
        book.save(out)
        again = glance(out.getvalue())
        assert "Số quyết định" not in again.absent
        assert again.importable == 2


def test_a_marked_copy_that_was_mended_is_read_again(db: Connection, read: Read) -> None:
    """The rows are put right in the copy itself, its first column left as it is, and all goes in."""
    writer = keeper(db)
    book = load_workbook(io.BytesIO(excel.marked_copy(read(messy(), by=writer))))
    sheet: Any = book.worksheets[0]
    sheet["D12"], sheet["E13"], sheet["K15"] = "Công an xã (trực ban)", "02373822124", "Cẩm Tân"
    out = io.BytesIO()
    book.save(out)
    report = read(out.getvalue(), by=writer)
    assert report.counts["error"] == 0, [said(report, one.row) for one in report.lines]
    assert excel.carry_out(db, writer, report, NOW) == 9
    assert read(out.getvalue(), by=writer).importable == 0


def test_a_report_may_be_kept_as_json(glance: Read) -> None:
    """Between the steps of an import nothing of it is lost."""
    import json

    report = glance(messy())
    assert excel.Report.from_json(json.loads(json.dumps(report.as_json()))) == report


def test_a_marked_copy_of_an_unread_file_says_the_problem() -> None:
    """It is a workbook all the same."""
    report = excel.Report("x.xlsx", problems=("Tệp hỏng.",))
    assert load_workbook(io.BytesIO(excel.marked_copy(report))).worksheets


def test_formulas_of_an_upload_do_not_come_back(glance: Read) -> None:
    """What looks like a formula in somebody's list is text in the marked copy."""
    upload = sheet_of(("Loại hình", "Tên cơ sở"), ("Công an", "'=cmd|' /C calc'!A0"), ("gì đó", "+1+1"))
    copy = everything(excel.marked_copy(glance(upload)))
    assert "<f>" not in copy
    assert "'=cmd" in copy
