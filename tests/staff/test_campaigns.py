"""The pages of campaigns: what goes when and to whom, how far it is; only those in charge stop it, and it is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from bot.campaign.fanout import fan_out
from bot.clock import VIETNAM
from bot.staff.campaigns import ORDERS
from bot.staff.trail import ACTIONS
from bot.staff.visit import Site
from bot.store import campaigns
from bot.store.engine import reading, transaction
from bot.store.pace import Pace, set_pace
from bot.store.schema import campaign, delivery, subscription
from content import seasons
from referral_directory.keeping import audit
from tests.delivery.conftest import store as store  # SQLite and PostgreSQL
from tests.delivery.conftest import subscribe
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast

SEASON = "/campaigns/thang-hanh-dong"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=VIETNAM)


@pytest.fixture
def sending(cast: Cast, store: Engine) -> Cast:
    """The cast at noon with twelve subscribers of 12:00 on Telegram, whose messages of today are planned."""
    cast.site = replace(cast.site, people=store, paces={"telegram": Pace(28.0)}, now=lambda: NOON)
    subscribe(store, cast.site.keys, 12, minute=720)
    with transaction(store) as db:
        set_pace(db, "telegram", Pace(28.0))
        fan_out(db, "telegram", NOON)
    return cast


def state(site: Site) -> tuple[str, dict[str, int]]:
    """Return state and counters of today's campaign, checked against its rows."""
    with reading(site.people) as db:
        (found,) = [p for p in campaigns.progress(db, name="thang-hanh-dong") if p.day == NOON.date()]
        rows = campaigns.states(db, found.id)
    counts = {end: n for end, n in found.counts.items() if n and end != "total"}
    assert counts == {s: n for s, n in rows.items() if s not in ("ready", "sending")}
    return found.state, counts | {"left": found.left}


def lose(site: Site, count: int) -> None:
    """Let the end of so many messages be unknown."""
    with transaction(site.people) as db:
        some = select(delivery.c.id).where(delivery.c.state == "ready").limit(count).scalar_subquery()
        db.execute(update(delivery).where(delivery.c.id.in_(some)).values(state="unknown"))
        db.execute(update(campaign).values(unknown=campaign.c.unknown + count))


def deeds(cast: Cast) -> list[tuple[str, str]]:
    """Return the audit's lines on campaigns."""
    with reading(cast.site.directory) as db:
        rows = db.execute(select(audit.c.action, audit.c.entity_id).where(audit.c.entity == "campaign"))
        return [(r.action, r.entity_id) for r in rows]


def test_today_and_the_week(sending: Cast) -> None:
    """Planned and left by channel, the special day with its words, and how many get it."""
    page = sending.read(sending.lan, "/campaigns")
    assert "Telegram đang gửi 12 0 12 0 0 0" in page  # planned, sent, left, unknown, gone, failed
    assert "thứ Tư 25/11 Ngày Quốc tế xóa bỏ bạo lực" in page
    special = seasons.season_on(NOON.date()).special(datetime(2026, 11, 25).date())  # type: ignore[union-attr]
    assert special is not None
    assert special.text in page
    assert "Telegram 12 người, xong khoảng 12:00" in page
    page = sending.read(sending.lan, SEASON)
    assert "Lịch 25 ngày" in page
    assert "thứ Ba 15/12" in page
    assert len(sending.browser(sending.lan).page.content) <= 15_000
    page = sending.read(sending.lan, "/campaigns/ca-nam")
    assert "thứ Tư 16/12" in page
    assert len(sending.browser(sending.lan).page.content) <= 15_000


