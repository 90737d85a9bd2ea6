"""Screens texts that are longer than any platform lets through, beside all else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from bot.conversation.safety import Alarm, screen

SECONDS = 4.0
"""Nobody waits longer for a look at the middle of a text, beside what the lanes allow; 100,000 characters take one or less."""


class LongTexts:
    """One thread, one text at a time: such texts wait for one another, and nobody else for them."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, "screen")

    async def screen(self, text: str) -> Alarm | None:
        """Return what the screen finds in a text; None too for one that does not come to its turn, and is let go."""
        try:
            found = self.thread.submit(screen, text)
        except RuntimeError:  # closed
            return None
        try:
            return await asyncio.wait_for(asyncio.wrap_future(found), SECONDS)
        except TimeoutError:
            return None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            return None  # closed while it waited

    def close(self) -> None:
        """Leave what is not read yet."""
        self.thread.shutdown(wait=False, cancel_futures=True)
