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

_T = TypeVar("_T")


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

    async def stored(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work` in one transaction of the people store, off the event loop."""

        def run() -> _T:
            with transaction(self._engine) as db:
                return work(db)

        return await asyncio.to_thread(run)

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Send rows of one person in order and settle them together; a row that must wait holds the later ones."""
        ended: list[Callable[[Connection], None]] = []
        for parcel in parcels:
            settle, delivered = await self._send(parcel)
            ended.append(settle)
            if not delivered:
                ended += [
                    _put_back(p, self.owner, time.time() + 1.0 + n, "after")
                    for n, p in enumerate(parcels[parcels.index(parcel) + 1 :])
                ]
                break
        await self._settle(ended)

    async def _settle(self, ended: list[Callable[[Connection], None]]) -> None:
        def work(db: Connection) -> None:
            for settle in ended:
                settle(db)

        for wait in (0.2, 1.0, 5.0):
            try:
                return await self.stored(work)
            except StoreUnavailable:
                await asyncio.sleep(wait)
        log.warning("settle_failed", rows=len(ended))
        return None

    async def _send(self, parcel: Parcel) -> tuple[Callable[[Connection], None], bool]:
        channel = self.channels.get(parcel.channel)
        owner = self.owner
        try:
            if channel is None:
                raise ChannelBusy("no such channel here", retry_after=60)
            message_id = await channel.send(parcel.chat, parcel.outgoing)
        except ContactGone:
            log.info("contact_gone", channel=parcel.channel)
            return _gone(parcel, owner), True
        except (ChannelBusy, ChannelClosed, OutcomeUnknown) as error:
            name = type(error).__name__
            log.info("send_later", channel=parcel.channel, error=name)
            if parcel.attempt + 1 >= LAST_ATTEMPT:
                return lambda db: people.settle(db, parcel.id, owner, "failed", error=name), True
            later = time.time() + max(getattr(error, "retry_after", 0.0), min(300.0, 2.0**parcel.attempt))
            return _put_back(parcel, owner, later, name), False
        except ChannelError as error:
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
        while True:
            try:
                await self.stored(lambda db: people.beat(db, self.owner, time.time()))
                while parcels := await self.stored(
                    lambda db: people.take(db, self._keys, self.owner, time.time(), time.time() - SILENT_SECONDS)
                ):
                    for who in dict.fromkeys(p.contact for p in parcels):
                        await self.send([p for p in parcels if p.contact == who])
            except StoreUnavailable as error:
                log.warning("store_unavailable", error=str(error))
            await asyncio.sleep(1.0 if await self._has_waiting() else BEAT_SECONDS)

    async def _has_waiting(self) -> bool:
        with contextlib.suppress(StoreUnavailable):
            return await self.stored(people.waiting) > 0
        return False


def _put_back(parcel: Parcel, owner: str, due: float, error: str) -> Callable[[Connection], None]:
    return lambda db: people.put_back(db, parcel.id, owner, due, error)


def _gone(parcel: Parcel, owner: str) -> Callable[[Connection], None]:
    def settle(db: Connection) -> None:
        people.settle(db, parcel.id, owner, "gone")
        people.mark_gone(db, parcel.contact)

    return settle
