"""What the tests share: a whole machine on throw-away stores, with a fake wire and a clock of our own."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from bot import app as whole
from bot import settings as configuration
from bot.clock import VIETNAM
from bot.conversation.keywords import KeywordUnderstanding
from bot.conversation.understanding import Understanding
from bot.errors import ChannelError
from bot.messages import Incoming, Outgoing

KEYS = ",".join(
    f"{name}:{base64.b64encode(bytes(range(n, n + 32))).decode()}" for n, name in enumerate(("k1", "lookup"))
)


@dataclass
class FakeWire:
    """A channel that keeps what it was given, and fails as told."""

    name: str = "terminal"
    sent: list[tuple[str, Outgoing]] = field(default_factory=list)
    cleared: list[tuple[str, list[str]]] = field(default_factory=list)
    failures: list[ChannelError] = field(default_factory=list)

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((chat, outgoing))
        return str(len(self.sent))

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        self.cleared.append((chat, list(message_ids)))


class Bench:
    """A machine under test, spoken to as a person would."""

    def __init__(self, app: whole.App, wire: FakeWire) -> None:
        self.app = app
        self.wire = wire
        self._number = 0

    def understanding(self, understanding: Understanding) -> None:
        """Put another understanding in."""
        object.__setattr__(self.app.machine, "understanding", understanding)

    def at(self, moment: str) -> None:
        """Stop the clock at an ISO moment in Vietnam."""
        fixed = datetime.fromisoformat(moment).replace(tzinfo=VIETNAM)
        object.__setattr__(self.app.machine, "now", lambda: fixed)

    def hear(self, incoming: Incoming) -> list[Outgoing]:
        """Give the machine one message; return what it sent."""
        before = len(self.wire.sent)
        asyncio.run(self.app.receive(incoming))
        return [outgoing for _, outgoing in self.wire.sent[before:]]

    def say(self, text: str = "", chat: str = "a", **more: object) -> str:
        """Say something; return all replies as one text, buttons in brackets."""
        self._number += 1
        message_id = str(more.pop("message_id", f"m{self._number}"))
        incoming = Incoming("terminal", chat, message_id, text, **more)  # type: ignore[arg-type]
        return "\n".join(
            "\n".join([reply.text, *(f"[{b.label}]({b.payload})" for b in reply.buttons)])
            for reply in self.hear(incoming)
        )


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> configuration.Settings:
    """Settings of a fresh machine in a folder of its own; the environment's are left out."""
    monkeypatch.chdir(tmp_path)
    for name in configuration.Settings.model_fields:
        monkeypatch.delenv(f"TINCAY_{name.upper()}", raising=False)
    return configuration.load(data_dir=tmp_path / "var", secret_keys=KEYS)


@pytest.fixture
def bench(settings: configuration.Settings) -> Iterator[Bench]:
    """A machine with keyword understanding and a fake wire, on SQLite."""
    yield from benched(settings)


def benched(settings: configuration.Settings) -> Iterator[Bench]:
    """Yield a machine with keyword understanding and a fake wire; close its databases afterwards."""
    app = whole.build(settings, wire := FakeWire())
    whole.set_up_stores(app)
    made = Bench(app, wire)
    made.understanding(KeywordUnderstanding())
    made.at("2026-11-21T14:00")
    yield made
    app.people.dispose()
    app.directory.dispose()
