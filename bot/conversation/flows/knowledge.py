"""Questions on law and concepts: facts in force today, with their source; nothing is guessed."""

from __future__ import annotations

from datetime import date

import content
from bot.conversation.days import day_named
from bot.conversation.library import (
    as_list,
    aside,
    find_facts,
    lacks_fine,
    no_amount,
    served,
    theme_lines,
    topic_of,
)
from bot.conversation.state import Conversation, Count, Heard, Step, World, rest
from bot.conversation.words import button, exit_button, message, say
from content import Fact


def answer(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer with at most three facts; say so where no fact fits, or none is in force on the day."""
    fitting = find_facts(heard.text, talk.told, talk.hurts)
    words = theme_lines(heard.text, talk.you, world.now.year) or [
        *_from_the_library(talk, fitting, day_named(heard.text, world.now.date()), world),
        say("law.told" if talk.told else "law.if_you", talk.you),
    ]  # fmt: skip
    below = (button("menu.help_near", "near"), *((exit_button(),) if talk.told else ()))
    counted = Count(f"topic:{topic_of(heard.text, fitting)}", talk.province)
    return Step((message(*words, buttons=below),), rest(talk), (counted,))


def answer_aside(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer a question asked in the middle in one plain sentence; the question that waits stays open."""
    words = aside(heard.text, talk.you, world.now.date(), talk.hurts, talk.types)
    if not words:
        return None
    return Step((message(*words, buttons=(exit_button(),)),), talk, (Count("asked:aside", talk.province),))


def _from_the_library(talk: Conversation, fitting: list[Fact], named: date | None, world: World) -> list[str]:
    """Return what holds on the day that the question names, else today."""
    you, today, aid = talk.you, world.now.date(), say("law.aid", talk.you)
    about = named or today
    facts = served(fitting, about, today)
    if facts:
        tail = no_amount(about, you) if lacks_fine(fitting, about) else say("law.tail", you, aid=aid)
        return [say("law.head", you), *as_list(facts), tail]
    if max(about, today) > content.review_by():
        return [say("law.review", you, aid=aid)]
    return [no_amount(about, you) if fitting else say("law.none", you, aid=aid)]


def invite(talk: Conversation, heard: Heard, world: World) -> Step:
    """Start from the menu: what may be asked."""
    return Step((message(say("menu.law_ask", talk.you)),), rest(talk))
