"""What a resident reads of the places: why each is named, when it opens, what nobody checked; nothing private, ever."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from bot.store.engine import transaction
from referral_directory import book
from referral_directory import record as records
from referral_directory.places import load, nearest
from referral_directory.record import Record
from tests.conftest import Bench

CAM_TAN = 15178
TODAY = date(2026, 11, 21)  # a Saturday; the bench's clock stands at 14:00
HERE = "ở xã Cẩm Tân, Cẩm Thủy"
PRIVATE = ("0099 111 222", "ngõ kín 7", "20.123", "105.456")


@pytest.fixture
def kept(bench: Bench) -> Bench:
    """A machine without samples, whose directory holds what these tests speak of."""
    with transaction(bench.app.directory) as db:
        book.set_sample(db, False, TODAY)
    keep(
        bench, "Địa chỉ tin cậy Mẫu Một", phone="0000 000 001", private_phone=PRIVATE[0], address=PRIVATE[1],
        latitude=20.123, longitude=105.456, decision="1/QĐ", consent=True, shelter="overnight",
        takes=("children",), types=("physical",), languages=("km", "vi"), hours="24/24",
    )  # fmt: skip
    keep(bench, "Địa chỉ tin cậy Mẫu Hai", phone="0000 000 002", decision="1/QĐ", consent=True, hours="gọi trước")
    keep(bench, "Địa chỉ tin cậy Chưa Công Bố", phone="0000 000 003", hours="24/24")
    keep(bench, "Công an Mẫu", "police", phone="0000 000 004", hours="24/24", address="đường Mẫu", address_public=True)
    keep(bench, "Hội Phụ nữ Mẫu", "womens_union", phone="0000 000 005", hours="giờ hành chính")
    keep(bench, "Bệnh viện Mẫu của tỉnh", "hospital", commune=0, phone="0000 000 006", hours="24/24")
    return bench


def keep(bench: Bench, name: str, kind: str = "trusted_address", checked: date | None = TODAY, **more: Any) -> None:
    """Keep one approved record of Cẩm Tân."""
    record = Record(kind=kind, name=name, **{"commune": CAM_TAN, "province": "Thanh Hóa", **more})
    columns = {"state": "approved", "edited_by": "a", "approved_by": "b", "version": 1, "assured_date": checked}
    with transaction(bench.app.directory) as db:
        records.write(db, str(uuid.uuid4()), record, **columns)


def lines_of(answer: str) -> list[str]:
    """Return the lines that name a place or a number."""
    return [line for line in answer.splitlines() if line.startswith("• ")]


def line_of(answer: str, name: str) -> str:
    """Return the line of one place."""
    (found,) = [line for line in lines_of(answer) if name in line]
    return found


def test_a_resident_reads_why_each_place_is_named(kept: Bench) -> None:
    """The ladder in order, two reasons at most, when a closed office opens; and the day of the last check."""
    answer = kept.say(f"chồng đánh em, {HERE}")
    local, beyond = answer.partition("Nơi giúp ở Xã Cẩm Tân:")[2].split("Ngoài xã")
    assert [line.split(":")[0] for line in lines_of(local)] == [
        "• Địa chỉ tin cậy Mẫu Một", "• Địa chỉ tin cậy Mẫu Hai", "• Công an Mẫu", "• Hội Phụ nữ Mẫu", "• UBND Xã Cẩm Tân",
        "• Trạm y tế Xã Cẩm Tân",
    ]  # fmt: skip
    assert line_of(answer, "Mẫu Một") == (
        "• Địa chỉ tin cậy Mẫu Một: 0000 000 001 (giúp đúng chuyện này, mở cửa lúc này, 24/24, kiểm ngày 21/11/2026)"
    )
    assert "ngay tại đây, gọi trước, kiểm ngày" in line_of(answer, "Mẫu Hai")
    assert "mở cửa lúc này, đường Mẫu" in line_of(answer, "Công an Mẫu")
    assert "mở lại lúc 7:30 thứ Hai, kiểm ngày" in line_of(answer, "Hội Phụ nữ Mẫu")
    names = [line.split(":")[0] for line in lines_of(beyond)]
    assert names[0] == "• Bệnh viện Mẫu của tỉnh"
    assert names[1].startswith("• 113")
    assert len(names) >= 4


def test_what_is_told_of_the_person_decides_and_is_said_back(kept: Bench) -> None:
    """No place to stay, a child, a language: the place that has it says so first."""
    answer = kept.say(f"chồng đuổi em ra khỏi nhà, em không có chỗ ở, con em 3 tuổi, {HERE}")
    assert "(cho ở qua đêm, nhận trẻ em, " in line_of(answer, "Mẫu Một")
    assert "111" in lines_of(answer.split("Ngoài xã")[1])[2]
    spoken = kept.say(f"chồng đánh em, em là người Khmer, {HERE}", chat="b")
    assert "(nói tiếng Khmer, giúp đúng chuyện này, " in line_of(spoken, "Mẫu Một")


def test_what_was_told_before_the_place_still_counts(kept: Bench) -> None:
    """First the telling, then the commune: nobody has to say it twice."""
    kept.say("chồng đuổi em ra khỏi nhà đêm nay, em không có chỗ ngủ")
    assert "(cho ở qua đêm, " in line_of(kept.say("Cẩm Tân, Cẩm Thủy"), "Mẫu Một")


@pytest.mark.parametrize("words", [
    f"chồng đánh em, {HERE}", f"địa chỉ tin cậy {HERE}", f"tôi bị vợ đánh, không có chỗ ở, {HERE}", f"nó cầm dao đuổi em {HERE}",
])  # fmt: skip
def test_nothing_private_is_ever_said(kept: Bench, words: str) -> None:
    """No holder's own number, no address or point that is not public, no trusted address that nobody published."""
    said = [kept.say(words)]
    said += [kept.say(button=b) for b in ("all", "near", "avoid", "beside", "all:beside")]
    said += [kept.say(location=(20.2, 105.4)), kept.say(location=(20.123, 105.456))]
    whole = "\n".join(said)
    assert "Mẫu Một" in whole
    for secret in (*PRIVATE, "Chưa Công Bố", "0000 000 003"):
        assert secret not in whole


