"""The directory in HSDS 3.1.3: what others read of it, and what nobody reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from bot.clock import VIETNAM
from bot.store.engine import transaction
from referral_directory import book, changes, hsds
from referral_directory import record as records
from referral_directory.hsds import Wanted
from referral_directory.keeper import Keeper
from referral_directory.publishing import lacking
from referral_directory.record import Record, term_id
from tests.referral_directory.conftest import CAM_TAN, keeper, trusted
from tests.referral_directory.hsds_rules import check, official

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)


def approved(db: Connection, record: Record, now: datetime = NOW, service_id: str | None = None) -> str:
    """Write a record by one person, approve it by another; return its id.

    What nobody may approve today (`lacking`) is written as an approved record of an earlier day.
    """
    writer, other = (keeper(db, "admin", province="") for _ in range(2))
    found = changes.propose(db, writer, record, now, service_id)
    if lacking(record):
        both = {"state": "approved", "edited_by": writer.id, "approved_by": other.id, "version": 1}
        records.write(db, found, record, **both, last_modified=now.timestamp())
    else:
        changes.approve(db, other, changes.open_revision(db, found).id, now)
    return found


def police(**more: Any) -> Record:
    """Return a record of a police station with everything that can be known."""
    values: dict[str, Any] = {
        "kind": "police", "name": "Công an xã Cẩm Tân", "commune": CAM_TAN, "province": "Thanh Hóa",
        "description": "Trực cả đêm", "phone": "0000 000 113", "private_phone": "0000 999 999",
        "address": "thôn Phú Lai", "address_public": True, "latitude": 20.1, "longitude": 105.4,
        "hours": "giờ hành chính", "takes": ("children", "men"), "types": ("physical",), "languages": ("mtq", "vi"),
    }  # fmt: skip
    return Record(**{**values, **more})


def everything(db: Connection) -> list[dict[str, Any]]:
    """Return all services in full."""
    return [one for page in hsds.pages(db, 100) for one in page["contents"]]


RECORDS = {
    "police": police(),
    "bare": Record(kind="womens_union", name="Hội LHPN", commune=CAM_TAN, province="Thanh Hóa"),
    "province": police(kind="social_work", name="Trung tâm", commune=0, status="temporarily closed", hours="hỏi trước"),
    "trusted": trusted(address_public=True, hours="22h-5h", distance_km=1.5),
    "point": police(address="", latitude=20.2),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_service_has_what_the_standard_requires(db: Connection, name: str) -> None:
    """Required fields, enumerations, ids, times: of the fullest record and of the emptiest."""
    approved(db, RECORDS[name])
    (full,) = everything(db)
    (listed,) = hsds.page(db, 1, 10)["contents"]
    check(full)
    check(listed)
    assert not {"metadata", "assurer_email"} & full.keys()


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.skipif(official("service") is None, reason="the official schema is not beside this checkout")
def test_the_official_schema_agrees(db: Connection, name: str) -> None:
    """Compiled schemas of Open Referral: a full service, and a service of a list; and they would refuse a wrong one."""
    approved(db, RECORDS[name])
    full, listed = official("service"), official("service_list")
    assert full is not None
    assert listed is not None
    (found,) = everything(db)
    full.validate(found)
    listed.validate(hsds.page(db, 1, 10)["contents"][0])
    assert not full.is_valid({**found, "status": "open"})
    assert not full.is_valid({**found, "phones": [{"number": "1"}]})


def test_a_service_tells_what_it_is(db: Connection) -> None:
    """Commune as city, hours with their days, the kind as an attribute, the day of the last call."""
    found = approved(db, police())
    changes.verify(db, keeper(db), found, "right", "ghi chú", NOW)
    told = hsds.service_of(db, found)
    assert told is not None
    assert told["assured_date"] == "2026-11-21"
    assert told["last_modified"] == "2026-11-21T02:00:00.000Z"
    assert [p["number"] for p in told["phones"]] == ["0000 000 113"]
    (place,) = told["service_at_locations"]
    assert (place["location"]["latitude"], place["location"]["longitude"]) == (20.1, 105.4)
    (address,) = place["location"]["addresses"]
    assert (address["city"], address["state_province"]) == ("Xã Cẩm Tân", "Thanh Hóa")
    assert (address["country"], address["postal_code"]) == ("VN", "")
    hours = {(s["byday"], s["opens_at"], s["closes_at"]) for s in told["schedules"]}
    assert hours == {
        ("MO,TU,WE,TH,FR", "07:30+07:00", "11:30+07:00"),
        ("MO,TU,WE,TH,FR", "13:30+07:00", "17:00+07:00"),
    }
    terms = {(a["taxonomy_term"]["taxonomy"], a["taxonomy_term"]["code"]) for a in told["attributes"]}
    assert terms == {("kind", "police"), ("takes", "children"), ("takes", "men"), ("for", "physical")}
    assert told["service_areas"][0]["extent"] == str(CAM_TAN)
    assert {spoken["code"] for spoken in told["languages"]} == {"mtq", "vi"}


def test_only_what_two_persons_approved_is_told(db: Connection) -> None:
    """Drafts, waiting, returned and retired records are not there, by no way of asking."""
    writer, other = keeper(db), keeper(db)
    draft = changes.propose(db, writer, police(name="Nháp"), NOW, draft=True)
    waiting = changes.propose(db, writer, police(name="Chờ"), NOW)
    returned = changes.propose(db, writer, police(name="Trả"), NOW)
    changes.send_back(db, other, changes.open_revision(db, returned).id, "thiếu số", NOW)
    retired = approved(db, police(name="Rút"))
    changes.retire(db, writer, retired, NOW)
    assert [one["name"] for one in everything(db)] == ["Rút"]
    changes.approve(db, other, changes.open_revision(db, retired).id, NOW)
    assert everything(db) == []
    for shape in ("list", "full", "minimal"):
        assert hsds.page(db, 1, 10, shape)["empty"]
    for service_id in (draft, waiting, returned, retired):
        assert hsds.service_of(db, service_id) is None


def test_a_trusted_address_is_told_when_it_was_published(db: Connection) -> None:
    """By a decision and with the holder's consent, both; withdrawn, it is gone at once."""
    approved(db, trusted(consent=False))
    approved(db, trusted(decision=""))
    assert everything(db) == []
    found = approved(db, trusted())
    assert [one["id"] for one in everything(db)] == [found]
    approved(db, trusted(consent=False), service_id=found)
    assert hsds.service_of(db, found) is None


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (trusted(address="nhà không có thật", address_public=False), False),
        (trusted(address="nhà không có thật", address_public=True), True),
        (police(address_public=False), False),
        (police(shelter="overnight"), True),
        (police(kind="social_work", shelter="overnight"), False),
        (police(kind="social_work", shelter="overnight", decision="1/QĐ"), False),
        (police(kind="social_work", shelter="overnight", decision="1/QĐ", consent=True), True),
        (police(kind="social_work", shelter="receive"), True),
    ],
)
def test_a_place_that_is_not_public_is_told_by_nothing(db: Connection, record: Record, told: bool) -> None:
    """Neither street nor coordinates; a shelter for the night only by decision and with consent."""
    approved(db, record)
    (one,) = everything(db)
    assert ("service_at_locations" in one) is told
    assert (record.address in str(one)) is told


