"""Understanding by the Rasa server on this machine: 2 s a message, one retry, a breaker, strict about the answer."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.conversation.understanding import Scores
from bot.errors import UnderstandingDown
from nlu.labels import INTENTS, REPORTERS, RISKS, TYPES

if TYPE_CHECKING:
    import aiohttp

LIMIT_SECONDS = 2.0
BREAK_AFTER = 3
BREAK_SECONDS = 5.0


class RasaUnderstanding:
    """Asks ``POST /model/parse``; after three failures in a row it rests for five seconds.

    A server that is only `starting` is asked by `is_ready` alone: no message waits for it.
    """

    def __init__(self, url: str, token: str, starting: bool = False) -> None:
        self._url = f"{url.rstrip('/')}/model/parse"
        self._token = {"token": token} if token else {}
        self._starting = starting
        self._failures = 0
        self._rests_until = 0.0

    async def scores(self, text: str) -> Scores:
        """Return the model's scores; raise `UnderstandingDown` when no usable answer comes in time."""
        if self._starting or time.monotonic() < self._rests_until:
            raise UnderstandingDown("resting")
        deadline = time.monotonic() + LIMIT_SECONDS
        for last in (False, True):
            try:
                found = await self._ask(text, max(0.05, deadline - time.monotonic()))
            except UnderstandingDown as error:
                if not last and not isinstance(error, _Slow) and time.monotonic() < deadline:
                    continue
                self._failed()
                raise
            self._failures = 0
            return found
        raise UnderstandingDown("unreachable")

    async def is_ready(self) -> bool:
        """Tell whether the server answers with our scores."""
        try:
            await self._ask("xin chào", LIMIT_SECONDS)
        except UnderstandingDown:
            return False
        self._starting = False
        return True

    async def close(self) -> None:
        """Close the connections."""
        if "_session" in vars(self):
            await self._session.close()

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        import aiohttp  # 0.1 s: the first answer after a start does not wait for it

        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16))

    async def _ask(self, text: str, seconds: float) -> Scores:
        import aiohttp

        # A message that begins with "/" would bypass the pipeline (Rasa's own intent syntax).
        body = {"text": text.lstrip("/ \t\n") or "."}
        try:
            limit = aiohttp.ClientTimeout(total=seconds)
            async with self._session.post(self._url, params=self._token, json=body, timeout=limit) as answer:
                answer.raise_for_status()
                return _scores((await answer.json())["scores"])
        except TimeoutError:
            raise _Slow("slow") from None
        except (aiohttp.ClientError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnderstandingDown(type(error).__name__) from None

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= BREAK_AFTER:
            self._rests_until = time.monotonic() + BREAK_SECONDS


class _Slow(UnderstandingDown):
    """The server took the question and gave no answer in time: it is not asked again."""


def _scores(row: dict[str, Any]) -> Scores:
    limits = row["thresholds"]
    return Scores(
        intents=_numbers(row["intents"], INTENTS),
        told=float(row["told"]),
        risks=_numbers(row["risks"], RISKS),
        types=_numbers(row["types"], TYPES),
        reporters=_numbers(row["reporters"], REPORTERS),
        thresholds={k: float(limits[k]) for k in ("told", "ask", "emergency", "perpetrator", "types")},
        source="rasa",
    )


def _numbers(row: dict[str, float], names: tuple[str, ...]) -> dict[str, float]:
    return {name: float(row[name]) for name in names}
