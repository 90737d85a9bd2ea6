"""The command line: ``tincay --help``. Tiếng Việt trước, English after."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import desk, directory, hsds_export, keepers, keyring, shelf
from bot import settings as configuration
from bot.errors import SettingsError, StoreUnavailable, TinCayError
from bot.settings import Settings
from content.campaign_file import CampaignFileError

cli = typer.Typer(
    name="tincay",
    help="Tin Cậy: chatbot tìm nơi giúp đỡ và lan tỏa bình đẳng giới. / A chatbot against gender-based violence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.command()
def up(
    port: Annotated[int, typer.Option(help="Cổng của trang web chat. / Port of the web chat.")] = 8080,
) -> None:
    """Chạy tất cả trên máy này. / Run everything on this machine."""
    gc.disable()  # what a start reads is kept: looking for garbage in it takes a sixth of the time
    from bot.serve import serve

    serve(_settings(), port)


@cli.command()
def understanding(
    port: Annotated[int, typer.Option(help="Cổng trên máy này. / Port on this machine.", min=1, max=65_535)] = 5005,
) -> None:
    """Chạy riêng máy hiểu tiếng Việt, cho bot có TINCAY_NLU_URL. / Run the understanding server alone."""
    from bot.serve import understand_alone

    understand_alone(_settings(), port)


@cli.command()
def chat(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="JSON vào, JSON ra, mỗi dòng một tin. / JSON lines in and out.")
    ] = False,
) -> None:
    """Trò chuyện ngay trong cửa sổ lệnh. / Talk in the terminal."""
    from bot.talk import talk

    asyncio.run(talk(_settings(), jsonl))


@cli.command()
def predict() -> None:
    """Đọc JSON {"text": …} mỗi dòng, in nhãn mỗi dòng. / Label JSON lines from standard input."""
    from bot.talk import predict_lines

    asyncio.run(predict_lines(_settings(), sys.stdin.buffer, typer.echo))


@cli.command()
def evaluate(
    file: Annotated[
        Path,
        typer.Argument(help="Tệp JSONL đã gắn nhãn, hoặc tệp, thư mục YAML. / Labelled JSONL or YAML.", exists=True),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="In số liệu dạng JSON. / Print JSON.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Ghi thêm trang HTML để rà soát. / Also write an HTML page.")
    ] = None,
    variants: Annotated[
        bool, typer.Option("--variants", help="Thử mọi cách gõ: NFD, telex, lỗi gõ, chữ hoa. / Every way of typing.")
    ] = False,
) -> None:
    """Chấm điểm mô hình trên các dòng đã gắn nhãn. / Score labelled lines."""
    from bot.evaluation import evaluate_file

    asyncio.run(evaluate_file(_settings(), file, typer.echo, as_json, html, variants))


@cli.command()
def train(
    force: Annotated[
        bool, typer.Option("--force", help="Dùng mô hình mới dù nó kém hơn. / Take the new model though it is worse.")
    ] = False,
) -> None:
    """Huấn luyện nếu dòng mẫu đã đổi; mô hình kém hơn bị từ chối. / Train if lines changed; a worse model is refused."""
    from bot import training

    if not asyncio.run(training.train(_settings(), typer.echo, force)):
        sys.exit(1)


@cli.command()
def feedback(
    days: Annotated[int, typer.Option(help="Số ngày gần đây. / Last days.", min=1, max=3660)] = 30,
) -> None:
    """Số lần được trả lời "đúng" và "không phải chuyện này", theo nhãn. / Corrections by label, counts only."""
    from bot.feedback import report

    for line in report(_settings(), days):
        typer.echo(line)


@cli.command()
def callbacks(
    commune: Annotated[str, typer.Option(help="Chỉ một xã, phường. / One commune only.")] = "",
    done: Annotated[
        int | None, typer.Option(help="Số của lời nhờ đã gọi xong: xóa hẳn. / Number of a request done: deleted.")
    ] = None,
    read: Annotated[
        int | None, typer.Option(help="Số của lời nhờ cần đọc; kèm --by. / Number of the request to read.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="Tên đăng nhập của cán bộ đọc; ghi vào nhật ký trước. / Login of who reads.")
    ] = "",
) -> None:
    """Lời nhờ gọi lại đang chờ: số, giờ nhận, xã; --read: lời của một người. / Open call-back requests, for staff only."""
    from bot import callbacks

    if read is not None:
        typer.echo(callbacks.read(_settings(), read, by))
        return
    for line in callbacks.report(_settings(), commune, done):
        typer.echo(line)


@cli.command()
def report(
    out: Annotated[
        Path, typer.Option("--out", help="Tệp .docx hoặc .xlsx sẽ ghi. / .docx or .xlsx to write.", dir_okay=False)
    ],
    year: Annotated[int, typer.Option(help="Năm của Tháng hành động. / Year of the action month.", min=2016, max=2100)],
) -> None:
    """Báo cáo Tháng hành động (15/11 – 15/12), gửi trước 20/12. / The report of the action month."""
    from bot.report_export import write

    month = write(_settings(), year, out)
    typer.echo(f"{out}: đã gửi {month.totals['sent']} tin, {month.ready.ready}/{month.ready.communes} xã sẵn sàng.")


@cli.command()
def doctor(
    port: Annotated[int, typer.Option(help="Cổng của tincay up đang chạy. / Port of the running service.")] = 8080,
) -> None:
    """Khám một bản đang chạy và nói phải sửa gì; có chỗ hỏng thì kết thúc với mã 1. / Examine an installation."""
    from bot.doctor import BROKEN, examine

    found = examine(_settings(), port)
    for finding in found:
        typer.echo(f"{finding.state:<8} {finding.what}" + (f" → {finding.mend}" if finding.mend else ""))
    if any(finding.state == BROKEN for finding in found):
        sys.exit(1)


@cli.command()
def backup(
    out: Annotated[Path, typer.Argument(help="Tệp sẽ ghi. / File to write.", dir_okay=False)],
) -> None:
    """Sao lưu hai cơ sở dữ liệu vào một tệp đã mã hóa; khóa không nằm trong đó. / A sealed copy, without the keys."""
    from bot.backup import write

    typer.echo(f"{out}: {write(_settings(), out)} byte. Giữ tệp khóa ở nơi khác, riêng với bản sao lưu này.")


@cli.command()
def restore(
    source: Annotated[Path, typer.Argument(help="Bản sao lưu. / The backup.", exists=True, dir_okay=False)],
) -> None:
    """Đặt lại hai cơ sở dữ liệu từ bản sao lưu; tắt bot trước. / Put a backup back; stop the bot first."""
    from bot.backup import restore as put_back

    put_back(_settings(), source)
    typer.echo("Đã khôi phục. Bản trước đó nằm cạnh, tên kết thúc bằng .before.")


@cli.command()
def kept(
    write: Annotated[
        Path | None, typer.Option(help="Ghi bảng vào trang này. / Put the table into this page.", exists=True)
    ] = None,
) -> None:
    """Bảng mọi cột được giữ: để làm gì, bảo vệ, bao lâu, ai thấy. / Every stored column, as in SECURITY.md."""
    from bot.store import inventory

    if write:
        inventory.write(write)
    else:
        typer.echo(inventory.page())


@cli.command()
def migrate() -> None:
    """Cập nhật cấu trúc hai cơ sở dữ liệu. / Bring both databases to the current schema."""
    from bot import app

    app.set_up_stores(app.build(_settings()))
    typer.echo("Hai cơ sở dữ liệu đã mới nhất. / Both databases are current.")


cli.add_typer(desk.cli, name="campaign")
cli.add_typer(keepers.cli, name="staff")
cli.add_typer(shelf.cli, name="content")
cli.add_typer(keyring.cli, name="keys")
cli.add_typer(directory.cli, name="directory")
directory.cli.command("hsds")(hsds_export.export)
cli.command("worker")(desk.work)


def _settings() -> Settings:
    return configuration.load()


def main() -> None:
    """Run one command; what went wrong is told in a sentence, without a traceback."""
    from bot import log

    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whatever the system says: Vietnamese needs it
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    log.set_up()
    log.let_nothing_out()
    try:
        cli()
    except SettingsError as error:
        _fail(str(error), 2)
    except StoreUnavailable as error:
        _fail(
            f"Không dùng được cơ sở dữ liệu ({error}): bị khóa, hết chỗ đĩa, hoặc máy chủ không chạy. / The database cannot be used.",
            3,
        )
    except CampaignFileError as error:
        _fail(f"Tệp chiến dịch sai (content/campaigns): {error}. / A campaign file is wrong.", 2)
    except TinCayError as error:
        _fail(str(error) or type(error).__name__, 1)
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(130)


def _fail(text: str, code: int) -> None:
    sys.stderr.write(f"Lỗi / Error: {text}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
