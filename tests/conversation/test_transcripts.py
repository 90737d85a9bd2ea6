"""Conversations as people have them: each file of `transcripts/` is one, read from the top.

# what the file promises
@ 2026-11-21T14:00        the clock
> nó cầm dao đuổi em      a message (">> payload" presses a button, "> " alone is an empty message)
< Gọi 113                 the answer contains this …
! Xã Cẩm Tân              … and not this
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Bench

FILES = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_conversation_goes_as_written(bench: Bench, file: Path) -> None:
    """Every line of a transcript holds."""
    answer = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        mark, _, words = line.partition(" ")
        if mark == "@":
            bench.at(words)
        elif mark == ">>":
            answer = bench.say(button=words)
        elif mark == ">":
            answer = bench.say(words)
        elif mark == "<":
            assert words in answer, f"{file.name}:{number}: {words!r} is missing in:\n{answer}"
        elif mark == "!":
            assert words not in answer, f"{file.name}:{number}: {words!r} should not be in:\n{answer}"
        else:
            assert not mark or mark.startswith("#"), f"{file.name}:{number}: what is {mark!r}?"


def test_there_are_transcripts() -> None:
    """The folder is read."""
    assert len(FILES) >= 10
