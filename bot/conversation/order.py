"""Who waits for whom: one message of a person at a time, danger past the queue, nothing answered twice."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.errors import StoreUnavailable
from bot.messages import Incoming

PLAIN_AT_ONCE = 32
"""Plain turns that are worked on side by side; danger never waits for a place among them."""
AT_ONCE, A_SECOND, LONGEST_WAIT = 60, 2, 5.0
"""Messages of one person that are worked on without delay, how many more a second, and how long one of these may wait."""
AT_ONCE_THERE, A_SECOND_THERE = 1_200, 20
"""The same for all people at one address of the web: a school, a factory or a mobile network may stand behind it."""
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


class Queue:
    """Everybody's messages in the order of their arrival: each is worked on, and leaves, after the earlier ones of its person.

    Danger waits for nobody, but for the same message where a platform gives it twice. Who has no message here is forgotten.
    """

    def __init__(self) -> None:
        self._here: dict[str, list[Place]] = {}

    @contextlib.contextmanager
    def place(self, incoming: Incoming, urgent: bool) -> Iterator[Place]:
        """Take the next place of this person: of a message as it comes, of a text past `TEXT_LIMIT` after it was screened."""
        person = f"{incoming.channel}\0{incoming.chat}"
        here = self._here.setdefault(person, [])
        mine = Place(here, incoming, urgent)
        here.append(mine)
        try:
            yield mine
        finally:
            mine.turned.set()
            mine.left.set()
            here.remove(mine)
            if not here:
                del self._here[person]


class Place:
    """One message among those of its person; `turned` when its step was taken, `left` when its answers are out."""

    def __init__(self, here: list[Place], incoming: Incoming, urgent: bool) -> None:
        self.turned, self.left = asyncio.Event(), asyncio.Event()
        self._here, self._identity, self._urgent = here, incoming.identity, urgent

    async def turn(self) -> None:
        """Wait until this message may be worked on."""
        for one in self._earlier():
            await one.turned.wait()

    async def exit(self, seconds: float) -> None:
        """Wait until its answers may leave, but no longer than this: a platform that hangs must not silence a person."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for one in self._earlier():
                    await one.left.wait()

    def _earlier(self) -> list[Place]:
        before = self._here[: self._here.index(self)]
        return [one for one in before if not self._urgent or one._identity == self._identity]


class Meter:
    """How fast a person may write, or all at one address: many messages at once, then some a second; what comes faster waits.

    Nothing here can be read back to a chat or an address, and the oldest are forgotten.
    """

    def __init__(self, at_once: int = AT_ONCE, a_second: int = A_SECOND, shared: bool = False) -> None:
        self._at_once, self._a_second, self._shared = at_once, a_second, shared
        self._free_at: OrderedDict[int, float] = OrderedDict()

    def wait(self, incoming: Incoming, now: float) -> float | None:
        """Return how many seconds a message waits, or None for one too many; `now` counts seconds."""
        who = hash(incoming.address if self._shared else (incoming.channel, incoming.chat))
        free = max(self._free_at.pop(who, now), now)
        wait = max(0.0, free - now - self._at_once / self._a_second)
        self._free_at[who] = free + (1 / self._a_second if wait <= LONGEST_WAIT else 0.0)
        if len(self._free_at) > _REMEMBERED:
            self._free_at.popitem(last=False)
        return wait if wait <= LONGEST_WAIT else None


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
    return hash(incoming.identity)
