"""`tincay doctor`: look at a running installation and say, for each thing that is not well, what to do about it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import Engine, func, select, text

from bot import app as whole
from bot import cage, nlu_server
from bot.channels.names import CHANNELS
from bot.errors import TinCayError
from bot.origin import NEEDED
from bot.settings import Settings
from bot.store import pace, rotation
from bot.store.engine import reading
from bot.store.schema import token, worker
from bot.store.tokens import FOR_GOOD
from content import check
from referral_directory.models import service

OK, LOOK, BROKEN = "TỐT", "XEM LẠI", "HỎNG"
BACKUP_DAYS = 7
LEAST_FREE_GB = 1.0
WEBHOOK_SECONDS = 900.0
"""How long a failed call of a platform is told."""
CLOCK_SECONDS = 5.0
"""How far this machine's clock may be from the database's."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do when it is not well."""

    state: str
    what: str
    mend: str = ""


def examine(settings: Settings, port: int = 8080) -> list[Finding]:
    """Look at everything; one broken thing does not hide the next."""
    try:
        app = whole.build(settings)
    except TinCayError as error:
        return [Finding(BROKEN, "cài đặt", str(error))]
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _folder(settings), lambda: _keys(app), lambda: _stores(app), lambda: _running(app, port),
        lambda: _outside(settings), lambda: _model(settings), lambda: _channels(settings), lambda: _official_account(app), lambda: _directory(app),
        lambda: _library(app), lambda: _backups(app),
    )  # fmt: skip
    found: list[Finding] = []
    for look in looks:
        try:
            found += look()
        except TinCayError as error:
            found.append(
                Finding(BROKEN, "kho dữ liệu", f"Không dùng được ({error}). Xem máy chủ cơ sở dữ liệu và đĩa.")
            )
    return found


def _folder(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.data_dir).free / 1e9
    yield _judge(
        free >= LEAST_FREE_GB, f"đĩa còn trống {free:.1f} GB", "Dọn đĩa: dưới 1 GB thì sắp không ghi được.", BROKEN
    )
    open_ = settings.data_dir.stat().st_mode & 0o077
    yield _judge(not open_, "thư mục dữ liệu chỉ chủ máy đọc được", f"Chạy: chmod 700 {settings.data_dir}")


def _keys(app: whole.App) -> Iterator[Finding]:
    outside = bool(app.settings.secret_keys)
    yield Finding(OK, "khóa nằm trong TINCAY_SECRET_KEYS" if outside else "tệp khóa chỉ chủ máy đọc được")
    old = rotation.left(app.people, app.keys) + rotation.left(app.directory, app.keys, rotation.SEALED_BY_STAFF)
    yield _judge(
        not old, "mọi giá trị được mã hóa bằng khóa mới nhất", f"{old} giá trị của khóa cũ: tincay keys rotate --no-new"
    )


def _stores(app: whole.App) -> Iterator[Finding]:
    whole.set_up_stores(app)
    with reading(app.people) as db:
        apart = abs(pace.clock(db) - time.time())
    yield _judge(
        apart < CLOCK_SECONDS,
        "đồng hồ khớp với cơ sở dữ liệu",
        f"Lệch {apart:.0f} giây: bật đồng bộ giờ (NTP).",
        BROKEN,
    )
    yield _judge(not app.settings.now, "đồng hồ thật", "TINCAY_NOW đang đặt: bỏ đi khi chạy thật.")


def _running(app: whole.App, port: int) -> Iterator[Finding]:
    with reading(app.people) as db:
        beat = db.execute(select(func.max(worker.c.beat))).scalar()
        silent = pace.clock(db) - beat if beat else None
    alive = silent is not None and silent < 30
    yield _judge(
        alive, "có tiến trình đang gửi tin", "Không tiến trình nào gửi tin: chạy tincay up hoặc tincay worker.", BROKEN
    )
    try:
        told = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=3).json()
        ready = told.get("understanding") == "ready"
        yield _judge(
            ready,
            "máy hiểu tiếng Việt trả lời",
            f"Trạng thái: {told.get('understanding')}. Bot đang trả lời bằng từ khóa.",
        )
    except (httpx.HTTPError, ValueError):
        yield Finding(
            LOOK, "trang web không trả lời", f"Không thấy tincay up ở cổng {port}; cổng khác thì thêm --port."
        )


