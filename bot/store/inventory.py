"""What is kept, column by column: why, how protected, for how long, who sees it. `SECURITY.md` shows this table.

A test fails where a column of either store stands in no row, or in two, or where the page is not this table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column

from bot.store import lifetimes
from bot.store.people import CHILD_DAYS, CONVERSATION_DAYS
from bot.store.schema import people
from referral_directory.tables import directory

SEALED, HASHED, PLAIN = "mã hóa AES-256-GCM", "băm có khóa (HMAC-SHA256)", "không mã hóa"
SLOW_HASH, FAST_HASH = "băm argon2id", "băm SHA-256"
BEGIN, END = "<!-- tincay kept -->", "<!-- /tincay kept -->"
_MACHINE, _STAFF, _ALL = "chỉ máy", "cán bộ trong phạm vi của mình", "mọi người"
_OWNER = "người ấy; quản trị, giám sát tỉnh"
_CONTACT = f"{lifetimes.IDLE_DAYS} ngày sau tin cuối, trừ khi còn đăng ký, từ an toàn hay chờ gọi lại; hoặc `xóa`"
_SUBSCRIPTION = "đến khi `ngừng`, chặn bot, hoặc `xóa`"
_SETTLED = f"{lifetimes.SETTLED_DAYS} ngày; chữ bị xóa ngay khi gửi xong"
_SEEN = f"{lifetimes.SEEN_DAYS} ngày"
_STATE = f"{CONVERSATION_DAYS} ngày sau tin cuối, người dưới 16 tuổi {CHILD_DAYS} ngày; `thoát`, `xóa`: ngay"
_CALLBACK = f"xóa ngay khi đóng; không ai đóng: {lifetimes.CALLBACK_DAYS} ngày; `xóa`: ngay"
_FOREVER = "giữ mãi: chỉ là số đếm"
_RECORD = "như nơi giúp; bản ghi đã rút vẫn được giữ để đối chiếu"
_ACCOUNT = "giữ lại cả khi tài khoản đã ngừng: nhật ký cần tên"
_SESSION = "30 phút không dùng, nhiều nhất 12 giờ"


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns of one table that are kept for one purpose; `columns` are separated by spaces."""

    table: str
    columns: str
    purpose: str
    protection: str
    lifetime: str
    who: str