def test_pause_resume_and_cancel(sending: Cast) -> None:
    """Each asks first, acts once, is written down with who and what; what was cancelled cannot be resumed."""
    assert "cả những ngày sau" in sending.read(sending.lan, f"{SEASON}/pause")
    assert state(sending.site)[0] == "fanning_out"
    page = sending.send(sending.lan, f"{SEASON}/pause")
    assert "Đã tạm dừng" in page
    assert "Đang tạm dừng" in page
    assert state(sending.site)[0] == "paused"
    sending.send(sending.boss, f"{SEASON}/resume")
    assert state(sending.site)[0] == "fanning_out"
    sending.send(sending.lan, f"{SEASON}/cancel", {"day": "2026-11-21"})
    assert state(sending.site)[0] == "cancelled"
    assert "Không còn gì để làm" in sending.send(sending.lan, f"{SEASON}/resume")
    named = "thang-hanh-dong 21/11/2026"
    assert deeds(sending) == [(f"campaign_{do}", named) for do in ("pause", "resume", "cancel")]
    assert f"Hủy tin của một ngày : {named}" in sending.read(sending.lan, "/audit")


def test_a_day_that_is_sent_has_nothing_to_cancel(sending: Cast) -> None:
    """All have it: the badge says so, no cancelling is offered or done, and a later hour of theirs is no second message."""
    with transaction(sending.site.people) as db:
        db.execute(update(delivery).values(state="sent"))
        db.execute(update(campaign).values(sent=12))
        db.execute(update(subscription).values(minute=870))
    page = sending.read(sending.lan, SEASON)
    assert "Telegram đã gửi hết 12 12 0" in page
    assert "Hủy tin hôm nay" not in page
    assert "cancel?day=2026-11-21" not in sending.browser(sending.lan).page.text
    assert "Mọi người đã có tin hôm nay" in page
    assert "14:30" not in page.split("Chủ nhật")[0]
    assert "đã gửi hết, không còn gì để hủy" in sending.send(sending.lan, f"{SEASON}/cancel", {"day": "2026-11-21"})
    assert state(sending.site)[0] != "cancelled"
    assert deeds(sending) == []
    subscribe(sending.site.people, sending.site.keys, 3, "zalo", minute=900)
    sending.site = replace(sending.site, paces={"telegram": Pace(28.0), "zalo": Pace(2.0)})
    sending.browsers.clear()
    assert "Zalo Bot 3 người, xong khoảng 15:00" in sending.read(sending.lan, SEASON)
    sending.send(sending.lan, f"{SEASON}/cancel", {"day": "2026-11-21"})
    assert "đã hủy phần còn lại" in sending.read(sending.lan, SEASON)


def test_the_calendar_says_which_texts_go_out(sending: Cast) -> None:
    """The next item of most people stands in each row; where people are at different places, how many others go too."""
    season = seasons.season_on(NOON.date())
    assert season is not None
    second, third = season.on(NOON.date())[1:3]
    page = sending.read(sending.lan, SEASON)
    assert f"Chủ nhật 22/11 {second.text[:60]}" in page
    assert f"thứ Hai 23/11 {third.text[:60]}" in page
    assert "Mục tiếp theo của mỗi người" not in page
    with transaction(sending.site.people) as db:
        one = select(subscription.c.contact_id).limit(1).scalar_subquery()
        db.execute(update(subscription).where(subscription.c.contact_id == one).values(shown=""))
    assert "(và 1 mục khác, tùy người)" in sending.read(sending.lan, SEASON)


def test_a_day_to_come_is_left_out(sending: Cast) -> None:
    """From the calendar: the day is marked, the others go on."""
    assert "cancel?day=2026-11-25" in sending.browser(sending.lan).get(SEASON).text
    sending.send(sending.lan, f"{SEASON}/cancel", {"day": "2026-11-25"})
    page = sending.read(sending.lan, SEASON)
    assert re.search(r"25/11 Ngày Quốc tế xóa bỏ bạo lực[^.]*\. đã hủy", page)
    assert "cancel?day=2026-11-25" not in sending.browser(sending.lan).page.text
    assert state(sending.site)[0] == "fanning_out"
    assert sending.browser(sending.lan).get(f"{SEASON}/cancel?day=khi-nao").status_code == 404


