"""The report of an action month as every plan asks for it: its figures, as a document and as a workbook."""

from __future__ import annotations

from collections.abc import Callable

from bot.report.document import as_docx
from bot.report.figures import Month, Scope, gather
from bot.report.workbook import as_xlsx

__all__ = ["FORMATS", "Month", "Scope", "as_docx", "as_xlsx", "gather"]

FORMATS: dict[str, Callable[[Month], bytes]] = {".docx": as_docx, ".xlsx": as_xlsx}
