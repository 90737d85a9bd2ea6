"""From an upload to a report, and from a report to changes that wait for approval: all rows or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from referral_directory import changes
from referral_directory.changes import Proposal
from referral_directory.excel.alike import Alike
from referral_directory.excel.cells import as_words, clean
from referral_directory.excel.choices import kinds_in
from referral_directory.excel.columns import SILENT, TITLES
from referral_directory.excel.communes import Told, Where, finder
from referral_directory.excel.headers import Header, filled_down, find_header
from referral_directory.excel.known import Directory, Key, Known, key_of, look_up
from referral_directory.excel.merging import NO_KIND, UNCOUNTED, line_of
from referral_directory.excel.report import Line, Remark, Report
from referral_directory.excel.rows import Draft, drafts
from referral_directory.excel.sheets import MOST_ROWS, Sheet, Unreadable
from referral_directory.excel.uploads import read_sheets
from referral_directory.keeper import Keeper, Refused, note
from referral_directory.places import find_place

Tell = Callable[[int, int], None]
"""Told now and then while a long list is read: rows done, rows in all."""


_PLACE_LETTERS = 200
"""Letters of a cell in which a place is sought: a longer one is no name."""


def read(
    upload: bytes, filename: str, keeper: Keeper, db: Connection, now: datetime,
    tell: Tell = lambda _done, _all: None, home: str = "",
) -> Report:  # fmt: skip
    """Return what importing this file would do; nothing is written, and a file that cannot be read says why.

    `home` is the province of which a list is taken to be when neither its title nor the keeper has one.
    """
    try:
        sheets = read_sheets(upload)
    except Unreadable as error:
        return Report(filename, problems=(str(error),))
    sheet, header, notes = _chosen(sheets)
    if header is None:
        empty = not any(clean(as_words(value)) for one in sheets for row in one.rows for value in row.values)
        return Report(filename, problems=(BLANK if empty else NO_TITLES,))
    find = finder(keeper, _province(header) or home)
    found = list(drafts(filled_down(sheet, header.row), header, find))
    about = Report(
        filename, sheet.name, tuple(_columns(header)), notes=(*notes, *_notes(header, keeper, found)),
        head=tuple((row.number, tuple(map(as_words, row.values))) for row in sheet.rows if row.number <= header.row),
    )  # fmt: skip
    problems = tuple(_problems(sheet, header, keeper, found))
    if problems:
        return replace(about, problems=problems)
    lines = tuple(_lines(found, header, keeper, find, db, now, tell))
    places = [line for line in lines if line.action != "skip"]
    if "kind" not in header.known and all(any(r.text == NO_KIND for r in line.remarks) for line in places):
        return replace(about, problems=(f"Thiếu cột {_names([TITLES['kind']])}. {GET_TEMPLATE}",))
    return replace(about, lines=lines)


def carry_out(db: Connection, keeper: Keeper, report: Report, now: datetime, source: str = "excel") -> int:
    """Propose every new and changed row of a report and return how many they are; raise `Refused` and write nothing
    when a row is faulty, or was changed in the directory since the report was made."""
    if report.problems or report.errors:
        raise Refused("Tệp còn lỗi, chưa nhập dòng nào. Sửa các dòng được đánh dấu rồi tải lên lại.")
    lines = [line for line in report.lines if line.action in ("new", "edit") and line.record is not None]
    if not lines:
        raise Refused("Không có dòng nào mới để nhập.")
    new = [key_of(r.name, r.commune, r.province) for line in lines if line.action == "new" and (r := line.record)]
    there = look_up(db, keeper, new, ()).by_key
    if any(there.get(key) for key in new):
        raise Refused("Danh bạ vừa có thêm nơi trùng với tệp này. Tải tệp lên lại để xem báo cáo mới.")
    known = look_up(db, keeper, (), [line.service_id for line in lines if line.service_id]).by_id
    proposals = [
        Proposal(
            there_is.whole(r) if (there_is := known.get(line.service_id or "")) else r,
            line.service_id,
            line.base,
            line.seen,
        )
        for line in lines
        if (r := line.record)
    ]
    changes.propose_all(db, keeper, proposals, now, source=source)
    note(db, keeper, "import", "rows", str(len(lines)), now, keeper.commune)
    return len(lines)


def _chosen(sheets: Sequence[Sheet]) -> tuple[Sheet, Header | None, list[str]]:
    """Return the sheet with the list, its titles, and what to say of the other sheets."""
    seen = [s for s in sheets if not s.hidden] or list(sheets)
    titled = [(sheet, header) for sheet in seen if (header := find_header(sheet))]
    if not titled:
        return seen[0], None, []
    sheet, header = max(titled, key=lambda found: len(found[1].known))
    notes = []
    others = [s.name for s, _ in titled if s is not sheet]
    if others:
        notes.append(
            f"Đọc trang tính “{sheet.name}”. Chưa đọc: {_names(others)}; mỗi trang lưu thành một tệp rồi tải lên."
        )
    elif len(seen) > 1:
        notes.append(f"Đọc trang tính “{sheet.name}”; các trang khác không có danh sách.")
    return sheet, header, notes


def _province(header: Header) -> str:
    """Return the province that the title of a list names, or ""."""
    place = find_place("; ".join(header.above)) if header.above else None
    return (place.province or "") if place else ""


def _columns(header: Header) -> Iterable[tuple[str, str]]:
    for title, key in zip(header.titles, header.keys, strict=True):
        if title and key not in SILENT:
            yield title, TITLES.get(key, "")


def _notes(header: Header, keeper: Keeper, found: Sequence[Draft]) -> Iterable[str]:
    ignored = [title for title, meant in _columns(header) if not meant]
    if ignored:
        yield f"Không đọc các cột: {_names(ignored)}. Danh bạ không có mục này, hoặc cột bị lặp."
    if "holder" in header.keys:
        yield "Họ tên người phụ trách không lưu vào danh bạ, trừ khi dùng làm tên nơi đã được công bố."
    if keeper.role == "commune" and not {"commune", "commune_code"} & header.known and not any(d.where for d in found):
        yield "Tệp không có cột xã: các dòng được ghi vào xã của bạn."


def _problems(sheet: Sheet, header: Header, keeper: Keeper, found: Sequence[Draft]) -> Iterable[str]:
    rows = [draft for draft in found if not draft.skipped]
    if sheet.cut or len(rows) > MOST_ROWS:
        most = f"{MOST_ROWS:,}".replace(",", ".")
        yield (
            f"Danh sách có hơn {most} dòng (kể cả dòng trống). Xóa dòng trống hoặc chia thành nhiều tệp rồi tải lên "
            "từng tệp."
        )
        return
    missing = []
    if not {"name", "holder"} & header.known:
        missing.append(TITLES["name"])
    told = {"commune", "commune_code", "district", "address"} & header.known
    if keeper.role != "commune" and not told and not any(d.where for d in rows):
        missing.append(TITLES["commune"])
    if missing:
        yield f"Thiếu cột {_names(missing)}. {GET_TEMPLATE}"
    elif not rows:
        yield "Không có dòng nào dưới hàng tiêu đề. Ghi danh sách vào rồi tải lên lại."


@dataclass(slots=True)
class _Met:
    """Rows read so far, to find those that are there twice."""

    words: dict[Key, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)


def _lines(
    found: Sequence[Draft], header: Header, keeper: Keeper, find: Callable[[Told], Where], db: Connection,
    now: datetime, tell: Tell,
) -> Iterable[Line]:  # fmt: skip
    titles = {key: title for title, key in reversed(list(zip(header.titles, header.keys, strict=True))) if key}
    places: list[Where] = []
    for n, draft in enumerate(found):
        places.append(Where() if draft.skipped else _where(draft, keeper, find))
        if n % 500 == 0:
            tell(n // 2, len(found))
    keys = [key_of(draft.name, place.commune, place.province) for draft, place in zip(found, places, strict=True)]
    asked = [draft.text("id") for draft in found if draft.text("id")]
    directory = look_up(db, keeper, (k for k, place in zip(keys, places, strict=True) if place.province), asked)
    met, alike = _Met(), Alike(directory.beside)
    for n, (draft, place, key) in enumerate(zip(found, places, keys, strict=True)):
        line = _line(draft, place, key, titles, directory, met, now)
        question = alike.question(line, titles.get("name", ""))
        alike.meet(line)
        yield replace(line, remarks=(question, *line.remarks)) if question else line
        if n % 500 == 0:
            tell((len(found) + n) // 2, len(found))
    tell(len(found), len(found))


def _where(draft: Draft, keeper: Keeper, find: Callable[[Told], Where]) -> Where:
    code, commune, district, province, address = (
        draft.text(c)[:_PLACE_LETTERS] for c in ("commune_code", "commune", "district", "province", "address")
    )
    told = Told(code, commune, district, province, "" if keeper.role == "commune" else address)
    if draft.where and not (told.code or told.commune or told.district):
        return draft.where
    return find(replace(told, address="") if told.code or told.commune else told)


def _line(
    draft: Draft, place: Where, key: Key, titles: dict[str, str], directory: Directory, met: _Met, now: datetime
) -> Line:
    if draft.skipped:
        return Line(draft.row, "skip", (Remark("note", "", f"bỏ qua: {draft.skipped}"),), draft.words)
    wrong = [*_faults(draft, place, titles)]
    id_told = draft.text("id")
    known, doubt = _meant(id_told, key, directory, draft)
    if doubt:
        wrong.append(Remark("error", titles.get("id", "") if id_told else titles.get("name", ""), doubt))
    twice = None if wrong or id_told else met.words.get(key)
    if twice and twice[1] == _without_number(draft, titles):
        return Line(draft.row, "skip", (Remark("note", "", f"giống hệt dòng {twice[0]}, bỏ qua"),), draft.words)
    earlier = twice[0] if twice else met.services.get(known.id) if known else None
    if earlier:
        told = f"trùng tên và xã với dòng {earlier} nhưng nội dung khác. Gộp hai dòng, hoặc đổi tên cho khác nhau."
        wrong.append(Remark("error", titles.get("name", ""), told))
    met.words.setdefault(key, (draft.row, _without_number(draft, titles)))
    if known:
        met.services.setdefault(known.id, draft.row)
    if known and known.retires:
        about = Remark("note", "", "bản ghi này đang chờ duyệt để rút; dòng này không được nhập")
        return Line(draft.row, "skip", (about,), draft.words)
    said = [Remark("changed", titles.get("commune", ""), place.said)] if place.said else []
    line = line_of(draft, titles, place.commune, place.province, known, now.date())
    remarks = (*wrong, *said, *line.remarks)
    if wrong:
        return Line(draft.row, "error", remarks, draft.words)
    return replace(line, remarks=line.remarks if line.action == "same" else remarks)


def _faults(draft: Draft, place: Where, titles: dict[str, str]) -> Iterable[Remark]:
    """Yield what is wrong with name and commune, by which a row is known."""
    for column in ("name", "commune", "id"):
        if draft.cell(column).uncounted:
            yield Remark("error", titles.get(column, ""), UNCOUNTED)
    if not draft.name and not draft.cell("name").uncounted:
        yield Remark("error", titles.get("name", TITLES["name"]), NO_NAME)
    if place.wrong and not draft.cell("commune").uncounted:
        yield Remark("error", titles.get("commune", TITLES["commune"]), place.wrong)


def _meant(service_id: str, key: Key, directory: Directory, draft: Draft) -> tuple[Known | None, str]:
    """Return the record of the directory that a row means, or what is doubtful about it."""
    if service_id:
        known = directory.by_id.get(service_id)
        doubt = "Không có bản ghi này trong phạm vi của bạn. Xóa ô mã bản ghi nếu đây là nơi mới."
        return known, "" if known else doubt
    same = directory.by_key.get(key, [])
    if len(same) > 1:
        kinds = kinds_in(draft.text("kind") or draft.name)
        same = [known for known in same if known.newest.kind in kinds] or same
    if len(same) > 1:
        return None, "Danh bạ có nhiều bản ghi cùng tên ở xã này. Tải danh sách về (có mã bản ghi) rồi sửa trên đó."
    return (same[0] if same else None), ""


def _without_number(draft: Draft, titles: dict[str, str]) -> tuple[str, ...]:
    return tuple(draft.text(column) for column in titles if column not in SILENT)


def _names(titles: Iterable[str]) -> str:
    return ", ".join(f"“{clean(title)[:60]}”" for title in titles)


GET_TEMPLATE = (
    "Ghi tên cột vào hàng đầu như trong mẫu trống, rồi tải lên lại. Mẫu trống có ở trang Excel của trang cán bộ."
)
NO_TITLES = f"Không tìm thấy hàng tiêu đề cột (như Tên cơ sở, Số điện thoại) ở đầu trang tính. {GET_TEMPLATE}"
BLANK = "Tệp này trống: không trang tính nào có chữ. Chọn lại tệp có danh sách."
NO_NAME = (
    "Chưa có tên nơi này để người dân đọc. Ghi tên, ví dụ Địa chỉ tin cậy thôn Phú Lai; họ tên người phụ trách chỉ "
    "dùng làm tên khi có số quyết định và đồng ý công bố."
)
