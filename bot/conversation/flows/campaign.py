"""The action month for those who want it: slogan, theme, and the daily message."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import content
from bot.clock import VIETNAM, is_daytime
from bot.conversation.daily import agreed, as_hour, ask_consent, is_discreet, is_early
from bot.conversation.days import day_lines, day_named
from bot.conversation.entities import time_of_day
from bot.conversation.library import as_sentences, find_facts, served, theme_lines
from bot.conversation.offer import with_place
from bot.conversation.state import (
    Choose,
    Conversation,
    Count,
    Effect,
    Heard,
    Step,
    Subscribe,
    Unsubscribe,
    World,
    ask,
    rest,
)
from bot.conversation.words import button, exit_button, message, say
from content import poster
from content.seasons import slogans_on
from nlu.patterns import Pattern, Text
from referral_directory.events import Event
from referral_directory.events import line as event_line
from referral_directory.places import load

_SLOGAN = Pattern(["khẩu hiệu|slogan"])


def slogan(talk: Conversation, heard: Heard, world: World) -> Step:
    """Show the slogan of the day, today or the one that is named, verbatim."""
    return _slogan(replace(talk, slogan=0), day_named(heard.text, world.now.date()) or world.now.date())


def other_slogan(talk: Conversation, heard: Heard, world: World) -> Step:
    """Show another slogan than the last."""
    return _slogan(replace(talk, slogan=talk.slogan + 1), world.now.date())


def _slogan(talk: Conversation, day: date) -> Step:
    """Show a slogan of a day; after a disclosure only those that may stand beside it."""
    known = [s for s in slogans_on(day) if not talk.told or s.around_disclosure]
    shown = known[talk.slogan % len(known)]
    below = (button("slogan.other", "slogan:other"), *(() if talk.told else (button("menu.subscribe", "subscribe"),)))
    told = message(say("slogan.today", talk.you, slogan=shown.as_shown(day), source=shown.plan), buttons=below)
    if shown.around_disclosure and not talk.told:
        drawn = poster.of_slogan(shown, day)
        told = replace(told, card=(drawn.text, *drawn.foot))
    return Step((told,), rest(talk), (Count("asked:ask_slogan", talk.province),))


def today(talk: Conversation, heard: Heard, world: World) -> Step:
    """Tell what day it is, what is to come in the person's commune, and the slogan of the day."""
    step = slogan(talk, heard, world)
    words = [_what_day(talk, world.now.date()), *([] if talk.told else _announced(talk, *world.events(talk.commune)))]
    (shown,) = step.replies
    text = "\n".join(part for part in (*words, shown.text) if part)
    return replace(step, replies=(replace(shown, text=text),))


def _what_day(talk: Conversation, day: date) -> str:
    """Return the sentence on what is observed on a day; "" for a day like others."""
    days = content.observances(day)
    return say("campaign.today", talk.you, days="; ".join(days)) if days else ""


def may_i(talk: Conversation, heard: Heard, world: World) -> Step:
    """Tell somebody who asks with their age: help is for every age, and from which age the messages are.

    The young and who told read of help alone, the young that nothing of theirs is kept. Others may subscribe: by the
    question of consent that waits, asked again, or by a button where they do not get the messages yet.
    """
    for_all = say("may_i.help", talk.you)
    near = button("menu.help_near", "near")
    if talk.young or talk.told:
        kept = say("young.nothing_kept", talk.you) if talk.young else ""
        return Step((message(for_all, kept, buttons=(near, exit_button())),), talk)
    messages = say("may_i.messages", talk.you)
    waits, _, value = talk.asked.partition(":")
    if waits == "consent" and (minute := agreed(value)) is not None:
        asked = ask_consent(talk, heard, minute)
        again = message(messages, asked.replies[0].text, for_all, buttons=asked.replies[0].buttons)
        return replace(asked, replies=(again,))
    to_subscribe = (button("menu.subscribe", "subscribe"),) if world.subscribed() is None else ()
    return Step((message(messages, for_all, buttons=(*to_subscribe, near)),), talk)


