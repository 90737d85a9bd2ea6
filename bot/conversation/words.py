"""Texts of `content/replies`, filled in and spoken to the person as they are addressed."""

from __future__ import annotations

import content
from bot.messages import Button, Outgoing


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
