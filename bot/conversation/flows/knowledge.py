"""Questions on law and concepts: facts in force today, with their source; nothing is guessed."""

from __future__ import annotations

import content
from bot.conversation.library import aside, find_facts, served, theme_lines
from bot.conversation.state import Conversation, Count, Heard, Step, World, rest
from bot.conversation.words import button, exit_button, message, say


def answer(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer with at most three facts; say so where no fact fits, or none is in force on the day."""
    words = theme_lines(heard.text, talk.you, world.now.year) or [
        *_from_the_library(talk, heard, world), say("law.if_you", talk.you)
    ]  # fmt: skip
    below = (button("menu.help_near", "near"),)
    return Step((message(*words, buttons=below),), rest(talk), (Count(f"asked:{heard.understood.intent}"),))


def answer_aside(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer a question asked in the middle in one plain sentence; the question that waits stays open."""
    words = aside(heard.text, talk.you, world.now.date(), talk.hurts, talk.types)
    return Step((message(*words, buttons=(exit_button(),)),), talk, (Count("asked:aside"),)) if words else None


def _from_the_library(talk: Conversation, heard: Heard, world: World) -> list[str]:
    you, today, aid = talk.you, world.now.date(), say("law.aid", talk.you)
    fitting = find_facts(heard.text, talk.told, talk.hurts)
    facts = served(fitting, today)
    if facts:
        told = [f"• {f.text}\n  ({f.source})" for f in facts]
        return [say("law.head", you), *told, say("law.tail", you, aid=aid)]
    if today > content.review_by():
        return [say("law.review", you, aid=aid)]
    if fitting:
        return [say("law.not_that_day", you, day=f"{today:%d/%m/%Y}", aid=aid)]
    return [say("law.none", you, aid=aid)]


def invite(talk: Conversation, heard: Heard, world: World) -> Step:
    """Start from the menu: what may be asked."""
    return Step((message(say("menu.law_ask", talk.you)),), rest(talk))
