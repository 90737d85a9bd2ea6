"""Texts of `content/replies`, filled in and spoken to the person as they are addressed, in the language they chose.

Only here words become a language: a step is taken inside `speaking(language)`, and every text said there comes out in it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date

from bot.messages import Button, Outgoing
from content import languages


@dataclass(frozen=True, slots=True)
class _Voice:
    language: str = languages.SOURCE
    kept: list[str] = field(default_factory=list)
    """What was said in Vietnamese to somebody who chose another language."""
    labels: dict[str, str] = field(default_factory=dict)
    """Labels of the buttons offered in another language, and what the Vietnamese texts call them."""


_NO_LINES: Mapping[str, str] = {}
_VOICE: ContextVar[_Voice] = ContextVar("voice")


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say what is said inside the block in `language`; in Vietnamese where that is none to choose."""
    before = _VOICE.set(_Voice(language if language in languages.offered() else languages.SOURCE))
    try:
        yield
    finally:
        _VOICE.reset(before)


def say(key: str, you: str = "bạn", **values: str) -> str:
    """Return the text `key` with `you` (and `You`, capitalised) put in."""
    voice = _voice()
    text, language = languages.text(key, voice.language)
    said = text.format(you=you, You=you[:1].upper() + you[1:], **values)
    if language != voice.language:
        voice.kept.append(said)
    return said


def message(*parts: str, buttons: tuple[Button, ...] = (), leave: bool = False, ask_location: bool = False) -> Outgoing:
    """Return one message from the parts that are not empty, a line each."""
    text = "\n".join(p for p in parts if p)
    return Outgoing(text, buttons, leave, ask_location, language=_voice().language)


def button(key: str, payload: str) -> Button:
    """Return a button whose label is the reply text `key`."""
    label, voice = say(key), _voice()
    voice.labels[label] = languages.text(key, languages.SOURCE)[0]
    return Button(label, payload)


def exit_button() -> Button:
    """Return the button that hides the conversation at once."""
    return button("exit.button", "exit")


def language_button(code: str) -> Button:
    """Return the button that chooses a language, named as its speakers name it."""
    return Button(languages.NAMES[code], f"language:{code}")


def explained(replies: tuple[Outgoing, ...], lines: Mapping[str, str] = _NO_LINES) -> tuple[Outgoing, ...]:
    """Return the replies; where one holds what had to stay Vietnamese, the numbers go before it.

    `lines` are told too where such a text names their number; a button that it names bears that name as well.
    """
    voice = _voice()
    if not voice.kept:
        return replies
    vietnamese = "\n".join(voice.kept)
    head = message(say("language.safety"), *(line for number, line in lines.items() if number in vietnamese)).text
    told = [replace(r, buttons=tuple(_named(b, vietnamese) for b in r.buttons)) for r in replies]
    return tuple(replace(r, text=f"{head}\n{r.text}") if any(k in r.text for k in voice.kept) else r for r in told)


def _named(shown: Button, vietnamese: str) -> Button:
    name = _voice().labels.get(shown.label, shown.label)
    return replace(shown, label=f"{name} / {shown.label}") if name != shown.label and name in vietnamese else shown


def quoted() -> str:
    """Return the line that says in another language that law and slogans are quoted in Vietnamese; "" in Vietnamese."""
    return "" if _voice().language == languages.SOURCE else say("language.quoted")


def day(of: date) -> str:
    """Return a day as the person's language writes it."""
    return languages.day(of, _voice().language)


def weekday(of: date) -> str:
    """Return the day of the week."""
    return languages.weekday(of, _voice().language)


def day_of_month(of: date) -> str:
    """Return a day without its year."""
    return languages.day_of_month(of, _voice().language)


def tongue(code: str, vietnamese: str) -> str:
    """Return the name of a language, by its code; the Vietnamese name where no other is known."""
    language = _voice().language
    return vietnamese if language == languages.SOURCE else languages.tongue(code, language) or vietnamese


def _voice() -> _Voice:
    return _VOICE.get(_Voice())
