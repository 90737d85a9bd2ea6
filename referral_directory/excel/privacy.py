"""Which phone and address of a row residents may see: those of a home only where somebody said that they may. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from referral_directory.excel.cells import clean
from referral_directory.excel.phones import is_short, same
from referral_directory.record import Record

HOMES = ("trusted_address",)
"""Kinds of service that are the homes of people."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Phones and address as a row gives them; `None` where it says nothing on whether they may be shown."""

    phones: tuple[str, ...] = field(default=(), repr=False)
    private: tuple[str, ...] = field(default=(), repr=False)
    address: str = field(default="", repr=False)
    show_phone: bool | None = None
    show_address: bool | None = None


def settle(values: dict[str, Any], told: Contact, before: Record | None) -> Iterator[tuple[str, str]]:
    """Write phones and address into the values of a record; yield what was decided, as (column, words)."""
    agreed = values["kind"] not in HOMES or bool(values["decision"] and values["consent"])
    yield from _settle_phones(values, told, before, agreed)
    yield from _settle_address(values, told, before, agreed)


def _settle_phones(
    values: dict[str, Any], told: Contact, before: Record | None, agreed: bool
) -> Iterator[tuple[str, str]]:
    first, rest = (told.phones[0], told.phones[1:]) if told.phones else ("", ())
    known = before.phone if before else ""
    if common := list(filter(is_short, (*rest, *told.private))):
        yield "phone", f"{', '.join(common)} là số chung, không lưu làm số riêng"
    rest, mine = tuple(n for n in rest if not is_short(n)), [n for n in told.private if not is_short(n)]
    if first and (told.show_phone if told.show_phone is not None else agreed or same(first, known)):
        values["phone"] = known if same(first, known) else first
        if rest:
            yield "phone", "ô có hai số: số đầu cho người dân, số sau giữ riêng cho cán bộ"
    elif first:
        values["phone"] = "" if told.show_phone is False else known
        mine.append(first)
        yield "phone", NOT_SHOWN
    elif told.show_phone is False and known:
        values["phone"] = ""
        mine.append(known)
        yield "phone_public", "số đang công khai chuyển thành số riêng"
    kept = values["private_phone"]
    new = [n for n in dict.fromkeys((*mine, *rest)) if not same(n, values["phone"]) and not same(n, kept)]
    if new and (not kept or any(not same(n, kept) for n in mine)):
        values["private_phone"] = new.pop(0)
    if new:
        yield "phone", f"còn {len(new)} số không lưu: mỗi nơi có một số công khai và một số riêng"


def _settle_address(
    values: dict[str, Any], told: Contact, before: Record | None, agreed: bool
) -> Iterator[tuple[str, str]]:
    changed = bool(told.address) and (before is None or clean(before.address) != told.address)
    if changed:
        values["address"] = told.address
    if told.show_address is not None:
        values["address_public"] = told.show_address and bool(values["address"])
    elif changed and values["kind"] in HOMES:
        values["address_public"] = agreed
        if not agreed:
            yield "address", "chưa công khai: cần số quyết định và đồng ý công bố, hoặc “có” ở cột Công khai địa chỉ"
    elif changed and not (before and before.address):
        values["address_public"] = True


NOT_SHOWN = (
    "chỉ cán bộ thấy số này. Muốn người dân thấy: cần số quyết định và đồng ý công bố, hoặc “có” ở cột "
    "Công khai số điện thoại"
)
