"""The library as staff see it: what is served today and why not, how it looks on each channel, poster and bulletin."""

from __future__ import annotations

import io
import re
import struct
from datetime import date, datetime, timedelta

import pytest
from docx import Document

import content
from bot.channels import telegram, zalo_bot, zalo_oa
from bot.channels.preview import LIMITS, OA_BUTTONS, previews
from bot.clock import VIETNAM
from bot.messages import Button, Outgoing
from bot.staff.library import LAPSES
from bot.store.engine import transaction
from content import check
from referral_directory import events
from referral_directory.events import Wanted
from tests.staff.cast import Cast
from tests.staff.cast import cast as cast

NOW = datetime(2026, 11, 25, 9, tzinfo=VIETNAM)
READ_AGAIN = date(2026, 12, 31)


@pytest.fixture
def today(cast: Cast) -> Cast:
    """The cast on 25/11/2026."""
    cast.at(NOW)
    return cast


def fact(**more: object) -> content.Fact:
    """Return a fact that may be served."""
    values: dict[str, object] = {
        "id": "x", "topic": "x", "text": "x", "instrument": "Luật", "article": "Đ1", "effective_from": None,
        "effective_to": None, "checked_on": date(2026, 11, 1), "approved_by": "chị Lan",
    }  # fmt: skip
    return content.Fact(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "state", "why"),
    [
        ({}, "served", ""),
        ({"approved_by": ""}, "held", "chưa ai duyệt"),
        ({"effective_from": date(2026, 11, 26)}, "held", "có hiệu lực từ 26/11/2026"),
        ({"effective_to": date(2026, 11, 25)}, "soon", "còn 1 ngày: hết hiệu lực"),
        ({"effective_to": date(2026, 11, 24)}, "held", "hết hiệu lực, từ 25/11/2026"),
        ({"effective_to": date(2026, 11, 24), "replaced_by": "y"}, "held", "hết hiệu lực, thay bằng y, từ 25/11/2026"),
        ({"review_by": READ_AGAIN}, "soon", "còn 37 ngày: đến hạn đọc lại"),
        ({"review_by": date(2027, 11, 25)}, "served", ""),
    ],
)
def test_how_a_fact_stands(given: dict[str, object], state: str, why: str) -> None:
    """Served, for how long still, or held back and why; never another answer than the bot's own."""
    one = fact(**given)
    assert check.standing(one, NOW.date()) == check.Standing(state, why)


def test_the_page_agrees_with_the_bot() -> None:
    """Of every fact and on days before, between and after: "held" exactly where the bot does not serve it."""
    for day in (date(2025, 6, 1), date(2026, 11, 25), READ_AGAIN, READ_AGAIN + timedelta(days=1)):
        for one in content.facts().values():
            assert (check.standing(one, day).state != "held") == one.may_be_served(day), (one.id, day)


def test_today(today: Cast) -> None:
    """Slogan and poster of the day, how many facts are served, what lapses."""
    page = today.read(today.mai, "/content")
    assert "Hưởng ứng Ngày quốc tế xóa bỏ bạo lực đối với phụ nữ 25/11/2026." in page
    assert f"{len(content.facts())} mục" in page
    assert "Ngày Quốc tế xóa bỏ bạo lực đối với phụ nữ" in page
    today.at(NOW.replace(year=2027, month=1, day=2))
    page = today.read(today.mai, "/content")
    assert "đang giữ lại" in page
    assert "01/01/2027 : " in page
    today.at(NOW.replace(year=2026, month=12, day=20))
    page = today.read(today.mai, "/content")
    lapsing = [one for one in check.lapses(date(2026, 12, 20), check.SOON_DAYS)[:LAPSES] if one.id in content.facts()]
    assert lapsing
    for one in lapsing:  # people read what a fact says, not what the program calls it
        assert content.facts()[one.id].text[:40] in page
        assert f" {one.id} " not in page


def test_every_item_of_every_list_opens(today: Cast) -> None:
    """All pages of all lists, each within its size; each item with source, dates, who approved, and its channels."""
    for what, count in (("facts", len(content.facts())), ("slogans", len(content.slogans())), ("quiz", 80)):
        seen: list[str] = []
        for number in range(1, 30):
            html = today.browser(today.mai).get(f"/content/list?what={what}&page={number}")
            assert len(html.content) <= 15_000
            ids = [part.split('"')[0] for part in html.text.split(f"/content/item?what={what}&amp;id=")[1:]]
            if set(ids) <= set(seen):
                break
            seen += ids
        assert len(seen) >= count
        for key in (*seen[:2], seen[-1]):
            page = today.read(today.mai, f"/content/item?what={what}&id={key}")
            assert "Zalo Bot" in page
            assert len(today.browser(today.mai).page.content) <= 15_000
    assert "Đáp án" in today.read(today.mai, "/content/item?what=quiz&id=fine-beat")
    fine = today.read(today.mai, "/content/item?what=facts&id=fine-beat")
    assert content.facts()["fine-beat"].text in fine
    assert "Đáp án" not in fine
    page = today.read(today.mai, "/content/list?what=days")
    links = set(re.findall(r'"/staff/content/(week\?day=[^"]+)"', today.browser(today.mai).page.text))
    assert "week?day=2026-12-10" in links
    assert len(links) > 5
    assert "07/12" in today.read(today.mai, "/content/week?day=2026-12-10")
    assert "Ngày Quốc tế xóa bỏ bạo lực đối với phụ nữ 25/11/2026" in page
    assert today.browser(today.mai).get("/content/item?what=facts&id=khong-co").status_code == 404
    assert today.browser(today.mai).get("/content/list?what=khong-co").status_code == 404


