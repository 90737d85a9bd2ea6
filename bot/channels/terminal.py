"""The terminal: read lines or JSON lines, print replies."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from bot.messages import Incoming, Outgoing, clean
from content.languages import SOURCE


class Terminal:
    """Prints replies; with `jsonl`, one JSON object a line."""

    name = "terminal"

    def __init__(self, write: Callable[[str], None], jsonl: bool = False) -> None:
        self._write = write
        self._jsonl = jsonl

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        """Print one message; buttons as numbers."""
        if self._jsonl:
            row: dict[str, Any] = {
                "chat": chat,
                "text": outgoing.text,
                "buttons": [{"label": b.label, "button": b.payload} for b in outgoing.buttons],
            }
            more: dict[str, Any] = {"leave": True} if outgoing.leave else {}
            more |= {"language": outgoing.language} if outgoing.language != SOURCE else {}
            self._write(json.dumps(row | more, ensure_ascii=False))
        else:
            menu = "".join(f"\n  {n}. {b.label}" for n, b in enumerate(outgoing.buttons, outgoing.first_number))
            self._write(("\x1b[2J\x1b[3J\x1b[H" if outgoing.leave else "") + f"\n{outgoing.text}{menu}\n")
        return None

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Nothing is left to delete: the screen was cleared with the last message."""


def read_line(line: str, number: int, run: str) -> Incoming:
    """Return the message of one typed line."""
    return Incoming("terminal", "terminal", f"{run}-{number}", clean(line))


def read_json(line: str, number: int, run: str) -> Incoming:
    """Return the message of one JSON line ``{"chat": …, "text": …}`` or ``{"chat": …, "button": …}``; raise ValueError."""
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"dòng {number}: không phải JSON ({error.msg})") from None
    except RecursionError:
        raise ValueError(f"dòng {number}: JSON lồng quá sâu") from None
    except ValueError:  # a number of thousands of digits
        raise ValueError(f"dòng {number}: có số quá dài") from None
    if not isinstance(row, dict) or not isinstance(row.get("chat", ""), (str, int)):
        raise ValueError(f'dòng {number}: cần {{"chat": "…", "text": "…"}}')
    text, button, where = row.get("text", ""), row.get("button"), row.get("location")
    if not isinstance(text, str) or not isinstance(button, (str, type(None))):
        raise ValueError(f"dòng {number}: text và button phải là chuỗi")
    location = None
    if where is not None:
        if not (isinstance(where, list) and len(where) == 2 and all(type(x) in (int, float) for x in where)):
            raise ValueError(f"dòng {number}: location phải là hai số [vĩ độ, kinh độ]")
        location = (float(where[0]), float(where[1]))
        if not (abs(location[0]) <= 90 and abs(location[1]) <= 180):
            raise ValueError(f"dòng {number}: location không có trên Trái Đất")
    chat, message_id = str(row.get("chat", "terminal")), str(row.get("message_id") or f"{run}-{number}")
    if not (chat.isprintable() and message_id.isprintable()):  # half surrogates and NUL: no database takes them
        raise ValueError(f"dòng {number}: chat và message_id có ký tự không dùng được")
    pressed = clean(button)[:64] if button else button
    return Incoming("terminal", chat, message_id, clean(text), pressed, location)
