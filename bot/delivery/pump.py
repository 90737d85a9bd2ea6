"""Send the campaign messages of one channel: as many as its bot's pace allows, evenly, never when in doubt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from prometheus_client import Counter
from sqlalchemy import Connection, Engine

from bot.clock import Clock
from bot.errors import ChannelBusy, ChannelClosed, ContactGone, ContactMoved, OutcomeUnknown, StoreUnavailable
from bot.log import log
from bot.messages import Outgoing
from bot.store import outbox, people, replies
from bot.store import pace as paces
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.outbox import Ended, Exchange, Ticket
from bot.store.pace import Pace

SLOTS = 256
"""Messages of one worker that may be on their way at once."""
SETTLE_SECONDS = 0.05
"""How long an outcome may wait to be written down with others."""
LAST_ATTEMPT = 8
CLOSED_SECONDS = 300.0
"""A channel that refuses our credentials is asked again after this time."""

MESSAGES = Counter("tincay_campaign_messages", "Campaign messages by how they ended", ["channel", "state"])

_T = TypeVar("_T")
Render = Callable[[str, Ticket], Outgoing | None]
"""Put a ticket of a channel into words; None when its item may no longer be sent in this version."""


class Wire(Protocol):
    """What a pump needs of a channel."""

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        """Send one message or raise a `ChannelError`."""
        ...


class Pump:
    """Holds the messages of one channel that are on their way in this process."""

    def __init__(
        self,
        store: Engine,
        keys: Keys,
        bot: str,
        wire: Wire,
        pace: Pace,
        owner: str,
        render: Render,
        now: Clock,
        is_alive: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store, self._keys = store, keys
        self._bot, self._wire, self._pace = bot, wire, pace
        self._owner, self._render, self._now, self._is_alive = owner, render, now, is_alive
        self._sending: set[asyncio.Task[None]] = set()
        self._ended: list[Ended] = []
        self._held: set[int] = set()
        self._in_doubt = False
        self._has_told_pace = False
        self._silent_until = 0.0
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Send what is due until cancelled; what has begun by then is finished and written down."""
        try:
            while True:
                wait = await self._tick()
                await self._sleep(wait)
        finally:
            if self._sending:
                await asyncio.wait(self._sending, timeout=10.0)
            await self._write_down()

    async def _tick(self) -> float:
        """Write down what ended, take what may go, and send it; return for how long to sleep."""
        ended, self._ended = self._ended, []
        try:
            found = await self._exchange(ended)
            await self._say_goodbye(ended)
        except StoreUnavailable as error:
            self._ended = ended + self._ended
            self._in_doubt = True
            log.warning("campaign_store_unavailable", error=str(error))
            return 1.0
        self._in_doubt, self._has_told_pace = False, True
        self._held -= {e.id for e in ended}
        for e in ended:
            MESSAGES.labels(self._bot, e.state).inc()
        gap = 1.0 / self._pace.rate
        for n, ticket in enumerate(found.tickets):
            self._held.add(ticket.id)
            task = asyncio.create_task(self._send(ticket, n * gap))
            self._sending.add(task)
            task.add_done_callback(self._sent)
        return found.wait

    async def _exchange(self, ended: list[Ended]) -> Exchange:
        silent = time.monotonic() < self._silent_until
        room = SLOTS - len(self._sending) if self._is_alive() and not silent else 0

        def work(db: Connection) -> Exchange:
            if not self._has_told_pace:  # the rate of the settings, even where another one was kept
                paces.set_pace(db, self._bot, self._pace)
            if self._in_doubt:
                outbox.release(db, self._bot, self._pace, self._owner, held, self._now())
            return outbox.exchange(db, self._keys, self._bot, self._pace, self._owner, ended, room, self._now())

        held = sorted(self._held)
        asked = asyncio.ensure_future(asyncio.to_thread(self._in_transaction, work))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:  # we are stopping: what was just claimed goes back untried
            try:
                self._ended += [Ended(t.id, t.contact, "ready", error="stopped") for t in (await asked).tickets]
            except StoreUnavailable:
                self._ended += ended
            raise

    async def _say_goodbye(self, ended: list[Ended]) -> None:
        gone = [e.contact for e in ended if e.state == "gone"]
        if gone:  # in a transaction of its own: it locks the person, as a turn does

            def work(db: Connection) -> None:
                for who in gone:
                    people.mark_gone(db, who)

            await asyncio.to_thread(self._in_transaction, work)

    async def _send(self, ticket: Ticket, after: float) -> None:
        if after > 0.001:
            await asyncio.sleep(after)
        ended = await self._outcome(ticket)  # first: the list is another one after each tick
        self._ended.append(ended)

    async def _outcome(self, ticket: Ticket) -> Ended:
        who = (ticket.id, ticket.contact)
        if not self._is_alive():  # silent for too long: others may have taken it over
            return Ended(*who, "ready", error="silent")
        left = self._silent_until - time.monotonic()
        if left > 0:  # a 429 came while this one waited for its turn: the database need not know it yet
            return Ended(*who, "ready", error="silent", delay=left)
        try:
            outgoing = self._render(self._bot, ticket)
            if outgoing is None:
                return Ended(*who, "cancelled", error="changed")
            message_id = await self._wire.send(ticket.chat, outgoing)
            return Ended(*who, "sent", replies.sealed_id(self._keys, message_id))
        except ContactMoved as error:
            return await self._moved(ticket, error.chat)
        except ContactGone:
            return Ended(*who, "gone")
        except OutcomeUnknown as error:
            if ticket.policy == "hold":
                return Ended(*who, "unknown", error=type(error).__name__)
            return self._again(ticket, error, 0.0)
        except ChannelBusy as error:
            if error.everybody:
                self._silent_until = time.monotonic() + error.retry_after
            return self._again(ticket, error, error.retry_after if error.everybody else 0.0)
        except ChannelClosed as error:
            return Ended(*who, "ready", error=type(error).__name__, delay=CLOSED_SECONDS, hold=CLOSED_SECONDS)
        except Exception as error:  # refused for good, or a fault of ours: the others must still go
            log.warning("campaign_send_failed", channel=self._bot, error=type(error).__name__)
            return Ended(*who, "failed", error=type(error).__name__)

    async def _moved(self, ticket: Ticket, chat: str) -> Ended:
        def work(db: Connection) -> None:
            people.move_contact(db, self._keys, ticket.contact, chat)

        try:
            await asyncio.to_thread(self._in_transaction, work)
        except StoreUnavailable as error:
            return self._again(ticket, error, 0.0)
        return Ended(ticket.id, ticket.contact, "ready", error="moved")

    def _again(self, ticket: Ticket, error: Exception, hold: float) -> Ended:
        if ticket.attempt + 1 >= LAST_ATTEMPT and not hold:
            return Ended(ticket.id, ticket.contact, "failed", error=type(error).__name__)
        delay = max(getattr(error, "retry_after", 0.0), min(300.0, 2.0**ticket.attempt))
        return Ended(ticket.id, ticket.contact, "ready", error=type(error).__name__, delay=delay, hold=hold)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._news.set()

    async def _sleep(self, wait: float) -> None:
        """Sleep until more may be claimed; what ended meanwhile is written down soon, several at once."""
        until = asyncio.get_running_loop().time() + (wait if len(self._sending) < SLOTS else outbox.IDLE_SECONDS)
        if not self._ended:
            self._news.clear()
            try:
                async with asyncio.timeout_at(until):
                    await self._news.wait()
            except TimeoutError:
                return
        await asyncio.sleep(max(0.0, min(until - asyncio.get_running_loop().time(), SETTLE_SECONDS)))

    async def _write_down(self) -> None:
        ended, self._ended = self._ended, []
        if not ended:
            return

        def work(db: Connection) -> None:
            outbox.exchange(db, self._keys, self._bot, self._pace, self._owner, ended, 0, self._now())

        try:
            await asyncio.to_thread(self._in_transaction, work)
        except StoreUnavailable as error:  # the next worker finds these rows, as after a crash
            log.warning("campaign_store_unavailable", error=str(error))

    def _in_transaction(self, work: Callable[[Connection], _T]) -> _T:
        with transaction(self._store) as db:
            return work(db)
