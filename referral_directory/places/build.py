"""Write ``units.tsv`` and ``former.tsv`` again from the vietnamadminunits package (MIT).

    python -m referral_directory.places.build

Only this step needs the package (``pip install vietnamadminunits==1.0.4``); what it writes is plain sorted text
without a date in it, so the same package gives the same bytes and a new edition shows as a readable difference.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from referral_directory.places.nearby import kilometres

HERE = Path(__file__).parent
RENAMED = {"Đồng Nai": "Thành phố", "Quảng Ninh": "Thành phố", "Bắc Ninh": "Thành phố"}
"""Provinces that became cities in 2026, after the package's edition of August 2025."""
TOO_FAR = 20.0
"""Kilometres; a part of a divided old commune does not lie so far from it, unless its district is joined there."""

_SUFFIX = re.compile(r"\s*\((?:Xã|Phường|Thị trấn|Thị xã|Huyện|Thành phố|Quận)\)$")
_KIND = re.compile(r"(Thành phố|Thị xã|Thị trấn|Đặc khu|Tỉnh|Huyện|Quận|Phường|Xã)\s+(.*)$", re.IGNORECASE)


def main() -> None:
    """Write both files beside this one and print how many rows they have."""
    today, old, links = _read(_package())
    units = list(_unit_lines(today))
    former = list(_former_lines(today, old, links))
    (HERE / "units.tsv").write_text("\n".join(units) + "\n", encoding="utf-8")
    (HERE / "former.tsv").write_text("\n".join(former) + "\n", encoding="utf-8")
    print(f"units.tsv: {len(units) - 1} rows, former.tsv: {len(former) - 1} rows")


Row = sqlite3.Row
Links = dict[str, set[tuple[str, str]]]


def _package() -> Path:
    spec = importlib.util.find_spec("vietnamadminunits")
    if spec is None or spec.origin is None:
        raise SystemExit("vietnamadminunits is not installed here: pip install vietnamadminunits==1.0.4")
    return Path(spec.origin).parent / "data"


def _read(data: Path) -> tuple[dict[tuple[str, str], Row], dict[str, Row], Links]:
    """Return today's communes, the old ones, and for each old one the communes of today that hold its land."""
    with sqlite3.connect(f"file:{data / 'dataset.db'}?mode=ro", uri=True) as base:
        base.row_factory = sqlite3.Row
        today = {(r["provinceKey"], r["wardKey"]): r for r in base.execute("select * from admin_units")}
        old = {_old_key(r): r for r in base.execute("select * from admin_units_legacy")}
    base.close()
    maps = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    whole: Links = defaultdict(set)
    for province, communes in maps["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, parts in communes.items():
            for part in parts:
                whole[part].add((province, commune))
    divided: Links = defaultdict(set)
    for province, units in maps["DICT_PROVINCE_WARD_DIVIDED"].items():
        for part, communes in units.items():
            divided[part] |= {(province, c["newWardKey"]) for c in communes}
    links = whole | _own(divided, whole, today, old)
    if missing := [key for key in old if not links.get(key)]:
        raise SystemExit(f"no commune of today for {missing[:5]}")
    return today, old, links


def _own(divided: Links, whole: Links, today: dict[tuple[str, str], Row], old: dict[str, Row]) -> Links:
    """Return `divided` without what belongs to a namesake: the package mixes same-named units of a new province.

    A commune of today lies in one old province, that of most of its parts; and within it, not in another district
    far away.
    """
    provinces: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    districts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for part, communes in [*whole.items(), *divided.items()]:
        for commune in communes:
            provinces[commune][part.split("_")[0]] += 1
    for part, communes in whole.items():
        for commune in communes:
            districts[commune].add(part.rsplit("_", 1)[0])

    def belongs(part: str, commune: tuple[str, str]) -> bool:
        if provinces[commune].most_common(1)[0][0] != part.split("_")[0]:
            return False
        if part.rsplit("_", 1)[0] in districts[commune]:
            return True
        a, b = old[part], today[commune]
        return kilometres(a["wardLat"], a["wardLon"], b["wardLat"], b["wardLon"]) < TOO_FAR

    return {part: {c for c in communes if belongs(part, c)} for part, communes in divided.items()}


def _unit_lines(today: dict[tuple[str, str], Row]) -> Iterator[str]:
    yield "code\tkind\tname\tprovince\tlat\tlon"
    provinces = {}
    for row in today.values():
        kind, name = _kind_and_name(row["province"])
        provinces[row["provinceCode"]] = (RENAMED.get(name, kind), name)
    for code, (kind, name) in sorted(provinces.items()):
        yield f"{code}\t{kind}\t{name}\t\t\t"
    for row in sorted(today.values(), key=lambda r: str(r["wardCode"])):
        kind, name = _kind_and_name(row["ward"])  # of four communes the package's own wardType is wrong
        yield f"{row['wardCode']}\t{kind}\t{name}\t{row['provinceCode']}\t{row['wardLat']}\t{row['wardLon']}"


def _former_lines(today: dict[tuple[str, str], Row], old: dict[str, Row], links: Links) -> Iterator[str]:
    yield "province\tdistrict\tcommune\ttoday\talso"
    lines = []
    for key, row in old.items():
        _, province = _kind_and_name(row["province"])
        district = " ".join(_kind_and_name(row["district"]))
        ward = " ".join(_kind_and_name(row["ward"])) if row["ward"] else ""
        codes = sorted(str(today[link]["wardCode"]) for link in links[key])
        also = _also(json.loads(row["wardAlias"] or "[]"), row["wardShortKey"] or "")
        lines.append(f"{province}\t{district}\t{ward}\t{' '.join(codes)}\t{' '.join(also)}")
    yield from sorted(lines)


def _also(aliases: Iterable[str], own: str) -> list[str]:
    """Return the names that a unit had before 2025, as the package has them: without marks and spaces."""
    bare = set()
    for alias in aliases:
        name = re.sub(r"^(?:phuong|xa|thitran)(?=\d+$)", "", alias)
        bare.add(name.lstrip("0"))
    typed = {a for a in bare for kind in ("phuong", "xa", "thitran") if a.startswith(kind) and a[len(kind) :] in bare}
    other = {a for a in bare for kind in ("phuong", "xa", "thitran") if a == kind + own}
    return sorted(bare - typed - other - {own, ""})


def _kind_and_name(label: str) -> tuple[str, str]:
    match = _KIND.match(_SUFFIX.sub("", " ".join(label.split())))
    if match is None:
        raise SystemExit(f"a unit without its kind: {label!r}")
    name = match[2].strip()
    return match[1].capitalize(), str(int(name)) if name.isdigit() else name


def _old_key(row: Row) -> str:
    return f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}"


if __name__ == "__main__":
    main()
