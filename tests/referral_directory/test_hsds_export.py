"""`tincay directory hsds`: the whole directory as files, and nothing of somebody else's is overwritten."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from bot import hsds_export
from bot.__main__ import cli
from bot.clock import VIETNAM
from bot.errors import TinCayError
from bot.hsds_export import ForeignFile
from bot.store.engine import reading, transaction
from referral_directory import hsds
from tests.referral_directory.hsds_rules import check
from tests.referral_directory.test_hsds import approved, police

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)


def export(engine: Engine, folder: Path, size: int = 2) -> list[str]:
    """Export into a folder; return what was told on the way."""
    told: list[str] = []
    with reading(engine) as db:
        hsds_export.write(folder, hsds.pages(db, size), hsds.VERSION, NOW, told.append)
    return told


def package(folder: Path) -> Any:
    """Return the description of an export whose sums were checked."""
    found = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for file in found["resources"]:
        text = (folder / file["path"]).read_bytes()
        assert (file["bytes"], file["hash"]) == (len(text), f"sha256:{hashlib.sha256(text).hexdigest()}")
    assert {f["path"] for f in found["resources"]} | {"README.md", "datapackage.json"} == set(os.listdir(folder))
    return found


def test_files_hold_what_the_api_tells(engine: Engine, tmp_path: Path) -> None:
    """Each file is a page of full services; the description names each with its sum; people find a README."""
    with transaction(engine) as db:
        for n in range(3):
            approved(db, police(name=f"Công an {n}"))
    folder = tmp_path / "new" / "out"
    assert export(engine, folder) == ["  2/3 dịch vụ / services", "  3/3 dịch vụ / services"]
    assert package(folder)["services"] == 3
    with reading(engine) as db:
        for number in (1, 2):
            page = json.loads((folder / f"services-000{number}.json").read_text(encoding="utf-8"))
            assert page == hsds.page(db, number, 2, "full")
            for one in page["contents"]:
                check(one)
    assert "3 dịch vụ" in (folder / "README.md").read_text(encoding="utf-8")
    assert os.listdir(tmp_path / "new") == ["out"]


def test_a_second_export_replaces_the_first(engine: Engine, tmp_path: Path) -> None:
    """No page of the earlier one stays behind; an empty directory is one empty page."""
    with transaction(engine) as db:
        gone = [approved(db, police(name=f"Công an {n}")) for n in range(3)]
    export(engine, tmp_path / "out", size=1)
    assert len(package(tmp_path / "out")["resources"]) == 3
    with transaction(engine) as db:
        for service_id in gone:
            approved(db, police(kind="trusted_address"), service_id=service_id)
    export(engine, tmp_path / "out")
    assert len(package(tmp_path / "out")["resources"]) == 1
    assert json.loads((tmp_path / "out" / "services-0001.json").read_text(encoding="utf-8"))["empty"]


@pytest.mark.parametrize(
    "name", ["danh-sach.xlsx", "README.md", "services-0001.json", "services-1.json", "datapackage.json"]
)
def test_what_is_there_already_stays(engine: Engine, tmp_path: Path, name: str) -> None:
    """A file that the command did not write is named, and nothing is changed."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("{}", encoding="utf-8")
    with pytest.raises(ForeignFile, match=name):
        export(engine, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == [name]
    assert (tmp_path / "out" / name).read_text(encoding="utf-8") == "{}"


def test_a_file_beside_an_earlier_export_stays(engine: Engine, tmp_path: Path) -> None:
    """The folder has become somebody's: it is left alone."""
    export(engine, tmp_path / "out")
    (tmp_path / "out" / "ghi-chu.txt").write_text("của tôi", encoding="utf-8")
    with pytest.raises(ForeignFile, match="ghi-chu"):
        export(engine, tmp_path / "out")


def test_a_place_where_no_folder_can_be_is_told(engine: Engine, tmp_path: Path) -> None:
    """A file of that name, a file on the way: a sentence, no traceback."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ForeignFile, match="là một tệp"):
        export(engine, tmp_path / "file")
    with pytest.raises(TinCayError, match="Không ghi được"):
        export(engine, tmp_path / "file" / "out")


def test_a_break_in_the_middle_leaves_the_earlier_export(engine: Engine, tmp_path: Path) -> None:
    """Half of a new one never stands beside the old one."""
    folder = tmp_path / "in" / "out"
    with transaction(engine) as db:
        approved(db, police())
    export(engine, folder)
    before = package(folder)

    def breaking() -> Any:
        with reading(engine) as db:
            yield hsds.page(db, 1, 1, "full")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        hsds_export.write(folder, breaking(), hsds.VERSION, NOW, lambda _: None)
    assert package(folder) == before
    assert os.listdir(folder.parent) == ["out"]


def test_the_command_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tincay directory hsds DIR` tells how many; of a fresh machine these are the samples, or nothing in earnest."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TINCAY_DATA_DIR", str(tmp_path / "var"))
    for samples, number in (("true", 20), ("false", 0)):
        monkeypatch.setenv("TINCAY_SAMPLE_DATA", samples)
        result = CliRunner().invoke(cli, ["directory", "hsds", "out"], catch_exceptions=False)
        assert result.exit_code == 0
        assert f"Đã ghi {number} dịch vụ" in result.output
        assert package(tmp_path / "out")["services"] == number
