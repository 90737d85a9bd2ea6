"""`tincay directory …`: the list of places in and out, and which of them are due for a call, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.errors import SettingsError, TinCayError

if TYPE_CHECKING:
    from bot.app import App
    from referral_directory.excel import Line, Report
    from referral_directory.freshness import Stale
    from referral_directory.keeper import Keeper

cli = typer.Typer(
    no_args_is_help=True, help="Danh bạ nơi giúp đỡ: nhập, xuất, mẫu Excel, nơi cần gọi kiểm tra. / The directory."
)

Json = Annotated[bool, typer.Option("--json", help="In JSON. / Print JSON.")]
Province = Annotated[str, typer.Option(help="Chỉ một tỉnh, thành phố. / One province only.")]
Commune = Annotated[str, typer.Option(help="Chỉ một xã, phường. / One commune only.")]
Out = Annotated[Path, typer.Argument(help="Tệp sẽ ghi. / File to write.", dir_okay=False)]

_LEVELS = {"error": "LỖI", "changed": "đã đổi", "note": "lưu ý"}


@cli.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="Tệp .xlsx, .xls hoặc .csv. / The list.", exists=True, dir_okay=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Chỉ báo cáo, không ghi. / Report, write nothing.")
    ] = False,
    as_json: Json = False,
    marked: Annotated[
        Path | None, typer.Option(help="Ghi bản đánh dấu dòng lỗi (.xlsx). / Write the copy with faulty rows marked.")
    ] = None,
) -> None:
    """Nhập danh sách: tất cả hoặc không dòng nào; các dòng chờ người duyệt. / Import a list, all of it or nothing."""
    from bot.store.engine import reading, transaction
    from referral_directory import excel
    from referral_directory.keeper import Refused

    app = _app()
    keeper = _machine(app)
    with reading(app.directory) as db:
        upload = _bytes_of(file, excel.MOST_BYTES + 1)
        report = excel.read(upload, file.name, keeper, db, app.now(), _progress, app.machine.home)
    written = 0
    if report.importable and not dry_run:
        with transaction(app.directory) as db:
            try:
                written = excel.carry_out(db, keeper, report, app.now(), "command")
            except Refused as error:
                raise TinCayError(str(error)) from error
    if marked:
        _write(marked, excel.marked_copy(report))
    if as_json:
        _print(_as_json(report, written))
    else:
        for line in _told(report, written, dry_run):
            typer.echo(line)
    if report.problems or report.errors:
        raise typer.Exit(1)


@cli.command()
def export(file: Out, province: Province = "", commune: Commune = "") -> None:
    """Xuất các nơi đã duyệt; không có số riêng và địa chỉ không công khai. / Write the approved, public records."""
    from bot.store.engine import reading
    from referral_directory import excel

    app = _app()
    name, code = _place(app, province, commune)
    write = {".xlsx": excel.export, ".csv": excel.export_csv}.get(file.suffix.lower())
    if write is None:
        raise SettingsError(
            f"Tên tệp '{file.name}' phải có đuôi .xlsx hoặc .csv. / The file must end in .xlsx or .csv."
        )
    keeper = _machine(app)
    with reading(app.directory) as db:
        _write(file, write(db, keeper, name, code))


@cli.command()
def template(
    file: Out,
    province: Annotated[str, typer.Option(help="Tỉnh, thành phố của danh sách. / The province.")] = "",
    commune: Commune = "",
) -> None:
    """Ghi mẫu Excel trống, có danh sách chọn. / Write the empty template with its drop-downs."""
    from referral_directory import excel

    app = _app()
    name, code = _place(app, province or app.machine.home, commune)
    if not name:
        raise SettingsError("Thêm --province, ví dụ --province 'Thanh Hóa'. / Which province?")
    _write(file, excel.template(name, code))


@cli.command()
def stale(
    days: Annotated[int, typer.Option(help="Số ngày chưa gọi kiểm tra. / Days without a call.", min=1, max=3660)] = 60,
    province: Province = "",
    commune: Commune = "",
    as_json: Json = False,
) -> None:
    """Các nơi chưa ai gọi kiểm tra, theo xã: danh sách để gọi. / Entries that are due for a call, by commune."""
    from bot.store.engine import reading
    from referral_directory import freshness

    app = _app()
    name, code = _place(app, province, commune)
    today = app.now().date()
    keeper = _machine(app)
    with reading(app.directory) as db:
        found = freshness.stale(db, keeper, today, days, name, code)
    if as_json:
        _print([_stale_row(one, today) for one in found])
        return
    for line in _call_list(found, today):
        typer.echo(line)
    typer.echo(f"{len(found)} nơi cần gọi kiểm tra (chưa ai gọi, hoặc hơn {days} ngày). / due for a call.")


def _told(report: Report, written: int, dry_run: bool) -> Iterable[str]:
    """Yield what a person reads of a report: every row about which there is something to say."""
    if report.sheet:
        yield f"{report.filename}, trang tính “{report.sheet}”"
    yield from report.problems
    yield from report.notes
    for line in report.lines:
        if line.remarks and line.action != "same":
            yield f"Dòng {line.row}: {_action(line)}{f' – {line.title}' if line.title else ''}"
            yield from (f"    {_LEVELS[remark.level]}: {remark}" for remark in line.remarks)
    if written:
        yield f"Đã nhập {written} dòng; một người khác duyệt thì người dân mới thấy. / {written} rows wait for approval."
    elif not report.problems:
        yield report.summary
        if dry_run and report.importable:
            yield f"Chạy lại không có --dry-run để nhập {report.importable} dòng. / Nothing was written."


def _action(line: Line) -> str:
    from referral_directory.excel import ACTIONS

    return ACTIONS[line.action]


def _as_json(report: Report, written: int) -> dict[str, Any]:
    """Return the report for machines, without numbers and addresses."""
    return {
        "file": report.filename, "sheet": report.sheet, "problems": report.problems, "notes": report.notes,
        "columns": [{"title": title, "meaning": meant} for title, meant in report.columns],
        "ignored": report.ignored, "counts": report.counts, "summary": report.summary, "imported": written,
        "rows": [
            {
                "row": line.row, "action": line.action, "name": line.title, "id": line.service_id,
                "kind": line.record.kind if line.record else "", "commune": line.record.commune if line.record else None,
                "remarks": [
                    {"level": r.level, "column": r.column, "read": r.read, "text": r.text} for r in line.remarks
                ],
            }
            for line in report.lines
        ],
    }  # fmt: skip


def _call_list(found: Iterable[Stale], today: date) -> Iterable[str]:
    from referral_directory.terms import KIND_NAMES

    for _, several in groupby(found, key=lambda one: (one.province, one.commune)):
        here = list(several)
        yield _place_name(here[0])
        for one in here:
            when = f"{one.verified:%d/%m/%Y} ({(today - one.verified).days} ngày)" if one.verified else "chưa ai gọi"
            yield f"    {when:<22} {one.phone or 'không có số công khai':<22} {one.name} ({KIND_NAMES[one.kind]})"


def _stale_row(one: Stale, today: date) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "kind": one.kind, "commune": one.commune, "place": _place_name(one),
        "phone": one.phone, "verified": one.verified.isoformat() if one.verified else None,
        "days": (today - one.verified).days if one.verified else None,
    }  # fmt: skip


def _place_name(one: Stale) -> str:
    from referral_directory.places import load

    commune = load().commune(one.commune)
    return commune.full if commune else f"Toàn tỉnh {one.province}"


def _place(app: App, province: str, commune: str) -> tuple[str, int]:
    """Return the province and the code of the commune (0: all of them) that the options name."""
    from referral_directory.places import find_place, load

    name, code = "", 0
    if province:
        place = find_place(f"tỉnh {province}", expecting=True) or find_place(province, expecting=True)
        if place is None or place.province is None:
            raise SettingsError(f"Không có tỉnh '{province}'. / There is no such province.")
        name = place.province
    if commune:
        told = f"{commune}, {name}" if name else commune
        place = find_place(told, expecting=True, near=name or app.machine.home or None)
        if place is None or place.code is None:
            choices = "; ".join(place.choices) if place else ""
            raise SettingsError(f"Chưa rõ xã, phường nào: {choices or commune}. Thêm --province. / Which commune?")
        found = load().commune(place.code)
        code, name = place.code, found.province.name if found else name
    return name, code


def _app() -> App:
    from bot import app as whole
    from bot import settings as configuration

    app = whole.build(configuration.load())
    whole.set_up_stores(app)
    return app


def _machine(app: App) -> Keeper:
    """Return the member of staff in whose name the command line reads and proposes."""
    from bot.store.engine import transaction
    from referral_directory.keeper import machine

    with transaction(app.directory) as db:
        return machine(db, app.now())


def _progress(done: int, of: int) -> None:
    if of >= 1_000 and (done == of or done % 1_000 == 0):
        typer.echo(f"  đã đọc {done}/{of} dòng", err=True)


def _bytes_of(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(most)
    except OSError as error:
        raise SettingsError(f"Không đọc được {file.name} ({error.strerror}). / The file cannot be read.") from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"Không ghi được {file} ({error.strerror}). / The file cannot be written.") from None
    typer.echo(f"Đã ghi {file}. / Written.", err=True)


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
