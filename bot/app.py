"""The whole machine in one place: what is built from the settings, in which order, and how it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bot import migrate, platforms, staff
from bot.campaign.fanout import fan_out
from bot.campaign.news import News
from bot.campaign.words import renderer
from bot.channels.webchat import WebChat
from bot.clock import Clock, clock
from bot.conversation import safety, turn
from bot.conversation.keywords import keyword_scores
from bot.conversation.order import Lane
from bot.conversation.rasa import RasaUnderstanding
from bot.conversation.turn import PLAIN_SECONDS, URGENT_SECONDS, Machine
from bot.delivery.door import Channel, Door
from bot.errors import SettingsError, StoreUnavailable
from bot.log import log
from bot.messages import Incoming
from bot.nlu_server import NluServer, Tell, standing
from bot.platforms import Platform
from bot.settings import Settings
from bot.staff import Staff
from bot.store import lifetimes, people, reach
from bot.store.engine import open_engine, transaction
from bot.store.keys import Keys, load_keys
from content import languages
from referral_directory import book, record
from referral_directory.places import find_place, load
from referral_directory.readiness import season_of

Job = Callable[[], Awaitable[None]]

CALENDAR_SECONDS = 10.0


@dataclass(slots=True)
class App:
    """Everything that runs; made by `build`."""

    settings: Settings
    machine: Machine
    web: WebChat
    platforms: tuple[Platform, ...]
    nlu: NluServer
    rasa: RasaUnderstanding
    people: Engine
    directory: Engine
    keys: Keys
    now: Clock
    staff: Staff
    news: News

    async def receive(self, incoming: Incoming) -> None:
        """Answer one message."""
        await turn.receive(self.machine, incoming)

    async def close(self) -> None:
        """Close the connections to the platforms and to the understanding server; long texts not yet read are left."""
        self.machine.long_texts.close()
        for platform in self.platforms:
            await platform.close()
        await self.rasa.close()

    def platform(self, name: str) -> Platform | None:
        """Return the platform of this name, or None where the settings name none."""
        return next((p for p in self.platforms if p.name == name), None)

    @property
    def zalo(self) -> Platform | None:
        """The Zalo bot, if there is one."""
        return self.platform("zalo")

    @property
    def zalo_oa(self) -> Platform | None:
        """The Zalo Official Account, if there is one."""
        return self.platform("zalo_oa")

    def health(self) -> dict[str, Any]:
        """Return what `/healthz` tells."""
        return {"ok": True, "understanding": self.nlu.state, "channels": sorted(self.machine.door.channels)}


def build(settings: Settings, extra: Channel | None = None) -> App:
    """Build the machine: keys, stores (migrated and filled), understanding, channels, door."""
    now = clock(settings.now)
    home = _province(settings.province)
    data = prepare_folder(settings.data_dir)
    keys = load_keys(settings.secret_keys, data)
    store = open_engine(settings.people_url, data / "people.db")
    directory = open_engine(settings.directory_url, data / "directory.db")
    web = WebChat(data / "cards", keys.mark)
    outside = platforms.named(settings, store, keys)
    channels: dict[str, Channel] = {c.name: c for c in (web, *outside, extra) if c is not None}
    nlu = NluServer(settings.nlu_python, data, settings.nlu_url, settings.nlu_token)
    rasa = RasaUnderstanding(nlu.url, nlu.token, starting=not settings.nlu_url)
    news = News(directory, now)
    door = Door(store, keys, channels, platforms.paces(settings, channels), renderer(now, lambda: news.coming), now)
    threads = 1 if store.dialect.name == "sqlite" else 6  # SQLite takes one writer at a time
    lanes = Lane(PLAIN_SECONDS, threads), Lane(URGENT_SECONDS, threads, at_once=1_000)
    strangers = [c.name for c in (web, *outside)]
    machine = Machine(store, directory, keys, rasa, door, now, home, *lanes, strangers)
    site = staff.build(
        directory, store, keys, now, settings.host_names, home, door.paces, lambda: standing(data, nlu.state)
    )
    return App(settings, machine, web, outside, nlu, rasa, store, directory, keys, now, site, news)


def set_up_stores(app: App) -> None:
    """Bring both databases to today's schema and the sample communes in or out; refuse keys that are of other people."""
    migrate.upgrade(app.people, "people")
    migrate.upgrade(app.directory, "directory")
    with transaction(app.people) as db:
        if not people.are_ours(db, app.keys):
            raise SettingsError(
                "Kho người dùng này được mã hóa bằng khóa khác. Đặt lại tệp keys cũ vào TINCAY_DATA_DIR, hoặc đặt "
                "TINCAY_SECRET_KEYS như nơi cài đặt kia. / This people store belongs to other keys: bring them back."
            )
    with transaction(app.directory) as db:
        record.write_terms(db)
        book.set_sample(db, app.settings.samples, app.now().date())


def warm_up() -> None:
    """Read tables and compile patterns before the first message comes."""
    safety.screen("chào")
    keyword_scores("chào")
    load()
    find_place("ở xã Cẩm Tân, Cẩm Thủy", expecting=True)


