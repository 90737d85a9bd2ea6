"""`tincay directory …`: what staff and servers do with the directory, from the command line."""

from __future__ import annotations

import typer

cli = typer.Typer(no_args_is_help=True, help="Danh bạ nơi giúp đỡ: nhập, xuất. / The directory of services.")


@cli.callback()
def directory() -> None:
    """Danh bạ nơi giúp đỡ: nhập, xuất. / The directory of services."""
