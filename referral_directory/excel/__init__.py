"""Excel and CSV, in and out: what the staff site and the command line call.

report = read(upload, filename, keeper, db, now)      what a file would do; `Report.as_json` keeps it between steps
number = carry_out(db, keeper, report, now)           all of it or nothing; the rows wait for approval
marked_copy(report), template(province, commune), export(db, keeper), export_csv(db, keeper)     bytes
"""

from referral_directory.excel.exporting import export, export_csv, marked_copy, template
from referral_directory.excel.importing import carry_out, read
from referral_directory.excel.report import ACTIONS, Line, Remark, Report
from referral_directory.excel.sheets import MOST_BYTES, MOST_ROWS

__all__ = [
    "ACTIONS", "MOST_BYTES", "MOST_ROWS", "Line", "Remark", "Report", "carry_out", "export", "export_csv",
    "marked_copy", "read", "template",
]  # fmt: skip
