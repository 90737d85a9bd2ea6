"""Logs with an allow-list of keys, and crashes that leave no memory behind: what is not listed here is never written."""

from __future__ import annotations

import logging
import resource
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
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
    bare = logging.StreamHandler(out)
    bare.setFormatter(_Bare())
    logging.basicConfig(level=logging.CRITICAL, handlers=[bare], force=True)
    logging.captureWarnings(True)
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


def let_nothing_out() -> None:
    """Make this process, and what it starts, die without a core file and without the words of an error."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.excepthook = _crashed
    threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)


def _crashed(kind: type[BaseException], _error: BaseException | None, at: TracebackType | None) -> None:
    """Tell the kind of an error and the lines of code that it went through: its words may be somebody's."""
    frames = traceback.extract_tb(at)[-_FRAMES:]
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
    log.critical("crashed", error=kind.__name__, where=where)


class _Bare(logging.Formatter):
    """Writes level and name of what a library says: neither its words nor its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname} {record.name}"


_FRAMES = 8


def _only_allowed(_logger: object, _method: str, event: structlog.typing.EventDict) -> dict[str, Any]:
    return {k: v for k, v in event.items() if k in _ALLOWED and isinstance(v, (str, int, float, bool, type(None)))}
