"""The audit: who did what and when, for those who answer for it. It holds no word of any record or request."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from bot.clock import VIETNAM
from bot.staff.incoming import whole_number
from bot.staff.visit import Route, Visit
from referral_directory.logbook import actions, deeds

PAGE = 40

ACTIONS = {
    "propose": "Viết thay đổi",
    "approve": "Duyệt",
    "send_back": "Trả lại",
    "drop": "Bỏ thay đổi của mình",
    "ask_retire": "Đề nghị rút",
    "verify": "Gọi kiểm tra",
    "view_callback": "Đọc lời nhờ gọi lại",
    "try_callback": "Đã gọi thử, để gọi lại sau",
    "close_callback": "Đóng lời nhờ gọi lại",
    "write_event": "Ghi sự kiện",
    "approve_event": "Duyệt sự kiện",
    "return_event": "Trả lại sự kiện",
    "drop_event": "Rút sự kiện",
    "campaign_pause": "Tạm dừng chiến dịch",
    "campaign_resume": "Gửi tiếp chiến dịch",
    "campaign_cancel": "Hủy tin của một ngày",
    "campaign_count": "Tính tin không rõ là đã tới",
    "campaign_again": "Gửi lại tin không rõ",
    "import": "Nhập từ tệp",
    "export": "Xuất ra tệp",
    "report": "Tải báo cáo",
    "write_report": "Ghi lời của báo cáo",
    "add_activity": "Ghi hoạt động",
    "drop_activity": "Xóa hoạt động",
    "sign_in": "Đăng nhập",
    "sign_in_failed": "Đăng nhập sai",
    "code": "Nhập mã xác thực",
    "code_failed": "Nhập mã xác thực sai",
    "sign_out": "Đăng xuất",
    "sign_out_all": "Đăng xuất mọi máy",
    "set_password": "Đổi mật khẩu",
    "set_totp": "Cài mã xác thực",
    "drop_totp": "Bỏ mã xác thực",
    "new_codes": "In mã dự phòng mới",
    "create_staff": "Thêm người",
    "change_staff": "Đổi vai trò hoặc nơi",
    "deactivate": "Ngừng tài khoản",
    "activate": "Mở lại tài khoản",
    "reset_password": "Cấp mật khẩu mới",
    "reset_totp": "Xóa mã xác thực",
    "confirm_staff": "Xác nhận đúng người",
}
"""What the audit tells, in words; a test finds every deed of the code here."""


def trail(visit: Visit) -> Response:
    """Show the deeds that this person may read, the newest first."""
    action, typed = visit.query.get("action", ""), visit.query.get("day", "")
    found = deeds(
        visit.db, visit.keeper, action if action in ACTIONS else "", _end_of(typed),
        whole_number(visit.query.get("before", "")) or 0, PAGE + 1,
    )  # fmt: skip
    asked = {name: value for name, value in (("action", action), ("day", typed)) if value}
    more = f"?{urlencode({**asked, 'before': found[PAGE - 1].id})}" if len(found) > PAGE else ""
    known = [one for one in actions(visit.db, visit.keeper) if one in ACTIONS]
    return visit.page(
        "trail", deeds=found[:PAGE], names=ACTIONS, known=known, action=action, day=typed, next=more, asked=bool(asked)
    )


def _end_of(typed: str) -> float:
    """Return the last moment of a day as people choose it; 0 for none."""
    try:
        day = datetime.combine(date.fromisoformat(typed), time(), VIETNAM)
        return (day + timedelta(days=1)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


ROUTES = (Route("GET", "/audit", trail, "audit", roles=("province", "admin"), nav="Nhật ký"),)
