"""The pace of each bot, kept in the database so that all workers and all replies share one limit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from bot.store.schema import bucket, usage

SLOW_SECONDS = 60.0
"""After a 429 a bot goes slower for so long …"""
SLOWER = 0.8
"""… at this part of its rate."""
WARN_SHARE = 0.8
"""Of a monthly quota; from here on the log warns."""
CAMPAIGN_SHARE = 0.95
"""Of a monthly quota; the rest is left for replies."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a bot may send: messages a second, and a month where its plan is limited."""

    rate: float
    monthly: int | None = None

    @property
    def depth(self) -> float:
        """Tokens that an idle bot may save up; a shallower bucket loses tokens, a deeper one bursts."""
        return max(2.0, 0.1 * self.rate)

    @property
    def batch(self) -> int:
        """Rows that are claimed at once: claimed means leaving now, and a pause must hold soon."""
        return max(2, int(0.025 * self.rate))


def clock(db: Connection) -> float:
    """Return the database's time in seconds since 1970: one clock for all workers."""
    if db.dialect.name != "postgresql":
        return time.time()
    return float(db.execute(text("SELECT extract(epoch FROM clock_timestamp())::float8")).scalar_one())


def set_pace(db: Connection, bot: str, pace: Pace) -> None:
    """Write down a bot's rate; its tokens and pauses stay as they are."""
    make = pg_insert if db.dialect.name == "postgresql" else lite_insert
    row = {"bot": bot, "rate": pace.rate, "tokens": 1.0, "at": clock(db)}
    db.execute(make(bucket).values(row).on_conflict_do_update(index_elements=["bot"], set_={"rate": pace.rate}))


def spend(db: Connection, bot: str, pace: Pace, count: int, now: datetime) -> None:
    """Take tokens for replies, which never wait: the bucket may go below nothing, and campaigns pay it back."""
    db.execute(update(bucket).where(bucket.c.bot == bot).values(tokens=bucket.c.tokens - count))
    if pace.monthly:
        count_month(db, bot, count, now)


def refill(db: Connection, bot: str, pace: Pace, now: float | None = None) -> tuple[float, float]:
    """Lock a bot's bucket until the end of the transaction; return its tokens (below nothing: be silent) and the time.

    The clock is read after the lock was got: who waited for it must not write an older time than the one before.
    """
    row = db.execute(select(bucket).where(bucket.c.bot == bot).with_for_update()).first()
    now = clock(db) if now is None else now
    if row is None:
        set_pace(db, bot, pace)
        return 1.0, now
    passed = max(0.0, now - row.at)  # a clock set back gives nothing, and takes nothing
    rate = row.rate * (SLOWER if now < row.slow_until else 1.0)
    tokens = min(pace.depth, row.tokens + passed * rate)
    db.execute(update(bucket).where(bucket.c.bot == bot).values(tokens=tokens, at=now))
    silent = now < row.paused_until <= now + 86_400
    return -pace.rate if silent else float(tokens), now


def take(db: Connection, bot: str, count: int) -> None:
    """Take tokens out of a bucket that this transaction has refilled."""
    db.execute(update(bucket).where(bucket.c.bot == bot).values(tokens=bucket.c.tokens - count))


def hold(db: Connection, bot: str, seconds: float, now: float) -> None:
    """Let a bot be silent (a 429), and slow for a while after it."""
    until = now + min(seconds, 86_400.0)
    db.execute(
        update(bucket)
        .where(bucket.c.bot == bot, bucket.c.paused_until < until)
        .values(paused_until=until, slow_until=until + SLOW_SECONDS)
    )


def count_month(db: Connection, bot: str, count: int, now: datetime) -> None:
    """Count messages against the month's quota of a bot's plan."""
    make = pg_insert if db.dialect.name == "postgresql" else lite_insert
    row = {"bot": bot, "month": f"{now:%Y-%m}", "count": count}
    grown = {"count": usage.c.count + count}
    db.execute(make(usage).values(row).on_conflict_do_update(index_elements=["bot", "month"], set_=grown))


def give_back(db: Connection, bot: str, pace: Pace, count: int, now: datetime) -> None:
    """Take messages that were counted when they were claimed, and have not been sent, off the month's count."""
    if pace.monthly and count:
        month = (usage.c.bot == bot, usage.c.month == f"{now:%Y-%m}", usage.c.count >= count)
        db.execute(update(usage).where(*month).values(count=usage.c.count - count))


def used(db: Connection, bot: str, now: datetime) -> int:
    """Return how many messages a bot has sent this month."""
    query = select(func.coalesce(func.sum(usage.c.count), 0)).where(usage.c.bot == bot, usage.c.month == f"{now:%Y-%m}")
    return int(db.execute(query).scalar_one())


def left_for_campaigns(db: Connection, bot: str, pace: Pace, now: datetime) -> int | None:
    """Return how many campaign messages this month's quota still allows; None where there is no quota."""
    return max(0, int(pace.monthly * CAMPAIGN_SHARE) - used(db, bot, now)) if pace.monthly else None
