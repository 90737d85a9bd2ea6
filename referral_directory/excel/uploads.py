"""An uploaded file as sheets of cells: what kind of file it is, and whether it may be opened at all. Pure."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

from referral_directory.excel import delimited, workbooks
from referral_directory.excel.sheets import ASK, BROKEN, LOCKED, MOST_BYTES, MOST_UNZIPPED, Sheet, Unreadable


def read_sheets(upload: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of an .xlsx, .xls or CSV file, by what is in it and not by its name; raise `Unreadable` for all else."""
    if not upload.strip(b"\0 \r\n\t\xef\xbb\xbf"):
        raise Unreadable("Tệp trống, không có gì để đọc. Kiểm tra lại tệp rồi tải lên.")
    if len(upload) > MOST_BYTES:
        raise Unreadable("Tệp lớn hơn 5 MB. Xóa hình ảnh trong tệp, hoặc chia danh sách thành nhiều tệp.")
    return _reader(upload)(upload)


def _reader(upload: bytes) -> Callable[[bytes], tuple[Sheet, ...]]:
    head = upload[:2_048].lstrip(b"\xef\xbb\xbf \r\n\t")
    if upload[:4] == b"PK\x03\x04" or upload[:4] == b"PK\x05\x06":
        _check_zip(upload)
        return workbooks.read_xlsx
    if upload[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in upload:
            raise Unreadable(LOCKED)
        return workbooks.read_xls
    if upload[:2] == b"\x09\x08":  # Excel 4 and 5 wrote their sheets bare
        return workbooks.read_xls
    lower = head.lower()
    if lower.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<?xml", b"mime-version")):
        raise Unreadable(
            "Tệp này là trang web mang đuôi Excel, phần mềm khác xuất ra. Mở bằng Excel, chọn Lưu thành (Save As), "
            "kiểu Excel Workbook (.xlsx), rồi tải tệp mới lên."
        )
    for sign, what in _OTHERS:
        if head.startswith(sign):
            raise Unreadable(f"Tệp này là {what}, không phải bảng Excel. {ASK}")
    return delimited.read_csv


_OTHERS = (
    (b"%PDF", "tệp PDF"), (b"{\\rtf", "tệp văn bản RTF"), (b"\x89PNG", "hình ảnh"), (b"\xff\xd8\xff", "hình ảnh"),
    (b"GIF8", "hình ảnh"), (b"Rar!", "tệp nén RAR"), (b"7z\xbc\xaf", "tệp nén 7z"), (b"\x1f\x8b", "tệp nén"),
)  # fmt: skip
_PACKED = {
    "word/document.xml": "tệp Word (.docx)",
    "ppt/presentation.xml": "tệp PowerPoint",
    "content.xml": "bảng OpenDocument (.ods)",
    "xl/workbook.bin": "bảng Excel nhị phân (.xlsb)",
}


def _check_zip(upload: bytes) -> None:
    """Look at the list of a zip file's parts, before any is unpacked: its sizes, and whether it is a workbook."""
    try:
        with zipfile.ZipFile(BytesIO(upload)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if sum(part.file_size for part in parts) > MOST_UNZIPPED or len(parts) > 2_000:
                raise Unreadable("Tệp bung ra lớn hơn 50 MB. Chép riêng danh sách sang một tệp mới rồi tải lên.")
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable(LOCKED)
            if "xl/workbook.xml" not in names:
                what = next((told for name, told in _PACKED.items() if name in names), "tệp nén ZIP")
                raise Unreadable(f"Tệp này là {what}, không phải bảng .xlsx. {ASK}")
            for name in names:
                if not name.startswith("xl/media/"):
                    _check_xml(archive.read(name))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise Unreadable(BROKEN) from None
    except zlib.error:
        raise Unreadable(BROKEN) from None


def _check_xml(text: bytes) -> None:
    """Refuse XML that declares entities: no workbook needs them, and they are how small files grow without end."""
    for declared in ("<!DOCTYPE", "<!ENTITY"):
        if any(declared.encode(code) in text for code in ("ascii", "utf-16-le", "utf-16-be")):
            raise Unreadable(f"Tệp chứa khai báo lạ mà bảng Excel không có. {ASK}")
