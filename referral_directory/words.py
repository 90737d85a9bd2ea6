"""Words by which a service is found, without marks and signs. Pure."""

from __future__ import annotations

import re

from nlu.text import fold
from referral_directory.places import load
from referral_directory.terms import KIND_NAMES

_WORD = re.compile(r"[^\W_]+")


def search_words(name: str, kind: str, commune: int, province: str) -> str:
    """Return what `service.search_fold` holds: the words of name, kind and place, a space before each."""
    unit = load().commune(commune) if commune else None
    about = (name, KIND_NAMES.get(kind, ""), unit.label if unit else "", province)
    return f" {' '.join(map(split_words, about))}"[:480]


def split_words(text: str) -> str:
    """Return the words of `text`, joined by single spaces: "Xã Krông Pắc" gives "xa krong pac"."""
    return " ".join(_WORD.findall(fold(text)))
