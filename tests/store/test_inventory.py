"""The page for those who must answer for the data tells what the code does, column by column and promise by promise."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, String, Text

from bot.store import inventory, rotation
from bot.store.inventory import SEALED
from bot.store.schema import people
from referral_directory.models import directory
from tests.whole.test_operator import tincay

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
TESTS = re.findall(r"(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)", PAGE)


def test_every_column_is_told_once() -> None:
    """A new column needs a purpose, a protection, a lifetime and who sees it, or this fails."""
    stored = Counter(c for store in (people, directory) for table in store.sorted_tables for c in table.columns)
    assert Counter(column for _, column in inventory.columns()) == stored


def test_what_is_called_sealed_is_sealed() -> None:
    """The sealed columns of the page are those that the key ring rotates, and no text stands beside their bytes."""
    told = {column for row, column in inventory.columns() if row.protection == SEALED}
    assert told == {sealed.column for sealed in (*rotation.SEALED, *rotation.SEALED_BY_STAFF)}
    for row, column in inventory.columns():
        if row.protection in (inventory.HASHED, inventory.FAST_HASH):
            assert isinstance(column.type, LargeBinary), column
        if isinstance(column.type, LargeBinary):
            assert row.protection != inventory.PLAIN, column


def test_free_text_about_residents_is_only_kept_sealed() -> None:
    """No open text column of the people store is longer than a name of ours, but the list of shown items."""
    open_text = [
        column for row, column in inventory.columns()
        if column.table.metadata is people and isinstance(column.type, String) and row.protection != SEALED
    ]  # fmt: skip
    assert [c for c in open_text if isinstance(c.type, Text)] == [people.tables["subscription"].c.shown]
    assert all((c.type.length or 0) <= 200 for c in open_text)


def test_the_page_holds_the_table_of_today() -> None:
    """`tincay kept --write SECURITY.md` has been run since the last change."""
    start, end = PAGE.index(inventory.BEGIN), PAGE.index(inventory.END) + len(inventory.END)
    assert PAGE[start:end] == inventory.page()


def test_what_a_thief_of_the_directory_reads_is_said() -> None:
    """Hidden addresses, private phones and old values lie open in the directory: the page says so where it cannot promise."""
    kept = {str(c) for row, c in inventory.columns() if row.protection == inventory.PLAIN}
    assert {"history.old", "revision.record", "verification.note"} <= kept
    cannot = PAGE.partition("## Không hứa được")[2].partition("\n## ")[0]
    for words in ("Danh bạ không mã hóa", "địa chỉ kín", "số riêng", "giá trị cũ", "mã hóa đĩa", "hai mật khẩu"):
        assert words in cannot, words


def test_the_command_writes_the_table(tmp_path: Path) -> None:
    """It changes what stands between the marks, and nothing else."""
    page = tmp_path / "page.md"
    page.write_text(f"trước\n{inventory.BEGIN}\ncũ\n{inventory.END}\nsau\n", encoding="utf-8")
    assert tincay(tmp_path, "kept", "--write", str(page)).returncode == 0
    assert page.read_text(encoding="utf-8") == f"trước\n{inventory.page()}\nsau\n"


def test_every_promise_names_its_test() -> None:
    """No promise without a test: that is what a promise is here."""
    assert len(PROMISES) >= 20
    for number, promise, tests in PROMISES:
        assert re.search(r"tests/[a-z_/]+\.py::test_", tests), f"{number}: {promise}"
    assert [int(number) for number, *_ in PROMISES] == list(range(1, len(PROMISES) + 1))


@pytest.mark.parametrize(("file", "test"), sorted(set(TESTS)))
def test_the_named_test_exists(file: str, test: str) -> None:
    """What the page names can be run."""
    assert re.search(rf"^(?:async )?def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
