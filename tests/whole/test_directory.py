"""`tincay directory …` as the person at the keyboard meets it: report, import, export, template, call list."""

from __future__ import annotations

import json
from pathlib import Path

from bot.store.engine import open_engine, transaction
from tests.excel.conftest import approve_all
from tests.excel.workbooks import large, messy, sheet_of
from tests.whole.test_operator import tincay

GOOD = sheet_of(
    ("Loại hình", "Tên cơ sở", "Xã/phường", "SĐT", "Địa chỉ"),
    ("Công an", "Công an xã", "Xã Cẩm Tân, Thanh Hóa", 2373822123, "đường Thử"),
    ("Địa chỉ tin cậy", "Nhà thôn Một", "Xã Cẩm Tân, Thanh Hóa", "0912345678", "ngõ kín"),
)


def test_a_list_is_reported_then_imported(tmp_path: Path) -> None:
    """A dry run writes nothing; the import waits for a person; the second one has nothing left to do."""
    (tmp_path / "ds.xlsx").write_bytes(GOOD)
    dry = tincay(tmp_path, "directory", "import", "ds.xlsx", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "Dòng 2: thêm mới – Công an xã" in dry.stdout
    assert "thêm số 0 bị mất ở đầu (số …123)" in dry.stdout
    assert "2 dòng thêm mới" in dry.stdout
    assert "--dry-run" in dry.stdout
    done = json.loads(tincay(tmp_path, "directory", "import", "ds.xlsx", "--json").stdout)
    assert done["imported"] == 2
    assert [row["action"] for row in done["rows"]] == ["new", "new"]
    again = tincay(tmp_path, "directory", "import", "ds.xlsx")
    assert "2 dòng giống bản ghi đã có" in again.stdout
    assert "Không có gì mới để nhập" in again.stdout
    for told in (dry.stdout, json.dumps(done, ensure_ascii=False), again.stdout):
        assert "0912345678" not in told
        assert "ngõ kín" not in told


def test_a_faulty_list_brings_nothing_in_and_comes_back_marked(tmp_path: Path) -> None:
    """Exit code 1, each faulty row with its reason, a marked copy; still nothing in the directory."""
    (tmp_path / "ds.xlsx").write_bytes(messy())
    done = tincay(tmp_path, "directory", "import", "ds.xlsx", "--marked", "sua.xlsx")
    assert done.returncode == 1
    assert "Dòng 12: có lỗi" in done.stdout
    assert "LỖI: Tên cơ sở: trùng tên và xã với dòng 11" in done.stdout
    assert "Chưa nhập dòng nào" in done.stdout
    assert (tmp_path / "sua.xlsx").stat().st_size > 1_000
    (tmp_path / "hong.xlsx").write_bytes(b"%PDF-1.7")
    broken = tincay(tmp_path, "directory", "import", "hong.xlsx", "--json")
    assert broken.returncode == 1
    assert "PDF" in json.loads(broken.stdout)["problems"][0]
    assert "Traceback" not in broken.stderr


def test_a_long_list_tells_how_far_it_is(tmp_path: Path) -> None:
    """What is being done goes to standard error; standard output is JSON alone."""
    (tmp_path / "ds.xlsx").write_bytes(large(1_200))
    done = tincay(tmp_path, "directory", "import", "ds.xlsx", "--json", PROVINCE="Thanh Hóa")
    assert json.loads(done.stdout)["imported"] == 1_200, done.stdout[:2_000]
    assert "đã đọc 1200/1200 dòng" in done.stderr


def test_template_and_export_are_written(tmp_path: Path) -> None:
    """The template of a province, and an export in both forms; another ending is told."""
    assert tincay(tmp_path, "directory", "template", "mau.xlsx", "--province", "Thanh Hóa").returncode == 0
    assert (tmp_path / "mau.xlsx").read_bytes().startswith(b"PK")
    assert tincay(tmp_path, "directory", "export", "ra.xlsx").returncode == 0
    assert tincay(tmp_path, "directory", "export", "ra.csv", "--commune", "Cẩm Tân, Thanh Hóa").returncode == 0
    assert (tmp_path / "ra.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    for arguments in (("export", "ra.pdf"), ("template", "m.xlsx"), ("template", "m.xlsx", "--province", "Atlantis"),
                      ("export", "ra.csv", "--commune", "Tân Lập"), ("export", "khong/co/ra.csv")):  # fmt: skip
        wrong = tincay(tmp_path, "directory", *arguments)
        assert wrong.returncode == 2, wrong.stderr
        assert wrong.stderr.startswith("Lỗi / Error: ")


def test_the_call_list(tmp_path: Path) -> None:
    """Nobody is due in a new directory; as JSON it is an empty list."""
    assert "0 nơi cần gọi kiểm tra" in tincay(tmp_path, "directory", "stale").stdout
    assert json.loads(tincay(tmp_path, "directory", "stale", "--days", "90", "--json").stdout) == []
    assert "chưa ai gọi" in " ".join(tincay(tmp_path, "directory", "stale", "--help").stdout.split())


def test_what_was_approved_is_called_and_exported(tmp_path: Path) -> None:
    """By commune, with the public number alone; the export has the same rows and no hidden word."""
    titles = (
        "Loại hình",
        "Tên cơ sở",
        "Xã/phường",
        "SĐT",
        "Địa chỉ",
        "Số QĐ",
        "Đồng ý công bố",
        "Công khai SĐT",
        "Công khai địa chỉ",
    )
    place = "Xã Cẩm Tân, Thanh Hóa"
    rows = (
        ("Công an", "Công an xã", place, 2373822123, "đường Thử"),
        ("Địa chỉ tin cậy", "Nhà thôn Một", place, "0912345678", "thôn Một", "1/QĐ", "có", "không", "có"),
        ("Địa chỉ tin cậy", "Nhà thôn Hai", place, "0912345679", "ngõ kín", "1/QĐ", "có", "có", "không"),
    )
    (tmp_path / "ds.xlsx").write_bytes(sheet_of(titles, *rows))
    tincay(tmp_path, "directory", "import", "ds.xlsx")
    engine = open_engine("", tmp_path / "var" / "directory.db")
    with transaction(engine) as db:
        approve_all(db)
    engine.dispose()
    listed = tincay(tmp_path, "directory", "stale").stdout
    assert "Xã Cẩm Tân, Thanh Hóa\n" in listed
    assert "02373822123" in listed
    assert "không có số công khai" in listed
    assert "3 nơi cần gọi kiểm tra" in listed
    due = json.loads(tincay(tmp_path, "directory", "stale", "--json", "--province", "Thanh Hóa").stdout)
    assert [(row["name"], row["phone"], row["verified"]) for row in due] == [
        ("Công an xã", "02373822123", None), ("Nhà thôn Hai", "0912345679", None), ("Nhà thôn Một", "", None),
    ]  # fmt: skip
    tincay(tmp_path, "directory", "export", "ra.csv", "--province", "Thanh Hóa")
    told = (tmp_path / "ra.csv").read_text(encoding="utf-8-sig")
    assert "Nhà thôn Một" in told
    for text in (told, listed, json.dumps(due, ensure_ascii=False)):
        assert "0912345678" not in text
        assert "ngõ kín" not in text
