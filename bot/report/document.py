"""The report as a Word document that staff complete, sign and send before 20 December."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.report import charts
from bot.report.figures import Month

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_ENDS = {
    "total": "Đã lên lịch", "sent": "Đã gửi", "unknown": "Không rõ đã đến chưa", "gone": "Người nhận đã rời kênh",
    "failed": "Kênh từ chối", "expired": "Quá giờ, không gửi", "cancelled": "Đã hủy",
}  # fmt: skip


def as_docx(month: Month) -> bytes:
    """Return the report; what only people know stands as a line to fill in."""
    from docx import Document as new_document
    from docx.shared import Cm, Pt

    made = new_document()
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(2)
    style = made.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    _plain_headings(made)
    _letterhead(made, month)
    title = made.add_paragraph()
    _centre(title)
    title.add_run(f"BÁO CÁO\nKết quả Tháng hành động vì bình đẳng giới\nvà phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm {month.year}").bold = True  # fmt: skip
    _spread(made, month)
    _asked(made, month)
    _referred(made, month)
    _directory(made, month)
    _activities(made, month)
    _sign(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _plain_headings(made: Document) -> None:
    """Headings as official papers have them: the same letters, black, bold."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    font = made.styles["Heading 1"].font
    font.name, font.size, font.bold, font.color.rgb = "Times New Roman", Pt(13), True, RGBColor(0, 0, 0)
    fonts = made.styles["Heading 1"].element.rPr.rFonts
    for name in list(fonts.attrib):
        if "Theme" in name:
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), "Times New Roman")


def _letterhead(made: Document, month: Month) -> None:
    from docx.shared import Cm

    table = made.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    table.autofit = False
    for column, cell, width in zip(table.columns, (left, right), (Cm(6), Cm(10)), strict=True):
        column.width = cell.width = width
    left.text = f"ỦY BAN NHÂN DÂN\n{month.province.upper() or '……………………'}\n\nSố:        /BC-UBND"
    right.text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập – Tự do – Hạnh phúc\n\n……………, ngày      tháng      năm"
    for cell in (left, right):
        for paragraph in cell.paragraphs:
            _centre(paragraph)
            for run in paragraph.runs:
                run.bold = True


def _spread(made: Document, month: Month) -> None:
    made.add_heading("1. Tuyên truyền qua tin nhắn", level=1)
    theme = f"Chủ đề: {month.theme}." if month.theme else "Chủ đề: (ghi chủ đề của năm)."
    made.add_paragraph(theme)
    totals = month.totals
    made.add_paragraph(
        f"Thời gian: {month.first:%d/%m/%Y} – {month.last:%d/%m/%Y}. Số người đang đăng ký nhận tin: {_number(month.subscribers)}. "
        f"Đã lên lịch {_number(totals['total'])} tin, gửi được {_number(totals['sent'])} tin, "
        f"{_number(totals['unknown'])} tin không rõ đã đến chưa."
    )
    if month.channels:
        head = ["Kênh", *_ENDS.values()]
        rows = [[c.name, *(_number(c.counts[end]) for end in _ENDS)] for c in month.channels]
        _table(made, head, rows)
        _picture(made, charts.days([(f"{d:%d/%m}", n) for d, n in month.sent_by_day]), "Số tin gửi được mỗi ngày")
    else:
        made.add_paragraph("Trong thời gian này chưa có tin nào được lên lịch.")


def _asked(made: Document, month: Month) -> None:
    made.add_heading("2. Người dân hỏi gì", level=1)
    _counted(made, month.questions, "Chủ đề", "Số lượt hỏi theo chủ đề")
    if month.quiz:
        made.add_paragraph("Đố vui tìm hiểu pháp luật (số lượt làm hết năm câu trong ngày):")
        _counted(made, month.quiz, "Kết quả", "Kết quả đố vui")


def _referred(made: Document, month: Month) -> None:
    made.add_heading("3. Phát hiện và giới thiệu nơi giúp đỡ", level=1)
    made.add_paragraph(
        "Số lượt, không phải số người; không có thông tin nào dẫn về một người. Mục dưới 5 được gộp lại để không ai bị nhận ra."
    )
    _counted(made, month.told, "Loại bạo lực được kể", "Số lượt theo loại bạo lực")
    _counted(made, month.offered, "Nơi đã giới thiệu", "Số lượt theo loại nơi giúp")
    made.add_paragraph(f"Lời nhờ cán bộ gọi lại: {_few(month.callbacks)}.")


def _directory(made: Document, month: Month) -> None:
    made.add_heading("4. Mạng lưới địa chỉ tin cậy", level=1)
    if not month.communes:
        made.add_paragraph("(Ghi số xã, phường có địa chỉ tin cậy đã gọi kiểm tra trong 90 ngày.)")
        return
    made.add_paragraph(
        f"{month.ready} trên {month.communes} xã, phường, đặc khu có ít nhất một địa chỉ tin cậy đã gọi kiểm tra trong 90 ngày."
    )
    if month.missing:
        made.add_paragraph("Chưa có: " + "; ".join(month.missing) + ".")


def _activities(made: Document, month: Month) -> None:
    made.add_heading("5. Hoạt động khác", level=1)
    for activity in month.activities or ("(Ghi lễ phát động, tọa đàm, hội thi… của địa phương.)",):
        made.add_paragraph(activity, style="List Bullet")
    made.add_heading("6. Khó khăn, kiến nghị", level=1)
    made.add_paragraph("(Ghi khó khăn và kiến nghị.)")


def _sign(made: Document) -> None:
    table = made.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text = "Nơi nhận:\n- ……………;\n- Lưu: VT."
    table.rows[0].cells[1].text = "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n\n\n\n……………………"
    for paragraph in table.rows[0].cells[1].paragraphs:
        _centre(paragraph)


def _counted(made: Document, rows: Sequence[tuple[str, int]], head: str, caption: str) -> None:
    if not rows:
        made.add_paragraph(f"{caption}: không có.")
        return
    _table(made, [head, "Số lượt"], [[name, _number(n) if n else "dưới 5"] for name, n in rows])
    if drawn := [(name, n) for name, n in rows if n]:
        _picture(made, charts.bars(drawn), caption)


def _table(made: Document, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from docx.shared import Pt

    table = made.add_table(rows=1, cols=len(head), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.text = text
        for run in cell.paragraphs[0].runs:
            run.bold, run.font.size = True, Pt(11)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(11)


def _picture(made: Document, png: bytes, caption: str) -> None:
    from docx.shared import Cm

    made.add_paragraph()
    made.add_picture(io.BytesIO(png), width=Cm(15.5))
    _centre(made.add_paragraph(caption))


def _centre(paragraph: Paragraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _few(value: int) -> str:
    return _number(value) if value == 0 or value >= 5 else "dưới 5"
