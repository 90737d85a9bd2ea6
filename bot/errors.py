"""Every failure that the project names, as one tree; each says what to do next.

TinCayError
├── SettingsError        the person at the keyboard must change a setting
├── StoreUnavailable     later: the database is locked, full or away
├── UnderstandingDown    fall back to keywords
└── ChannelError
    ├── ChannelBusy      later: the same message may be sent again
    ├── ContactGone      stop: never write to this chat again
    │   └── ContactMoved the chat has another id now: write there
    ├── PayloadRefused   stop: this message can never be sent as it is
    ├── ChannelClosed    stop the whole channel and tell the administrator (bad token)
    └── OutcomeUnknown   the message may or may not have arrived
"""

from __future__ import annotations


class TinCayError(Exception):
    """Anything that this project raises on purpose."""


class SettingsError(TinCayError):
    """A setting is missing or wrong; the message says which and how to mend it."""


class StoreUnavailable(TinCayError):
    """The database cannot be used now; nothing was changed."""


class UnderstandingDown(TinCayError):
    """The understanding server gave no usable answer in time."""


class ChannelError(TinCayError):
    """A platform did not take a message."""


class ChannelBusy(ChannelError):
    """Nothing was sent; try again after `retry_after` seconds. `everybody`: the whole bot must be silent until then."""

    def __init__(self, reason: str, retry_after: float = 1.0, everybody: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.everybody = everybody


class ContactGone(ChannelError):
    """This person blocked or left the bot."""


class ContactMoved(ContactGone):
    """This chat goes on under another id, `chat`."""

    def __init__(self, chat: str) -> None:
        super().__init__("moved")
        self.chat = chat


class PayloadRefused(ChannelError):
    """The platform will never accept this message."""


class ChannelClosed(ChannelError):
    """The platform refuses our credentials."""


class OutcomeUnknown(ChannelError):
    """The request was written but no answer came back."""
