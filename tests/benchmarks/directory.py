"""A directory as large as the country's (50,000 made-up services in every commune): how fast it is read and searched.

    python -m tests.benchmarks.directory sqlite|postgresql

Prints one JSON object, milliseconds throughout.
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
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, create_engine, insert, text

from bot import migrate
from bot.clock import VIETNAM
from bot.store.engine import open_engine, reading, transaction
from referral_directory import book, changes, hsds
from referral_directory import record as records
from referral_directory.changes import Keeper
from referral_directory.keeping import revision, staff
from referral_directory.models import (
    address,
    attribute,
    language,
    location,
    organization,
    phone,
    schedule,
    service,
    service_area,
    service_at_location,
)
from referral_directory.places import load, nearest
from referral_directory.places.units import Commune
from referral_directory.record import Record
from referral_directory.routing import Need, route
from referral_directory.search import search

POSTGRES = os.environ.get("TINCAY_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 21, tzinfo=VIETNAM)
_KINDS = (
    ("trusted_address", "Địa chỉ tin cậy thôn {n}", "cả ngày đêm"),
    ("police", "Công an {commune}, chốt {n}", "cả ngày đêm"),
    ("peoples_committee", "UBND {commune}, cơ sở {n}", "giờ hành chính"),
    ("womens_union", "Chi hội Phụ nữ thôn {n}", "8h-11h, 14h-17h thứ 2 đến thứ 7"),
    ("health_station", "Trạm y tế {commune}, điểm {n}", "cả ngày đêm"),
)
_EDITOR, _APPROVER = (str(uuid.UUID(int=n)) for n in (1, 2))


def main(kind: str) -> dict[str, float]:
    """Fill a directory on one database and return the p95 of each figure."""
    with fresh(kind) as engine:
        began = time.perf_counter()
        fill(engine)
        print(f"  {kind}: filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        return {"hsds": _pages(engine), "search": _searches(engine), **_decisions(engine)}


def _pages(engine: Engine) -> float:
    """Full pages of 100 from the first to the last, as JSON text."""

    def read(number: int) -> None:
        with reading(engine) as db:
            json.dumps(hsds.page(db, number, 100, "full"), ensure_ascii=False)

    return p95([lambda n=n: read(n) for n in range(1, 501, 5)])  # type: ignore[misc]


def _searches(engine: Engine) -> float:
    """What an administrator, a supervisor and a member of commune staff search, first page and second."""
    keepers = (
        Keeper("1", "A", "admin"),
        Keeper("2", "B", "province", 0, "Thanh Hóa"),
        Keeper("3", "C", "commune", 15178),
    )
    words = (
        "",
        "tram y te",
        "dia chi tin cay cam tan",
        "cong an soc trang",
        "ubnd thanh hoa",
        "khong co dau",
        "thon 4711",
    )

    def look(keeper: Keeper, text: str) -> None:
        with reading(engine) as db:
            found = search(db, changes.scope(keeper), text)
            if found.next:
                search(db, changes.scope(keeper), text, after=found.next)

    return p95([lambda k=k, w=w: look(k, w) for k in keepers for w in words for _ in range(5)])  # type: ignore[misc]


def _decisions(engine: Engine) -> dict[str, float]:
    """Route decisions as a turn takes them, for people of random communes; `shared` beside a place that they shared."""
    luck = random.Random(7)

    def decide(commune: Commune, need: Need) -> None:
        with reading(engine) as db:
            entries = book.entries_of(db, commune.code)
            if need.where:
                beside = [c.code for c in nearest(*need.where, limit=4) if c.code != commune.code][:3]
                entries += book.entries_beside(db, beside)
        if len(route(entries, need, NOW).lines) < 2:
            raise ValueError("an answer without a way out")

    found = {}
    for name in ("route", "route beside a shared place"):
        jobs = []
        for n, commune in enumerate(luck.choices(load().communes, k=1_000)):
            where = (commune.lat, commune.lon) if name != "route" and commune.lat and commune.lon else None
            need = Need(("physical",), n % 3 == 0, "", n % 5 == 0, commune.province.name, where=where)
            jobs.append(lambda c=commune, w=need: decide(c, w))
        found[name] = p95(jobs)  # type: ignore[arg-type]
    return found


def p95(jobs: list[Callable[[], None]]) -> float:
    """Return the 95th percentile in ms of these jobs, in an order that is mixed but always the same."""
    random.Random(1).shuffle(jobs)
    jobs[0]()
    spent = []
    for job in jobs:
        began = time.perf_counter()
        job()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(spent, n=20)[18]


@contextlib.contextmanager
def fresh(kind: str) -> Iterator[Engine]:
    """Yield an empty directory on "sqlite" or "postgresql"; it is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            engine = open_engine("", Path(folder) / "directory.db")
            migrate.upgrade(engine, "directory")
            yield engine
            return engine.dispose()
        name = f"bench{uuid.uuid4().hex}"
        server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
        with server.connect() as db:
            db.execute(text(f"CREATE DATABASE {name}"))
        engine = open_engine(f"{POSTGRES.rpartition('/')[0]}/{name}", Path(folder))
        try:
            migrate.upgrade(engine, "directory")
            yield engine
        finally:
            engine.dispose()
            with server.connect() as db:
                db.execute(text(f"DROP DATABASE {name}"))
            server.dispose()
    return None


