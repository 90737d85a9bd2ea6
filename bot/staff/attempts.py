"""How often somebody may try: by address, by name from an address, by name over all, and by code.

A name alone never locks its owner out: a device on which somebody signed in before carries a sealed cookie and has a
count of its own (OWASP's device cookies), so that others who try the same name elsewhere trouble only new devices.
"""

from __future__ import annotations

import math
import time
from hashlib import sha256

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.origin import network

ADDRESS = RateLimitItemPerMinute(60, 15, namespace="address")
"""Sign-ins from one address, right or wrong: many people may share an office's or a mobile network's."""
NAME_THERE = RateLimitItemPerMinute(5, 15, namespace="name-there")
NAME = RateLimitItemPerHour(100, namespace="name")
"""A name from devices that its owner never used, whatever their addresses."""
DEVICE = RateLimitItemPerMinute(10, 15, namespace="device")
CODE = RateLimitItemPerMinute(5, 15, namespace="code")
"""Codes, and passwords asked again inside, of one person: who gets here knows the password already."""


class Attempts:
    """Counts in this process; a restart begins anew."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def sign_in(self, login: str, address: str, device: str) -> int:
        """Count a sign-in; return 0, or the minutes to wait if it may not be tried. `device`: its known id, or ""."""
        place, name = network(address), _short(login)
        if device:
            return self._count((DEVICE, device))
        return self._count((NAME_THERE, name, place), (ADDRESS, place), (NAME, name))

    def code(self, staff_id: str) -> int:
        """Count a code, or a password asked again; return 0, or the minutes to wait."""
        return self._count((CODE, staff_id))

    def codes_left(self, staff_id: str) -> int:
        """Return how many codes somebody may still try before waiting."""
        return self._limiter.get_window_stats(CODE, staff_id).remaining

    def succeeded(self, login: str, address: str, device: str) -> None:
        """Forget the wrong passwords of somebody who has just given the right one."""
        self._limiter.clear(NAME_THERE, _short(login), network(address))
        if device:
            self._limiter.clear(DEVICE, device)

    def forgive(self, login: str, staff_id: str) -> None:
        """Forget all that was counted against a name: somebody in charge has just set its password anew."""
        self._limiter.clear(NAME, _short(login))
        self._limiter.clear(CODE, staff_id)

    def code_succeeded(self, staff_id: str) -> None:
        """Forget the wrong codes of somebody who has just given the right one."""
        self._limiter.clear(CODE, staff_id)

    def _count(self, *keys: tuple[RateLimitItem, str] | tuple[RateLimitItem, str, str]) -> int:
        for item, *names in keys:
            if not self._limiter.hit(item, *names):
                free_at = self._limiter.get_window_stats(item, *names).reset_time
                return max(1, math.ceil((free_at - time.time()) / 60))
        return 0


def _short(login: str) -> str:
    return sha256(login.encode()).hexdigest()[:24]
