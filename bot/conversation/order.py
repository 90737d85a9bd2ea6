"""Who waits for whom: one message of a person at a time, danger past the queue, nothing answered twice."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.errors import StoreUnavailable
from bot.messages import Incoming

PLAIN_AT_ONCE = 32
"""Plain turns that are worked on side by side; danger never waits for a place among them."""
_REMEMBERED = 10_000
_T = TypeVar("_T")


class Lane:
    """A way to the stores with threads of its own; `seconds` is how long one of its turns may last."""

    def __init__(self, seconds: float, threads: int, at_once: int = PLAIN_AT_ONCE) -> None:
        self.seconds = seconds
        self.places = asyncio.Semaphore(at_once)
        self._threads = ThreadPoolExecutor(threads, "store")

    def store(self, work: Callable[..., _T], *values: object) -> asyncio.Future[_T]:
        """Begin `work` in a thread of this lane."""
        return asyncio.get_running_loop().run_in_executor(self._threads, work, *values)


class Locks:
    """One lock a person, so that their messages are answered one after the other; forgotten when nobody waits."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[asyncio.Lock, int]] = {}

    @contextlib.asynccontextmanager
    async def of(self, person: str) -> AsyncIterator[None]:
        """Hold the person's lock."""
        lock, waiting = self._held.get(person, (asyncio.Lock(), 0))
        self._held[person] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            waiting = self._held[person][1] - 1
            if waiting:
                self._held[person] = (lock, waiting)
            else:
                del self._held[person]


class Wanted:
    """Undoes a step whose answer nobody waits for any more: it was given without the store, and must not come twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given_up = self._kept = False

    def give_up(self) -> bool:
        """Tell that the step is no longer wanted; False when it is too late, and the step will be kept."""
        with self._lock:
            self._given_up = not self._kept
            return self._given_up

    def __enter__(self) -> None:
        """Begin the step."""
        if self._given_up:
            raise StoreUnavailable("given up")

    def __exit__(self, kind: object, *_rest: object) -> None:
        with self._lock:
            if self._given_up and kind is None:
                raise StoreUnavailable("given up")
            self._kept = kind is None


class Answered:
    """Messages that this process answered, with the store or without it: when they come again, they stay answered.

    Whether a message is new after a restart, a unique key of the store decides. Nothing here can be read back to a chat.
    """

    def __init__(self) -> None:
        self._marks: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, incoming: Incoming) -> bool:
        return _mark(incoming) in self._marks

    def add(self, incoming: Incoming) -> None:
        """Remember one message; the oldest is forgotten."""
        self._marks[_mark(incoming)] = None
        if len(self._marks) > _REMEMBERED:
            self._marks.popitem(last=False)


def _mark(incoming: Incoming) -> int:
    return hash((incoming.channel, incoming.chat, incoming.message_id))
