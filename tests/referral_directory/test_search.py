"""Staff find what they may see, as they type: without marks, in any order, page after page."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Connection, true

from bot.clock import VIETNAM
from referral_directory import changes
from referral_directory import record as records
from referral_directory.models import service
from referral_directory.record import Record
from referral_directory.search import search
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG, keeper, trusted

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)


def names(db: Connection, words: str) -> list[str]:
    """Return the names found."""
    return [line.name for line in search(db, true(), words).lines]


@pytest.fixture
def three(db: Connection) -> None:
    """Three services in two communes."""
    for n, (kind, name, commune, province) in enumerate(
        (
            ("trusted_address", "Nhà chị Đỗ Thị Thủy", CAM_TAN, "Thanh Hóa"),
            ("police", "CAX Cẩm Tân", CAM_TAN, "Thanh Hóa"),
            ("trusted_address", "Chùa Kh'leang (khóm 5)", SOC_TRANG, "Cần Thơ"),
        )
    ):
        record = Record(kind=kind, name=name, commune=commune, province=province)
        records.write(db, str(n), record, state="waiting")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("do thi thuy", ["Nhà chị Đỗ Thị Thủy"]),
        ("THUỶ  đỗ", ["Nhà chị Đỗ Thị Thủy"]),
        ("công an", ["CAX Cẩm Tân"]),
        ("dia chi tin cay soc trang", ["Chùa Kh'leang (khóm 5)"]),
        ("kh'leang", ["Chùa Kh'leang (khóm 5)"]),
        ("khom 5, can tho", ["Chùa Kh'leang (khóm 5)"]),
        ("thanh hoa", ["CAX Cẩm Tân", "Nhà chị Đỗ Thị Thủy"]),
        ("hi", []),
        ("100%", []),
        ("_", ["CAX Cẩm Tân", "Chùa Kh'leang (khóm 5)", "Nhà chị Đỗ Thị Thủy"]),
    ],
)
def test_words_are_found_without_marks(db: Connection, words: str, found: list[str]) -> None:
    """Every word begins a word of name, kind, commune or province; signs are nothing."""
    assert names(db, words) == found


def test_pages_follow_one_another(db: Connection) -> None:
    """What is added while somebody turns the pages neither repeats a line nor hides one."""
    for n in range(7):
        records.write(db, f"{n}", trusted(name=f"Nhà {n // 2}"), state="waiting")
    first = search(db, true(), "nha", limit=3)
    records.write(db, "new", trusted(name="Nhà 0"), state="waiting")
    second = search(db, true(), "nha", limit=3, after=first.next)
    third = search(db, true(), "nha", limit=3, after=second.next)
    assert [line.id for page in (first, second, third) for line in page.lines] == [str(n) for n in range(7)]
    assert third.next == ""


def test_the_condition_holds_on_every_page(db: Connection) -> None:
    """A line of another commune never shows, not even where somebody asks for what comes after it."""
    mine = keeper(db)
    records.write(db, "theirs", trusted(name="Nhà 1", commune=SOC_TRANG, province="Cần Thơ"), state="waiting")
    records.write(db, "theirs too", trusted(name="Nhà 3", commune=SOC_TRANG, province="Cần Thơ"), state="waiting")
    records.write(db, "mine", trusted(name="Nhà 2"), state="waiting")
    for after in ("", "theirs"):
        assert [line.id for line in search(db, mine.scope(service), "nha", after=after).lines] == ["mine"]
    assert search(db, mine.scope(service), "nha", after="gone").lines == ()


def test_a_line_that_left_the_list_does_not_end_it(db: Connection) -> None:
    """The last line of a page is approved, and the next page of what waits still follows."""
    for n in range(4):
        records.write(db, f"{n}", trusted(name=f"Nhà {n}"), state="waiting")
    first = search(db, service.c.state == "waiting", limit=2)
    records.write(db, first.next, trusted(name="Nhà 1"), state="retired")
    second = search(db, service.c.state == "waiting", limit=2, after=first.next)
    assert [line.id for line in second.lines] == ["2", "3"]


def test_a_line_tells_what_waits(db: Connection) -> None:
    """A new service waits; an approved one may have a change that waits; then nothing waits."""
    writer, other = keeper(db), keeper(db)

    def seen() -> tuple[str, str]:
        (line,) = search(db, writer.scope(service)).lines
        return line.state, line.change

    found = changes.propose(db, writer, trusted(), NOW)
    assert seen() == ("waiting", "waiting")
    changes.approve(db, other, changes.open_revision(db, found).id, NOW)
    assert seen() == ("approved", "")
    changes.propose(db, writer, trusted(phone="0909 000 111"), NOW, found, draft=True)
    assert seen() == ("approved", "draft")
