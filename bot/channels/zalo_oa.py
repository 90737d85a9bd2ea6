"""Zalo Official Account by its OpenAPI: signed webhooks in, customer-service replies out, one refresher of its tokens."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from bot.channels.menu import parts, plain, units
from bot.channels.webhook import ZALO_PATIENCE
from bot.errors import ChannelBusy, ChannelClosed, ChannelError, OutcomeUnknown, PayloadRefused
from bot.log import log
from bot.messages import Incoming, Outgoing, clean
from bot.store.tokens import Pair, Tokens

TEXT_LIMIT = 2_000
BUTTONS = 5
"""Buttons under one message; more choices are numbered."""
LABEL_LIMIT = 100
STALE = (-216, -220)
"""The access token is no longer good: refresh once."""
OUT_OF_REACH = (-213, -217, -218, -227, -230, -232, -244)
"""This person cannot be written to, for good or outside of the seven days after their last message."""
LATER = (-32, -211, -234)
_MEDIA = {
    "user_send_image": "photo", "user_send_sticker": "sticker", "user_send_audio": "voice", "user_send_gif": "photo",
    "user_send_video": "other", "user_send_file": "other", "user_send_link": "other", "user_send_business_card": "other",
}  # fmt: skip
_TRIAL = b"{}"
_TIME = re.compile(rb'"timestamp"\s*:\s*"?(\d{10,16})')
_SECONDS = 10.0
_EARLY = 300.0
"""Seconds before its end at which a token is replaced."""
_PATIENCE = 20
"""Half seconds that a worker waits for another one's refresh."""


class ZaloOA:
    """One Official Account; replies only, inside the window that the person's own message opens."""

    name = "zalo_oa"
    path = "/webhooks/zalo-oa"
    patience: float | None = ZALO_PATIENCE
    polls = False

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        webhook_secret: str,
        tokens: Tokens,
        api: str,
        oauth: str,
        buttons: bool = True,
    ) -> None:
        for library in ("httpx", "httpcore"):
            logging.getLogger(library).setLevel(logging.CRITICAL)
        self._app_id, self._app_secret, self._secret = app_id, app_secret, webhook_secret
        self._tokens, self._buttons = tokens, buttons
        self._send_url = f"{api.rstrip('/')}/v3.0/oa/message/cs"
        self._oauth_url = f"{oauth.rstrip('/')}/v4/oa/access_token"
        self._client = httpx.AsyncClient(limits=httpx.Limits(max_connections=64), timeout=_SECONDS)
        self._closed = ""

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Check the signature of a webhook call; the time may stand in the header or in the body.

        Zalo tries the address with an empty object, without a signature, when it is saved.
        """
        if body.strip() == _TRIAL:
            return True
        told = headers.get("x-zevent-signature", "").removeprefix("mac=").encode()
        times = [headers.get("x-zevent-timestamp", ""), *(at.decode() for at in _TIME.findall(body)[:3])]
        for at in dict.fromkeys(times):  # found without parsing: what nobody signed is not read
            if at and hmac.compare_digest(sign(self._app_id, body, at, self._secret).encode(), told):
                return True
        return False

    def read(self, payload: Any) -> Incoming | None:
        """Return the message of one event, or None for what needs no answer; raise ValueError for nonsense."""
        return read_event(payload) if payload != {} else None

    async def answered(self, payload: Any) -> None:
        """Do nothing: Zalo wants no receipt."""

    async def send(self, chat: str, outgoing: Outgoing) -> str | None:
        """Send one message with its choices as buttons, or numbered; return the ids of its parts."""
        rows = outgoing.buttons if self._buttons and len(outgoing.buttons) <= BUTTONS else ()
        texts = parts(replace(outgoing, buttons=() if rows else outgoing.buttons), TEXT_LIMIT)
        if not texts:
            raise PayloadRefused("no text")
        sent: list[str] = []
        for n, text in enumerate(texts, 1):
            message: dict[str, Any] = {"text": text}
            if rows and n == len(texts):
                message["attachment"] = _template(rows)
            try:
                sent.append(await self._send({"recipient": {"user_id": chat}, "message": message}))
            except ChannelBusy:
                if sent:
                    raise OutcomeUnknown("a part of it arrived") from None
                raise
        return " ".join(i for i in sent if i) or None

    async def clear(self, chat: str, message_ids: Sequence[str]) -> None:
        """Do nothing: an Official Account cannot delete what it sent."""

    async def poll(self, receive: Callable[[Incoming], Awaitable[None]]) -> None:
        """Do nothing: an Official Account has no updates to ask for."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _send(self, values: dict[str, Any]) -> str:
        pair = await self._pair()
        for attempt in (0, 1):
            answer = await self._post(self._send_url, {"access_token": pair.access}, values)
            code = _number(answer.get("error"))
            if code not in STALE or attempt:
                break
            pair = await self._refreshed(pair)
        if code == 0:
            data = answer.get("data")
            return str(data.get("message_id") or "") if isinstance(data, dict) else ""
        if code in STALE:
            raise ChannelClosed(str(code))
        if code in LATER:
            raise ChannelBusy(str(code), 30.0)
        if code in OUT_OF_REACH:
            log.info("zalo_oa_out_of_reach", channel=self.name, status=code)
        raise PayloadRefused(str(code))

    async def _pair(self) -> Pair:
        if self._closed:
            raise ChannelClosed(self._closed)
        pair = await asyncio.to_thread(self._tokens.pair)
        now = await asyncio.to_thread(self._tokens.now)
        return await self._refreshed(pair) if pair.expires_at - _EARLY < now else pair

    async def _refreshed(self, old: Pair) -> Pair:
        """Return a newer pair than `old`: made here when nobody else makes it. A refresh is never tried twice blindly."""
        if not await asyncio.to_thread(self._tokens.may_refresh, old.version):
            return await self._made_elsewhere(old)
        form = {"refresh_token": old.refresh, "app_id": self._app_id, "grant_type": "refresh_token"}
        try:
            answer = await self._post(self._oauth_url, {"secret_key": self._app_secret}, None, form)
        except ChannelBusy:  # it was not even sent
            await asyncio.to_thread(self._tokens.give_up)
            raise
        except OutcomeUnknown:
            raise self._stop("refresh in doubt") from None
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access, str) or not isinstance(refresh, str):
            raise self._stop("refresh refused")
        seconds = float(_number(answer.get("expires_in")) or 3600)
        return await asyncio.to_thread(self._tokens.keep, access, refresh, seconds, old.version + 1)

    async def _made_elsewhere(self, old: Pair) -> Pair:
        for _ in range(_PATIENCE):
            pair = await asyncio.to_thread(self._tokens.pair)
            if pair.version > old.version:
                return pair
            await asyncio.sleep(0.5)
        log.error("zalo_oa_needs_new_tokens", channel=self.name, error="refresh_begun_and_not_ended")
        raise ChannelBusy("another worker refreshes the token", 60.0)

    def _stop(self, reason: str) -> ChannelClosed:
        """Stop the channel: the single-use token may be used up, and only a person can give a new one."""
        self._closed = reason
        log.error("zalo_oa_needs_new_tokens", channel=self.name, error=reason.replace(" ", "_"))
        return ChannelClosed(reason)

    async def _post(
        self, url: str, headers: dict[str, str], values: dict[str, Any] | None, form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        failed: ChannelError
        try:
            response = await self._client.post(url, headers=headers, json=values, data=form)
            answer = json.loads(response.content)
            if isinstance(answer, dict):
                return answer
            failed = OutcomeUnknown("no object")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            failed = ChannelBusy(type(error).__name__)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, RuntimeError) as error:
            failed = ChannelBusy(type(error).__name__, 60.0)
        except (httpx.HTTPError, RecursionError) as error:
            failed = OutcomeUnknown(type(error).__name__)
        except ValueError:  # a gateway's page: it stands before Zalo, but a token may be used up behind it
            failed = ChannelBusy("no JSON", 5.0) if form is None else OutcomeUnknown("no JSON")
        raise failed


