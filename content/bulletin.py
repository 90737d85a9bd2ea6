"""The bulletin of a week for the commune's loudspeakers: three to five minutes, read aloud as it stands."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

import content
from content.printable import printable
from content.seasons import slogans_on
from content.spoken import number, spoken

SYLLABLES_A_MINUTE = 190
"""How fast a bulletin is read at the loudspeaker; Vietnamese writes one syllable a word."""
ENOUGH = 3.2
"""Minutes at which no further fact is added."""
_TOPICS = (
    ("dv_rights", "dv_report", "dv_protection"), ("shelter", "legal_aid", "dv_acts"), ("child", "marriage", "trafficking"),
    ("labour", "online", "gender_equality"), ("dv_definition", "admin_fine", "dv_report"),
)  # fmt: skip
"""Topics of the facts of a week; one row after the other."""
_NOT_ALOUD = ("fine-bystander", "fine-hotline-prank", "fine-child-lewd", "child-ban")
"""Facts that would keep somebody from asking for help."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is read in one week: a title, and the sections with their paragraphs, numbers in words."""

    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    sources: tuple[str, ...]
    """Where each fact stands, for the person who reads: not read aloud."""

    @property
    def minutes(self) -> float:
        """How long the reading takes."""
        words = sum(len(p.split()) for _, paragraphs in self.sections for p in paragraphs)
        return words / SYLLABLES_A_MINUTE

    def as_text(self) -> str:
        """Return the bulletin as plain text."""
        parts = [self.title.upper()]
        for head, paragraphs in self.sections:
            parts += ["", head.upper(), *paragraphs]
        return "\n".join([*parts, "", "(Không đọc) Nguồn:", *(f"- {s}" for s in self.sources)]) + "\n"

    def as_docx(self) -> bytes:
        """Return the bulletin as a Word document, in letters large enough to be read aloud from."""
        from docx import Document
        from docx.oxml.ns import qn
        from docx.shared import Cm, Pt, RGBColor

        made = Document()
        section = made.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        for name, size in (("Normal", 14), ("Heading 1", 16), ("Heading 2", 14)):
            font = made.styles[name].font
            font.name, font.size, font.color.rgb = "Times New Roman", Pt(size), RGBColor(0, 0, 0)
            letters = made.styles[name].element.rPr.rFonts
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                letters.attrib.pop(qn(f"w:{theme}"), None)  # a theme's letters go before the named ones
        made.add_heading(self.title, level=1)
        for head, paragraphs in self.sections:
            made.add_heading(head, level=2)
            for paragraph in paragraphs:
                made.add_paragraph(paragraph)
        made.add_heading("Nguồn (không đọc)", level=2)
        for source in self.sources:
            made.add_paragraph(source, style="List Bullet")
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()


def of_week(day: date, events: tuple[str, ...] = ()) -> Bulletin:
    """Return the bulletin of the week of `day`; `events` are sentences on what happens in the commune."""
    events = tuple(map(printable, events))
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=n) for n in range(7)]
    facts: list[content.Fact] = []
    for fact in _facts(monday):
        if _written(week, facts, events).minutes < ENOUGH:
            facts.append(fact)
    return _written(week, facts, events)


def _written(week: list[date], facts: list[content.Fact], events: tuple[str, ...]) -> Bulletin:
    monday = week[0]
    title = f"Bản tin bình đẳng giới, tuần {monday:%d/%m} – {week[-1]:%d/%m/%Y}"
    opening = (
        f"Kính thưa bà con và các bạn. Sau đây là bản tin bình đẳng giới tuần từ {_day(monday)} đến {_day(week[-1])}.",
        *_days(week),
    )
    help_ = (
        "Khi có người đang gặp nguy hiểm, hãy gọi 113. Khi có người bị thương, hãy gọi 115. Trẻ em bị hại, hoặc nghi có "
        "mua bán người, hãy gọi 111, miễn phí, cả ngày lẫn đêm.",
        "Người bị bạo lực có thể đến công an xã, UBND xã, Hội Phụ nữ, trạm y tế hoặc địa chỉ tin cậy ở gần nhất. Bị bạo lực "
        "không phải là lỗi của người bị hại. Bà con biết chuyện, xin hãy lắng nghe và giúp họ đến nơi an toàn.",
    )
    sections = [
        ("Mở đầu", opening),
        ("Khẩu hiệu của tuần", _slogans(week)),
        ("Pháp luật bảo vệ chúng ta", tuple(_aloud(f) for f in facts)),
        ("Việc ở xã ta", events),
        ("Nơi giúp đỡ", help_),
        ("Kết thúc", ("Bản tin đến đây là hết. Cảm ơn bà con và các bạn đã lắng nghe.",)),
    ]
    said = tuple((head, tuple(spoken(p) for p in paragraphs)) for head, paragraphs in sections if paragraphs)
    return Bulletin(title, said, tuple(f"{f.text[:60]}… {f.source}" for f in facts))


def _facts(monday: date) -> list[content.Fact]:
    """Return facts in force all week: one of each topic of the week in turn, then of the next week's topics."""
    turn = monday.toordinal() // 7
    rows = [_of_topics(_TOPICS[(turn + n) % len(_TOPICS)], monday, turn // len(_TOPICS)) for n in range(len(_TOPICS))]
    return list(dict.fromkeys(fact for row in rows for fact in row))


def _of_topics(topics: tuple[str, ...], monday: date, round_: int) -> list[content.Fact]:
    found: list[list[content.Fact]] = []
    for topic in topics:
        ids = [f.id for f in content.facts().values() if f.topic == topic and f.id not in _NOT_ALOUD]
        may = [f for f in content.current(*ids, day=monday + timedelta(days=6)) if f.in_force(monday)]
        start = 3 * round_ % max(1, len(may))
        found.append(may[start:] + may[:start])
    return [fact for row in zip_longest(*found) for fact in row if fact]


def _aloud(fact: content.Fact) -> str:
    """Return a fact as a sentence of its own: an act of the law's list says that it is one."""
    alone = fact.id.startswith("dv-act-")
    return f"Luật coi đây là bạo lực gia đình: {fact.text[0].lower()}{fact.text[1:]}" if alone else fact.text


def _slogans(week: list[date]) -> tuple[str, ...]:
    texts = (slogans_on(day)[0].as_shown(day) for day in week[:5])
    return tuple(text.rstrip(".") + "." for text in dict.fromkeys(texts))


def _days(week: list[date]) -> tuple[str, ...]:
    """Return what is kept in the week: what lasts all week first, then each day with its date."""
    lines = []
    for day in week:
        today = [one for one in content.kept() if one.name in content.observances(day)]
        begin = [one for one in today if day == week[0] or one.first == f"{day:%m-%d}"]
        for one in sorted(begin, key=lambda one: one.first):
            lasts, begins = one.first != one.last, one.first == f"{day:%m-%d}"
            when = _day(day) if not lasts else f"từ {_day(day)}" if begins else "tuần này nằm trong"
            lines.append(f"{when[0].upper()}{when[1:]}{' ' if lasts and not begins else ': '}{one.name}.")
    return tuple(lines)


def _day(day: date) -> str:
    return f"ngày {number(day.day)} tháng {'tư' if day.month == 4 else number(day.month)}"
