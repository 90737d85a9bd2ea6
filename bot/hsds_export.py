"""`tincay directory hsds DIR`: everything that the public API tells, as files: pages of full services in HSDS 3.1.3 JSON."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.errors import TinCayError

PER_FILE = 500
_NAME = "tin-cay-hsds"
_OURS = re.compile(r"(services-\d{4,}\.json|README\.md|datapackage\.json)")


class ForeignFile(TinCayError):
    """The folder holds what this command did not write; nothing was changed."""


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Thư mục để ghi; trống hoặc chưa có. / A new folder.")],
) -> None:
    """Ghi danh bạ công khai theo chuẩn HSDS 3.1.3 vào một thư mục. / Write the public directory as HSDS 3.1.3 JSON."""
    from bot import app as whole
    from bot import settings as configuration
    from bot.nlu_server import progress
    from bot.store.engine import snapshot
    from referral_directory import hsds

    app = whole.build(configuration.load())
    whole.set_up_stores(app)
    with snapshot(app.directory) as db:
        number = write(folder, hsds.pages(db, PER_FILE), hsds.VERSION, app.now(), progress)
    typer.echo(f"Đã ghi {number} dịch vụ vào {folder}. / {number} services written.")


def write(
    folder: Path, pages: Iterable[dict[str, Any]], version: str, now: datetime, tell: Callable[[str], None]
) -> int:
    """Write the pages, a description of the package and a word to people; return the number of services.

    An earlier export is replaced when the new one is complete. Raises `ForeignFile` when anything else is there.
    """
    folder = folder.resolve()
    _check(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as name:
            new = Path(name)
            number = _write_all(new, pages, version, now, tell)
            _check(folder)
            _put(new, folder)
    except OSError as error:
        raise TinCayError(
            f"Không ghi được vào {folder} ({error.strerror}). Chọn thư mục khác. / The folder cannot be written."
        ) from None
    return number


def _write_all(
    new: Path, pages: Iterable[dict[str, Any]], version: str, now: datetime, tell: Callable[[str], None]
) -> int:
    resources, done = [], 0
    for page in pages:
        name = f"services-{page['page_number']:04}"
        text = json.dumps(page, ensure_ascii=False, indent=1).encode() + b"\n"
        (new / f"{name}.json").write_bytes(text)
        about = {"name": name, "path": f"{name}.json", "format": "json", "mediatype": "application/json"}
        told = {"encoding": "utf-8", "bytes": len(text), "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}
        resources.append({**about, **told})
        done += page["size"]
        tell(f"  {done}/{page['total_items']} dịch vụ / services")
    title = {"name": _NAME, "title": "Danh bạ nơi giúp đỡ của Tin Cậy (HSDS)", "hsds_version": version}
    package = {**title, "created": now.isoformat(timespec="seconds"), "services": done, "resources": resources}
    (new / "README.md").write_text(
        _README.format(number=done, version=version, day=f"{now:%d/%m/%Y}"), encoding="utf-8"
    )
    (new / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return done


def _put(new: Path, folder: Path) -> None:
    """Move the files in, the description last: until then the earlier one, whose sums no longer fit, tells of a break."""
    folder.mkdir(exist_ok=True)
    names = sorted(os.listdir(new), key=lambda name: name == "datapackage.json")
    for name in names:
        os.replace(new / name, folder / name)
    for old in set(os.listdir(folder)) - set(names):
        (folder / old).unlink()


def _check(folder: Path) -> None:
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise ForeignFile(f"{folder} là một tệp. Chọn tên thư mục khác. / This is a file: choose a folder.")
    names = sorted(os.listdir(folder))
    foreign = [name for name in names if not _OURS.fullmatch(name)] or ([] if _is_ours(folder) else names)
    if foreign:
        raise ForeignFile(
            f"Thư mục {folder} có tệp khác ({foreign[0]}), nên không ghi gì. Chọn thư mục trống hoặc chưa có. / "
            "The folder holds other files: choose an empty one."
        )


def _is_ours(folder: Path) -> bool:
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(package, dict) and package.get("name") == _NAME


_README = """\
# Danh bạ nơi giúp đỡ, theo HSDS {version}

{number} dịch vụ, ghi ngày {day} bằng `tincay directory hsds`.

- `services-0001.json`, `services-0002.json`, …: mỗi tệp là một trang như `GET /hsds/services?full=true` trả lời
  (`total_items`, `total_pages`, `page_number`, …, `contents`). Mỗi phần tử của `contents` là một `service` đầy đủ theo
  lược đồ `service.json` của Open Referral.
- `datapackage.json`: danh sách các tệp, số byte và mã SHA-256 để kiểm tra khi nhận.

Chỉ có bản ghi đã được hai người viết và duyệt, và được phép công khai. Địa chỉ tin cậy chỉ có mặt khi xã đã ra quyết
định công bố và người giữ địa chỉ đồng ý; số điện thoại riêng và địa chỉ không công bố không có ở đây.
`postal_code` để trống vì danh bạ không giữ mã bưu chính. `assured_date` là ngày có người gọi kiểm tra gần nhất.
Bản ghi có thuộc tính `sample` là dữ liệu mẫu, không có thật.

Danh bạ thay đổi hằng ngày. Bản ghi không còn trong lần ghi mới là đã rút: hãy xóa ở nơi dùng lại.

---

{number} services in HSDS {version} JSON: each file is one page as `GET /hsds/services?full=true` answers it. Approved and
public records only. A record that is missing from a newer export was taken back: delete your copy.
"""
