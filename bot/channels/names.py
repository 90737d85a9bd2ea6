"""What people call each channel, by the name under which it is kept; the order is that of lists."""

from __future__ import annotations

CHANNELS = {"web": "Trang web", "telegram": "Telegram", "zalo": "Zalo Bot", "zalo_oa": "Zalo OA", "terminal": "Thử"}
