"""`tincay content …`: what staff ask of the library from the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

cli = typer.Typer(
    no_args_is_help=True, help="Nội dung: điều luật, câu đố, bản dịch. / The library: facts, quiz, languages."
)


@cli.command()
def check(
    days: Annotated[int, typer.Option(help="Số ngày tới. / Days ahead.", min=0, max=3660)] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="In JSON. / Print JSON.")] = False,
) -> None:
    """Điều gì hỏng, điều gì sắp hết hạn. Có lỗi thì kết thúc với mã 1. / Faults, and what lapses soon; 1 on faults."""
    from bot.clock import clock
    from bot.settings import load
    from content import check as library

    today = clock(load().now)().date()
    broken, soon = library.faults(), library.lapses(today, days)
    if as_json:
        rows = [{**asdict(lapse), "day": lapse.day.isoformat()} for lapse in soon]
        typer.echo(json.dumps({"faults": broken, "lapses": rows}, ensure_ascii=False, indent=1))
    else:
        for line in broken:
            typer.echo(f"LỖI  {line}")
        for lapse in soon:
            state = "đã" if lapse.day <= today else "sẽ"
            typer.echo(
                f"{lapse.day:%d/%m/%Y}  {lapse.id}: {state} thôi dùng, {lapse.why} ({', '.join(lapse.used) or 'chưa dùng ở đâu'})"
            )
        typer.echo(f"{len(broken)} lỗi; {len(soon)} mục thôi dùng trong {days} ngày tới nếu không đọc lại.")
    if broken:
        sys.exit(1)


@cli.command("languages")
def check_languages(
    update: Annotated[
        bool, typer.Option("--update", help="Chép lời mới vào các tệp dịch. / Extract new texts.")
    ] = False,
    to_approve: Annotated[
        str, typer.Option(metavar="en", help="In các lời an toàn chờ duyệt. / Print safety texts to approve.")
    ] = "",
) -> None:
    """Bản dịch nào thiếu hay sai, lời an toàn nào chờ duyệt; có lỗi: mã 1. / Catalogues: complete, true, approved."""
    from bot.clock import clock
    from bot.errors import SettingsError
    from bot.settings import load
    from content import catalogues

    if to_approve and to_approve not in catalogues.others():
        raise SettingsError(
            f"Không có bản dịch '{to_approve}'. Có: {', '.join(catalogues.others())}. / No such language."
        )
    if update:
        for language in filter(catalogues.update, catalogues.others()):
            typer.echo(f"content/locale/{language}.po: đã chép lời mới.")
    if to_approve:
        for key, entry, mark in catalogues.to_approve(to_approve):
            typer.echo(f"# {key}\n# vi: {_beside(entry.source)}\n# {to_approve}: {_beside(entry.translation)}")
            typer.echo(f'- {{language: {to_approve}, text: {key}, mark: "{mark}", by: "", day: }}\n')
        return
    for state in catalogues.states():
        chosen = "chọn được" if state.offered else "chưa mở"
        safety = f"lời an toàn đã duyệt {state.approved}/{state.safety}, chưa duyệt thì giữ tiếng Việt"
        typer.echo(f"{state.language} ({chosen}): dịch {state.translated}/{state.texts}; {safety}.")
    broken = catalogues.faults(clock(load().now)().date())
    for line in broken:
        typer.echo(f"LỖI  {line}")
    if broken:
        sys.exit(1)


def _beside(text: str) -> str:
    """Return a text as a comment: a line break stays one."""
    return text.replace("\n", "\n#     ")


@cli.command()
def poster(
    out: Annotated[Path, typer.Argument(help="Tệp PNG sẽ ghi. / PNG file to write.", dir_okay=False)],
    day: Annotated[str, typer.Option(help="Ngày, ví dụ 2026-11-25; trống: hôm nay. / Day.")] = "",
    story: Annotated[bool, typer.Option("--story", help="Khổ dọc 1080×1920. / Upright format.")] = False,
) -> None:
    """Áp phích khẩu hiệu của một ngày. / The slogan of a day as a card."""
    from bot.clock import clock
    from bot.errors import SettingsError
    from bot.settings import load
    from content import poster as posters

    try:
        on = date.fromisoformat(day) if day else clock(load().now)().date()
        out.write_bytes(posters.draw(posters.of_day(on), "story" if story else "square"))
    except ValueError:
        raise SettingsError("Ngày viết như 2026-11-25. / Write the day as 2026-11-25.") from None
    except OSError as error:
        raise SettingsError(f"Không ghi được {out} ({error.strerror}). / The file cannot be written.") from None
    typer.echo(f"{out}: {posters.of_day(on).text}")


@cli.command()
def bulletin(
    out: Annotated[Path, typer.Argument(help="Tệp .docx hoặc .txt sẽ ghi. / .docx or .txt to write.", dir_okay=False)],
    week: Annotated[
        str, typer.Option(help="Một ngày của tuần, ví dụ 2026-11-25; trống: tuần này. / A day of it.")
    ] = "",
    event: Annotated[
        list[str] | None, typer.Option(help="Một việc ở xã, ghi nhiều lần được. / Something that happens, repeatable.")
    ] = None,
    commune: Annotated[
        str, typer.Option(help="Sự kiện của xã này, ví dụ 'Cẩm Tân, Thanh Hóa'; trống: của cả tỉnh. / Whose events.")
    ] = "",
) -> None:
    """Bản tin tuần cho đài truyền thanh xã, ba đến năm phút. / The week's bulletin for the loudspeakers."""
    from bot.clock import clock
    from bot.errors import SettingsError
    from bot.settings import load
    from content import bulletin as bulletins

    settings = load()

    if out.suffix not in (".docx", ".txt"):
        raise SettingsError("Tên tệp kết thúc bằng .docx hoặc .txt. / The file name must end in .docx or .txt.")
    try:
        day = date.fromisoformat(week) if week else clock(settings.now)().date()
    except ValueError:
        raise SettingsError("Ngày viết như 2026-11-25. / Write the day as 2026-11-25.") from None
    made = bulletins.of_week(day, (*_events(settings, day, commune), *(event or ())))
    try:
        out.write_bytes(made.as_docx() if out.suffix == ".docx" else made.as_text().encode())
    except OSError as error:
        raise SettingsError(f"Không ghi được {out} ({error.strerror}). / The file cannot be written.") from None
    typer.echo(f"{out}: {made.title}, đọc khoảng {made.minutes:.1f} phút.")


def _events(settings: Settings, day: date, where: str) -> tuple[str, ...]:
    """Return the approved events of a week as sentences: of a commune, or of the province that runs this installation."""
    from bot import migrate
    from bot.clock import VIETNAM
    from bot.errors import SettingsError
    from bot.store.engine import open_engine, reading
    from referral_directory import events
    from referral_directory.places import find_place

    place = find_place(where or settings.province, expecting=True) if where or settings.province else None
    if where and (place is None or place.code is None):
        among = f" Có: {'; '.join(place.choices)}." if place and place.choices else ""
        raise SettingsError(f"Không rõ '{where}' là xã, phường nào; ghi cả tên tỉnh.{among} / Which commune?")
    file = settings.data_dir / "directory.db"
    if not settings.directory_url and not file.exists():
        return ()
    engine = open_engine(settings.directory_url, file)
    migrate.upgrade(engine, "directory")
    commune, province = (place.code or 0, place.province or "") if place else (0, "")
    with reading(engine) as db:
        return events.of_week(db, day, VIETNAM, commune, province)