def test_unknown_ones_are_counted_as_arrived(sending: Cast) -> None:
    """The count stands by campaign; counted once, nobody gets anything, and the report's numbers still agree."""
    lose(sending.site, 5)
    assert "5 tin Tháng hành động" in sending.read(sending.lan, "/campaigns")
    assert "5 tin không rõ" in sending.read(sending.lan, f"{SEASON}/count?day=2026-11-21")
    assert "Đã tính là đã tới. 5 tin." in sending.send(sending.lan, f"{SEASON}/count", {"day": "2026-11-21"})
    assert state(sending.site)[1] == {"sent": 5, "left": 7}
    assert "Không còn gì để làm" in sending.send(sending.lan, f"{SEASON}/count", {"day": "2026-11-21"})
    assert [action for action, _ in deeds(sending)] == ["campaign_count"]


def test_unknown_ones_are_sent_again_only_knowingly(sending: Cast) -> None:
    """The warning of doubling must be ticked; then they are ready again until tonight, also when the day was done."""
    lose(sending.site, 12)
    with transaction(sending.site.people) as db:
        campaigns.sweep(db, NOON)
        db.execute(update(campaign).values(state="done"))
        db.execute(update(delivery).values(expires=NOON.timestamp() - 60))
    assert "hai lần" in sending.read(sending.lan, f"{SEASON}/again?day=2026-11-21")
    page = sending.send(sending.lan, f"{SEASON}/again", {"day": "2026-11-21"})
    assert sending.browser(sending.lan).page.status_code == 400
    assert "Đánh dấu ô này" in page
    assert state(sending.site)[1] == {"unknown": 12, "left": 0}
    assert deeds(sending) == []
    sending.send(sending.lan, f"{SEASON}/again", {"day": "2026-11-21", "sure": "y"})
    assert state(sending.site) == ("running", {"left": 12})
    with reading(sending.site.people) as db:
        night = NOON.replace(hour=21).timestamp()
        assert set(db.execute(select(delivery.c.expires)).scalars()) == {night}


def test_yesterdays_unknown_ones_are_not_sent_again(sending: Cast) -> None:
    """A slogan of yesterday at noon today is worse than none: only counting is left."""
    lose(sending.site, 3)
    sending.at(NOON.replace(day=22))
    page = sending.send(sending.lan, f"{SEASON}/again", {"day": "2026-11-21", "sure": "y"})
    assert "đã quá giờ" in page
    assert state(sending.site)[1]["unknown"] == 3
    assert deeds(sending) == []


def test_only_those_in_charge_act(sending: Cast) -> None:
    """Officers have no such page; a supervisor of another province than the house's reads and cannot stop it."""
    assert sending.browser(sending.mai).get("/campaigns").status_code == 404
    assert sending.browser(sending.mai).post(f"{SEASON}/pause").status_code == 404
    sending.site = replace(sending.site, home="Cần Thơ")
    assert "do Cần Thơ gửi" in sending.read(sending.lan, "/campaigns")
    assert "Tạm dừng" not in sending.read(sending.lan, SEASON)
    assert sending.browser(sending.lan).post(f"{SEASON}/pause").status_code == 404
    assert sending.browser(sending.lan).get(f"{SEASON}/pause").status_code == 404
    sending.site = replace(sending.site, home="")
    sending.browsers.clear()
    assert "do quản trị gửi" in sending.read(sending.lan, "/campaigns")
    assert sending.browser(sending.lan).post(f"{SEASON}/pause").status_code == 404
    assert sending.browser(sending.boss).get(f"{SEASON}/pause").status_code == 200
    assert state(sending.site)[0] == "fanning_out"
    assert {f"campaign_{do}" for do in ORDERS} <= set(ACTIONS)


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A campaign file with a slip."""
    folder = tmp_path / "campaigns"
    folder.mkdir()
    (folder / "sai.yml").write_text("kind: daily\n", encoding="utf-8")
    monkeypatch.setattr(seasons, "_HERE", folder)
    for cached in (seasons._files, seasons.seasons, seasons.onces, seasons.find):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (seasons._files, seasons.seasons, seasons.onces, seasons.find):
        cached.cache_clear()


def test_a_file_with_a_slip_is_told(cast: Cast, broken: None) -> None:
    """What is wrong and where, instead of a page that breaks."""
    assert "sai.yml" in cast.read(cast.lan, "/campaigns")
    assert cast.browser(cast.lan).get(SEASON).status_code == 404
