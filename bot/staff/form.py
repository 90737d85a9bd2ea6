"""The form of one record: every field with its words, read as people write them; what is wrong is told at its field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from bot.staff.forms import options, radio
from bot.staff.incoming import whole_number
from bot.staff.roster import Unclear, post_of
from nlu.text import squeeze
from referral_directory.excel.phones import read_numbers
from referral_directory.fields import FIELD_NAMES, as_shown_to, hides_place, sees_private
from referral_directory.keeper import Keeper
from referral_directory.places import load
from referral_directory.publishing import lacking
from referral_directory.record import Record
from referral_directory.terms import FOR, KIND_NAMES, LANGUAGES, SHELTER, STATUSES, TAKES

_LATITUDES, _LONGITUDES = (8.0, 24.0), (102.0, 118.0)
"""Vietnam with its islands, in degrees."""


def _text(most: int) -> Callable[[str | None], str]:
    def read(value: str | None) -> str:
        text = squeeze(unicodedata.normalize("NFC", value or "").replace("\0", ""))
        if len(text) > most:
            raise ValueError(f"Dài quá: viết gọn trong {most} chữ cái.")
        return text

    return read


def _phone(value: str | None) -> str:
    read = read_numbers(squeeze(value or "")[:60])
    if read.wrong:
        raise ValueError(read.wrong)
    if len(read.found) > 1:
        raise ValueError("Chỉ ghi một số ở ô này.")
    return read.found[0] if read.found else ""


def _day(value: str | None) -> str:
    """Read a day as the browser sends it (2026-03-01) or as people type it (1/3/2026)."""
    text = squeeze(value or "")
    if not text:
        return ""
    typed = re.fullmatch(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})", text)
    try:
        return (date(int(typed[3]), int(typed[2]), int(typed[1])) if typed else date.fromisoformat(text)).isoformat()
    except ValueError:
        raise ValueError("Ghi ngày, tháng, năm, ví dụ 01/03/2026.") from None


def _kilometres(value: object) -> float | None:
    if value is None or isinstance(value, float):
        return value
    text = squeeze(str(value)).lower().removesuffix("km").strip().replace(",", ".")
    if not text:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", text):
        raise ValueError("Ghi số ki-lô-mét, ví dụ 3,5.")
    return round(float(text), 1)


class _Vietnamese:
    """What the library says by itself: only a form that is not ours makes it speak."""

    def gettext(self, _: str) -> str:
        return "Chọn lại mục này."

    def ngettext(self, _: str, __: str, ___: int) -> str:
        return "Chọn lại mục này."


class _Number(StringField):
    """A number shown with a comma."""

    data: Any

    def _value(self) -> str:
        return f"{self.data:g}".replace(".", ",") if isinstance(self.data, float) else self.data or ""


class _Boxes(SelectMultipleField):
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _many(name: str, terms: dict[str, str]) -> SelectMultipleField:
    return _Boxes(FIELD_NAMES[name], choices=options(terms.items()))


class RecordForm(Form):
    """One record; fields that this member of staff may not see are taken out by `form_of`."""

    class Meta:
        """How the library speaks."""

        def get_translations(self, _: Form) -> _Vietnamese:
            return _Vietnamese()

    base = HiddenField()
    seen = HiddenField()
    kind = SelectField(FIELD_NAMES["kind"], choices=options([("", "Chọn loại"), *KIND_NAMES.items()]))
    name = StringField(FIELD_NAMES["name"], filters=[_text(200)])
    place = StringField(FIELD_NAMES["commune"], filters=[_text(120)])
    pick = radio("Nơi nào trong các nơi này?", validate_choice=False)
    whole = BooleanField("Dịch vụ chung của cả tỉnh, không thuộc riêng xã nào")
    phone = StringField(FIELD_NAMES["phone"], filters=[_phone])
    address = StringField(FIELD_NAMES["address"], filters=[_text(200)])
    address_public = BooleanField("Cho người dân thấy địa chỉ này")
    spot = StringField("Tọa độ", filters=[_text(60)])
    hours = StringField(FIELD_NAMES["hours"], filters=[_text(120)])
    decision = StringField(FIELD_NAMES["decision"], filters=[_text(100)])
    decided_on = StringField(FIELD_NAMES["decided_on"], filters=[_day])
    consent = BooleanField("Người giữ địa chỉ đã đồng ý công bố")
    private_phone = StringField(FIELD_NAMES["private_phone"], filters=[_phone])
    shelter = radio(FIELD_NAMES["shelter"], [*SHELTER.items(), ("", "Không, hoặc chưa rõ")], default="")
    takes = _many("takes", TAKES)
    types = _many("types", FOR)
    languages = _many("languages", LANGUAGES)
    distance_km = _Number(FIELD_NAMES["distance_km"], filters=[_kilometres])
    description = TextAreaField(FIELD_NAMES["description"], filters=[_text(600)])
    status = SelectField(FIELD_NAMES["status"], choices=options(STATUSES.items()), default="active")


def form_of(
    keeper: Keeper, sent: Any = None, record: Record | None = None, base: int = 0, seen: str = "", kind: str = ""
) -> RecordForm:
    """Return the form as this person may see it: empty, filled from a record, or as it was sent."""
    values = _values(as_shown_to(keeper, record)) if record else {"kind": kind}
    form = RecordForm(sent, data={**values, "base": str(base), "seen": seen})
    if keeper.role == "commune":
        del form.place, form.pick, form.whole
    if not _may_write_private(keeper, record):
        del form.private_phone
    return form


def hides_from(keeper: Keeper, record: Record | None) -> bool:
    """Tell whether the record has private parts that this person does not see."""
    if record is None or sees_private(keeper, record.commune, record.province):
        return False
    return bool(record.private_phone) or hides_place(record)


def _may_write_private(keeper: Keeper, record: Record | None) -> bool:
    if record is None:
        return keeper.role == "commune"
    return sees_private(keeper, record.commune, record.province)


def check(form: RecordForm, keeper: Keeper, now: datetime, publish: bool, draft: bool = False) -> Record | None:
    """Return the record that the form tells, or None and the errors at its fields, all of them at once.

    `publish` asks for all it takes; a `draft` may hold a number that is not typed to its end.
    """
    form.validate()
    if draft:
        for field in (form.phone, *([form["private_phone"]] if "private_phone" in form else [])):
            field.errors = []
    where = _place(form, keeper)
    if not form.kind.data:
        _wrong(form.kind, "Chọn loại.")
    if not form.name.data and not form.name.errors:
        _wrong(form.name, "Ghi tên mà người dân sẽ thấy.")
    spot = _spot(form)
    _check_values(form, now)
    commune, province = where or (0, "")
    record = Record(
        kind=form.kind.data, name=_said(form.name), commune=commune, province=province,
        description=_said(form.description), phone=_said(form.phone),
        private_phone=_said(form["private_phone"]) if "private_phone" in form else "", address=_said(form.address),
        address_public=form.address_public.data and bool(form.address.data), latitude=spot[0], longitude=spot[1],
        hours=_said(form.hours), decision=_said(form.decision), decided_on=_said(form.decided_on),
        consent=form.consent.data, shelter=_said(form.shelter), takes=_codes(form.takes), types=_codes(form.types),
        languages=_codes(form.languages), distance_km=form.distance_km.data, status=form.status.data,
    )  # fmt: skip
    for name, sentence in lacking(record).items() if publish else ():
        if not form[name].errors:
            _wrong(form[name], sentence)
    return None if where is None or form.errors else record


def _place(form: RecordForm, keeper: Keeper) -> tuple[int, str] | None:
    """Return commune and province, or None and the error at the field."""
    if keeper.role == "commune":
        return keeper.commune, keeper.province
    typed, picked = form.place.data or "", form.pick.data or ""
    near = keeper.province if keeper.role == "province" else ""
    try:
        if form.whole.data:
            return 0, near or post_of("province", typed).province
        commune = load().commune(whole_number(picked) or post_of("commune", typed, near).commune)
    except Unclear as unclear:
        form.pick.choices = _choices(unclear.choices, keeper)
        form.pick.data = None
        _wrong(form.place, str(unclear))
        return None
    if commune is None or not keeper.owns(commune.code, commune.province.name):
        _wrong(form.place, f"{commune.full if commune else 'Nơi này'} không thuộc phạm vi của bạn.")
        return None
    form.place.data = commune.full
    return commune.code, commune.province.name


def _choices(names: tuple[str, ...], keeper: Keeper) -> Any:
    """Return the communes of this person's that the words may mean."""
    named = [load().by_name(label, province) for label, _, province in (name.rpartition(", ") for name in names)]
    return options((str(c.code), c.full) for c in named if c and keeper.owns(c.code, c.province.name))


