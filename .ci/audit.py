"""`make audit`: known weaknesses of every pinned library, by pip-audit over both requirement files.

Exit code 1 for a finding that `.ci/audit.txt` does not list with a reason, and for a line there that no finding needs any
more; 0 with a warning where the network does not let us ask. pip-audit runs in an environment of its own, pinned here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOOL = "pip-audit==2.9.0"
HERE = Path(__file__).resolve().parent
FILES = ("requirements.txt", "nlu/requirements.txt", "nlu/encoder/requirements.txt")
MOST_UNASKED = 0.2
"""Share of libraries that the database may not know before the answer counts as none."""


def main() -> int:
    """Ask, tell, and return the exit code."""
    reports = [ask(file) for file in FILES]
    if not all(reports):
        print("warning: the database of weaknesses cannot be reached from here; nothing was audited", file=sys.stderr)
        return 0
    wrong = list(judge([r for r in reports if r], (HERE / "audit.txt").read_text(encoding="utf-8")))
    print("\n".join(wrong) or "No weakness that is not listed with a reason.")
    return 1 if wrong else 0


def ask(file: str) -> dict[str, Any] | None:
    """Return pip-audit's report on one file, or None where it could not ask."""
    uv = shutil.which("uv") or str(HERE.parent / ".uv" / "bin" / "uv")
    command = [uv, "tool", "run", "--quiet", "--from", TOOL, "pip-audit", "--requirement", file, "--require-hashes",
               "--disable-pip", "--format", "json", "--progress-spinner", "off"]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603
        report: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    unasked = sum("skip_reason" in one for one in report["dependencies"])
    return report if unasked <= MOST_UNASKED * len(report["dependencies"]) else None


def judge(reports: list[dict[str, Any]], accepted: str) -> Iterator[str]:
    """Return what is wrong: findings that nobody accepted, reasons that are missing, reasons without a finding."""
    listed = {}
    for line in accepted.splitlines():
        if line.strip() and not line.startswith("#"):
            weakness, library, *reason = line.split(maxsplit=2)
            listed[weakness, library] = reason
            if not reason:
                yield f"{weakness} {library}: audit.txt gives no reason"
    found = {
        (weakness["id"], one["name"]): (one["version"], ", ".join(weakness["fix_versions"]) or "no version yet")
        for report in reports
        for one in report["dependencies"]
        for weakness in one.get("vulns", [])
    }
    for (weakness, library), (version, mended) in sorted(found.items()):
        if (weakness, library) not in listed:
            yield f"{weakness} {library} {version}: mended in {mended}"
    for weakness, library in sorted(listed.keys() - found.keys()):
        yield f"{weakness} {library}: no longer found; take the line out of audit.txt"


if __name__ == "__main__":
    sys.exit(main())
