"""The report on the site: a year is chosen, activities and words are typed in and kept, the document is fetched and audited."""

from __future__ import annotations

import io
import time
from datetime import datetime

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from bot.clock import VIETNAM
from bot.store.engine import reading, transaction
from referral_directory.keeping import audit, staff
from tests import season
from tests.referral_directory.conftest import keeper
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast
from tests.whole.test_report import texts

TALK = {"day": "2026-11-20", "what": "Tọa đàm phòng, chống bạo lực", "place": "xã Cẩm Tân", "people": "1.200"}


def test_an_activity_is_kept_and_goes_into_the_document(cast: Cast) -> None:
    """Typed once, listed, in the Word and the Excel file; deleted again by one press."""
    page = cast.send(cast.lan, "/report?year=2026", TALK)
    assert "Đã thêm: Tọa đàm phòng, chống bạo lực." in page
    assert "20/11/2026 Tọa đàm phòng, chống bạo lực xã Cẩm Tân 1.200" in page
    docx = cast.browser(cast.lan).get("/report/docx?year=2026")
    assert docx.headers["content-disposition"] == 'attachment; filename="bao-cao-thang-hanh-dong-2026.docx"'
    assert "Tọa đàm phòng, chống bạo lực\nxã Cẩm Tân\n1.200" in texts(docx.content)
    book = load_workbook(io.BytesIO(cast.browser(cast.lan).get("/report/xlsx?year=2026").content))
    assert [row[3] for row in book["Hoạt động"].iter_rows(min_row=2, values_only=True)] == [1200]
    cast.browser(cast.lan).get("/report?year=2026")
    drop = cast.browser(cast.lan).page.text.split("/staff/report/")[1].split("/drop")[0]
    assert "Chưa ghi hoạt động nào" in cast.send(cast.lan, f"/report/{drop}/drop")


def test_signs_that_nobody_sees_break_no_document(cast: Cast) -> None:
    """A control character in an activity or in the words around it: left out, both files are made."""
    cast.send(cast.lan, "/report?year=2026", TALK | {"what": "Tọa\x0b đàm\x01"})
    cast.send(cast.lan, "/report/around?year=2026", {"unit": "Hội\x1f Phụ nữ", "troubles": "Thiếu\x08 người\u202e."})
    docx = cast.browser(cast.lan).get("/report/docx?year=2026")
    assert docx.status_code == 200
    assert "Thiếu người." in texts(docx.content)
    assert cast.browser(cast.lan).get("/report/xlsx?year=2026").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"day": ""}, "Chọn ngày."), ({"day": "hôm qua"}, "Ghi ngày như"), ({"what": " "}, "Ghi tên"), ({"people": "vài"}, "Ghi bằng chữ số"),
     ({"people": "-5"}, "Ghi bằng chữ số"), ({"what": "x" * 301}, "Không quá 300")],
)  # fmt: skip
def test_what_is_typed_wrong_is_told_at_its_field(cast: Cast, wrong: dict[str, str], told: str) -> None:
    """Nothing is kept, and what was typed stays in the form."""
    page = cast.send(cast.lan, "/report?year=2026", TALK | wrong)
    assert told in page
    assert "Chưa ghi hoạt động nào" in page
    assert 'value="xã Cẩm Tân"' in cast.browser(cast.lan).page.text


def test_the_words_around_the_figures(cast: Cast) -> None:
    """Unit, place, theme of a year that has none yet, troubles, who signs: in the document; the letterhead the next year too."""
    said = {
        "unit": "Hội Liên hiệp Phụ nữ tỉnh Thanh Hóa", "above": "Trung ương Hội", "theme": "Chung tay", "plan": "Kế hoạch số 214/KH-UBND ngày 05/11/2026", "troubles": "Thiếu người.",
        "copies": "Sở Nội vụ\nLưu: VT, CSLP;", "position": "TM. Ban Thường vụ\nChủ tịch", "signer": "Lê Thị Hạnh",
    }  # fmt: skip
    assert "Đã ghi" in cast.send(cast.lan, "/report/around?year=2026", said)
    told = texts(cast.browser(cast.lan).get("/report/docx?year=2026").content)
    for words in ("TRUNG ƯƠNG HỘI", "HỘI LIÊN HIỆP PHỤ NỮ TỈNH THANH HÓA", "“Chung tay”", "Khó khăn: Thiếu người.", "- Sở Nội vụ;", "Lê Thị Hạnh"):  # fmt: skip
        assert words in told, words
    assert "Thực hiện Kế hoạch số 214/KH-UBND ngày 05/11/2026 về việc triển khai" in told
    assert told.count("Lưu: VT") == 1
    assert "- Lưu: VT, CSLP." in told
    page = cast.read(cast.lan, "/report/around?year=2026")
    assert "Thư viện chưa có chủ đề" in page
    assert 'value="Lê Thị Hạnh"' in cast.browser(cast.lan).page.text
    cast.read(cast.lan, "/report/around?year=2025")
    assert "Lê Thị Hạnh" not in cast.browser(cast.lan).page.text


