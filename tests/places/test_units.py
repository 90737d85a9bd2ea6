"""The units of today and where the old ones went."""

from __future__ import annotations

from collections import Counter

import pytest

from referral_directory.places import load, nearest

OLD = {
    31507: [("Sóc Trăng", "Thành phố Sóc Trăng", f"Phường {n}") for n in (5, 6, 7, 8)],
    29242: [("Trà Vinh", "Thành phố Trà Vinh", f"Phường {n}") for n in (1, 3, 9)],
    3390: [("Lai Châu", "Huyện Tam Đường", n) for n in ("Thị trấn Tam Đường", "Xã Sơn Bình", "Xã Bình Lư")],
    3405: [("Lai Châu", "Huyện Tam Đường", n) for n in ("Xã Giang Ma", "Xã Hồ Thầu", "Xã Tả Lèng")],
    3430: [("Lai Châu", "Huyện Tam Đường", n) for n in ("Xã Khun Há", "Xã Bản Hon")],
    3424: [("Lai Châu", "Huyện Tam Đường", n) for n in ("Xã Bản Bo", "Xã Nà Tăm")],
    3408: [("Lai Châu", "Huyện Tam Đường", n) for n in ("Xã Nùng Nàng", "Xã Bản Giang")],
    3394: [("Lai Châu", "Huyện Tam Đường", "Xã Thèn Sin")],
    15178: [("Thanh Hóa", "Huyện Cẩm Thủy", f"Xã Cẩm {n}") for n in ("Long", "Tân", "Phú")],
    15127: [("Thanh Hóa", "Huyện Cẩm Thủy", n) for n in ("Thị trấn Phong Sơn", "Xã Cẩm Ngọc")],
    15142: [("Thanh Hóa", "Huyện Cẩm Thủy", f"Xã Cẩm {n}") for n in ("Thành", "Thạch", "Liên", "Bình")],
    15148: [("Thanh Hóa", "Huyện Cẩm Thủy", f"Xã Cẩm {n}") for n in ("Quý", "Lương", "Giang", "Tú")],
    15163: [("Thanh Hóa", "Huyện Cẩm Thủy", f"Xã Cẩm {n}") for n in ("Châu", "Tâm", "Yên", "Vân")],
}
NAMED = {
    31507: "Phường Sóc Trăng, Cần Thơ", 29242: "Phường Trà Vinh, Vĩnh Long", 3127: "Phường Điện Biên Phủ, Điện Biên",
    3390: "Xã Bình Lư, Lai Châu", 3405: "Xã Tả Lèng, Lai Châu", 3430: "Xã Khun Há, Lai Châu",
    3424: "Xã Bản Bo, Lai Châu", 3408: "Phường Tân Phong, Lai Châu", 3394: "Xã Sin Suối Hồ, Lai Châu",
    15178: "Xã Cẩm Tân, Thanh Hóa", 15127: "Xã Cẩm Thủy, Thanh Hóa", 15142: "Xã Cẩm Thạch, Thanh Hóa",
    15148: "Xã Cẩm Tú, Thanh Hóa", 15163: "Xã Cẩm Vân, Thanh Hóa",
}  # fmt: skip


def test_the_country_of_2026() -> None:
    """There are 34 provinces, 9 of them cities, and 3,321 communes: 2,621 xã, 687 phường, 13 đặc khu."""
    gazetteer = load()
    assert Counter(p.kind for p in gazetteer.provinces) == {"Tỉnh": 25, "Thành phố": 9}
    assert Counter(c.kind for c in gazetteer.communes) == {"Xã": 2621, "Phường": 687, "Đặc khu": 13}
    cities = {p.name for p in gazetteer.provinces if p.kind == "Thành phố"}
    assert {"Đồng Nai", "Quảng Ninh", "Bắc Ninh", "Huế", "Cần Thơ"} <= cities


@pytest.mark.parametrize(("code", "full"), NAMED.items())
def test_seed_communes(code: int, full: str) -> None:
    """The communes of the authorities' plans have their official code and name."""
    commune = load().commune(code)
    assert commune is not None
    assert commune.full == full
    label, _, province = full.partition(", ")
    assert load().by_name(label, province) == commune


@pytest.mark.parametrize(
    ("code", "unit"), [(code, unit) for code, units in OLD.items() for unit in units], ids=lambda v: str(v)
)
def test_seed_places_went_where_the_resolutions_say(code: int, unit: tuple[str, str, str]) -> None:
    """Each old unit that a resolution names is part of the commune that took it."""
    found = [f for f in load().former_communes if (f.province, f.district, f"{f.kind} {f.name}") == unit]
    assert len(found) == 1
    assert code in found[0].today


def test_no_commune_has_parts_of_two_old_provinces() -> None:
    """The package's mix of same-named units is gone: a commune's parts lie in one old province."""
    provinces: dict[int, set[str]] = {}
    for former in load().former_communes:
        for code in former.today:
            provinces.setdefault(code, set()).add(former.province)
    assert {code for code, names in provinces.items() if len(names) > 1} == set()
    five = {code for code in provinces if load().commune(code)}
    assert len(five | {c for d in load().districts for c in d.today}) == 3321


def test_former_names_are_bare() -> None:
    """No former name carries the package's suffix, and every one leads to a commune of today."""
    gazetteer = load()
    assert len(gazetteer.districts) == 696
    assert len(gazetteer.former_provinces) == 63
    for former in (*gazetteer.former_communes, *gazetteer.districts):
        assert "(" not in former.name + former.district
        assert former.today


def test_code_of_no_unit() -> None:
    """A code that is nobody's gives nothing."""
    assert load().commune(1_000_000) is None
    assert load().province(0) is None
    assert load().by_name("Xã Không Có", "Cần Thơ") is None


def test_names_that_differ_only_by_marks_are_two() -> None:
    """Communes of one province whose names differ only by marks are told apart, and not guessed."""
    gazetteer = load()
    for commune in gazetteer.communes:
        assert gazetteer.by_name(commune.label, commune.province.name) == commune


def test_nearest() -> None:
    """A location in the middle of Sóc Trăng gives its ward among the first, five in all."""
    found = nearest(9.603, 105.974)
    assert len(found) == 5
    assert "Phường Sóc Trăng, Cần Thơ" in [c.full for c in found]
    assert nearest(9.6, 105.9, limit=2) == nearest(9.6, 105.9)[:2]


def test_nearest_to_nowhere() -> None:
    """A location that is no place on Earth gives none."""
    assert nearest(float("nan"), 0) == ()
    assert nearest(91, 0) == ()
