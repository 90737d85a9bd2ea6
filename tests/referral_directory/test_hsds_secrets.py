"""Nothing confidential reaches another system: records as people may write them, and every answer and file searched."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from bot import hsds_export
from bot.clock import VIETNAM
from bot.store.engine import snapshot, transaction
from referral_directory import changes, hsds
from referral_directory.keeper import Keeper
from referral_directory.keeping import staff
from referral_directory.publishing import lacking
from referral_directory.record import Record
from referral_directory.terms import KINDS, SHELTER, STATUSES
from tests.referral_directory.conftest import CAM_TAN
from tests.referral_directory.test_hsds_api import Client

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)
_number = itertools.count(1)
_ALWAYS_KNOWN = ("police", "peoples_committee", "health_station", "hospital")


@dataclass(frozen=True)
class Case:
    """A record and how far it came: "draft", "waiting", "returned", "approved", "retired"; then a change that waits."""

    record: Record
    end: str
    changed: bool


def _mark(what: str) -> str:
    """Return words that stand nowhere else."""
    return f"{what}-{next(_number):06}-kín"


def _digits() -> str:
    return f"0999{next(_number):06}"


def _degrees(whole: int) -> float:
    """Return a number with eight digits behind the point, so that none is the beginning of another."""
    return float(f"{whole}.7{next(_number):06}1")


cases = st.builds(
    lambda kind, more, end, changed: Case(
        Record(
            kind=kind, name=_mark("tên"), commune=CAM_TAN, province="Thanh Hóa", phone=_digits(),
            private_phone=_digits(), address=_mark("nhà"), latitude=_degrees(20), longitude=_degrees(105),
            distance_km=_degrees(3), decided_on="2026-03-01", **more,
        ),
        end, changed,
    ),
    st.sampled_from(KINDS),
    st.fixed_dictionaries(
        {
            "address_public": st.booleans(), "consent": st.booleans(), "decision": st.sampled_from(("", "12/QĐ-UBND")),
            "shelter": st.sampled_from(("", *SHELTER)), "status": st.sampled_from(tuple(STATUSES)),
        }
    ),
    st.sampled_from(("draft", "waiting", "returned", "approved", "approved", "approved", "retired")),
    st.booleans(),
)  # fmt: skip


def _store(engine: Engine, cases: list[Case]) -> tuple[set[str], set[str]]:
    """Bring the cases into the directory by the ways of staff; return what must not be told, and what must be."""
    secret: set[str] = set()
    told: set[str] = set()
    with transaction(engine) as db:
        writer, other = (_keeper(db, secret) for _ in range(2))
        for case in cases:
            one = case.record
            secret |= {one.private_phone, str(one.distance_km)}
            where = {one.address, str(one.latitude), str(one.longitude)}
            about = {one.name, one.phone}
            published = one.consent and one.decision != ""
            shown = case.end == "approved" and not lacking(one)
            hidden_shelter = one.shelter == "overnight" and one.kind not in _ALWAYS_KNOWN and not published
            (told if shown else secret).update(about)
            (told if shown and one.address_public and not hidden_shelter else secret).update(where)
            _bring(db, writer, other, case, secret)
    return secret, told


def _keeper(db: Any, secret: set[str]) -> Keeper:
    key, name, login = f"{next(_number):036}", _mark("người"), f"{_mark('mail')}@hoi.example"
    db.execute(insert(staff).values(id=key, login=login, name=name, role="admin", created_at=0.0))
    secret |= {key, name, login}
    return Keeper(key, name, "admin", login=login)


def _bring(db: Any, writer: Keeper, other: Keeper, case: Case, secret: set[str]) -> None:
    note = _mark("ghi chú")
    secret.add(note)
    found = changes.propose(db, writer, case.record, NOW, draft=case.end == "draft")

    def decide(how: Callable[..., Any], *words: str) -> None:
        how(db, other, changes.open_revision(db, found).id, *words, NOW)

    match case.end:
        case "returned":
            decide(changes.send_back, note)
        case "approved" | "retired" if not lacking(case.record):
            decide(changes.approve)
            changes.verify(db, writer, found, "right", note, NOW)
            if case.end == "retired":
                changes.retire(db, writer, found, NOW)
                decide(changes.approve)
            elif case.changed:
                wanted = replace(case.record, name=_mark("mới"), phone=_digits(), address=_mark("chuyển"))
                secret |= {wanted.name, wanted.phone, wanted.address}
                changes.propose(db, writer, wanted, NOW, found)


def _answers(engine: Engine) -> str:
    """Return everything that the API says and the export writes, as one text."""
    client = Client(engine)
    said = []
    for path in ("", "openapi.json", *(f"services?{how}" for how in ("", "full=true&per_page=500", "minimal=true"))):
        answer = client.get(f"/hsds/{path}")
        said += [answer.text, str(answer.headers)]
    with snapshot(engine) as db:
        ids = [one["id"] for one in hsds.page(db, 1, 500, "minimal")["contents"]]
        with tempfile.TemporaryDirectory() as folder:
            hsds_export.write(Path(folder) / "out", hsds.pages(db, 3), hsds.VERSION, NOW, said.append)
            said += [f"{file.name} {file.read_text(encoding='utf-8')}" for file in (Path(folder) / "out").iterdir()]
    said += [client.get(f"/hsds/services/{service_id}").text for service_id in ids]
    return "\n".join(said)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(cases, min_size=1, max_size=6))
def test_nothing_confidential_is_told(engine: Engine, cases: list[Case]) -> None:
    """Private phones, hidden places and their distance, notes, reasons, names of staff, what waits and what is gone: in
    no answer and no file. What is public is there."""
    secret, told = _store(engine, cases)
    said = _answers(engine)
    assert {one for one in secret if one in said} == set()
    assert {one for one in told if one not in said} == set()
