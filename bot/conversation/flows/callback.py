"""A person of flesh and blood calls back: only as and when the person says it is safe."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.offer import ask_place, talk_line, with_place
from bot.conversation.state import (
    Conversation,
    Count,
    Heard,
    PlaceCallback,
    RequestCallback,
    Step,
    World,
    ask,
    avoiding,
    rest,
)
from bot.conversation.understanding import Understood
from bot.conversation.words import button, exit_button, message, say
from bot.messages import Incoming
from nlu.patterns import Pattern, Text
from referral_directory.places import load


def offer(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask how and when it is safe to call; who would read it is told first, where that is not the commune."""
    asked = message(
        *_who_reads(talk, world),
        say("callback.ask", talk.you),
        buttons=(button("callback.no", "callback:no"), exit_button()),
    )
    return Step((asked,), ask(talk, "callback"), (Count("asked:callback", talk.province),))


def words_given(talk: Conversation, heard: Heard, world: World) -> Step:
    """The person's own words: held (sealed) for this one question of consent only. Fear of the commune is heard."""
    talk = _fear_heard(talk, heard)
    below = (button("callback.yes", "callback:yes"), button("callback.no", "callback:no"))
    asked = message(
        say("callback.beyond", talk.you) if talk.avoid else "", say("callback.consent", talk.you), buttons=below
    )
    return Step((asked,), replace(talk, asked="callback_consent", draft=heard.text[:1_000]))


def ask_again(talk: Conversation, heard: Heard, world: World) -> Step:
    """Nothing said how or when to call: nothing is held, and the question stays open. A place and a fear are heard."""
    talk = with_place(_fear_heard(talk, heard), heard.understood.place)
    below = (button("callback.no", "callback:no"), exit_button())
    return Step((message(say("callback.again", talk.you), buttons=below),), ask(talk, "callback"))


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
    to_province = world.reader(talk.desk) == "province"
    kept = RequestCallback(talk.draft, 0 if talk.avoid else None if to_province else talk.desk)
    done = message(say("callback.done", talk.you))
    talk = replace(talk, draft="", call_left=True)
    if talk.desk or talk.avoid:
        return Step((done,), rest(talk), (kept, Count("callback", talk.province)))
    question = say("callback.place", talk.you)
    if world.reader(None) == "commune":
        question += "\n" + say("callback.place_needed", talk.you)
    asked, talk = ask_place(talk, question)
    return Step((done, asked), replace(talk, asked="callback_place"), (kept, Count("callback", talk.province)))


def placed(before: Conversation, heard: Heard, step: Step, world: World) -> Step:
    """Send the request to the commune that is named as the answer to our question, and to no other; a link names none.

    Where nobody there reads the request, that is said; the question stays the same while the name is not clear.
    """
    if not before.asked.startswith("callback_place"):
        return step
    if step.talk.asked in ("place", "place:again"):
        return replace(step, talk=replace(step.talk, asked=f"callback_{step.talk.asked}"))
    commune = step.talk.desk
    if not commune or heard.incoming.start is not None:
        return step
    who = world.reader(commune)
    effects = step.effects if who == "province" else (*step.effects, PlaceCallback(commune))
    nobody = () if who else (message(say("callback.nobody", step.talk.you), talk_line(step.talk, world.now)),)
    return Step((*nobody, *step.replies), step.talk, effects)


def _fear_heard(talk: Conversation, heard: Heard) -> Conversation:
    fears = heard.meant == "avoid" or _FEARS_COMMUNE.search(Text(heard.text)) is not None
    return avoiding(talk) if fears else talk


def _who_reads(talk: Conversation, world: World) -> tuple[str, ...]:
    who = world.reader(talk.desk)
    if not who:
        return say("callback.nobody", talk.you), talk_line(talk, world.now)
    commune = load().commune(talk.desk) if talk.desk and who == "province" else None
    return (say("callback.province", talk.you, commune=commune.label),) if commune else ()


_FEARS_COMMUNE = Pattern(
    [
        "(?:đừng|không|chớ|khỏi|sợ)(?: muốn| được| dám)?(?: (?:để|cho|nói|báo|kể|gặp|đụng|nhờ|với|bị|là|gửi|đưa)){0,3}"
        "(?: (?:mấy|các|bên|ai|người|anh|chị|cô|chú|bác|ở|trong|hội|công an|ủy ban)){0,3}"
        " (?:cán bộ|xã|phường|thôn|ấp|làng|bản|công an|ủy ban|trưởng thôn|chủ tịch|hội phụ nữ|người quen)",
    ]
)
"""Words of a request that are afraid of officials of the commune, or of meeting acquaintances there."""
