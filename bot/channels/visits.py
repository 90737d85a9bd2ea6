"""Which conversation the cookie of a web page opens: each load of the page gets a new cookie, and the one before it ends."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 5_000
"""Conversations whose newest cookie is known: the least lately used are forgotten first."""
Mark = Callable[[str, str], bytes]
"""Gives the keyed hash of a value of a kind; `bot.store.keys.Keys.mark`."""


class Visits:
    """Makes cookies that nobody else can make, and knows which one of a conversation is the newest.

    A cookie that somebody planted in a browser is replaced when the page is loaded, and then opens nothing. The one
    before stays good until the new one was used, since an answer may be lost on its way.
    """

    def __init__(self, mark: Mark) -> None:
        self._mark = mark
        self._tickets: OrderedDict[str, tuple[str, str]] = OrderedDict()  # of a conversation: last used, last given

    def chat(self, cookie: str) -> str | None:
        """Return the conversation that a cookie opens; None for one that we never made, or that was replaced."""
        chat, ticket, signature = (*cookie.split("."), "", "")[:3]
        if not hmac.compare_digest(signature.encode(), self._signature(chat, ticket).encode()):
            return None
        used, given = self._tickets.get(chat, (ticket, ticket))
        if ticket not in (used, given):
            return None
        self._remember(chat, ticket, given)
        return chat

    def renew(self, cookie: str) -> str:
        """Return a new cookie for the conversation that `cookie` opens, or for one that begins."""
        known, ticket = self.chat(cookie), secrets.token_urlsafe(12)
        chat = known or secrets.token_urlsafe(24)
        if known:  # one that begins is remembered when it is used: mere loads of the page push nobody out
            self._remember(chat, self._tickets[chat][0], ticket)
        return f"{chat}.{ticket}.{self._signature(chat, ticket)}"

    def _remember(self, chat: str, used: str, given: str) -> None:
        self._tickets[chat] = used, given
        self._tickets.move_to_end(chat)
        while len(self._tickets) > REMEMBERED:
            self._tickets.popitem(last=False)

    def _signature(self, chat: str, ticket: str) -> str:
        return self._mark("visit", f"{chat}.{ticket}").hex()[:32]