def test_people_of_the_commune_are_kept_away_and_neighbours_come_by_wish(kept: Bench) -> None:
    """After "Không gặp người ở xã này": the province, the lines, and a button for what lies beside."""
    near_by = {"commune": 15163, "phone": "0000 000 007", "hours": "24/24"}
    keep(kept, "Công an Xã Bên", "police", **near_by)
    kept.say(f"chồng đánh em, {HERE}")
    answer = kept.say(button="avoid")
    assert "[Nơi ở xã lân cận](beside)" in answer
    assert "Bệnh viện Mẫu của tỉnh" in lines_of(answer)[0]
    for name in ("Mẫu Một", "Công an Mẫu", "Hội Phụ nữ Mẫu", "Xã Bên"):
        assert name not in answer
    beside = kept.say(button="beside")
    assert "mở cửa lúc này" in line_of(beside, "Công an Xã Bên")
    assert "Công an Mẫu" not in beside
    assert "(beside)" not in beside
    own = load().commune(CAM_TAN)
    assert own
    shared = kept.say(location=(own.lat, own.lon))  # the map names their commune again: they did not
    assert "Gần chỗ em nhất là Xã Cẩm Tân" in shared
    assert "Công an Mẫu" not in shared


def test_a_shared_place_ranks_by_distance_and_is_forgotten(kept: Bench) -> None:
    """The nearest first, with the kilometres of what is public; where the person stood is kept nowhere."""
    (told,) = nearest(20.2, 105.4, limit=1)
    for name, km, lat in (("Công an Xa", 1, 20.40), ("Công an Gần", 2, 20.22)):
        point = {"address": "đường Mẫu", "address_public": True, "latitude": lat, "longitude": 105.4}
        keep(kept, name, "police", commune=told.code, phone=f"0000 000 01{km}", hours="24/24", **point)
    kept.say("chồng đánh em")
    answer = kept.say(location=(20.2, 105.4))
    assert "cách em khoảng 2 km" in line_of(answer, "Công an Gần")
    assert "cách em khoảng 22 km" in line_of(answer, "Công an Xa")
    assert answer.index("Công an Gần") < answer.index("Công an Xa")
    with transaction(kept.app.people) as db:
        whole = json.dumps([[str(v) for v in row] for row in db.execute(text("SELECT * FROM conversation"))])
    assert "20.2" not in whole


def test_who_hurts_sees_no_refuge_of_any_kind(kept: Bench) -> None:
    """Nor a health station in which somebody may be staying, nor that it is there by law."""
    keep(kept, "Trạm y tế Mẫu", "health_station", phone="0000 000 008", shelter="overnight", hours="24/24")
    kept.say("em lỡ tay tát vợ")
    answer = kept.say("Cẩm Tân, Thanh Hóa")
    assert "UBND Xã Cẩm Tân" in answer
    for name in ("Mẫu Một", "Mẫu Hai", "Trạm y tế", "trẻ em", "qua đêm", "1900"):
        assert name not in answer
    for pressed in ("near", "all", "avoid", "beside", "all:beside"):
        again = kept.say(button=pressed)
        assert "Mẫu Một" not in again
        assert "Trạm y tế" not in again


