"""`tincay staff …`: the first administrator, and the way back in for one who lost the password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import TinCayError

if TYPE_CHECKING:
    from bot.app import App

FIRST = "admin"
"""Login of the first administrator."""
cli = typer.Typer(no_args_is_help=True, help="Tài khoản trang cán bộ. / Accounts of the staff site.")


@cli.callback()
def accounts() -> None:
    """Tài khoản trang cán bộ. / Accounts of the staff site."""


@cli.command()
def reset(
    login: Annotated[str, typer.Argument(help="Tên đăng nhập. / Login.")],
    code: Annotated[bool, typer.Option("--code", help="Bỏ cả mã xác thực. / The second factor too.")] = False,
) -> None:
    """Đặt lại mật khẩu: in ra mật khẩu dùng một lần. / Print a new one-time password."""
    from bot import app as whole
    from bot import settings as configuration

    app = whole.build(configuration.load())
    whole.set_up_stores(app)
    typer.echo(f"Mật khẩu dùng một lần của {login} / One-time password: {reset_password(app, login, code)}")


def reset_password(app: App, login: str, code: bool = False) -> str:
    """Give an account a one-time password, open it and end its sessions; raise `TinCayError` if there is none."""
    from sqlalchemy import select

    from bot.staff import roster
    from bot.store.engine import transaction
    from referral_directory.keeping import MACHINE, staff

    with transaction(app.directory) as db:
        mine = (staff.c.login == roster.login_of(login), staff.c.id != MACHINE)
        row = db.execute(select(staff).where(*mine).with_for_update()).first()
        if row is None:
            raise TinCayError(f"Không có cán bộ nào tên đăng nhập '{login}'. / There is no such login.")
        if code:
            roster.drop_code(db, None, row, app.now())
        return roster.set_password_anew(db, None, row, app.now())


def first_password(app: App) -> str | None:
    """Make the first administrator where there is none; return the one-time password, which is told once."""
    from bot.staff import roster
    from bot.store.engine import transaction

    with transaction(app.directory) as db:
        return roster.first_admin(db, FIRST, app.now())
