"""A people store on each database, filled with subscribers, and a wire that counts what it accepts."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, create_engine, insert, text
from sqlalchemy.exc import OperationalError

from bot import migrate
from bot.clock import VIETNAM, Clock
from bot.delivery.door import Door
from bot.messages import Outgoing
from bot.store import audience, campaigns
from bot.store.audience import Audience
from bot.store.engine import open_engine, transaction
from bot.store.keys import Keys, load_keys
from bot.store.pace import Pace
from bot.store.schema import consent, contact, subscription
from tests.conftest import KEYS

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A people store of our own on each database."""
    if request.param == "sqlite":
        engine = open_engine("", tmp_path_factory.mktemp("store") / "people.db")
        migrate.upgrade(engine, "people")
        yield engine
        engine.dispose()
        return
    name = f"t{uuid.uuid4().hex}"
    server = create_engine(POSTGRES + "postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    try:
        with server.connect() as db:
            db.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        pytest.skip("no PostgreSQL at 127.0.0.1:5432")
    engine = open_engine(POSTGRES + name, tmp_path_factory.getbasetemp() / "unused.db")
    migrate.upgrade(engine, "people")
    yield engine
    engine.dispose()
    with server.connect() as db:
        db.execute(text(f"DROP DATABASE {name}"))
    server.dispose()


@pytest.fixture
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """The tests' keys."""
    return load_keys(KEYS, tmp_path_factory.getbasetemp())


NOON = datetime(2026, 11, 21, 12, 0, tzinfo=VIETNAM)
DAY = NOON.date()


def noon() -> datetime:
    """A calendar that stands still at a time when messages may leave."""
    return NOON


@dataclass
class CountingWire:
    """A platform in memory: keeps when it accepted what for whom, after a wait, failing as told."""

    name: str = "telegram"
    seconds: float = 0.0
    accepted: list[tuple[float, str, str]] = field(default_factory=list)
    fail: Callable[[str], Exception | None] = lambda chat: None
    begun: int = 0

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        self.begun += 1
        if self.seconds:
            await asyncio.sleep(self.seconds)
        error = self.fail(chat)
        if error:
            raise error
        self.accepted.append((time.monotonic(), chat, outgoing.text))
        return str(len(self.accepted))

    async def clear(self, chat: str, message_ids: object) -> None: ...

    @property
    def times(self) -> Counter[str]:
        """How often each chat was written to."""
        return Counter(chat for _, chat, _ in self.accepted)

    def worst_second(self) -> int:
        """The most messages accepted within any one second."""
        at = sorted(moment for moment, _, _ in self.accepted)
        worst = first = 0
        for last, moment in enumerate(at):
            while at[first] <= moment - 1.0:
                first += 1
            worst = max(worst, last - first + 1)
        return worst


def subscribe(store: Engine, keys: Keys, count: int, channel: str = "telegram", minute: int = 420) -> None:
    """Add people who asked for messages, fast."""
    with transaction(store) as db:
        for start in range(0, count, 5_000):
            chats = [f"{channel}{n}" for n in range(start, min(count, start + 5_000))]
            ids = db.execute(
                insert(contact).returning(contact.c.id, sort_by_parameter_order=True),
                [{"channel": channel, "lookup": keys.find(channel, c), "chat": keys.seal(c, "chat"), "seen_at": 0.0} for c in chats],
            ).scalars().all()  # fmt: skip
            db.execute(insert(subscription), [{"contact_id": i, "minute": minute} for i in ids])
            receipt = {"purpose": "campaign", "version": "1", "at": 0.0}
            db.execute(insert(consent), [{"contact_id": i, **receipt} for i in ids])


def start_campaign(
    store: Engine, policy: str = "hold", name: str = "thu", day: date = DAY, bot: str = "telegram", expires: float | None = None
) -> int:  # fmt: skip
    """Begin a campaign to everybody and write all its rows; return its id."""
    until = expires or NOON.timestamp() + 3600
    with transaction(store) as db:
        one, _, _ = campaigns.begin(db, name, day, bot, "1", policy, 0, NOON)
    more = True
    while more:
        with transaction(store) as db:
            more = audience.add_everybody(db, one, bot, "S03@1", Audience(), until, NOON.timestamp(), time.time())
    return one


def worker(
    store: Engine, keys: Keys, wire: CountingWire, rate: float = 100_000.0, now: Clock = noon, monthly: int | None = None
) -> Door:  # fmt: skip
    """Return a door that sends campaigns through this wire."""
    return Door(store, keys, {wire.name: wire}, {wire.name: Pace(rate, monthly)}, lambda _, t: Outgoing(t.item), now)


async def run_until(door_: Door, done: Callable[[], bool], seconds: float = 30.0) -> None:
    """Run a worker until something is so."""
    running = asyncio.create_task(door_.run())
    deadline = time.monotonic() + seconds
    try:
        while not done() and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert done()


def counts(store: Engine, one: int) -> dict[str, int]:
    """Return the counters of a campaign that are not zero, checked against its rows."""
    with transaction(store) as db:
        progress = next(p for p in campaigns.progress(db) if p.id == one)
        rows = campaigns.states(db, one)
    ended = {end: n for end, n in progress.counts.items() if n and end != "total"}
    assert ended == {s: n for s, n in rows.items() if s not in ("ready", "sending")}, (ended, rows)
    assert progress.counts["total"] == sum(rows.values())
    return {end: n for end, n in progress.counts.items() if n}
