"""Understanding by the Rasa server on this machine: 2 s a message, one retry, a breaker, strict about the answer."""

from __future__ import annotations

import time

import httpx

from bot.conversation.understanding import Scores
from bot.errors import UnderstandingDown
from nlu.labels import INTENTS, REPORTERS, RISKS, TYPES

LIMIT_SECONDS = 2.0
BREAK_AFTER = 3
BREAK_SECONDS = 5.0


class RasaUnderstanding:
    """Asks ``POST /model/parse``; after three failures in a row it rests for five seconds."""

    def __init__(self, url: str, token: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, params={"token": token} if token else {}, timeout=LIMIT_SECONDS, transport=transport,
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=16),
        )  # fmt: skip
        self._failures = 0
        self._rests_until = 0.0

    async def scores(self, text: str) -> Scores:
        """Return the model's scores; raise `UnderstandingDown` when no usable answer comes in time."""
        if time.monotonic() < self._rests_until:
            raise UnderstandingDown("resting")
        deadline = time.monotonic() + LIMIT_SECONDS
        for last in (False, True):
            try:
                found = await self._ask(text, max(0.05, deadline - time.monotonic()))
            except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
                if not last and not isinstance(error, httpx.ReadTimeout) and time.monotonic() < deadline:
                    continue
                self._failed()
                raise UnderstandingDown(type(error).__name__) from None
            self._failures = 0
            return found
        raise UnderstandingDown("unreachable")

    async def is_ready(self) -> bool:
        """Tell whether the server answers with our scores."""
        try:
            await self._ask("xin chào", LIMIT_SECONDS)
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            return False
        return True

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(self, text: str, seconds: float) -> Scores:
        # A message that begins with "/" would bypass the pipeline (Rasa's own intent syntax).
        body = {"text": text.lstrip("/ \t\n") or "."}
        answer = await self._client.post("/model/parse", json=body, timeout=seconds)
        answer.raise_for_status()
        row = answer.json()["scores"]
        return Scores(
            intents=_numbers(row["intents"], INTENTS),
            told=float(row["told"]),
            risks=_numbers(row["risks"], RISKS),
            types=_numbers(row["types"], TYPES),
            reporters=_numbers(row["reporters"], REPORTERS),
            thresholds={k: float(row["thresholds"][k]) for k in ("told", "ask", "emergency", "perpetrator", "types")},
            source="rasa",
        )

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= BREAK_AFTER:
            self._rests_until = time.monotonic() + BREAK_SECONDS


def _numbers(row: dict[str, float], names: tuple[str, ...]) -> dict[str, float]:
    return {name: float(row[name]) for name in names}
