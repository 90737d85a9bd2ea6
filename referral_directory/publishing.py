"""What a record needs before residents may see it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nlu.text import fold
from referral_directory.record import Record

_SECRET = (
    "kín", "bí mật", "giấu", "không cho ai biết", "đừng cho ai biết", "không để ai biết", "không cho biết", "không ai được biết",
    "không công khai", "chưa công khai", "không công bố", "chưa công bố", "tạm lánh",
)  # fmt: skip
"""Words of a place that is not for everybody; a text without any mark is read without them."""
_MARKED = re.compile(rf"\b(?:{'|'.join(_SECRET)})\b")
_UNMARKED = re.compile(rf"\b(?:{'|'.join(map(fold, _SECRET))})\b")


def lacking(record: Record) -> dict[str, str]:
    """Return what is still missing, as field and sentence for staff; empty when the record may be shown.

    A trusted address may be somebody's house: the commune lists and publishes it (Luật 13/2022/QH15, Điều 36), and who
    keeps it agreed.
    """
    if record.kind != "trusted_address":
        return {}
    said = {}
    if not record.decision:
        said["decision"] = "Ghi số quyết định của xã công bố địa chỉ này."
    if not record.consent:
        said["consent"] = "Người giữ địa chỉ phải đồng ý thì mới được công bố."
    if not record.phone and not (record.address and record.address_public):
        said["phone"] = "Người dân cần một số điện thoại, hoặc một địa chỉ được phép công bố."
    return said


def doubt(record: Record, notes: Iterable[str] = ()) -> str:
    """Return the question whether a record shall be public that calls itself secret, in its words or in notes beside it."""
    if not (record.phone or (record.address and record.address_public)):
        return ""
    for text in (record.name, record.description, *notes):
        words = text.lower()
        if found := (_UNMARKED if words.isascii() else _MARKED).search(words):
            return f"ghi “{found[0]}” mà lại công khai: đúng không?"
    return ""
