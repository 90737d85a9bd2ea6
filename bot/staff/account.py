"""One's own account: password, second factor, recovery codes, signing out here and everywhere."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import func, select, update
from starlette.responses import Response

from bot.errors import SettingsError
from bot.staff import codes, passwords, sessions
from bot.staff.forms import Form, PasswordField, needed, text
from bot.staff.roster import NEEDS_CODE
from bot.staff.visit import Onward, Route, Visit
from referral_directory.keeper import Refused, note
from referral_directory.keeping import session, staff


class NewPassword(Form):
    """A password of one's own; `old` is left out for who came with a one-time password just now."""

    old = PasswordField("Mật khẩu đang dùng", render_kw={"autocomplete": "current-password"})
    new = PasswordField("Mật khẩu mới", [needed("Gõ mật khẩu mới.")], render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        "Gõ lại mật khẩu mới", [needed("Gõ lại lần nữa.")], render_kw={"autocomplete": "new-password"}
    )


class NewCode(Form):
    """The first code of an app, which shows that it was set up."""

    code = text("Mã 6 số mà ứng dụng đang hiện", needed("Gõ mã 6 số."), most=12, inputmode="numeric", autocomplete="one-time-code")  # fmt: skip


class Sure(Form):
    """The password asked again before something grave."""

    password = PasswordField(
        "Mật khẩu của bạn", [needed("Gõ mật khẩu.")], render_kw={"autocomplete": "current-password"}
    )


def account(visit: Visit) -> Response:
    """Show what one has and may change."""
    return _account(visit, Sure())


def _account(visit: Visit, sure: Form, status: int = 200) -> Response:
    devices = select(func.count()).where(session.c.staff_id == visit.keeper.id, sessions.is_live(visit.now))
    return visit.page(
        "account", status, me=_me(visit), sure=sure, codes_left=codes.left(visit.db, visit.keeper.id),
        devices=visit.db.execute(devices).scalar_one(), must=visit.keeper.role in NEEDS_CODE,
    )  # fmt: skip


def password(visit: Visit) -> Response:
    """Ask for a new password."""
    return visit.page("password", form=NewPassword(), first=_me(visit).new_password)


def set_password(visit: Visit) -> Response:
    """Take a new password: other devices are signed out, this one gets another token."""
    me, form = _me(visit), NewPassword(visit.form)
    if form.validate() and (me.new_password or _is_mine(visit, me, form, "old")):
        weak = passwords.weakness(form.said("new"), me.login, me.name)
        if weak:
            form.told("new", weak)
        elif _composed(form.said("new")) != _composed(form.said("again")):
            form.told("again", "Hai lần gõ chưa giống nhau. Gõ lại cả hai ô.")
        elif passwords.is_right(me.password, form.said("new")):
            form.told("new", "Trùng với mật khẩu đang dùng. Chọn mật khẩu khác.")
        else:
            token = _change(visit, me, form.said("new"))
            note(visit.db, visit.keeper, "set_password", "staff", me.id, visit.now)
            first = "Đã ghi mật khẩu của bạn."
            again = "Đã đổi mật khẩu. Những máy khác đã được đăng xuất."
            return Onward("/", first if me.new_password else again, token)
    return visit.page("password", 400, form=form, first=me.new_password)


def _change(visit: Visit, me: Any, new: str) -> str:
    """Put a password in the place of the one that was asked for; return the token of the only session left."""
    unchanged = (staff.c.id == me.id, staff.c.password == me.password)
    changed = update(staff).where(*unchanged).values(password=passwords.hashed(new), new_password=False)
    token = sessions.renew(visit.db, visit.token, me.id, visit.now) if visit.db.execute(changed).rowcount else ""
    if not token:  # a reset that came meanwhile is the one that counts
        raise Refused("Tài khoản này vừa được cấp lại hoặc đăng xuất, nên mật khẩu chưa đổi. Mời bạn đăng nhập lại.")
    sessions.end_all(visit.db, me.id, but=sessions.digest(token))
    return token


def totp(visit: Visit) -> Response:
    """Show a new secret to scan or type, if there is none yet."""
    if _me(visit).totp is not None:
        return visit.redirect("/account")
    return _enrol(visit, codes.new_secret(), NewCode())


def totp_again(visit: Visit) -> Response:
    """Show a new secret to who has one and another phone now; the old one counts until the new one is confirmed."""
    if refusal := _unsure(visit):
        return refusal
    return _enrol(visit, codes.new_secret(), NewCode(), again=True)


def _enrol(visit: Visit, secret: str, form: Form, again: bool = False, status: int = 200) -> Response:
    address = codes.address(secret, visit.keeper.login)
    size, path = codes.qr(address)
    spelt = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    sealed = visit.site.keys.seal([secret, again], _enrolling(visit)).hex()
    return visit.page(
        "totp", status, form=form, sealed=sealed, address=address, size=size, path=path, spelt=spelt,
        must=visit.keeper.role in NEEDS_CODE,
    )  # fmt: skip


