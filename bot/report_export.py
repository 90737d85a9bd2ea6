"""`tincay report`: the report of an action month, written to a file."""

from __future__ import annotations

from pathlib import Path

from bot import app as whole
from bot.errors import SettingsError
from bot.report import FORMATS, Month, Scope, gather
from bot.settings import Settings
from bot.store.engine import reading


def write(settings: Settings, year: int, out: Path) -> Month:
    """Write the report of a year to a file of one of `FORMATS`; raise `SettingsError` when that cannot be."""
    if out.suffix not in FORMATS:
        raise SettingsError("Tên tệp kết thúc bằng .docx hoặc .xlsx. / The file name must end in .docx or .xlsx.")
    app = whole.build(settings)
    whole.set_up_stores(app)
    with reading(app.people) as people, reading(app.directory) as directory:
        month = gather(people, directory, year, Scope(app.machine.home), app.now())
    try:
        out.write_bytes(FORMATS[out.suffix](month))
    except OSError as error:
        raise SettingsError(f"Không ghi được {out} ({error.strerror}). / The file cannot be written.") from None
    return month
