"""What staff call the states of a campaign's day, and what becomes of its messages: on the site and on the command line."""

from __future__ import annotations

STATES = {
    "fanning_out": "đang gửi", "running": "đang gửi", "paused": "tạm dừng", "cancelled": "đã hủy", "done": "đã xong",
}  # fmt: skip
ENDS = {
    "sent": "đã gửi", "left": "còn lại", "unknown": "không rõ", "gone": "đã rời", "failed": "hỏng",
    "expired": "quá giờ", "cancelled": "đã hủy",
}  # fmt: skip
"""The counts of `Progress`, "left" among them."""
