"""`tincay up`: everything on one machine, until Ctrl-C; and `tincay understanding`: the understanding server alone."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
import socket
from contextlib import AbstractContextManager, nullcontext, suppress
from ipaddress import ip_address

import uvicorn

from bot import app as whole
from bot import hsds, keepers
from bot.connections import MOST_IDLE, Connection
from bot.errors import SettingsError
from bot.nlu_server import NluServer, progress
from bot.settings import Settings
from bot.web import application
from content import seasons

MOST_AT_ONCE = MOST_IDLE + 1_000
"""Connections in all: those that are being answered can never be pushed out by those that only hold a place."""


def serve(settings: Settings, port: int) -> None:
    """Serve until stopped; the bot answers at once, the model joins when it is ready."""
    listening = _listen(settings.listen, port)
    with listening:
        app = whole.build(settings)
        whole.set_up_stores(app)
        asyncio.run(_serve(app, listening, keepers.first_password(app)))


def understand_alone(settings: Settings, port: int) -> None:
    """Run the understanding server for a bot elsewhere on this machine, as a user who can read nothing else of ours."""
    if not settings.nlu_token:
        raise SettingsError("Đặt TINCAY_NLU_TOKEN như ở bot. / Set TINCAY_NLU_TOKEN, the same as the bot's.")
    server = NluServer(
        settings.nlu_python, whole.prepare_folder(settings.data_dir), token=settings.nlu_token, port=port
    )

    async def run() -> None:
        job = asyncio.ensure_future(server.run(progress))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, job.cancel)
        with suppress(asyncio.CancelledError):
            await job

    asyncio.run(run())


async def _serve(app: whole.App, listening: socket.socket, password: str | None) -> None:
    config = uvicorn.Config(
        application(
            app.receive, app.web, app.health, app.settings.exit_url, app.platforms, app.staff, hsds.routes(app.directory),
            app.settings.host_names,
        ),
        log_config=None, access_log=False, server_header=False, timeout_keep_alive=30, h11_max_incomplete_event_size=65_536,
        limit_concurrency=MOST_AT_ONCE, lifespan="off", ws="none", loop="asyncio", http=Connection,
        proxy_headers=False,  # `bot.origin` reads them
    )  # fmt: skip
    server = _Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.ask_to_stop)
    whole.warm_up()
    gc.freeze()
    gc.enable()  # off since `bot.__main__.up`
    progress(f"Tin Cậy đang chạy: http://127.0.0.1:{listening.getsockname()[1]}/  (Ctrl-C để dừng)")
    progress("Câu trả lời đã sẵn sàng; phần hiểu tiếng Việt đầy đủ đang khởi động.")
    progress(f"Trang cán bộ: http://127.0.0.1:{listening.getsockname()[1]}/staff/")
    if wide := _warning(app.settings):
        progress(wide)
    if password:
        progress(f"  đăng nhập lần đầu: {keepers.FIRST}, mật khẩu dùng một lần (chỉ hiện lần này): {password}")
    if app.settings.samples:
        progress("Danh bạ đang có dữ liệu MẪU để chạy thử; khi dùng thật đặt TINCAY_SAMPLE_DATA=false.")
    if wrong := seasons.problem():
        progress(f"Chưa gửi tin chiến dịch nào vì tệp trong content/campaigns sai: {wrong}. Sửa xong, bot tự đọc lại.")
    async with whole.running(app, progress, share=True):
        await server.serve(sockets=[listening])


def _warning(settings: Settings) -> str:
    """Return a line for whoever lets other machines in and names no host, else ""."""
    if settings.hosts or ip_address(settings.listen).is_loopback:
        return ""
    return (
        f"Máy khác mở được trang này (TINCAY_LISTEN={settings.listen}) mà chưa qua https. Khi dùng thật: để một máy chủ "
        "https đứng trước và đặt TINCAY_HOSTS. / Other machines can open this page without https: set TINCAY_HOSTS."
    )


class _Server(uvicorn.Server):
    """Leaves the signals to us: Ctrl-C ends the server first, then everything behind it in order."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # the same promise
        return nullcontext()

    def ask_to_stop(self) -> None:
        """Stop serving; a second time, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _listen(address: str, port: int) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise SettingsError(f"Cổng {port} không hợp lệ; chọn một số từ 1 đến 65535. / Choose a port from 1 to 65535.")
    listening = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
    except OSError as error:
        listening.close()
        reasons = {
            errno.EACCES: "không được phép mở",
            errno.EADDRNOTAVAIL: f"không mở được ở {address} (TINCAY_LISTEN)",
        }
        why = reasons.get(error.errno or 0, "đang được chương trình khác dùng")
        raise SettingsError(
            f"Cổng {port} {why}. Thử: tincay up --port 8081 / This port is taken or not allowed: choose another one."
        ) from None
    listening.listen(512)
    return listening
