"""Messages for platforms that carry plain text only: choices as numbered lines, long texts in whole pieces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.messages import Outgoing
from content import languages

_NUMBER = re.compile(r"\+?\d+(?:[ \t\u00a0\u202f.()\-\u2013]{1,3}\d+)*")
"""Digits with what people write between them: 1900 969 680, 024.3942.1613, +84 (24) 3942-1613."""
_JOINER = "\u200d"
_GLUED = frozenset("\u200d\ufe0e\ufe0f" + "".join(map(chr, range(0x1F3FB, 0x1F400))))
"""What belongs to the sign before it: joiner, text or picture form, skin colours."""


def parts(outgoing: Outgoing, limit: int) -> list[str]:
    """Return a message as texts of at most `limit` UTF-16 units, its choices numbered under the last; [] if empty."""
    texts = split(plain(outgoing.text), limit)
    menu = plain(numbered([b.label for b in outgoing.buttons], outgoing.first_number, outgoing.language))
    if texts and menu and units(texts[-1]) + 2 + units(menu) <= limit:
        return [*texts[:-1], f"{texts[-1]}\n\n{menu}"]
    return texts + split(menu, limit)


def numbered(labels: Sequence[str], first: int = 1, language: str = languages.SOURCE) -> str:
    """Return choices as lines to answer by number, counted from `first`; "" when there are none."""
    head, _ = languages.text("page.number", language)
    return "\n".join([head, *(f"{n}. {label}" for n, label in enumerate(labels, first))]) if labels else ""


def split(text: str, limit: int) -> list[str]:
    """Cut `text` into parts of at most `limit` UTF-16 units: between lines, else between words, never in a number."""
    found: list[str] = []
    text = text.strip()
    while units(text) > limit:
        at = _cut(text, _fitting(text, limit))
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*found, text] if text else found


def plain(text: str) -> str:
    """Return `text` in NFC (one sign a letter, as phones show it), without half surrogates."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))


def units(text: str) -> int:
    """Return the length in UTF-16 units, as the platforms count."""
    return len(text) + sum(c > "\uffff" for c in text)


def _cut(text: str, end: int) -> int:
    """Return where to cut, at most at `end`: a line's end in the second half, else a space, else between two signs."""
    numbers = [m.span() for m in _NUMBER.finditer(text)]
    spaces = [m for m in re.finditer(r"\s+", text[: end + 1]) if m.start() > 0]
    between = [m for m in spaces if not any(a < m.start() < b for a, b in numbers)]
    lines = [m for m in between if "\n" in m[0] and m.start() > end // 2]
    for found in (lines, between, spaces):
        if found:
            return found[-1].start()
    at = next((a for a, b in numbers if 0 < a < end < b), end)
    while at > 1 and _is_inside_a_sign(text, at):
        at -= 1
    return at if at > 1 else end


def _is_inside_a_sign(text: str, at: int) -> bool:
    return text[at] in _GLUED or text[at - 1] == _JOINER or unicodedata.category(text[at]).startswith("M")


def _fitting(text: str, limit: int) -> int:
    """Return how many characters of `text` fit into `limit` UTF-16 units."""
    used = 0
    for n, sign in enumerate(text):
        used += 1 + (sign > "\uffff")
        if used > limit:
            return n
    return len(text)
