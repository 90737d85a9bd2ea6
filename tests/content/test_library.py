"""The library holds the slogans of the five plans as they were written, and the law of the day that is asked about."""

from __future__ import annotations

import asyncio
import hashlib
import unicodedata
from pathlib import Path

import pytest
import yaml

import content
from bot import app as whole
from bot import settings as configuration
from bot.conversation.keywords import KeywordUnderstanding
from bot.messages import Incoming
from tests.conftest import FakeWire

LIBRARY = yaml.safe_load((Path(content.__file__).parent / "slogans.yml").read_text(encoding="utf-8"))
SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
"""The plans themselves lie beside a checkout only where they may be read."""


def test_each_slogan_is_there_once_with_its_plan_and_its_marks() -> None:
    """No slogan twice, each with a named plan, an audience, topics, and whether somebody who told may see it."""
    rows = [row for row in LIBRARY["slogans"] if row["kind"] == "slogan"]
    said = [_plain(row["text"]) for row in rows]
    assert len(said) == len(set(said))
    for row in rows:
        assert row["audience"]
        assert row["topics"]
        assert isinstance(row["around_disclosure"], bool)
        assert all(source in LIBRARY["plans"] for source in row["sources"])


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the plans are not beside this checkout")
def test_each_slogan_stands_in_its_plan_as_it_was_written() -> None:
    """Verbatim: every slogan and every variant is found in the plan that it names."""
    plans = {file.name: _plain(file.read_text(encoding="utf-8")) for file in SEEDS.glob("*.txt")}
    for row in LIBRARY["slogans"]:
        for text, source in [
            (row["text"], row["sources"][0]),
            *((v["text"], v["source"]) for v in row.get("variants", ())),
        ]:
            assert _plain(text) in plans[source], row["id"]


def test_every_slogan_of_the_five_plans_is_in_the_library() -> None:
    """`seed_slogans.sha256` lists each slogan and variant of the plans (NFC, single spaces) with its plan: none is missing."""
    listed = (Path(__file__).parent / "seed_slogans.sha256").read_text(encoding="utf-8").splitlines()
    held = {
        f"{hashlib.sha256(' '.join(unicodedata.normalize('NFC', text).split()).encode()).hexdigest()}  {source}"
        for row in LIBRARY["slogans"]
        for text, sources in [
            (row["text"], row["sources"]),
            *((v["text"], [v["source"]]) for v in row.get("variants", ())),
        ]
        for source in sources
    }
    assert len(listed) == 43
    assert set(listed) - held == set()
    assert len({line.split()[1] for line in listed}) == 5


@pytest.mark.parametrize(
    ("moment", "told"),
    [("2026-11-25T09:00+07:00", True), ("2025-12-15T09:00+07:00", True), ("2025-12-01T09:00+07:00", False)],
)
@pytest.mark.parametrize("question", ["đánh vợ bị phạt bao nhiêu tiền", "chửi vợ bị phạt bao nhiêu"])
def test_fines_are_those_of_the_day(settings: configuration.Settings, moment: str, told: bool, question: str) -> None:
    """Decree 282 with its amount from its first day on; before it no amount, and the bot says that it has none."""
    answer = _asked(settings, moment, question)
    assert "144/2021/NĐ-CP" not in answer
    assert ("282/2025" in answer) is told
    assert ("5–10 triệu" in answer) is told
    assert ("triệu" in answer) is told
    assert ("chưa có mức phạt còn hiệu lực ngày 01/12/2025" in answer) is not told
    assert "trung tâm trợ giúp pháp lý" in answer


def test_what_the_library_has_not_is_said_with_who_advises_for_free(settings: configuration.Settings) -> None:
    """Custody is not in the library: nothing is guessed."""
    answer = _asked(settings, "2026-11-25T09:00+07:00", "luật quy định ly hôn thì con theo cha hay theo mẹ")
    assert "không dám đoán" in answer
    assert "trung tâm trợ giúp pháp lý" in answer


def _asked(settings: configuration.Settings, moment: str, question: str) -> str:
    wire = FakeWire()
    app = whole.build(settings.model_copy(update={"now": moment}), wire)
    whole.set_up_stores(app)
    object.__setattr__(app.machine, "understanding", KeywordUnderstanding())
    asyncio.run(app.receive(Incoming("terminal", "a", "m1", question)))
    app.people.dispose()
    app.directory.dispose()
    return "\n".join(outgoing.text for _, outgoing in wire.sent)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).lower().replace("“", "").replace("”", "").split()).rstrip(
        " .!;,"
    )
