"""Example lines typed in by staff: what is wrong is told in Vietnamese, by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu import staff
from nlu.lines import Line

HEAD = "nlu:\n- intent: economic_violence\n  metadata: {risk: disclosure, types: [economic], reporter: self}\n  examples: |\n"
KNOWN = [Line("Cho em hỏi luật", "ask_law", "none", (), "none", Path("plain/a.yml"))]
TESTED = [
    Line("Thẻ lương anh cất", "economic_violence", "disclosure", ("economic",), "self", Path("development/b.yml"))
]


def faults(folder: Path, written: str | bytes) -> list[str]:
    file = folder / "x.yml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    return staff.faults([file], KNOWN, TESTED)


def test_good_lines_pass(tmp_path: Path) -> None:
    """Blocks as in nlu/data, with empty lines between examples."""
    assert faults(tmp_path, HEAD + "    - anh ấy cầm hết tiền của em\n\n    - lương em ảnh rút sạch 5 triệu\n") == []


LINES = [
    ("    - được\n    quên gạch\n", 6, "bắt đầu bằng"),
    ("    - \U0001f62d\n", 5, "trống"),
    ("    -\n", 5, "trống"),
    ("    - " + "a b " * 400 + "\n", 5, "dài quá"),
    ("    - gọi em 0912 345 678\n", 5, "số điện thoại"),
    ("    - xem ở https://x.vn\n", 5, "số điện thoại"),
    ("    - [Huế](city) giữ lương\n", 5, "không được"),
    ("    - /start\n", 5, "không được"),
    ("    - the luong anh cat\n", 5, "bộ chấm điểm"),
    ("    - cho em hoi luat\n", 5, "đã có ở nlu/data/plain/a.yml, mà lại ghi nhãn ask_law"),
    ("    - một câu\n    - hai câu\n    - Một  Câu\n", 7, "đã có ở x.yml:5"),
]


@pytest.mark.parametrize(("examples", "number", "said"), LINES)
def test_a_wrong_line_is_named(tmp_path: Path, examples: str, number: int, said: str) -> None:
    """File, line number, and what to do."""
    (found,) = faults(tmp_path, HEAD + examples)
    assert found.startswith(f"x.yml:{number}: ")
    assert said in found


BLOCKS = [
    (HEAD.replace("economic_violence", "gossip") + "    - a b\n", "không có intent 'gossip'"),
    (HEAD.replace("[economic]", "[money]") + "    - a b\n", "không có types 'money'"),
    (HEAD.replace("[economic]", "[]") + "    - a b\n", "types có economic"),
    (HEAD.replace("disclosure", "none") + "    - a b\n", "risk: disclosure"),
    (HEAD.replace("economic_violence", "greet") + "    - a b\n", "risk: none"),
    (HEAD.replace("economic_violence", "emergency") + "    - a b\n", "risk: emergency"),
    (HEAD.replace("examples: |", "examples: >") + "    - a b\n", "examples: |"),
    (HEAD.replace("reporter: self", "who: self") + "    - a b\n", "metadata"),
    ("- a\n- b\n", "bắt đầu bằng `nlu:`"),
    ("nlu: chữ\n", "bắt đầu bằng `nlu:`"),
    ("", "bắt đầu bằng `nlu:`"),
    ("nlu:\n- [a\n", "không đọc được YAML"),
    (b"\xff\xfe", "UTF-8"),
    ("nlu:\n- chữ\n- 5\n", "metadata"),
]


@pytest.mark.parametrize(("written", "said"), BLOCKS)
def test_a_wrong_block_is_named(tmp_path: Path, written: str, said: str) -> None:
    """Labels outside the scheme or against each other, other shapes: a sentence, never a traceback."""
    found = faults(tmp_path, written)
    assert found
    assert said in found[0]
