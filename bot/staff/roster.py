"""Who keeps the directory: accounts, roles and places; who may manage whom; nobody raises or removes themselves.

Whoever gives an account, a password or a place could enter under that name. So what is private (call-back requests,
hidden places) stays closed to it until a second person has asked its owner (`confirm`). Until then it gives nothing to
others either: who invents a colleague is still one person. The command line is the last way.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, false, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from bot.staff import codes, passwords, sessions
from nlu.text import fold, squeeze
from referral_directory.keeper import CONFIRMED, Keeper, OutOfScope, Refused, note
from referral_directory.keeping import MACHINE, staff
from referral_directory.places import find_place, load

NEEDS_CODE = ("province", "admin")
"""Roles that must have a second factor."""
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,79}")
_PEOPLE = staff.c.id != MACHINE


class Unclear(Refused):
    """A place that could be several, or none; `choices` are the names that it could be."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices
        super().__init__(
            "Có nhiều nơi hợp với tên này. Chọn một nơi bên dưới." if choices
            else "Chưa tìm ra nơi này. Gõ tên xã, phường kèm tên tỉnh, ví dụ: Cẩm Tân, Thanh Hóa."
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Post:
    """A role and where it is held; `commune` is 0 and `province` "" where the role has none."""

    role: str
    commune: int = 0
    province: str = ""


def manages(keeper: Keeper) -> ColumnElement[bool]:
    """Return the condition that leaves the accounts which this member of staff looks after."""
    if keeper.role == "commune":
        return false()
    below = true() if keeper.role == "admin" else staff.c.role == "commune"
    return and_(_PEOPLE, below, keeper.scope(staff))


def is_alone(db: Connection, keeper: Keeper) -> bool:
    """Tell whether somebody who may give accounts has nobody to look after yet."""
    others = (manages(keeper), staff.c.active, staff.c.id != keeper.id)
    may_add = keeper.role != "commune" and keeper.confirmed
    return may_add and db.execute(select(staff.c.id).where(*others).limit(1)).first() is None


def find(db: Connection, keeper: Keeper, staff_id: str, to_change: bool = True) -> Any:
    """Return an account that this member of staff looks after, locked if it is to change; raise `OutOfScope`."""
    query = select(staff).where(staff.c.id == staff_id, manages(keeper))
    row = db.execute(query.with_for_update() if to_change else query).first()
    if row is None:
        raise OutOfScope("Không có người này.")
    return row


def create(db: Connection, keeper: Keeper, login: str, name: str, post: Post, now: datetime) -> tuple[str, str]:
    """Make an account; return its id and its one-time password. Raise `Refused` for a login that is taken."""
    _check_confirmed(keeper)
    _check_post(keeper, post)
    login, name = login_of(login), squeeze(name)
    if not _LOGIN.fullmatch(login):
        raise Refused(
            "Tên đăng nhập gồm ít nhất 3 chữ không dấu, số, dấu chấm hoặc gạch; có thể là địa chỉ thư điện tử."
        )
    staff_id, password = str(uuid.uuid4()), passwords.one_time()
    try:
        with db.begin_nested():
            db.execute(insert(staff).values(id=staff_id, **_new(login, name, post, password, now), given_by=keeper.id))
    except IntegrityError:
        raise Refused("Tên đăng nhập này đã có người dùng. Chọn tên khác.") from None
    note(db, keeper, "create_staff", "staff", staff_id, now, post.commune)
    return staff_id, password


def change(db: Connection, keeper: Keeper, staff_id: str, name: str, post: Post, now: datetime) -> None:
    """Give an account another name, role or place. A new role or place ends its sessions."""
    row, name = find(db, keeper, staff_id), squeeze(name)
    moved = post != Post(row.role, row.commune, row.province)
    if moved and staff_id == keeper.id:
        raise Refused("Bạn không tự đổi vai trò của mình. Nhờ một quản trị khác.")
    if moved:
        _check_confirmed(keeper)
        _check_post(keeper, post)
        if row.role == "admin" and row.active:
            _keep_an_admin(db, staff_id)
        sessions.end_all(db, staff_id)
    values = {"name": name, "role": post.role, "commune": post.commune, "province": post.province}
    values |= {"search_fold": _search(row.login, name, post), **(_given(keeper, row) if moved else {})}
    db.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    note(db, keeper, "change_staff", "staff", staff_id, now, post.commune)


def deactivate(db: Connection, keeper: Keeper, staff_id: str, now: datetime) -> None:
    """Close an account: its sessions end at once, what its owner wrote stays."""
    row = find(db, keeper, staff_id)
    if staff_id == keeper.id:
        raise Refused("Bạn không tự ngừng tài khoản của mình. Nhờ một quản trị khác.")
    if row.role == "admin" and row.active:
        _keep_an_admin(db, staff_id)
    sessions.end_all(db, staff_id)
    codes.drop(db, staff_id)
    db.execute(update(staff).where(staff.c.id == staff_id).values(active=False, password=""))
    note(db, keeper, "deactivate", "staff", staff_id, now, row.commune)


def set_password_anew(db: Connection, keeper: Keeper | None, row: Any, now: datetime) -> str:
    """Give an account (of `find`) a one-time password, open it if it was closed, end its sessions; return the password."""
    if keeper is not None and row.id == keeper.id:
        raise Refused("Đổi mật khẩu của chính bạn ở trang Tài khoản.")
    _check_confirmed(keeper)
    password = passwords.one_time()
    values = {"password": passwords.hashed(password), "new_password": True, "active": True, **_given(keeper)}
    db.execute(update(staff).where(staff.c.id == row.id).values(**values))
    sessions.end_all(db, row.id)
    note(db, keeper, "reset_password" if row.active else "activate", "staff", row.id, now, row.commune)
    return password


def drop_code(db: Connection, keeper: Keeper | None, row: Any, now: datetime) -> None:
    """Take the second factor of an account (of `find`) away, whose owner lost the phone; its sessions end."""
    if keeper is not None and row.id == keeper.id:
        raise Refused("Đổi điện thoại của chính bạn ở trang Tài khoản.")
    _check_confirmed(keeper)
    codes.drop(db, row.id)
    db.execute(update(staff).where(staff.c.id == row.id).values(**_given(keeper, row)))
    sessions.end_all(db, row.id)
    note(db, keeper, "reset_totp", "staff", row.id, now, row.commune)


def confirm(db: Connection, keeper: Keeper, row: Any, seen: str, now: datetime) -> None:
    """Say, as a second person, that an account (of `find`) is in its owner's hands: they asked them. Twice is once.

    What they say is about the account as they saw it (`mark`): what was done to it since is not confirmed with it.
    """
    if not _waits(row):
        return
    if why := hindrance(keeper, row):
        raise Refused(why)
    if seen != mark(row):
        raise Refused(f"Tài khoản của {row.name} vừa có thay đổi. Mở lại trang này, hỏi lại rồi xác nhận.")
    db.execute(update(staff).where(staff.c.id == row.id).values(confirmed_by=keeper.id))
    note(db, keeper, "confirm_staff", "staff", row.id, now, row.commune)


def mark(row: Any) -> str:
    """Return a mark of what a second person confirms: who gave the account, where it works, its password and code."""
    facts = (row.given_by, row.role, row.commune, row.province, row.password, row.totp)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def hindrance(keeper: Keeper, row: Any) -> str:
    """Return why this person may not confirm an account that waits for it, or ""."""
    if keeper.id == row.id:
        return "Đây là tài khoản của bạn, nên cần một người khác xác nhận."
    if keeper.id == row.given_by:
        return "Bạn là người đã cấp tài khoản này, nên cần một người khác gọi hỏi và xác nhận."
    if not keeper.confirmed:
        return "Tài khoản của chính bạn còn chờ xác nhận, nên bạn chưa xác nhận cho người khác được."
    if row.new_password:
        return f"{row.name} chưa vào và tự chọn mật khẩu. Xong bước ấy bạn mới xác nhận được."
    return ""


def seconds(db: Connection, staff_id: str) -> list[str] | None:
    """Return the names of those who may confirm an account, None where it does not wait for that."""
    row = db.execute(select(staff).where(staff.c.id == staff_id)).one()
    if not _waits(row):
        return None
    above = staff.c.role == "admin"
    if row.role == "commune":
        above = or_(above, and_(staff.c.role == "province", staff.c.province == row.province))
    able = (_PEOPLE, staff.c.active, CONFIRMED, staff.c.password != "", staff.c.id.not_in((row.id, row.given_by)))
    return list(db.execute(select(staff.c.name).where(above, *able).order_by(staff.c.name).limit(5)).scalars())


def to_confirm(db: Connection, keeper: Keeper, limit: int) -> Sequence[Any]:
    """Return the accounts that wait for this person's word, by name."""
    waits = (~CONFIRMED, staff.c.active, ~staff.c.new_password, staff.c.given_by != keeper.id, staff.c.id != keeper.id)
    query = select(staff).where(manages(keeper), *waits).order_by(staff.c.name, staff.c.id).limit(limit)
    return db.execute(query).all() if keeper.confirmed else []


def first_admin(db: Connection, login: str, now: datetime) -> str | None:
    """Make this login an administrator where none is left to sign in; return its one-time password, else None."""
    if db.execute(select(staff.c.id).where(_PEOPLE, staff.c.role == "admin", staff.c.active).limit(1)).first():
        return None
    row = db.execute(select(staff).where(staff.c.login == login)).first()
    if row is not None:
        codes.drop(db, row.id)
        db.execute(update(staff).where(staff.c.id == row.id).values(role="admin", commune=0, province=""))
        return set_password_anew(db, None, row, now)
    staff_id, password = str(uuid.uuid4()), passwords.one_time()
    db.execute(insert(staff).values(id=staff_id, **_new(login, "Quản trị viên", Post("admin"), password, now)))
    note(db, None, "create_staff", "staff", staff_id, now)
    return password


def post_of(role: str, place: str, near: str = "") -> Post:
    """Read a place as people type it for this role; raise `Unclear` when it could be several or none."""
    if role == "admin":
        return Post(role)
    found = find_place(place, expecting=True, near=near or None) if place.strip() else None
    if near and (found is None or not found.code):  # people who keep one province leave its name out
        within = find_place(f"{place}, {near}", expecting=True, near=near)
        alone = find_place(near, expecting=True, near=near)  # what is found without the words is not told by them
        found = within if within and within.province == near and within != alone else found
    if role == "province":
        if found is None or found.province is None:
            raise Unclear(())
        return Post(role, 0, found.province)
    commune = load().commune(found.code) if found and found.code else None
    if commune is None:
        raise Unclear(found.choices if found else ())
    return Post(role, commune.code, commune.province.name)


def login_of(text: str) -> str:
    """Return a login as it is stored."""
    return squeeze(text).lower()[:80]


def _check_confirmed(keeper: Keeper | None) -> None:
    """Raise unless it is the command line, or an account that nobody could have taken over alone."""
    if keeper is not None and not keeper.confirmed:
        raise Refused(
            "Tài khoản của chính bạn còn chờ một người thứ hai xác nhận, nên chưa cấp được tài khoản, mật khẩu hay nơi làm "
            f"việc cho người khác. Nếu chưa có ai xác nhận được, người giữ máy chủ chạy: tincay staff reset {keeper.login}."
        )


def _check_post(keeper: Keeper, post: Post) -> None:
    if keeper.role == "admin" or (
        keeper.role == "province" and (post.role, post.province) == ("commune", keeper.province)
    ):
        return
    raise Refused("Bạn chỉ quản lý cán bộ xã, phường trong tỉnh, thành phố của mình.")


def _keep_an_admin(db: Connection, staff_id: str) -> None:
    """Raise unless another administrator is left; two who remove each other wait for one another here."""
    others = select(staff.c.id).where(_PEOPLE, staff.c.role == "admin", staff.c.active).with_for_update()
    if not any(row.id != staff_id for row in db.execute(others)):
        raise Refused("Đây là quản trị cuối cùng. Thêm một quản trị khác trước.")


def _new(login: str, name: str, post: Post, password: str, now: datetime) -> dict[str, Any]:
    return {
        "login": login, "name": name, "search_fold": _search(login, name, post), "role": post.role,
        "commune": post.commune, "province": post.province, "password": passwords.hashed(password),
        "new_password": True, "active": True, "created_at": now.timestamp(),
    }  # fmt: skip


def _given(keeper: Keeper | None, row: Any = None) -> dict[str, str | None]:
    """Return what marks an account as given by one person alone; what the machine's own command line gives is not.

    An account (`row`) that waits already stays with who gave its password: only they could be in it.
    """
    by = row.given_by if row is not None and _waits(row) else keeper.id if keeper else None
    return {"given_by": by, "confirmed_by": None}


def _waits(row: Any) -> bool:
    return row.given_by is not None and row.confirmed_by is None


def _search(login: str, name: str, post: Post) -> str:
    commune = load().commune(post.commune) if post.commune else None
    return fold(f"{name} {login} {commune.full if commune else post.province}")[:320]
