"""Write down the figures that the gate holds: ``tincay evaluate nlu/development --json | python -m tests.whole.record``.

Do so when the model or the policy became better, in the same commit; a worse record is a choice that a reader must see.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.evaluation.figures import MARGINS, Figures

FILE = Path(__file__).with_name("record.json")


def read() -> dict[str, Figures]:
    """Return the recorded figures by variant."""
    found: dict[str, Figures] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    variants = json.load(sys.stdin)["variants"]
    held = {name: {key: figures[key] for key in ("lines", *MARGINS)} for name, figures in variants.items()}
    FILE.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
