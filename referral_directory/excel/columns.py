"""The columns of a list: their titles and help in the template, their spellings in other lists, and what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from nlu.text import fold, squeeze
from referral_directory.places import load
from referral_directory.record import Record
from referral_directory.terms import FOR, KIND_NAMES, LANGUAGES, SHELTER, STATUSES

YES_NO = ("có", "không")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the template: its key in the code, its title, its line of help, its width and its drop-down."""

    key: str
    title: str
    help: str
    width: int = 18
    choices: tuple[str, ...] = ()


COLUMNS = (
    Column("kind", "Loại hình", "Bấm vào ô và chọn trong danh sách", 20, tuple(KIND_NAMES.values())),
    Column("name", "Tên cơ sở", "Tên mà người dân đọc, ví dụ Địa chỉ tin cậy thôn Phú Lai; không ghi họ tên nếu chưa được đồng ý", 36),
    Column("commune", "Xã, phường", "Bấm vào ô và chọn; tên xã cũ cũng nhận, máy sẽ đổi sang xã hiện nay", 30),
    Column("phone", "Số điện thoại", "Một số cho người dân gọi, ví dụ 0912345678; số thứ hai sau dấu / được giữ riêng cho cán bộ", 18),
    Column("phone_public", "Công khai số điện thoại", "Địa chỉ tin cậy: chỉ ghi có khi chủ nhà đồng ý cho người dân thấy số", 16, YES_NO),
    Column("address", "Địa chỉ", "Số nhà, đường, thôn, xóm; không cần ghi lại xã, tỉnh", 36),
    Column("address_public", "Công khai địa chỉ", "Địa chỉ tin cậy: chỉ ghi có khi chủ nhà đồng ý cho người dân thấy địa chỉ", 16, YES_NO),
    Column("hours", "Giờ mở cửa", "Cả ngày đêm, hoặc giờ hành chính, hoặc 7h30-17h thứ 2 đến thứ 6", 26),
    Column("decision", "Số quyết định", "Quyết định công bố địa chỉ tin cậy của xã, ví dụ 12/QĐ-UBND", 18),
    Column("decided_on", "Ngày quyết định", "Ngày/tháng/năm ký quyết định, ví dụ 1/3/2026", 16),
    Column("consent", "Đồng ý công bố", "Người giữ địa chỉ đã đồng ý cho công bố: có hoặc không", 16, YES_NO),
    Column("shelter", "Có chỗ ở lại", "Cho ở lại qua đêm, hay chỉ tiếp nhận ban đầu rồi chuyển nơi khác", 22, tuple(SHELTER.values())),
    Column("children", "Nhận trẻ em", "Có nhận trẻ em đi một mình hoặc đi cùng mẹ không", 12, YES_NO),
    Column("men", "Nhận nam giới", "Có nhận nam giới bị bạo lực không", 12, YES_NO),
    Column("lgbt", "Nhận người LGBT", "Có nhận người đồng tính, chuyển giới không", 12, YES_NO),
    Column("disabled", "Nhận người khuyết tật", "Có đón được người khuyết tật không", 12, YES_NO),
    Column("types", "Loại bạo lực hỗ trợ", "Để trống nếu giúp mọi loại; nhiều loại thì cách nhau bằng dấu chấm phẩy", 26),
    Column("languages", "Ngôn ngữ", "Tiếng nói được ngoài tiếng Việt, ví dụ Khmer; Hmông; Thái", 20),
    Column("distance_km", "Khoảng cách (km)", "Số ki-lô-mét từ trung tâm xã, ví dụ 3,5", 14),
    Column("description", "Mô tả", "Một câu cho người dân biết nơi này giúp gì", 40),
    Column("status", "Tình trạng", "Để trống nếu đang hoạt động", 18, tuple(STATUSES.values())),
    Column("private_phone", "Số điện thoại riêng", "Số của người phụ trách, chỉ cán bộ xã thấy; tệp tải về không bao giờ có số này", 18),
    Column("id", "Mã bản ghi", "Máy tự ghi khi tải danh sách về; giữ nguyên, và để trống ở dòng mới", 14),
)  # fmt: skip
"""Columns of the template and of an export, in their order."""

TITLES = {column.key: column.title for column in COLUMNS} | {
    "province": "Tỉnh, thành phố", "district": "Huyện", "commune_code": "Mã xã", "holder": "Người phụ trách",
    "latitude": "Vĩ độ", "longitude": "Kinh độ", "publish": "Được công bố", "takes": "Đối tượng tiếp nhận",
    "number": "STT", "reason": "Cần sửa gì",
}  # fmt: skip
SILENT = ("number", "reason")
"""Columns that hold nothing to keep, and of which nothing need be said."""
WHOLE_PROVINCE = "Toàn tỉnh"
ANYWAY = ("children", "men", "lgbt", "disabled")
"""Columns of one yes or no each; together they are `Record.takes`."""