def test_a_report_before_the_end_says_so(cast: Cast) -> None:
    """Until 15 December the page, the document and the workbook are called provisional; the day after nothing says so."""
    season.fill(cast.site.people, cast.site.directory, days=7)
    assert "Số liệu tạm tính: Tháng hành động đến hết 15/12/2026" in cast.read(cast.lan, "/report")
    docx, xlsx = (cast.browser(cast.lan).get(f"/report/{kind}").content for kind in ("docx", "xlsx"))
    assert "(Số liệu tạm tính đến " in texts(docx)
    general = dict(load_workbook(io.BytesIO(xlsx))["Chung"].iter_rows(values_only=True))
    assert general["Số liệu"] == "tạm tính, mùa chưa kết thúc"
    cast.at(datetime(2026, 12, 16, 9, tzinfo=VIETNAM))
    assert "tạm tính" not in cast.read(cast.lan, "/report")
    assert "tạm tính" not in texts(cast.browser(cast.lan).get("/report/docx").content)


def test_each_province_has_its_own_report(cast: Cast) -> None:
    """A supervisor neither reads nor changes what another typed in; the administrator has the report of the house."""
    with_activity = cast.send(cast.lan, "/report?year=2026", TALK)
    assert "1.200" in with_activity
    key = cast.browser(cast.lan).page.text.split("/staff/report/")[1].split("/drop")[0]
    assert "1.200" in cast.read(cast.boss, "/report")
    with transaction(cast.site.directory) as db:
        other = keeper(db, "province", province="Nghệ An")
        db.execute(staff.update().where(staff.c.id == other.id).values(password="x", totp=b"x"))
    assert "1.200" not in cast.read(other, "/report")
    assert "Nghệ An, 15/11/2026" in cast.read(other, "/report")
    assert cast.browser(other).post(f"/report/{key}/drop").status_code == 404
    assert cast.browser(cast.mai).get("/report").status_code == 404
    assert cast.browser(cast.mai).get("/report/docx").status_code == 404
    assert "1.200" in cast.read(cast.lan, "/report")


def test_who_fetched_it_is_written_down(cast: Cast) -> None:
    """Each download is a line of the audit, which the page names."""
    cast.browser(cast.lan).get("/report/docx?year=2025")
    cast.browser(cast.lan).get("/report/xlsx")
    cast.send(cast.lan, "/report/around?year=2026", {"signer": "Lê Thị Hạnh"})
    with reading(cast.site.directory) as db:
        found = db.execute(select(audit.c.action, audit.c.entity_id).order_by(audit.c.id)).all()
    assert [tuple(row) for row in found if row.action in ("report", "write_report")] == [
        ("report", "Thanh Hóa 2025 docx"), ("report", "Thanh Hóa 2026 xlsx"), ("write_report", "Thanh Hóa 2026"),
    ]  # fmt: skip
    page = cast.read(cast.lan, "/audit")
    assert "Tải báo cáo : Thanh Hóa 2025 docx" in page
    assert "Lê Thị Hạnh" not in page


@pytest.mark.parametrize("year", ["2023", "1900", "9999", "năm nay", "2026;"])
def test_a_year_that_cannot_be_chosen_is_not_there(cast: Cast, year: str) -> None:
    """This year and the two before, no others."""
    for path in ("/report", "/report/docx", "/report/around"):
        assert cast.browser(cast.lan).get(f"{path}?year={year}").status_code == 404
    assert cast.browser(cast.lan).get("/report?year=2024").status_code == 200


def test_a_full_season_is_a_light_page_and_a_quick_document(cast: Cast) -> None:
    """The page stays under 15 KB, and the document of a whole season is made while one waits (seconds of CPU)."""
    season.fill(cast.site.people, cast.site.directory)
    cast.at(datetime(2026, 12, 16, 9, tzinfo=VIETNAM))
    cast.read(cast.lan, "/report")
    assert len(cast.browser(cast.lan).page.content) <= 15_000
    begun = time.process_time()
    docx = cast.browser(cast.lan).get("/report/docx?year=2026").content
    assert time.process_time() - begun < 20
    assert len(Document(io.BytesIO(docx)).inline_shapes) >= 4
