"""The language of the answers: offered by its own name, kept with the conversation, forgotten with it."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.state import Conversation, Heard, Step, World
from bot.conversation.words import exit_button, language_button, message, say, speaking
from content.languages import NAMES, SOURCE, offered
from nlu.patterns import Pattern, Text


def offer(talk: Conversation, heard: Heard, world: World) -> Step:
    """Offer the languages; where one was asked for that is not ready yet, say so. The question that waits stays open."""
    wanted = "km" if _KHMER.search(Text(heard.text)) else ""
    missing = say("language.missing", value=NAMES[wanted]) if wanted and wanted not in offered() else ""
    below = tuple(map(language_button, offered()))
    return Step((message(missing, say("language.ask"), buttons=(*below, exit_button())),), talk)


def chosen(talk: Conversation, code: str) -> Step:
    """Answer in the language chosen from now on; any other code brings back Vietnamese."""
    talk = replace(talk, language=code if code in offered() else SOURCE)
    with speaking(talk.language):
        return Step((message(say("language.done", talk.you)),), talk)


def vietnamese(talk: Conversation, heard: Heard, world: World) -> Step:
    """Bring back Vietnamese."""
    return chosen(talk, SOURCE)


_KHMER = Pattern(["khmer|khơ me|[ក-៹]+"])
