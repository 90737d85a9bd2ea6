"""Receive one message: danger first, then once, one at a time, understood, stored together, sent by the door."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from bot.clock import VIETNAM, Clock
from bot.conversation import route
from bot.conversation.bare import bare_replies
from bot.conversation.commands import ends
from bot.conversation.entities import entities
from bot.conversation.flows.safe_word import plain, word_in
from bot.conversation.flows.smalltalk import menu
from bot.conversation.keywords import keyword_scores
from bot.conversation.long_texts import LongTexts
from bot.conversation.order import A_SECOND_THERE, AT_ONCE_THERE, Answered, Lane, Meter, Queue, Wanted
from bot.conversation.safety import Alarm, screen
from bot.conversation.state import (
    Choose,
    Conversation,
    Count,
    Effect,
    Forget,
    Heard,
    PlaceCallback,
    Receipt,
    RequestCallback,
    SafeWord,
    Step,
    Subscribe,
    Unsubscribe,
    World,
)
from bot.conversation.understanding import Scores, Understanding, Understood, decide
from bot.delivery.door import Door
from bot.errors import ChannelError, StoreUnavailable, UnderstandingDown
from bot.log import log
from bot.messages import TEXT_LIMIT, Incoming, shortened
from bot.store import callbacks, people, replies
from bot.store.engine import empty_journal, reading, transaction
from bot.store.keys import Keys
from bot.store.replies import Parcel
from referral_directory import book, events
from referral_directory.desks import reader_of
from referral_directory.events import Event
from referral_directory.places import find_place

_Found = TypeVar("_Found")
EVENT_DAYS = 30
"""How far ahead events of a commune are announced."""
URGENT_SECONDS = 2.5
"""Somebody in danger never waits longer than this for the stores."""
PLAIN_SECONDS = 12.0
"""… nor anybody else longer than this, after a look at a very long text: the page sends a message again after 20."""
URGENT_MODEL_SECONDS = 0.5
"""… nor than this for the model, which can only add who and what kind to the alarm."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a turn works with; built once in `bot.app`."""

    people: Engine
    directory: Engine
    keys: Keys
    understanding: Understanding
    door: Door
    now: Clock
    home: str
    plain: Lane
    urgent: Lane
    metered: Collection[str] = ()
    """Channels on which strangers write; what is typed or piped in on this machine is not slowed."""
    queue: Queue = field(default_factory=Queue)
    answered: Answered = field(default_factory=Answered)
    meter: Meter = field(default_factory=Meter)
    long_texts: LongTexts = field(default_factory=LongTexts)
    """Reads whole what is longer than any platform lets through, where its two ends held no danger; not what comes in a flood,
    of one person or from one address."""
    crowd: Meter = field(default_factory=lambda: Meter(AT_ONCE_THERE, A_SECOND_THERE, shared=True))


async def receive(machine: Machine, incoming: Incoming) -> None:
    """Answer one message of one person. Never raises.

    The same message is silent the second time: told by its id, of a cry by its id and words.
    """
    whole, incoming = incoming.text, replace(incoming, text=shortened(incoming.text))
    alarm = screen(incoming.text)
    paced = not ends(incoming.text, incoming.button)
    wait = machine.meter.wait(incoming, time.monotonic()) if paced and incoming.channel in machine.metered else 0.0
    if wait is None:  # a flood: danger is still answered, by the screen alone; nothing else but an end is
        await _send(machine, incoming, alarm, None if alarm and incoming not in machine.answered else [])
        return
    crowd = machine.crowd.wait(incoming, time.monotonic()) if paced and incoming.address else 0.0
    if crowd is None:  # too many at one address: nobody is refused, but what is said needs neither model nor store
        await _send(machine, incoming, alarm, [] if incoming in machine.answered else None)
        return
    if len(whole) > TEXT_LIMIT and not (alarm and alarm.urgent):
        alarm = await machine.long_texts.screen(whole) or alarm
    urgent = alarm is not None and alarm.urgent
    lane, wait = machine.urgent if urgent else machine.plain, max(wait, crowd)
    with machine.queue.place(incoming, urgent) as place:
        try:
            if wait and not alarm:
                await asyncio.sleep(wait)
            async with asyncio.timeout(lane.seconds):  # the wait for an earlier message and for a place too
                await place.turn()
                async with lane.places:
                    if incoming in machine.answered:
                        return
                    parcels = await _turn(machine, lane, incoming, alarm)
            machine.answered.add(incoming)
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("turn_without_store", error=type(error).__name__)
            parcels = None
        except Exception as error:  # whatever breaks, the person gets an answer
            log.error("turn_failed", error=type(error).__name__)
            parcels = None
        place.turned.set()
        await place.exit(lane.seconds)
        await _send(machine, incoming, alarm, parcels)


