"""Send stored messages through their channel and settle each row; take over what a dead process left."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine

from bot.errors import ChannelBusy, ChannelClosed, ChannelError, ContactGone, OutcomeUnknown, StoreUnavailable
from bot.log import log
from bot.messages import Outgoing
from bot.store import people
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.people import Parcel

BEAT_SECONDS = 5.0
SILENT_SECONDS = 20.0
"""A worker silent for so long is dead, and its rows are taken over."""
LAST_ATTEMPT = 8

PEOPLE_AT_ONCE = 8
"""People to whom waiting rows are sent side by side."""

_T = TypeVar("_T")
Settle = Callable[[Connection], None]


class Channel(Protocol):
    """A way to a person. Two methods; every failure is one of `bot.errors.ChannelError`."""

    name: str

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        """Send one message; return the platform's id of it, if there is one."""
        ...

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Delete messages of both sides, as far as the platform can."""
        ...


class Door:
    """Sends through the channels it was given; holds this process's name among the workers."""

    def __init__(self, engine: Engine, keys: Keys, channels: dict[str, Channel]) -> None:
        self.owner = str(uuid.uuid4())
        self.channels = channels
        self._engine = engine
        self._keys = keys
        self._held: set[int] = set()
        self._unsettled: list[Settle] = []

    async def stored(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work` in one transaction of the people store, off the event loop."""

        def run() -> _T:
            with transaction(self._engine) as db:
                return work(db)

        return await asyncio.to_thread(run)

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Send rows of one person in order and settle them together; a row that must wait holds the later ones."""
        ours = {p.id for p in parcels}
        self._held |= ours
        try:
            for n, parcel in enumerate(parcels):
                settle, go_on = await self._send(parcel)
                self._unsettled.append(settle)
                if not go_on:
                    self._unsettled += [_after(p, parcel, self.owner) for p in parcels[n + 1 :]]
                    break
        finally:
            self._held -= ours
        await self._settle()

    async def _settle(self) -> None:
        """Write down how rows ended; what the database does not take now is kept for the next beat."""
        ended, self._unsettled = self._unsettled, []

        def work(db: Connection) -> None:
            for settle in ended:
                settle(db)

        try:
            if ended:
                await self.stored(work)
        except BaseException as error:
            self._unsettled = ended + self._unsettled
            if not isinstance(error, StoreUnavailable):
                raise
            log.warning("settle_later", rows=len(ended))

    async def _send(self, parcel: Parcel) -> tuple[Settle, bool]:
        channel = self.channels.get(parcel.channel)
        owner = self.owner
        try:
            if channel is None:
                raise ChannelBusy("no such channel here", retry_after=60)
            message_id = await channel.send(parcel.chat, parcel.outgoing)
        except ContactGone:
            log.info("contact_gone", channel=parcel.channel)
            return _gone(parcel, owner), False
        except (ChannelBusy, ChannelClosed, OutcomeUnknown) as error:
            name = type(error).__name__
            log.info("send_later", channel=parcel.channel, error=name)
            if parcel.attempt + 1 >= LAST_ATTEMPT:
                return lambda db: people.settle(db, parcel.id, owner, "failed", error=name), True
            later = time.time() + max(getattr(error, "retry_after", 0.0), min(300.0, 2.0**parcel.attempt))
            return _put_back(parcel, owner, later, name), False
        except Exception as error:  # refused for good, or a fault of ours: the next row must still go out
            name = type(error).__name__
            log.warning("send_failed", channel=parcel.channel, error=name)
            return lambda db: people.settle(db, parcel.id, owner, "failed", error=name), True
        if parcel.outgoing.leave:
            await self._clear(channel, parcel, message_id)
        return lambda db: people.settle(db, parcel.id, owner, "sent", message_id), True

    async def _clear(self, channel: Channel, parcel: Parcel, last: str | None) -> None:
        since = time.time() - 48 * 3600
        with contextlib.suppress(StoreUnavailable, ChannelError):
            ids = await self.stored(lambda db: people.sent_ids(db, parcel.contact, since))
            await channel.clear(parcel.chat, [i for i in ids if i != last])

    async def run(self) -> None:
        """Beat, and send what waits: rows put back, and rows of dead workers. Runs until cancelled."""
        async with asyncio.TaskGroup() as both:  # a slow platform must not stop the heart
            both.create_task(self._beat())
            both.create_task(self._work())

    async def _beat(self) -> None:
        while True:
            with contextlib.suppress(StoreUnavailable):
                await self.stored(lambda db: people.beat(db, self.owner, time.time(), tuple(self._held)))
            await asyncio.sleep(BEAT_SECONDS)

    async def _work(self) -> None:
        while True:
            try:
                await self._settle()
                while parcels := await self.stored(
                    lambda db: people.take(db, self._keys, self.owner, time.time(), time.time() - SILENT_SECONDS)
                ):
                    await self._send_side_by_side(parcels)
            except StoreUnavailable as error:
                log.warning("store_unavailable", error=str(error))
            await asyncio.sleep(1.0 if self._unsettled or await self._has_waiting() else BEAT_SECONDS)

    async def _send_side_by_side(self, parcels: Sequence[Parcel]) -> None:
        self._held |= {p.id for p in parcels}
        places = asyncio.Semaphore(PEOPLE_AT_ONCE)

        async def send(who: int) -> None:
            async with places:
                await self.send([p for p in parcels if p.contact == who])

        try:
            await asyncio.gather(*(send(who) for who in dict.fromkeys(p.contact for p in parcels)))
        finally:
            self._held -= {p.id for p in parcels}

    async def _has_waiting(self) -> bool:
        with contextlib.suppress(StoreUnavailable):
            return await self.stored(people.waiting) > 0
        return False


def _after(parcel: Parcel, first: Parcel, owner: str) -> Settle:
    """Let a row share the fate of the one before it: wait behind it, or end with it where the person is gone."""
    return lambda db: people.follow(db, parcel.id, first.id, owner)


def _put_back(parcel: Parcel, owner: str, due: float, error: str) -> Settle:
    return lambda db: people.put_back(db, parcel.id, owner, due, error)


def _gone(parcel: Parcel, owner: str) -> Settle:
    def settle(db: Connection) -> None:
        people.settle(db, parcel.id, owner, "gone")
        people.mark_gone(db, parcel.contact)

    return settle
