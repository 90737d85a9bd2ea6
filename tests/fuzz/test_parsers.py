"""Everything that reads what somebody else wrote: it gives a value or its own refusal, whatever it is given."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from bot import settings as configuration
from bot.channels import webchat
from bot.clock import VIETNAM, clock
from bot.conversation.address import form_of_address
from bot.conversation.entities import entities
from bot.conversation.safety import screen
from bot.errors import SettingsError
from bot.messages import SCREEN_LIMIT, clean
from content import campaign_file
from content.campaign_file import CampaignFileError
from referral_directory.hours import read_hours
from referral_directory.opening import next_opening
from tests.excel.conftest import Read, empty, glance  # noqa: F401 - fixtures
from tests.excel.workbooks import sheet_of

fuzz = tuned(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
HOURS = st.lists(
    st.sampled_from(["thứ 2", "T7", "cn", "sáng", "chiều", "7h30", "25:99", "-", "đến", "trừ", "24/7", ",", ";", "cả ngày", "nghỉ", "8h", "0"]),
    max_size=10,
).map(" ".join)  # fmt: skip


@fuzz
@given(st.text(max_size=400) | st.text("đánhchémgiết cứu dao 0123456789.,!\n", max_size=400))
def test_any_text_is_screened_and_read(raw: str) -> None:
    """The screen, the form of address, times, ages and numbers; a clean text stays clean."""
    text = clean(raw)
    assert clean(text) == text
    assert len(text) <= SCREEN_LIMIT
    screen(text)
    form_of_address(text)
    found = entities(text)
    assert 0 <= (found.get("minute") or 0) < 1440


@fuzz
@given(st.text(max_size=120) | HOURS)
def test_any_opening_hours_are_read(words: str) -> None:
    """Hours as staff write them, and anything else; what was read can be asked for the next opening."""
    next_opening(tuple(read_hours(words)), datetime(2026, 11, 21, 14, tzinfo=VIETNAM))


@fuzz
@given(anything)
def test_any_row_of_a_page_is_read_or_refused(row: object) -> None:
    """A message of the web chat, or ValueError."""
    try:
        incoming = webchat.read("x" * 24, row)
    except ValueError:
        return
    assert incoming.message_id


@fuzz
@given(raw=st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_campaign_file_is_read_or_refused(tmp_path: Path, raw: bytes) -> None:
    """YAML or not, with its own refusal."""
    file = tmp_path / "chien-dich.yml"
    file.write_bytes(raw)
    with pytest.raises(CampaignFileError):
        campaign_file.read(file)


@fuzz
@given(
    raw=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda t: f"TINCAY_PROVINCE={t}\n".encode("utf-8", "ignore"))
)
def test_any_file_of_settings_is_read_or_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    """`.env` with anything in it: settings, or one sentence."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(raw)
    told = ".env"
    try:
        configuration.load()
    except SettingsError as error:
        told = str(error)
    assert ".env" in told or "TINCAY_" in told


@fuzz
@given(st.text(max_size=40) | st.datetimes().map(str))
def test_any_start_of_the_clock_is_taken_or_told(start: str) -> None:
    """TINCAY_NOW."""
    told = "TINCAY_NOW"
    try:
        clock(start)()
    except SettingsError as error:
        told = str(error)
    assert "TINCAY_NOW" in told


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
    return out.getvalue()


PARTS = [
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml",
    "_rels/.rels",
]
BROKEN = st.one_of(
    st.binary(max_size=600),
    st.dictionaries(st.sampled_from(PARTS), st.binary(max_size=200), max_size=5).map(_zip),
    st.text(max_size=300).map(lambda t: t.encode("utf-8", "ignore")),
)


@fuzz
@given(raw=BROKEN, ending=st.sampled_from(["xlsx", "xls", "csv", "txt"]))
def test_any_upload_is_read_or_refused(glance: Read, raw: bytes, ending: str) -> None:  # noqa: F811
    """Bytes that call themselves a workbook: a report that says what is wrong, and nothing to bring in."""
    report = glance(raw, name=f"danh-sach.{ending}")
    assert report.problems or report.errors or not report.lines
    assert report.summary
    assert not report.importable


@fuzz
@given(cells=st.lists(st.lists(st.none() | st.text(max_size=60) | st.integers() | st.floats(allow_nan=False, allow_infinity=False), max_size=8), min_size=1, max_size=5))  # fmt: skip
def test_any_cells_under_our_heads_are_read_or_refused(glance: Read, cells: list[list[object]]) -> None:  # noqa: F811
    """A list with our columns and anything below them."""
    heads = ["Tên", "Loại", "Điện thoại", "Xã, phường", "Địa chỉ", "Giờ làm việc", "Trẻ em", "Ghi chú"]
    tidy = [[c if not isinstance(c, str) else "".join(x for x in c if x.isprintable()) for c in row] for row in cells]
    report = glance(sheet_of(heads, *tidy))
    assert report.summary
    for line in report.lines:
        assert line.record if line.action in ("new", "edit") else line.remarks or line.action in ("skip", "same")
