"""Files that staff fetch or look at: what kind each is follows from how its name ends."""

from __future__ import annotations

from pathlib import PurePath

from starlette.responses import Response

_KINDS = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
    ".png": "image/png",
    ".txt": "text/plain",
}


def file(data: bytes, name: str, inline: bool = False) -> Response:
    """Return a file under a name of ASCII letters, to be kept, or (`inline`) shown where it is linked."""
    how = "inline" if inline else "attachment"
    heads = {"content-disposition": f'{how}; filename="{name}"'}
    return Response(data, media_type=_KINDS[PurePath(name).suffix], headers=heads)
