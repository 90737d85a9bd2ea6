"""What the state of a service means to staff, in a few words and a colour."""

from __future__ import annotations

from datetime import date

from referral_directory.routing import FRESH_DAYS, HIDDEN_DAYS
from referral_directory.terms import STATUSES
from referral_directory.worklist import CALL_DAYS

Badge = tuple[str, str]
"""Words and colour: "" plain, "good", "waits", "late"."""

CHANGES = {"draft": ("Bản nháp", ""), "waiting": ("Chờ duyệt", "waits"), "returned": ("Bị trả lại", "late")}
"""States of an open change."""
LACKS = {
    "decision": "số quyết định công bố",
    "consent": "đồng ý của người giữ",
    "phone": "số điện thoại cho người dân",
}
"""What keeps a change from being approved (`publishing.lacking`), in a few words."""


def badges(
    state: str, status: str, verified: date | None, change: str, sample: bool, today: date, retires: bool = False
) -> list[Badge]:
    """Return the badges of a service; `change` is the state of its open change, or "";
    `retires` that it asks to be shown no more.
    """
    shown: list[Badge] = [("MẪU", "")] if sample else []
    if state == "retired" and not change:
        return [*shown, ("Đã rút", "")]
    if state == "approved":
        if sample:
            return shown
        shown.append((STATUSES[status], "waits") if status != "active" else checked(verified, today))
        return (
            [*shown, (f"{'Rút' if retires else 'Sửa'}: {CHANGES[change][0].lower()}", CHANGES[change][1])]
            if change
            else shown
        )
    return [*shown, CHANGES.get(change) or CHANGES["draft"]]


def checked(verified: date | None, today: date) -> Badge:
    """Return what residents and staff should know of the last call."""
    if verified is None:
        return ("Chưa được kiểm tra", "late")
    days = (today - verified).days
    if days > HIDDEN_DAYS:
        return (f"Đang ẩn: {days} ngày chưa kiểm", "late")
    if days > FRESH_DAYS:
        return (f"{days} ngày chưa kiểm", "late")
    return (f"Nên gọi: {days} ngày", "waits") if days > CALL_DAYS else (f"Đã kiểm {verified:%d/%m/%Y}", "good")
