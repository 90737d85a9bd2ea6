"""Logs with an allow-list of keys: what is not listed here is never written, whoever passes it."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

_ALLOWED = frozenset({
    "event", "level", "timestamp", "channel", "error", "rows", "seconds", "port", "state", "source", "count",
    "status", "version", "attempt", "where",
})  # fmt: skip

log = structlog.get_logger()


def set_up(out: TextIO = sys.stderr) -> None:
    """Write one JSON line an event; libraries that log addresses, ids or bodies are quiet."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.CRITICAL, stream=out, format="%(levelname)s %(name)s", force=True)
    for name in (
        "aiohttp",
        "httpx",
        "httpcore",
        "telegram",
        "uvicorn",
        "uvicorn.access",
        "uvicorn.error",
        "sqlalchemy",
        "asyncio",
    ):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _only_allowed(_logger: object, _method: str, event: structlog.typing.EventDict) -> dict[str, Any]:
    return {k: v for k, v in event.items() if k in _ALLOWED and isinstance(v, (str, int, float, bool, type(None)))}
