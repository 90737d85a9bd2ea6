"""Labelled lines to score: JSON lines, one YAML file of the project, or a folder of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bot.errors import SettingsError
from nlu import lines
from nlu.labels import INTENTS, REPORTERS, RISKS, TYPES

Row = dict[str, Any]
"""`text`, `intent`, `risk`, `types`, `reporter`, and perhaps `tags` and `place`."""


def read_rows(source: Path, tell: Callable[[str], None] = lambda _: None) -> list[Row]:
    """Return the labelled lines; raise `SettingsError` that names the line that is not one.

    A label outside the scheme is told and kept: the line counts as misunderstood.
    """
    rows = _from_yaml(source) if source.is_dir() or source.suffix in (".yml", ".yaml") else _from_json(source, tell)
    if not rows:
        raise SettingsError(f"{source}: không có dòng nào.")
    return rows


def _from_yaml(source: Path) -> list[Row]:
    """Read the project's own files; each line is tagged with its voice and its keyboard."""
    try:
        return [
            {
                "text": line.text, "intent": line.intent, "risk": line.risk, "types": list(line.types),
                "reporter": line.reporter, "tags": [line.file.stem, lines.keyboard(line.text)],
            }
            for line in lines.read(source)
        ]  # fmt: skip
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{source}: không đọc được tệp YAML ({type(error).__name__}). Xem nlu/data.") from None


def _from_json(source: Path, tell: Callable[[str], None]) -> list[Row]:
    rows = []
    try:
        written = source.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise SettingsError(f"{source}: không phải tệp chữ UTF-8.") from None
    for number, line in enumerate(written, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            whole = all(isinstance(row[name], str) for name in ("text", "intent", "risk", "reporter"))
            if not whole or not isinstance(row["types"], list) or not isinstance(row.get("tags", []), list):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SettingsError(
                f"{source}:{number}: cần một dòng JSON với text, intent, risk, types, reporter."
            ) from None
        for value, known in ((row["intent"], INTENTS), (row["risk"], RISKS), (row["reporter"], REPORTERS)):
            if value not in known:
                tell(f"{source}:{number}: nhãn lạ {value!r}")
        for kind in row["types"]:
            if kind not in TYPES:
                tell(f"{source}:{number}: nhãn lạ {kind!r}")
        rows.append({**row, "types": [k for k in row["types"] if k in TYPES]})
    return rows
