"""Zalo Bot Platform by its HTTP contract: updates in (webhook or polling), evenly paced plain text out."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from bot.channels.menu import parts
from bot.channels.webhook import ZALO_PATIENCE
from bot.errors import ChannelBusy, ChannelClosed, ChannelError, OutcomeUnknown, PayloadRefused
from bot.log import log
from bot.messages import Incoming, Outgoing, clean

TEXT_LIMIT = 2_000
"""UTF-16 units of one message."""
POLL_SECONDS = 30
"""How long Zalo holds a poll open."""
FIRST_HOLD, LONGEST_HOLD = 60.0, 900.0
"""Seconds of silence after a 429, doubled each time: Zalo never says how long."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between polls that fail."""
PATIENCE = 30.0
"""A message that would wait longer than this for its turn goes back to the door."""
TURNS_AT_ONCE = 32
"""Polled messages that are answered side by side."""

_SEND_SECONDS = 10.0
_MEDIA = {
    "message.text.received": "other",
    "message.image.received": "photo",
    "message.sticker.received": "sticker",
    "message.voice.received": "voice",
    "message.unsupported.received": "other",
}
"""What came, where no text came with it."""
_NO_ANSWER = 502

Receiver = Callable[[Incoming], Awaitable[None]]


class ZaloBot:
    """One bot; sends evenly spaced, is silent for a while after a 429 and for good after a 401.

    Each message is sent at most once by a call; `now` is a clock in seconds that never goes back.
    """

    name = "zalo"
    path = "/webhooks/zalo"
    patience: float | None = ZALO_PATIENCE

    def __init__(
        self, token: str, api: str, secret: str, rate: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        for library in ("httpx", "httpcore"):  # they write whole addresses, and ours carries the token
            logging.getLogger(library).setLevel(logging.CRITICAL)
        self._url = f"{api.strip().rstrip('/')}/bot{quote(token.strip(), safe=':')}"
        self._client = httpx.AsyncClient(limits=httpx.Limits(max_connections=64))
        self._secret = secret
        self.polls = not secret
        self._gap = 1.0 / rate
        self._now = now
        self._next = 0.0
        self._held_until = 0.0
        self._hold = 0.0
        self._closed = False

    def is_ours(self, secret: str | None) -> bool:
        """Compare the webhook's secret in constant time."""
        return bool(self._secret) and hmac.compare_digest((secret or "").encode(), self._secret.encode())

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Tell whether the call carries the webhook's secret."""
        return self.is_ours(headers.get("x-bot-api-secret-token"))

    def read(self, payload: Any) -> Incoming | None:
        """Return the message of one webhook call, or None for what is not meant for us; raise ValueError for nonsense."""
        return read_update(payload)

    async def answered(self, payload: Any) -> None:
        """Do nothing: Zalo wants no receipt."""

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        """Send one message, choices as numbers, split where it is too long; return the id of the last part."""
        texts = parts(outgoing, TEXT_LIMIT)
        if not texts:
            raise PayloadRefused("no text")
        wait = self._next - self._now()
        if wait > PATIENCE:
            raise ChannelBusy("too many wait", wait)
        message_id = None
        for n, text in enumerate(texts):
            try:
                message_id = await self._send(chat, text)
            except ChannelBusy:
                if n:
                    raise OutcomeUnknown("a part of it arrived") from None
                raise
        return message_id

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Do nothing: Zalo lets a bot delete no message, neither its own nor the person's."""

    async def poll(self, receive: Receiver) -> None:
        """Ask for updates until cancelled or refused; each is handed on before the next is asked for.

        Zalo gives an update once and wants no receipt: what was polled must not be dropped, so
        turns that have begun are finished even when polling is cancelled.
        """
        begun: set[asyncio.Task[None]] = set()
        try:
            await self._poll(receive, begun)
        except ChannelClosed:
            log.error("zalo_polling_stopped", channel=self.name)
        finally:
            if begun:
                await asyncio.wait(begun, timeout=_SEND_SECONDS)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _poll(self, receive: Receiver, begun: set[asyncio.Task[None]]) -> None:
        pause, listening = FIRST_PAUSE, False
        while True:
            while len(begun) >= TURNS_AT_ONCE:
                await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
            asked = self._now()
            try:
                listening = listening or await self._without_webhook()
                update = await self._next_update()
            except ChannelClosed:
                raise
            except ChannelError as error:
                log.warning("zalo_poll", error=type(error).__name__, status=str(error))
                await asyncio.sleep(max(pause, error.retry_after if isinstance(error, ChannelBusy) else 0.0))
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            pause = FIRST_PAUSE
            if update is not None:
                turn = asyncio.create_task(_hand_on(update, receive))
                begun.add(turn)
                turn.add_done_callback(begun.discard)
                await asyncio.sleep(0)  # the turn begins before we ask again
            elif self._now() - asked < FIRST_PAUSE:
                await asyncio.sleep(FIRST_PAUSE)  # a server that does not hold the poll open is not hammered

    async def _without_webhook(self) -> bool:
        with contextlib.suppress(PayloadRefused):  # there was none
            await self._ask("deleteWebhook", {}, _SEND_SECONDS)
        return True

    async def _next_update(self) -> Any:
        code, update = await self._request("getUpdates", {"timeout": POLL_SECONDS}, POLL_SECONDS + 10.0)
        if code == 408:
            return None
        if code:
            raise self._refused(code)
        return update

    async def _send(self, chat: str, text: str) -> str | None:
        await self._turn()
        sent = await self._ask("sendMessage", {"chat_id": chat, "text": text}, _SEND_SECONDS)
        self._hold = 0.0
        return _name(sent.get("message_id")) or None if isinstance(sent, dict) else None

    async def _turn(self) -> None:
        self._check_open()
        now = self._now()
        start = max(now, self._next)
        self._next = start + self._gap
        if start > now:
            await asyncio.sleep(start - now)
            self._check_open()

    def _check_open(self) -> None:
        if self._closed:
            raise ChannelClosed("token refused")
        left = self._held_until - self._now()
        if left > 0:
            raise ChannelBusy("held after 429", left, everybody=True)

    async def _ask(self, method: str, values: dict[str, Any], seconds: float) -> Any:
        code, result = await self._request(method, values, seconds)
        if code:
            raise self._refused(code)
        return result

    async def _request(self, method: str, values: dict[str, Any], seconds: float) -> tuple[int, Any]:
        """Post one call; return (0, its result) or (its error, None). Nothing raised here keeps the address."""
        failed: ChannelError
        timeout = httpx.Timeout(seconds, connect=5.0, pool=30.0)
        try:
            async with asyncio.timeout(seconds + 35.0):
                response = await self._client.post(f"{self._url}/{method}", json=values, timeout=timeout)
            return read_answer(response.status_code, response.content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            failed = ChannelBusy(type(error).__name__)
        except RuntimeError:  # the client was closed: we are stopping
            failed = ChannelBusy("closed")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            failed = ChannelBusy(type(error).__name__, LONGEST_PAUSE)
        except (httpx.HTTPError, TimeoutError) as error:
            failed = OutcomeUnknown(type(error).__name__)
        raise failed

    def _refused(self, code: int) -> ChannelError:
        """Return what an error of Zalo means for the sender, and remember what it means for the channel."""
        if code == 401:
            self._closed = True
            log.error("zalo_token_refused", channel=self.name, status=code)
            return ChannelClosed("token refused")
        if code == 429:
            return ChannelBusy("429", self._hold_on(), everybody=True)
        if code in (400, 404):
            return PayloadRefused(str(code))
        if code in (408, 504):
            return OutcomeUnknown(str(code))
        return ChannelBusy(str(code))  # 403 too: Zalo's "internal server error"

    def _hold_on(self) -> float:
        """Silence the channel, longer each time, and return for how many seconds."""
        now = self._now()
        if now >= self._held_until:  # several answers to one burst count once
            self._hold = min(LONGEST_HOLD, max(FIRST_HOLD, self._hold * 2))
            self._held_until = now + self._hold
            log.error("zalo_quota_or_rate", channel=self.name, seconds=self._hold)
        return self._held_until - now


def read_answer(status: int, body: bytes) -> tuple[int, Any]:
    """Return (0, result) or (error, None) of one answer: the JSON decides, the HTTP status only where there is none."""
    answer: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        answer = json.loads(body)
    if isinstance(answer, dict) and answer.get("ok") is True:
        return 0, answer.get("result")
    if isinstance(answer, dict) and answer.get("ok") is False:
        return _number(answer.get("error_code")) or (status if status >= 400 else _NO_ANSWER), None
    return status if status in (408, 429, 504) else _NO_ANSWER, None


def read_update(payload: Any) -> Incoming | None:
    """Return the message of one update, wrapped in an envelope or flat; groups and bots are not answered.

    A protected sender (a child, a person with a disability) comes as `message.unsupported.received`;
    where Zalo leaves the chat in it, the person is answered, else nobody can be.
    """
    if not isinstance(payload, dict):
        raise ValueError("not an object")
    update = payload if "event_name" in payload else payload.get("result", payload)
    if not isinstance(update, dict):
        raise ValueError("not an update")
    event, message = update.get("event_name"), update.get("message")
    if not isinstance(event, str) or event not in _MEDIA or not isinstance(message, dict):
        return None
    chat, sender = _dict(message.get("chat")), _dict(message.get("from"))
    to = _name(chat.get("id"))
    is_private = chat.get("chat_type") == "PRIVATE" or to == _name(sender.get("id"))
    if not to or not is_private or sender.get("is_bot") is True:
        return None
    message_id = _name(message.get("message_id")) or _name(message.get("date"))
    if not message_id:
        raise ValueError("no message id")
    said = next((v for v in (message.get("text"), message.get("caption")) if isinstance(v, str)), "")
    text = clean(said)
    return Incoming("zalo", to, message_id, text, media=None if text else _MEDIA[event])


async def _hand_on(update: Any, receive: Receiver) -> None:
    """Give one update to the machine; whatever is wrong with it, the next one is asked for."""
    try:
        incoming = read_update(update)
    except ValueError as error:
        log.warning("zalo_update_unread", error=str(error))
        return
    try:
        if incoming:
            await receive(incoming)
    except Exception as error:  # one person's failure must not end everybody's polling
        log.error("zalo_turn_failed", error=type(error).__name__)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(value: Any) -> str:
    """Return an id as text; Zalo writes strings, some gateways numbers."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _number(value: Any) -> int:
    """Return an error code that came as a number or as a string; 0 for neither."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return int(value)
    return 0
