"""Are the catalogues complete and true to their source? Extracts the texts, keeps `locale/*.po` up to date, finds faults."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from content import languages
from content.languages import Entry

WIDTH = 120
_FILLED_IN = re.compile(r"\{(\w+)\}")
_ADDRESS = {"you", "You"}
"""How the person is addressed: many languages have one word for all of them."""
_NUMBER = re.compile(r"\d(?:[\d .]*\d)?")
_FOR_SAFETY = "Safety text: served only when approved by name in approved.yml."


@dataclass(frozen=True, slots=True)
class State:
    """How far one language is: how many texts it has to say, how many it says, and the same of texts of safety."""

    language: str
    offered: bool
    texts: int
    translated: int
    safety: int
    approved: int


def faults(today: date) -> list[str]:
    """Return what is wrong with catalogues and approvals: one Vietnamese sentence each, none when all is well."""
    found = [fault for language in others() for fault in _faults_of(language)]
    return [*found, *_faults_of_approvals(languages.approvals(), today)]


def states() -> list[State]:
    """Return how far each language but the source is."""
    return [_state(language) for language in others()]


def others() -> list[str]:
    """Return the languages that there are catalogues for."""
    return [language for language in languages.NAMES if language != languages.SOURCE]


def update(language: str) -> bool:
    """Write the catalogue of a language anew from today's texts; return whether anything changed.

    Translations are kept by key; one whose source changed is marked doubtful (fuzzy) until somebody has looked at it.
    """
    old = languages.catalogue(language)
    made = {key: _kept(source, old.get(key)) for key, source in languages.translatable().items()}
    if made == old and list(made) == list(old):
        return False
    (languages.LOCALE / f"{language}.po").write_bytes(_as_po(language, made))
    languages.catalogue.cache_clear()
    return True


def to_approve(language: str) -> list[tuple[str, Entry, str]]:
    """Return the texts of safety that wait for a named person: key, both texts, and the mark of this version."""
    approved = [a for a in languages.approvals() if a.language == language]
    return [
        (key, entry, languages.mark(entry.source, entry.translation))
        for key, entry in languages.catalogue(language).items()
        if entry.translation and not entry.doubtful
        if not languages.may_be_served(key, entry.source, entry.translation, approved)
    ]


def wrongs(source: str, translation: str) -> list[str]:
    """Return what a translation says otherwise than its source: what is filled in, numbers, lines, tone."""
    there, here = (set(_FILLED_IN.findall(text)) - _ADDRESS for text in (source, translation))
    return [
        *([f"chỗ điền khác bản gốc: {', '.join(sorted(there ^ here))}"] if there != here else []),
        *(["số khác bản gốc"] if numbers(source) != numbers(translation) else []),
        *(["số dòng khác bản gốc"] if source.count("\n") != translation.count("\n") else []),
        *(["có dấu chấm than"] if "!" in translation else []),
    ]


def numbers(text: str) -> set[str]:
    """Return the numbers of at least three digits in a text, without what stands between the digits."""
    bare = (re.sub(r"\D", "", found) for found in _NUMBER.findall(text))
    return {number for number in bare if len(number) >= 3}


def _faults_of(language: str) -> Iterable[str]:
    entries, wanted = languages.catalogue(language), languages.translatable()
    offered = language in languages.offered()
    anew = "Chạy: tincay content languages --update."
    for key in sorted(wanted.keys() - entries.keys()):
        yield f"{language}, {key}: chưa có trong tệp dịch. {anew}"
    for key in sorted(entries.keys() - wanted.keys()):
        yield f"{language}, {key}: không còn dùng. {anew}"
    for key, entry in entries.items():
        if key not in wanted:
            continue
        if entry.source != wanted[key]:
            yield f"{language}, {key}: bản tiếng Việt đã đổi. {anew}"
        elif entry.doubtful:
            yield f"{language}, {key}: bản tiếng Việt đã đổi, xem lại bản dịch rồi bỏ chữ fuzzy."
        elif offered and not entry.translation:
            yield f"{language}, {key}: chưa dịch."
        elif entry.translation:
            yield from (f"{language}, {key}: {wrong}." for wrong in wrongs(entry.source, entry.translation))


def _faults_of_approvals(approved: Iterable[languages.Approval], today: date) -> Iterable[str]:
    for one in approved:
        name = f"approved.yml, {one.language}, {one.text}"
        entry = languages.catalogue(one.language).get(one.text) if one.language in others() else None
        if entry is None or not languages.is_safety(one.text):
            yield f"{name}: không có lời an toàn này."
        elif not one.by:
            yield f"{name}: thiếu tên người duyệt."
        elif one.day is None or one.day > today:
            yield f"{name}: thiếu ngày duyệt, hoặc ngày chưa tới."
        elif one.mark != languages.mark(entry.source, entry.translation):
            yield f"{name}: lời đã đổi sau khi duyệt, cần đọc và duyệt lại."


def _state(language: str) -> State:
    wanted, entries = languages.translatable(), languages.catalogue(language)
    said = {k for k, e in entries.items() if e.translation and not e.doubtful and e.source == wanted.get(k)}
    safety = {key for key in wanted if languages.is_safety(key)}
    waiting = {key for key, _, _ in to_approve(language)}
    return State(
        language, language in languages.offered(), len(wanted), len(said), len(safety), len((safety & said) - waiting)
    )


def _kept(source: str, old: Entry | None) -> Entry:
    if old is None or not old.translation:
        return Entry(source, "", False)
    return Entry(source, old.translation, old.doubtful or old.source != source)


def _as_po(language: str, entries: dict[str, Entry]) -> bytes:
    made = Catalog(locale=language, charset="utf-8")
    for key, entry in entries.items():
        made.add(
            entry.source, entry.translation, context=key, flags=["fuzzy"] if entry.doubtful else [],
            auto_comments=[_FOR_SAFETY] if languages.is_safety(key) else [],
        )  # fmt: skip
    written = BytesIO()
    write_po(written, made, width=WIDTH, omit_header=True)
    return _HEADER.format(language=language).encode() + written.getvalue()


_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
"""Without dates and versions of tools: git knows them, and they would make two changes of a catalogue collide."""
