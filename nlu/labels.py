"""The label scheme: what the understanding model tells about one message."""

from __future__ import annotations

from collections.abc import Sequence

CONVERSATION = (
    "greet", "goodbye", "thank", "affirm", "deny", "help", "ask_privacy", "talk_to_human", "erase_data", "quick_exit",
)  # fmt: skip
CAMPAIGN = ("subscribe", "unsubscribe", "change_schedule", "ask_slogan", "ask_campaign")
KNOWLEDGE = ("ask_law", "ask_concept")
DIRECTORY = (
    "find_safe_address", "find_police", "find_hotline", "find_health", "find_legal_aid", "find_counselling", "give_location",
)  # fmt: skip
DISCLOSURE = {
    "physical_violence": "physical",
    "sexual_violence": "sexual",
    "sexual_harassment": "harassment",
    "psychological_violence": "psychological",
    "economic_violence": "economic",
    "child_abuse": "child",
    "school_violence": "school",
    "trafficking": "trafficking",
    "online_violence": "online",
    "forced_marriage": "forced_marriage",
}
"""Each disclosure intent with the kind of violence that it always tells."""
DANGER = ("emergency", "self_harm")
PERPETRATOR = "perpetrator"
OUT_OF_SCOPE = "out_of_scope"

INTENTS = (*CONVERSATION, *CAMPAIGN, *KNOWLEDGE, *DIRECTORY, *DISCLOSURE, *DANGER, PERPETRATOR, OUT_OF_SCOPE)
RISKS = ("emergency", "disclosure", "sensitive", "none")
TYPES = (*DISCLOSURE.values(),)
REPORTERS = ("self", "witness", "none")
TOLD = ("emergency", "disclosure")
"""The risks of a message that tells of violence or despair."""
HEADS = (*INTENTS, "told", "danger", "witness", *TYPES)
"""What a model answers, in order: one of the intents; told or not, danger now, about somebody else; each kind."""
ONE_OF = slice(0, len(INTENTS))
TOLD_AT, DANGER_AT, WITNESS_AT = (len(INTENTS) + n for n in range(3))
KINDS = slice(WITNESS_AT + 1, None)
OWN_AT = INTENTS.index(PERPETRATOR)
"""Where which of `HEADS` stands; names of intents and of types meet ("trafficking"), so nobody looks them up by name."""


def truth(intent: str, risk: str, types: Sequence[str], reporter: str) -> list[bool]:
    """Return what is true of a line with these labels, in the order of `HEADS`."""
    flags = risk in TOLD, risk == "emergency", reporter == "witness"
    return [*(name == intent for name in INTENTS), *flags, *(kind in types for kind in TYPES)]


def conflicts(intent: str, risk: str, types: list[str], reporter: str) -> list[str]:
    """Return what is wrong with the labels of one line, as short sentences; an empty list when they agree."""
    wrong = [f"unknown {what} {value!r}" for what, value, known in (
        ("intent", intent, INTENTS), ("risk", risk, RISKS), ("reporter", reporter, REPORTERS),
    ) if value not in known]  # fmt: skip
    wrong += [f"unknown type {t!r}" for t in types if t not in TYPES]
    if intent in DISCLOSURE:
        if DISCLOSURE[intent] not in types:
            wrong.append(f"{intent} without type {DISCLOSURE[intent]}")
        if risk != "disclosure" or reporter == "none":
            wrong.append(f"{intent} needs risk disclosure and a reporter")
    elif intent == "emergency":
        if risk != "emergency" or reporter == "none":
            wrong.append("emergency needs risk emergency and a reporter")
    elif intent == "self_harm":
        if risk not in ("emergency", "disclosure") or reporter == "none":
            wrong.append("self_harm needs risk emergency or disclosure and a reporter")
    elif intent == PERPETRATOR:
        if (risk, reporter) != ("sensitive", "none"):
            wrong.append("perpetrator needs risk sensitive and no reporter")
    elif (risk, types, reporter) != ("none", [], "none"):
        wrong.append(f"{intent} tells of nothing: risk none, no types, no reporter")
    return wrong
