"""The second factor: codes of an authenticator app (TOTP), each good once, and printed recovery codes, each good once."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256
from itertools import groupby

import pyotp
from sqlalchemy import Connection, delete, func, insert, select, update

from bot.store.keys import Keys
from bot.store.rotation import totp_purpose
from referral_directory.keeping import recovery_code, staff

STEP_SECONDS = 30
ISSUER = "Tin Cậy"
RECOVERY_CODES = 10
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def accept(db: Connection, keys: Keys, staff_id: str, code: str, now: datetime) -> bool:
    """Take a code of the app or a recovery code; tell whether it is right. What was taken is used up."""
    row = db.execute(select(staff.c.totp, staff.c.totp_step).where(staff.c.id == staff_id)).first()
    if row is None or row.totp is None:
        return False
    step = step_of(keys.open(row.totp, totp_purpose(staff_id)), code, now)
    if step is not None:
        later = update(staff).where(staff.c.id == staff_id, staff.c.totp_step < step).values(totp_step=step)
        return bool(db.execute(later).rowcount)
    mine = (recovery_code.c.staff_id == staff_id, recovery_code.c.hash == _digest(staff_id, code))
    return bool(db.execute(delete(recovery_code).where(*mine)).rowcount)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is (now, one earlier or one later), or None."""
    digits = re.sub(r"\s", "", code)
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    app, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    steps = (current, current - 1, current + 1)
    return next((s for s in steps if hmac.compare_digest(app.generate_otp(s), digits)), None)


def set_up(db: Connection, keys: Keys, staff_id: str, secret: str, step: int) -> list[str]:
    """Keep a secret whose code of `step` was just shown; return new recovery codes, to be read once."""
    values = {"totp": keys.seal(secret, totp_purpose(staff_id)), "totp_step": step}
    db.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    return renew(db, staff_id)


def renew(db: Connection, staff_id: str) -> list[str]:
    """Replace somebody's recovery codes; return the new ones, of which only hashes are stored."""
    db.execute(delete(recovery_code).where(recovery_code.c.staff_id == staff_id))
    made = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    db.execute(insert(recovery_code), [{"hash": _digest(staff_id, code), "staff_id": staff_id} for code in made])
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in made]


def left(db: Connection, staff_id: str) -> int:
    """Return how many recovery codes somebody still has."""
    return db.execute(select(func.count()).where(recovery_code.c.staff_id == staff_id)).scalar_one()


def drop(db: Connection, staff_id: str) -> None:
    """Take the second factor away."""
    db.execute(update(staff).where(staff.c.id == staff_id).values(totp=None))
    db.execute(delete(recovery_code).where(recovery_code.c.staff_id == staff_id))


def new_secret() -> str:
    """Return a secret for an app: 160 bits in base32."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """Return what an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def qr(text: str) -> tuple[int, str]:
    """Return a QR code as its size in modules and the path of an SVG that fills the dark ones."""
    import qrcode  # brings an imaging library with it, which a start need not read
    from qrcode.constants import ERROR_CORRECT_L

    made = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=0)
    made.add_data(text)
    made.make(fit=True)
    rows = made.get_matrix()
    path = []
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                path.append(f"M{x} {y}h{length}v1h-{length}")
            x += length
    return len(rows), "".join(path)


def _digest(staff_id: str, code: str) -> bytes:
    """A code has 78 random bits: a plain hash cannot be turned back."""
    return sha256(f"{staff_id}:{re.sub(r'[^0-9A-Z]', '', code.upper())}".encode()).digest()
