"""The languages people are answered in: Vietnamese is the source, the others are the catalogues of `locale/*.po`.

A text is known by its key. What a catalogue lacks, or has of an older source, is served in Vietnamese; so are texts of
safety that no named person has approved (`locale/approved.yml`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

import content
from content.seasons import TOPICS

SOURCE = "vi"
LOCALE = Path(__file__).parent / "locale"
NAMES = {"vi": "Tiếng Việt", "en": "English", "km": "ភាសាខ្មែរ"}
"""Every language that there is a catalogue of, by the name that its speakers give it; the source first."""
_REGION = {"en": "en_GB"}
"""Whose way of writing dates is meant: 21 Nov 2026."""
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_NOT_TRANSLATED = "push."
"""What is pushed once a day is a Vietnamese slogan or fact, and so is its frame."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A named person's word for one text of safety in one language, in the version that `mark` stands for."""

    language: str
    text: str
    mark: str
    by: str
    day: date | None


def text(key: str, language: str) -> tuple[str, str]:
    """Return the text of `key` for somebody who reads `language`, and the language that it is in."""
    if language == SOURCE:
        return sources()[key], SOURCE
    found = _served(language).get(key)
    return (found, language) if found else (sources()[key], SOURCE)


def offered() -> tuple[str, ...]:
    """Return the languages that can be chosen, the source first."""
    return (SOURCE, *_approved_file()["offered"])


@cache
def sources() -> dict[str, str]:
    """Return every text that is shown to people by its key: replies, names of lines and topics, words of the page."""
    lines = {
        f"hotline.{line.id}.{part}": getattr(line, part)
        for line in content.hotlines().values()
        for part in ("short", "hours", "cost")
    }
    topics = {f"topic.{name}": words for name, words in TOPICS.items()}
    found = {**content.replies(), **lines, **topics, **content.page()}
    return {key: words for key, words in found.items() if words}


def translatable() -> dict[str, str]:
    """Return those of the texts that a catalogue holds."""
    return {key: words for key, words in sources().items() if not key.startswith(_NOT_TRANSLATED)}


def is_safety(key: str) -> bool:
    """Tell whether a text is one of safety: danger, telling, thoughts of dying, children."""
    table = _approved_file()
    return key.partition(".")[0] in table["safety"] and key not in table["harmless"]


def mark(source: str, translation: str) -> str:
    """Return the mark of a text and its translation: another version of either has another one."""
    return hashlib.sha256(f"{source}\0{translation}".encode()).hexdigest()[:8]


def approvals() -> list[Approval]:
    """Return who approved what, as the file says it."""
    return [
        Approval(
            str(row.get("language", "")), str(row.get("text", "")), str(row.get("mark", "")),
            str(row.get("by") or "").strip(), row["day"] if isinstance(row.get("day"), date) else None,
        )
        for row in _approved_file()["approved"]
    ]  # fmt: skip


def may_be_served(key: str, source: str, translation: str, approved: Iterable[Approval]) -> bool:
    """Tell whether a translation may be shown: no text of safety, or approved by name and day in this very version."""
    return not is_safety(key) or any(
        a.text == key and a.mark == mark(source, translation) and a.by and a.day for a in approved
    )


def day(of: date, language: str) -> str:
    """Return a day with its year: 21/11/2026, 21 Nov 2026."""
    return f"{of:%d/%m/%Y}" if language == SOURCE else _date(of, "d MMM y", language)


def weekday(of: date, language: str = SOURCE) -> str:
    """Return the name of the day of the week in the middle of a sentence."""
    return _WEEKDAYS[of.weekday()] if language == SOURCE else _date(of, "EEEE", language)


def day_of_month(of: date, language: str) -> str:
    """Return a day without its year: 21/11, 21 Nov."""
    return f"{of:%d/%m}" if language == SOURCE else _date(of, "d MMM", language)


@cache
def tongue(code: str, language: str) -> str | None:
    """Return the name of a language (ISO 639) in another one, or None where Babel knows none."""
    from babel import Locale

    return Locale.parse(language).languages.get(code)


@lru_cache(maxsize=512)
def _date(of: date, pattern: str, language: str) -> str:
    from babel.dates import format_date  # a third of a second: whoever writes Vietnamese does not wait for it

    return format_date(of, pattern, locale=_REGION.get(language, language))


@cache
def _served(language: str) -> dict[str, str]:
    """Return the translations that may be shown in a language, by key."""
    known, approved = sources(), [a for a in approvals() if a.language == language]
    return {
        key: entry.translation
        for key, entry in catalogue(language).items()
        if entry.translation and not entry.doubtful and entry.source == known.get(key)
        if may_be_served(key, entry.source, entry.translation, approved)
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a catalogue; `doubtful` marks a translation of an older source."""

    source: str
    translation: str
    doubtful: bool


@cache
def catalogue(language: str) -> dict[str, Entry]:
    """Return the entries of a language's catalogue by key, empty where there is no file."""
    from babel.messages.pofile import read_po

    file = LOCALE / f"{language}.po"
    if not file.exists():
        return {}
    with file.open("rb") as opened:
        read = read_po(opened, locale=language)
    return {str(m.context): Entry(str(m.id), str(m.string or ""), m.fuzzy) for m in read if m.id and m.context}


@cache
def _approved_file() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((LOCALE / "approved.yml").read_text(encoding="utf-8"))
    return table


def warm_up() -> None:
    """Read the catalogues of the languages that can be chosen, and what writes their dates."""
    for language in offered()[1:]:
        _served(language)
        day(date(2026, 11, 21), language)
