"""Example lines that the staff of one machine think up and type in: what is wrong with them, by file and line number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from nlu.labels import DISCLOSURE, INTENTS, PERPETRATOR, REPORTERS, RISKS, TYPES, conflicts
from nlu.lines import Line
from nlu.text import LIMIT

MOST = 200
"""Problems shown at once."""
_OF_SOMEBODY = re.compile(r"(?:\d[ .-]?){8,}|\S@\S|https?://|www\.", re.IGNORECASE)
_RASA = re.compile(r"\[[^\]]*\][({]")
_SHAPE = "cần `intent`, `metadata` (risk, types, reporter) và `examples: |` với mỗi dòng bắt đầu bằng `- `"


def faults(files: Iterable[Path], data: Iterable[Line], development: Iterable[Line]) -> list[str]:
    """Return what must be mended, in Vietnamese, at most `MOST`; an empty list when all lines may be learnt from."""
    tested = {line.key for line in development}
    known = {line.key: (line, f"nlu/data/{line.file.parent.name}/{line.file.name}") for line in data}
    wrong: list[str] = []
    for file in files:
        for number, found in _read(file):
            where = f"{file.name}:{number}"
            if isinstance(found, str):
                wrong.append(f"{where}: {found}")
                continue
            if found.key in tested:
                wrong.append(f"{where}: dòng này nằm trong bộ chấm điểm, không được dùng để dạy")
            first, place = known.setdefault(found.key, (found, where))
            if first is not found:
                labels = "" if first.labels == found.labels else f", mà lại ghi nhãn {first.intent}"
                wrong.append(f"{where}: dòng này đã có ở {place}{labels}")
    return wrong[:MOST]


def _read(file: Path) -> Iterator[tuple[int, Line | str]]:
    """Yield each line or what is wrong with it, with its number in the file."""
    try:
        written = file.read_text(encoding="utf-8")
        tree = yaml.compose(written, yaml.SafeLoader)
        blocks = _parts(tree)["nlu"].value if tree else None
    except UnicodeDecodeError:
        yield 1, "không phải tệp chữ UTF-8"
        return
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        yield (mark.line + 1 if mark else 1), "không đọc được YAML ở đây (thụt đầu dòng? dấu hai chấm?)"
        return
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        blocks = None
    if not isinstance(blocks, list):
        yield 1, "cần bắt đầu bằng `nlu:` rồi các khối, mỗi khối " + _SHAPE
        return
    for block in blocks:
        yield from _read_block(block, file)


def _read_block(block: yaml.Node, file: Path) -> Iterator[tuple[int, Line | str]]:
    start = block.start_mark.line + 1
    try:
        parts = _parts(block)
        labels = _parts(parts["metadata"])
        intent, risk, reporter = parts["intent"].value, labels["risk"].value, labels["reporter"].value
        types = tuple(node.value for node in labels["types"].value)
        examples = parts["examples"]
        if not all(isinstance(value, str) for value in (intent, risk, reporter, *types)) or examples.style != "|":
            raise TypeError
    except (KeyError, TypeError, ValueError, AttributeError):
        yield start, _SHAPE
        return
    wrong = _labels(intent, risk, list(types), reporter)
    if wrong:
        yield start, wrong
        return
    for number, written in enumerate(examples.value.split("\n"), examples.start_mark.line + 2):
        if written.strip():
            text = written.strip()[1:].strip()
            fault = _text(written.strip(), text)
            yield number, fault or Line(text, intent, risk, types, reporter, file)


def _parts(node: Any) -> dict[str, Any]:
    """Return a mapping of the YAML tree; raises TypeError or AttributeError when it is none."""
    return {key.value: value for key, value in node.value}


def _labels(intent: str, risk: str, types: list[str], reporter: str) -> str:
    """Return in Vietnamese what is wrong with the labels of a block, or ""."""
    unknown = next(
        (f"không có {what} {value!r}; chỉ có: {', '.join(names)}" for what, value, names in (
            ("intent", intent, INTENTS), ("risk", risk, RISKS), ("reporter", reporter, REPORTERS),
            *(("types", kind, TYPES) for kind in types),
        ) if value not in names), "")  # fmt: skip
    if unknown or not conflicts(intent, risk, types, reporter):
        return unknown
    if intent in DISCLOSURE:
        needed = f"risk: disclosure, types có {DISCLOSURE[intent]}, reporter: self hoặc witness"
    elif intent == "emergency":
        needed = "risk: emergency, reporter: self hoặc witness"
    elif intent == "self_harm":
        needed = "risk: emergency hoặc disclosure, reporter: self hoặc witness"
    elif intent == PERPETRATOR:
        needed = "risk: sensitive, reporter: none"
    else:
        needed = "risk: none, types: [], reporter: none"
    return f"nhãn mâu thuẫn: {intent} cần {needed}"


def _text(written: str, text: str) -> str:
    """Return in Vietnamese what is wrong with one example, or ""."""
    if not written.startswith("- ") and written != "-":
        return "mỗi dòng mẫu phải bắt đầu bằng `- `"
    if not any(letter.isalnum() for letter in text):
        return "dòng mẫu trống"
    if len(text) > LIMIT:
        return f"dòng mẫu dài quá {LIMIT} ký tự"
    if text.startswith("/") or _RASA.search(text):
        return "dòng mẫu không được bắt đầu bằng `/` hay chứa `[…](…)`, `[…]{…}`"
    if _OF_SOMEBODY.search(text):
        return "có số điện thoại, thư điện tử hoặc địa chỉ mạng: hãy tự nghĩ ra câu, không chép của người dùng"
    return ""
