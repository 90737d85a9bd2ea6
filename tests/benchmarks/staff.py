"""The staff site over a directory as large as the country's: how fast its pages are, and how heavy.

    python -m tests.benchmarks.staff sqlite|postgresql [SERVICES]

Prints one JSON object: p95 in milliseconds through the whole ASGI application, and bytes of the largest page.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx
from sqlalchemy import Engine, insert, select
from starlette.applications import Starlette

from bot import migrate
from bot.nlu_server import progress
from bot.staff import sessions
from bot.staff.site import routes
from bot.staff.visit import Site
from bot.store.engine import open_engine, reading, transaction
from bot.store.keys import load_keys
from referral_directory.keeping import staff
from referral_directory.models import service
from tests.benchmarks.directory import NOW, fill, fresh

_WORDS = ("dia chi tin cay", "phu lai", "cong an phuong", "tram y te", "12", "thanh hoa", "hoi phu nu thon 3", "zz")
_FILTERS = ("", "&state=overdue", "&kind=police", "&state=waiting", "&state=shown")


def main(kind: str, services: int = 50_000) -> dict[str, float]:
    """Fill a directory on one database and open its pages as an administrator, a supervisor and an officer."""
    with tempfile.TemporaryDirectory() as folder, fresh(kind, Path(folder)) as engine:
        fill(engine, services)
        progress(f"   {kind}: {services} services")
        people = open_engine("", Path(folder) / "people.db")
        migrate.upgrade(people, "people")
        site = Site(engine, people, load_keys("", Path(folder)), lambda: NOW, home="Thanh Hóa")
        return asyncio.run(_measure(site))


async def _measure(site: Site) -> dict[str, float]:
    luck, sizes = random.Random(3), [0]
    tokens = {role: _signed_in(site, role) for role in ("admin", "province", "commune")}
    transport = httpx.ASGITransport(Starlette(routes=[routes(site)]))

    async def p95(role: str, paths: list[str]) -> float:
        spent = []
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            client.cookies.set("tincay-staff", tokens[role], domain="127.0.0.1", path="/")
            for path in paths[:3] + paths:
                began = time.perf_counter()
                answer = await client.get(f"/staff{path}")
                spent.append((time.perf_counter() - began) * 1000)
                if answer.status_code != 200:
                    raise SystemExit(f"{role} {path}: {answer.status_code}")
                sizes.append(len(answer.content))
        return statistics.quantiles(spent[3:], n=20)[18]

    ids = _some_services(site.directory, luck)
    lists = [f"/entries?q={filters}" for filters in _FILTERS] * 12
    searches = [f"/entries?q={words.replace(' ', '+')}" for words in _WORDS] * 8
    following = [f"/entries?after={one}" for one in ids[:60]]
    found = {
        "list": await p95("admin", luck.sample(lists, len(lists)) + following),
        "search": await p95("admin", luck.sample(searches, len(searches))),
        "list_commune": await p95("commune", ["/entries", "/entries?q=dia+chi", "/entries?state=overdue"] * 20),
        "entry": await p95("admin", [f"/entries/{one}" for one in ids]),
        "work_admin": await p95("admin", ["/"] * 40),
        "work_province": await p95("province", ["/"] * 40),
        "work_commune": await p95("commune", ["/"] * 40),
        "board": await p95("province", ["/board"] * 40),
    }
    return {**found, "bytes": float(max(sizes))}


def _signed_in(site: Site, role: str) -> str:
    where = {"commune": 15178 if role == "commune" else 0, "province": "" if role == "admin" else "Thanh Hóa"}
    with transaction(site.directory) as db:
        who = str(uuid.uuid4())
        values = {"id": who, "login": role, "name": "Lò Thị Mai", "role": role, "password": "x", "totp": b"x", **where}
        db.execute(insert(staff).values(**values, created_at=0.0))
        return sessions.begin(db, who, NOW, full=True)


def _some_services(directory: Engine, luck: random.Random) -> list[str]:
    with reading(directory) as db:
        return luck.sample(sorted(db.execute(select(service.c.id)).scalars()), 200)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:]))))
