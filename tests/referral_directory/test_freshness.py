"""The list for the person at the phone: whom nobody has called for long, and no one else."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, update

from referral_directory import record as records
from referral_directory.freshness import stale
from referral_directory.models import service
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG, keeper, trusted

TODAY = date(2026, 11, 21)


def test_who_is_due_for_a_call(db: Connection) -> None:
    """Never called, or longer ago than asked, of one's own scope; without the private number; longest first."""
    approved = {"state": "approved", "edited_by": "a", "approved_by": "b"}
    for n, (days, commune) in enumerate(
        ((None, CAM_TAN), (61, CAM_TAN), (60, CAM_TAN), (200, CAM_TAN), (90, SOC_TRANG))
    ):
        province = "Thanh Hóa" if commune == CAM_TAN else "Cần Thơ"
        checked = {"assured_date": None if days is None else TODAY - timedelta(days=days)}
        one = trusted(name=f"Nơi {n}", commune=commune, province=province, phone="" if n else "0912345678")
        records.write(db, f"s{n}", one, **approved, **checked)
    records.write(db, "waiting", trusted(name="Chưa duyệt"), state="waiting")
    records.write(db, "sample", trusted(name="[MẪU]"), state="approved", sample=True)
    records.write(db, "gone", trusted(name="Không còn", status="defunct"), **approved)
    mine = stale(db, keeper(db), TODAY)
    assert [one.name for one in mine] == ["Nơi 0", "Nơi 3", "Nơi 1"]
    assert [one.phone for one in mine] == ["0912345678", "", ""]
    admin = keeper(db, "admin")
    assert [one.id for one in stale(db, admin, TODAY)] == ["s4", "s0", "s3", "s1"]
    assert [one.id for one in stale(db, admin, TODAY, days=100)] == ["s0", "s3"]
    assert [one.id for one in stale(db, admin, TODAY, province="Cần Thơ")] == ["s4"]
    assert [one.id for one in stale(db, admin, TODAY, commune=CAM_TAN)] == ["s0", "s3", "s1"]
    db.execute(update(service).values(assured_date=TODAY))
    assert stale(db, admin, TODAY) == []
