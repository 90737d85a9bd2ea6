"""A slip in a campaign file is told by file and place before anything is sent, never found out by a subscriber."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot import __main__ as command_line
from bot.campaign import fanout
from bot.errors import SettingsError
from bot.store.engine import transaction
from content import seasons
from content.campaign_file import CampaignFileError
from tests.delivery.conftest import NOON, store  # noqa: F401 - a fixture

SEASON, ONCE = "thang-hanh-dong.yml", "ket-thuc-thang.yml"
SLIPS = [
    (SEASON, "grace: 120", "\tgrace: 120", "dòng 7"),
    (SEASON, "kind: daily", "kind: weekly", "kind|daily"),
    (SEASON, "kind: daily", "", "kind"),
    (SEASON, "grace: 120", "", "grace: thiếu"),
    (SEASON, "grace: 120", "grace: hai giờ", "grace: cần một số nguyên"),
    (SEASON, "grace: 120", "grace: -5", "grace: cần ít nhất 1"),
    (SEASON, "grace: 120", "grace: 120\ngrace: 5", "'grace' có hai lần"),
    (SEASON, "policy: hold", "policy: maybe", "policy: cần 'hold' hoặc 'retry'"),
    (SEASON, "from: 11-15", "from: 02-30", "from: cần tháng-ngày"),
    (SEASON, "from: 11-15", "from: 15/11", "from: cần tháng-ngày"),
    (SEASON, "to: 12-15", "to: 12-20", "cùng có ngày 16/12"),
    (SEASON, "11-25: S02", "25-11: S02", "days → 25-11: cần tháng-ngày"),
    (SEASON, "11-25: S02", "11-25: S77", "không có mục 'S77'"),
    (SEASON, "S06,", "S99,", "không có mục 'S99'"),
    (SEASON, "tre:", "ca-nhac:", "items → ca-nhac"),
    (SEASON, "[child-def, child-secret]", "", "items → tre: cần một danh sách"),
    (ONCE, "text:", "texte:", "text: thiếu dòng này"),
    (ONCE, "text: ", f"text: {'dài ' * 500}", "text: dài quá 1800 chữ"),
    (ONCE, "hours: 6", "hours: 0", "hours: cần ít nhất 1"),
    (ONCE, "hours: 6", "hours: 6\nyouth: 'no'", "youth: cần true hoặc false"),
    (ONCE, "hours: 6", "hours: 6\ncommune: Cẩm Tân", "commune: cần một số nguyên"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the campaign files, read instead of ours."""
    copy = tmp_path / "campaigns"
    shutil.copytree(Path(seasons.__file__).parent / "campaigns", copy)
    monkeypatch.setattr(seasons, "_HERE", copy)
    forget()
    yield copy
    forget()


def forget() -> None:
    """Let the files be read again."""
    for kept in (seasons._files, seasons.seasons, seasons.onces, seasons.find):
        kept.cache_clear()


@pytest.mark.parametrize(("file", "right", "wrong", "told"), SLIPS)
def test_a_slip_is_told_by_file_and_place(folder: Path, file: str, right: str, wrong: str, told: str) -> None:
    """One sentence with the file's name; when it is mended, nothing has to be started again."""
    whole = (folder / file).read_text(encoding="utf-8")
    assert right in whole
    (folder / file).write_text(whole.replace(right, wrong, 1), encoding="utf-8")
    said = seasons.problem()
    assert file in said
    assert any(part in said for part in told.split("|")), said
    assert "\n" not in said
    (folder / file).write_text(whole, encoding="utf-8")
    assert seasons.problem() == ""


@pytest.mark.parametrize(
    "junk", [b"", b"- a\n", b"\xff\xfe\x00", b"!!python/object/apply:os.system [id]\n", b"[" * 5_000]
)
def test_what_is_no_campaign_at_all_is_told(folder: Path, junk: bytes) -> None:
    """Nothing, a list, another encoding, YAML that would run a command, brackets without end."""
    (folder / SEASON).write_bytes(junk)
    assert seasons.problem().startswith(SEASON)


@pytest.mark.parametrize("name", ["S03.yml", "tin-moi.yaml", "tin mới.yml", f"{'x' * 39}.yml"])
def test_a_name_that_would_be_mistaken_is_refused(folder: Path, name: str) -> None:
    """The name of a slogan, another ending, letters that a command line trips over, more than the column holds."""
    shutil.copy(folder / ONCE, folder / name)
    with pytest.raises(CampaignFileError, match=r"tên|đuôi"):
        seasons.onces()


def test_the_files_of_other_editors_are_read(folder: Path) -> None:
    """A mark at the beginning and line ends of Windows do no harm."""
    text = (folder / SEASON).read_bytes()
    (folder / SEASON).write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert seasons.problem() == ""


@pytest.mark.parametrize("line", ["province: thanh hoa", "commune: 99999999"])
def test_a_message_to_a_place_that_is_none_is_not_begun(folder: Path, store: Engine, line: str) -> None:  # noqa: F811
    """Nobody would get it, and nobody would know."""
    with (folder / ONCE).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    with pytest.raises(SettingsError, match=line.partition(":")[0]), transaction(store) as db:
        fanout.start(db, "ket-thuc-thang", "telegram", NOON)


def test_the_command_line_tells_it_without_a_traceback(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one line."""
    (folder / ONCE).write_text("- a\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["tincay", "campaign", "list"])
    monkeypatch.setattr("bot.log.set_up", lambda: None)
    monkeypatch.setattr("os.umask", lambda _: 0)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    told = capsys.readouterr().err
    assert (ended.value.code, len(told.strip().splitlines())) == (2, 1)
    assert ONCE in told
