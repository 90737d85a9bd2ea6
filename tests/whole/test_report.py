"""The report of a season: what was counted stands in it, what could point at a person does not."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select

import content
from bot.channels.names import CHANNELS
from bot.clock import VIETNAM
from bot.report import Month, Scope, as_docx, as_xlsx, gather
from bot.report.figures import FEWEST, merge_small
from bot.report.names import QUESTIONS, TOLD, TOPICS
from bot.store.engine import reading, transaction
from bot.store.schema import tally
from referral_directory.season import activity, season_words
from tests import season as a_season
from tests.conftest import Bench
from tests.season import HOME

NOW = datetime(2026, 12, 16, 9, 30, tzinfo=VIETNAM)


def month_of(bench: Bench, scope: Scope, now: datetime = NOW) -> Month:
    """Return the month as the report has it."""
    with reading(bench.app.people) as people, reading(bench.app.directory) as directory:
        return gather(people, directory, 2026, scope, now)


@pytest.fixture
def season(bench: Bench) -> Month:
    """The whole season of the province that runs the bot, with what was counted a month before it too."""
    a_season.fill(bench.app.people, bench.app.directory)
    with transaction(bench.app.people) as db:
        before = {"day": datetime(2026, 10, 20).date(), "province": HOME}
        db.execute(tally.insert().values(**before, what="told:physical", count=900))
    return month_of(bench, Scope(HOME))


def texts(docx: bytes) -> str:
    """Return all words of a document, tables too."""
    made = Document(io.BytesIO(docx))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in made.paragraphs), *cells])


def test_few_call_backs_are_told_as_few(bench: Bench) -> None:
    """None until yesterday is no promise that nobody waits today: it reads as any small number does."""
    month = month_of(bench, Scope(HOME))
    assert month.counts.callbacks == 0
    assert "gọi lại: dưới 5." in texts(as_docx(month))
    sheet: Any = load_workbook(io.BytesIO(as_xlsx(month)))["Chung"]
    told = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert told["Lời nhờ gọi lại"] == "dưới 5"


def test_the_document_tells_the_season(season: Month) -> None:
    """Letterhead, sums, dates, pictures, activities, signature; no month but this one; a kind told twice is not named."""
    docx = as_docx(season)
    told = texts(docx)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "ỦY BAN NHÂN DÂN\nTỈNH THANH HÓA", "15/11/2026 đến ngày 15/12/2026",
        "Số người đã nhận ít nhất một tin trong thời gian này: 5.080", "khi lập báo cáo: 40", "Mức phạt hành chính\n212",
        "Thân thể\n132", "gọi lại: 11", "Lễ phát động Tháng hành động\nQuảng trường Lam Sơn\n850", "970 lượt người tham gia",
        "cấp kinh phí trực điện thoại", "- Bộ Nội vụ (b/c);", "KT. CHỦ TỊCH", "Xã Cẩm Tân",
    ):  # fmt: skip
        assert words in told, words
    for words in ("Mua bán người", "Đang trốn", "Bệnh viện", "Nghệ An", "1.032"):
        assert words not in told, words
    pictures = Document(io.BytesIO(docx)).inline_shapes
    assert len(pictures) >= 4
    assert all(one._inline.docPr.get("descr") for one in pictures)


def test_each_day_and_channel_adds_up_to_the_sums(season: Month) -> None:
    """Planned is what arrived, is unknown, was refused, was not sent or waits: on each day and in all."""
    assert len(season.sent) == 31 * 3
    for one in (*(s.counts for s in season.sent), season.totals):
        assert one["total"] == sum(n for end, n in one.items() if end != "total")
        assert one["waiting"] == 0
    assert season.totals["total"] == sum(counts["total"] for counts in season.channels.values())
    told = texts(as_docx(season))
    assert f"Đã lên lịch {season.totals['total']:,} tin".replace(",", ".") in told
    assert "20/11/2026\nTelegram\n3.055\n3.043\n2\n3\n7" in told


def test_every_commune_stands_in_the_document_once(season: Month) -> None:
    """Those that are ready with the day of their call, the others with what is missing."""
    (places,) = [
        t for t in Document(io.BytesIO(as_docx(season))).tables if t.rows[0].cells[1].text == "Xã, phường, đặc khu"
    ]
    rows = [[cell.text for cell in row.cells] for row in places.rows[1:]]
    assert len({row[1] for row in rows}) == len(rows) == season.ready.communes
    assert sum(row[2] == "Có" for row in rows) == season.ready.ready > 100
    assert {"Chưa có địa chỉ tin cậy", "Quá 90 ngày chưa gọi"} <= {row[2] for row in rows}


def test_the_workbook_holds_the_same_numbers(season: Month) -> None:
    """Numbers are numbers, so that a province can add up its communes; typed words are never formulas."""
    book = load_workbook(io.BytesIO(as_xlsx(season)))
    channels = list(book["Tin theo kênh"].iter_rows(min_row=2, values_only=True))
    assert sum(row[2] for row in channels) == season.totals["sent"]
    assert sum(row[3] for row in book["Tin theo ngày"].iter_rows(min_row=2, values_only=True)) == season.totals["sent"]
    assert ("Loại bạo lực được kể", "Thân thể", 132) in list(book["Số lượt"].iter_rows(min_row=2, values_only=True))
    done = [row[0] for row in book["Hoạt động"].iter_rows(min_row=2)]
    assert all(cell.data_type == "s" for cell in done)
    assert done[2].value.startswith("'=Thi")


def test_the_workbook_is_read_as_printed(season: Month) -> None:
    """One font, rows as high as their words are long, each sheet as wide as a page; no sheet is without rows."""
    long = replace(
        season, theme="Cùng nhau xây dựng cộng đồng an toàn, tôn trọng, bình đẳng cho phụ nữ và trẻ em gái. " * 3
    )
    book = load_workbook(io.BytesIO(as_xlsx(long)))
    assert len(book.sheetnames) <= 6
    for sheet in book:
        assert sheet.max_row > 1
        assert (sheet.page_setup.fitToWidth, sheet.sheet_properties.pageSetUpPr.fitToPage) == (1, True)
        assert len({(cell.font.name, cell.font.sz) for row in sheet.iter_rows() for cell in row}) == 1
    rows = {row[0].value: row[0].row for row in book["Chung"].iter_rows()}
    heights = book["Chung"].row_dimensions
    assert heights[rows["Chủ đề"]].height >= 5 * heights[rows["Năm"]].height


def test_another_province_has_only_what_is_its_own(season: Month, bench: Bench) -> None:
    """Who does not run the bot reads neither the others' messages nor what tells no province; a small count alone is hidden."""
    other = month_of(bench, Scope("Nghệ An", runs=False))
    assert (other.sent, other.counts.reached, other.subscribers) == ((), 41, 20)
    told = texts(as_docx(other))
    assert "đã nhận ít nhất một tin trong thời gian này: 41" in told
    assert "do đơn vị vận hành hệ thống báo cáo" in told
    assert "dưới 5" in told
    for words in ("Telegram\n", "Quảng trường", "Tình dục", "132", "Thanh Hóa"):
        assert words not in told, words
    assert month_of(bench, Scope("Sơn La", runs=False)).counts.told == ()
    assert "thời gian này: dưới 5" in texts(as_docx(month_of(bench, Scope("Sơn La", runs=False))))


