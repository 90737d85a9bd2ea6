"""Settings: environment variables with the prefix TINCAY_, a `.env` file in the working folder, or a folder of secrets."""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as DotenvError

from bot.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
LEAST_RATE, MOST_RATE = 0.01, 1_000.0


def _address(value: str) -> str:
    parts = urlsplit(value)
    if not (
        parts.scheme in ("http", "https")
        and parts.hostname
        and parts.port != 0
        and value.isprintable()
        and " " not in value
    ):
        raise ValueError("cần một địa chỉ http:// hoặc https:// / must be an http(s) address")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise ValueError("máy ở xa phải dùng https:// / http is for this machine and its own network; use https")
    return value


def _is_near(host: str) -> bool:
    """Tell whether a host is this machine, a private address, or a name that only an inner network knows."""
    try:
        found = ip_address(host)
        return found.is_loopback or found.is_private
    except ValueError:
        return "." not in host


def _code(value: str) -> str:
    if not all("!" <= sign <= "~" for sign in value):
        raise ValueError("mã không được có khoảng trắng, xuống dòng hay dấu / no spaces, line breaks or accents in it")
    return value


def _secret(value: str) -> str:
    if value and not 8 <= len(value) <= 256:
        raise ValueError("cần 8 đến 256 ký tự / must have 8 to 256 characters")
    return value


def _rate(value: float) -> float:
    if not LEAST_RATE <= value <= MOST_RATE:
        raise ValueError(
            f"cần một số từ {LEAST_RATE} đến {MOST_RATE:.0f} / must be from {LEAST_RATE} to {MOST_RATE:.0f}"
        )
    return value


def _names(value: str) -> str:
    if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)?", "".join(value.lower().replace(" ", "").split(","))):
        raise ValueError("cần tên miền, cách nhau bằng dấu phẩy, không có http:// hay cổng / names of hosts, by commas")
    return value


