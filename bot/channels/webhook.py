"""What a platform that calls us must be able to do; the web door asks no more of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bot.messages import Incoming

ZALO_PATIENCE = 1.5
"""Seconds: Zalo wants its answer at once; a turn that lasts longer is finished afterwards."""


class Webhook(Protocol):
    """A platform that posts what people wrote to an address of ours."""

    path: str
    """The address, ``"/webhooks/telegram"``."""
    patience: float | None
    """Seconds that the platform may be kept waiting for a turn; None: until the turn is done."""

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Tell whether the platform itself sent this body; header names are in lower case."""
        ...

    def read(self, payload: Any) -> Incoming | None:
        """Return the message of one call, or None for what is not meant for us; raise ValueError for nonsense."""
        ...

    async def answered(self, payload: Any) -> None:
        """Do what the platform wants done after the turn of this call."""
        ...
