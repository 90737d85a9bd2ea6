"""The built-in web chat: replies wait here until the page that asked has acknowledged them; no other page gets them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.channels.visits import Mark, Visits
from bot.messages import Incoming, Outgoing, clean
from content import poster

_CHATS = 5_000
_WAITING = 40
ON_ITS_WAY = 60.0
"""Seconds that an answer waits for any page of its conversation: the page may have been loaded again meanwhile …"""
SHOWN = 600.0
"""… and seconds in which the one page that got it may get it again, since it may have been lost on the line."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One answer in a box; `page` is the page that got it, None while none did."""

    number: int
    outgoing: Outgoing
    image: str
    until: float
    page: str | None = None


class WebChat:
    """Holds what each open page has not acknowledged yet; nothing of it is written anywhere."""

    name = "web"
    can_delete = True
    """The page clears itself."""

    def __init__(self, cards: Path, mark: Mark | None = None, seconds: Callable[[], float] = time.monotonic) -> None:
        """Keep the pictures of cards in the folder `cards`; `mark` signs the cookies of pages and names the pictures, `seconds` is a clock."""
        self._cards = cards
        self._mark = mark or _until_restart()
        self.visits = Visits(self._mark)
        self._seconds = seconds
        self._numbers = itertools.count(1)
        self._waiting: OrderedDict[str, list[_Waiting]] = OrderedDict()

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        """Put one message into the page's box."""
        box = self._waiting.setdefault(chat, [])
        picture = await asyncio.to_thread(poster.picture, outgoing.card, self._cards)
        image = f"/cards/{self._name(picture)}" if picture else ""
        box.append(_Waiting(next(self._numbers), outgoing, image, self._seconds() + ON_ITS_WAY))
        del box[:-_WAITING]
        self._waiting.move_to_end(chat)
        while len(self._waiting) > _CHATS:
            self._waiting.popitem(last=False)
        return None

    def card(self, name: str) -> bytes | None:
        """Return the picture of a name that was told to a page."""
        file = next((file for file in self._cards.glob("*.png") if self._name(file) == name), None)
        return file.read_bytes() if file else None

    def _name(self, picture: Path) -> str:
        """Return how a page knows a picture: nobody who was not shown it can ask whether somebody was."""
        return f"{self._mark('card', picture.stem).hex()[:32]}.png"

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Forget what waits before the last message; the page clears itself."""
        box = self._waiting.get(chat, [])
        del box[:-1]

    def fetch(self, chat: str, have: int, page: str = "") -> list[dict[str, Any]]:
        """Return the messages after number `have`, as JSON values; those up to it are acknowledged and dropped.

        What is given to a page is its own from then on: a page that is opened later does not get it.
        """
        now = self._seconds()
        live = [row for row in self._waiting.get(chat, []) if row.until > now]
        ours = [
            replace(row, page=page, until=now + SHOWN if row.page is None else row.until)
            for row in live
            if row.page in (None, page) and row.number > have
        ]
        box = sorted([*(row for row in live if row.page not in (None, page)), *ours], key=lambda row: row.number)
        if box:
            self._waiting[chat] = box
        else:
            self._waiting.pop(chat, None)
        return [_as_json(row) for row in ours]

    def forget(self, chat: str) -> None:
        """Drop everything that waits for a page."""
        self._waiting.pop(chat, None)


def new_id() -> str:
    """Return an id for a message that no page numbered."""
    return secrets.token_urlsafe(24)


def _until_restart() -> Mark:
    """Return a mark with a secret of this process alone, where no keys are given."""
    secret = secrets.token_bytes(32)
    return lambda kind, value: hmac.new(secret, f"{kind}\0{value}".encode(), hashlib.sha256).digest()


def _as_json(row: _Waiting) -> dict[str, Any]:
    said = row.outgoing
    return {
        "id": row.number,
        "text": said.text,
        "buttons": [{"label": b.label, "button": b.payload} for b in said.buttons],
        "leave": said.leave,
        "ask_location": said.ask_location,
        "language": said.language,
        **({"image": row.image, "alt": said.card[0]} if row.image else {}),
    }


def page_of(row: Any) -> tuple[str, int]:
    """Return the page that asks ("" for what is none) and the number up to which it has the answers; or ValueError."""
    page, have = (row.get("page", ""), row.get("have", 0)) if isinstance(row, dict) else (None, 0)
    if not isinstance(page, str) or len(page) > 64 or type(have) is not int:
        raise ValueError("page must be a string, have a number")
    return page, have


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
    pressed = clean(button)[:64] if button else button
    return Incoming("web", chat, message_id, clean(text), pressed, location, page=page_of(row)[0])
