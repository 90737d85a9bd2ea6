"""What goes through the project: one message in, messages out. Values only; private parts never print."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from content.languages import SOURCE

TEXT_LIMIT = 4_096
"""Characters of a message that are understood: as many as the longest that a platform lets through. Of a longer one the
middle is cut, after the screen for danger."""
SCREEN_LIMIT = 100_000
"""Characters of a message in which danger is looked for; of a longer one the middle is cut before that."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of one person, whatever the platform.

    `text` is cleaned by `clean()` and may be empty; `button` is the payload of a button that we
    offered; `location` is (latitude, longitude) in degrees; `start` is the payload of a deep link
    ("" for a bare /start); `media` names what came instead of text (photo, voice, sticker, other).
    """

    channel: str
    chat: str = field(repr=False)
    message_id: str = field(repr=False)
    text: str = field(default="", repr=False)
    button: str | None = field(default=None, repr=False)
    location: tuple[float, float] | None = field(default=None, repr=False)
    start: str | None = field(default=None, repr=False)
    media: str | None = None
    address: str = field(default="", repr=False)
    """The network that it comes from, where strangers share the pace of one; never kept."""
    page: str = field(default="", repr=False)
    """The open page that it was said on, a number drawn anew by each load; "" on platforms without pages."""
    left: bool = False
    """The platform tells that this person blocked the bot."""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What is equal in a message that is brought twice, and differs in any other."""
        return self.channel, self.chat, self.message_id, self.text


@dataclass(frozen=True, slots=True)
class Button:
    """A choice offered under a message: `payload` (at most 64 bytes) comes back when it is taken."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one person.

    `leave` asks the channel to hide the conversation (delete what can be deleted, leave the page);
    `ask_location` shows the platform's own "share my place" where it has one; `card` are the lines of a picture
    to go with the text (a slogan, then small lines), which only channels with pictures draw.
    """

    text: str = field(repr=False)
    buttons: tuple[Button, ...] = field(default=(), repr=False)
    leave: bool = False
    ask_location: bool = False
    first_number: int = 1
    """Where there are no buttons, choices are numbered from here on, through all messages of one answer."""
    language: str = SOURCE
    """What the person reads: the page and numbered menus follow it."""
    card: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Return `text` that every store and platform can carry, and that can be read: no NUL, lone surrogate, control or bidi
    mark, no letters struck through, at most `SCREEN_LIMIT` characters."""
    text = shortened(text, SCREEN_LIMIT * 2)
    kept = text.encode("utf-8", "ignore").decode("utf-8", "ignore")
    kept = "".join(c for c in kept if c in "\n\t" or (c.isprintable() and c not in _BIDI) or c == "\u200d")
    kept = "".join(c for c in kept if not unicodedata.combining(c) or c in _MARKS or not _is_drawn_over(c))
    return shortened(kept, SCREEN_LIMIT).strip()


def shortened(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return the beginning and the end of a text, where a tale is told: at most `limit` characters."""
    half = limit // 2
    return text if len(text) <= limit else f"{text[: half - 1]} {text[-half:]}"


def _is_drawn_over(mark: str) -> bool:
    """Tell a mark of no script, as strikes letters through, from a vowel of Khmer or Thai."""
    return unicodedata.name(mark, "").startswith("COMBINING ")


_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")
"""Of Vietnamese letters, typed apart."""
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