def fill(engine: Engine, services: int = 50_000) -> None:
    """Write so many approved services, spread over all communes; every fifth has a change that waits."""
    rows: dict[Table, list[dict[str, Any]]] = {}
    communes = load().communes
    for n in range(services):
        for table, row in _rows(n, communes[n % len(communes)], n // len(communes)):
            rows.setdefault(table, []).append(row)
    people = [
        {"id": i, "login": i, "name": "Lò Thị Mai", "role": "admin", "created_at": 0.0} for i in (_EDITOR, _APPROVER)
    ]
    with transaction(engine) as db:
        records.write_terms(db)
        db.execute(insert(staff), people)
        for table, found in rows.items():
            for start in range(0, len(found), 10_000):
                db.execute(insert(table), found[start : start + 10_000])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))


def _rows(n: int, commune: Commune, round_: int) -> Iterator[tuple[Table, dict[str, Any]]]:
    kind, name, hours = _KINDS[round_ % len(_KINDS)]
    key = str(uuid.uuid5(uuid.UUID(int=0), str(n)))
    record = Record(
        kind=kind, name=name.format(n=n, commune=commune.label), commune=commune.code, province=commune.province.name,
        description="Tiếp nhận, nghe, chỉ đường tới công an, trạm y tế và nơi tạm lánh; không hỏi giấy tờ.", hours=hours,
    )  # fmt: skip
    mine = {"service_id": key}
    yield organization, {"id": key, "name": record.name, "description": record.description}
    yield service, {
        "id": key, "organization_id": key, "name": record.name, "name_fold": records.search_key(record.name),
        "search_fold": records.search_words(record.name, kind, record.commune, record.province), "description": record.description, "kind": kind,
        "status": "active", "state": "approved", "commune": record.commune, "province": record.province,
        "assured_date": TODAY - timedelta(days=n % 200), "last_modified": 1.7e9 + n, "version": 1,
        "edited_by": _EDITOR, "approved_by": _APPROVER, "published": True,
    }  # fmt: skip
    lat, lon = (commune.lat or 16.0) + n % 7 / 100, (commune.lon or 107.0) + n % 11 / 100
    visibility = "staff_only" if kind == "trusted_address" and n % 2 else "public"
    yield location, {"id": key, "name": record.name, "latitude": lat, "longitude": lon, "visibility": visibility}
    yield service_at_location, {"id": key, **mine, "location_id": key}
    unit = {"city": commune.label, "state_province": record.province}
    yield address, {"id": key, "location_id": key, "address_1": f"thôn {n}", **unit}
    for number, seen in (("0000 000 000", "public"), ("0000 111 111", "staff_only")):
        yield phone, {"id": _id(n, number), **mine, "number": number, "visibility": seen}
    for i, times in enumerate(records.opening_rows(hours)):
        yield schedule, {"id": _id(n, f"hours {i}"), **mine, **times}
    yield service_area, {"id": key, **mine, "name": commune.label, "extent": str(commune.code)}
    for code, told in (("vi", "Tiếng Việt"), ("km", "Khmer")):
        yield language, {"id": _id(n, code), **mine, "name": told, "code": code}
    terms = [("takes", "children", None), ("for", "physical", None), ("for", "sexual", None)]
    if kind == "trusted_address":
        terms += [
            ("decision", "number", "12/QĐ-UBND"),
            ("decision", "date", "2026-03-01"),
            ("decision", "consent", None),
        ]
        terms += [("shelter", "overnight", None)]
    for taxonomy, code, value in terms:
        term = records.term_id(taxonomy, code)
        yield attribute, {"id": _id(n, term), "link_id": key, "taxonomy_term_id": term, "value": value}
    if n % 5 == 0:
        decided = {"state": "waiting", "source": "form", "author": _EDITOR, "written_at": 1.7e9}
        yield revision, {"id": key, **mine, "base": 1, "record": record.as_json(), **decided}


def _id(n: int, what: str) -> str:
    return str(uuid.uuid5(uuid.UUID(int=1), f"{n} {what}"))


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
