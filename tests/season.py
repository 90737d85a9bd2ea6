"""A season as a province has it: months of messages, questions and telling, a directory that is half called, activities."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine, insert

from bot.clock import VIETNAM
from bot.store.engine import transaction
from bot.store.schema import campaign, contact, subscription, tally
from referral_directory import record as records
from referral_directory import season
from referral_directory.keeper import Keeper
from referral_directory.places import load
from referral_directory.season import Activity, Words
from tests.referral_directory.conftest import keeper, trusted

HOME = "Thanh Hóa"
FIRST = date(2026, 11, 15)
TOPICS = {
    "admin_fine": 212, "dv_acts": 148, "dv_protection": 97, "marriage": 83, "child": 61, "criminal": 40, "shelter": 36,
    "action_month": 33, "online": 21, "labour": 14, "none": 58, "trafficking": 3, "ai": 2,
}  # fmt: skip
ASKED = {
    "ask_slogan": 310,
    "find_hotline": 74,
    "find_safe_address": 66,
    "find_police": 31,
    "out_of_scope": 540,
    "disaster": 2,
}
TOLD = {
    "physical": 132, "psychological": 118, "economic": 41, "sexual": 17, "online": 12, "child": 9, "school": 6, "emergency": 23,
    "trafficking": 2, "fled": 3, "self_harm": 4, "perpetrator": 7,
}  # fmt: skip
OFFERED = {
    "police": 171,
    "trusted_address": 160,
    "womens_union": 148,
    "health_station": 90,
    "legal_aid": 33,
    "hospital": 1,
}
QUIZ = {"5": 402, "4": 260, "3": 121, "2": 44, "1": 8, "0": 1}


def fill(people: Engine, directory: Engine, days: int = 31) -> Keeper:
    """Fill both stores with the first days of the season of 2026; return the supervisor of the province."""
    with transaction(people) as db:
        for n in range(days):
            day = FIRST + timedelta(days=n)
            for bot, size in (("telegram", 2_900 + 31 * n), ("zalo", 100), ("zalo_oa", 1_240 + 9 * n)):
                gone, unknown, late = n % 4 + 1, n % 3, 7 if n % 9 == 5 else 0
                counts = {"total": size, "gone": gone, "failed": n % 2, "unknown": unknown, "expired": late}
                row = {"name": "thang-hanh-dong", "day": day, "bot": bot, "state": "done", "policy": "hold"}
                sent = size - gone - n % 2 - unknown - late
                db.execute(insert(campaign).values(**row, version="v1", created_at=0.0, **counts, sent=sent))
        count(db, "Thanh Hóa", FIRST + timedelta(days=days // 2))
        db.execute(insert(tally), [{"day": FIRST, "province": "Nghệ An", "what": "told:sexual", "count": 3}])
        for province, number in (("Thanh Hóa", 3_120), ("", 1_960), ("Nghệ An", 41), ("Sơn La", 2)):
            db.execute(insert(tally).values(day=FIRST, province=province, what="reached", count=number))
        for n in range(60):
            who = db.execute(insert(contact).values(channel="telegram", lookup=uuid.uuid4().bytes * 2, chat=b"x", seen_at=0.0))  # fmt: skip
            place = (HOME, "", "Nghệ An")[n % 3]
            db.execute(insert(subscription).values(contact_id=who.inserted_primary_key[0], minute=420, province=place))
    with transaction(directory) as db:
        writer, approver, lan = keeper(db), keeper(db), keeper(db, "province", province=HOME)
        columns = {"state": "approved", "version": 1, "edited_by": writer.id, "approved_by": approver.id}
        communes = [c for c in load().communes if c.province.name == HOME]
        for n, commune in enumerate(communes):
            if n % 6:
                made = trusted(name=f"Địa chỉ tin cậy {commune.label}", commune=commune.code, province=HOME)
                called = FIRST - timedelta(days=n % 11 * 3 if n % 7 else 120)
                records.write_all(db, {str(uuid.uuid4()): made}, **columns, assured_date=called, last_modified=0.0)
        at = datetime(2026, 12, 16, 9, tzinfo=VIETNAM)
        for done in ACTIVITIES:
            season.add_activity(db, lan, HOME, 2026, done, at)
        season.keep_words(db, lan, HOME, 2026, WORDS, at)
    return lan


def count(db: Connection, province: str, day: date) -> None:
    """Write what was counted on a day."""
    counts = {f"{part}:{name}": n for part, rows in _PARTS.items() for name, n in rows.items()} | {"callback": 11}
    rows = [{"day": day, "province": province, "what": what, "count": n} for what, n in counts.items()]
    db.execute(insert(tally), rows)


_PARTS = {"topic": TOPICS, "asked": ASKED, "told": TOLD, "offered": OFFERED, "quiz": QUIZ}
ACTIVITIES = (
    Activity(date(2026, 11, 15), "Lễ phát động Tháng hành động", "Quảng trường Lam Sơn", 850),
    Activity(date(2026, 11, 25), "Tọa đàm “Nam giới tiên phong thúc đẩy bình đẳng giới và phòng ngừa bạo lực” với đoàn viên, hội viên", "Nhà văn hóa xã Cẩm Tân", 120),
    Activity(date(2026, 12, 2), "=Thi tìm hiểu pháp luật về phòng, chống bạo lực gia đình", "Trường THPT", None),
)  # fmt: skip
WORDS = Words(
    unit="Ủy ban nhân dân tỉnh Thanh Hóa", number="Số:         /BC-UBND", place="Thanh Hóa",
    troubles="Một số xã miền núi sóng yếu, cán bộ gọi kiểm tra địa chỉ tin cậy nhiều lần mới được.",
    wishes="Đề nghị cấp kinh phí trực điện thoại của địa chỉ tin cậy.\nĐề nghị tập huấn cho người giữ địa chỉ tin cậy.",
    copies="Bộ Nội vụ (b/c)\nThường trực Tỉnh ủy (b/c)\nCác sở, ban, ngành", position="TM. Ủy ban nhân dân\nKT. Chủ tịch\nPhó Chủ tịch",
)  # fmt: skip