def test_one_fact(today: Cast) -> None:
    """Where it stands in the law, since when, checked when, approved by whom, until when it may be told."""
    one = content.facts()["dv-def"]
    page = today.read(today.mai, "/content/item?what=facts&id=dv-def")
    for words in (
        one.text,
        one.instrument,
        "từ 01/07/2023",
        "21/11/2026",
        one.approved_by,
        "31/12/2026",
        one.sources[0],
    ):
        assert words in page
    assert "Hôm nay đang dùng, sắp hết hạn còn 37 ngày: đến hạn đọc lại." in page
    found = today.read(today.mai, "/content/list?what=facts&q=ket+hon")
    assert "kết hôn" in found
    assert "tạm lánh miễn phí" not in found


def test_choices_on_each_channel(today: Cast) -> None:
    """Buttons where there are buttons, numbers on Zalo Bot."""
    page = today.read(today.mai, "/content/item?what=quiz&id=law-2022")
    assert "Đáp án: 01/7/2023" in page
    assert page.count("lựa chọn là nút bấm") == 3
    assert "lựa chọn được đánh số" in page
    assert "Gõ số: 1. " in page


def test_a_preview_is_what_the_channel_sends() -> None:
    """Limits are the channels' own; a long text is cut for Zalo and not for Telegram; six choices are numbered."""
    assert {
        m.__name__.split(".")[-1].removesuffix("_bot"): m.TEXT_LIMIT for m in (telegram, zalo_bot, zalo_oa)
    } == LIMITS
    assert OA_BUTTONS == zalo_oa.BUTTONS
    shown = {
        p.channel: p for p in previews(Outgoing("một hai ba " * 300, tuple(Button(str(n), "x") for n in range(6))))
    }
    assert {name: len(p.texts) for name, p in shown.items()} == {"web": 1, "telegram": 1, "zalo": 2, "zalo_oa": 2}
    assert all(p.length <= p.limit for p in shown.values() if p.limit)
    assert shown["telegram"].buttons == ("0", "1", "2", "3", "4", "5")
    assert shown["zalo_oa"].buttons == ()
    assert "6. 5" in shown["zalo_oa"].texts[-1]


def test_the_poster_is_fetched(today: Cast) -> None:
    """A picture of the day in both formats; another day has another one; no day gives none."""
    for path, size in (("poster", (1080, 1080)), ("story", (1080, 1920))):
        answer = today.browser(today.mai).get(f"/content/{path}.png")
        assert answer.headers["content-type"] == "image/png"
        name = {"poster": "vuong", "story": "doc"}[path]
        assert answer.headers["content-disposition"] == f'attachment; filename="khau-hieu-2026-11-25-{name}.png"'
        assert struct.unpack(">II", answer.content[16:24]) == size
    other = today.browser(today.mai).get("/content/story.png?day=2026-11-26")
    assert other.content != answer.content
    assert today.browser(today.mai).get("/content/poster.png?day=9999-01-01").status_code == 404


def test_the_bulletin_has_the_events_of_ones_own(today: Cast) -> None:
    """The commune's own events, for a supervisor those of the province, as page, document and text."""
    with transaction(today.site.directory) as db:
        for writer, other, title in (
            (today.mai, today.hoa, "Lễ phát động ở Cẩm Tân"), (today.stranger, today.boss, "Tọa đàm ở Sóc Trăng"),
        ):  # fmt: skip
            made = events.write(db, writer, Wanted(title, "Nhà văn hóa", NOW.timestamp() + 7200), NOW)
            events.approve(db, other, made, events.one_of(db, other, made).edition, NOW)
    page = today.read(today.mai, "/content/week")
    assert "lúc mười một giờ, tại Nhà văn hóa: Lễ phát động ở Cẩm Tân" in page
    for who in (today.mai, today.lan):
        assert "Tọa đàm ở Sóc Trăng" not in today.read(who, "/content/week")
        text = today.browser(who).get("/content/week.txt")
        assert "Lễ phát động ở Cẩm Tân" in text.text
        assert text.headers["content-disposition"] == 'attachment; filename="ban-tin-2026-11-25.txt"'
    assert "Lễ phát động" not in today.read(today.stranger, "/content/week")
    made_docx = Document(io.BytesIO(today.browser(today.mai).get("/content/week.docx").content))
    assert "Lễ phát động ở Cẩm Tân" in "\n".join(p.text for p in made_docx.paragraphs)
    assert "Lễ phát động" not in today.read(today.mai, "/content/week?day=2026-12-02")
