"""A directory of the whole country for the benchmark: 50,000 made-up services, the same every time; and its figures.

    python -m tests.benchmarks.directory sqlite|postgresql [SERVICES]

prints one JSON object: what `make bench` shows of one database.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, text

from bot import migrate
from bot.clock import VIETNAM
from bot.store.engine import open_engine, reading, transaction
from referral_directory import book, keeping, models, record
from referral_directory.places import Commune, load, nearest
from referral_directory.record import Record, search_key
from referral_directory.routing import Need, Referral, route
from referral_directory.terms import FOR, KIND_NAMES, LANGUAGES, TAKES
from tests.referral_directory.conftest import POSTGRES

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 21, tzinfo=VIETNAM)
WRITER, APPROVER = (str(uuid.UUID(int=n)) for n in (1, 2))
"""Two members of staff, by whom everything was written and approved; they cannot sign in."""
_OFFICES = ("police", "peoples_committee", "womens_union", "health_station")
_OF_PROVINCE = ("hospital", "legal_aid", "counselling", "social_work")
_HOURS = (
    "cả ngày đêm", "24/24", "giờ hành chính", "Sáng 7h30 - 11h30, chiều 13h30 - 17h", "7h-17h trừ chủ nhật",
    "T2-T6: 7h-17h; sáng T7: 7h-11h", "gọi trước khi đến", "",
)  # fmt: skip


def fill(engine: Engine, services: int = 50_000) -> None:
    """Bring an empty database to today's schema and fill it by bulk inserts; the same rows every time."""
    migrate.upgrade(engine, "directory")
    made = enumerate(_records(services, random.Random(2026)), 1_000)
    with transaction(engine) as db:
        record.write_terms(db)
        for one, name in ((WRITER, "Người Viết"), (APPROVER, "Người Duyệt")):
            _load(db, keeping.staff, [{"id": one, "login": name, "name": name, "role": "admin", "created_at": 0.0}])
        while batch := list(itertools.islice(made, 5_000)):
            rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
            for number, (one, columns) in batch:
                _add_rows(rows, str(uuid.UUID(int=number)), one, columns)
            for table in models.directory.sorted_tables:
                _load(db, table, rows[table])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        if db.dialect.name == "postgresql":  # as its autovacuum does within a minute
            db.execute(text("ANALYZE"))


def _records(services: int, luck: random.Random) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Yield records, each with the columns of its state: commune by commune, then those of the provinces."""
    gazetteer = load()
    left = services
    for commune in gazetteer.communes:
        kinds = [*_OFFICES, *["trusted_address"] * luck.choice((4, 6, 8, 9, 10, 11, 12, 14, 16, 18))][:left]
        left -= len(kinds)
        for n, kind in enumerate(kinds):
            yield _record(kind, n, commune, commune.province.name, luck), _state(luck)
    for n in range(left):
        round_, province = divmod(n, len(gazetteer.provinces))
        kind = _OF_PROVINCE[round_ % len(_OF_PROVINCE)]
        yield _record(kind, n, None, gazetteer.provinces[province].name, luck), _state(luck)


def _record(kind: str, n: int, commune: Commune | None, province: str, luck: random.Random) -> Record:
    made_up = f"{luck.randrange(10**6):06}"
    where = commune.label if commune else f"tỉnh {province}"
    trusted = kind == "trusted_address"
    point = commune is not None and commune.lat is not None and luck.random() < 0.6
    return Record(
        kind=kind, name=f"{KIND_NAMES[kind]} số {n} {where}", commune=commune.code if commune else 0, province=province,
        phone=f"0000 {made_up[:3]} {made_up[3:]}" if luck.random() < 0.8 else "",
        private_phone=f"0009 {made_up[3:]} {made_up[:3]}" if trusted else "",
        address=f"thôn {n} (không có thật)", address_public=not trusted or luck.random() < 0.4,
        latitude=commune.lat + luck.uniform(-0.03, 0.03) if point else None,
        longitude=commune.lon + luck.uniform(-0.03, 0.03) if point else None,
        distance_km=round(luck.uniform(0, 9), 1) if luck.random() < 0.5 else None, hours=luck.choice(_HOURS),
        decision=f"{n}/QĐ-UBND" if trusted else "", decided_on="2026-03-01" if trusted else "",
        consent=trusted and luck.random() < 0.95, shelter=luck.choice(("overnight", "receive", "")) if trusted else "",
        takes=tuple(luck.sample(sorted(TAKES), luck.randint(0, 3))),
        types=tuple(luck.sample(sorted(FOR), luck.choice((0, 0, 1, 3)))),
        languages=tuple(luck.sample(sorted(LANGUAGES), luck.randint(0, 2))),
    )  # fmt: skip


def _state(luck: random.Random) -> dict[str, Any]:
    """Return the columns of a service's state: most are approved, one in ten was never verified."""
    verified = TODAY - timedelta(days=luck.randint(0, 200)) if luck.random() < 0.9 else None
    state = luck.choices(("approved", "waiting", "retired"), (95, 3, 2))[0]
    return {
        "state": state, "version": 0 if state == "waiting" else 1, "assured_date": verified,
        "last_modified": NOW.timestamp() - luck.randint(0, 300) * 86_400.0, "edited_by": WRITER, "approved_by": APPROVER,
    }  # fmt: skip


