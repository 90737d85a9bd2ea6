"""The report of a season: what was counted stands in it, what could point at a person does not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.clock import VIETNAM
from bot.report.document import as_docx
from bot.report.figures import FEWEST, Month, gather, merge_small
from bot.report.workbook import as_xlsx
from bot.store import people
from bot.store.engine import reading, transaction
from bot.store.schema import campaign
from tests.conftest import Bench


@pytest.fixture
def season(bench: Bench) -> Iterator[Month]:
    """A month in which 3,000 messages were planned, people asked and told, some of it rarely."""
    with transaction(bench.app.people) as db:
        for n in range(31):
            day = date(2026, 11, 15) + timedelta(days=n)
            row = {"name": "thang-hanh-dong", "day": day, "bot": "telegram", "state": "done", "policy": "hold"}
            counts = {"total": 100, "sent": 97, "unknown": 1, "gone": 2}
            db.execute(campaign.insert().values(**row, version="v1", created_at=0.0, **counts))
        moment = datetime(2026, 11, 20, 9, tzinfo=VIETNAM)
        for what, times in (
            ("asked:ask_law", 40), ("told:physical", 12), ("told:trafficking", 2), ("offered:police", 9),
            ("offered:legal_aid", 1), ("quiz:5", 6), ("callback", 3),
        ):  # fmt: skip
            for _ in range(times):
                people.add_count(db, what, "", moment)
        people.add_count(db, "told:physical", "", moment.replace(month=10))
    with reading(bench.app.people) as db, reading(bench.app.directory) as directory:
        yield gather(db, directory, 2026, "", datetime(2026, 12, 16, tzinfo=VIETNAM))


def texts(docx: bytes) -> str:
    """Return all words of a document, tables too."""
    made = Document(io.BytesIO(docx))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in made.paragraphs), *cells])


def test_the_document_tells_the_season(season: Month) -> None:
    """Sums, dates, pictures; no month but this one; a kind told twice is not named."""
    docx = as_docx(season)
    told = texts(docx)
    assert "3.100 tin, gửi được 3.007" in told
    assert "15/11/2026 – 15/12/2026" in told
    assert "Thân thể\n12" in told
    assert "Mua bán người" not in told
    assert "Lời nhờ cán bộ gọi lại: dưới 5" in told
    assert len(Document(io.BytesIO(docx)).inline_shapes) >= 4
    assert "0 trên 3321 xã, phường, đặc khu" in told


def test_the_workbook_holds_the_same_numbers(season: Month) -> None:
    """Numbers are numbers, so that a province can add up its communes."""
    book = load_workbook(io.BytesIO(as_xlsx(season)))
    (channel,) = book["Tin theo kênh"].iter_rows(min_row=2, values_only=True)
    assert channel[:3] == ("Telegram", 3100, 3007)
    assert sum(row[1] for row in book["Tin theo ngày"].iter_rows(min_row=2, values_only=True)) == 3007
    assert ("Thân thể", 12) in list(book["Được kể"].iter_rows(min_row=2, values_only=True))


def test_an_empty_season_says_so(bench: Bench) -> None:
    """Nothing planned and nothing asked is a report too, in both forms."""
    with reading(bench.app.people) as db, reading(bench.app.directory) as directory:
        month = gather(db, directory, 2026, "Thanh Hóa", datetime(2026, 11, 16, tzinfo=VIETNAM))
    assert "chưa có tin nào được lên lịch" in texts(as_docx(month))
    assert load_workbook(io.BytesIO(as_xlsx(month))).sheetnames


@given(st.lists(st.tuples(st.text(min_size=1, max_size=4), st.integers(0, 30)), unique_by=lambda row: row[0]))
def test_no_small_number_can_be_read(rows: list[tuple[str, int]]) -> None:
    """Nothing between 1 and 4 is told, nor can be worked out of the sum of the others."""
    merged = merge_small(rows)
    assert all(n == 0 or n >= FEWEST for _, n in merged)
    if all(n for _, n in merged):
        assert sum(n for _, n in merged) == sum(n for _, n in rows)


def test_a_file_of_another_kind_is_refused(bench: Bench, tmp_path: Path) -> None:
    """A wrong ending says which endings there are."""
    from bot.errors import SettingsError
    from bot.report import write

    with pytest.raises(SettingsError, match="docx"):
        write(bench.app.settings, 2026, tmp_path / "report.pdf")
    write(bench.app.settings, 2026, tmp_path / "report.docx")
    assert (tmp_path / "report.docx").stat().st_size > 10_000