def about(talk: Conversation, heard: Heard, world: World) -> Step:
    """Tell what the action month is, its theme and what day it is today."""
    today = world.now.date()
    if _SLOGAN.search(Text(heard.text)):
        return slogan(talk, heard, world)
    asked = theme_lines(heard.text, talk.you, world.now.year) or day_lines(heard.text, talk.you, today)
    fitting = [f for f in find_facts(heard.text) if f.topic in ("action_month", "state")]
    if asked:
        words = asked
    elif fitting and fitting[0].id != "am-what":
        words = as_sentences(served(fitting, today))
    else:
        about_month = content.current("am-what", "am-orange", "am-ribbon", day=today)
        words = [
            *as_sentences(about_month),
            *theme_lines("chủ đề", talk.you, world.now.year),
            _what_day(talk, today),
        ]
    below = (button("menu.slogan", "slogan"), button("menu.subscribe", "subscribe"))
    words = words or [say("law.review", talk.you, aid="")]
    talk = with_place(talk, heard.understood.place)
    if not asked:
        words += _announced(talk, *world.events(talk.commune))
    return Step(
        (message(*words, buttons=() if talk.told else below),),
        rest(talk),
        (Count("asked:ask_campaign", talk.province),),
    )


def events(talk: Conversation, heard: Heard, world: World) -> Step:
    """Tell what happens in the person's commune, or ask which commune it is."""
    place = heard.understood.place
    talk = with_place(talk, place)
    told = place.code if place else talk.commune
    commune, found = world.events(told) if told or place is None else (None, [])
    if commune is None:
        return Step((message(say("campaign.events_where", talk.you)),), ask(talk, "events"))
    known = load().commune(commune)
    none = say("campaign.events_none", talk.you, commune=known.label if known else "")
    words = _announced(talk, commune, found) or [none]
    below = () if talk.told else (button("menu.slogan", "slogan"),)
    return Step((message(*words, buttons=below),), rest(talk), (Count("asked:ask_campaign", talk.province),))


def _announced(talk: Conversation, commune: int | None, found: list[Event]) -> list[str]:
    """Return the lines on what is to come in a commune; nothing where nothing is."""
    known = load().commune(commune) if commune else None
    if known is None or not found:
        return []
    return [say("campaign.events", talk.you, commune=known.label), *(event_line(one, VIETNAM) for one in found)]


def subscribe(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask consent before anything is kept; an hour in the message is taken."""
    minute = time_of_day(heard.text)
    already = world.subscribed()
    if minute is None and already is not None:
        return Step((message(say("subscribe.already", talk.you, hour=as_hour(already))),), rest(talk))
    return ask_consent(talk, heard, minute)


def consented(talk: Conversation, payload: str, world: World) -> Step:
    """The answer to the consent question: a minute of the day, or anything else for no."""
    minute = agreed(payload)
    if minute is None:
        return Step((message(say("subscribe.dropped", talk.you)),), rest(talk))
    kept: tuple[Effect, ...] = (Subscribe(minute), Count("subscribed"))
    if is_discreet(payload):
        kept = (*kept, Choose(discreet=True))
    return Step((message(say("subscribe.done", talk.you, hour=as_hour(minute))),), rest(talk), kept)


def unsubscribe(talk: Conversation, heard: Heard, world: World) -> Step:
    """Stop the daily message at once; never ask why."""
    if world.subscribed() is None:
        return Step((message(say("unsubscribe.none", talk.you)),), rest(talk), (Unsubscribe(),))
    return Step((message(say("unsubscribe.done", talk.you)),), rest(talk), (Unsubscribe(),))


def change(talk: Conversation, heard: Heard, world: World) -> Step:
    """Change the hour of the daily message; who told of violence and gets none is offered none."""
    minute = time_of_day(heard.text)
    if world.subscribed() is None and talk.told:
        below = (button("menu.help_near", "near"), exit_button())
        return Step((message(say("subscribe.none_told", talk.you), buttons=below),), talk)
    if world.subscribed() is None:
        offered = subscribe(talk, heard, world)
        none = message(say("subscribe.none", talk.you), offered.replies[0].text, buttons=offered.replies[0].buttons)
        return replace(offered, replies=(none,))
    if minute is None:
        return Step((message(say("subscribe.ask_hour", talk.you)),), ask(talk, "hour"))
    if is_early(minute):
        return ask_consent(talk, heard, minute)
    if not is_daytime(minute):
        return Step((message(say("subscribe.night", talk.you)),), ask(talk, "hour"))
    return Step((message(say("subscribe.changed", talk.you, hour=as_hour(minute))),), rest(talk), (Subscribe(minute),))


def hour_told(talk: Conversation, heard: Heard, world: World) -> Step:
    """The answer to "at what hour"."""
    return change(talk, heard, world) if world.subscribed() is not None else subscribe(talk, heard, world)
