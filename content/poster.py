"""The slogan of a day as a card to share: orange, the white ribbon, two people who embrace. Drawn as SVG, given as PNG."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from uuid import uuid4
from xml.sax.saxutils import escape

from content import Slogan
from content.seasons import slogans_on

_HERE = Path(__file__).parent / "posters"
_FONTS = ("BeVietnamPro-Medium.ttf", "BeVietnamPro-ExtraBold.ttf")
FORMATS = {"square": (1080, 1080), "story": (1080, 1920)}
"""Width and height in pixels: a post, and a story of a phone's height."""
_MARGIN = 96
_LARGEST, _SMALLEST = 104, 40
_TOGETHER = (
    "bạo lực", "bình đẳng", "yêu thương", "gia đình", "phụ nữ", "trẻ em", "xã hội", "hành động", "phòng ngừa", "ứng phó",
    "cơ sở", "xâm hại", "an toàn", "pháp luật", "hạnh phúc", "nạn nhân", "lên tiếng", "im lặng", "phát triển", "trách nhiệm",
    "bền vững", "quyền năng", "trẻ gái", "học đường", "chấm dứt", "vun đắp", "hưởng ứng", "thúc đẩy", "bảo vệ", "xây dựng",
)  # fmt: skip
"""Words of two syllables that no line end parts."""
_LEADING = 1.28
"""Between two lines, in font sizes: Vietnamese stacks marks above capital letters."""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card: the slogan verbatim, and small lines below it."""

    text: str
    foot: tuple[str, ...] = ()


def of_day(day: date) -> Card:
    """Return the card of the slogan of a day."""
    return of_slogan(slogans_on(day)[0], day)


def of_slogan(slogan: Slogan, day: date) -> Card:
    """Return the card of a slogan as it is shown on a day."""
    season = ("Tháng hành động vì bình đẳng giới, 15/11 – 15/12",) if "11-15" <= f"{day:%m-%d}" <= "12-15" else ()
    return Card(slogan.as_shown(day), season)


@lru_cache(maxsize=32)
def draw(card: Card, form: str = "square") -> bytes:
    """Return the card as PNG in one of `FORMATS`; a text too long for a card raises ValueError."""
    return as_png(_svg(card, form))


def picture(lines: Sequence[str], folder: Path) -> Path | None:
    """Return the file of the card with these lines; None for no lines, or where it cannot be drawn or kept."""
    try:
        return kept(Card(lines[0], tuple(lines[1:])), folder) if lines else None
    except (OSError, ValueError):  # a text too long, a full disk: the words go without it
        return None


def kept(card: Card, folder: Path, form: str = "square") -> Path:
    """Return the file of a card in `folder`, named by what stands on it; drawn only where it is not there yet."""
    svg, name = _drawing(card, form)
    file = folder / f"{name}.png"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        drawn = folder / f"{uuid4().hex}.part"
        drawn.write_bytes(as_png(svg))
        drawn.replace(file)  # others may draw the same: nobody reads half a picture
    return file


def as_png(svg: str) -> bytes:
    """Return a drawing as PNG, its letters from the fonts of this package alone."""
    import resvg_py  # 0.05 s: only who draws waits for it

    fonts = [str(_HERE / font) for font in _FONTS]
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=fonts))


@lru_cache(maxsize=32)
def _drawing(card: Card, form: str) -> tuple[str, str]:
    """Return a card as SVG, and its hash."""
    svg = _svg(card, form)
    return svg, hashlib.sha256(svg.encode()).hexdigest()[:32]


def _svg(card: Card, form: str) -> str:
    from jinja2 import Template

    width, height = FORMATS[form]
    emblem = 0.19 * height if form == "square" else 0.17 * height
    room = (height * (0.37 if form == "square" else 0.33), height - 130 - 42 * len(card.foot))
    size, lines = _fit(card.text, width - 2 * _MARGIN, room[1] - room[0])
    block = (len(lines) - 1) * size * _LEADING
    template = (_HERE / "card.svg").read_text(encoding="utf-8")
    return str(Template(template).render(
        width=width, height=height, emblem=emblem, scale=0.62, drawing=_emblem(), size=size, leading=size * _LEADING,
        lines=[escape(line) for line in lines], top=(room[0] + room[1] - block + size * 0.7) / 2,
        foot=[escape(line) for line in card.foot],
    ))  # fmt: skip


def _fit(text: str, width: float, height: float) -> tuple[int, list[str]]:
    """Return the largest font size at which the text fits, and its lines."""
    for size in range(_LARGEST, _SMALLEST - 1, -4):
        lines = _wrap(text, width / size)
        if lines and len(lines) * size * _LEADING <= height:
            return size, lines
    raise ValueError("the text is too long for a card")


def _wrap(text: str, width: float) -> list[str]:
    """Return lines no wider than `width` (in font sizes), of even length; nothing where a word alone is wider."""
    for pair in _TOGETHER:
        text = re.sub(pair, lambda m: m[0].replace(" ", "\N{NO-BREAK SPACE}"), text, flags=re.IGNORECASE)
    words = text.split(" ")
    if any(_length(word) > width for word in words):
        return []
    fewest = len(_fill(words, width))
    even = next(w for n in range(20, 0, -1) if len(_fill(words, w := width * (1 - n / 40))) == fewest or n == 1)
    return _fill(words, even if len(_fill(words, even)) == fewest else width)


def _fill(words: list[str], width: float) -> list[str]:
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _length(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _length(text: str) -> float:
    """Return how wide a text is in the heavy font, in font sizes."""
    advances, unit = _advances()
    return sum(advances.get(ord(c), unit) for c in text) / unit


@cache
def _advances() -> tuple[dict[int, int], int]:
    from fontTools.ttLib import TTFont

    with TTFont(_HERE / _FONTS[1], lazy=True) as font:
        widths, names = font["hmtx"], font.getBestCmap()
        return {code: widths[name][0] for code, name in names.items()}, font["head"].unitsPerEm


@cache
def _emblem() -> str:
    """Return what stands inside the emblem's SVG."""
    drawing = (_HERE / "emblem.svg").read_text(encoding="utf-8")
    found = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
    if found is None:
        raise ValueError("posters/emblem.svg is no drawing")
    return found[1]
