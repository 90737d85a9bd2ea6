"""Two persons for every change: nothing reaches a resident that one person alone wrote; everything is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.clock import VIETNAM
from referral_directory import book, changes
from referral_directory import record as records
from referral_directory.changes import Proposal
from referral_directory.keeper import OutOfScope, Refused, machine
from referral_directory.keeping import MACHINE, audit, history, revision, session, staff, verification
from referral_directory.models import service
from referral_directory.routing import Need, route
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG, keeper, trusted

NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)


def waiting(db: Connection, service_id: str) -> str:
    """Return the id of the open revision."""
    return str(changes.open_revision(db, service_id).id)


def test_a_record_is_shown_when_another_person_approved_it(db: Connection) -> None:
    """Written, not shown; approved, shown with what is public and nothing else."""
    writer, other = keeper(db), keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    assert book.entries_of(db, CAM_TAN) == []
    changes.approve(db, other, waiting(db, found), NOW)
    (entry,) = book.entries_of(db, CAM_TAN)
    assert (entry.name, entry.phone, entry.address) == ("Địa chỉ tin cậy thôn Phú Lai", "0912 345 678", "")
    assert records.read(db, [found])[found] == trusted()
    actions = db.execute(select(audit.c.action).order_by(audit.c.id)).scalars().all()
    assert actions == ["propose", "approve"]


def test_the_writer_cannot_approve(db: Connection) -> None:
    """Neither by the function, nor past it: the database refuses."""
    writer = keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    with pytest.raises(Refused, match="Nhờ một người khác"):
        changes.approve(db, writer, waiting(db, found), NOW)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(update(revision).values(state="approved", decided_by=writer.id))
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(update(service).values(state="approved", edited_by=writer.id, approved_by=writer.id))
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(update(service).values(state="approved"))


def test_an_edit_is_not_shown_before_it_is_approved(db: Connection) -> None:
    """Residents keep the approved phone until the new one is approved; then history tells both."""
    writer, other = keeper(db), keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    changes.approve(db, other, waiting(db, found), NOW)
    changes.propose(db, writer, trusted(phone="0909 000 111"), NOW, found)
    assert book.entries_of(db, CAM_TAN)[0].phone == "0912 345 678"
    changes.approve(db, other, waiting(db, found), NOW)
    assert book.entries_of(db, CAM_TAN)[0].phone == "0909 000 111"
    last = db.execute(select(history).order_by(history.c.id.desc())).first()
    assert last is not None
    assert (last.field, last.old, last.new) == ("phone", "0912 345 678", "0909 000 111")
    assert (last.author, last.approver) == (writer.id, other.id)


def test_a_returned_change_goes_back_with_its_reason(db: Connection) -> None:
    """It is not shown, its writer reads why, and writes it anew."""
    writer, other = keeper(db), keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    with pytest.raises(Refused, match="lý do"):
        changes.send_back(db, other, waiting(db, found), " ", NOW)
    changes.send_back(db, other, waiting(db, found), "Thiếu số quyết định", NOW)
    assert changes.open_revision(db, found).reason == "Thiếu số quyết định"
    changes.propose(db, writer, trusted(), NOW, found)
    changes.approve(db, other, waiting(db, found), NOW)
    assert len(book.entries_of(db, CAM_TAN)) == 1


def test_retired_means_shown_no_more(db: Connection) -> None:
    """A service goes as it came: by two persons."""
    writer, other = keeper(db), keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    changes.approve(db, other, waiting(db, found), NOW)
    changes.retire(db, writer, found, NOW)
    assert len(book.entries_of(db, CAM_TAN)) == 1
    changes.approve(db, other, waiting(db, found), NOW)
    assert book.entries_of(db, CAM_TAN) == []


def test_another_commune_is_not_there(db: Connection) -> None:
    """Nobody writes into, moves into, approves in, or verifies in a commune that is not theirs."""
    writer, other = keeper(db), keeper(db)
    stranger = keeper(db, commune=SOC_TRANG, province="Cần Thơ")
    found = changes.propose(db, writer, trusted(), NOW)
    for attempt in (
        lambda: changes.propose(db, stranger, trusted(), NOW),
        lambda: changes.propose(db, stranger, trusted(commune=SOC_TRANG, province="Cần Thơ"), NOW, found),
        lambda: changes.propose(db, writer, trusted(commune=SOC_TRANG, province="Cần Thơ"), NOW, found),
        lambda: changes.propose(db, writer, trusted(province="Cần Thơ"), NOW, found),
        lambda: changes.approve(db, stranger, waiting(db, found), NOW),
        lambda: changes.send_back(db, stranger, waiting(db, found), "không", NOW),
        lambda: changes.verify(db, stranger, found, "right", "", NOW),
        lambda: changes.retire(db, stranger, found, NOW),
    ):
        with pytest.raises(OutOfScope):
            attempt()
    changes.approve(db, other, waiting(db, found), NOW)


def test_only_a_call_that_found_all_right_verifies(db: Connection) -> None:
    """Nobody at the phone leaves the day of the last check as it was."""
    writer, other = keeper(db), keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    changes.approve(db, other, waiting(db, found), NOW)
    changes.verify(db, writer, found, "no_answer", "gọi 3 lần", NOW)
    assert book.entries_of(db, CAM_TAN)[0].verified is None
    changes.verify(db, writer, found, "right", "", NOW)
    assert book.entries_of(db, CAM_TAN)[0].verified == NOW.date()


@pytest.mark.parametrize("gone", ["closed", "changed"])
def test_what_a_call_found_otherwise_is_no_longer_told_as_checked(db: Connection, gone: str) -> None:
    """At once it stands after the national lines; and it is seen no longer than if nobody had called."""
    writer, other = keeper(db), keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    changes.approve(db, other, waiting(db, found), NOW)
    changes.verify(db, writer, found, "right", "", NOW)
    assert route(book.entries_of(db, CAM_TAN), Need(), NOW).local
    later = NOW + timedelta(days=10)
    changes.verify(db, other, found, gone, "", later)
    shown = route(book.entries_of(db, CAM_TAN), Need(), later)
    assert (shown.local, [s.entry.verified for s in shown.late]) == ((), [None])
    assert route(book.entries_of(db, CAM_TAN), Need(), NOW + timedelta(days=180)).late
    assert not route(book.entries_of(db, CAM_TAN), Need(), NOW + timedelta(days=181)).late
    changes.verify(db, writer, found, "right", "nhầm, vẫn còn", later)
    assert route(book.entries_of(db, CAM_TAN), Need(), later).local


def test_two_writers_do_not_overwrite_each_other(db: Connection) -> None:
    """Who edits an older version is told so, and loses nothing that was approved."""
    writer, other = keeper(db), keeper(db)
    found = changes.propose(db, writer, trusted(), NOW)
    changes.approve(db, other, waiting(db, found), NOW)
    changes.propose_all(db, writer, [Proposal(trusted(phone="0909 000 111"), found, 1)], NOW)
    changes.approve(db, other, waiting(db, found), NOW)
    with pytest.raises(Refused, match="vừa sửa"):
        changes.propose_all(db, other, [Proposal(trusted(phone="0909 000 222"), found, 1)], NOW)


def test_many_changes_are_written_as_one_is(db: Connection) -> None:
    """New records, an edit and a fresh draft in one go: each waits with its own revision, version and line of audit."""
    writer, other = keeper(db), keeper(db)
    live = changes.propose(db, writer, trusted(), NOW)
    changes.approve(db, other, waiting(db, live), NOW)
    begun = changes.propose(db, writer, trusted(name="Nhà thôn Hai"), NOW, draft=True)
    ids = changes.propose_all(
        db, writer,
        [
            Proposal(trusted(phone="0909 000 111"), live, 1), Proposal(trusted(name="Nhà thôn Ba"), begun),
            Proposal(trusted(name="Nhà thôn Bốn")),
        ],
        NOW, source="excel",
    )  # fmt: skip
    assert ids[:2] == [live, begun]
    assert book.entries_of(db, CAM_TAN)[0].phone == "0912 345 678"
    for found, base in zip(ids, (1, 0, 0), strict=True):
        change = changes.open_revision(db, found)
        assert (change.state, change.source, change.base, change.author) == ("waiting", "excel", base, writer.id)
    names = db.execute(select(service.c.name).order_by(service.c.name)).scalars().all()
    assert names == ["Nhà thôn Ba", "Nhà thôn Bốn", "Địa chỉ tin cậy thôn Phú Lai"]
    assert records.read(db, [ids[2]])[ids[2]].phone == ""  # nobody approved it: the tables hold nothing private
    assert db.execute(select(audit.c.action)).scalars().all().count("propose") == 5
    for found in ids:
        changes.approve(db, other, waiting(db, found), NOW)
    assert len(book.entries_of(db, CAM_TAN)) == 3


def test_one_refused_change_keeps_all_back(db: Connection) -> None:
    """An old version, a strange commune, a service of others, or one service twice: nothing of the batch is written."""
    writer, other = keeper(db), keeper(db)
    live = changes.propose(db, writer, trusted(), NOW)
    changes.approve(db, other, waiting(db, live), NOW)
    stranger = changes.propose(db, keeper(db, "admin"), trusted(commune=SOC_TRANG, province="Cần Thơ"), NOW)
    for bad in (
        Proposal(trusted(phone="0909 000 222"), live, 0),
        Proposal(trusted(commune=SOC_TRANG, province="Cần Thơ")),
        Proposal(trusted(), stranger),
        Proposal(trusted(phone="0909 000 333"), live, 1),
    ):
        with pytest.raises(Refused), db.begin_nested():
            changes.propose_all(db, writer, [Proposal(trusted(name="Mới")), Proposal(trusted(), live, 1), bad], NOW)
        assert changes.open_revision(db, live) is None
        assert db.execute(select(func.count()).select_from(service)).scalar() == 2


def test_the_machine_neither_approves_nor_verifies_nor_signs_in(db: Connection) -> None:
    """The command line proposes; by the functions or past them, it can be nobody's second person."""
    importer, writer = machine(db, NOW), keeper(db)
    assert machine(db, NOW) == importer
    found = changes.propose(db, writer, trusted(), NOW)
    with pytest.raises(Refused, match="Máy không duyệt"):
        changes.approve(db, importer, waiting(db, found), NOW)
    changes.approve(db, keeper(db), waiting(db, found), NOW)
    with pytest.raises(Refused, match="Máy không gọi"):
        changes.verify(db, importer, found, "right", "", NOW)
    line = {"id": "v", "service_id": found, "at": 0.0, "by": MACHINE, "found": "right"}
    signed_in = {"token": b"t", "staff_id": MACHINE, "csrf": "", "full": True, "created_at": 0.0, "seen_at": 0.0}
    for past in (
        update(revision).values(decided_by=MACHINE),
        update(service).values(approved_by=MACHINE),
        update(staff).where(staff.c.id == MACHINE).values(password="$argon2id$…"),
        insert(verification).values(**line),
        insert(session).values(**signed_in),
    ):
        with pytest.raises(IntegrityError), db.begin_nested():
            db.execute(past)
    (own,) = changes.propose_all(db, importer, [Proposal(trusted(name="Nhà thôn Hai"))], NOW, source="command")
    changes.approve(db, keeper(db), waiting(db, own), NOW)
    assert len(book.entries_of(db, CAM_TAN)) == 2
