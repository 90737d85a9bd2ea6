"""The form of Vietnamese official papers (A4, margins, letterhead, signature), in Word."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

_LETTERS = "Times New Roman"
WIDTH = 16.0
"""Centimetres between the margins."""


def new() -> Document:
    """Return an empty paper: A4, Times New Roman 14, page numbers above from the second page on."""
    from docx import Document as new_document
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Cm, Pt

    made = new_document()
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    style = made.styles["Normal"]
    style.font.name, style.font.size = _LETTERS, Pt(14)
    style.paragraph_format.space_after = Pt(6)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    for level in (1, 2):
        _plain(made.styles[f"Heading {level}"])
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    _centre(number)
    _field(number, "PAGE")
    return made


def letterhead(made: Document, above: str, unit: str, number: str, date: str) -> None:
    """Write who sends it on the left, the name of the state on the right, number and date below."""
    from docx.shared import Pt

    table = made.add_table(rows=2, cols=2)
    _widths(table, (6.4, 9.6))
    (left, right), (below, day) = (row.cells for row in table.rows)
    if above:
        _line(left, above.upper(), 13, first=True)
    for n, line in enumerate(unit.upper().splitlines()):
        _line(left, line, 13, bold=True, first=not above and n == 0)
    _rule(left, 2.0)
    _line(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12.5, bold=True, first=True)
    _line(right, "Độc lập - Tự do - Hạnh phúc", 13.5, bold=True)
    _rule(right, 1.7)
    _line(below, number, 13, first=True)
    _line(day, date, 13, italic=True, first=True)
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def title(made: Document, kind: str, about: str) -> None:
    """Write the kind of paper and what it is about."""
    from docx.shared import Pt

    for text, after in ((kind, 0), (about, 12)):
        paragraph = made.add_paragraph()
        _centre(paragraph)
        paragraph.paragraph_format.space_after = Pt(after)
        paragraph.add_run(text).bold = True


def remark(made: Document, text: str) -> None:
    """Write a line below the title, in italics."""
    from docx.shared import Pt

    paragraph = made.add_paragraph()
    _centre(paragraph)
    paragraph.paragraph_format.space_after = Pt(12)
    paragraph.add_run(text).italic = True


def heading(made: Document, text: str, level: int = 1) -> None:
    """Write the heading of a part."""
    made.add_heading(text, level=level)


def say(made: Document, text: str) -> Paragraph:
    """Write a paragraph, its first line indented; justified unless there are dots to write on."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    paragraph = made.add_paragraph(text)
    if "………" not in text:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.first_line_indent = Cm(1.27)
    return paragraph


def close(made: Document, text: str) -> None:
    """Write the last paragraph: it stays with the signature."""
    say(made, text).paragraph_format.keep_with_next = True


def caption(made: Document, text: str) -> None:
    """Write what the table below is about; it stays with the table."""
    from docx.shared import Pt

    paragraph = made.add_paragraph()
    run = paragraph.add_run(f"Bảng {len(made.tables)}. {text}")  # the letterhead is a table too
    run.italic, run.font.size = True, Pt(13)
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_before = Pt(6)


def table(made: Document, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float] = ()) -> None:
    """Write a table (widths in centimetres): numbers to the right, the head again on each page, no row broken in two."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    drawn = made.add_table(rows=1, cols=len(head), style="Table Grid")
    size = Pt(12 if len(head) < 6 else 11)
    for cell, text in zip(drawn.rows[0].cells, head, strict=True):
        _line(cell, text, size.pt, bold=True, first=True)
    _mark(drawn.rows[0], "w:tblHeader")
    numbers = [all(_is_number(row[n]) for row in rows) for n in range(len(head))]
    for row in rows:
        added = drawn.add_row()
        for cell, text, is_number in zip(added.cells, row, numbers, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.add_run(text).font.size = size
            if is_number:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for one in drawn.rows:
        _mark(one, "w:cantSplit")
    if len(rows) < _TOGETHER:  # a short table is not torn apart
        for one in drawn.rows[:-1]:
            for cell in one.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    _widths(drawn, widths or _shared(len(head)))
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def picture(made: Document, png: bytes, text: str) -> None:
    """Show a chart with its name below, which is also what is read aloud for it."""
    from docx.shared import Cm, Pt

    holder = made.add_paragraph()
    _centre(holder)
    holder.paragraph_format.keep_with_next = True
    shown = holder.add_run().add_picture(io.BytesIO(png), width=Cm(13))
    shown._inline.docPr.set("descr", text)
    below = made.add_paragraph()
    _centre(below)
    run = below.add_run(f"Hình {len(made.inline_shapes)}. {text}")
    run.italic, run.font.size = True, Pt(13)


def signatures(made: Document, copies: Sequence[str], position: str, signer: str) -> None:
    """Write who gets the paper on the left, who signs it on the right, all on one page."""
    drawn = made.add_table(rows=1, cols=2)
    _widths(drawn, (8, 8))
    left, right = drawn.rows[0].cells
    _line(left, "Nơi nhận:", 12, bold=True, italic=True, first=True, centre=False)
    for n, one in enumerate(copies):
        _line(left, f"- {one}{'.' if n == len(copies) - 1 else ';'}", 11, centre=False)
    for n, line in enumerate(position.splitlines()):
        _line(right, line.upper(), 14, bold=True, first=n == 0)
    for _ in range(4):
        _line(right, "", 14)
    _line(right, signer, 14, bold=True)
    _mark(drawn.rows[0], "w:cantSplit")


def appendix(made: Document, name: str, about: str) -> None:
    """Begin an appendix on a page of its own."""
    from docx.shared import Pt

    for text in (name, about):
        paragraph = made.add_paragraph()
        _centre(paragraph)
        paragraph.paragraph_format.page_break_before = text is name
        paragraph.paragraph_format.space_after = Pt(8 if text is about else 0)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run(text).bold = True


_TOGETHER = 12
"""Rows of a table that one page always holds."""


def _line(
    cell: _Cell, text: str, size: float, bold: bool = False, italic: bool = False, first: bool = False, centre: bool = True,
) -> None:  # fmt: skip
    """Write one line of a cell."""
    from docx.shared import Pt

    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    if centre:
        _centre(paragraph)
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def _rule(cell: _Cell, indent: float) -> None:
    """Draw the short line of letterheads, so many centimetres from both sides of the cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    paragraph = cell.add_paragraph()
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Cm(indent)
    form.space_before, form.space_after, form.line_spacing = Pt(2), Pt(0), Pt(6)
    edge, line = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    edge.append(line)
    paragraph._p.get_or_add_pPr().insert_element_before(edge, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _plain(style: Any) -> None:
    """Headings as official papers have them: the same letters, black, bold."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    style.font.name, style.font.size, style.font.bold, style.font.color.rgb = _LETTERS, Pt(14), True, RGBColor(0, 0, 0)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(10), Pt(4)
    style.paragraph_format.first_line_indent = Cm(1.27)
    fonts = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        if "Theme" in name:
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), _LETTERS)


def _field(paragraph: Paragraph, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)


def _mark(row: Any, what: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(what))


def _widths(table: Any, widths: Sequence[float]) -> None:
    from docx.shared import Cm

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)


def _shared(columns: int) -> list[float]:
    """Return widths: a wider first column, the others alike."""
    first = min(4.0, WIDTH / columns * 1.3)
    return [first, *[(WIDTH - first) / (columns - 1)] * (columns - 1)]


def _is_number(text: str) -> bool:
    return text == "–" or (text[0].isdigit() and "/" not in text) or text.startswith("dưới")


def _centre(paragraph: Paragraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