def test_the_whole_country_names_provinces_and_no_small_one(season: Month, bench: Bench) -> None:
    """People reached by province, without a sum; readiness of all 34."""
    told = texts(as_docx(month_of(bench, Scope())))
    assert "Thanh Hóa\n3.120" in told
    assert "Nghệ An\n41" in told
    assert "Sơn La\n2" not in told
    assert "5.123" not in told
    assert "Cần Thơ\n0 / " in told


def test_no_sign_that_was_typed_breaks_the_report(bench: Bench) -> None:
    """Rows of an earlier version hold what staff pasted: both files open, with the words and without the signs."""
    a_season.fill(bench.app.people, bench.app.directory)
    with transaction(bench.app.directory) as db:
        db.execute(activity.update().values(what="Mít\x0b tinh\x1b", place="sân\ufffe xã"))
        kept = dict(db.execute(select(season_words.c.words)).scalars().first() or {})
        db.execute(season_words.update().values(words={**kept, "unit": "Hội\x01 LHPN\ud800"}))
    season = month_of(bench, Scope(HOME))
    told = texts(as_docx(season))
    assert "Mít tinh" in told
    assert "HỘI LHPN" in told
    book = load_workbook(io.BytesIO(as_xlsx(season)))
    assert book["Hoạt động"]["A2"].value == "Mít tinh"


