"""Questions on law and concepts: facts in force today, with their source; nothing is guessed."""

from __future__ import annotations

from datetime import date
from functools import cache

import content
from bot.conversation.state import Conversation, Count, Heard, Step, World, rest
from bot.conversation.words import button, message, say
from content import Fact
from nlu.patterns import Pattern, Text


def answer(talk: Conversation, heard: Heard, world: World) -> Step:
    """Answer with at most three facts; say so where no fact fits, or none is in force on the day."""
    today = world.now.date()
    fitting = find_facts(heard.text)
    served = [f for f in fitting if in_force(f, today)][:3]
    aid = content.hotlines()["1900969680"]
    ask_free = f"Hỏi miễn phí: Trung tâm trợ giúp pháp lý nhà nước của tỉnh (qua Sở Tư pháp hoặc UBND xã). Cần người nghe: {aid.number} ({aid.cost})."
    if served:
        words = [
            say("law.head", talk.you),
            *(f"• {f.text}\n  ({f.source})" for f in served),
            say("law.tail", talk.you, aid=ask_free),
        ]
    elif fitting:
        words = [say("law.not_that_day", talk.you, day=f"{today:%d/%m/%Y}", aid=ask_free)]
    else:
        words = [say("law.none", talk.you, aid=ask_free)]
    words.append(say("law.if_you", talk.you))
    return Step(
        (message(*words, buttons=(button("menu.help_near", "near"),)),),
        rest(talk),
        (Count(f"asked:{heard.understood.intent}"),),
    )


def invite(talk: Conversation, heard: Heard, world: World) -> Step:
    """Start from the menu: what may be asked."""
    return Step((message(say("menu.law_ask", talk.you)),), rest(talk))


def find_facts(question: str) -> list[Fact]:
    """Return the facts that answer a question, best first, whatever the day."""
    text, known = Text(question), content.facts()
    ids = [i for pattern, facts in _table() if pattern.search(text) for i in facts]
    return [known[i] for i in dict.fromkeys(ids)][:4]


def in_force(fact: Fact, day: date) -> bool:
    """Tell whether a fact may be served on `day`."""
    return fact.in_force(day) and day <= content.review_by()


@cache
def _table() -> tuple[tuple[Pattern, tuple[str, ...]], ...]:
    return tuple((Pattern(row["about"]), tuple(row["facts"])) for row in content.answers())
