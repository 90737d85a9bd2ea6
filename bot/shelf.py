"""`tincay content …`: what staff ask of the library from the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

cli = typer.Typer(no_args_is_help=True, help="Nội dung: kiểm tra điều luật, câu đố. / The library: facts, quiz.")


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
) -> None:
    """Bản tin tuần cho đài truyền thanh xã, ba đến năm phút. / The week's bulletin for the loudspeakers."""
    from bot.clock import clock
    from bot.errors import SettingsError
    from bot.settings import load
    from content import bulletin as bulletins

    if out.suffix not in (".docx", ".txt"):
        raise SettingsError("Tên tệp kết thúc bằng .docx hoặc .txt. / The file name must end in .docx or .txt.")
    try:
        made = bulletins.of_week(date.fromisoformat(week) if week else clock(load().now)().date(), tuple(event or ()))
        out.write_bytes(made.as_docx() if out.suffix == ".docx" else made.as_text().encode())
    except ValueError:
        raise SettingsError("Ngày viết như 2026-11-25. / Write the day as 2026-11-25.") from None
    except OSError as error:
        raise SettingsError(f"Không ghi được {out} ({error.strerror}). / The file cannot be written.") from None
    typer.echo(f"{out}: {made.title}, đọc khoảng {made.minutes:.1f} phút.")
