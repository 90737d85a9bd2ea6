"""The key ring: AES-256-GCM for what must be read again, a keyed hash for what must be found again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import SettingsError


class Keys:
    """Encrypts with the first key, decrypts with any; the look-up hash has a secret of its own.

    A sealed value is ``key id (4 bytes) | nonce (12) | ciphertext and tag``, bound to its `purpose`.
    """

    def __init__(self, ring: dict[str, bytes], lookup: bytes) -> None:
        if not ring:
            raise SettingsError("Không có khóa mã hóa nào. / There is no key.")
        self._ring = {_key_id(name): AESGCM(key) for name, key in ring.items()}
        self._first = next(iter(self._ring))
        self._lookup = lookup

    def __repr__(self) -> str:
        return f"Keys({len(self._ring)})"

    @property
    def newest(self) -> bytes:
        """The id (4 bytes) of the key that seals; the first bytes of what it sealed."""
        return self._first

    def seal(self, value: Any, purpose: str) -> bytes:
        """Encrypt any JSON value."""
        return self.seal_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), purpose)

    def seal_bytes(self, plain: bytes, purpose: str) -> bytes:
        """Encrypt bytes."""
        nonce = secrets.token_bytes(12)
        return self._first + nonce + self._ring[self._first].encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> Any:
        """Decrypt what `seal` made for the same purpose; raise `SettingsError` when no key of the ring fits."""
        return json.loads(self.open_bytes(sealed, purpose))

    def open_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what `seal_bytes` made for the same purpose; raise `SettingsError` when no key of the ring fits."""
        cipher = self._ring.get(sealed[:4])
        if cipher is None:
            raise SettingsError(
                "Dữ liệu được mã hóa bằng khóa không còn trong TINCAY_SECRET_KEYS. / The key of this value is gone."
            )
        try:
            return cipher.decrypt(sealed[4:16], sealed[16:], purpose.encode())
        except InvalidTag:
            raise SettingsError("Dữ liệu mã hóa bị hỏng hoặc sai khóa. / A sealed value is damaged.") from None

    def find(self, channel: str, chat: str) -> bytes:
        """Return the keyed hash (32 bytes) under which a chat is found without being stored."""
        return self.mark(channel, chat)

    def mark(self, kind: str, value: str) -> bytes:
        """Return the keyed hash (32 bytes) by which a value of a kind is known again without being stored."""
        return hmac.new(self._lookup, f"{kind}\0{value}".encode(), hashlib.sha256).digest()


def _key_id(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:4]


def load_keys(setting: str, data_dir: Path) -> Keys:
    """Read the ring from the setting (``id:base64,id:base64,lookup:base64``) or from `keys` in the data folder.

    Without both a new ring is made there, readable by the owner alone. A file that others can read is refused.
    """
    file = data_dir / "keys"
    if not setting:
        if not file.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            made = ",".join(f"{n}:{base64.b64encode(secrets.token_bytes(32)).decode()}" for n in ("k1", "lookup"))
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(made)
        if file.stat().st_mode & 0o077:
            raise SettingsError(
                f"Tệp khóa {file} đang để người khác đọc được. Chạy: chmod 600 {file} / Others can read the keys."
            )
        try:
            setting = file.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"Không đọc được tệp khóa {file} ({type(error).__name__}). / The file of the keys cannot be read."
            ) from None
    ring = _parse(setting)
    lookup = ring.pop("lookup", None)
    if lookup is None:
        raise SettingsError(
            "TINCAY_SECRET_KEYS thiếu khóa tra cứu 'lookup:…' (32 byte, base64). / The look-up key is missing."
        )
    return Keys(ring, lookup)


def add_key(data_dir: Path) -> str:
    """Put a new key in front of the ring in the file `keys` and return its name; the older ones still open what they sealed."""
    file = data_dir / "keys"
    ring = _parse(file.read_text(encoding="ascii").strip())
    name = next(n for n in (f"k{i}" for i in range(1, 10_000)) if n not in ring)
    made = f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    _replace(file, f"{made},{file.read_text(encoding='ascii').strip()}")
    return name


def drop_old_keys(data_dir: Path) -> list[str]:
    """Leave only the first key and the look-up key in the file; return the names of those that went."""
    file = data_dir / "keys"
    parts = [p.strip() for p in file.read_text(encoding="ascii").replace("\n", ",").split(",") if p.strip()]
    names = [p.partition(":")[0] for p in parts]
    first = next(n for n in names if n != "lookup")
    _replace(file, ",".join(p for p, n in zip(parts, names, strict=True) if n in (first, "lookup")))
    return [n for n in names if n not in (first, "lookup")]


def _replace(file: Path, text: str) -> None:
    """Write a key file whole or not at all, for the owner alone."""
    beside = file.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)


def _parse(setting: str) -> dict[str, bytes]:
    ring: dict[str, bytes] = {}
    for part in setting.replace("\n", ",").split(","):
        name, _, value = part.strip().partition(":")
        if not name:
            continue
        try:
            key = base64.b64decode(value, validate=True)
        except binascii.Error:
            key = b""
        if not value:
            raise SettingsError(
                "Mỗi khóa trong TINCAY_SECRET_KEYS viết là mã:base64, ví dụ k1:… / Write keys as id:base64."
            )
        typed = key.isascii() and key.decode("ascii").isprintable()  # 32 bytes drawn by lot are never so
        if len(key) != 32 or len(set(key)) < 16 or typed:
            raise SettingsError(
                f"Khóa '{name}' trong TINCAY_SECRET_KEYS phải là 32 byte ngẫu nhiên, viết bằng base64. / "
                "A key must be 32 random bytes in base64."
            )
        ring[name] = key
    return ring
