"""Telegram by python-telegram-bot: updates in (webhook or polling), paced messages out, errors translated."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, Update
from telegram.constants import ChatType
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.channels.menu import split, units
from bot.errors import (
    ChannelBusy,
    ChannelClosed,
    ChannelError,
    ContactGone,
    ContactMoved,
    OutcomeUnknown,
    PayloadRefused,
)
from bot.log import log
from bot.messages import Incoming, Outgoing, clean
from content import poster

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else each 429 raises a deprecation warning

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
CAPTION_LIMIT = 1_024
"""UTF-16 units of the text below a picture; a longer text goes alone."""
TEXT_LIMIT = 4_096
"""UTF-16 units of one message."""
PATIENCE = 15.0
"""Seconds of Telegram's silence that a message waits for here; for longer ones it goes back, to be looked at again."""
SLOW_TURN = 1.0
"""Seconds after which the next updates are asked for, though one of these is still being answered."""
UNTOLD_SECONDS, LONGEST_SECONDS = 5.0, 86_400.0
"""The silence after a 429 that tells none we can read, and the longest that we believe."""


class Telegram:
    """One bot; sends evenly spaced, and holds everything while Telegram asks to wait."""

    name = "telegram"
    can_delete = True
    """For 48 hours, on both sides."""
    path = "/webhooks/telegram"
    patience: float | None = None

    def __init__(self, token: str, api: str, secret: str, rate: float, cards: Path) -> None:
        """Keep the pictures of cards in the folder `cards`."""
        for library in ("telegram", "httpx", "httpcore"):  # they write addresses with the token, chats and words
            logging.getLogger(library).setLevel(logging.CRITICAL)
        request = HTTPXRequest(connection_pool_size=64, read_timeout=10, connect_timeout=5, pool_timeout=30)
        polling = HTTPXRequest(connection_pool_size=2, read_timeout=40, connect_timeout=5)
        self._requests = (request, polling)
        self._bot = Bot(token, base_url=f"{api.rstrip('/')}/bot", request=request, get_updates_request=polling)
        self._secret = secret
        self.polls = not secret
        self._gap = 1.0 / rate
        self._cards = cards
        self._uploaded: dict[str, str] = {}
        self._next = 0.0
        self._held_until = 0.0

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Compare the webhook's secret in constant time."""
        told = headers.get("x-telegram-bot-api-secret-token", "")
        return bool(self._secret) and hmac.compare_digest(told.encode(), self._secret.encode())

    def read(self, payload: Any) -> Incoming | None:
        """Return the message of one update, or None for what is not meant for us; raise ValueError for nonsense."""
        if not isinstance(payload, dict) or not isinstance(payload.get("update_id"), int):
            raise ValueError("not an update")
        try:
            return read_update(Update.de_json(payload, self._bot))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RecursionError) as error:
            raise ValueError(type(error).__name__) from None

    async def answered(self, payload: Any) -> None:
        """Stop the waiting sign on a button that was pressed."""
        query = payload.get("callback_query") if isinstance(payload, dict) else None
        if query:
            with contextlib.suppress(TelegramError):
                await self._bot.answer_callback_query(str(query.get("id")))

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        """Send one message, split where it is too long; return the ids of its parts, with spaces between.

        A card goes as a picture with the text below it; where Telegram does not take the picture, the text goes alone.
        """
        rows = [[InlineKeyboardButton(b.label, callback_data=b.payload)] for b in outgoing.buttons]
        if outgoing.card and 0 < units(outgoing.text) <= CAPTION_LIMIT:
            sent_picture = await self._send_card(chat, outgoing, InlineKeyboardMarkup(rows) if rows else None)
            if sent_picture:
                return sent_picture
        parts = split(outgoing.text, TEXT_LIMIT)
        sent: list[str] = []
        for n, part in enumerate(parts, 1):
            markup = InlineKeyboardMarkup(rows) if rows and n == len(parts) else None
            quiet = LinkPreviewOptions(is_disabled=True)
            try:
                await self._turn(PATIENCE)
                one = await self._call(
                    self._bot.send_message(int(chat), part, reply_markup=markup, link_preview_options=quiet)
                )
            except ChannelBusy:
                if sent:
                    raise OutcomeUnknown("a part of it arrived") from None
                raise
            sent.append(str(one.message_id))
        return " ".join(sent) or None

    async def _send_card(self, chat: str, outgoing: Outgoing, markup: InlineKeyboardMarkup | None) -> str | None:
        """Send text and card in one message and return its id; None where Telegram certainly took nothing of it."""
        file = await asyncio.to_thread(poster.picture, outgoing.card, self._cards)
        if file is None:
            return None
        known = self._uploaded.get(file.name)
        await self._turn(PATIENCE)
        try:
            one = await self._call(
                self._bot.send_photo(int(chat), known or file, caption=outgoing.text, reply_markup=markup)
            )
        except (PayloadRefused, ChannelBusy) as error:
            if isinstance(error, ChannelBusy) and error.everybody:
                raise
            self._uploaded.pop(file.name, None)
            return None
        if one.photo:  # the next one names it instead of carrying it
            self._uploaded[file.name] = one.photo[-1].file_id
        return str(one.message_id)

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Delete messages of both sides, as far as Telegram still allows (48 hours)."""
        numbers = [int(i) for i in message_ids if i.isascii() and i.isdigit()]
        for start in range(0, len(numbers), 100):
            await self._turn()
            await self._call(self._bot.delete_messages(int(chat), numbers[start : start + 100]))

    async def poll(self, receive: Callable[[Incoming], Awaitable[None]]) -> None:
        """Ask for updates until cancelled; an update is acknowledged after it was answered, and nobody waits for another."""
        begun: dict[int, asyncio.Task[None]] = {}
        with contextlib.suppress(TelegramError):
            await self._bot.delete_webhook()
        try:
            await self._poll(receive, begun)
        finally:
            if begun:
                await asyncio.wait(begun.values(), timeout=PATIENCE)

    async def _poll(self, receive: Callable[[Incoming], Awaitable[None]], begun: dict[int, asyncio.Task[None]]) -> None:
        offset, pause = 0, 1.0
        while True:
            try:
                seconds = 0 if begun else 25  # what was not acknowledged comes at once, again and again
                updates = await self._bot.get_updates(offset, timeout=seconds, allowed_updates=ALLOWED_UPDATES)
            except InvalidToken:
                log.error("telegram_token_refused")
                return
            except (TelegramError, RuntimeError) as error:
                log.warning("telegram_poll", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(60.0, pause * 2)
                continue
            pause = 1.0
            for update in updates:
                if update.update_id not in begun:
                    begun[update.update_id] = asyncio.create_task(self._answer(update, receive))
            if begun:
                await asyncio.wait(begun.values(), timeout=SLOW_TURN)
            while begun and begun[first := min(begun)].done():
                offset = first + 1
                del begun[first]

    async def close(self) -> None:
        """Close the connections."""
        for request in self._requests:  # the library closes them only for a bot that it initialised itself
            await request.shutdown()

    async def _answer(self, update: Update, receive: Callable[[Incoming], Awaitable[None]]) -> None:
        incoming = read_update(update)
        if incoming:
            await receive(incoming)
        if update.callback_query:
            with contextlib.suppress(TelegramError):
                await self._bot.answer_callback_query(update.callback_query.id)

    async def _turn(self, patience: float = LONGEST_SECONDS) -> None:
        """Wait for this message's place; where Telegram asks for a longer silence, give the message back."""
        clock = asyncio.get_running_loop().time
        while True:
            now = clock()
            if (left := self._held_until - now) > patience:
                raise ChannelBusy("held after 429", left, everybody=True)
            start = max(now, self._next, self._held_until)
            self._next = start + self._gap
            if start > now:
                await asyncio.sleep(start - now)
            if clock() >= self._held_until:  # else a 429 came meanwhile
                return

    def _hold(self, told: object) -> ChannelBusy:
        """Silence the bot for as long as Telegram told; return what the door must know of it."""
        seconds = told.total_seconds() if isinstance(told, timedelta) else told
        wait = float(seconds) if isinstance(seconds, (int, float)) else 0.0
        wait = min(wait, LONGEST_SECONDS) if wait > 0 else UNTOLD_SECONDS
        self._held_until = max(self._held_until, asyncio.get_running_loop().time() + wait)
        return ChannelBusy("429", wait, everybody=True)

    async def _call(self, request: Awaitable[Any]) -> Any:
        try:
            return await request
        except RetryAfter as error:
            raise self._hold(error.retry_after) from None
        except ChatMigrated as error:
            raise ContactMoved(str(error.new_chat_id)) from None
        except Forbidden:
            raise ContactGone("forbidden") from None
        except InvalidToken:
            log.error("telegram_token_refused", channel=self.name)
            raise ChannelClosed("token refused") from None
        except BadRequest as error:
            if "chat not found" in str(error).lower():
                raise ContactGone("chat not found") from None
            raise PayloadRefused("bad request") from None
        except (NetworkError, TelegramError) as error:
            if "too many requests" in str(error).lower():
                raise self._hold(None) from None
            cause = error.__cause__
            if isinstance(cause, httpx.HTTPError):
                unsent = isinstance(cause, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
                failed: ChannelError = (ChannelBusy if unsent else OutcomeUnknown)(type(cause).__name__)
            else:
                failed = (OutcomeUnknown if isinstance(error, TimedOut) else ChannelBusy)(type(error).__name__)
            raise failed from None


def read_update(update: Update) -> Incoming | None:
    """Return the message of one parsed update; groups, channels and bots are not answered."""
    if update.my_chat_member and update.my_chat_member.chat.type == ChatType.PRIVATE:
        status = update.my_chat_member.new_chat_member.status
        chat = str(update.my_chat_member.chat.id)
        return Incoming("telegram", chat, f"u{update.update_id}", left=True) if status in ("kicked", "left") else None
    if update.callback_query:
        query = update.callback_query
        if query.message is None or query.message.chat.type != ChatType.PRIVATE:
            return None
        return Incoming("telegram", str(query.message.chat.id), f"c{query.id}", button=(query.data or "")[:64])
    message = update.message or update.edited_message
    if message is None or message.chat.type != ChatType.PRIVATE or (message.from_user and message.from_user.is_bot):
        return None
    edited = f"e{int(message.edit_date.timestamp())}-" if update.edited_message and message.edit_date else ""
    text = message.text or message.caption or ""
    start = None
    if text == "/start" or text.startswith("/start "):
        start, text = text[7:71].strip(), ""
    media = None if message.text or message.caption or message.location else _media(message)
    where = (message.location.latitude, message.location.longitude) if message.location else None
    return Incoming(
        "telegram", str(message.chat.id), f"{edited}{message.message_id}", clean(text), None, where, start, media
    )  # fmt: skip


def _media(message: Message) -> str:
    return next((name for name in ("photo", "sticker", "voice") if getattr(message, name)), "other")
