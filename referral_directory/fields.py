"""What the fields of a record are called, how people read their values, and who may read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from referral_directory.keeper import Keeper
from referral_directory.places import load
from referral_directory.record import Record
from referral_directory.terms import FOR, KIND_NAMES, LANGUAGES, SHELTER, STATES, STATUSES, TAKES

FIELD_NAMES = {
    "kind": "Loại",
    "name": "Tên",
    "commune": "Xã, phường",
    "province": "Tỉnh, thành phố",
    "description": "Mô tả",
    "phone": "Số điện thoại cho người dân",
    "private_phone": "Số riêng của người giữ địa chỉ",
    "address": "Địa chỉ",
    "address_public": "Cho người dân thấy địa chỉ",
    "latitude": "Vĩ độ",
    "longitude": "Kinh độ",
    "hours": "Giờ mở cửa",
    "decision": "Số quyết định công bố",
    "decided_on": "Ngày quyết định",
    "consent": "Người giữ địa chỉ đồng ý công bố",
    "shelter": "Ở lại qua đêm",
    "takes": "Nhận cả",
    "types": "Giúp khi bị",
    "languages": "Nói được tiếng",
    "distance_km": "Cách trung tâm xã (km)",
    "status": "Tình trạng",
    "state": "Trong danh bạ",
}
"""Names of the fields of `Record`, and of "state", which history tells too."""

PRIVATE = ("private_phone", "address", "latitude", "longitude")
"""What staff of the commune alone may see, the place as long as it is not public."""

_CODES = {
    "kind": KIND_NAMES, "shelter": SHELTER, "takes": TAKES, "types": FOR, "languages": LANGUAGES, "status": STATUSES,
    "state": STATES,
}  # fmt: skip


def in_words(field: str, text: str) -> str:
    """Return a value as history keeps it (`changes.as_text`) in the words of people; "" for what is not known."""
    if field == "commune":
        commune = load().commune(int(text)) if text.isdigit() else None
        return commune.label if commune else "Cả tỉnh" if text == "0" else ""
    if field == "decided_on" and text:
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    if field in ("consent", "address_public"):
        return text or "không"
    names = _CODES.get(field)
    return ", ".join(names.get(code, code) for code in text.split(", ")) if names and text else text


def sees_private(keeper: Keeper, commune: int, province: str) -> bool:
    """Tell whether this person may see the private parts of a record: confirmed staff of its commune alone.

    Services of a whole province belong to no commune: its supervisors keep them.
    """
    if not keeper.confirmed:
        return False
    if commune:
        return keeper.role == "commune" and keeper.commune == commune
    return keeper.role == "province" and keeper.province == province


def hides_place(record: Record) -> bool:
    """Tell whether a record has a place that residents do not see."""
    return not record.address_public and (bool(record.address) or record.latitude is not None)


def holds_private(record: Record) -> bool:
    """Tell whether a record has anything that staff of its commune alone may see."""
    return bool(record.private_phone) or hides_place(record)


def as_shown(record: Record, sees: bool) -> Record:
    """Return the record as somebody may read it who sees, or does not see, the private parts of its service.

    Who sees them is told by where the service is (`Dossier.sees_private`), never by where a change would put it.
    """
    if sees:
        return record
    if hides_place(record):
        record = replace(record, address="", latitude=None, longitude=None)
    return replace(record, private_phone="")


def with_hidden(written: Record, before: Record) -> Record:
    """Return what somebody wrote who does not see the private parts, together with these: nothing is lost."""
    kept = replace(written, private_phone=before.private_phone or written.private_phone)
    if hides_place(before) and not written.address:
        place = {"address": before.address, "latitude": before.latitude, "longitude": before.longitude}
        kept = replace(kept, **place, address_public=False)  # type: ignore[arg-type]  # three fields of a record
    return kept