def _outside(settings: Settings) -> Iterator[Finding]:
    """Call each of our names by https, from this machine, and look at what the https server before us writes of them."""
    for name in settings.host_names:
        what = f"https://{name}: máy chủ https nói rõ ai đang gọi"
        try:
            missing = set(NEEDED) - set(httpx.get(f"https://{name}/healthz", timeout=5).json()["forwarded"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            yield Finding(LOOK, f"https://{name} không trả lời từ máy này", "Xem tên miền, chứng chỉ, tường lửa. Chỉ gọi được từ máy khác thì mở https://tên-miền/healthz ở đó: phần forwarded phải có X-Forwarded-For và X-Forwarded-Proto.")  # fmt: skip
            continue
        yield _judge(not missing, what, f"Máy chủ https không đặt {', '.join(sorted(missing))}: người lạ bị coi như ngồi tại máy này, hoặc trang cán bộ không mở. Đặt như README, phần Chạy lâu dài.", BROKEN)  # fmt: skip


def _model(settings: Settings) -> Iterator[Finding]:
    if settings.nlu_url:
        yield Finding(OK, "dùng máy hiểu tiếng Việt ở TINCAY_NLU_URL")
        return
    yield _judge(
        cage.version() >= 4,
        "Rasa không đọc được khóa, không gọi ra ngoài (Landlock)",
        "Nhân Linux cũ (cần 6.7): chạy Rasa bằng bot/deploy/tincay-nlu.service.",
    )
    current = nlu_server.current_model(settings.data_dir.resolve())
    yield _judge(current is not None, "mô hình của bản chương trình này", "Chưa có: tincay train (vài phút).")


def _channels(settings: Settings) -> Iterator[Finding]:
    named = {
        "telegram": (settings.telegram_token, settings.telegram_webhook_secret, settings.telegram_api),
        "zalo": (settings.zalo_token, settings.zalo_webhook_secret, settings.zalo_api),
    }
    for name, (key, secret, api) in named.items():
        if key:
            yield _webhook(CHANNELS[name], f"{api.rstrip('/')}/bot{key}", f"/webhooks/{name}" if secret else "")
    if not any(key for key, *_ in named.values()) and not settings.zalo_oa_app_id:
        yield Finding(LOOK, "chỉ có trang web", "Muốn có Telegram, Zalo: đặt mã bot, xem README.")


def _official_account(app: whole.App) -> Iterator[Finding]:
    """Tell of the pair of tokens that only a person can renew; where its webhook leads, Zalo tells nobody."""
    if not app.settings.zalo_oa_app_id:
        return
    with reading(app.people) as db:
        row = db.execute(select(token.c.refreshing_until)).first()
    stuck = row is not None and row.refreshing_until >= FOR_GOOD
    yield _judge(
        not stuck,
        "Zalo OA: mã truy cập tự đổi được",
        "Lần đổi mã không rõ kết quả: cấp mã mới ở developers.zalo.me, dán vào ZALO_OA_ACCESS_TOKEN và "
        "ZALO_OA_REFRESH_TOKEN, rồi chạy lại.",
        BROKEN,
    )
    yield _judge(row is not None, "Zalo OA: đã từng gửi được tin", "Chưa gửi tin nào: nhắn thử cho OA một câu; không thấy trả lời thì xem webhook có trỏ về https://tên-miền/webhooks/zalo-oa.")  # fmt: skip
    yield _judge(bool(app.settings.host_names), "Zalo OA: có tên miền để nhận webhook", "Zalo chỉ gọi qua https: đặt TINCAY_HOSTS là tên miền của máy chủ https đứng trước.")  # fmt: skip


def _webhook(name: str, address: str, path: str) -> Finding:
    """Ask a platform where it brings messages, and compare that with the settings: `path`, or nowhere for polling."""
    try:
        told = httpx.post(f"{address}/getWebhookInfo", json={}, timeout=5).json()
        if told.get("ok") is not True and str(told.get("error_code")) != "404":
            return Finding(BROKEN, name, "Nền tảng không nhận mã bot: xem lại TOKEN, hoặc lấy mã mới.")
        row = told.get("result") or {}
        url, failed = str(row.get("url") or ""), float(row.get("last_error_date") or 0)
    except (httpx.HTTPError, ValueError, AttributeError, TypeError):
        return Finding(BROKEN, name, "Không hỏi được nền tảng: xem mạng, địa chỉ API, tường lửa.")
    if not path:
        return _judge(not url, f"{name}: tự hỏi tin mới (polling)", f"{name} đang gửi tin tới một webhook: đặt mã bí mật WEBHOOK_SECRET, hoặc xóa webhook.", BROKEN)  # fmt: skip
    if not url.startswith("https://") or not url.endswith(path):
        return Finding(
            BROKEN, f"{name}: webhook", f"Chưa trỏ về https://tên-miền{path}: gọi setWebhook với đúng mã bí mật."
        )
    return _judge(time.time() - failed > WEBHOOK_SECONDS, f"{name}: webhook nhận được tin", f"{name} vừa không gọi được webhook: xem máy chủ https, tường lửa và mã bí mật.")  # fmt: skip


def _directory(app: whole.App) -> Iterator[Finding]:
    today = app.now().date()
    shown = (service.c.state == "approved", service.c.sample.is_(False))
    with reading(app.directory) as db:
        count = select(func.count()).select_from(service).where(*shown)
        total = int(db.execute(count).scalar_one())
        fresh = int(db.execute(count.where(service.c.assured_date >= today - timedelta(days=90))).scalar_one())
    yield _judge(
        total > 0,
        f"danh bạ có {total} nơi giúp thật",
        "Danh bạ trống: nhập ở trang cán bộ hoặc tincay directory import.",
    )
    yield _judge(
        fresh == total, f"{fresh}/{total} nơi đã được gọi kiểm tra trong 90 ngày", "Xem: tincay directory stale"
    )
    yield _judge(
        not app.settings.samples,
        "không có dữ liệu mẫu",
        "Đang có dữ liệu MẪU: đặt TINCAY_SAMPLE_DATA=false khi dùng thật.",
    )


def _library(app: whole.App) -> Iterator[Finding]:
    today = app.now().date()
    lapsed = [one for one in check.lapses(today, 0) if one.day <= today]
    soon = [one for one in check.lapses(today, 30) if one.day > today]
    yield _judge(not check.faults(), "thư viện luật không có lỗi", "Xem: tincay content check", BROKEN)
    yield _judge(
        not lapsed,
        "không mục nào của thư viện luật quá hạn",
        f"{len(lapsed)} mục đã quá hạn, bot không trả lời bằng các mục này nữa: chạy tincay content check --days 0 để xem, đọc lại "
        "từng mục với nguồn, sửa review_by trong content/facts.yml hoặc gọi kiểm tra số rồi sửa checked_on trong content/hotlines.yml.",
        BROKEN,
    )
    yield _judge(
        not soon,
        "không điều luật nào hết hạn trong 30 ngày",
        f"{len(soon)} mục sắp hết hạn: tincay content check --days 30",
    )


def _backups(app: whole.App) -> Iterator[Finding]:
    folder = app.settings.data_dir / "backups"
    newest = max((f.stat().st_mtime for f in folder.glob("*") if f.is_file()), default=0.0) if folder.is_dir() else 0.0
    days = (time.time() - newest) / 86_400
    servers = [engine for engine in (app.people, app.directory) if engine.dialect.name == "postgresql"]
    archived = bool(servers) and all(_archives(engine) for engine in servers)
    how = f"pg_dump mỗi ngày vào {folder}, hoặc bật archive_mode" if servers else f"tincay backup {folder}/ten-tep.bak"
    yield _judge(
        days <= BACKUP_DAYS or archived, "có bản sao lưu trong 7 ngày", f"Chạy: {how}, rồi chép sang máy khác."
    )


def _archives(engine: Engine) -> bool:
    """Tell whether a PostgreSQL server has put its journal aside lately, and did not fail at it since."""
    with reading(engine) as db:
        row = db.execute(
            text("SELECT last_archived_time AS at, last_failed_time AS failed, now() FROM pg_stat_archiver")
        ).one()
    return (
        row.at is not None
        and row.now - row.at < timedelta(days=BACKUP_DAYS)
        and not (row.failed and row.failed > row.at)
    )


def _judge(well: bool, what: str, mend: str, otherwise: str = LOOK) -> Finding:
    return Finding(OK, what) if well else Finding(otherwise, what, mend)
