"""Questions on law and concepts: facts in force today, with their source; nothing is guessed."""

from __future__ import annotations

import content
from bot.conversation.library import as_list, aside, find_facts, served, theme_lines, topic_of
from bot.conversation.state import Conversation, Count, Heard, Step, World, rest
from bot.conversation.words import button, day, exit_button, message, say
from content import Fact


def answer(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer with at most three facts; say so where no fact fits, or none is in force on the day."""
    fitting = find_facts(heard.text, talk.told, talk.hurts)
    words = theme_lines(heard.text, talk.you, world.now.year) or [
        *_from_the_library(talk, fitting, world), say("law.if_you", talk.you)
    ]  # fmt: skip
    below = (button("menu.help_near", "near"),)
    counted = Count(f"topic:{topic_of(heard.text, fitting)}", talk.province)
    return Step((message(*words, buttons=below),), rest(talk), (counted,))


def answer_aside(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer a question asked in the middle in one plain sentence; the question that waits stays open."""
    words = aside(heard.text, talk.you, world.now.date(), talk.hurts, talk.types)
    if not words:
        return None
    return Step((message(*words, buttons=(exit_button(),)),), talk, (Count("asked:aside", talk.province),))


def _from_the_library(talk: Conversation, fitting: list[Fact], world: World) -> list[str]:
    you, today, aid = talk.you, world.now.date(), say("law.aid", talk.you)
    not_that_day = say("law.not_that_day", you, day=day(today), aid=aid)
    facts = served(fitting, today)
    if facts:
        lacks_fine = any(f.topic == "admin_fine" and not f.in_force(today) for f in fitting)
        return [say("law.head", you), *as_list(facts), not_that_day if lacks_fine else say("law.tail", you, aid=aid)]
    if today > content.review_by():
        return [say("law.review", you, aid=aid)]
    return [not_that_day if fitting else say("law.none", you, aid=aid)]


def invite(talk: Conversation, heard: Heard, world: World) -> Step:
    """Start from the menu: what may be asked."""
    return Step((message(say("menu.law_ask", talk.you)),), rest(talk))
