"""The figures that the project promises, from labelled lines and what was understood of them. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.conversation.understanding import Understood
from nlu.labels import INTENTS, TOLD, TYPES

Figures = dict[str, float | int | None]
"""Name of a figure to its value: shares 0-1 (None where no line can tell), counts as whole numbers."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled line with what was understood of it."""

    row: dict[str, Any]
    said: Understood


def measure(lines: list[Judged]) -> Figures:
    """Return the figures that the project promises, each 0-1 (None where no line can tell)."""
    told = [j for j in lines if j.row["risk"] in TOLD]
    calm = [j for j in lines if j.row["risk"] == "none"]
    urgent = [j for j in lines if j.row["risk"] == "emergency"]
    knowing = [j for j in calm if j.row["intent"] in ("ask_law", "ask_concept")]
    own = [j for j in lines if j.row["risk"] == "sensitive"]
    placed = [j for j in lines if "place" in j.row]
    reported = [j for j in told if j.said.risk in TOLD]
    return {
        "lines": len(lines),
        "told_recall": _share(told, lambda j: j.said.risk in TOLD),
        "told_or_asked": _share(told, lambda j: j.said.act != "let_be"),
        "emergency_recall": _share(urgent, lambda j: j.said.risk == "emergency"),
        "emergency_missed_entirely": sum(j.said.act == "let_be" for j in urgent),
        "false_alarms": _share(calm, lambda j: j.said.risk in TOLD),
        "false_alarms_law_concept": _share(knowing, lambda j: j.said.risk in TOLD),
        "false_emergencies": _share(
            [j for j in lines if j.row["risk"] != "emergency"], lambda j: j.said.risk == "emergency"
        ),
        "asked_calm": _share(calm, lambda j: j.said.act == "ask"),
        "perpetrator_recall": _share(own, lambda j: j.said.risk == "sensitive"),
        "intent_accuracy": _share(lines, lambda j: j.said.intent == j.row["intent"]),
        "types_f1": _types_f1(told),
        "reporter_accuracy": _share(reported, lambda j: j.said.reporter == j.row["reporter"]),
        "place_accuracy": _share(placed, _place_right),
    }


MARGINS = {
    "told_recall": -0.01,
    "told_or_asked": -0.005,
    "emergency_recall": -0.03,
    "emergency_missed_entirely": 0,
    "false_alarms": 0.01,
    "false_emergencies": 0.005,
}
"""How far a new model may fall (negative) or rise before it counts as worse. The development split has 1,106 lines:
0.01 of its told lines are five, 0.03 of its emergencies two. An emergency that is let be is one too many."""


def worse(old: dict[str, Figures], new: dict[str, Figures]) -> list[str]:
    """Return in which figures of which variant the new model is worse than the old one; an empty list when in none.

    A figure that only the old model has counts as worse; one that only the new model has cannot be compared.
    """
    found = []
    for variant, before in old.items():
        for name, margin in MARGINS.items():
            was, now = before.get(name), new.get(variant, {}).get(name)
            if was is None:
                continue
            if now is None or (now < was + margin - 1e-9 if margin < 0 else now > was + margin + 1e-9):
                found.append(f"{name}, {variant}: {shown(was)} → {shown(now)}")
    return found


def per_intent(lines: list[Judged]) -> dict[str, Figures]:
    """Return of each intent that occurs: lines, recall, precision, and how much of its telling is heard as telling."""
    found: dict[str, Figures] = {}
    for intent in INTENTS:
        mine = [j for j in lines if j.row["intent"] == intent]
        named = [j for j in lines if j.said.intent == intent]
        if mine:
            found[intent] = {
                "lines": len(mine),
                "recall": _share(mine, lambda j: j.said.intent == j.row["intent"]),
                "precision": _share(named, lambda j: j.said.intent == j.row["intent"]),
                "told_recall": _share([j for j in mine if j.row["risk"] in TOLD], lambda j: j.said.risk in TOLD),
            }
    return found


def per_tag(lines: list[Judged]) -> dict[str, Figures]:
    """Return the figures of the lines under each tag."""
    tagged = defaultdict(list)
    for j in lines:
        for tag in j.row.get("tags", ()):
            tagged[tag].append(j)
    return {tag: measure(group) for tag, group in sorted(tagged.items())}


def confusion(lines: list[Judged]) -> list[dict[str, str | int]]:
    """Return the commonest confusions of intents, most frequent first."""
    wrong = Counter((j.row["intent"], j.said.intent) for j in lines if j.said.intent != j.row["intent"])
    return [{"labelled": a, "understood": b, "lines": n} for (a, b), n in wrong.most_common(30)]


def worst(lines: list[Judged], limit: int = 60) -> list[Judged]:
    """Return the mistakes that matter most: missed emergencies, missed telling, false alarms, others."""

    def weight(j: Judged) -> tuple[int, float]:
        told, heard = j.row["risk"], j.said.risk
        if told == "emergency" and heard != "emergency":
            return (0 if j.said.act == "let_be" else 1, -j.said.confidence)
        if told in TOLD and heard not in TOLD:
            return (2 if j.said.act == "let_be" else 3, -j.said.confidence)
        return (4 if told not in TOLD and heard in TOLD else 5, -j.said.confidence)

    mistakes = [j for j in lines if j.row["risk"] != j.said.risk or j.row["intent"] != j.said.intent]
    return sorted(mistakes, key=weight)[:limit]


def _types_f1(told: list[Judged]) -> float | None:
    hit = sum(len(set(j.row["types"]) & set(j.said.types)) for j in told)
    named = sum(len(j.said.types) for j in told) + sum(len(set(j.row["types"]) & set(TYPES)) for j in told)
    return 2 * hit / named if named else None


def _place_right(j: Judged) -> bool:
    """Tell whether the same place is told or asked for; the choices offered may stand in any order."""
    meant, heard = j.row["place"], j.said.place.as_dict() if j.said.place else None
    if not meant or heard is None:
        return not meant and heard is None
    same = all(meant.get(part) == heard[part] for part in ("province", "commune"))
    return same and bool(meant.get("ask")) == heard["ask"]


def _share(lines: list[Judged], holds: Callable[[Judged], bool]) -> float | None:
    return sum(map(holds, lines)) / len(lines) if lines else None


def shown(value: float | int | None) -> str:
    """Return a figure as a table shows it."""
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