def test_what_nobody_checked_lately_comes_after_the_numbers(kept: Bench) -> None:
    """And is not said to be open; what nobody ever called is shown there too."""
    keep(kept, "Trạm y tế Cũ", "health_station", date(2026, 8, 1), phone="0000 000 008", hours="24/24")
    keep(kept, "UBND Mới", "peoples_committee", None, phone="0000 000 009", hours="24/24")
    keep(kept, "Tư vấn Quá Cũ", "counselling", date(2026, 5, 1), phone="0000 000 010")
    answer = kept.say(f"chồng đánh em, {HERE}")
    assert answer.index("• 113") < answer.index("chưa được kiểm lại gần đây") < answer.index("Trạm y tế Cũ")
    assert line_of(answer, "Trạm y tế Cũ") == "• Trạm y tế Cũ: 0000 000 008 (ngay tại đây, 24/24)"
    assert line_of(answer, "UBND Mới") == "• UBND Mới: 0000 000 009 (ngay tại đây, 24/24)"
    assert "Quá Cũ" not in answer


def test_a_long_list_is_short_until_more_is_asked_for(kept: Bench) -> None:
    """Three trusted addresses at first; the others behind a button that can be typed too."""
    for n in range(6):
        keep(kept, f"Địa chỉ tin cậy Thêm {n}", phone=f"0000 000 10{n}", decision="1/QĐ", consent=True)
    answer = kept.say(f"chồng đánh em, {HERE}")
    assert sum("Địa chỉ tin cậy" in line for line in lines_of(answer)) == 3
    assert "[Xem thêm nơi khác](all)" in answer
    more = kept.say("xem thêm nơi khác")
    assert sum("Địa chỉ tin cậy" in line for line in lines_of(more)) == 8
    assert "Xem thêm" not in more


def test_a_place_that_nobody_can_find_says_who_leads_there(kept: Bench) -> None:
    """A trusted address without a public number and place stands last of its rung."""
    keep(kept, "Địa chỉ tin cậy Kín", decision="1/QĐ", consent=True, address=PRIVATE[1], shelter="overnight")
    answer = kept.say(f"chồng đánh em, {HERE}")
    assert "hỏi công an hoặc Hội Phụ nữ xã để được đưa đến" in line_of(answer, "tin cậy Kín")
    assert answer.index("Mẫu Hai") < answer.index("tin cậy Kín")


def test_who_tells_no_commune_gets_the_places_of_the_province(kept: Bench) -> None:
    """ "Bỏ qua" after naming the province: its services and the numbers, and nothing of a commune."""
    kept.say("chồng đánh em, em ở tỉnh Thanh Hóa")
    answer = kept.say("bỏ qua")
    assert "Nơi giúp của Thanh Hóa" in answer
    assert "Bệnh viện Mẫu của tỉnh" in answer
    assert "113" in answer
    assert "Mẫu Một" not in answer


def test_a_correction_forgets_what_was_known_of_the_person(kept: Bench) -> None:
    """ "Không phải chuyện này": the next answer suits nobody in particular."""
    kept.say(f"chồng đuổi em ra khỏi nhà, em không có chỗ ở, em là người Khmer, {HERE}")
    kept.say(button="not_this")
    answer = kept.say(f"địa chỉ tin cậy {HERE}")
    assert "tiếng Khmer" not in answer
    assert "(mở cửa lúc này, cho ở qua đêm, " in line_of(answer, "Mẫu Một")


def test_without_the_directory_the_way_out_is_still_shown(kept: Bench) -> None:
    """A directory that cannot be read leaves the offices that exist by law, and the numbers."""
    with transaction(kept.app.directory) as db:
        db.execute(text("DROP TABLE phone"))
    answer = kept.say(f"chồng đánh em, {HERE}")
    assert "• Công an Xã Cẩm Tân: đến trực tiếp" in answer
    assert "• 113" in answer


@pytest.mark.parametrize("checked", [TODAY, None])
def test_who_asks_for_a_trusted_address_reads_it_first(bench: Bench, checked: date | None) -> None:
    """Before what such an address is, the offices and the numbers; also one that nobody called yet, which is said."""
    with transaction(bench.app.directory) as db:
        book.set_sample(db, False, TODAY)
    keep(bench, "Địa chỉ tin cậy Mẫu", checked=checked, phone="0000 000 001", decision="1/QĐ", consent=True)
    answer = bench.say(f"tìm địa chỉ tin cậy {HERE}")
    assert lines_of(answer)[0].startswith("• Địa chỉ tin cậy Mẫu: 0000 000 001")
    assert "có uy tín, có khả năng" not in answer
    assert ("chưa được kiểm lại gần đây" in answer) is (checked is None)
    assert "• 113" in answer
    unknown = bench.say("tìm địa chỉ tin cậy ở xã Tượng Lĩnh, Thanh Hóa")
    assert "có uy tín, có khả năng" in unknown
