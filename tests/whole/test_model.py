"""The gate: today's model on lines of voices that it was never trained on. A worse model does not pass."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable

import pytest

from bot.conversation.rasa import RasaUnderstanding
from bot.conversation.turn import understand
from bot.conversation.understanding import Understood
from bot.evaluation import TOLD, Judged, measure
from bot.nlu_server import running_server
from nlu.lines import DEVELOPMENT, Line, read
from nlu.text import fold
from tests.whole.conftest import Up

LINES = list(read(DEVELOPMENT))


@pytest.fixture(scope="module")
def ask(up: Up) -> Callable[[list[str]], list[Understood]]:
    """Understand texts as a live message would be."""
    up.wait("ready", 120)
    found = running_server(up.folder / "var")
    assert found

    def understood(texts: list[str]) -> list[Understood]:
        async def run() -> list[Understood]:
            server, gate = RasaUnderstanding(*found), asyncio.Semaphore(4)

            async def one(text: str) -> Understood:
                async with gate:
                    return await understand(server, text)

            said = list(await asyncio.gather(*map(one, texts)))
            await server.close()
            return said

        return asyncio.run(run())

    return understood


def _judged(said: list[Understood], lines: list[Line]) -> list[Judged]:
    rows = [{"intent": x.intent, "risk": x.risk, "types": list(x.types), "reporter": x.reporter} for x in lines]
    return [Judged(row, heard) for row, heard in zip(rows, said, strict=True)]


FLOORS = {"told_recall": 0.86, "told_or_asked": 0.97, "emergency_recall": 0.76, "intent_accuracy": 0.72}
CEILINGS = {"false_alarms": 0.09, "false_emergencies": 0.03, "emergency_missed_entirely": 1}


@pytest.mark.parametrize("change", [str, fold], ids=["as typed", "without marks"])
def test_nobody_who_tells_is_lost_by_a_change(
    ask: Callable[[list[str]], list[Understood]], change: Callable[[str], str]
) -> None:
    """Recall of telling and of danger does not fall, false alarms do not rise."""
    figures = measure(_judged(ask([change(x.text) for x in LINES]), LINES))
    for name, least in FLOORS.items():
        assert float(figures[name] or 0) >= least, (name, figures)
    for name, most in CEILINGS.items():
        assert float(figures[name] or 0) <= most, (name, figures)


CHANGES: dict[str, tuple[Callable[[str], str], float]] = {
    "NFD": (lambda t: unicodedata.normalize("NFD", t), 1.0),
    "capitals": (str.upper, 0.99),
    "emoji": (lambda t: t + " 😭😭", 0.95),
    "greeting in front": (lambda t: "chào chị ạ. " + t, 0.93),
    "without marks": (fold, 0.90),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_told_stays_told(ask: Callable[[list[str]], list[Understood]], name: str) -> None:
    """Another keyboard, a greeting, a tear: who was understood is still understood."""
    change, share = CHANGES[name]
    told = [x for x in LINES if x.risk in TOLD][::2]
    heard = [x.text for x, said in zip(told, ask([x.text for x in told]), strict=True) if said.risk in TOLD]
    still = sum(said.risk in TOLD for said in ask([change(t) for t in heard]))
    assert still >= share * len(heard), f"{still} of {len(heard)}"
