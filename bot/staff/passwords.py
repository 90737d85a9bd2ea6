"""Passwords: argon2 over NFC, equal work for logins that nobody has, and what is too easy to guess."""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nlu.text import fold

LEAST, MOST = 10, 128
"""Characters of a password."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher = PasswordHasher()
_OBVIOUS = frozenset(
    "matkhau matkhaumoi password passw admin administrator quantri tincay phunu hoiphunu lienhiephoiphunu canbo congan xinchao chao "
    "vietnam hanoi saigon hochiminh anhyeuem emyeuanh toiyeuem iloveyou loveyou yeu qwerty qwertyuiop asdfghjkl zxcvbnm qazwsx abc abcd "
    "abcdef welcome letmein binhdanggioi baoluc diachitincay khongbiet khongco".split()
)  # fmt: skip
_RUNS = ("0123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher.hash(_composed(password))


def is_right(stored: str, password: str) -> bool:
    """Tell whether the password is the stored one; nobody's ("") takes as long and is never right."""
    try:
        _hasher.verify(stored or nobodys(), _composed(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def is_outdated(stored: str) -> bool:
    """Tell whether a password was hashed with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@lru_cache(maxsize=1)
def nobodys() -> str:
    """Return a hash that no password has, as costly as anybody's."""
    return _hasher.hash(secrets.token_urlsafe(32))


def one_time() -> str:
    """Return a password to read out over the phone, good until its owner chooses another: 12 letters, 59 bits."""
    letters = [secrets.choice(_LETTERS) for _ in range(12)]
    return "-".join("".join(letters[i : i + 4]) for i in (0, 4, 8))


def as_one_time(typed: str) -> str:
    """Return a one-time password as `one_time` made it, however it was read out and typed: capitals, spaces, no hyphens."""
    letters = re.sub(r"[\W_]+", "", typed).lower()
    return "-".join(letters[i : i + 4] for i in (0, 4, 8)) if len(letters) == 12 else typed


def weakness(password: str, *about: str) -> str:
    """Return why a password may not be chosen and what to do, or ""; `about` is what others know of its owner."""
    password = _composed(password)
    if len(password) < LEAST:
        return (
            f"Cần ít nhất {LEAST} ký tự; bạn mới gõ {len(password)}. Có thể ghép ba, bốn từ không liên quan với nhau."
        )
    if len(password) > MOST:
        return f"Dài quá {MOST} ký tự. Chọn mật khẩu ngắn hơn."
    plain = re.sub(r"[\W_]+", "", fold(password))
    if plain.isdigit():
        return "Chỉ có chữ số, dễ đoán (số điện thoại, ngày sinh). Thêm vài từ vào."
    if len(set(plain)) < 5 or _is_run(plain):
        return "Lặp lại hoặc theo thứ tự bàn phím, dễ đoán. Ghép ba, bốn từ không liên quan với nhau."
    if plain.strip("0123456789") in _OBVIOUS or _is_made_of(plain):
        return "Nhiều người dùng mật khẩu này nên dễ đoán. Ghép ba, bốn từ không liên quan với nhau."
    for known in about:
        if len(word := re.sub(r"[\W_]+", "", fold(known))) >= 4 and word in plain and len(plain) - len(word) < 6:
            return "Gần giống tên của bạn. Thêm ít nhất hai từ khác vào."
    return ""


def _is_run(plain: str) -> bool:
    """Tell whether a password walks along the keyboard or the alphabet, or says a short piece again and again."""
    rows = (*_RUNS, *(run[::-1] for run in _RUNS))
    repeats = any(plain == (plain[:n] * len(plain))[: len(plain)] for n in range(1, len(plain) // 2 + 1))
    return repeats or any(plain in row or plain.strip("0123456789") in row for row in rows)


def _is_made_of(plain: str) -> bool:
    """Tell whether nothing is left of a password without obvious words and digits."""
    rest = re.sub(r"\d+", "", plain)
    for word in sorted(_OBVIOUS, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < 3


def _composed(password: str) -> str:
    """Phones send ế in one character or in three: the same password."""
    return unicodedata.normalize("NFC", password)
