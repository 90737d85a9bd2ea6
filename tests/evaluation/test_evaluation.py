"""What `tincay evaluate` reads, changes, counts and shows; no model is needed."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from bot.conversation.understanding import Understood
from bot.errors import SettingsError
from bot.evaluation.figures import Figures, Judged, confusion, measure, per_intent, per_tag, worse, worst
from bot.evaluation.page import page, table
from bot.evaluation.rows import read_rows
from bot.evaluation.variants import VARIANTS, slip, telex
from nlu.lines import DEVELOPMENT, read
from nlu.text import normalise
from referral_directory.places import find_place

ROW = {"text": "ck đánh em", "intent": "physical_violence", "risk": "disclosure", "types": ["physical"], "reporter": "self"}  # fmt: skip
DANGER = {**ROW, "text": "nó cầm dao", "intent": "emergency", "risk": "emergency"}
CALM = {"text": "trời <b>mưa</b>", "intent": "out_of_scope", "risk": "none", "types": [], "reporter": "none"}
HEARD = Understood("physical_violence", 0.9, "disclosure", ("physical",), "self", "act")
HEARD_DANGER = Understood("emergency", 0.9, "emergency", ("physical",), "self", "act")
LET_BE = Understood("out_of_scope", 0.8)


def test_a_line_that_is_not_labelled_is_named(tmp_path: Path) -> None:
    """The number of the line and what it needs, in Vietnamese; an empty file is no set."""
    file = tmp_path / "lines.jsonl"
    for wrong in ('{"text": "a"}', "[]", "không phải JSON", json.dumps({**ROW, "types": "physical"}), "[" * 9_999):
        file.write_text(f"{json.dumps(ROW)}\n\n{wrong}\n", encoding="utf-8")
        with pytest.raises(SettingsError, match="jsonl:3: cần một dòng JSON"):
            read_rows(file)
    file.write_text("\n")
    with pytest.raises(SettingsError, match="không có dòng nào"):
        read_rows(file)


def test_a_label_outside_the_scheme_is_told(tmp_path: Path) -> None:
    """It is kept, so that the line counts as misunderstood; a byte order mark and line separators do no harm."""
    file, told = tmp_path / "lines.jsonl", []
    strange = {**ROW, "text": "một\u2028hai", "intent": "gossip"}
    file.write_text("\ufeff" + json.dumps(strange, ensure_ascii=False), encoding="utf-8")
    assert read_rows(file, told.append)[0]["intent"] == "gossip"
    assert "gossip" in told[0]


def test_the_folders_of_the_project_are_read() -> None:
    """Each line with the voice that wrote it and its keyboard as tags."""
    rows = read_rows(DEVELOPMENT)
    assert len(rows) == sum(1 for _ in read(DEVELOPMENT))
    assert all(len(row["tags"]) == 2 for row in rows)
    one = next(DEVELOPMENT.glob("*.yml"))
    assert {row["tags"][0] for row in read_rows(one)} == {one.stem}


def test_telex_keys_are_those_of_a_keyboard() -> None:
    """One key after the other, the tone last, punctuation where it was; almost every word is read back."""
    assert telex("Đường về nhà, đánh em!") == "DDuwowngf veef nhaf, ddanhs em!"
    words = {word for line in read(DEVELOPMENT) for word in line.text.split()}
    back = sum(normalise(telex(word)) == normalise(word) for word in words)
    assert back > 0.95 * len(words)


def test_a_slip_is_one_and_always_the_same() -> None:
    """At most one letter more or less, nothing in a word too short."""
    for line in list(read(DEVELOPMENT))[:200]:
        assert slip(line.text) == slip(line.text)
        assert abs(len(slip(line.text)) - len(line.text)) <= 1
    assert slip("cứu") == "cứu"


def test_the_variants_are_those_that_are_promised() -> None:
    """As typed comes first and changes nothing."""
    assert list(VARIANTS) == ["as typed", "without marks", "NFD", "telex", "typos", "upper case"]
    assert VARIANTS["as typed"]("đánh") == "đánh"
    assert VARIANTS["NFD"]("đánh") == unicodedata.normalize("NFD", "đánh")


def test_the_figures_count_what_they_say() -> None:
    """Told, asked, danger, alarms, by hand."""
    asked = Understood("out_of_scope", 0.5, act="ask")
    lines = [Judged(ROW, HEARD), Judged(ROW, asked), Judged(DANGER, LET_BE), Judged(CALM, HEARD_DANGER)]
    found = measure(lines)
    assert found["told_recall"] == pytest.approx(1 / 3)
    assert found["told_or_asked"] == pytest.approx(2 / 3)
    assert found["emergency_recall"] == 0
    assert found["emergency_missed_entirely"] == 1
    assert found["false_alarms"] == 1
    assert found["false_emergencies"] == pytest.approx(1 / 3)
    assert found["place_accuracy"] is None
    assert per_intent(lines)["physical_violence"]["told_recall"] == 0.5
    assert confusion(lines)[0]["understood"] == "out_of_scope"
    assert worst(lines)[0].row is DANGER


def test_places_are_judged_where_they_are_labelled() -> None:
    """The right commune, none where there is none; another one is wrong."""
    place = find_place("em ở xã Cẩm Tân, Cẩm Thủy")
    assert place
    right = {**ROW, "place": place.as_dict()}
    heard = Understood("physical_violence", 0.9, "disclosure", ("physical",), "self", "act", place)
    lines = [Judged(right, heard), Judged(right, HEARD), Judged({**ROW, "place": None}, HEARD), Judged(ROW, heard)]
    assert measure(lines)["place_accuracy"] == pytest.approx(2 / 3)


def test_tags_have_figures_of_their_own() -> None:
    """A line with two tags counts under both."""
    lines = [Judged({**ROW, "tags": ["a", "b"]}, HEARD), Judged({**ROW, "tags": ["b"]}, LET_BE)]
    found = per_tag(lines)
    assert (found["a"]["told_recall"], found["b"]["told_recall"]) == (1, 0.5)


def test_the_page_shows_the_mistakes_and_runs_nothing_of_theirs() -> None:
    """What people wrote stands on the page as text."""
    lines = [Judged({**CALM, "tags": ["<i>"]}, HEARD_DANGER), Judged(ROW, HEARD)]
    shown = page({"as typed": measure(lines)}, lines)
    assert "trời &lt;b&gt;mưa&lt;/b&gt;" in shown
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "told_recall" in "\n".join(table({"as typed": measure(lines)}, lines))


OLD: dict[str, Figures] = {
    "as typed": {"told_recall": 0.9, "told_or_asked": 0.99, "emergency_recall": 0.8, "emergency_missed_entirely": 0,
                 "false_alarms": 0.06, "false_emergencies": 0.01, "intent_accuracy": 0.78},
}  # fmt: skip
CHANGED = [
    ("told_recall", 0.895, False),
    ("told_recall", 0.889, True),
    ("told_or_asked", 0.98, True),
    ("emergency_recall", 0.78, False),
    ("emergency_recall", 0.76, True),
    ("emergency_missed_entirely", 1, True),
    ("false_alarms", 0.069, False),
    ("false_alarms", 0.071, True),
    ("false_emergencies", 0.02, True),
    ("intent_accuracy", 0.5, False),
    ("told_recall", 1.0, False),
    ("told_recall", None, True),
]


@pytest.mark.parametrize(("name", "value", "is_worse"), CHANGED)
def test_a_model_is_worse_beyond_its_margin(name: str, value: float | None, is_worse: bool) -> None:
    """Recall of telling and of danger may not fall, alarms may not rise; the figure that did is named."""
    found = worse(OLD, {"as typed": {**OLD["as typed"], name: value}})
    assert bool(found) is is_worse
    assert all(name in said for said in found)


def test_every_variant_is_held() -> None:
    """A fall without marks is a fall."""
    both = {**OLD, "without marks": OLD["as typed"]}
    assert worse(both, {**both, "without marks": {**OLD["as typed"], "told_recall": 0.8}})
    assert worse(both, OLD)
    assert not worse(OLD, both)
