"""What a record needs before residents may see it. Pure."""

from __future__ import annotations

from referral_directory.record import Record


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
