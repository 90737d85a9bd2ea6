"""Which commune of today a row means: by code, by name, by the old name of before July 2025. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from nlu.text import fold
from referral_directory.excel.cells import key
from referral_directory.excel.columns import WHOLE_PROVINCE
from referral_directory.keeper import Keeper
from referral_directory.places import Commune, Place, find_place, load
from referral_directory.places.spelling import letters

_CODE = re.compile(r"(?<!\d)(\d{1,5})(?!\d)")
_NUMBERED = re.compile(r"^(?:xã|phường|thị trấn|xa|phuong|p|tt)?[. ]*(?:số )?\d{1,2}(?:\D|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says about where, each as it stands in its column; `address` is asked where the others are empty."""

    code: str = ""
    commune: str = ""
    district: str = ""
    province: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """A commune (0: the whole province) of a province; `said` is what was changed, `wrong` what must be mended."""

    commune: int = 0
    province: str = ""
    said: str = ""
    wrong: str = ""


def finder(keeper: Keeper, home: str = "") -> Callable[[Told], Where]:
    """Return a function that finds the commune of a row for this member of staff; the same words are read once.

    `home` is the province of the list, where its rows name none.
    """
    return lru_cache(maxsize=None)(lambda told: _find(keeper, told, keeper.province or home))


def _find(keeper: Keeper, told: Told, home: str) -> Where:
    province = _province(told.province) if told.province else home
    if told.code:
        return _by_code(keeper, told.code, told.commune)
    if not told.commune and not told.district:
        return _without_name(keeper, told, province)
    if key(told.commune).startswith(("toantinh", "captinh", "toanthanhpho")):
        return _whole(keeper, told, province)
    written = _CODE.search(told.commune)
    if written and not _NUMBERED.match(told.commune):
        return _by_code(keeper, written[1], _CODE.sub("", told.commune))
    if province and not told.district:
        same = _today().get((province, key(told.commune)), [])
        exact = [c for c in same if letters(told.commune) in (letters(c.label), letters(c.name))] or same
        if len(exact) == 1:
            return _owned(keeper, exact[0], "")
    return _by_words(keeper, told, province)


@lru_cache(maxsize=1)
def _today() -> dict[tuple[str, str], list[Commune]]:
    """Return today's communes by province and by name, with its kind and without, spelt without marks."""
    found = defaultdict(list)
    for commune in load().communes:
        for name in {key(commune.label), key(commune.name)}:
            found[commune.province.name, name].append(commune)
    return found


def _by_code(keeper: Keeper, text: str, name: str) -> Where:
    number = _CODE.search(text)
    commune = load().commune(int(number[1])) if number else None
    if commune is None:
        return Where(wrong="Mã xã không có trong danh mục hiện nay. Chọn xã trong mẫu, hoặc xóa mã và ghi tên xã.")
    said = key(re.sub(r"[–—-]\s*$", "", name))
    if said and said not in (key(commune.label), key(commune.name)) and commune not in _named(said, keeper.province):
        return Where(wrong=f"Mã {commune.code} là {commune.full}, không khớp tên xã đã ghi. Giữ một trong hai.")
    return _owned(keeper, commune, "")


def _named(said: str, province: str) -> list[Commune]:
    return _today().get((province, said), [])


def _without_name(keeper: Keeper, told: Told, province: str) -> Where:
    if keeper.role == "commune":
        return Where(keeper.commune, keeper.province)
    if told.address:
        place = find_place(told.address, near=province or None)
        if place and place.code:
            commune = load().commune(place.code)
            if commune and keeper.owns(commune.code, commune.province.name):
                return Where(commune.code, commune.province.name, f"lấy {commune.full} từ ô địa chỉ")
    return Where(wrong=f"Ghi tên xã, phường; hoặc “{WHOLE_PROVINCE}” nếu nơi này phục vụ cả tỉnh.")


def _whole(keeper: Keeper, told: Told, province: str) -> Where:
    named = _province(
        re.sub(r"(?i)^(?:toàn tỉnh|cấp tỉnh|toàn thành phố|toan tinh|cap tinh)", "", told.commune).strip()
    )
    found = named or province
    if not found:
        return Where(wrong=f"Ghi tên tỉnh, ví dụ “{WHOLE_PROVINCE} Thanh Hóa”.")
    if not keeper.owns(0, found):
        return Where(wrong=f"Chỉ cán bộ cấp tỉnh {found} nhập được nơi phục vụ toàn tỉnh.")
    return Where(0, found)


def _by_words(keeper: Keeper, told: Told, province: str) -> Where:
    words = ", ".join(w for w in (told.commune, told.district, told.province) if w)
    place = find_place(words, expecting=True, near=province or None)
    if place is None or not (place.code or place.choices):
        if told.address and not told.commune:
            return _without_name(keeper, Told(address=f"{told.address}, {words}"), province)
        return Where(wrong=f"Không tìm thấy xã “{words[:80]}”. Xem lại tên, hoặc chọn xã trong mẫu.")
    if place.code and (commune := load().commune(place.code)):
        return _owned(keeper, commune, _renamed(commune, told.commune, words))
    return _among(keeper, place, words, province)


def _among(keeper: Keeper, place: Place, words: str, province: str) -> Where:
    """Return the one of several communes that can be meant here, or ask which."""
    known = [load().by_name(*choice.rsplit(", ", 1)) for choice in place.choices]
    every = [c for c in known if c is not None]
    mine = [c for c in every if keeper.owns(c.code, c.province.name) and province in ("", c.province.name)]
    if len(mine) == 1:
        return Where(mine[0].code, mine[0].province.name, f"“{words[:80]}” hiểu là {mine[0].full}")
    named = "; ".join(c.full for c in mine or every)
    if not mine:
        return Where(wrong=f"Không có “{words[:80]}” trong phạm vi của bạn (tên này có ở: {named}). Xem lại tên xã.")
    return Where(wrong=f"“{words[:80]}” có thể là: {named}. Chọn một xã và ghi đủ tên, hoặc ghi mã xã.")


def _renamed(commune: Commune, name: str, words: str) -> str:
    """Return what is told of a name that is not today's."""
    if key(name) in (key(commune.label), key(commune.name)):
        return ""
    how = "hiểu là" if key(name).endswith(key(commune.name)) else "nay là"
    return f"“{words[:80]}” {how} {commune.full}"


def _owned(keeper: Keeper, commune: Commune, said: str) -> Where:
    if keeper.owns(commune.code, commune.province.name):
        return Where(commune.code, commune.province.name, said)
    return Where(
        wrong=f"{commune.full} không thuộc phạm vi của bạn. Xóa dòng này, hoặc gửi danh sách cho cán bộ xã, tỉnh đó."
    )


@lru_cache(maxsize=512)
def _province(text: str) -> str:
    """Return the name of the province of today that a text tells, or ""."""
    said = key(re.sub(r"(?i)^(?:tỉnh|thành phố|tp\.?|tinh)\s+", "", text))
    for province in load().provinces:
        if said == key(province.name):
            return province.name
    place = find_place(f"tỉnh {fold(text)}", expecting=True) if text else None
    return (place.province or "") if place else ""
