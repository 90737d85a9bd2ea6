"""What leaves the directory for residents: approved, active, published and public; nothing else, on both databases."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, update

from bot.clock import VIETNAM
from bot.store.engine import reading
from referral_directory import book, changes
from referral_directory import record as records
from referral_directory.hours import read_hours
from referral_directory.models import service
from referral_directory.places import load
from referral_directory.record import Record
from referral_directory.routing import Need, route
from referral_directory.terms import FOR, KINDS, LANGUAGES, SHELTER, STATES, STATUSES, TAKES
from tests.benchmarks import directory as country
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG, keeper, trusted

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)
TWO_PERSONS = {"edited_by": "a", "approved_by": "b", "version": 1}


def keep(db: Connection, record: Record, **columns: Any) -> str:
    """Write an approved record; return its id."""
    key = str(uuid.uuid4())
    records.write(db, key, record, **{"state": "approved", **TWO_PERSONS, **columns})
    return key


def test_an_entry_has_all_that_routing_asks_for(db: Connection) -> None:
    """As staff wrote it: hours, who is received, kinds, languages, shelter, place, freshness."""
    wanted = trusted(
        address_public=True, latitude=20.2, longitude=105.4, distance_km=1.5, hours="T2-T6: 7h-17h; T7: 7h-11h",
        takes=("children", "men"), types=("physical", "sexual"), languages=("km", "vi"),
    )  # fmt: skip
    keep(db, wanted, assured_date=date(2026, 11, 1), last_modified=NOW.timestamp())
    (entry,) = book.entries_of(db, CAM_TAN)
    assert (entry.name, entry.kind, entry.phone, entry.address) == (
        wanted.name, "trusted_address", wanted.phone, "thôn Phú Lai",
    )  # fmt: skip
    assert entry.hours == wanted.hours
    assert sorted(entry.openings, key=lambda o: o.opens + o.closes) == sorted(
        read_hours(wanted.hours), key=lambda o: o.opens + o.closes
    )
    assert set(entry.takes) == {"children", "men"}
    assert set(entry.types) == {"physical", "sexual"}
    assert set(entry.languages) == {"km", "vi"}
    assert (entry.shelter, entry.where, entry.distance_km) == ("overnight", (20.2, 105.4), 1.5)
    assert (entry.verified, entry.since, entry.reach) == (date(2026, 11, 1), NOW.date(), "commune")


def test_hours_without_days_and_words_that_cannot_be_read(db: Connection) -> None:
    """The words are shown as they are; nothing is invented."""
    for words in ("7h-17h", "gọi trước khi đến", ""):
        keep(db, trusted(name=f"hours {words}", hours=words))
    found = {e.hours: e.openings for e in book.entries_of(db, CAM_TAN)}
    assert found == {"7h-17h": tuple(read_hours("7h-17h")), "gọi trước khi đến": (), "": ()}


@pytest.mark.parametrize("hidden", [
    {"decision": ""}, {"consent": False}, {"status": "temporarily closed"}, {"status": "defunct"},
])  # fmt: skip
def test_an_address_that_may_not_be_shown_is_not_read(db: Connection, hidden: dict[str, object]) -> None:
    """A trusted address without a decision, without its holder's consent, or closed, does not leave the database."""
    keep(db, trusted(**hidden))
    assert book.entries_of(db, CAM_TAN) == []


def test_an_office_needs_no_decision(db: Connection) -> None:
    """Police, committee and the like are there by law."""
    keep(db, trusted(kind="police", name="Công an", decision="", decided_on="", consent=False, shelter=""))
    assert [e.name for e in book.entries_of(db, CAM_TAN)] == ["Công an"]


def test_a_commune_has_its_province_and_no_other(db: Connection) -> None:
    """Services of the whole province come with every commune of it; those of another province never."""
    keep(db, trusted(name="xã"))
    keep(db, trusted(name="tỉnh", kind="legal_aid", commune=0))
    keep(db, trusted(name="nơi khác", commune=SOC_TRANG, province="Cần Thơ"))
    keep(db, trusted(name="tỉnh khác", kind="hospital", commune=0, province="Cần Thơ"))
    assert {(e.name, e.reach) for e in book.entries_of(db, CAM_TAN)} == {("xã", "commune"), ("tỉnh", "province")}
    assert {(e.name, e.reach) for e in book.entries_of_province(db, "Cần Thơ")} == {("tỉnh khác", "province")}
    own = {("xã", "commune"), ("tỉnh", "province")}
    assert {(e.name, e.reach) for e in book.entries_of(db, CAM_TAN, [SOC_TRANG])} == {*own, ("nơi khác", "neighbour")}
    assert {(e.name, e.reach) for e in book.entries_of(db, CAM_TAN, [CAM_TAN])} == own
    assert book.entries_of(db, 99_999, [CAM_TAN]) == book.entries_of_province(db, "") == []


