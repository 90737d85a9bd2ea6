"""Events of a commune: written by one, approved by another, then told by the bot and the bulletin; of one's own commune only."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from bot import shelf
from bot.clock import VIETNAM
from bot.errors import SettingsError
from bot.store.engine import reading, transaction
from bot.store.people import meet
from bot.store.schema import subscription
from referral_directory import events
from referral_directory.events import Wanted, event
from referral_directory.keeper import Keeper
from referral_directory.keeping import MACHINE
from tests.conftest import KEYS, Bench
from tests.referral_directory.conftest import CAM_TAN, SOC_TRANG, keeper
from tests.staff.cast import Cast, value_of
from tests.staff.cast import cast as cast

TITLE = "Lễ phát động Tháng hành động"
TYPED = {
    "title": TITLE, "place": "Nhà văn hóa thôn Phú Lai", "day": "2026-11-25", "hour": "08:00",
    "words": "Mời cả nam giới cùng đến.",
}  # fmt: skip
LINE = f"• 08:00, thứ Tư 25/11, Nhà văn hóa thôn Phú Lai: {TITLE}. Mời cả nam giới cùng đến."


def written(cast: Cast, who: Keeper, **more: str) -> str:
    """Let somebody type an event; return its id."""
    cast.send(who, "/events/new", {**TYPED, **more})
    with reading(cast.site.directory) as db:
        found = [e for e in events.of_keeper(db, who, 0.0, 99) if e.title == {**TYPED, **more}["title"]]
    return found[-1].id


def approve(cast: Cast, who: Keeper, made: str) -> str:
    """Let somebody open an event and press the button there; return what they read then."""
    cast.read(who, f"/events/{made}")
    return cast.send(who, f"/events/{made}/approve", {"edition": value_of(cast.browser(who).page.text, "edition")})


def told(cast: Cast, commune: int = CAM_TAN) -> list[str]:
    """Return what residents of a commune are told."""
    with reading(cast.site.directory) as db:
        now = cast.site.now().timestamp()
        return [events.line(e, VIETNAM) for e in events.announced(db, now, now + 30 * 86_400, commune)]


def test_two_persons(cast: Cast) -> None:
    """Written: nobody is told. Approved by a colleague who found it on the work list: everybody is."""
    made = written(cast, cast.mai)
    assert told(cast) == []
    assert "sẽ đọc: " + LINE in cast.read(cast.mai, f"/events/{made}")
    assert "Duyệt, cho người dân biết" not in cast.read(cast.mai, f"/events/{made}")
    assert "Bạn là người viết" in cast.send(cast.mai, f"/events/{made}/approve")
    assert told(cast) == []
    assert f"Sự kiện chờ bạn duyệt 1 {TITLE}" in cast.read(cast.hoa, "/")
    page = cast.read(cast.mai, "/")
    assert f"Sự kiện của bạn chờ người khác duyệt 1 {TITLE}" in page
    assert "Sự kiện chờ bạn duyệt" not in page
    assert 'href="/staff/events">Sự kiện</a>' in cast.browser(cast.mai).page.text
    page = cast.read(cast.hoa, f"/events/{made}")
    assert "Thứ Tư ngày hai mươi lăm tháng mười một, lúc tám giờ" in page
    assert "tin hằng ngày của người chọn nhận tin xã này có thêm một dòng báo" in page
    assert "tin hằng ngày của người chọn nhận tin xã này có thêm một dòng báo" in approve(cast, cast.hoa, made)
    assert told(cast) == [LINE]
    assert told(cast, SOC_TRANG) == []
    page = cast.read(cast.lan, "/audit")
    assert page.index("Duyệt sự kiện , Xã Cẩm Tân") < page.index("Ghi sự kiện , Xã Cẩm Tân")


def test_a_phone_number_is_pointed_out_to_both(cast: Cast) -> None:
    """Who wrote it and who approves it are told that a number stands in it; it is read digit by digit."""
    made = written(cast, cast.mai, words="Liên hệ chị Lan 0912 345 678.")
    for who, what in ((cast.mai, "sửa và bỏ số đi"), (cast.hoa, "trả lại, nhờ người viết bỏ số đi")):
        page = cast.read(who, f"/events/{made}")
        assert "Có số điện thoại 0912 345 678." in page
        assert what in page
    assert "chị Lan không chín một hai ba bốn năm sáu bảy tám" in page
    plain = written(cast, cast.mai, title="Tọa đàm")
    assert "Có số điện thoại" not in cast.read(cast.hoa, f"/events/{plain}")


def test_the_database_keeps_the_two_persons(cast: Cast) -> None:
    """Whatever the code does: nobody approves their own, no machine writes or approves, nothing is approved by nobody."""
    made = written(cast, cast.mai)
    for wrong in ({"decided_by": cast.mai.id}, {"state": "approved"}, {"author": MACHINE}, {"decided_by": MACHINE}):
        change = update(event).where(event.c.id == made).values(**{"state": "approved", **wrong})
        with pytest.raises(IntegrityError), transaction(cast.site.directory) as db:
            db.execute(change)


def test_returned_mended_and_approved(cast: Cast) -> None:
    """The reason reaches the writer; the mended event waits again; a supervisor may approve it."""
    made = written(cast, cast.mai)
    assert "Ghi lý do" in cast.send(cast.hoa, f"/events/{made}/return", {"reason": " "})
    cast.send(cast.hoa, f"/events/{made}/return", {"reason": "Giờ là 14:00"})
    assert "Bùi Thị Hòa trả lại: Giờ là 14:00" in cast.read(cast.mai, "/events")
    assert 'value="08:00"' in cast.browser(cast.mai).get(f"/events/{made}/edit").text
    cast.send(cast.mai, f"/events/{made}/edit", {**TYPED, "hour": "14h"})
    approve(cast, cast.lan, made)
    assert told(cast)[0].startswith("• 14:00")
    assert "Đã duyệt thì rút" in cast.send(cast.mai, f"/events/{made}/edit", TYPED)


def test_what_was_changed_since_it_was_read_is_not_approved(cast: Cast) -> None:
    """A page opened before the writer changed the words approves nothing; read anew, it does."""
    made = written(cast, cast.mai)
    cast.read(cast.hoa, f"/events/{made}")
    read = value_of(cast.browser(cast.hoa).page.text, "edition")
    cast.send(cast.mai, f"/events/{made}/edit", {**TYPED, "words": "Ai đến cũng được quà."})
    assert "vừa đổi sự kiện này" in cast.send(cast.hoa, f"/events/{made}/approve", {"edition": read})
    assert "vừa đổi sự kiện này" in cast.send(cast.hoa, f"/events/{made}/approve")
    assert told(cast) == []
    approve(cast, cast.hoa, made)
    assert "Ai đến cũng được quà." in told(cast)[0]


def test_taken_back_at_once(cast: Cast) -> None:
    """Rain: any officer of the commune takes it back, and nobody is told any more."""
    made = written(cast, cast.mai)
    assert "Chỉ người viết" in cast.send(cast.hoa, f"/events/{made}/drop")
    approve(cast, cast.hoa, made)
    cast.send(cast.mai, f"/events/{made}/drop")
    assert told(cast) == []
    assert TITLE not in cast.read(cast.hoa, "/events")


def test_what_is_typed_wrong_is_told_at_its_field(cast: Cast) -> None:
    """Nothing filled in, a day that is over, an hour that is none, a number that must not be given; nothing is lost."""
    page = cast.send(cast.mai, "/events/new", {})
    for words in ("Ghi tên sự kiện", "Ghi nơi diễn ra", "Chọn ngày", "Ghi giờ bắt đầu"):
        assert words in page
    for wrong, words in (
        ({"day": "2026-11-21", "hour": "13:59"}, "phải ở sau bây giờ"), ({"hour": "25:00"}, "Ghi giờ và phút"),
        ({"day": "31/11/2026"}, "Ghi ngày, tháng, năm"), ({"words": "gọi 1800.1567"}, "không dùng được"),
        ({"words": "gọi 1800-1567"}, "không dùng được"), ({"title": "Gọi (180)01567"}, "không dùng được"),
        ({"title": "số 1800\u200b1567"}, "không dùng được"),
        ({"words": "１８００ 1567"}, "không dùng được"), ({"words": "Ghi tên ở https://nhanqua.vn"}, "Bỏ địa chỉ trang web"),
        ({"title": "Quà ở bit.ly/abc"}, "Bỏ địa chỉ trang web"), ({"title": "www.nhanqua.top"}, "Bỏ địa chỉ trang web"),
        ({"title": "x" * 121}, "Không quá 120"),
    ):  # fmt: skip
        page = cast.send(cast.mai, "/events/new", {**TYPED, **wrong})
        assert words in page
        assert cast.browser(cast.mai).page.status_code == 400
        assert "Nhà văn hóa thôn Phú Lai" in cast.browser(cast.mai).page.text
    assert "Chưa có sự kiện nào đã duyệt" in cast.read(cast.mai, "/events")
    written(cast, cast.mai, day="25/11/2026", hour="8h30")
    assert "08:30, 25/11/2026" in cast.read(cast.mai, "/events")


def test_signs_that_nobody_sees_are_left_out(cast: Cast) -> None:
    """Typed by a machine or a trick: the words stay, in order, and the Word file of the week is made."""
    made = written(
        cast, cast.mai, place="TP.Thanh\x0b Hóa", words="Mời \u202ecả\u2066 nhà\x01\x1b.\ufffe Ngày 18, 00:15."
    )
    approve(cast, cast.hoa, made)
    assert told(cast) == [f"• 08:00, thứ Tư 25/11, TP.Thanh Hóa: {TITLE}. Mời cả nhà. Ngày 18, 00:15."]
    found = cast.browser(cast.mai).get("/content/week.docx?day=2026-11-25")
    assert found.status_code == 200
    assert "TP.Thanh Hóa" in "\n".join(p.text for p in Document(io.BytesIO(found.content)).paragraphs)


def test_sent_twice_is_kept_once(cast: Cast) -> None:
    """A slow link and a second tap."""
    written(cast, cast.mai)
    written(cast, cast.mai)
    with reading(cast.site.directory) as db:
        assert len(events.of_keeper(db, cast.mai, 0.0, 99)) == 1


def test_another_commune_reads_and_changes_nothing(cast: Cast) -> None:
    """Not on its list, not by its address; who supervises approves and does not write."""
    made = written(cast, cast.mai)
    assert TITLE not in cast.read(cast.stranger, "/events")
    for path in ("", "/edit"):
        assert cast.browser(cast.stranger).get(f"/events/{made}{path}").status_code == 404
    for path in ("/approve", "/return", "/drop", "/edit"):
        assert cast.browser(cast.stranger).post(f"/events/{made}{path}", TYPED).status_code == 404
    assert cast.browser(cast.lan).get("/events/new").status_code == 404
    assert cast.browser(cast.lan).post(f"/events/{made}/edit", TYPED).status_code == 404
    assert TITLE in cast.read(cast.lan, "/events")
    with reading(cast.site.directory) as db:
        assert events.one_of(db, cast.mai, made).state == "waiting"


def approved(bench: Bench, commune: int = CAM_TAN, **more: object) -> None:
    """Let there be an approved event in the directory of a whole machine."""
    at = datetime(2026, 11, 25, 8, tzinfo=VIETNAM)
    values = {"title": TITLE, "place": "Nhà văn hóa thôn Phú Lai", "starts_at": at.timestamp(), **more}
    with transaction(bench.app.directory) as db:
        one, two = (keeper(db, commune=commune) for _ in range(2))
        made = events.write(db, one, Wanted(**values), at - timedelta(days=9))  # type: ignore[arg-type]
        events.approve(db, two, made, events.one_of(db, two, made).edition, at - timedelta(days=8))


def test_the_bot_tells_who_asks(bench: Bench) -> None:
    """ "ở xã tôi có gì": the commune is asked once, then its events come; also beside what the campaign is."""
    approved(bench)
    assert "ở xã, phường nào" in bench.say("ở xã tôi có gì")
    answer = bench.say("Cẩm Tân, Thanh Hóa")
    assert "Sắp tới ở Xã Cẩm Tân:\n• 08:00, thứ Tư 25/11, Nhà văn hóa thôn Phú Lai: Lễ phát động" in answer
    assert TITLE in bench.say("ở xã tôi có gì")  # it is known now
    assert TITLE in bench.say("tháng hành động")
    assert TITLE in bench.say("sự kiện ở xã Cẩm Tân, Thanh Hóa", chat="b")
    assert "chưa biết sự kiện nào" in bench.say("sự kiện ở xã Cẩm Thủy, Thanh Hóa", chat="c")
    assert TITLE not in bench.say("tháng hành động", chat="d")


def test_a_subscriber_who_told_the_commune_is_not_asked_again(bench: Bench) -> None:
    """The commune chosen for the messages is enough."""
    approved(bench)
    bench.say("xin chào")
    with transaction(bench.app.people) as db:
        who = meet(db, bench.app.keys, "terminal", "a", bench.app.machine.now())
        db.execute(insert(subscription).values(contact_id=who, minute=420, commune=CAM_TAN, province="Thanh Hóa"))
    assert TITLE in bench.say("ở xã tôi có gì")


def test_what_is_over_or_far_is_not_told(bench: Bench) -> None:
    """An hour after the beginning it is still told, in the evening no more; nor what comes in two months."""
    approved(bench)
    bench.at("2026-11-25T09:00")
    assert TITLE in bench.say("sự kiện ở xã Cẩm Tân, Thanh Hóa")
    bench.at("2026-11-25T18:00")
    assert TITLE not in bench.say("sự kiện ở xã Cẩm Tân, Thanh Hóa")
    bench.at("2026-09-25T18:00")
    assert TITLE not in bench.say("sự kiện ở xã Cẩm Tân, Thanh Hóa")


def test_somebody_who_is_being_helped_gets_help(bench: Bench) -> None:
    """After telling, the same words ask for places that help."""
    approved(bench)
    bench.say("chồng tôi vừa đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy")
    assert TITLE not in bench.say("ở xã tôi có gì")


def bulletin(bench: Bench, monkeypatch: pytest.MonkeyPatch, out: Path, *words: str) -> str:
    """Run the command on the machine's stores; return what it wrote."""
    monkeypatch.setenv("TINCAY_DATA_DIR", str(bench.app.settings.data_dir))
    monkeypatch.setenv("TINCAY_SECRET_KEYS", KEYS)
    result = CliRunner().invoke(shelf.cli, ["bulletin", str(out), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    if out.suffix == ".docx":
        return "\n".join(p.text for p in Document(str(out)).paragraphs)
    return out.read_text(encoding="utf-8")


def test_the_bulletin_reads_the_events_of_the_week(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a commune by name, of the province with each commune named; numbers as spoken; other weeks have none."""
    approved(bench)
    approved(bench, SOC_TRANG, title="Tọa đàm ở Sóc Trăng")
    own = bulletin(bench, monkeypatch, tmp_path / "a.txt", "--week", "2026-11-25", "--commune", "Cẩm Tân, Thanh Hóa")
    assert "VIỆC Ở XÃ TA\nThứ Tư ngày hai mươi lăm tháng mười một, lúc tám giờ, tại Nhà văn hóa thôn Phú Lai" in own
    assert "Tọa đàm" not in own
    both = bulletin(bench, monkeypatch, tmp_path / "b.docx", "--week", "2026-11-25", "--event", "Thi vẽ tranh.")
    assert "Nhà văn hóa thôn Phú Lai, Xã Cẩm Tân" in both
    assert "Tọa đàm ở Sóc Trăng" in both
    assert "Thi vẽ tranh." in both
    monkeypatch.setenv("TINCAY_PROVINCE", "Thanh Hóa")
    home = bulletin(bench, monkeypatch, tmp_path / "c.txt", "--week", "2026-11-25")
    assert TITLE in home
    assert "Tọa đàm" not in home
    assert "VIỆC Ở XÃ TA" not in bulletin(bench, monkeypatch, tmp_path / "d.txt", "--week", "2026-12-02")
    with pytest.raises(SettingsError, match="xã, phường nào"):
        bulletin(bench, monkeypatch, tmp_path / "e.txt", "--commune", "Tân Tiến")


def test_a_supervisor_reads_who_writes_events(cast: Cast) -> None:
    """There is no button for them, so the page says who writes, and what to do where a commune has nobody."""
    page = cast.read(cast.lan, "/events")
    assert "do cán bộ xã đó ghi; bạn duyệt" in page
    assert "do cán bộ xã đó ghi" not in cast.read(cast.mai, "/events")
