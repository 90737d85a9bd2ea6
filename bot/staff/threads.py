"""Threads of the staff site's own: however many sign in or load lists, who asks the bot for help waits for none of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

PAGES = ThreadPoolExecutor(8, "staff-page")
SIGN_IN = ThreadPoolExecutor(2, "staff-sign-in")
"""Each password takes 64 MB and a core for a moment: strangers who guess wait here, apart from those who are in."""
Given = ParamSpec("Given")
Result = TypeVar("Result")


async def aside(pool: Executor, work: Callable[Given, Result], *args: Given.args, **more: Given.kwargs) -> Result:
    """Run a plain function in a thread of this pool."""
    return await asyncio.get_running_loop().run_in_executor(pool, lambda: work(*args, **more))
