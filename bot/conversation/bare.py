"""What can be answered without any store: danger and telling in full, leaving, and an apology with the numbers for all else."""

from __future__ import annotations

from datetime import datetime

from bot.conversation import route
from bot.conversation.address import form_of_address
from bot.conversation.buttons import numbered
from bot.conversation.flows import danger
from bot.conversation.keywords import keyword_scores
from bot.conversation.safety import Alarm
from bot.conversation.state import Conversation, Flow, Heard, World
from bot.conversation.understanding import decide
from bot.conversation.words import message, say
from bot.messages import Incoming, Outgoing


def bare_replies(incoming: Incoming, alarm: Alarm | None, now: datetime, home: str) -> tuple[Outgoing, ...]:
    """Return the answers to one message of which nothing is known but its words; `alarm` is what the screen found in them."""
    talk = Conversation(you=form_of_address(incoming.text) or "bạn")
    said = decide(alarm, None if alarm else keyword_scores(incoming.text))
    world = World(now, lambda _: [], lambda: None, home)
    if alarm is None or not alarm.urgent:
        step = route.step(talk, Heard(incoming, said), world)
        answered = said.act == "act" and incoming.button is None
        leaves = any(reply.leave for reply in step.replies)
        return step.replies if answered or leaves else (message(say("trouble", talk.you)),)
    flow: Flow = danger.self_harm if alarm.intent == "self_harm" else danger.emergency
    return numbered(flow(talk, Heard(incoming, said), world)).replies