def set_totp(visit: Visit) -> Response:
    """Take a secret whose code is right; show the recovery codes, once."""
    try:
        secret, again = visit.site.keys.open(bytes.fromhex(str(visit.form.get("sealed", ""))), _enrolling(visit))
    except (ValueError, SettingsError):
        raise Refused("Trang này đã cũ. Mở lại trang Tài khoản rồi làm lại.") from None
    if _me(visit).totp is not None and not again:
        raise Refused("Mã xác thực đã được bật. Muốn đổi điện thoại, mở trang Tài khoản.")
    form = NewCode(visit.form)
    step = codes.step_of(secret, form.said("code"), visit.now) if form.validate() else None
    if step is None:
        if not form.errors:
            form.told("code", "Mã chưa đúng. Chờ ứng dụng hiện mã mới; xem giờ của điện thoại có đúng không.")
        form.code.data = ""
        return _enrol(visit, secret, form, again, 400)
    fresh = codes.set_up(visit.db, visit.site.keys, visit.keeper.id, secret, step)
    sessions.end_all(visit.db, visit.keeper.id, but=visit.token)
    note(visit.db, visit.keeper, "set_totp", "staff", visit.keeper.id, visit.now)
    return visit.page("recovery", codes=fresh, again=False)


def new_codes(visit: Visit) -> Response:
    """Replace the recovery codes; show the new ones, once."""
    if refusal := _unsure(visit):
        return refusal
    if _me(visit).totp is None:
        raise Refused("Bật mã xác thực trước.")
    note(visit.db, visit.keeper, "new_codes", "staff", visit.keeper.id, visit.now)
    return visit.page("recovery", codes=codes.renew(visit.db, visit.keeper.id), again=True)


def drop_totp(visit: Visit) -> Response:
    """Switch the second factor off, where the role leaves the choice."""
    if visit.keeper.role in NEEDS_CODE:
        raise Refused("Vai trò của bạn luôn cần mã xác thực. Nếu đổi điện thoại, chọn Đổi điện thoại.")
    if refusal := _unsure(visit):
        return refusal
    codes.drop(visit.db, visit.keeper.id)
    note(visit.db, visit.keeper, "drop_totp", "staff", visit.keeper.id, visit.now)
    return visit.redirect("/account", "Đã tắt mã xác thực.")


def sign_out(visit: Visit) -> Response:
    """End this session."""
    sessions.end(visit.db, visit.token)
    note(visit.db, visit.keeper, "sign_out", "staff", visit.keeper.id, visit.now)
    return Onward("/sign-in?why=out", token="")


def sign_out_everywhere(visit: Visit) -> Response:
    """End all sessions of this person."""
    sessions.end_all(visit.db, visit.keeper.id)
    note(visit.db, visit.keeper, "sign_out_all", "staff", visit.keeper.id, visit.now)
    return Onward("/sign-in?why=out", token="")


def _me(visit: Visit) -> Any:
    return visit.db.execute(select(staff).where(staff.c.id == visit.keeper.id)).one()


def _unsure(visit: Visit) -> Response | None:
    """Return the account page with an error unless the password was given again."""
    form = Sure(visit.form)
    sure = form.validate() and _is_mine(visit, _me(visit), form, "password")
    return None if sure else _account(visit, form, 400)


def _is_mine(visit: Visit, me: Any, form: Form, field: str) -> bool:
    """Check a password asked again; a stolen session may not try for ever."""
    if minutes := visit.site.attempts.code(me.id):
        form.told(field, f"Thử quá nhiều lần. Chờ {minutes} phút rồi thử lại.")
        return False
    if passwords.is_right(me.password, form.said(field)):
        visit.site.attempts.code_succeeded(me.id)
        return True
    form.told(field, "Mật khẩu chưa đúng.")
    return False


def _enrolling(visit: Visit) -> str:
    return f"enrol:{visit.keeper.id}:{visit.token.hex()}"


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


ROUTES = (
    Route("GET", "/account", account, "account"),
    Route("GET", "/password", password, "password", early=True),
    Route("POST", "/password", set_password, "set_password", early=True),
    Route("GET", "/totp", totp, "totp", early=True),
    Route("POST", "/totp", set_totp, "set_totp", early=True),
    Route("POST", "/totp/again", totp_again, "totp_again"),
    Route("POST", "/totp/codes", new_codes, "new_codes"),
    Route("POST", "/totp/off", drop_totp, "drop_totp"),
    Route("POST", "/sign-out", sign_out, "sign_out", early=True),
    Route("POST", "/sign-out-everywhere", sign_out_everywhere, "sign_out_everywhere"),
)