def _spot(form: RecordForm) -> tuple[float | None, float | None]:
    """Return the degrees told as "20.14, 105.53", as maps on the phone copy them."""
    text = form.spot.data or ""
    if not text:
        return None, None
    numbers = [float(n) for n in re.findall(r"-?\d{1,3}\.\d+", text)]
    if len(numbers) == 2:
        for lat, lon in (numbers, numbers[::-1]):
            if _LATITUDES[0] <= lat <= _LATITUDES[1] and _LONGITUDES[0] <= lon <= _LONGITUDES[1]:
                return lat, lon
    _wrong(form.spot, "Chép hai số từ bản đồ, ví dụ 20.1432, 105.5318 (trong Việt Nam).")
    return None, None


def _check_values(form: RecordForm, now: datetime) -> None:
    if form.decided_on.data and not form.decided_on.errors and form.decided_on.data > now.date().isoformat():
        _wrong(form.decided_on, "Ngày này chưa tới.")
    if form.address_public.data and not form.address.data:
        _wrong(form.address, "Ghi địa chỉ, hoặc bỏ dấu cho người dân thấy địa chỉ.")
    if form.address_public.data and form.kind.data == "trusted_address" and not form.consent.data:
        _wrong(form.consent, "Chỉ cho người dân thấy địa chỉ khi người giữ đồng ý.")


def _values(record: Record) -> dict[str, Any]:
    """Return what the fields show of a record."""
    commune = load().commune(record.commune) if record.commune else None
    spot = "" if record.latitude is None else f"{record.latitude}, {record.longitude}"
    place = commune.full if commune else record.province
    return {**asdict(record), "place": place, "whole": not record.commune, "spot": spot}


def _said(told: Field) -> str:
    return told.data or ""


def _codes(chosen: SelectMultipleField) -> tuple[str, ...]:
    return tuple(sorted(chosen.data or ()))


def _wrong(field: Field, words: str) -> None:
    """Tell what is wrong at a field."""
    field.errors = [*field.errors, words]
