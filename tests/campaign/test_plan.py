"""The quota plan tells what cannot fit before it fails, and gives the days that matter first."""

from __future__ import annotations

from datetime import datetime

from bot.campaign import plan
from bot.campaign.plan import Limit
from bot.clock import VIETNAM

NOW = datetime(2026, 11, 21, 8, tzinfo=VIETNAM)


def test_a_channel_with_room_pushes_every_day() -> None:
    """Telegram for 30,000 people at one hour: every day, done within the grace."""
    (found,) = plan.forecast([("telegram", 420, 30_000)], [Limit("telegram", 28.0)], NOW, 14)
    assert all(day.push and day.messages == 30_000 for day in found.days)
    assert found.days[0].last_at == "07:17"
    assert found.warnings == ()


def test_a_crowded_hour_is_told() -> None:
    """A million people at 07:00 cannot all be reached within two hours at 28 a second."""
    (found,) = plan.forecast([("telegram", 420, 1_000_000)], [Limit("telegram", 28.0)], NOW, 3)
    assert found.days[0].late == 1_000_000 - 28 * 7200
    assert "quá đông" in " ".join(found.warnings)


def test_a_small_plan_pushes_the_days_that_matter() -> None:
    """50 people a bot and 3,000 messages a month: who does not fit is told, and 25/11 is among the days pushed."""
    limits = plan.limits_of({"zalo": plan.Pace(2.0, 3000)}, {"zalo": 2600})
    (found,) = plan.forecast([("zalo", 420, 80)], limits, NOW, 24)
    assert found.reached == 50
    november = [day for day in found.days if day.day < "2026-12"]
    assert sum(day.push for day in november) == 250 // 50
    assert next(day for day in november if day.day == "2026-11-25").push
    assert sum(day.push for day in found.days if day.day > "2026-12") == 14
    told = "\n".join(plan.lines([found]))
    assert "30 người không nhận được" in told
    assert "khẩu hiệu hôm nay" in told


def test_the_web_cannot_be_pushed() -> None:
    """Who subscribed on the web page is told to ask; OA articles are planned, not sent."""
    found = plan.forecast([("web", 420, 5), ("zalo_oa", 420, 9)], plan.limits_of({}, {}), NOW, 60)
    assert not any(day.push for day in found[0].days)
    assert sum(day.push for day in found[1].days if day.day.startswith("2026-12")) == 4
    assert "bài viết" in found[1].warnings[0]
    assert any("khẩu hiệu" in warning for warning in found[1].warnings)
    assert plan.lines([]) == ["Chưa có ai đăng ký nhận tin."]
    assert plan.as_json(found[0])["bot"] == "web"
