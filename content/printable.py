"""Text that any file format can hold: Word and Excel open no file with a control character or half a letter in it."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Return the text without what no file can hold; tabs and ends of lines stay."""
    return _UNPRINTABLE.sub("", text)
