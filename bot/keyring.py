"""`tincay keys …`: a new key, everything sealed anew with it, the old ones thrown away."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.errors import SettingsError

cli = typer.Typer(no_args_is_help=True, help="Khóa mã hóa: thêm, mã hóa lại, bỏ khóa cũ. / Keys of encryption.")


@cli.command()
def rotate(
    drop: Annotated[
        bool, typer.Option("--drop", help="Sau đó bỏ các khóa cũ khỏi tệp khóa. / Then drop the old keys.")
    ] = False,
    new: Annotated[bool, typer.Option("--new/--no-new", help="Thêm khóa mới trước. / Add a new key first.")] = True,
) -> None:
    """Thêm khóa mới và mã hóa lại mọi thứ bằng khóa đó, khi bot đang chạy cũng được. / Seal everything anew.

    Bị ngắt giữa chừng thì chạy lại với --no-new: việc tiếp tục từ chỗ đã dừng.
    """
    from bot import app as whole
    from bot.nlu_server import progress
    from bot.settings import load
    from bot.store import keys as rings
    from bot.store import rotation

    settings = load()
    data = whole.prepare_folder(settings.data_dir)
    rings.load_keys(settings.secret_keys, data)  # made where there is none
    if settings.secret_keys and (new or drop):
        raise SettingsError(
            "Khóa nằm trong TINCAY_SECRET_KEYS: thêm khóa mới vào trước danh sách đó, khởi động lại bot, rồi chạy "
            "tincay keys rotate --no-new. / Put the new key in front of TINCAY_SECRET_KEYS first."
        )
    if new:
        typer.echo(f"Đã thêm khóa {rings.add_key(data)}. Khởi động lại tincay up và các worker để chúng dùng khóa này.")
    app = whole.build(settings)
    whole.set_up_stores(app)
    stores = ((app.people, rotation.SEALED), (app.directory, rotation.SEALED_BY_STAFF))
    number = sum(rotation.rotate(e, app.keys, lambda table, n: progress(f"{table}: {n}"), c) for e, c in stores)
    still = sum(rotation.left(engine, app.keys, columns) for engine, columns in stores)
    typer.echo(f"Đã mã hóa lại {number} giá trị; còn {still} giá trị của khóa cũ.")
    if drop and not still:
        typer.echo(f"Đã bỏ khóa: {', '.join(rings.drop_old_keys(data)) or 'không có khóa cũ'}.")
