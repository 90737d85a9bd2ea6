"""`tincay content …`: what staff ask of the library from the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

cli = typer.Typer(no_args_is_help=True, help="Nội dung: kiểm tra điều luật, câu đố. / The library: facts, quiz.")


@cli.callback()
def _several() -> None:
    """Keep `check` a command of its own."""


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
