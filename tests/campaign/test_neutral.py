"""What a lock screen shows of a message that the bot starts tells nothing, whatever the message is about."""

from __future__ import annotations

import ast
from datetime import date, timedelta
from pathlib import Path

import content
from bot.campaign.words import words
from content import seasons
from content.seasons import Item

PREVIEW = 40
"""Characters of a notification."""
ROOT = Path(__file__).parents[2]


def test_no_preview_tells_what_a_message_is_about() -> None:
    """Every item of every season on every day of a year, and every message by hand, begins with the same calm words."""
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(366)]
    items = {
        item for season in seasons.seasons() for day in days for item in (*season.on(day), season.special(day)) if item
    }
    items |= {once.item for once in seasons.onces().values()}
    items |= {Item(s.id, "phong-chong", s.text) for s in content.slogans()}
    assert len(items) > 40
    previews = {words(item)[:PREVIEW] for item in items}
    assert len(previews) == 1
    (preview,) = previews
    assert Item("", "", preview).calm
    assert not any(word in preview.lower() for word in ("tin cậy", "giới", "phụ nữ", "luật", "nguy", "giúp"))


def test_nothing_else_is_started_by_the_bot() -> None:
    """Only a turn makes replies, and only a campaign's ticket is put into words: no other code writes to a person."""
    senders = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "bot").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "send"
        and ast.unparse(call.func.value).endswith(("channel", "_wire"))
    }  # fmt: skip
    assert senders == {"bot/conversation/turn.py", "bot/delivery/door.py", "bot/delivery/pump.py"}
