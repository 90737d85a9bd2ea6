"""A person of flesh and blood calls back: only as and when the person says it is safe."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.offer import ask_place, talk_line
from bot.conversation.state import Conversation, Count, Heard, RequestCallback, Step, World, ask, rest
from bot.conversation.understanding import Understood
from bot.conversation.words import button, exit_button, message, say
from bot.messages import Incoming


def offer(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask how and when it is safe to call."""
    asked = message(say("callback.ask", talk.you), buttons=(button("callback.no", "callback:no"), exit_button()))
    return Step((asked,), ask(talk, "callback"), (Count("asked:callback"),))


def words_given(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person's own words: held (sealed) for this one question of consent only."""
    below = (button("callback.yes", "callback:yes"), button("callback.no", "callback:no"))
    asked = message(say("callback.consent", talk.you), buttons=below)
    return Step((asked,), replace(talk, asked="callback_consent", draft=heard.text[:1_000]))


def words_added(talk: Conversation, heard: Heard, world: World) -> Step:
    """More words before the consent, "9h sáng nha": they belong to the same call-back."""
    more = f"{talk.draft}; {heard.text}"
    return words_given(talk, replace(heard, incoming=replace(heard.incoming, text=more)), world)


def consented(talk: Conversation, payload: str, world: World) -> Step:
    """Keep the request, or drop it; then ask for the commune so that the right staff see it.

    Who wishes not to meet people of their commune is not read by its staff: the request goes to no commune.
    """
    if payload != "yes":
        return Step((message(say("callback.dropped", talk.you), talk_line(talk, world.now)),), rest(talk))
    if not talk.draft:
        return offer(talk, Heard(Incoming("", "", ""), Understood()), world)
    kept = RequestCallback(talk.draft, None if talk.avoid else talk.commune)
    done = message(say("callback.done", talk.you))
    talk = replace(talk, draft="")
    if talk.commune:
        return Step((done,), rest(talk), (kept, Count("callback")))
    asked, talk = ask_place(talk, say("callback.place", talk.you))
    return Step((done, asked), replace(talk, asked="callback_place"), (kept, Count("callback")))
