"""What a service can be and do: codes that tables hold, with the words that people read (taxonomies of HSDS)."""

from __future__ import annotations

KIND_NAMES = {
    "trusted_address": "Địa chỉ tin cậy",
    "police": "Công an",
    "peoples_committee": "Ủy ban nhân dân",
    "womens_union": "Hội Liên hiệp Phụ nữ",
    "health_station": "Trạm y tế",
    "hospital": "Bệnh viện",
    "legal_aid": "Trợ giúp pháp lý",
    "counselling": "Tư vấn",
    "social_work": "Công tác xã hội",
}
"""Kinds of service, in the order in which a commune's entries are offered."""

KINDS = tuple(KIND_NAMES)

TAKES = {"children": "Trẻ em", "men": "Nam giới", "lgbt": "Người LGBT", "disabled": "Người khuyết tật"}
"""Who is received besides women."""

SHELTER = {"overnight": "Cho ở lại qua đêm", "receive": "Chỉ tiếp nhận ban đầu"}

FOR = {
    "physical": "Thân thể",
    "sexual": "Tình dục",
    "harassment": "Quấy rối tình dục",
    "psychological": "Tinh thần",
    "economic": "Kinh tế",
    "child": "Xâm hại trẻ em",
    "school": "Bạo lực học đường",
    "trafficking": "Mua bán người",
    "online": "Trên mạng",
    "forced_marriage": "Ép hôn, tảo hôn",
}
"""Kinds of violence (`nlu.labels.TYPES`) that a service is there for; none named means all."""

LANGUAGES = {
    "vi": "Tiếng Việt", "km": "Khmer", "hmn": "Hmông", "blt": "Thái", "tyz": "Tày", "nut": "Nùng", "mtq": "Mường",
    "ium": "Dao", "rad": "Ê Đê", "jra": "Gia Rai", "bdq": "Ba Na", "sed": "Xơ Đăng", "kpm": "Cơ Ho", "cjm": "Chăm",
    "zh": "Hoa", "en": "Tiếng Anh", "vsl": "Ngôn ngữ ký hiệu",
}  # fmt: skip
"""Languages in which a service can be asked (ISO 639 codes)."""

STATUSES = {
    "active": "Đang hoạt động",
    "temporarily closed": "Tạm nghỉ",
    "inactive": "Ngừng hoạt động",
    "defunct": "Không còn",
}

STATES = {"draft": "Bản nháp", "waiting": "Chờ duyệt", "approved": "Đã duyệt", "retired": "Đã rút"}
