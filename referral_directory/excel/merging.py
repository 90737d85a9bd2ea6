"""A row becomes a record: its cells are understood and laid over what the directory holds already. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Any

import content
from referral_directory.changes import differences
from referral_directory.excel import cells, choices, columns
from referral_directory.excel.cells import Cell, Misread
from referral_directory.excel.known import Known
from referral_directory.excel.phones import digits, mask, read_numbers, same
from referral_directory.excel.privacy import Contact, settle
from referral_directory.excel.report import Line, Remark
from referral_directory.excel.rows import Draft
from referral_directory.excel.sheets import MOST_LETTERS
from referral_directory.fields import as_shown, hides_place
from referral_directory.publishing import doubt, lacking
from referral_directory.record import Record
from referral_directory.terms import KIND_NAMES, KINDS

FIELD_NAMES = {
    "kind": "loại hình", "name": "tên", "commune": "xã", "province": "tỉnh", "description": "mô tả",
    "phone": "số điện thoại", "private_phone": "số riêng", "address": "địa chỉ", "address_public": "công khai địa chỉ",
    "latitude": "vĩ độ", "longitude": "kinh độ", "hours": "giờ mở cửa", "decision": "số quyết định",
    "decided_on": "ngày quyết định", "consent": "đồng ý công bố", "shelter": "chỗ ở lại", "takes": "đối tượng",
    "types": "loại bạo lực", "languages": "ngôn ngữ", "distance_km": "khoảng cách", "status": "tình trạng",
}  # fmt: skip
_FIELDS = tuple(f.name for f in fields(Record))
_CONFIDENTIAL = ("phone", "private_phone", "address", "holder")
"""Columns whose cells are not repeated in a report: residents or colleagues may not see them."""
_LENGTHS = {"name": 200, "address": 200, "description": MOST_LETTERS}


@dataclass(slots=True)
class _Reading:
    """A row while it is read: what its cells say, what the directory says, and what there is to tell."""

    draft: Draft
    titles: dict[str, str]
    today: date
    known: Known | None
    values: dict[str, Any] = field(repr=False)
    shown: tuple[dict[str, str], ...] = field(default=(), repr=False)
    """The cells of the record as an export of it has them: as it is shown, and as it was written last."""
    remarks: list[Remark] = field(default_factory=list)

    def tell(self, level: str, column: str, text: str, quoted: bool = True) -> None:
        """Add a remark on a column."""
        read = self.draft.text(column)[:80] if quoted and column not in _CONFIDENTIAL else ""
        self.remarks.append(Remark(level, self.titles.get(column, columns.TITLES.get(column, "")), text, read))

    def told(self, column: str, read: Callable[[Cell], Any]) -> Any:
        """Return what `read` makes of a cell that says something new; None for all others, and for one that is wrong."""
        one = self.draft.cells.get(column)
        if one is None or not (one.text or one.uncounted):
            return None
        if one.uncounted:
            self.tell("error", column, UNCOUNTED, quoted=False)
        elif one.text in cells.ERRORS:
            self.tell("error", column, "công thức lỗi. Gõ thẳng giá trị vào ô.")
        elif not self._is_known(column, one):
            try:
                return read(one)
            except Misread as error:
                self.tell("error", column, str(error))
        return None

    def _is_known(self, column: str, one: Cell) -> bool:
        known = [cells.clean(row[column]) for row in self.shown if row.get(column)]
        if one.text in known or (one.typed and one.typed in known):
            return True
        return column == "phone" and any(same(number, one.text) for number in known)


UNCOUNTED = (
    "công thức chưa có kết quả. Mở tệp bằng Excel rồi lưu lại, hoặc dán dạng giá trị (Paste Values), rồi tải lên."
)


NO_KIND = f"Chưa biết loại hình. Ghi một trong: {'; '.join(KIND_NAMES.values())}."


def line_of(
    draft: Draft, titles: dict[str, str], commune: int, province: str, known: Known | None, today: date
) -> Line:
    """Return what a row of this commune would do, `known` being the record that it means."""
    newest = known.shown if known else None
    record = newest or Record(kind="", name=draft.name, commune=commune, province=province)
    values = {name: getattr(record, name) for name in _FIELDS}
    records = dict.fromkeys((known.live or newest, newest)) if known else {}
    shown = tuple(columns.cells_of(record) for record in records if record)
    reading = _Reading(draft, titles, today, known, values, shown)
    values |= {"commune": commune, "province": province}
    _read_name(reading)
    _read_kind(reading)
    _read_plain(reading)
    _read_terms(reading)
    _read_contact(reading, newest)
    _leave_hidden(reading)
    old_text = [titles.get(c, c) for c, one in draft.cells.items() if one.typed and c in titles]
    if old_text:
        reading.remarks.append(Remark("changed", "", f"chữ .VnTime đã chuyển sang Unicode: {', '.join(old_text)}"))
    return _line(reading, newest)


def _line(reading: _Reading, newest: Record | None) -> Line:
    draft, known = reading.draft, reading.known
    if any(r.level == "error" for r in reading.remarks):
        return Line(draft.row, "error", tuple(reading.remarks), draft.words)
    record = Record(**reading.values)
    if question := doubt(record, draft.unread):
        reading.tell("doubt", "", question)
    missing = lacking(record)
    if missing:
        reading.tell("note", "", f"nhập được nhưng chưa duyệt được: {' '.join(missing.values())}", quoted=False)
    if known is None or newest is None:
        if not (record.phone or record.private_phone or record.address):
            reading.tell("note", "", "chưa có số điện thoại và địa chỉ", quoted=False)
        return Line(draft.row, "new", tuple(reading.remarks), draft.words, record)
    differs = [name for name, _, _ in differences(newest, record)]
    changed = [FIELD_NAMES[name] for name in differs if known.sees or name != "private_phone"]
    live = as_shown(known.live, known.sees) if known.live else None
    if known.state != "retired" and (not differs or record == live):
        return Line(draft.row, "same", tuple(_as_it_is(known)), draft.words, record, known.id, known.version)
    told = f"sửa bản ghi đã có: {', '.join(changed)}" if changed else "sửa bản ghi đã có"
    if known.state == "retired":
        told = "bản ghi này đã rút; duyệt xong sẽ hiện lại cho người dân"
    elif known.open_state:
        told += "; thay cho thay đổi đang chờ của bản ghi này, giữ những ô mà dòng này để trống"
    remarks = (Remark("note", "", told), *reading.remarks)
    return Line(draft.row, "edit", remarks, draft.words, record, known.id, known.version, known.open_id)


def _as_it_is(known: Known) -> Iterator[Remark]:
    states = {"waiting": "đang chờ duyệt", "draft": "đang là bản nháp trên trang", "returned": "đang bị trả lại để sửa"}
    state = states.get(known.open_state, "")
    yield Remark("note", "", "giống bản ghi đã có, bỏ qua" + (f" (thay đổi gần nhất {state})" if state else ""))


def _read_name(reading: _Reading) -> None:
    draft, known = reading.draft, reading.known
    name = reading.told("name", lambda one: cells.read_words(one, _LENGTHS["name"]))
    if name:
        reading.values["name"] = name
    elif not draft.text("name") and draft.name:
        reading.values["name"] = draft.name[:200] if known is None else reading.values["name"]
        reading.tell("changed", "holder", "dùng làm tên nơi này, vì đã có quyết định và đồng ý công bố")


def _read_kind(reading: _Reading) -> None:
    draft = reading.draft
    kind = reading.told("kind", lambda one: choices.read_kind(one.text))
    if kind:
        reading.values["kind"] = kind
        if cells.key(draft.text("kind")) != cells.key(KIND_NAMES[kind]):
            reading.tell("changed", "kind", f"hiểu là {KIND_NAMES[kind]}")
    elif not reading.values["kind"] and not draft.text("kind"):
        guess = choices.kinds_in(draft.name)
        kind = draft.kind or next((k for k in KINDS if k in guess), "")
        if not kind:
            reading.tell("error", "kind", NO_KIND)
            return
        reading.values["kind"] = kind
        whence = "tiêu đề" if draft.kind else "tên"
        reading.tell("changed", "kind", f"lấy từ {whence}: {KIND_NAMES[kind]}", quoted=False)


def _read_plain(reading: _Reading) -> None:
    values, today = reading.values, reading.today
    decision = reading.told("decision", lambda one: cells.read_decision(one, today))
    if decision:
        values["decision"] = decision[0]
        if decision[1] and not reading.draft.text("decided_on"):
            values["decided_on"] = decision[1]
            reading.tell("changed", "decision", f"tách thành số {decision[0]} và ngày {_shown(decision[1])}")
    day = reading.told("decided_on", lambda one: cells.read_day(one, today))
    if day:
        values["decided_on"] = day
        if not _PLAIN_DAY.fullmatch(reading.draft.text("decided_on")):
            reading.tell("changed", "decided_on", f"đọc là {_shown(day)}")
    hours = reading.told("hours", cells.read_opening)
    if hours:
        values["hours"] = hours[0]
        if hours[1]:
            reading.tell("note", "hours", hours[1])
    for column, read in _NUMBERS.items():
        number = reading.told(column, read)
        if number is not None:
            values[column] = number
    words = reading.told("description", lambda one: cells.read_words(one, _LENGTHS["description"]))
    values["description"] = words or values["description"]
    values["status"] = reading.told("status", choices.read_status) or values["status"]
    consent = reading.told("consent", cells.read_flag)
    values["consent"] = values["consent"] if consent is None else consent


_NUMBERS: dict[str, Callable[[Cell], float]] = {
    "distance_km": cells.read_distance,
    "latitude": lambda one: cells.read_degrees(one, 7, 24),
    "longitude": lambda one: cells.read_degrees(one, 102, 118),
}


_PLAIN_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")


def _shown(day: str) -> str:
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def _read_terms(reading: _Reading) -> None:
    values = reading.values
    values["shelter"] = reading.told("shelter", choices.read_shelter) or values["shelter"]
    for column, read in (("types", choices.read_types), ("languages", choices.read_languages)):
        found = reading.told(column, read)
        if found is not None and set(found) != set(values[column]):
            values[column] = found
    takes = set(values["takes"])
    takes |= set(reading.told("takes", choices.read_takes) or ())
    for one in columns.ANYWAY:
        flag = reading.told(one, cells.read_flag)
        takes = takes | {one} if flag else takes - {one} if flag is False else takes
    if takes != set(values["takes"]):
        values["takes"] = tuple(sorted(takes))


def _read_contact(reading: _Reading, newest: Record | None) -> None:
    publish = reading.told("publish", cells.read_flag)
    show_phone, show_address = (reading.told(c, cells.read_flag) for c in ("phone_public", "address_public"))
    told = Contact(
        phones=_numbers(reading, "phone"),
        private=_numbers(reading, "private_phone"),
        address=reading.told("address", lambda one: cells.read_words(one, _LENGTHS["address"])) or "",
        show_phone=publish if show_phone is None else show_phone,
        show_address=publish if show_address is None else show_address,
    )
    for column, words in settle(reading.values, told, newest):
        reading.tell("note", column, words, quoted=False)


def _leave_hidden(reading: _Reading) -> None:
    """Leave private parts that who uploads does not see as they are, whatever the row says: no guess is answered."""
    known, values = reading.known, reading.values
    if known is None or known.sees:
        return
    if known.newest.private_phone and values["private_phone"]:
        values["private_phone"] = ""
        reading.tell(
            "note", "private_phone", "nơi này có số riêng, chỉ cán bộ xã sửa được: số riêng trong dòng không lưu"
        )
    if hides_place(known.newest):
        if any(values[name] not in ("", None) for name in _PLACE):
            reading.tell(
                "note", "address", "nơi này giữ kín địa chỉ, chỉ cán bộ xã sửa được: địa chỉ trong dòng không lưu"
            )
        values |= {"address": "", "latitude": None, "longitude": None, "address_public": False}


_PLACE = ("address", "latitude", "longitude")


def _numbers(reading: _Reading, column: str) -> tuple[str, ...]:
    """Return the numbers of a cell; the report tells of them no more than their last digits."""

    def read(one: Cell) -> tuple[str, ...]:
        numbers = read_numbers(one.text)
        if numbers.wrong:
            raise Misread(numbers.wrong)
        if any(digits(n) in _never() for n in numbers.found):
            raise Misread("Số này của tài liệu cũ, không còn người nghe. Tìm số mới của nơi này.")
        if numbers.mended:
            shown = ", ".join(mask(n) for n in numbers.found)
            reading.tell("changed", column, f"{'; '.join(numbers.mended)} (số {shown})", quoted=False)
        return numbers.found

    return reading.told(column, read) or ()


@cache
def _never() -> frozenset[str]:
    return frozenset(digits(number) for number in content.never_served())
