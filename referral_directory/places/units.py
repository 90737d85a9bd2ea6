"""Today's provinces and communes, the units they were made from, and look-ups over both."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from referral_directory.places.spelling import joined, letters

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Province:
    """One of the 34 provinces and cities of today; `kind` is "Tỉnh" or "Thành phố"."""

    code: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Commune:
    """One of the 3,321 communes of today; `lat` and `lon` are its centre in degrees."""

    code: int
    name: str
    kind: str
    province: Province
    lat: float | None
    lon: float | None

    @property
    def label(self) -> str:
        """The name with its kind: "Phường Sóc Trăng"."""
        return f"{self.kind} {self.name}"

    @property
    def full(self) -> str:
        """The name with its kind and province: "Phường Sóc Trăng, Cần Thơ"."""
        return f"{self.label}, {self.province.name}"


@dataclass(frozen=True, slots=True)
class Former:
    """A unit that ended on 1 July 2025 (or before) and the codes of today's communes on its land.

    `today` begins with the communes that took most of it. A province has neither `district` nor `commune`, a district no `commune`; `name` and `kind` are its own.
    """

    name: str
    kind: str
    province: str
    district: str
    commune: str
    today: tuple[int, ...]


class Gazetteer:
    """Every unit by code and by name; read once, changed never."""

    def __init__(self, units: str, former: str) -> None:
        self.provinces: tuple[Province, ...] = ()
        self.communes: tuple[Commune, ...] = ()
        self._read_units(units)
        self.districts: tuple[Former, ...] = ()
        self.former_provinces: tuple[Former, ...] = ()
        self.former_communes: tuple[Former, ...] = ()
        self.before: dict[str, list[Former]] = defaultdict(list)
        """Former communes by a still older name, spelt without marks and spaces."""
        self._read_former(former)

    def commune(self, code: int) -> Commune | None:
        """Return the commune of today with this official code."""
        return self._commune.get(code)

    def province(self, code: int) -> Province | None:
        """Return the province of today with this official code."""
        return self._province.get(code)

    def by_name(self, commune_label: str, province_name: str) -> Commune | None:
        """Return today's commune of that label ("Xã Cẩm Tân") and province ("Thanh Hóa"), however it is spelt."""
        named = self._named.get((joined(commune_label), joined(province_name)), ())
        same = [c for c in named if letters(c.label) == letters(commune_label)]
        return same[0] if same else named[0] if len(named) == 1 else None

    def _read_units(self, text: str) -> None:
        provinces, communes = [], []
        self._province: dict[int, Province] = {}
        for line in text.splitlines()[1:]:
            code, kind, name, province, lat, lon = line.split("\t")
            if province:
                at = self._province[int(province)]
                communes.append(Commune(int(code), name, kind, at, _degrees(lat), _degrees(lon)))
            else:
                self._province[int(code)] = Province(int(code), name, kind)
                provinces.append(self._province[int(code)])
        self.provinces, self.communes = tuple(provinces), tuple(communes)
        self._commune = {c.code: c for c in communes}
        self._named: dict[tuple[str, str], list[Commune]] = defaultdict(list)
        for commune in communes:
            self._named[joined(commune.label), joined(commune.province.name)].append(commune)

    def _read_former(self, text: str) -> None:
        communes = []
        in_district: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        in_province: dict[str, Counter[int]] = defaultdict(Counter)
        for line in text.splitlines()[1:]:
            province, district, commune, today, also = line.split("\t")
            codes = tuple(int(code) for code in today.split())
            in_district[province, district].update(codes)
            in_province[province].update(codes)
            if commune:
                kind, name = _parted(commune)
                unit = Former(name, kind, province, district, commune, codes)
                communes.append(unit)
                for key in also.split():
                    self.before[key].append(unit)
        self.former_communes = tuple(communes)
        self.districts = tuple(
            Former(_parted(label)[1], _parted(label)[0], province, label, "", _by_share(codes))
            for (province, label), codes in in_district.items()
        )
        self.former_provinces = tuple(
            Former(name, "Tỉnh", name, "", "", _by_share(codes)) for name, codes in in_province.items()
        )


@lru_cache(maxsize=1)
def load() -> Gazetteer:
    """Return the gazetteer of this package; only the first call reads its files."""
    return Gazetteer(
        (_HERE / "units.tsv").read_text(encoding="utf-8"), (_HERE / "former.tsv").read_text(encoding="utf-8")
    )


_TWO_WORDS = ("Thành phố ", "Thị xã ", "Thị trấn ", "Đặc khu ")


def _parted(label: str) -> tuple[str, str]:
    """Return kind and name of a label."""
    size = next((len(kind) for kind in _TWO_WORDS if label.startswith(kind)), label.index(" ") + 1)
    return label[: size - 1], label[size:]


def _by_share(codes: Counter[int]) -> tuple[int, ...]:
    """Return the communes of today that took most of the old ones first."""
    return tuple(sorted(codes, key=lambda code: (-codes[code], code)))


def _degrees(text: str) -> float | None:
    return float(text) if text else None
