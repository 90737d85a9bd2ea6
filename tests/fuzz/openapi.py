"""The OpenAPI page of every HTTP route but the public directory's, which has its own page; made from the routes themselves.

``python -m tests.fuzz.openapi`` prints it. Bodies are described below; a route without a description fails the test.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from bot.staff.site import ROUTES

_BOT = Path(__file__).resolve().parents[2] / "bot"
_FIELD = re.compile(r'name="([a-z_]+)"|^    ([a-z_]+) = (?:[A-Z]\w+Field|text|words|radio)\(', re.M)
_ANSWERS = {"default": {"description": "A page, a redirect, a file, or a refusal that says why; never a 5xx."}}

_TEXT = {"type": "string", "maxLength": 5000}
_SHORT = {"type": "string", "maxLength": 40}
_NUMBER = {"type": "integer"}
_PERSON = {
    "type": "object",
    "properties": {"id": {"type": ["integer", "string"]}, "is_bot": {"type": "boolean"}, "display_name": _TEXT},
}
_CHAT = {
    "type": "object",
    "properties": {"id": {"type": ["integer", "string"]}, "type": _TEXT, "chat_type": {"enum": ["PRIVATE", "GROUP"]}},
}
_SPOT_LIST = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_SPOT = {"type": "object", "properties": {"latitude": {"type": "number"}, "longitude": {"type": "number"}}}


def _row(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


BODIES: dict[str, dict[str, Any]] = {
    "/chat": {
        **_row(
            id={"type": "string", "minLength": 1, "maxLength": 64},
            text=_TEXT,
            button=_TEXT,
            page=_TEXT,
            have=_NUMBER,
            location=_SPOT_LIST,
        ),
        "required": ["id"],
    },
    "/chat/leave": _row(),
    "/webhooks/telegram": _row(
        update_id=_NUMBER,
        message=_row(message_id=_NUMBER, date=_NUMBER, chat=_CHAT, **{"from": _PERSON}, text=_TEXT, location=_SPOT),
        callback_query=_row(id=_TEXT, data=_TEXT, **{"from": _PERSON}, message=_row(message_id=_NUMBER, chat=_CHAT)),
    ),
    "/webhooks/zalo": _row(
        event_name={"enum": ["message.text.received", "message.sticker.received", "message.image.received"]},
        message=_row(message_id=_TEXT, date=_NUMBER, chat=_CHAT, **{"from": _PERSON}, text=_TEXT),
    ),
    "/webhooks/zalo-oa": _row(
        event_name={"enum": ["user_send_text", "user_send_location", "user_click_button", "follow", "unfollow"]},
        sender=_row(id=_TEXT),
        recipient=_row(id=_TEXT),
        timestamp=_TEXT,
        message=_row(
            msg_id=_TEXT, text=_TEXT, attachments={"type": "array", "items": _row(type=_TEXT, payload=_row())}
        ),
    ),
}
"""What is posted as JSON, by path."""
RESIDENTS = [
    ("GET", "/"), ("GET", "/assets/{name}"), ("GET", "/cards/{name}"), ("GET", "/words/{language}"), ("GET", "/healthz"), ("GET", "/metrics"),
    *(("POST", path) for path in BODIES),
]  # fmt: skip
"""Every route that needs no account, as (method, path); the public directory has a page of its own, which is served."""
ASKED = ("q", "page", "kind", "state", "commune", "province", "year", "day", "edition", "why")
"""What the staff site's pages read from their address."""


def of_residents() -> dict[str, Any]:
    """Return the page of the routes that need no account."""
    bodies = {path: _posted(schema, "application/json") for path, schema in BODIES.items()}
    return _page({(method, path): bodies.get(path, {}) for method, path in RESIDENTS})


def of_staff() -> dict[str, Any]:
    """Return the page of the staff site, signing in included: every field of its forms may stand in every form."""
    form = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "propertyNames": {"enum": fields()},
        "maxProperties": 8,
    }
    signing = [(method, path) for path in ("/sign-in", "/code") for method in ("GET", "POST")]
    sent = _posted(form, "application/x-www-form-urlencoded")
    asked = {"parameters": [{"name": name, "in": "query", "schema": _SHORT} for name in ASKED]}
    routes = [*signing, *((route.method, route.path) for route in ROUTES)]
    return _page({(method, f"/staff{path}"): sent if method == "POST" else asked for method, path in routes})


def fields() -> list[str]:
    """Return the names of all fields of the staff site's forms, as its templates and form classes name them."""
    files = [*_BOT.glob("staff/*.py"), *_BOT.glob("staff/pages/*.html")]
    names = {a or b for file in files for a, b in _FIELD.findall(file.read_text(encoding="utf-8"))}
    return sorted(names - {"csrf", "viewport"})


def _page(operations: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), more in operations.items():
        held = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in re.findall(r"\{(\w+)\}", path)
        ]
        paths.setdefault(path, {})[method.lower()] = {
            **more,
            "parameters": [*held, *more.get("parameters", [])],
            "responses": _ANSWERS,
        }
    return {"openapi": "3.1.0", "info": {"title": "Tin Cậy", "version": "1"}, "paths": paths}


def _posted(schema: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}


if __name__ == "__main__":
    both = {**of_residents(), "paths": of_residents()["paths"] | of_staff()["paths"]}
    json.dump(both, sys.stdout, ensure_ascii=False, indent=1)