def test_sample_rows_say_so(db: Connection) -> None:
    """In a list as in full; taken out of the directory, they are gone here too."""
    book.set_sample(db, True, NOW.date())
    found = everything(db)
    assert found
    for one in found + hsds.page(db, 1, 100)["contents"]:
        check(one)
        assert one["name"].startswith("[MẪU]")
        assert "không có thật" in one["alert"]
    assert all(any(a["taxonomy_term"]["code"] == "sample" for a in one["attributes"]) for one in found)
    assert hsds.page(db, 1, 100, wanted=Wanted(taxonomy_term_id=term_id("sample", "sample")))["total_items"] == len(
        found
    )
    book.set_sample(db, False, NOW.date())
    assert everything(db) == []


def test_pages_hold_everything_once(db: Connection) -> None:
    """In one order; the counts fit; behind the last page is an empty one."""
    ids = {approved(db, police(name=f"Công an {n}")) for n in range(5)}
    pages = [hsds.page(db, n, 2) for n in (1, 2, 3, 4)]
    assert [p["size"] for p in pages] == [2, 2, 1, 0]
    assert [p["first_page"] for p in pages] == [True, False, False, False]
    assert [p["last_page"] for p in pages] == [False, False, True, True]
    assert [p["empty"] for p in pages] == [False, False, False, True]
    assert {(p["total_items"], p["total_pages"]) for p in pages} == {(5, 3)}
    assert sorted(one["id"] for p in pages for one in p["contents"]) == sorted(ids)
    assert list(hsds.pages(db, 2)) == [hsds.page(db, n, 2, "full") for n in (1, 2, 3)]


def test_an_empty_directory_is_one_empty_page(db: Connection) -> None:
    """First and last at once."""
    (page,) = hsds.pages(db, 10)
    assert page == hsds.page(db, 1, 10)
    assert (page["empty"], page["first_page"], page["last_page"], page["total_pages"]) == (True, True, True, 0)


def test_filters_hold_together(db: Connection) -> None:
    """Each narrows, as the standard says; a check by telephone counts as a change."""
    later = datetime(2026, 11, 22, 9, tzinfo=VIETNAM)
    old = approved(db, police())
    new = approved(db, police(kind="hospital", name="Bệnh viện", takes=()), later)

    def asked(**more: Any) -> set[str]:
        return {one["id"] for one in hsds.page(db, 1, 10, "minimal", Wanted(**more))["contents"]}

    assert asked() == {old, new}
    assert asked(modified_after=later.timestamp()) == {new}
    assert asked(organization_id=old) == {old}
    assert asked(taxonomy_term_id=term_id("kind", "hospital")) == {new}
    assert asked(taxonomy_term_id=term_id("takes", "men")) == {old}
    assert asked(taxonomy_term_id=term_id("for", "physical"), modified_after=later.timestamp()) == {new}
    assert asked(search="benh vien cam tan") == {new}
    assert asked(search="Cẩm Tân", taxonomy_term_id=term_id("takes", "men")) == {old}
    changes.verify(db, keeper(db), old, "right", "", later)
    assert asked(modified_after=later.timestamp()) == {old, new}


def test_more_services_cost_no_more_queries(engine: Engine) -> None:
    """One query for each table, whether a page holds one service or twenty."""
    with transaction(engine) as db:
        for n in range(20):
            approved(db, police(name=f"Công an {n}"))
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    counts = []
    for size in (1, 20):
        with transaction(engine) as db:
            asked.clear()
            assert hsds.page(db, 1, size, "full")["size"] == size
            counts.append(len(asked))
    assert counts[0] == counts[1]


def test_who_checked_is_not_told(db: Connection) -> None:
    """A sign-in name is a person's, even where it looks like an office's."""
    found = approved(db, police())
    writer = keeper(db)
    changes.verify(db, Keeper(writer.id, writer.name, "admin", login="mai@hoi-phu-nu.example"), found, "right", "", NOW)
    assert "example" not in str(hsds.service_of(db, found))
