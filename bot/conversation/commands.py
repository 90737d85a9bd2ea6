"""Words that the bot itself tells people to type: they mean what it said, in each language."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.state import Heard
from bot.conversation.understanding import Understood
from nlu.text import normalise


def command(heard: Heard, language: str) -> Heard:
    """Return what was heard, understood as the command that it is; any other is left as it was."""
    said = heard.understood
    typed_words = normalise(heard.text).strip(" .!/")
    intent = _COMMANDS_IN.get(language, {}).get(typed_words) or _COMMANDS.get(typed_words)
    if intent:
        return replace(heard, understood=Understood(intent, 1.0, source="command"))
    if said.intent == "quick_exit" and heard.text and not any(c.isalpha() for c in heard.text):
        return replace(heard, understood=replace(said, intent="out_of_scope"))  # digits alone ask for nothing
    return heard


def ends(text: str, button: str | None = None) -> bool:
    """Tell whether this leaves or erases by a button or a typed command: no flood sets it aside."""
    words = normalise(text).strip(" .!/")
    known = (_COMMANDS, *_COMMANDS_IN.values())
    return button in _END_BUTTONS or any(table.get(words) in ("quick_exit", "erase_data") for table in known)


_END_BUTTONS = ("exit", "erase:ask", "erase:yes")
_COMMANDS = {
    "thoát": "quick_exit", "thoat": "quick_exit", "thoát nhanh": "quick_exit", "thoat nhanh": "quick_exit",
    "xóa": "erase_data", "xoa": "erase_data", "xóa hết": "erase_data", "xoa het": "erase_data",
    "ngừng": "unsubscribe", "ngung": "unsubscribe", "thôi": "deny", "khỏi": "deny", "không": "deny", "khong": "deny",
    "có": "affirm", "menu": "help",
    "dừng": "unsubscribe", "stop": "unsubscribe", "thôi không nhận nữa": "unsubscribe", "thoi khong nhan nua": "unsubscribe",
}  # fmt: skip
"""Words that the bot itself tells people to type mean what it said, whatever the model thinks of them."""

_COMMANDS_IN = {
    "en": {
        "exit": "quick_exit", "delete": "erase_data", "stop": "unsubscribe", "help": "help", "yes": "affirm", "ok": "affirm",
        "no": "deny", "thank you": "thank", "hello": "greet", "hi": "greet", "slogan": "ask_slogan", "privacy": "ask_privacy",
    }
}  # fmt: skip
"""… and in a language that somebody chose: there "no" is no Vietnamese "nó"."""
