"""How one message looks on each platform: its texts as they are cut, its choices as buttons or as numbers. Nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.channels.menu import parts, split, units
from bot.messages import Outgoing

LIMITS = {"telegram": 4_096, "zalo": 2_000, "zalo_oa": 2_000}
"""UTF-16 units of one text; the page has no limit. A test holds them against the channels, whose libraries load slowly."""
OA_BUTTONS = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """One message on one platform; `limit` in UTF-16 units, 0 for none, and `length` of the longest text in the same."""

    channel: str
    limit: int
    texts: tuple[str, ...]
    buttons: tuple[str, ...]

    @property
    def length(self) -> int:
        """Return the units of the longest text."""
        return max(map(units, self.texts), default=0)


def previews(outgoing: Outgoing) -> list[Shown]:
    """Return the message on every platform."""
    labels = tuple(b.label for b in outgoing.buttons)
    bare = replace(outgoing, buttons=())
    few = len(labels) <= OA_BUTTONS
    return [
        Shown("web", 0, (outgoing.text,), labels),
        Shown("telegram", LIMITS["telegram"], tuple(split(outgoing.text, LIMITS["telegram"])), labels),
        Shown("zalo", LIMITS["zalo"], tuple(parts(outgoing, LIMITS["zalo"])), ()),
        Shown(
            "zalo_oa",
            LIMITS["zalo_oa"],
            tuple(parts(bare if few else outgoing, LIMITS["zalo_oa"])),
            labels if few else (),
        ),
    ]