async def _send(machine: Machine, incoming: Incoming, alarm: Alarm | None, parcels: list[Parcel] | None) -> None:
    """Send the answers of a turn, or what can be said without one."""
    try:
        if parcels is None:
            await _answer_without_store(machine, incoming, alarm)
        else:
            await machine.door.send(parcels)
            if parcels and parcels[0].id == 0:  # forgotten: what waits for the page, or stands on the screen, goes too
                await machine.door.channels[incoming.channel].clear(incoming.chat, parcels[0].erases)
    except Exception as error:  # the rows are stored: the door sends them again
        log.error("answer_failed", error=type(error).__name__)


async def understand(understanding: Understanding, text: str, alarm: Alarm | None, home: str = "") -> Understood:
    """Return what a text says: screen, model (or keywords), rules. The path of `tincay predict` and of a live message.

    `alarm` is what `screen(text)` gave: a live message was screened before anything else.
    """
    text, urgent = shortened(text), alarm is not None and alarm.urgent
    place = find_place(text, near=home or None)
    try:
        async with asyncio.timeout(URGENT_MODEL_SECONDS if urgent else None):
            said = decide(alarm, await _scores(understanding, text))
            rest = without_place(text) if place and said.act != "act" else ""
            if rest:  # names of places drown a few words of telling
                alone = decide(alarm, await _scores(understanding, rest))
                said = alone if alone.act == "act" else said
    except (UnderstandingDown, TimeoutError):
        said = decide(alarm, None if urgent else keyword_scores(text))
    if urgent and not said.types and alarm:
        said = replace(said, types=alarm.types)
    return replace(said, place=place, entities=entities(text), alarmed=alarm is not None)


async def _scores(understanding: Understanding, text: str) -> Scores | None:
    return await understanding.scores(text) if any(c.isalnum() for c in text) else None


def without_place(text: str) -> str:
    """Return the clauses of a message that are no place: what is left of ``"chồng đánh em ở Cẩm Tân, Thanh Hóa"``."""
    clauses = re.split(r"[,;.\n]|(?<!\w)(?:ở|Ở|tại|o) ", text)
    kept = [c.strip() for c in clauses if len(c.split()) > 1 and find_place(c, expecting=True) is None]
    return ", ".join(kept) if len(kept) < len(clauses) else ""


async def _turn(machine: Machine, lane: Lane, incoming: Incoming, alarm: Alarm | None) -> list[Parcel]:
    said = await _understood(machine, incoming.text, alarm)
    wanted = Wanted()
    cry = incoming.text if alarm and alarm.urgent else ""
    step = lane.store(_store_step, machine, incoming, said, cry, wanted)
    try:
        return await asyncio.shield(step)
    except asyncio.CancelledError:
        if not wanted.give_up():
            return await step  # it is being kept in this moment: it is the answer
        step.cancel()
        raise


async def _understood(machine: Machine, text: str, alarm: Alarm | None) -> Understood:
    """Return what a message says; with it what a new safe word says alone, so that no cry for help becomes one."""
    if not text or ends(text):
        return decide(alarm, keyword_scores(text)) if text else Understood()
    said = await understand(machine.understanding, text, alarm, machine.home)
    word = word_in(text)
    if not word:
        return said
    alone = await understand(machine.understanding, word, screen(word), machine.home)
    return replace(said, entities={**said.entities, "word": alone})


def _store_step(machine: Machine, incoming: Incoming, said: Understood, cry: str, wanted: Wanted) -> list[Parcel]:
    """Take one step and keep it, its message id and its replies together, or nothing of it."""
    now = machine.now()
    with transaction(machine.people) as db, wanted:
        who = people.meet(db, machine.keys, incoming.channel, incoming.chat, now)
        if incoming.left:
            people.mark_gone(db, who)
            return []
        if not people.is_new(db, machine.keys, who, incoming.message_id, now, cry):
            return []
        if incoming.text and people.is_safe_word(db, machine.keys, who, plain(incoming.text)):
            incoming = replace(incoming, text="", button="exit")
        talk = Conversation.from_json(people.state_of(db, machine.keys, who, now))
        world = World(
            now,
            lambda commune: _directory(machine, lambda db: book.entries_of(db, commune)),
            lambda: people.subscribed_at(db, who),
            machine.home,
            beside=lambda commune, others: _directory(machine, lambda db: book.entries_of(db, commune, others)),
            of_province=lambda province: _directory(machine, lambda db: book.entries_of_province(db, province)),
            events=lambda commune: _events(machine, commune or people.commune_of(db, who), now),
            can_delete=getattr(machine.door.channels.get(incoming.channel), "can_delete", False),
            receipts=lambda: [
                Receipt(purpose, version, datetime.fromtimestamp(at, VIETNAM).date())
                for purpose, version, at in people.consents(db, who)
            ],
            reader=lambda commune: _reader(machine, commune),
        )
        step = route.step(talk, Heard(incoming, said), world)
        parcels = _keep(db, machine, who, incoming, talk, step)
    if _forgets(step) or any(reply.leave for reply in step.replies):
        empty_journal(machine.people)
    return parcels


