"""Bars as an image: drawn as SVG, given as PNG, in the letters of the cards."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from content.poster import as_png

_WIDTH, _BAR, _GAP, _NAMES = 1000, 30, 14, 380


def bars(rows: Sequence[tuple[str, int]]) -> bytes:
    """Return a PNG with one bar a row: the name in front, the number behind."""
    height = len(rows) * (_BAR + _GAP) + _GAP
    most = max((n for _, n in rows), default=0) or 1
    drawn = "".join(_bar(n, name, value, most) for n, (name, value) in enumerate(rows))
    return as_png(_sheet(height, drawn))


def days(rows: Sequence[tuple[str, int]]) -> bytes:
    """Return a PNG with one upright bar a day, every fifth one named."""
    height, floor = 300, 245
    most = max((n for _, n in rows), default=0) or 1
    step = (_WIDTH - 80) / max(1, len(rows))
    drawn = f'<text x="4" y="30" font-size="20" fill="#444">{most:,}</text>'.replace(",", ".")
    for n, (name, value) in enumerate(rows):
        tall = value / most * (floor - 40)
        drawn += f'<rect x="{70 + n * step:.1f}" y="{floor - tall:.1f}" width="{step * 0.7:.1f}" height="{tall:.1f}" fill="#d9480f"/>'
        if n % 5 == 0 and n < len(rows) - 1:
            drawn += f'<text x="{70 + n * step:.1f}" y="{floor + 32}" font-size="20" fill="#444">{escape(name)}</text>'
    line = f'<line x1="60" x2="{_WIDTH}" y1="{floor}" y2="{floor}" stroke="#444"/>'
    return as_png(_sheet(height, drawn + line))


def _bar(n: int, name: str, value: int, most: int) -> str:
    top = _GAP + n * (_BAR + _GAP)
    long = value / most * (_WIDTH - _NAMES - 110)
    number = f"{value:,}".replace(",", ".")
    return (
        f'<text x="{_NAMES - 12}" y="{top + 22}" text-anchor="end" font-size="20" fill="#222">{escape(name)}</text>'
        f'<rect x="{_NAMES}" y="{top}" width="{max(long, 2):.1f}" height="{_BAR}" rx="4" fill="#d9480f"/>'
        f'<text x="{_NAMES + max(long, 2) + 10:.1f}" y="{top + 22}" font-size="20" fill="#222">{number}</text>'
    )


def _sheet(height: int, drawn: str) -> str:
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Be Vietnam Pro Medium">'
        f'<rect width="100%" height="100%" fill="#fff"/>{drawn}</svg>'
    )
