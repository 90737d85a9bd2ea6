"""The written lines keep the promises of the label scheme."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu import lines
from nlu.labels import INTENTS, REPORTERS, RISKS, TOLD, TYPES, conflicts
from nlu.lines import DATA, DEVELOPMENT, Line

LINES = list(lines.read(DATA))
APART = list(lines.read(DEVELOPMENT))


def test_every_label_is_written_for() -> None:
    """At least 40 lines for each intent, 500 about something else; every risk, kind and reporter occurs."""
    assert lines.thin(LINES, 40) == []
    assert lines.background(LINES) >= 500
    counts = lines.tallies(LINES)
    assert set(counts["risk"]) == set(RISKS)
    assert set(counts["reporter"]) == set(REPORTERS)
    assert set(TYPES) < set(counts["types"])


def test_no_line_contradicts_the_scheme_or_stands_twice() -> None:
    """Labels agree with one another, and no development line is trained on."""
    assert [*lines.faults(LINES), *lines.faults(APART), *lines.overlaps(LINES, APART)] == []


def test_no_line_says_again_what_another_says() -> None:
    """No two lines of 20 letters and more share over half of their 4-grams: within a voice, across voices and splits."""
    assert list(lines.twins([*APART, *LINES])) == []


def test_every_file_is_headed_by_its_voice() -> None:
    """Who speaks, from where, on which keyboard: the first line of each file."""
    for file in {line.file for line in [*LINES, *APART]}:
        assert file.read_text(encoding="utf-8").startswith("# voice"), file.name


def test_most_telling_uses_none_of_the_commonest_words() -> None:
    """Over half of the told lines hold none of the ten commonest words of violence."""
    common = ("bạo lực", "đánh", "hiếp", "xâm hại", "quấy rối", "tát", "đấm", "dọa giết", "bao luc", "danh")
    told = [line for line in LINES if line.risk in TOLD]
    assert sum(not any(word in line.text.lower() for word in common) for line in told) > len(told) / 2


WRONG = [
    ("physical_violence", "none", [], "self", "needs risk disclosure"),
    ("physical_violence", "disclosure", [], "self", "without type physical"),
    ("emergency", "disclosure", ["physical"], "self", "needs risk emergency"),
    ("perpetrator", "sensitive", ["physical"], "self", "no reporter"),
    ("greet", "none", ["physical"], "none", "tells of nothing"),
    ("gossip", "none", [], "none", "unknown intent"),
]


@pytest.mark.parametrize(("intent", "risk", "types", "reporter", "said"), WRONG)
def test_a_contradiction_is_found(intent: str, risk: str, types: list[str], reporter: str, said: str) -> None:
    """The checker is not blind."""
    assert any(said in fault for fault in conflicts(intent, risk, types, reporter))


def test_a_repeated_line_is_found() -> None:
    """The same words under other labels are a fault."""
    one = Line("Chồng em giữ lương", "economic_violence", "disclosure", ("economic",), "self", Path("a/x.yml"))
    other = Line("chong em giu  luong", "out_of_scope", "none", (), "none", Path("a/y.yml"))
    assert any("twice" in fault for fault in lines.faults([one, other]))
    assert list(lines.overlaps([one], [other]))


def test_a_line_said_again_is_found() -> None:
    """A word more or less, other marks and other labels hide nothing; another sentence of the same kind passes."""
    said = [
        ("Chồng em giữ hết tiền lương của em", "economic_violence"),
        ("chong em giu het tien luong cua em roi", "out_of_scope"),
        ("Lương tháng nào về là ổng lấy sạch, em xin từng đồng đi chợ", "economic_violence"),
        ("cảm ơn nhen", "thank"),
        ("cảm ơn nhennn", "thank"),
    ]
    found = list(lines.twins([Line(t, i, "none", (), "none", Path("a/x.yml")) for t, i in said]))
    assert len(found) == 1
    assert "under other labels" in found[0]


def test_the_labels_have_their_intents() -> None:
    """The scheme names 38 intents, each once."""
    assert len(INTENTS) == len(set(INTENTS)) == 38