def sign(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """Return the signature of a webhook call: plain SHA-256, in hex."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def read_event(payload: Any) -> Incoming | None:
    """Return the message of one event; what we sent ourselves, and what was merely seen, needs no answer."""
    if not isinstance(payload, dict) or not isinstance(payload.get("event_name"), str):
        raise ValueError("not an event")
    event = payload["event_name"]
    sender = payload.get("follower") if event in ("follow", "unfollow") else payload.get("sender")
    chat = sender.get("id") if isinstance(sender, dict) else None
    if not isinstance(chat, str) or not chat:
        return None
    message = payload.get("message")
    message = message if isinstance(message, dict) else {}
    message_id = str(message.get("msg_id") or f"{event}-{payload.get('timestamp')}")
    if event == "unfollow":
        return Incoming("zalo_oa", chat, message_id, left=True)
    if event == "follow":
        return Incoming("zalo_oa", chat, message_id, start="")
    if event == "user_send_location":
        where = _location(message)
        return Incoming("zalo_oa", chat, message_id, location=where, media=None if where else "other")
    if event == "user_send_text":
        text = clean(message["text"]) if isinstance(message.get("text"), str) else ""
        if text.startswith("#") and " " not in text:  # a button of ours sends its payload as text
            return Incoming("zalo_oa", chat, message_id, button=text[1:65])
        return Incoming("zalo_oa", chat, message_id, text)
    return Incoming("zalo_oa", chat, message_id, media=_MEDIA[event]) if event in _MEDIA else None


def _location(message: dict[str, Any]) -> tuple[float, float] | None:
    with contextlib.suppress(LookupError, TypeError, ValueError):
        told = message["attachments"][0]["payload"]["coordinates"]
        where = (float(told["latitude"]), float(told["longitude"]))
        if -90 <= where[0] <= 90 and -180 <= where[1] <= 180:
            return where
    return None


def _template(buttons: Sequence[Any]) -> dict[str, Any]:
    rows = [{"title": _label(b.label), "type": "oa.query.show", "payload": f"#{b.payload}"} for b in buttons]
    return {"type": "template", "payload": {"buttons": rows}}


def _label(text: str) -> str:
    text = plain(text)
    return text if units(text) <= LABEL_LIMIT else text[: LABEL_LIMIT - 1] + "…"


def _number(value: Any) -> int:
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return int(value)
    return -1
