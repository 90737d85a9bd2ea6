"""What a message says: one result type, one policy, and two ways to get the scores (Rasa, keywords)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bot.conversation.safety import Alarm
from nlu.labels import DANGER, DISCLOSURE, KNOWLEDGE, OUT_OF_SCOPE, PERPETRATOR
from referral_directory.places import Place

Act = Literal["act", "ask", "let_be"]
SURE = 0.3
"""A calm intent as likely as this is answered, not met with a question: of 68 telling lines between the thresholds 58
had no such intent, of 282 calm ones only 200 (development lines)."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities of one message, each 0-1, as the model (or the keywords) gives them."""

    intents: dict[str, float]
    told: float
    """That violence is told or danger is near (risk emergency or disclosure)."""
    risks: dict[str, float]
    types: dict[str, float]
    reporters: dict[str, float]
    thresholds: dict[str, float]
    source: str


class Understanding(Protocol):
    """Gives the scores of a text; raises `UnderstandingDown` when it cannot."""

    async def scores(self, text: str) -> Scores:
        """Return the scores of one cleaned text."""
        ...


@dataclass(frozen=True, slots=True)
class Understood:
    """The decision on one message, in the names of the label scheme."""

    intent: str = OUT_OF_SCOPE
    confidence: float = 0.0
    risk: str = "none"
    types: tuple[str, ...] = ()
    reporter: str = "none"
    act: Act = "let_be"
    place: Place | None = None
    entities: dict[str, Any] = field(default_factory=dict, repr=False)
    source: str = "none"
    alarmed: bool = False
    """The safety screen spoke: nothing takes that back."""


def decide(alarm: Alarm | None, scores: Scores | None) -> Understood:
    """Turn the safety screen and the scores into what the bot does: act, ask gently, or let be.

    The screen is joined by OR. Told or not is decided on the summed probability of the telling intents, never on
    the top intent alone; thresholds were chosen on a development split and come with the model.
    """
    if scores is None:
        return _from_alarm(alarm) if alarm else Understood(source="none")
    emergency = _is_emergency(alarm, scores)
    told = emergency or alarm is not None or scores.told >= scores.thresholds["told"]
    if _hits(scores, told) and not (emergency or alarm):
        types = _types(scores)
        return Understood(PERPETRATOR, scores.intents[PERPETRATOR], "sensitive", types, act="act", source=scores.source)
    return _told(alarm, scores, emergency) if told else _calm(scores)


def _is_emergency(alarm: Alarm | None, scores: Scores) -> bool:
    screened = alarm is not None and alarm.risk == "emergency"
    return screened or scores.risks["emergency"] >= scores.thresholds["emergency"]


def _hits(scores: Scores, told: bool) -> bool:
    """Tell whether the person hurts somebody; where violence is told, only if that is likelier than any telling."""
    own = scores.intents[PERPETRATOR]
    if told:
        return own > max(_telling(scores).values())
    return own > scores.told and (_likeliest_calm(scores) == PERPETRATOR or own >= scores.thresholds["perpetrator"])


def _calm(scores: Scores) -> Understood:
    """Nothing is told: answer the likeliest calm intent, or ask gently where it is doubtful and a telling may hide."""
    intent = _likeliest_calm(scores)
    sure = scores.intents[intent]
    doubtful = intent in (OUT_OF_SCOPE, PERPETRATOR) or (sure < SURE and intent not in KNOWLEDGE)
    act: Act = "ask" if scores.told >= scores.thresholds["ask"] and doubtful else "let_be"
    return Understood(intent, sure, act=act, source=scores.source)


def _told(alarm: Alarm | None, scores: Scores, emergency: bool) -> Understood:
    """Violence is told or danger is near: what kind, by whom, and how sure."""
    intent = _told_intent(alarm, scores, emergency)
    types = _types(scores)
    if intent in DISCLOSURE and DISCLOSURE[intent] not in types:
        types = (DISCLOSURE[intent], *types)
    reporter = max(("self", "witness"), key=lambda r: scores.reporters.get(r, 0.0))
    if (
        alarm is not None and not alarm.urgent and alarm.reporter == "witness"
    ):  # the row names who is hurt: not the writer
        reporter = "witness"
    is_top = intent == max(scores.intents, key=scores.intents.__getitem__)
    confidence = scores.intents[intent] if is_top else max(scores.told, scores.intents[intent])
    risk = "emergency" if emergency else "disclosure"
    return Understood(intent, confidence, risk, types, reporter, "act", source=scores.source)


def _told_intent(alarm: Alarm | None, scores: Scores, emergency: bool) -> str:
    telling = _telling(scores)
    if alarm is not None and alarm.intent == "self_harm":
        return "self_harm"
    if not emergency:
        return max((i for i in telling if i != "emergency"), key=telling.__getitem__)
    return "self_harm" if telling["self_harm"] > telling["emergency"] and alarm is None else "emergency"


def _telling(scores: Scores) -> dict[str, float]:
    return {i: p for i, p in scores.intents.items() if _is_telling(i)}


def _likeliest_calm(scores: Scores) -> str:
    return max((i for i in scores.intents if not _is_telling(i)), key=scores.intents.__getitem__)


def _is_telling(intent: str) -> bool:
    return intent in DISCLOSURE or intent in DANGER


def _from_alarm(alarm: Alarm) -> Understood:
    return Understood(alarm.intent, 1.0, alarm.risk, alarm.types, alarm.reporter, "act", source="screen", alarmed=True)


def _types(scores: Scores) -> tuple[str, ...]:
    return tuple(t for t, p in scores.types.items() if p >= scores.thresholds["types"])
