"""What the words and the flows promise one another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.models import CommandInfo

import content
from bot import desk, keepers
from bot.__main__ import cli
from bot.conversation.route import FLOWS
from bot.settings import Settings
from nlu.labels import INTENTS

ROOT = Path(__file__).parents[2]
CODE = "\n".join(
    f.read_text(encoding="utf-8") for part in ("conversation", "campaign") for f in (ROOT / "bot" / part).rglob("*.py")
)
VALUES = {"value", "when", "choice", "old", "now", "you", "You", "hour", "slogan", "source", "year", "theme", "days", "aid", "day", "commune", "province", "number", "hours", "cost"}  # fmt: skip
COMPUTED = (
    "find.",
    "places.police",
    "places.committee",
    "places.union",
    "places.health",
    "places.visit",
    "places.guided",
    "why.",
    "kind.",
    "need.",
    "aside.",
)
SMALL_TALK = {"greet", "goodbye", "thank", "affirm", "deny", "help", "out_of_scope", "empty", "media", "stale_button"}


def test_every_intent_has_a_flow() -> None:
    """The label scheme and the flows agree."""
    assert set(FLOWS) == set(INTENTS)


def test_every_reply_that_is_used_exists_and_every_reply_is_used() -> None:
    """No key is missing, none is left over."""
    known = set(content.replies())
    used = set(re.findall(r'\b(?:say|button)\(\s*"([a-z_.]+)"', CODE))
    assert used <= known
    assert {k for k in known - SMALL_TALK if f'"{k}"' not in CODE and not k.startswith(COMPUTED)} == set()


@pytest.mark.parametrize("key", sorted(content.replies()))
def test_a_reply_is_plain(key: str) -> None:
    """It formats for everybody, does not shout, and calls nothing free but 111 and the law's own aid."""
    text = content.replies()[key]
    assert set(re.findall(r"\{(\w+)\}", text)) <= VALUES
    for you in ("bạn", "em", "cháu", "con", "chị", "cô", "bác", "bà", "ông", "chú", "dì"):
        text.format(**(dict.fromkeys(VALUES, "x") | {"you": you, "You": you.capitalize()}))
    assert "!" not in text
    assert "tố giác" not in text
    assert "miễn phí" not in text or "111" in text or key == "law.aid"
    assert not any(number in text for number in content.never_served())


def test_facts_say_where_they_come_from() -> None:
    """Every fact names a source in words and the day of its check."""
    for fact in content.facts().values():
        assert "kiểm ngày" in fact.source, fact.id
        assert not re.search(r"\bĐ\d|\bk\d|\bNĐ \d", fact.source), fact.id
        assert fact.instrument or fact.sources, fact.id


README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_readme_describes_every_setting(name: str) -> None:
    """Its row in the README tells the default and the description that the program knows."""
    field = Settings.model_fields[name]
    default = field.default.relative_to(ROOT) if isinstance(field.default, Path) else field.default
    shown = "" if default in ("", None) else f"`{default}`"
    assert f"| `TINCAY_{name.upper()}` | {shown} | {field.description} |" in README


def test_readme_lists_every_command_in_one_table() -> None:
    """Each command of the program and each target of the Makefile: an empty line in it would break the table."""
    (table,) = re.findall(r"\| lệnh \| việc \|\n((?:\|.*\n)+)", README)
    wanted = [f"tincay {_name(c)}" for c in cli.registered_commands] + [_name(c) for c in desk.cli.registered_commands]
    wanted += [f"tincay staff {_name(c)}" for c in keepers.cli.registered_commands]
    wanted += [f"make {t}" for t in re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)]
    told = re.findall(r"`(make \w+|tincay campaign \w+|tincay staff \w+|tincay \w+|\w+)[^`]*`", table)
    known = {command.removeprefix("tincay campaign ") for command in told}
    assert [w for w in wanted if w not in known] == ["make help"]


def _name(command: CommandInfo) -> str:
    return command.name or str(getattr(command.callback, "__name__", ""))
