"""Send stored messages through their channel and settle each row; take over what a dead process left."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine

from bot.clock import Clock, clock
from bot.delivery.pump import Pump, Render
from bot.errors import (
    ChannelBusy,
    ChannelClosed,
    ChannelError,
    ContactGone,
    ContactMoved,
    OutcomeUnknown,
    StoreUnavailable,
)
from bot.log import log
from bot.messages import Outgoing
from bot.store import campaigns, outbox, people, replies
from bot.store import pace as paces
from bot.store.engine import transaction
from bot.store.keys import Keys
from bot.store.pace import Pace
from bot.store.replies import Parcel

BEAT_SECONDS = 5.0
JUMP_SECONDS = 3.0
"""How far the clock may go apart from the time that passed."""
SILENT_SECONDS = 20.0
"""A worker silent for so long is dead, and its rows are taken over."""
LAST_ATTEMPT, LAST_IN_DOUBT = 300, 8
"""How often a reply is tried: for about a day where it surely did not leave, a few times where it may have arrived."""

PEOPLE_AT_ONCE = 8
"""People to whom waiting rows are sent side by side."""

_T = TypeVar("_T")
Settle = Callable[[Connection], object]


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

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        channels: Mapping[str, Channel],
        paces: Mapping[str, Pace] | None = None,
        render: Render = lambda bot, ticket: None,
        now: Clock | None = None,
    ) -> None:
        self.owner = str(uuid.uuid4())
        self.channels = channels
        self.paces = paces or {}
        self._engine = engine
        self._keys = keys
        self._render = render
        self._now = now or clock()
        self._held: set[int] = set()
        self._unsettled: list[Settle] = []
        self._settling = asyncio.Lock()
        self._warned: dict[str, str] = {}
        self._beaten = -math.inf
        self._trusts_from = -math.inf
        self._apart: float | None = None

    def put(self, db: Connection, who: int, channel: str, said: Sequence[Outgoing], now: datetime) -> list[int]:
        """Store replies as rows that this process is sending, and take them out of the pace; return their ids."""
        ids = replies.put(db, self._keys, who, said, self.owner, now)
        if said and channel in self.paces:
            paces.spend(db, channel, self.paces[channel], len(said), now)
        return ids

    async def stored(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work` in one transaction of the people store, off the event loop."""

        def run() -> _T:
            with transaction(self._engine) as db:
                return work(db)

        return await asyncio.to_thread(run)

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Send rows of one person in order; a row that must wait holds the later ones.

        Each row is settled before the next one leaves, so that a crash leaves at most one in doubt.
        """
        ours = {p.id for p in parcels}
        self._held |= ours
        try:
            for n, parcel in enumerate(parcels):
                settle, go_on = await self._send(parcel)
                self._unsettled.append(settle)
                if go_on and n + 1 < len(parcels):
                    await self._settle()
                if not go_on:
                    self._unsettled += [_after(p, parcel, self.owner) for p in parcels[n + 1 :]]
                    break
        finally:
            self._held -= ours
        await self._settle()

    async def _settle(self) -> None:
        """Write down how rows ended; what the database does not take now is kept for the next beat."""
        async with self._settling:  # what ends meanwhile is written down together
            ended, self._unsettled = self._unsettled, []
            try:
                if ended:
                    await self.stored(lambda db: [settle(db) for settle in ended])
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
        except ContactMoved as error:
            return _moved(parcel, owner, error.chat, self._keys), False
        except ContactGone:
            log.info("contact_gone", channel=parcel.channel)
            return _gone(parcel, owner), False
        except (ChannelBusy, ChannelClosed, OutcomeUnknown) as error:
            name = type(error).__name__
            log.info("send_later", channel=parcel.channel, error=name)
            if parcel.attempt + 1 >= (LAST_IN_DOUBT if isinstance(error, OutcomeUnknown) else LAST_ATTEMPT):
                return lambda db: replies.settle(db, parcel.id, owner, "failed", error=name), True
            later = time.time() + max(getattr(error, "retry_after", 0.0), min(300.0, 2.0 ** min(parcel.attempt, 9)))
            return _put_back(parcel, owner, later, name), False
        except Exception as error:  # refused for good, or a fault of ours: the next row must still go out
            name = type(error).__name__
            log.warning("send_failed", channel=parcel.channel, error=name)
            return lambda db: replies.settle(db, parcel.id, owner, "failed", error=name), True
        if parcel.outgoing.leave:
            await self._clear(channel, parcel, message_id)
        kept = replies.sealed_id(self._keys, message_id)
        return lambda db: replies.settle(db, parcel.id, owner, "sent", kept), True

    async def _clear(self, channel: Channel, parcel: Parcel, last: str | None) -> None:
        since = self._now().timestamp() - replies.DELETABLE_SECONDS
        with contextlib.suppress(StoreUnavailable, ChannelError):
            ids = await self.stored(lambda db: replies.sent_ids(db, self._keys, parcel.contact, since))
            await channel.clear(parcel.chat, [i for i in ids if i != last])

    async def run(self) -> None:
        """Beat, send what waits (replies, then campaigns), take over what the dead left. Runs until cancelled."""
        pumps = [
            Pump(self._engine, self._keys, bot, self.channels[bot], pace, self.owner, self._render, self._now, self.is_alive)
            for bot, pace in self.paces.items()
            if bot in self.channels
        ]  # fmt: skip
        async with asyncio.TaskGroup() as all_of_it:  # a slow platform must not stop the heart
            all_of_it.create_task(self._beat())
            all_of_it.create_task(self._work())
            for pump in pumps:
                all_of_it.create_task(pump.run())

    def is_alive(self) -> bool:
        """Tell whether the others still see this worker; one that was silent for too long stops sending first."""
        return time.monotonic() - self._beaten < SILENT_SECONDS * 0.6

    async def _beat(self) -> None:
        while True:
            late = self._beaten > 0 and not self.is_alive()
            try:
                await self.stored(lambda db: replies.beat(db, self.owner, paces.clock(db), tuple(self._held)))
                self._beaten = time.monotonic()
            except StoreUnavailable:
                late = True
            if late:  # the others could not beat either: they get time before they are given up
                self._trusts_from = time.monotonic() + SILENT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)

    async def _work(self) -> None:
        while True:
            try:
                await self._settle()
                while parcels := await self.stored(self._take):
                    await self._send_side_by_side(parcels)
                await self.stored(self._tidy)
            except StoreUnavailable as error:
                log.warning("store_unavailable", error=str(error))
            await asyncio.sleep(1.0 if self._unsettled or await self._has_waiting() else BEAT_SECONDS)

    def _take(self, db: Connection) -> list[Parcel]:
        now = self._checked(paces.clock(db))
        return replies.take(db, self._keys, self.owner, now, self._silent_since(now), tuple(self.channels))

    def _tidy(self, db: Connection) -> None:
        """Take over campaign rows of the dead, and end those that may not leave any more."""
        now = self._checked(paces.clock(db))
        if taken := outbox.reap(db, self._silent_since(now)):
            log.warning("campaign_rows_taken_over", rows=taken)
        campaigns.sweep(db, self._now())
        for bot, pace in self.paces.items():
            month = f"{self._now():%Y-%m}"
            if pace.monthly and self._warned.get(bot) != month:
                used = paces.used(db, bot, self._now())
                if used >= paces.WARN_SHARE * pace.monthly:
                    self._warned[bot] = month
                    log.warning("monthly_quota_nearly_used", channel=bot, count=used)

    def _checked(self, now: float) -> float:
        """Note where the clock jumped: then nobody is taken for dead before they could beat by the new time."""
        apart = now - time.monotonic()
        if self._apart is not None and abs(apart - self._apart) > JUMP_SECONDS:
            self._trusts_from = time.monotonic() + SILENT_SECONDS
            log.warning("clock_jumped", seconds=round(apart - self._apart))
        self._apart = apart
        return now

    def _silent_since(self, now: float) -> float:
        return now - SILENT_SECONDS if time.monotonic() >= self._trusts_from else 0.0

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
            return await self.stored(replies.waiting) > 0
        return False


def _after(parcel: Parcel, first: Parcel, owner: str) -> Settle:
    """Let a row share the fate of the one before it: wait behind it, or end with it where the person is gone."""
    return lambda db: replies.follow(db, parcel.id, first.id, owner)


def _put_back(parcel: Parcel, owner: str, due: float, error: str) -> Settle:
    return lambda db: replies.put_back(db, parcel.id, owner, due, error)


def _moved(parcel: Parcel, owner: str, chat: str, keys: Keys) -> Settle:
    def settle(db: Connection) -> None:
        people.move_contact(db, keys, parcel.contact, chat)
        replies.put_back(db, parcel.id, owner, time.time(), "moved")

    return settle


def _gone(parcel: Parcel, owner: str) -> Settle:
    def settle(db: Connection) -> None:
        replies.settle(db, parcel.id, owner, "gone")
        people.mark_gone(db, parcel.contact)

    return settle