@contextlib.asynccontextmanager
async def running(app: App, tell: Tell, share: bool = False) -> AsyncIterator[None]:
    """Run what works in the background (understanding server, door, clean-up, polling) while the block lasts."""
    jobs: list[Job] = [
        app.machine.door.run,
        lambda: _housekeeping(app),
        lambda: _calendar(app),
        lambda: _warm_the_rest(app),
    ]
    jobs += [partial(platform.poll, app.receive) for platform in app.platforms if platform.polls]
    try:
        await asyncio.to_thread(app.news.read)  # before the door sends what was planned
        async with understanding(app, tell, share), _jobs(jobs):
            yield
    finally:  # after the jobs: polling finishes the turns that it has begun
        await app.close()


@contextlib.asynccontextmanager
async def sending(app: App) -> AsyncIterator[None]:
    """Run what sends, and nothing that listens, while the block lasts: one worker more."""
    door = app.machine.door
    door.channels = {name: channel for name, channel in door.channels.items() if name in door.paces}
    try:
        await asyncio.to_thread(app.news.read)
        async with _jobs([door.run, lambda: _calendar(app)]):
            yield
    finally:
        await app.close()


@contextlib.asynccontextmanager
async def understanding(app: App, tell: Tell, share: bool = False) -> AsyncIterator[None]:
    """Run the understanding server alone while the block lasts."""
    async with _jobs([lambda: app.nlu.run(tell, share), lambda: _watch(app, tell)]):
        try:
            yield
        finally:
            await app.nlu.stop()
            await app.rasa.close()


@contextlib.asynccontextmanager
async def _jobs(jobs: list[Job]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_kept_alive(job)) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watch(app: App, tell: Tell) -> None:
    """Tell when the understanding server answers, and note when it stops."""
    while True:
        await asyncio.sleep(5.0 if app.nlu.state == "ready" else 0.5)
        ready = await app.rasa.is_ready()
        if ready and app.nlu.state != "ready":
            app.nlu.state = "ready"
            tell("Đã hiểu tiếng Việt đầy đủ.")
        elif not ready and app.nlu.state == "ready":
            app.nlu.state = "down"


async def _housekeeping(app: App) -> None:
    """The scheduler's first duty, once an hour: count whom messages reached, then delete what has lived its time."""
    while True:
        with contextlib.suppress(StoreUnavailable):
            await asyncio.to_thread(_count_reached, app)
        more = True
        with contextlib.suppress(StoreUnavailable):
            while more:
                more = await asyncio.to_thread(lifetimes.sweep, app.people, app.now())
                await asyncio.sleep(0.5)  # others get their turn
            await asyncio.to_thread(_end_sessions, app)
        await asyncio.sleep(3600)


def _end_sessions(app: App) -> None:
    from bot.staff import sessions  # a start answers frightened people first

    with transaction(app.directory) as db:
        sessions.clear_old(db, app.now())
        sessions.forget_failures(db, app.now())


async def _calendar(app: App) -> None:
    """Plan the messages of those whose hour has come; every worker may, the rows are written once."""
    while True:
        await asyncio.to_thread(app.news.read)
        for bot in app.machine.door.paces:
            with contextlib.suppress(StoreUnavailable):
                await asyncio.to_thread(_plan, app, bot)
        await asyncio.sleep(CALENDAR_SECONDS)


def _count_reached(app: App) -> None:
    page: int | None = 0
    while page is not None:  # a page a transaction, so that others get their turn
        with transaction(app.people) as db:
            page = reach.count_reached(db, season_of(app.now().date()), page)


def _plan(app: App, bot: str) -> None:
    more = True
    while more:  # a page a transaction, so that others get their turn
        with transaction(app.people) as db:
            more = fan_out(db, bot, app.now(), app.news.coming)


async def _warm_the_rest(app: App) -> None:
    """Compile the patterns for words typed without marks, read languages and staff site, when the first were answered."""
    await asyncio.sleep(2.0)
    for read in (safety.screen, keyword_scores):
        await asyncio.to_thread(read, "chao em")
    await asyncio.to_thread(languages.warm_up)
    await app.staff.ready()


async def _kept_alive(job: Job) -> None:
    """Run a job; one that breaks is told in the log and begun again."""
    while True:
        try:
            return await job()
        except Exception as error:
            log.error("job_failed", error=type(error).__name__)
            await asyncio.sleep(5.0)


def prepare_folder(folder: Path) -> Path:
    """Return the data folder, made for the owner alone; raise `SettingsError` when we cannot write it, or others can."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"Không ghi được vào thư mục {folder} ({error.strerror}). Đặt TINCAY_DATA_DIR tới một thư mục ghi được. / "
            "The data folder cannot be written: set TINCAY_DATA_DIR."
        ) from None
    if folder.stat().st_mode & 0o022:  # whoever may write here may exchange the keys and the stores
        raise SettingsError(
            f"Người khác trên máy ghi được vào thư mục dữ liệu {folder}. Chạy: chmod 700 {folder} / "
            "Others can write into the data folder."
        )
    return folder


def _province(name: str) -> str:
    if not name:
        return ""
    place = find_place(name, expecting=True)
    if place is None or place.province is None:
        raise SettingsError(
            f"TINCAY_PROVINCE={name!r} không phải tên tỉnh, thành phố của Việt Nam. / Not a province of Vietnam."
        )
    return place.province
