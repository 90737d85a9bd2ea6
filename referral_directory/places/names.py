"""What every name may mean: units of today, former units, and how people call them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from referral_directory.places.spelling import joined, letters
from referral_directory.places.units import Commune, Former, Gazetteer, load


@dataclass(frozen=True, slots=True)
class Sense:
    """One unit that a name may mean; `level` is 1 for communes, 2 for districts, 3 for provinces."""

    level: int
    kind: str
    marks: tuple[str, ...]
    """The words of the name with their marks; none when the marks are not known."""
    codes: frozenset[int]
    """Today's communes on its land."""
    order: tuple[int, ...]
    """The same, the chief ones first."""
    old: bool
    home: tuple[str, str] = ("", "")
    """Old province and district of a former unit."""

    def lies_in(self, other: Sense) -> bool:
        """Tell whether this unit is part of `other`, which is of a higher level."""
        if self.old and other.old and self.home[0] != other.home[0]:
            return False
        if self.old and other.level == 2:
            return self.home == other.home
        return not self.codes.isdisjoint(other.codes)


Names = dict[str, list[Sense]]

_PROVINCES_CALLED = {
    "Hà Nội": "hn|hà lội|thủ đô hà nội|hnoi|hà tây",
    "Hồ Chí Minh": "hcm|hcmc|sg|sài gòn|xì gòn|sài gòng|sài thành|tphcm|tp hcm|sgn",
    "Huế": "thừa thiên huế|thừa thiên|tt huế|tth",
    "Đắk Lắk": "đắc lắc|đăk lăk|đắc lắk|đắk lắc|đắc lăk|darlac|đăc lăc|đak lak|đăc lắc",
    "Đà Nẵng": "đà nẵn",
}
_FORMER_CALLED = {
    "Bà Rịa - Vũng Tàu": "brvt|bà rịa vũng tàu|br vt",
    "Đắk Nông": "đắc nông|đăk nông|đăc nông|đak nông",
    "Bắc Kạn": "bắc cạn|bắc cạng",
    "Kon Tum": "kom tum|công tum",
    "Sóc Trăng": "xóc trăng|sốc trăng",
}
_DISTRICTS_CALLED = {
    ("Buôn Ma Thuột", "Đắk Lắk"): "bmt|buôn mê thuột|ban mê thuột|ban mê|buôn mê",
    ("Phan Rang - Tháp Chàm", "Ninh Thuận"): "phan rang|tháp chàm",
    ("Pleiku", "Gia Lai"): "plây ku|plei cu|plâycu",
}
_DISTRICTS_BEFORE = {
    ("Thành phố Thủ Đức", "Hồ Chí Minh"): "Quận 2|Quận 9",
    ("Huyện Hà Quảng", "Cao Bằng"): "Huyện Thông Nông",
    ("Thành phố Hoa Lư", "Ninh Bình"): "Thành phố Ninh Bình",
    ("Huyện Quế Sơn", "Quảng Nam"): "Huyện Nông Sơn",
    ("Huyện Quảng Hòa", "Cao Bằng"): "Huyện Phục Hòa|Huyện Quảng Uyên",
    ("Huyện Long Đất", "Bà Rịa - Vũng Tàu"): "Huyện Đất Đỏ|Huyện Long Điền",
    ("Thành phố Nam Định", "Nam Định"): "Huyện Mỹ Lộc",
    ("Thành phố Thanh Hóa", "Thanh Hóa"): "Huyện Đông Sơn",
    ("Thành phố Hòa Bình", "Hòa Bình"): "Huyện Kỳ Sơn",
    ("Thành phố Hạ Long", "Quảng Ninh"): "Huyện Hoành Bồ",
    ("Thành phố Phú Mỹ", "Bà Rịa - Vũng Tàu"): "Huyện Tân Thành",
    ("Huyện Phú Lộc", "Huế"): "Huyện Nam Đông",
    ("Huyện Trà Bồng", "Quảng Ngãi"): "Huyện Tây Trà",
    ("Thành phố Bắc Giang", "Bắc Giang"): "Huyện Yên Dũng",
    ("Thành phố Vinh", "Nghệ An"): "Thị xã Cửa Lò",
    ("Thị xã Nghi Sơn", "Thanh Hóa"): "Huyện Tĩnh Gia",
    ("Huyện Đạ Huoai", "Lâm Đồng"): "Huyện Cát Tiên|Huyện Đạ Tẻh",
}
"""Districts that were joined to another before 2025."""


@lru_cache(maxsize=1)
def names() -> Names:
    """Return every name, without marks and spaces, with all that it may mean."""
    found: Names = defaultdict(list)
    gazetteer = load()
    for name, sense in _senses(gazetteer):
        found[joined(name)].append(sense)
    for key, units in gazetteer.before.items():
        for unit in units:
            found[key].append(_former(unit, ""))
    return dict(found)


@lru_cache(maxsize=8)
def keys(level: int) -> tuple[str, ...]:
    """Return the names of one level, as the index spells them, for the search of misspelt ones."""
    return tuple(k for k, senses in names().items() if len(k) >= 5 and any(s.level == level for s in senses))


def within(large: Sense) -> Names:
    """Return what lies in a district or a province, by name."""
    found: Names = defaultdict(list)
    for name, senses in names().items():
        for sense in senses:
            if sense.level < large.level and sense.marks and sense.lies_in(large):
                found[name].append(sense)
    return found


def _senses(gazetteer: Gazetteer) -> Iterator[tuple[str, Sense]]:
    in_province: dict[str, list[int]] = defaultdict(list)
    for commune in gazetteer.communes:
        in_province[commune.province.name].append(commune.code)
        yield commune.name, _today(commune)
    for province in gazetteer.provinces:
        codes = tuple(in_province[province.name])
        for name in _called(province.name, _PROVINCES_CALLED):
            yield name, Sense(3, province.kind, letters(name), frozenset(codes), codes, old=False)
    for former in gazetteer.former_provinces:
        if former.name not in in_province:
            for name in _called(former.name, _FORMER_CALLED):
                yield name, _former(former, name)
    for former in gazetteer.districts:
        more = _DISTRICTS_CALLED.get((former.name, former.province), "")
        for name in (former.name, *more.split("|")):
            if name:
                yield name, _former(former, name)
        for label in _DISTRICTS_BEFORE.get((former.district, former.province), "").split("|"):
            if label:
                kind = next(k for k in ("Quận", "Huyện", "Thị xã", "Thành phố") if label.startswith(k))
                unit = Former("", kind, former.province, former.district, "", former.today)
                yield label.removeprefix(kind), _former(unit, label.removeprefix(kind))
    for former in gazetteer.former_communes:
        yield former.name, _former(former, former.name)


def _called(name: str, more: dict[str, str]) -> tuple[str, ...]:
    return (name, *more[name].split("|")) if name in more else (name,)


def _today(commune: Commune) -> Sense:
    code = commune.code
    return Sense(1, commune.kind, letters(commune.name), frozenset((code,)), (code,), old=False)


def _former(unit: Former, name: str) -> Sense:
    level = 1 if unit.commune else 2 if unit.district else 3
    home = (unit.province, unit.district)
    return Sense(level, unit.kind, letters(name), frozenset(unit.today), unit.today, old=True, home=home)
