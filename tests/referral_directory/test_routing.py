"""The referral ladder holds whatever the directory contains and whatever the hour."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

import content
from bot.clock import VIETNAM
from nlu.labels import TYPES
from referral_directory.models import KINDS
from referral_directory.routing import CHANGE_KINDS, Entry, Need, route

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(VIETNAM))
ENTRIES = st.lists(
    st.builds(
        Entry, st.text(min_size=1, max_size=9), st.sampled_from(KINDS),
        verified=st.none() | st.dates(date(2025, 1, 1), date(2028, 1, 1)),
    ), max_size=9,
)  # fmt: skip
NEEDS = st.builds(
    Need, st.lists(st.sampled_from(TYPES), max_size=3).map(tuple), st.booleans(),
    st.sampled_from(("", "change", *KINDS)), st.booleans(), st.sampled_from(("", "Hồ Chí Minh", "Thanh Hóa")),
)  # fmt: skip


@given(ENTRIES, NEEDS, MOMENTS)
def test_every_route_leads_out(entries: list[Entry], need: Need, now: datetime) -> None:
    """There are always two ways out of the commune, the right ones, and no forbidden number."""
    answer = route(entries, need, now)
    ids = [line.id for line in answer.lines]
    assert len(ids) >= 2
    assert ids[0] == "113"
    assert "112" not in ids
    assert all(line.is_open(now) for line in answer.lines)
    assert "1900545559" not in ids or need.province == "Hồ Chí Minh"
    assert not {line.number for line in answer.lines} & set(content.never_served())
    if need.kind != "change" and (need.child or {"child", "school", "trafficking"} & set(need.types)):
        assert "111" in ids[:2]
    if need.kind == "change":
        assert {e.kind for e in answer.local} <= set(CHANGE_KINDS)
    if need.avoid_commune:
        assert not answer.local
    for entry in answer.local:
        assert entry.verified is None or now.date() - entry.verified <= timedelta(days=180)
