"""What a message means with nothing before it: whether it stands alone after a pause, and whether a word says anything at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.conversation.flows import smalltalk
from bot.conversation.helping import go_on
from bot.conversation.keywords import keyword_scores
from bot.conversation.safety import screen
from bot.conversation.state import Conversation, Count, Flow, Heard, Step, World
from bot.conversation.understanding import decide
from referral_directory.places import find_place

Attempt = Callable[[Conversation, Heard, World], Step | None]
"""One that may have an answer."""
SMALL_TALK = ("greet", "goodbye", "thank", "affirm", "deny", "help", "out_of_scope")


def stands_alone(order: tuple[Attempt, ...], anew: Conversation, heard: Heard, world: World) -> bool:
    """Tell whether a message is answered by something of its own: no small talk, and no answer to a question of before.

    The last of `order` answers by the intent alone.
    """
    if heard.incoming.button is not None:
        kind = heard.incoming.button.partition(":")[0]
        return kind not in _ANSWERS or heard.incoming.button == "subscribe"
    attempt = next(attempt for attempt in order if attempt(anew, heard, world))
    small = attempt is order[-1] and heard.understood.intent in SMALL_TALK
    return not (small or attempt is nothing_to_read or heard.understood.entities.get("phones"))


_ANSWERS = ("place", "subscribe", "callback", "told", "not_this", "erase", "avoid", "beside", "all")
"""What buttons begin with that mean nothing without what was said before them."""


def is_known(step: Flow, talk: Conversation, word: str, heard: Heard, world: World) -> bool:
    """Tell whether a word typed alone would be answered as anything at all, by the model's reading or by plain words."""
    if find_place(word, expecting=True, near=world.home or None):
        return True
    said = heard.understood.entities.get("word") or decide(screen(word), keyword_scores(word))
    alone = replace(heard, incoming=replace(heard.incoming, text=word), understood=said)
    answered = step(Conversation(you=talk.you, language=talk.language), alone, world)
    return not any(isinstance(e, Count) and e.what == "asked:out_of_scope" for e in answered.effects)


def nothing_to_read(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Answer a sticker, a photo or a dot, which say nothing."""
    if any(c.isalnum() for c in heard.text):
        return None
    return go_on(talk, heard, world) or smalltalk.unreadable(talk, heard, world)
