"""Understanding by keywords: what is left when the model is loading, slow or down. The table is `content/keywords.yml`."""

from __future__ import annotations

from functools import cache
from typing import Any

import content
from bot.conversation.understanding import Scores
from nlu.labels import DISCLOSURE, INTENTS, OUT_OF_SCOPE
from nlu.patterns import Pattern, Rule, Text

_THRESHOLDS = {"told": 0.75, "ask": 0.5, "emergency": 0.9, "perpetrator": 0.6, "types": 0.5}
_WITNESS = Pattern([
    r"(?:chị|em|bạn|cháu|con|cô|bà|mẹ|vợ chồng) (?:gái )?(?:tôi|tui|em|mình|hàng xóm|ấy|bên|cạnh) (?:\w+ ){0,2}bị", "hàng xóm", "nhà bên",
    "học sinh của", "thôn (?:tôi|em)", r"bạn (?:em|cháu|tôi|mình|con) (?:\w+ )?bị", "bố đánh mẹ", "ba đánh mẹ", "cha đánh mẹ",
])  # fmt: skip


class KeywordUnderstanding:
    """The second implementation of `Understanding`: pure, always there."""

    async def scores(self, text: str) -> Scores:
        """Return scores from the first row of the table that fits."""
        return keyword_scores(text)


def keyword_scores(raw: str) -> Scores:
    """Return scores of one text; without any fitting row it is out of scope."""
    text = Text(raw)
    row = next((row for row, rule in _rules() if rule.fits(text)), {"intent": OUT_OF_SCOPE})
    intent, told = row["intent"], float(row.get("told", 0.0))
    sure = told or 0.7
    witness = 0.8 if told and _WITNESS.search(text) else 0.2
    return Scores(
        intents={i: sure if i == intent else (1 - sure) / (len(INTENTS) - 1) for i in INTENTS},
        told=told,
        risks={"emergency": 0.0, "disclosure": told, "sensitive": 0.0, "none": 1 - told},
        types={kind: 1.0 if i == intent else 0.0 for i, kind in DISCLOSURE.items()},
        reporters={"self": 1 - witness, "witness": witness, "none": 0.0},
        thresholds=_THRESHOLDS,
        source="keywords",
    )


@cache
def _rules() -> tuple[tuple[dict[str, Any], Rule], ...]:
    table = content.keywords()
    return tuple((row, Rule(row, table["words"])) for row in table["rows"])
