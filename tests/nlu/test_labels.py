"""The label scheme holds together."""

from __future__ import annotations

import pytest

from nlu.labels import DANGER, DISCLOSURE, INTENTS, OUT_OF_SCOPE, PERPETRATOR, TYPES, conflicts

AGREE = [
    ("physical_violence", "disclosure", ["physical"], "self"),
    ("child_abuse", "disclosure", ["physical", "child"], "witness"),
    ("emergency", "emergency", [], "self"),
    ("self_harm", "emergency", [], "witness"),
    ("self_harm", "disclosure", ["school"], "self"),
    ("perpetrator", "sensitive", ["physical"], "none"),
    ("ask_law", "none", [], "none"),
]
CONTRADICT = [
    ("physical_violence", "disclosure", ["psychological"], "self", "without type physical"),
    ("physical_violence", "emergency", ["physical"], "self", "needs risk disclosure"),
    ("physical_violence", "disclosure", ["physical"], "none", "a reporter"),
    ("emergency", "disclosure", ["physical"], "self", "needs risk emergency"),
    ("self_harm", "none", [], "self", "needs risk emergency or disclosure"),
    ("perpetrator", "sensitive", ["physical"], "self", "no reporter"),
    ("out_of_scope", "none", ["physical"], "none", "tells of nothing"),
    ("gossip", "none", [], "none", "unknown intent"),
    ("ask_law", "none", ["legal"], "none", "unknown type"),
]


@pytest.mark.parametrize(("intent", "risk", "types", "reporter"), AGREE)
def test_labels_that_agree(intent: str, risk: str, types: list[str], reporter: str) -> None:
    """Lines labelled by the scheme pass."""
    assert conflicts(intent, risk, types, reporter) == []


@pytest.mark.parametrize(("intent", "risk", "types", "reporter", "said"), CONTRADICT)
def test_labels_that_contradict(intent: str, risk: str, types: list[str], reporter: str, said: str) -> None:
    """A line whose labels contradict each other is named with the reason."""
    assert said in " ".join(conflicts(intent, risk, types, reporter))


def test_every_kind_of_violence_has_its_intent() -> None:
    """No intent stands twice, and each disclosure always tells its own kind."""
    assert len(set(INTENTS)) == len(INTENTS)
    assert {*DISCLOSURE, *DANGER, PERPETRATOR, OUT_OF_SCOPE} <= set(INTENTS)
    assert tuple(DISCLOSURE.values()) == TYPES
