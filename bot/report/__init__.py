"""`tincay report`: the report of an action month as every plan asks for it, as a document and as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot import app as whole
from bot.errors import SettingsError
from bot.report.document import as_docx
from bot.report.figures import Month, gather
from bot.report.workbook import as_xlsx
from bot.settings import Settings
from bot.store.engine import reading

FORMATS: dict[str, Callable[[Month], bytes]] = {".docx": as_docx, ".xlsx": as_xlsx}


def write(settings: Settings, year: int, out: Path) -> Month:
    """Write the report of a year to a file of one of `FORMATS`; raise `SettingsError` when that cannot be."""
    if out.suffix not in FORMATS:
        raise SettingsError("Tên tệp kết thúc bằng .docx hoặc .xlsx. / The file name must end in .docx or .xlsx.")
    app = whole.build(settings)
    whole.set_up_stores(app)
    with reading(app.people) as people, reading(app.directory) as directory:
        month = gather(people, directory, year, app.machine.home, app.now())
    try:
        out.write_bytes(FORMATS[out.suffix](month))
    except OSError as error:
        raise SettingsError(f"Không ghi được {out} ({error.strerror}). / The file cannot be written.") from None
    return month
