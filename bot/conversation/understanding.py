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


def decide(alarm: Alarm | None, scores: Scores | None) -> Understood:
    """Turn the safety screen and the scores into what the bot does: act, ask gently, or let be.

    The screen is joined by OR. Told or not is decided on the summed probability of the telling intents, never on
    the top intent alone; thresholds were chosen on a development split and come with the model.
    """
    if scores is None:
        return _from_alarm(alarm) if alarm else Understood(source="none")
    limits = scores.thresholds
    telling = {i: p for i, p in scores.intents.items() if i in DISCLOSURE or i in DANGER}
    calm = {i: p for i, p in scores.intents.items() if i not in telling}
    top = max(scores.intents, key=scores.intents.__getitem__)
    likeliest = max(calm, key=calm.__getitem__)
    own = calm[PERPETRATOR]
    emergency = (alarm is not None and alarm.risk == "emergency") or scores.risks["emergency"] >= limits["emergency"]
    told = emergency or alarm is not None or scores.told >= limits["told"]
    if told:
        hits = alarm is None and not emergency and own > max(telling.values())
    else:
        hits = own > scores.told and (likeliest == PERPETRATOR or own >= limits["perpetrator"])
    if hits:
        return Understood(PERPETRATOR, own, "sensitive", _types(scores, limits), act="act", source=scores.source)
    if not told:
        sure = calm[likeliest]
        doubtful = likeliest in (OUT_OF_SCOPE, PERPETRATOR) or (sure < SURE and likeliest not in KNOWLEDGE)
        act: Act = "ask" if scores.told >= limits["ask"] and doubtful else "let_be"
        return Understood(likeliest, sure, act=act, source=scores.source)
    if alarm is not None and alarm.intent == "self_harm":
        intent = "self_harm"
    elif emergency:
        intent = "self_harm" if telling["self_harm"] > telling["emergency"] and alarm is None else "emergency"
    else:
        intent = max((i for i in telling if i != "emergency"), key=telling.__getitem__)
    types = _types(scores, limits)
    if intent in DISCLOSURE and DISCLOSURE[intent] not in types:
        types = (DISCLOSURE[intent], *types)
    reporter = max(("self", "witness"), key=lambda r: scores.reporters.get(r, 0.0))
    risk = "emergency" if emergency else "disclosure"
    confidence = scores.intents[intent] if intent == top else max(scores.told, scores.intents[intent])
    return Understood(intent, confidence, risk, types, reporter, "act", source=scores.source)


def _from_alarm(alarm: Alarm) -> Understood:
    return Understood(alarm.intent, 1.0, alarm.risk, alarm.types, alarm.reporter, "act", source="screen")


def _types(scores: Scores, limits: dict[str, float]) -> tuple[str, ...]:
    return tuple(t for t, p in scores.types.items() if p >= limits["types"])
