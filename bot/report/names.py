"""What the report calls the labels that are counted."""

from __future__ import annotations

from referral_directory.terms import FOR

TOPICS = {
    "dv_definition": "Thế nào là bạo lực gia đình", "dv_acts": "Hành vi bạo lực gia đình",
    "dv_rights": "Quyền của người bị bạo lực", "dv_report": "Báo tin về bạo lực",
    "dv_protection": "Cấm tiếp xúc và cách bảo vệ khác", "shelter": "Nơi tạm lánh, nơi giúp đỡ",
    "admin_fine": "Mức phạt hành chính", "criminal": "Trách nhiệm hình sự", "procedure": "Tố giác, khởi tố",
    "child": "Bảo vệ trẻ em", "trafficking": "Mua bán người", "marriage": "Kết hôn, tảo hôn, ly hôn",
    "labour": "Quấy rối ở nơi làm việc", "gender_equality": "Bình đẳng giới", "online": "Bị hại trên mạng",
    "legal_aid": "Trợ giúp pháp lý", "ai": "Trợ lý tự động là gì", "state": "Cơ quan nào phụ trách",
    "action_month": "Tháng hành động, chủ đề", "none": "Thư viện chưa có câu trả lời",
}  # fmt: skip
"""Topics of `content/facts.yml`; a test finds each of them here."""
QUESTIONS = {
    "aside": "Hỏi thêm khi đang được giúp", "ask_slogan": "Khẩu hiệu", "ask_campaign": "Tháng hành động",
    "find_safe_address": "Tìm địa chỉ tin cậy", "find_police": "Tìm công an", "find_hotline": "Tìm đường dây nóng",
    "find_health": "Tìm nơi y tế", "find_legal_aid": "Tìm trợ giúp pháp lý", "find_counselling": "Tìm nơi tư vấn",
    "callback": "Hỏi về gọi lại", "out_of_scope": "Ngoài phạm vi", "checkin": "Được hỏi thăm nhẹ nhàng",
    "disaster": "Thiên tai",
}  # fmt: skip
TOLD = {
    **FOR, "emergency": "Nguy hiểm ngay lúc đó", "self_harm": "Muốn tự làm hại mình",
    "perpetrator": "Người gây bạo lực tìm đến", "fled": "Đang trốn",
}  # fmt: skip
ENDS = {
    "total": "Đã lên lịch", "sent": "Đã gửi", "unknown": "Không rõ đã đến", "refused": "Bị từ chối",
    "unsent": "Không gửi", "waiting": "Đang chờ",
}  # fmt: skip
"""What became of messages; "refused" are those whose person left or whose channel refused, "unsent" too late or cancelled."""