def _forgets(step: Step) -> bool:
    return any(isinstance(effect, Forget) for effect in step.effects)


def _keep(
    db: Connection, machine: Machine, who: int, incoming: Incoming, before: Conversation, step: Step
) -> list[Parcel]:
    """Keep what a step asks for, the state after it, and its replies; return these as they are to be sent."""
    now, talk = machine.now(), step.talk
    since = now.timestamp() - replies.DELETABLE_SECONDS
    erases = tuple(replies.sent_ids(db, machine.keys, who, since)) if _forgets(step) else ()
    first_screen = {choice.payload for choice in menu()}
    offered = {payload for _, payload in before.offered} or first_screen
    made_up = incoming.button is not None and incoming.button not in offered
    for effect in step.effects:
        if not (made_up and isinstance(effect, Count)):  # only buttons of the last answer count, and once
            _apply(db, machine, who, effect)
    if len(talk.avoided) > len(before.avoided):
        callbacks.withdraw_callback(db, who)
    _guard_campaign(db, who, before, step)
    if _forgets(step):
        return [Parcel(0, 0, incoming.channel, incoming.chat, reply, 0, erases) for reply in step.replies]
    if any(reply.leave for reply in step.replies):
        people.drop_state(db, who)
    else:
        kept = replace(talk, at=now.timestamp(), page=incoming.page)
        people.keep_state(db, machine.keys, who, kept.as_json(), now, brief=talk.young)
    ids = machine.door.put(db, who, incoming.channel, step.replies, now)
    return [
        Parcel(i, who, incoming.channel, incoming.chat, reply, 0) for i, reply in zip(ids, step.replies, strict=True)
    ]


def _events(machine: Machine, commune: int | None, now: datetime) -> tuple[int | None, list[Event]]:
    """Return what is announced in a commune for the coming weeks."""
    since, until = now.timestamp() - events.LASTS, now.timestamp() + EVENT_DAYS * 86_400.0
    if commune is None:
        return None, []
    return commune, _directory(machine, lambda db: events.announced(db, since, until, commune))


def _directory(machine: Machine, read: Callable[[Connection], list[_Found]]) -> list[_Found]:
    """Return the entries that `read` finds; without the directory the lines that everybody can call are left."""
    try:
        with reading(machine.directory) as db:
            return read(db)
    except StoreUnavailable:
        log.warning("directory_unavailable")
        return []


def _reader(machine: Machine, commune: int | None) -> str:
    """Return who reads the call-back requests of a commune; while the directory is away, those who did before."""
    try:
        with reading(machine.directory) as db:
            return reader_of(db, commune, machine.home)
    except StoreUnavailable:
        return "commune"


def _guard_campaign(db: Connection, who: int, before: Conversation, step: Step) -> None:
    """After telling, and after a quick exit, no message comes by itself until the person asks; then none on violence."""
    subscribes = any(isinstance(e, Subscribe) for e in step.effects)
    tells = step.talk.told and not before.told
    if tells or (subscribes and (step.talk.told or step.talk.guarded)):
        people.hush(db, who)
    if tells and not subscribes:
        people.silence(db, who)
    if any(reply.leave for reply in step.replies):
        people.silence(db, who)


def _apply(db: Connection, machine: Machine, who: int, effect: Effect) -> None:
    now = machine.now()
    match effect:
        case Subscribe(minute):
            people.subscribe(db, who, minute, now)
        case Choose():
            people.choose(db, who, now, effect.pause_days, **effect.columns())
        case Unsubscribe():
            people.unsubscribe(db, who)
        case RequestCallback(words, commune):
            callbacks.request_callback(db, machine.keys, who, commune, words, now)
            people.agree(db, who, "callback", now)
        case PlaceCallback(commune):
            callbacks.place_callback(db, who, commune)
        case SafeWord(word):
            people.keep_safe_word(db, machine.keys, who, word)
        case Count(what, province):
            people.add_count(db, what, province, now)
        case Forget():
            people.forget(db, who)


async def _answer_without_store(machine: Machine, incoming: Incoming, alarm: Alarm | None) -> None:
    """Send at once what needs no database: the answer to danger, or the numbers with an apology."""
    channel = machine.door.channels.get(incoming.channel)
    if channel is None or incoming.left:
        return
    with contextlib.suppress(ChannelError):
        for reply in bare_replies(incoming, alarm, machine.now(), machine.home):
            await channel.send(incoming.chat, reply)
            machine.answered.add(incoming)