def test_an_empty_season_says_so(bench: Bench) -> None:
    """Nothing planned and nothing asked is a report too, in both forms, with lines to fill in by hand."""
    month = month_of(bench, Scope("Thanh Hóa"), datetime(2026, 11, 16, tzinfo=VIETNAM))
    told = texts(as_docx(month))
    assert "chưa có tin nào được lên lịch" in told
    assert "Nơi nhận:" in told
    assert "……" in told
    assert load_workbook(io.BytesIO(as_xlsx(month))).sheetnames


@given(st.lists(st.tuples(st.text(min_size=1, max_size=4), st.integers(0, 30)), unique_by=lambda row: row[0]))
def test_no_small_number_can_be_read(rows: list[tuple[str, int]]) -> None:
    """Nothing between 1 and 4 is told, nor can be worked out of the sum of the others."""
    merged = merge_small(rows)
    assert all(n == 0 or n >= FEWEST for _, n in merged)
    if all(n for _, n in merged):
        assert sum(n for _, n in merged) == sum(n for _, n in rows)


def test_all_that_is_counted_has_a_name() -> None:
    """Every topic of the facts, every channel and label that a flow counts, in words that an official reads."""
    assert {fact.topic for fact in content.facts().values()} | {"none"} == set(TOPICS)
    root = Path(__file__).parents[2] / "bot"
    code = "\n".join(file.read_text(encoding="utf-8") for file in root.glob("conversation/**/*.py"))
    counted = re.findall(r'Count\(f?"(\w+):(\w+)"', code)
    assert {name for part, name in counted if part == "asked"} <= set(QUESTIONS)
    assert {name for part, name in counted if part == "told"} <= set(TOLD)
    made = {
        name
        for file in root.glob("channels/*.py")
        for name in re.findall(r'^    name = "(\w+)"$', file.read_text(encoding="utf-8"), re.M)
    }
    assert made == set(CHANNELS)


def test_a_file_of_another_kind_is_refused(bench: Bench, tmp_path: Path) -> None:
    """A wrong ending says which endings there are."""
    from bot.errors import SettingsError
    from bot.report_export import write

    with pytest.raises(SettingsError, match="docx"):
        write(bench.app.settings, 2026, tmp_path / "report.pdf")
    write(bench.app.settings, 2026, tmp_path / "report.docx")
    assert (tmp_path / "report.docx").stat().st_size > 10_000


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_it_opens_as_pages(season: Month, tmp_path: Path) -> None:
    """LibreOffice makes A4 pages of both, the signature before the appendices."""
    for name, made in (("report.docx", as_docx(season)), ("report.xlsx", as_xlsx(season))):
        (tmp_path / name).write_bytes(made)
        command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run([*command, name], cwd=tmp_path, check=True, capture_output=True, timeout=180)
        (tmp_path / "report.pdf").rename(tmp_path / f"{name}.pdf")
        pdf = (tmp_path / f"{name}.pdf").read_bytes()
        assert b"/MediaBox[0 0 595" in pdf or b"/MediaBox[0 0 841" in pdf
        assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 24