def _ip(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("cần một địa chỉ IP, ví dụ 127.0.0.1 / must be an IP address") from None


Address = Annotated[str, AfterValidator(_address)]
MaybeAddress = Annotated[str, AfterValidator(lambda value: value and _address(value))]
Code = Annotated[str, AfterValidator(_code)]
Names = Annotated[str, AfterValidator(_names)]
Ip = Annotated[str, AfterValidator(_ip)]
Rate = Annotated[float, AfterValidator(_rate)]


class Settings(BaseSettings):
    """All settings; each `description` is the row of the README table (a test compares them)."""

    model_config = SettingsConfigDict(env_prefix="TINCAY_", env_file=".env", extra="forbid", hide_input_in_errors=True)

    people_url: str = Field("", description="SQLAlchemy URL của kho người dùng; trống: SQLite trong DATA_DIR")
    directory_url: str = Field("", description="SQLAlchemy URL của danh bạ; trống: SQLite trong DATA_DIR")
    data_dir: Path = Field(ROOT / "var", description="Nơi giữ cơ sở dữ liệu, khóa, mô hình và nhật ký")
    secret_keys: str = Field(
        "",
        repr=False,
        description="Khóa mã hóa `mã:base64` (32 byte), khóa đang dùng đứng trước; trống: tự sinh",
    )
    secrets_dir: str = Field(
        "",
        description="Thư mục có các tệp bí mật, tên tệp là tên biến (`tincay_secret_keys`…); trống: `CREDENTIALS_DIRECTORY` của systemd",
    )
    listen: Ip = Field(
        "127.0.0.1", description="Địa chỉ mà trang web nghe; `0.0.0.0` chỉ khi có máy chủ https đứng trước"
    )
    province: str = Field("", description="Tỉnh, thành phố của đơn vị dùng bot, ví dụ `Thanh Hóa`; trống: cả nước")
    sample_data: bool | None = Field(
        None,
        description="Danh bạ mẫu (có ghi chữ MẪU) để chạy thử: `true`, `false`; trống: có, trừ khi nối Telegram hoặc Zalo thật",
    )
    now: str = Field(
        "", description="Đặt giờ bắt đầu để chạy thử, ví dụ `2026-11-25T06:59+07:00`; đồng hồ chạy tiếp từ đó"
    )
    hosts: Names = Field(
        "",
        description="Tên miền (https) mở được trang cán bộ, cách nhau bằng dấu phẩy; trống: chỉ mở trên chính máy này",
    )
    exit_url: Address = Field("https://www.google.com/", description="Trang mở ra khi bấm Thoát nhanh trên web")
    nlu_url: MaybeAddress = Field("", description="Địa chỉ máy hiểu tiếng Việt đang chạy sẵn; trống: tự khởi động")
    nlu_token: Code = Field("", repr=False, description="Mã truy cập của máy hiểu tiếng Việt ở NLU_URL")
    nlu_python: Path = Field(ROOT / ".venv-nlu" / "bin" / "python", description="Python 3.10 có Rasa")
    telegram_token: Code = Field("", repr=False, description="Mã bot Telegram; trống: không mở kênh này")
    telegram_api: Address = Field("https://api.telegram.org", description="Phần đứng trước `/bot{token}/{method}`")
    telegram_webhook_secret: Annotated[Code, AfterValidator(_secret)] = Field(
        "", repr=False, description="Có (8–256 ký tự): nhận qua webhook; trống: tự hỏi (polling)"
    )
    telegram_rate: Rate = Field(28.0, description="Số tin mỗi giây gửi qua Telegram (giới hạn của Telegram: 30)")
    zalo_token: Code = Field("", repr=False, description="Mã bot Zalo (Zalo Bot Creator); trống: không mở kênh này")
    zalo_api: Address = Field("https://bot-api.zaloplatforms.com", description="Phần đứng trước `/bot{token}/{method}`")
    zalo_webhook_secret: Annotated[Code, AfterValidator(_secret)] = Field(
        "", repr=False, description="Có (8–256 ký tự): nhận qua webhook; trống: tự hỏi (polling)"
    )
    zalo_rate: Rate = Field(2.0, description="Số tin mỗi giây gửi qua Zalo (Zalo không công bố giới hạn)")
    zalo_monthly_messages: int = Field(
        3000, gt=0, description="Số tin mỗi tháng mà gói Zalo Bot cho gửi (gói miễn phí: 3.000)"
    )
    zalo_oa_app_id: str = Field("", description="Mã ứng dụng của Zalo OA; trống: không mở kênh này")
    zalo_oa_app_secret: Code = Field("", repr=False, description="Khóa bí mật của ứng dụng, để đổi mã truy cập")
    zalo_oa_secret: Code = Field("", repr=False, description="Khóa OA Secret, để kiểm chữ ký `POST /webhooks/zalo-oa`")
    zalo_oa_access_token: Code = Field("", repr=False, description="Mã truy cập đầu tiên; sau đó bot tự đổi và tự giữ")
    zalo_oa_refresh_token: Code = Field(
        "", repr=False, description="Mã làm mới đầu tiên (dùng một lần); dán mã mới khi phải cấp lại"
    )
    zalo_oa_api: Address = Field("https://openapi.zalo.me", description="Phần đứng trước `/v3.0/oa/message/cs`")
    zalo_oa_oauth: Address = Field("https://oauth.zaloapp.com", description="Phần đứng trước `/v4/oa/access_token`")

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of HOSTS one by one, in lower case."""
        return tuple(name for part in self.hosts.split(",") if (name := part.strip().lower()))

    @property
    def samples(self) -> bool:
        """Tell whether the sample communes are shown: never by default where real people write."""
        telegram = bool(self.telegram_token) and self.telegram_api == type(self).model_fields["telegram_api"].default
        zalo = bool(self.zalo_token) and not self.zalo_api.startswith(("http://127.0.0.1:", "http://localhost:"))
        oa = bool(self.zalo_oa_app_id) and not self.zalo_oa_api.startswith(("http://127.0.0.1:", "http://localhost:"))
        real = telegram or zalo or oa
        return not real if self.sample_data is None else self.sample_data


def load(**overrides: object) -> Settings:
    """Read the settings; raise `SettingsError` that names each wrong one, never its value."""
    try:
        _check_file(Path(".env"))
        return Settings(_secrets_dir=_secrets(), **overrides)  # type: ignore[arg-type, call-arg]  # pydantic checks them
    except ValidationError as error:
        wrong = "; ".join(
            f"TINCAY_{'_'.join(map(str, e['loc'])).upper().removeprefix('TINCAY_')}: {_told(e['type'], e['msg'])}"
            for e in error.errors()
        )
        raise SettingsError(
            f"Cài đặt sai trong môi trường hoặc tệp .env ({wrong}). Xem bảng cài đặt trong README. / "
            "A setting is wrong: see the table in the README."
        ) from None
    except (DotenvError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"Không đọc được tệp .env ({type(error).__name__}). Sửa hoặc xóa tệp rồi chạy lại. / "
            "The file .env cannot be read: mend or delete it."
        ) from None


def _secrets() -> Path | None:
    """Return the folder of secrets, if there is one; raise `SettingsError` for one that everybody on the machine can read."""
    told = dotenv_values(".env") | os.environ
    named = told.get("TINCAY_SECRETS_DIR") or told.get("CREDENTIALS_DIRECTORY")
    if not named:
        return None
    folder = Path(named)
    if not folder.is_dir():
        raise SettingsError(f"Không có thư mục bí mật {folder}. Sửa TINCAY_SECRETS_DIR. / There is no such folder.")
    for file in sorted(folder.glob("[Tt][Ii][Nn][Cc][Aa][Yy]_*")):
        if file.stat().st_mode & 0o007:
            raise SettingsError(
                f"Tệp bí mật {file} đang để ai cũng đọc được. Chạy: chmod 400 {file} / Everybody can read this secret."
            )
    return folder


_WORDS = {
    "float_parsing": "cần một số",
    "int_parsing": "cần một số nguyên",
    "bool_parsing": "cần true hoặc false",
    "extra_forbidden": "không có cài đặt này",
}


def _told(kind: str, words: str) -> str:
    own = words.removeprefix("Value error, ")
    return own if own != words else f"{_WORDS.get(kind, 'không hợp lệ')} / {words}"


def _check_file(file: Path) -> None:
    """Raise `SettingsError` for a line that is no setting; the library would leave it out without a word."""
    if not file.is_file():
        return
    with file.open(encoding="utf-8") as lines:
        for line in parse_stream(lines):
            if line.error or (line.key and line.value is None):
                text = line.original.string
                number = line.original.line + text[: len(text) - len(text.lstrip())].count("\n")
                raise SettingsError(
                    f"Tệp .env, dòng {number}: không phải TÊN=giá_trị. Sửa hoặc xóa dòng này. / "
                    f"Line {number} of .env is not NAME=value."
                )
