"""A directory as large as the country's (50,000 made-up services in every commune): how fast it is read and searched.

    python -m tests.benchmarks.directory sqlite|postgresql [SERVICES]

Prints one JSON object: p95 in milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, create_engine, insert, text

from bot import migrate
from bot.clock import VIETNAM
from bot.hsds import as_json
from bot.nlu_server import progress
from bot.store.engine import open_engine, reading, snapshot, transaction
from referral_directory import book, hsds
from referral_directory import record as records
from referral_directory.keeper import Keeper
from referral_directory.keeping import revision, staff
from referral_directory.models import service
from referral_directory.places import Commune, load, nearest
from referral_directory.record import Record
from referral_directory.routing import Need, route
from referral_directory.search import search

POSTGRES = os.environ.get("TINCAY_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)
_EDITOR, _APPROVER = (str(uuid.UUID(int=n)) for n in (1, 2))
_KINDS = (
    ("trusted_address", "Địa chỉ tin cậy thôn {n}", "cả ngày đêm"),
    ("police", "Công an {commune}, chốt {n}", "cả ngày đêm"),
    ("peoples_committee", "UBND {commune}, cơ sở {n}", "giờ hành chính"),
    ("womens_union", "Chi hội Phụ nữ thôn {n}", "8h-11h, 14h-17h thứ 2 đến thứ 7"),
    ("health_station", "Trạm y tế {commune}, điểm {n}", "cả ngày đêm"),
)

_OF_PROVINCE = ("hospital", "legal_aid", "counselling", "social_work")


def main(kind: str, services: int = 50_000) -> dict[str, float]:
    """Fill a directory on one database; return its figures."""
    with tempfile.TemporaryDirectory() as folder, fresh(kind, Path(folder)) as engine:
        began = time.perf_counter()
        fill(engine, services)
        progress(f"   {kind}: {services} services in {time.perf_counter() - began:.0f} s")
        figures = {"hsds": _pages(engine, services // 100), "search": _searches(engine), "route": _decisions(engine)}
        return {name: p95(jobs) for name, jobs in figures.items()}


def fill(engine: Engine, services: int = 50_000) -> None:
    """Bring an empty database to today's schema and fill it; every fifth service has a change that waits."""
    migrate.upgrade(engine, "directory")
    made = _records(services)
    people = [{"id": i, "login": i, "name": i, "role": "admin", "created_at": 0.0} for i in (_EDITOR, _APPROVER)]
    with transaction(engine) as db:
        records.write_terms(db)
        db.execute(insert(staff), people)
    columns = {"state": "approved", "version": 1, "edited_by": _EDITOR, "approved_by": _APPROVER}
    while batch := dict(islice(made, 5_000)):
        checked = NOW - timedelta(days=sum(map(len, batch)) % 200)
        with transaction(engine) as db:
            records.write_all(db, batch, **columns, assured_date=checked.date(), last_modified=checked.timestamp())
            waiting = {"state": "waiting", "source": "form", "author": _EDITOR, "written_at": 0.0, "base": 1}
            some = list(batch.items())[::5]
            db.execute(
                insert(revision),
                [{"id": key, "service_id": key, "record": one.as_json(), **waiting} for key, one in some],
            )
    if engine.dialect.name == "postgresql":  # as its autovacuum does within minutes; SQLite goes without
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(text("VACUUM ANALYZE"))