PEOPLE = (
    Kept("contact", "id channel gone", "kênh nào, còn nhắn được không", PLAIN, _CONTACT, _MACHINE),
    Kept("contact", "lookup", "nhận ra người cũ mà không giữ mã trò chuyện", HASHED, _CONTACT, _MACHINE),
    Kept("contact", "chat", "mã trò chuyện, để trả lời", SEALED, _CONTACT, _MACHINE),
    Kept("contact", "seen_at", "để biết khi nào phải quên", PLAIN, _CONTACT, _MACHINE),
    Kept("contact", "safe_word", "từ an toàn của riêng người ấy", HASHED, "đến khi `bỏ từ an toàn`, hoặc như trên", _MACHINE),
    Kept("conversation", "contact_id expires_at", "của ai, khi nào phải quên", PLAIN, _STATE, _MACHINE),
    Kept("conversation", "state", "bước trò chuyện: xưng hô, xã, loại việc; lời nhờ gọi lại khi đang chờ đồng ý", SEALED, _STATE, _MACHINE),
    Kept("seen", "contact_id at", "của ai, khi nào phải quên", PLAIN, _SEEN, _MACHINE),
    Kept("seen", "mark", "không trả lời một tin hai lần; của lời nguy cấp còn băm cả lời, để mã tin trùng không che mất", HASHED, _SEEN, _MACHINE),
    Kept("seen", "message_id", "số của tin trên nền tảng, để `thoát` xóa được tin", SEALED, _SEEN, _MACHINE),
    Kept("subscription", "contact_id minute topics next_slogan youth province commune discreet paused_until shown", "giờ, chủ đề, nơi người ấy chọn cho tin hằng ngày", PLAIN, _SUBSCRIPTION, _MACHINE),
    Kept("subscription", "reached", "ngày tin đầu tiên của mùa đến, để mỗi người chỉ được đếm một lần", PLAIN, _SUBSCRIPTION, _MACHINE),
    Kept("subscription", "news", "ngày có báo việc sắp tới ở xã người ấy chọn, để không báo hai lần", PLAIN, _SUBSCRIPTION, _MACHINE),
    Kept("consent", "contact_id purpose version at", "biên nhận: đồng ý việc gì, bản lời nào, ngày nào", PLAIN, "như việc đã đồng ý, lâu nhất như `contact`", "người ấy (`tôi đã đồng ý gì`)"),
    Kept("callback_request", "id contact_id commune state created_at", "xã nào phải gọi lại, từ khi nào", PLAIN, _CALLBACK, "cán bộ phụ trách xã ấy"),
    Kept("callback_request", "words", "số và giờ gọi an toàn, do chính người ấy viết", SEALED, _CALLBACK, "cán bộ phụ trách xã ấy, mỗi lần đọc đều ghi lại"),
    Kept("delivery", "id contact_id campaign_id item expires state due attempt owner error created_at", "gửi đúng một lần, gửi lại khi máy hỏng", PLAIN, _SETTLED, _MACHINE),
    Kept("delivery", "body", "câu trả lời đang chờ gửi", SEALED, "đến khi gửi xong", _MACHINE),
    Kept("delivery", "message_id", "số của tin trên nền tảng, để `thoát` và thu hồi xóa được tin", SEALED, _SETTLED, _MACHINE),
    Kept("campaign", "id name day bot state policy version priority cursor created_at total sent gone failed unknown cancelled expired", "chiến dịch mỗi ngày và số tin", PLAIN, _FOREVER, _STAFF),
    Kept("tally", "day province what count", "số đếm theo ngày, tỉnh, loại việc; không dẫn về ai; dưới 5 thì gộp khi báo cáo", PLAIN, _FOREVER, _STAFF),
    Kept("usage", "bot month count", "hạn mức tin mỗi tháng", PLAIN, _FOREVER, _STAFF),
    Kept("bucket", "bot rate tokens at paused_until slow_until", "nhịp gửi chung của các tiến trình", PLAIN, "luôn được ghi đè", _MACHINE),
    Kept("worker", "id beat", "tiến trình gửi còn sống không", PLAIN, "1 ngày", _MACHINE),
    Kept("token", "bot version expires_at refreshing_until", "hạn của mã truy cập Zalo OA", PLAIN, "luôn được ghi đè", _MACHINE),
    Kept("token", "pair", "mã truy cập Zalo OA", SEALED, "luôn được ghi đè", _MACHINE),
)  # fmt: skip
"""The people store."""

