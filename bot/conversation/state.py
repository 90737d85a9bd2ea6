"""Where a conversation stands, what one step gives back, and what a step may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from bot.conversation.understanding import Understood
from bot.messages import Incoming, Outgoing
from content.languages import SOURCE
from referral_directory.events import Event
from referral_directory.routing import Entry

CHILD_KINDS = frozenset({"child", "school"})
"""Kinds of violence that concern children."""


@dataclass(frozen=True, slots=True)
class Quiz:
    """How far somebody is in the quiz of the day, and what their week adds up to."""

    day: str = ""
    asked: int = 0
    right: int = 0
    week: str = ""
    week_right: int = 0
    week_days: int = 0
    streak: int = 0
    """Days in a row, for those who wanted them counted; 0 for everybody else."""
    last: str = ""
    """The last day that was finished."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that is kept between two messages of one person (sealed, 30 days). Never their words."""

    you: str = "bạn"
    """How the person is addressed: bạn, em, cháu, con, chị, cô, bác …"""
    asked: str = ""
    """The one question that waits for an answer, or ""."""
    commune: int | None = None
    province: str = ""
    types: tuple[str, ...] = ()
    reporter: str = "none"
    told: bool = False
    guarded: bool = False
    """Something was told before a pause: no answer shows it, and no message comes by itself as after any telling."""
    avoided: tuple[int, ...] = ()
    """Communes of which the person does not want to meet anybody, 0 for whichever is theirs; no later words undo it."""
    by_link: bool = False
    """The commune came with a link, not from the person: nobody there is sent a call-back."""
    skipped: bool = False
    """The person did not want to tell where they are; they are not asked again after telling more."""
    wanted: str = ""
    """The kind of service asked for while the place question waits, or "change" for somebody who hurts."""
    offered: tuple[tuple[str, str], ...] = ()
    """Buttons of the last answer (label, payload), so that "2" works where there are no buttons."""
    hurts: bool = False
    """The person hurts somebody, or looks for one who fled: no refuge is ever shown."""
    answered: tuple[str, ...] = ()
    """Labels that had their first answer on `answered_on`, in order; a repeat is answered anew, and shorter."""
    answered_on: str = ""
    slogan: int = 0
    """How many other slogans the person asked for."""
    quiz: Quiz = Quiz()
    needs: tuple[str, ...] = ()
    """What was told that decides where to send them: keys of `terms.TAKES`, "overnight", codes of languages."""
    language: str = SOURCE
    """What the person chose to read; forgotten with the conversation."""
    shown: tuple[int, ...] = ()
    """Communes whose places were shown on `shown_on`: the directory is not read out to one person."""
    shown_on: str = ""
    draft: str = field(default="", repr=False)
    """Words for a call-back that wait for the person's consent; dropped with the next step, and with a pause."""

    call_left: bool = False
    """A call-back was left in this conversation: its receipt may be named; after a pause or an exit no more."""
    young: bool = False
    """The person says that they are under 16: nothing is kept for them that the next turn does not need."""
    at: float = 0.0
    """When this was kept, seconds since 1970."""
    page: str = ""
    """The page on which the last message was said, "" on platforms without pages."""

    @property
    def avoid(self) -> bool:
        """Tell whether the person does not want to meet anybody of the commune that they are in."""
        return 0 in self.avoided or self.commune in self.avoided

    @property
    def desk(self) -> int | None:
        """The commune whose staff may read a call-back: the person named it, and does not avoid it; else None."""
        return None if self.avoid or self.by_link else self.commune

    @property
    def of_child(self) -> bool:
        """Tell whether what was told concerns a child."""
        return self.young or not CHILD_KINDS.isdisjoint(self.types)

    @property
    def other_language(self) -> str:
        """The language of somebody who does not read Vietnamese, or ""."""
        return "" if self.language == SOURCE else self.language

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Conversation:
        """Read a stored state; fields of another version are left out."""
        known = {k: v for k, v in row.items() if k in cls.__dataclass_fields__}
        for name in ("types", "answered", "needs", "shown", "avoided"):
            known[name] = tuple(known.get(name, ()))
        known["quiz"] = Quiz(**{k: v for k, v in known.get("quiz", {}).items() if k in Quiz.__dataclass_fields__})
        known["offered"] = tuple((a, b) for a, b in known.get("offered", ()))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Heard:
    """One message with what was understood of it."""

    incoming: Incoming
    understood: Understood
    meant: str = ""
    """The row of `content/phrases.yml` that the words fit, whatever the model thinks of them, or ""."""
    need: str = ""
    """What somebody who told needs now, by the same table: "where", "hurt" …, or ""."""
    young: bool = False
    """The writer says here that they are under 16."""

    @property
    def text(self) -> str:
        """The person's words."""
        return self.incoming.text

    @property
    def child(self) -> bool:
        """Tell whether the message tells an age or a school class under 18."""
        return self.young or bool(self.understood.entities.get("child"))

    @property
    def own_child(self) -> bool:
        """Tell whether somebody who told of themselves says here that their child is hurt too."""
        return bool(self.understood.entities.get("own_child"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """A consent that somebody gave: for which purpose, to which version of the words, on which day."""

    purpose: str
    version: str
    day: date


@dataclass(frozen=True, slots=True)
class World:
    """What a step may know beyond the conversation."""

    now: datetime
    services: Callable[[int], list[Entry]]
    """Approved public entries of a commune (by its code), and those of its province."""
    subscribed: Callable[[], int | None]
    """Minute of the day at which this person gets messages, or None."""
    home: str = ""
    """Province of the authority that runs this bot; "" for the whole country."""
    beside: Callable[[int, list[int]], list[Entry]] = lambda _, __: []
    """The same, and those of communes beside it."""
    of_province: Callable[[str], list[Entry]] = lambda _: []
    """Approved public entries of a whole province."""
    reader: Callable[[int | None], str] = lambda _: "commune"
    """Who reads the call-back requests of a commune (None: of none): its "commune", the "province", or "" for nobody."""
    can_delete: bool = False
    """Whether this platform takes messages off the person's screen."""
    events: Callable[[int | None], tuple[int | None, list[Event]]] = lambda commune: (commune, [])
    """The commune asked for (None: the one that a subscriber told), and what is announced there."""
    receipts: Callable[[], list[Receipt]] = list
    """What this person agreed to."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Keep a subscription with the consent just given."""

    minute: int


@dataclass(frozen=True, slots=True)
class Choose:
    """Change what a subscriber gets; None leaves a choice as it is, `pause_days` 0 ends a pause."""

    topics: tuple[str, ...] | None = None
    youth: bool | None = None
    province: str | None = None
    commune: int | None = None
    discreet: bool | None = None
    pause_days: int | None = None

    def columns(self) -> dict[str, Any]:
        """Return what was chosen as columns of the subscription."""
        found: dict[str, Any] = {"topics": " ".join(self.topics)} if self.topics is not None else {}
        found |= {name: int(v) for name in ("youth", "discreet") if (v := getattr(self, name)) is not None}
        return found | ({"province": self.province, "commune": self.commune} if self.province is not None else {})


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """End the subscription."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete everything of this person."""


@dataclass(frozen=True, slots=True)
class SafeWord:
    """Keep a keyed hash of this word, which hides at once; "" for none."""

    word: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestCallback:
    """Keep a call-back request for the staff of a commune; None: not yet known, 0: no commune may ever read it."""

    words: str = field(repr=False)
    commune: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceCallback:
    """Send the request just made to the staff of the commune that was named when the bot asked for it."""

    commune: int


@dataclass(frozen=True, slots=True)
class Count:
    """Add one to a count of the day; nothing in it leads back to a person."""

    what: str
    province: str = ""


Effect = Subscribe | Choose | Unsubscribe | Forget | RequestCallback | PlaceCallback | SafeWord | Count


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to one message: replies, the next state, and what is to be stored with them."""

    replies: tuple[Outgoing, ...]
    talk: Conversation
    effects: tuple[Effect, ...] = ()
    places: frozenset[str] = frozenset()
    """Kinds of places that the replies show, as the directory codes them."""


Flow = Callable[[Conversation, Heard, World], Step]
"""One way of answering a message."""


def ask(talk: Conversation, question: str) -> Conversation:
    """Return the state in which `question` waits for an answer."""
    return replace(talk, asked=question)


def rest(talk: Conversation) -> Conversation:
    """Return the state in which no question waits."""
    return replace(talk, asked="", draft="")


def answered(talk: Conversation, label: str, now: datetime) -> tuple[int, Conversation]:
    """Return how often `label` was answered before on this day, and the state that knows of this answer too."""
    today = f"{now:%Y-%m-%d}"
    before = talk.answered if talk.answered_on == today else ()
    return before.count(label), replace(talk, answered=(*before, label)[-_REMEMBERED:], answered_on=today)


def going_on(talk: Conversation, now: datetime) -> str:
    """Return the label of what was told today and is still being helped, or ""."""
    return talk.answered[-1] if talk.answered and talk.answered_on == f"{now:%Y-%m-%d}" else ""


_REMEMBERED = 9


def avoiding(talk: Conversation) -> Conversation:
    """Return the state of somebody who wishes to meet nobody of the commune that they are in, named or not."""
    return replace(talk, avoided=tuple(dict.fromkeys((*talk.avoided, talk.commune or 0))))