def _records(services: int) -> Iterator[tuple[str, Record]]:
    communes = load().communes
    for n in range(services):
        commune = communes[n % len(communes)]
        kind, name, hours = _KINDS[n // len(communes) % len(_KINDS)]
        whole = n % 60 == 59  # some 25 services of each whole province, which every route decision there reads
        if whole:
            kind, name, hours = (
                _OF_PROVINCE[n // 60 % len(_OF_PROVINCE)],
                f"Cơ sở {{n}}, {commune.province.name}",
                hours,
            )
        trusted = kind == "trusted_address"
        yield str(uuid.uuid5(uuid.UUID(int=0), str(n))), Record(
            kind=kind, name=name.format(n=n, commune=commune.label), commune=0 if whole else commune.code, province=commune.province.name,
            description="Tiếp nhận, nghe, chỉ đường tới công an, trạm y tế và nơi tạm lánh; không hỏi giấy tờ.",
            phone="0000 000 000", private_phone="0000 111 111", address=f"thôn {n} (không có thật)",
            address_public=not trusted or n % 2 == 0, hours=hours, decision="12/QĐ-UBND" if trusted else "",
            latitude=(commune.lat or 16.0) + n % 7 / 100, longitude=(commune.lon or 107.0) + n % 11 / 100,
            decided_on="2026-03-01" if trusted else "", consent=trusted, shelter="overnight" if trusted else "",
            takes=("children",), types=("physical", "sexual"), languages=("vi", "km"),
        )  # fmt: skip


def _pages(engine: Engine, last: int) -> list[Callable[[], object]]:
    """Full pages of 100 from the first to the last, to their JSON text."""

    def read(number: int) -> object:
        with snapshot(engine) as db:
            return as_json(hsds.page(db, number, 100, "full"))

    return [lambda n=n: read(n) for n in range(1, last + 1, max(1, last // 100))]  # type: ignore[misc]


def _searches(engine: Engine) -> list[Callable[[], object]]:
    """What an administrator, a supervisor and a member of commune staff look for."""
    keepers = (
        Keeper("1", "A", "admin"),
        Keeper("2", "B", "province", 0, "Thanh Hóa"),
        Keeper("3", "C", "commune", 15178),
    )
    asked = ("", "tram y te", "dia chi tin cay cam tan", "cong an soc trang", "ubnd thanh hoa", "khong co", "thon 4711")

    def look(keeper: Keeper, words: str) -> object:
        with snapshot(engine) as db:
            return search(db, keeper.scope(service), words)

    return [lambda k=k, w=w: look(k, w) for k in keepers for w in asked for _ in range(10)]  # type: ignore[misc]


def _decisions(engine: Engine) -> list[Callable[[], object]]:
    """Route decisions as a turn takes them, for people of random communes, some beside a place that they shared."""
    luck = random.Random(7)

    def decide(commune: Commune, need: Need) -> None:
        with reading(engine) as db:
            near = nearest(*need.where, limit=4) if need.where else ()
            entries = book.entries_of(db, commune.code, [c.code for c in near if c.code != commune.code][:3])
        if len(route(entries, need, NOW).lines) < 2:
            raise ValueError("an answer without a way out")

    jobs: list[Callable[[], object]] = []
    for n, commune in enumerate(luck.choices(load().communes, k=1_000)):
        where = (commune.lat, commune.lon) if n % 2 and commune.lat and commune.lon else None
        need = Need(("physical",), n % 3 == 0, "", n % 5 == 0, commune.province.name, where=where)
        jobs.append(partial(decide, commune, need))
    return jobs


def p95(jobs: list[Callable[[], object]]) -> float:
    """Return the 95th percentile in ms of these jobs, done in an order that is mixed and always the same."""
    random.Random(1).shuffle(jobs)
    for job in jobs[:5]:  # they build the statements
        job()
    spent = []
    for job in jobs:
        began = time.perf_counter()
        job()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(spent, n=20)[18]


@contextlib.contextmanager
def fresh(kind: str, folder: Path) -> Iterator[Engine]:
    """An empty database, "sqlite" or "postgresql", which goes when the block ends."""
    if kind == "sqlite":
        engine = open_engine("", folder / "directory.db")
        yield engine
        return engine.dispose()
    name = f"bench{uuid.uuid4().hex}"
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with server.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    engine = open_engine(f"{POSTGRES.rpartition('/')[0]}/{name}", folder)
    try:
        yield engine
    finally:
        engine.dispose()
        with server.connect() as db:
            db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
    return None


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:]))))