DIRECTORY = (
    Kept("organization", "id name description", "đơn vị có nơi giúp", PLAIN, _RECORD, _ALL),
    Kept("service", "id organization_id name name_fold search_fold description kind status state published commune province distance_km assured_date last_modified version sample told", "nơi giúp", PLAIN, _RECORD, "mọi người khi đã duyệt và công khai; nếu không, " + _STAFF),
    Kept("service", "assurer_email edited_by approved_by", "ai viết, ai duyệt: luật hai người", PLAIN, _RECORD, _STAFF),
    Kept("location", "id location_type name latitude longitude visibility", "chỗ; nơi tạm lánh kín không bao giờ công khai", PLAIN, _RECORD, "theo `visibility`, lọc ngay trong SQL"),
    Kept("service_at_location", "id service_id location_id", "nơi giúp ở chỗ nào", PLAIN, _RECORD, "theo `location.visibility`"),
    Kept("address", "id location_id address_1 city state_province country address_type", "địa chỉ", PLAIN, _RECORD, "theo `location.visibility`"),
    Kept("phone", "id service_id number visibility", "số điện thoại của nơi giúp", PLAIN, _RECORD, "theo `visibility`, lọc ngay trong SQL"),
    Kept("schedule", "id service_id description byday opens_at closes_at", "giờ mở", PLAIN, _RECORD, _ALL),
    Kept("service_area", "id service_id name extent", "phục vụ vùng nào", PLAIN, _RECORD, _ALL),
    Kept("language", "id service_id name code", "nói tiếng gì", PLAIN, _RECORD, _ALL),
    Kept("taxonomy_term", "id code name taxonomy", "danh mục", PLAIN, "cùng chương trình", _ALL),
    Kept("attribute", "id link_id link_entity taxonomy_term_id value", "nhận ai, quyết định công bố nào", PLAIN, _RECORD, _ALL),
    Kept("staff", "id login name search_fold role commune province new_password active created_at signed_in_at", "tài khoản cán bộ", PLAIN, _ACCOUNT, _OWNER),
    Kept("staff", "given_by confirmed_by", "ai cấp tài khoản, ai gọi hỏi rồi xác nhận: luật hai người", PLAIN, _ACCOUNT, _OWNER),
    Kept("staff", "password", "mật khẩu", SLOW_HASH, _ACCOUNT, "không ai"),
    Kept("staff", "totp", "khóa của mã xác thực thứ hai", SEALED, "đến khi cài lại", _MACHINE),
    Kept("staff", "totp_step", "mỗi mã chỉ dùng một lần", PLAIN, "đến khi cài lại", _MACHINE),
    Kept("recovery_code", "hash", "mã dự phòng, dùng một lần", FAST_HASH, "đến khi dùng hoặc cấp lại", "không ai"),
    Kept("recovery_code", "staff_id", "của ai", PLAIN, "đến khi dùng hoặc cấp lại", _MACHINE),
    Kept("session", "token", "vé đăng nhập trong cookie", FAST_HASH, _SESSION, "không ai"),
    Kept("session", "csrf staff_id full created_at seen_at", "ai đang đăng nhập", PLAIN, _SESSION, _MACHINE),
    Kept("revision", "id service_id base record retires state source author written_at decided_by decided_at reason", "thay đổi chờ duyệt và đã duyệt", PLAIN, _RECORD, _STAFF),
    Kept("history", "id service_id at field old new author approver", "ai đổi gì, khi nào", PLAIN, _RECORD, _STAFF),
    Kept("verification", "id service_id at by found note", "cuộc gọi kiểm tra", PLAIN, _RECORD, _STAFF),
    Kept("event", "id commune province title place starts_at words state author written_at decided_by decided_at reason", "sự kiện của xã, ai viết, ai duyệt", PLAIN, "giữ mãi: là việc công khai", "mọi người khi đã duyệt; nếu không, " + _STAFF),
    Kept("activity", "id province year day what place people written_by written_at", "hoạt động của đơn vị, cho báo cáo", PLAIN, "giữ mãi: là việc công khai", "giám sát của tỉnh ấy; quản trị"),
    Kept("season_words", "province year words written_by written_at", "tiêu đề, số kế hoạch, kiến nghị, người ký của báo cáo", PLAIN, "đến khi viết lại", "giám sát của tỉnh ấy; quản trị"),
    Kept("audit", "id at staff_id action entity entity_id commune", "cán bộ nào làm gì, đọc lời nhờ nào; không có lời của ai", PLAIN, "giữ mãi, để truy trách nhiệm; lần đăng nhập sai: 90 ngày", "giám sát tỉnh; quản trị"),
)  # fmt: skip
"""The directory, with those who keep it."""


def columns() -> Iterator[tuple[Kept, Column[object]]]:
    """Yield every column that a row names; raise KeyError for one that is not there."""
    for rows, store in ((PEOPLE, people), (DIRECTORY, directory)):
        for row in rows:
            for name in row.columns.split():
                yield row, store.tables[row.table].c[name]


def page() -> str:
    """Return the table as Markdown, between its two marks."""
    lines = [BEGIN, ""]
    for title, rows in (("Kho người dùng (`people`)", PEOPLE), ("Danh bạ (`directory`)", DIRECTORY)):
        lines += [
            f"**{title}**",
            "",
            "| bảng | cột | để làm gì | bảo vệ | giữ bao lâu | ai thấy |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| `{r.table}` | {_names(r)} | {r.purpose} | {r.protection} | {r.lifetime} | {r.who} |" for r in rows
        ]
        lines.append("")
    return "\n".join([*lines, END])


def write(file: Path) -> None:
    """Put today's table into the page that holds its two marks."""
    text = file.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    file.write_text(f"{before}{page()}{after}", encoding="utf-8")


def _names(row: Kept) -> str:
    return ", ".join(f"`{name}`" for name in row.columns.split())
