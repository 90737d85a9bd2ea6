"""What somebody typed into a page that had become too old: shown to the same person, to be sent once more.

A form is known by its token: the session that it belongs to tells whose it is, also for a day after that session ended.
What was typed waits on a `Shelf` while its writer signs in again: sealed, in memory, half an hour. Nothing is written
before the person taps once more.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from bot.staff.visit import ROOT, Route, Site, Visit

PATH = "/resend"
_SECRETS = {"password", "old", "new", "again", "code", "sealed"}
"""Fields that are typed anew, and held nowhere."""


def may_wait(route: Route, form: FormData) -> bool:
    """Tell whether what was typed may be shown again: no file, no password, no code."""
    return not (route.early or route.uploads or _SECRETS & form.keys())


def hold(site: Site, owner: str, path: str, form: FormData) -> None:
    """Keep a form for this person."""
    site.typed.put(_key(owner), site.keys, {"path": path, "fields": _fields(form)}, site.now())


def waiting(visit: Visit) -> Response:
    """Show the form that waits for this person."""
    held = visit.site.typed.look(_key(visit.keeper.id), visit.site.keys, visit.now) or {"path": "", "fields": []}
    return _show(visit, held["path"], held["fields"])


def stale(visit: Visit) -> Response:
    """Show the form that was just sent from a page of an earlier session of this person."""
    return _show(visit, visit.here, _fields(visit.form), 403)


def _show(visit: Visit, path: str, fields: list[Any], status: int = 200) -> Response:
    do = next((value for name, value in fields if name == "do"), "")
    kept = [(name, value) for name, value in fields if name != "do"]
    long = path.startswith(f"{ROOT}/entries/") and bool(do)
    return visit.page("resend", status, path=path, fields=kept, do=do, long=long)


def _fields(form: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if name != "csrf" and isinstance(value, str)]


def _key(owner: str) -> bytes:
    return f"typed:{owner}".encode()


ROUTES = (Route("GET", PATH, waiting, "resend"),)
