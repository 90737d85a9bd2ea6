"""Texts of `content/replies`, filled in and spoken to the person as they speak of themselves."""

from __future__ import annotations

import re

import content
from bot.messages import Button, Outgoing
from nlu.text import tokens

_SELF = {
    "em": "em", "e": "em", "cháu": "cháu", "chau": "cháu", "con": "con",
    "chị": "chị", "cô": "cô", "bác": "bác", "bà": "bà", "ông": "ông", "chú": "chú", "dì": "dì",
}  # fmt: skip
_OPENING = re.compile(
    r"(?:^|[.!?,;] |ạ |chị ơi |anh ơi |bác sĩ ơi )(em|cháu|chau|con)"
    r" (?!gái|trai|dâu|rể|của|nhỏ|bé|tôi|tui|mình|ấy|đó|này|chồng|bị (?:tôi|mình))"
    r"|\b(?:giúp|cứu|giup|cuu|chỉ|cho|với|nhà|chồng|ba|mẹ|bố) (em|cháu|con) (?:với|ạ|hỏi|đi|nè|$)"
)
_ELDER = re.compile(r"(?:^|[.!?,] )(bác|cô|bà|ông|chú|dì) (?:năm nay|già|ở|muốn hỏi|hỏi|bị|không biết chữ|đây|là)\b")


def form_of_address(text: str) -> str | None:
    """Return how the writer speaks of themselves ("em", "cháu", "bác" …), or None when it does not show."""
    plain = " ".join(tokens(text))
    found = _OPENING.search(plain)
    if found:
        return _SELF[found[1] or found[2]]
    elder = _ELDER.search(plain)
    return _SELF[elder[1]] if elder else None


def say(key: str, you: str = "bạn", **values: str) -> str:
    """Return the reply text `key` with `you` (and `You`, capitalised) put in."""
    return content.replies()[key].format(you=you, You=you[:1].upper() + you[1:], **values)


def message(*parts: str, buttons: tuple[Button, ...] = (), leave: bool = False, ask_location: bool = False) -> Outgoing:
    """Return one message from the parts that are not empty, a line each."""
    return Outgoing("\n".join(p for p in parts if p), buttons, leave, ask_location)


def button(key: str, payload: str) -> Button:
    """Return a button whose label is the reply text `key`."""
    return Button(content.replies()[key], payload)


def exit_button() -> Button:
    """Return the button that hides the conversation at once."""
    return button("exit.button", "exit")
