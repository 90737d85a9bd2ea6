"""`make audit` lets no known weakness pass without a written reason."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from bot.settings import ROOT

AUDIT = runpy.run_path(str(ROOT / ".ci" / "audit.py"))


def report(*weaknesses: str) -> dict[str, Any]:
    """What pip-audit tells of one library."""
    found = [{"id": weakness, "fix_versions": ["2.0"]} for weakness in weaknesses]
    return {
        "dependencies": [
            {"name": "lib", "version": "1.0", "vulns": found},
            {"name": "other", "version": "1", "vulns": []},
        ]
    }


@pytest.mark.parametrize(
    ("found", "accepted", "told"),
    [
        ([], "# nothing\n", []),
        (["GHSA-1"], "", ["GHSA-1 lib 1.0: mended in 2.0"]),
        (["GHSA-1"], "GHSA-1 lib Rasa pins it; the cage guards it\n", []),
        (["GHSA-1"], "GHSA-1 lib\n", ["GHSA-1 lib: audit.txt gives no reason"]),
        ([], "GHSA-1 lib was here\n", ["GHSA-1 lib: no longer found; take the line out of audit.txt"]),
    ],
)
def test_what_is_wrong_is_told(found: list[str], accepted: str, told: list[str]) -> None:
    """A new finding, a reason that is missing, and one that is no longer needed."""
    assert list(AUDIT["judge"]([report(*found)], accepted)) == told


def test_every_accepted_weakness_has_its_reason() -> None:
    """The list that is checked in."""
    wrong = list(AUDIT["judge"]([], (ROOT / ".ci" / "audit.txt").read_text(encoding="utf-8")))
    assert not [line for line in wrong if "no reason" in line]