def _add_rows(rows: dict[Table, list[dict[str, Any]]], key: str, one: Record, columns: dict[str, Any]) -> None:
    """Add the rows of one record, as `record.write` makes them."""
    about = {"name": one.name, "description": one.name}
    rows[models.organization].append({"id": key, **about})
    rows[models.service].append(
        {
            "id": key, "organization_id": key, "name": one.name, "name_fold": search_key(one.name), "kind": one.kind,
            "status": one.status, "commune": one.commune, "province": one.province, "distance_km": one.distance_km,
            **columns,
        }
    )  # fmt: skip
    visibility = "public" if one.address_public else "staff_only"
    where = {"latitude": one.latitude, "longitude": one.longitude, "visibility": visibility}
    rows[models.location].append({"id": key, "name": one.name, **where})
    rows[models.service_at_location].append({"id": key, "service_id": key, "location_id": key})
    city = one.name.partition(" số ")[2].partition(" ")[2]
    unit = {"city": city, "state_province": one.province}
    rows[models.address].append({"id": key, "location_id": key, "address_1": one.address, **unit})
    rows[models.service_area].append({"id": key, "service_id": key, "name": city, "extent": str(one.commune or "")})
    part = (f"{n:08x}{key[8:]}" for n in itertools.count(1)).__next__
    for number, who in ((one.phone, "public"), (one.private_phone, "staff_only")):
        if number:
            rows[models.phone].append({"id": part(), "service_id": key, "number": number, "visibility": who})
    for times in _times(one.hours):
        rows[models.schedule].append({"id": part(), "service_id": key, **times})
    for code in one.languages:
        rows[models.language].append({"id": part(), "service_id": key, "name": LANGUAGES[code], "code": code})
    for taxonomy, code, value in record._terms(one):
        term = {"taxonomy_term_id": _term(taxonomy, code), "value": value}
        rows[models.attribute].append({"id": part(), "link_id": key, **term})


_term, _times = cache(record.term_id), cache(record._schedule)


def _load(db: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Bring many rows in by the shortest way of the database; all rows of a table have the same columns."""
    if not rows:
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    values = [tuple(row.get(name) for name in names) for row in rows]
    cursor = db.connection.cursor()
    columns = ", ".join(names)
    if db.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        cursor.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", values)
        return
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


@contextlib.contextmanager
def fresh(kind: str, folder: Path) -> Iterator[Engine]:
    """An empty database of one kind, which goes when the block ends."""
    if kind == "sqlite":
        engine = open_engine("", folder / "directory.db")
        yield engine
        return engine.dispose()
    name = f"bench{uuid.uuid4().hex}"
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with server.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    engine = open_engine(POSTGRES.rpartition("/")[0] + f"/{name}", folder)
    try:
        yield engine
    finally:
        engine.dispose()
        with server.connect() as db:
            db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
    return None


def decide(engine: Engine, commune: Commune, need: Need) -> Referral:
    """Take one route decision as a turn does: read the commune (beside a shared place, its neighbours), and route."""
    with reading(engine) as db:
        entries = book.entries_of(db, commune.code)
        if need.where:
            beside = [c.code for c in nearest(*need.where, limit=4) if c.code != commune.code][:3]
            entries += book.entries_beside(db, beside)
    return route(entries, need, NOW)


def decisions(engine: Engine, count: int = 2_000) -> dict[str, float]:
    """Return p50 and p95, in milliseconds, of decisions for people of random communes; `shared` with their place."""
    luck = random.Random(7)
    found = {}
    for name in ("", "shared_"):
        spent = []
        for n, commune in enumerate(luck.choices(load().communes, k=count + 100)):
            where = (commune.lat, commune.lon) if name and commune.lat and commune.lon else None
            need = Need(("physical",), n % 3 == 0, "", n % 5 == 0, commune.province.name, where=where)
            begun = time.perf_counter()
            answer = decide(engine, commune, need)
            spent.append((time.perf_counter() - begun) * 1000)
            assert len(answer.lines) >= 2
        spent = spent[100:]  # the first ones build the statements
        found[f"{name}p50"], found[f"{name}p95"] = statistics.median(spent), statistics.quantiles(spent, n=20)[18]
    return found


def main(kind: str, services: int) -> dict[str, float]:
    """Fill one database and return its figures."""
    with tempfile.TemporaryDirectory() as folder, fresh(kind, Path(folder)) as engine:
        begun = time.perf_counter()
        fill(engine, services)
        return {"fill": time.perf_counter() - begun, **decisions(engine)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50_000)))