RECORDS = st.builds(
    Record, kind=st.sampled_from(KINDS), name=st.uuids().map(lambda u: f"tên {u}"), commune=st.sampled_from((CAM_TAN, 0)),
    province=st.just("Thanh Hóa"), phone=st.sampled_from(("", "0000 000 001")),
    private_phone=st.integers(0, 999_999).map(lambda n: f"0099 {n:06}"), address=st.uuids().map(lambda u: f"nhà {u}"),
    address_public=st.booleans(), latitude=st.floats(10, 20).map(lambda x: x + 1e-7),
    longitude=st.floats(102, 109).map(lambda x: x + 1e-7), hours=st.sampled_from(("", "24/24", "7h-17h", "gọi trước")),
    decision=st.sampled_from(("", "12/QĐ-UBND")), consent=st.booleans(), shelter=st.sampled_from(("", *SHELTER)),
    takes=st.sets(st.sampled_from(sorted(TAKES))).map(lambda s: tuple(sorted(s))),
    types=st.sets(st.sampled_from(sorted(FOR)), max_size=2).map(lambda s: tuple(sorted(s))),
    languages=st.sets(st.sampled_from(sorted(LANGUAGES)), max_size=2).map(lambda s: tuple(sorted(s))),
    status=st.sampled_from(("active", "active", *STATUSES)),
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kept=st.lists(st.tuples(RECORDS, st.sampled_from(("approved", "approved", *STATES))), max_size=6))
def test_nothing_private_leaves(db: Connection, kept: list[tuple[Record, str]]) -> None:
    """Whatever staff keep: no private phone, no address or point that is not public, nothing that is not approved."""
    db.execute(update(service).values(state="retired"))
    for record, state in kept:
        keep(db, record, state=state)
    found = {e.name: e for e in book.entries_of(db, CAM_TAN)}
    wanted = {
        record.name: record
        for record, state in kept
        if state == "approved" and record.status == "active"
        and (record.kind != "trusted_address" or (record.decision and record.consent))
    }  # fmt: skip
    assert set(found) == set(wanted)
    for name, entry in found.items():
        record, told = wanted[name], repr([getattr(entry, f) for f in entry.__slots__])
        assert record.private_phone not in told
        assert entry.phone == record.phone
        assert entry.address == (record.address if record.address_public else "")
        assert entry.where == ((record.latitude, record.longitude) if record.address_public else None)
        assert set(entry.takes) == set(record.takes)
        assert entry.shelter == record.shelter


def test_from_a_writer_to_a_resident(db: Connection) -> None:
    """Written by one, approved by another, called by a third: only then it is offered among the first."""
    writer, other = keeper(db), keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    assert route(book.entries_of(db, CAM_TAN), Need(), NOW).suggestions == ()
    changes.approve(db, other, changes.open_revision(db, found).id, NOW)
    answer = route(book.entries_of(db, CAM_TAN), Need(), NOW)
    assert [s.entry.name for s in answer.late] == [trusted().name]
    changes.verify(db, writer, found, "right", "", NOW)
    answer = route(book.entries_of(db, CAM_TAN), Need(child=True, shelter=True), NOW)
    assert [s.entry.name for s in answer.local] == [trusted().name]
    assert [r.code for r in answer.local[0].reasons] == ["overnight", "children", "open"]


def test_the_country_of_the_benchmark_is_a_directory(engine: Engine) -> None:
    """Made-up services in bulk are records as any: read by staff and shown to residents by the same functions."""
    country.fill(engine, services=60)
    with reading(engine) as db:
        kept = records.read(db, db.execute(select(service.c.id)).scalars())
        assert len(kept) == 60
        communes = {r.commune for r in kept.values() if r.commune}
        assert communes <= {c.code for c in load().communes}
        shown = [e for c in sorted(communes) for e in book.entries_of(db, c) if e.reach == "commune"]
    assert 30 < len(shown) <= 60
    by_name = {r.name: r for r in kept.values()}
    for entry in shown:
        record = by_name[entry.name]
        assert entry.address == (record.address if record.address_public else "")
        assert entry.kind != "trusted_address" or (record.decision and record.consent)
        assert sorted(entry.takes) == sorted(record.takes)
