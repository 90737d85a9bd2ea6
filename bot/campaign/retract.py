"""Take a wrong campaign message back: delete it from people's screens where the platform still allows it."""

from __future__ import annotations

import asyncio
from datetime import date

from sqlalchemy import Connection

from bot.delivery.door import Door
from bot.errors import ChannelBusy, ChannelError
from bot.store import campaigns
from bot.store import pace as paces
from bot.store.keys import Keys

HOURS = 48
"""Telegram deletes no older messages of ours; who asks for it wastes the pace."""
ON_THEIR_WAY_SECONDS = 60.0
"""How long messages that were leaving when staff cancelled are waited for: they arrive, and are deleted too."""
_ATTEMPTS = 5
_LOOK_SECONDS = 0.5


async def retract(door: Door, keys: Keys, name: str, day: date) -> dict[str, int]:
    """Cancel what has not left and delete what has, at the channel's pace; return how many were deleted and kept.

    A message older than `HOURS` is kept: no platform would take it back.
    """
    await door.stored(lambda db: campaigns.change(db, name, day, "cancelled"))
    for _ in range(int(ON_THEIR_WAY_SECONDS / _LOOK_SECONDS)):
        if not await door.stored(lambda db: campaigns.leaving(db, name, day)):
            break
        await asyncio.sleep(_LOOK_SECONDS)
    oldest = await door.stored(paces.clock) - HOURS * 3600
    after, found = 0, {"deleted": 0, "kept": 0}
    while True:
        place = after

        def page(db: Connection, place: int = place) -> list[campaigns.Arrived]:
            return campaigns.arrived(db, keys, name, day, place)

        rows = await door.stored(page)
        if not rows:
            return found
        deleted = []
        for row in rows:
            if row.at >= oldest and await _delete(door, row):
                deleted.append(row.id)
        await door.stored(lambda db, ids=tuple(deleted): campaigns.taken_back(db, ids))  # type: ignore[misc]
        found["deleted"] += len(deleted)
        found["kept"] += len(rows) - len(deleted)
        after = rows[-1].id


async def _delete(door: Door, row: campaigns.Arrived) -> bool:
    channel, pace = door.channels.get(row.bot), door.paces.get(row.bot)
    if channel is None or pace is None or not getattr(channel, "can_delete", False):
        return False
    for _ in range(_ATTEMPTS):
        try:
            await channel.clear(row.chat, row.message_ids)
        except ChannelBusy as error:
            await asyncio.sleep(error.retry_after)
        except ChannelError:
            return False
        else:
            return True
    return False
