"""Nothing confidential reaches a page of the wrong person, a log, an export or an answer of the bot, whatever is kept."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from bot.log import set_up
from bot.staff.site import ROUTES
from bot.store.engine import transaction
from referral_directory import changes
from referral_directory.keeping import audit, history, revision, verification
from referral_directory.models import location, organization, service
from referral_directory.record import Record
from referral_directory.terms import KINDS
from tests.conftest import Bench
from tests.referral_directory.conftest import CAM_TAN, trusted
from tests.staff.cast import Cast, typed
from tests.staff.cast import cast as cast

PHONES = st.integers(10_000_000, 99_999_999).map(lambda n: f"09{n}")
PLACES = st.integers(1000, 9999).map(lambda n: f"nhà bà Zê{n}, ngõ sâu")
SPOTS = st.tuples(st.integers(100_000, 999_999), st.integers(100_000, 999_999))


@st.composite
def secretive(draw: Any) -> tuple[Record, tuple[str, ...]]:
    """Return a record and the strings of it that only staff of its commune may ever read."""
    private, place, (lat, lon) = draw(PHONES), draw(PLACES), draw(SPOTS)
    open_place = draw(st.booleans())
    record = trusted(
        kind=draw(st.sampled_from(KINDS)), phone="0912345678", private_phone=private, address=place,
        address_public=open_place, latitude=float(f"20.{lat}"), longitude=float(f"105.{lon}"),
        status=draw(st.sampled_from(("active", "temporarily closed"))),
    )  # fmt: skip
    hidden = () if open_place else (place, place.split(",")[0], f".{lat}", f".{lon}")
    return record, (private, f"{private[:4]} {private[4:7]} {private[7:]}", *hidden)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the process logs meanwhile."""
    out = io.StringIO()
    set_up(out)
    yield out
    structlog.reset_defaults()


def pages(cast: Cast, made: str, change: str) -> list[str]:
    """Return the address of every page that somebody can open, with the ids of this record where it has any."""
    found = []
    for route in ROUTES:
        if route.method == "GET" and not route.path.startswith(("/excel/e", "/content/")):
            ids = change if route.path.startswith("/changes") else made
            found.append(re.sub(r"\{\w+\}", ids, route.path))
    return [*found, "/entries?q=nha+ba", "/entries?q=ze", f"/entries/{made}/edit?from=live", "/audit?action=propose"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, deadline=None)
@given(secretive(), secretive())
def test_no_secret_is_on_a_page_of_the_wrong_person(
    cast: Cast, logged: io.StringIO, one: tuple[Record, tuple[str, ...]], two: tuple[Record, tuple[str, ...]]
) -> None:
    """Written, approved, called, changed: a supervisor, an administrator and another commune open every page there is."""
    made = cast.approved(one[0], called=1)
    cast.proposed(cast.hoa, two[0], made)
    change = cast.change_of(made)
    secrets = (*one[1], *two[1])
    for who in (cast.lan, cast.boss, cast.stranger):
        browser = cast.browser(who)
        for path in pages(cast, made, change):
            html = browser.get(path).text
            assert not [s for s in secrets if s in html], (who.role, path)
        for path, data in (
            (f"/entries/{made}/edit", typed(phone="123", private_phone="", address="")),
            (f"/entries/{made}/edit", {"do": "preview"}), (f"/entries/{made}/edit", typed(do="preview", address="")),
            (f"/changes/{change}/return", {"reason": ""}), (f"/entries/{made}/verify", {}),
            (f"/entries/{made}/retire", {}),
        ):  # fmt: skip
            html = browser.post(path, data).text
            assert not [s for s in secrets if s in html], (who.role, path)
    cast.send(cast.lan, f"/changes/{change}/approve")
    for path in pages(cast, made, made):
        html = cast.browser(cast.lan).get(path).text
        assert not [s for s in secrets if s in html], path
    assert not [s for s in secrets if s in logged.getvalue()]
    with transaction(cast.site.directory) as db:  # the next example begins anew
        for table in (history, verification, revision, audit, location, organization, service):
            db.execute(delete(table))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(secretive())
def test_no_secret_is_in_an_answer_of_the_bot(bench: Bench, one: tuple[Record, tuple[str, ...]]) -> None:
    """Whoever asks, however they ask: the bot tells public parts alone."""
    from tests.referral_directory.conftest import keeper

    record, secrets = one
    with transaction(bench.app.directory) as db:
        writer, other = keeper(db), keeper(db)
        made = changes.propose(db, writer, record, bench.app.machine.now())
        changes.approve(db, other, changes.open_revision(db, made).id, bench.app.machine.now())
        changes.verify(db, other, made, "right", "", bench.app.machine.now())
    said = [
        bench.say("chồng tôi vừa đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy", chat=made),
        bench.say("tôi không có chỗ ở đêm nay", chat=made), bench.say(button="more", chat=made),
        bench.say(location=(20.1, 105.5), chat=f"{made} b"),
    ]  # fmt: skip
    assert not [s for s in secrets if s in "\n".join(said)]
    with transaction(bench.app.directory) as db:
        db.execute(delete(location).where(location.c.id == made))
        for table in (history, verification, revision, audit):
            db.execute(delete(table))
        db.execute(delete(organization).where(organization.c.id == made))


def test_officers_of_the_commune_read_what_they_keep(cast: Cast) -> None:
    """The other side of it: those whose work it is see the number, the place and the spot."""
    made = cast.approved(trusted(address="nhà bà Zê", latitude=20.123456, longitude=105.5), called=1)
    page = cast.read(cast.mai, f"/entries/{made}")
    assert "0987 654 321" in page
    assert "nhà bà Zê" in page
    assert "20.123456" in page
    assert cast.mai.commune == CAM_TAN
