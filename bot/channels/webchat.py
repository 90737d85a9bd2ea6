"""The built-in web chat: replies wait here until the page has fetched and acknowledged them."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.messages import Incoming, Outgoing, clean
from content import poster

_CHATS = 5_000
_WAITING = 40


class WebChat:
    """Holds what each open page has not acknowledged yet; nothing of it is written anywhere."""

    name = "web"
    can_delete = True
    """The page clears itself."""

    def __init__(self, cards: Path) -> None:
        """Keep the pictures of cards in the folder `cards`."""
        self.cards = cards
        self._numbers = itertools.count(1)
        self._waiting: OrderedDict[str, list[tuple[int, Outgoing, str]]] = OrderedDict()

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        """Put one message into the page's box."""
        box = self._waiting.setdefault(chat, [])
        picture = await asyncio.to_thread(poster.picture, outgoing.card, self.cards)
        box.append((next(self._numbers), outgoing, f"/cards/{picture.name}" if picture else ""))
        del box[:-_WAITING]
        self._waiting.move_to_end(chat)
        while len(self._waiting) > _CHATS:
            self._waiting.popitem(last=False)
        return None

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Forget what waits before the last message; the page clears itself."""
        box = self._waiting.get(chat, [])
        del box[:-1]

    def fetch(self, chat: str, have: int) -> list[dict[str, Any]]:
        """Return the messages after number `have`, as JSON values; those up to it are acknowledged and dropped."""
        box = [row for row in self._waiting.get(chat, []) if row[0] > have]
        if box:
            self._waiting[chat] = box
        else:
            self._waiting.pop(chat, None)
        return [
            {
                "id": n,
                "text": m.text,
                "buttons": [{"label": b.label, "button": b.payload} for b in m.buttons],
                "leave": m.leave,
                "ask_location": m.ask_location,
                "language": m.language,
                **({"image": image, "alt": m.card[0]} if image else {}),
            }
            for n, m, image in box
        ]

    def forget(self, chat: str) -> None:
        """Drop everything that waits for a page."""
        self._waiting.pop(chat, None)


def new_chat() -> str:
    """Return the secret name of a new page's conversation (its cookie)."""
    return secrets.token_urlsafe(24)


def read(chat: str, row: Any) -> Incoming:
    """Return the message of a page: ``{"id", "text" | "button" | "location"}``; raise ValueError when it is none."""
    if not isinstance(row, dict):
        raise ValueError("not an object")
    message_id, text, button, where = (
        row.get("id"),
        row.get("text", ""),
        row.get("button"),
        row.get("location"),
    )
    if not isinstance(message_id, str) or not 1 <= len(message_id) <= 64 or not isinstance(text, str):
        raise ValueError("id and text must be strings")
    if not message_id.isprintable():  # half surrogates and NUL: no database takes them
        raise ValueError("id must be printable")
    if not isinstance(button, (str, type(None))):
        raise ValueError("button must be a string")
    location = None
    if where is not None:
        if not (
            isinstance(where, list)
            and len(where) == 2
            and all(type(x) in (int, float) and abs(x) <= 180 for x in where)
        ):
            raise ValueError("location must be two numbers")
        location = (float(where[0]), float(where[1]))
        if not (-90 <= location[0] <= 90 and -180 <= location[1] <= 180):
            raise ValueError("location is outside the world")
    return Incoming("web", chat, message_id, clean(text), clean(button)[:64] if button else button, location)