_SPELLINGS = (
    ("number", r"^(?:stt|tt|so tt|so thu tu|thu tu)$"),
    ("reason", r"^(?:can sua gi|can sua|loi)$"),
    ("id", r"^(?:ma ban ghi|id)\b"),
    ("commune_code", r"^ma (?:so )?(?:xa|phuong|dvhc|don vi hanh chinh)"),
    ("decision", r"^so\b.*ngay.*(?:qd|quyet dinh)|(?:qd|quyet dinh).*\bso\b.*ngay"),
    ("decided_on", r"ngay.*(?:qd|quyet dinh|ban hanh|cong bo|ky)|(?:qd|quyet dinh).*ngay|^ngay$"),
    ("decision", r"\bqd\b|quyet dinh|van ban cong bo"),
    ("phone_public", r"(?:cong khai|cong bo|cho phep|hien thi).*(?:dien thoai|sdt|\bso\b|\bdt\b)"),
    ("address_public", r"(?:cong khai|cong bo|cho phep|hien thi).*dia chi"),
    ("private_phone", r"(?:dien thoai|sdt|\bso\b|\bdt\b).*(?:rieng|ca nhan|noi bo|can bo)"),
    ("phone", r"dien thoai|dthoai|sdt|\bdt\b|dtdd|hotline|duong day|di dong|so lien (?:he|lac)|^(?:lien (?:he|lac)|phone|mobile|tel)$"),
    ("consent", r"dong y|chap thuan|consent"),
    ("publish", r"^(?:da |duoc )?(?:phep )?(?:cong khai|cong bo)"),
    ("name", r"^ten(?!.*(?:nguoi|chu (?:nha|ho)|can bo|xa|phuong|tinh|huyen))|^(?:dia chi|noi|diem) (?:tin cay|tam lanh)|^(?:co so|noi tiep nhan|mo hinh|don vi|noi ho tro|diem)$|^name$"),
    ("shelter", r"o lai|luu tru|tam tru|qua dem|tam lanh|^(?:co )?cho (?:o|nghi)$|suc chua"),
    ("hours", r"\bgio\b|thoi gian|hours"),
    ("distance_km", r"khoang cach|^cach\b|\bkm\b|distance"),
    ("address", r"^(?:so nha|dia chi|dc|noi o|cho o|thon|xom|ap|to dan pho|address)\b|dia chi"),
    ("children", r"tre em|^(?:nhan )?tre\b"),
    ("men", r"nam gioi|^nhan nam$|dan ong"),
    ("lgbt", r"lgbt|dong tinh|chuyen gioi"),
    ("disabled", r"khuyet tat"),
    ("types", r"(?:loai|hinh thuc|dang|nhom).*bao luc|bao luc ho tro|linh vuc ho tro"),
    ("takes", r"doi tuong|tiep nhan ai"),
    ("kind", r"loai hinh|loai co so|^loai|^kieu|nhom co so|^phan loai|^kind$"),
    ("languages", r"ngon ngu|^(?:thu )?tieng\b|noi tieng|language"),
    ("status", r"tinh trang|trang thai|^status$"),
    ("latitude", r"vi do|latitude|^lat$"),
    ("longitude", r"kinh do|longitude|^(?:lon|lng|long)$"),
    ("holder", r"ho (?:va )?ten|^nguoi (?:phu trach|dai dien|quan ly|giu|lien he|dung dau)|chu (?:nha|ho|co so)|dai dien|phu trach|^ten nguoi"),
    ("commune", r"\bxa\b|\bphuong\b|thi tran|dia ban|^commune$|^ward$"),
    ("district", r"^(?:quan|huyen)\b|thi xa|\bhuyen\b|^district$"),
    ("province", r"^tinh\b|thanh pho|^province$"),
    ("description", r"mo ta|noi dung|dich vu|chuc nang|hoat dong|gioi thieu|^description$"),
)  # fmt: skip
"""Which column a title means: the first pattern that its words, without marks, fit."""
_PATTERNS = tuple((key, re.compile(pattern)) for key, pattern in _SPELLINGS)
_LONGEST_TITLE = 60


@lru_cache(maxsize=4_096)
def meaning(title: str) -> str:
    """Return the key of the column that a title means, or ""."""
    words = squeeze(re.sub(r"[^a-z0-9]+", " ", fold(title)))
    if not words or len(words) > _LONGEST_TITLE:
        return ""
    return next((key for key, pattern in _PATTERNS if pattern.search(words)), "")


def cells_of(record: Record, service_id: str = "") -> dict[str, str]:
    """Return the cells of a public record, by column; the private phone and an address that is not public stay out."""
    commune = load().commune(record.commune) if record.commune else None
    shown = record.address_public and bool(record.address)
    return {
        "kind": KIND_NAMES.get(record.kind, record.kind), "name": record.name,
        "commune": f"{commune.label} – {commune.code}" if commune else f"{WHOLE_PROVINCE} {record.province}",
        "phone": record.phone, "phone_public": "có" if record.phone else "",
        "address": record.address if shown else "", "address_public": "có" if shown else "không",
        "hours": record.hours, "decision": record.decision, "decided_on": _day(record.decided_on),
        "consent": "có" if record.consent else "", "shelter": SHELTER.get(record.shelter, ""),
        **{one: "có" if one in record.takes else "" for one in ANYWAY},
        "types": _names(record.types, FOR), "languages": _names(record.languages, LANGUAGES),
        "distance_km": "" if record.distance_km is None else f"{record.distance_km:g}".replace(".", ","),
        "description": record.description, "status": STATUSES.get(record.status, ""), "private_phone": "",
        "id": service_id,
    }  # fmt: skip


def _names(codes: Iterable[str], names: dict[str, str]) -> str:
    return "; ".join(names.get(code, code) for code in codes)


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""
