"""A word of the person's own that hides the conversation at once; only a keyed hash of it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import content
from bot.conversation.keywords import keyword_scores
from bot.conversation.phrases import fitting
from bot.conversation.safety import screen
from bot.conversation.state import Conversation, Heard, SafeWord, Step, World, rest
from bot.conversation.words import exit_button, message, say
from nlu.labels import OUT_OF_SCOPE
from nlu.text import fold, normalise

_SET = re.compile(
    r"^(?:(?:cho )?(?:em|toi|tui|minh|chau|con|chi|bac|co) (?:muon |xin )?)?(?:dat|doi|chon|luu) (?:mot |lai )?tu an toan\b"
    r"(?: (?:moi|cua (?:em|toi|tui|minh|chau|con|chi)))*(?: (?:la|thanh))?[ :]*(.*)$"
)
_DROP = re.compile(r"^(?:bo|xoa|huy) tu an toan\b")
_LETTERS, _LONGEST = 4, 40
_AROUND = " .,!?:;\"'“”‘’"
_ANY_SENTENCE = "talk"
"""The row of `content/phrases.yml` that says nothing but that these are no name of a place."""


def keep_or_drop(talk: Conversation, heard: Heard, world: World, is_known: Callable[[str], bool]) -> Step | None:
    """Keep or drop a safe word, as the message asks; None for any other message.

    `is_known` tells whether the bot would answer these words, typed alone, as anything: then they keep meaning that.
    """
    if _DROP.search(plain(heard.text)):
        return Step((message(say("safe_word.dropped", talk.you)),), rest(talk), (SafeWord(""),))
    typed = word_in(heard.text)
    if typed is None:
        return None
    word = plain(typed)
    if not word:
        return Step((message(say("safe_word.ask", talk.you)),), rest(talk))
    if not (may_hide(typed) and may_hide(word)) or is_known(typed) or is_known(word):
        return Step((message(say("safe_word.other", talk.you)),), rest(talk))
    return Step((message(say("safe_word.kept", talk.you), buttons=(exit_button(),)),), rest(talk), (SafeWord(word),))


def word_in(text: str) -> str | None:
    """Return the word that a message makes the safe word, with its marks; "" for none yet, None for any other message."""
    marked = normalise(text)
    found = _SET.search(fold(marked).strip(_AROUND))
    return marked.strip(_AROUND)[found.start(1) :].strip(_AROUND) if found else None


def may_hide(word: str) -> bool:
    """Tell whether a word can be one's own: letters enough, and by its words alone nothing that is understood here."""
    letters = sum(c.isalpha() for c in word)
    if letters < _LETTERS or len(word) > _LONGEST or screen(word) is not None or plain(word) in _own_words():
        return False
    intents = keyword_scores(word).intents
    return max(intents, key=intents.__getitem__) == OUT_OF_SCOPE and set(fitting(word)) <= {_ANY_SENTENCE}


def plain(text: str) -> str:
    """Return a message as a safe word is compared: in lower case, without marks and without what stands around it."""
    return fold(normalise(text)).strip(_AROUND)


@cache
def _own_words() -> frozenset[str]:
    """Return the short texts of the bot itself, as they are typed: the labels of its buttons among them."""
    return frozenset(plain(text) for text in content.replies().values() if len(text) <= _LONGEST)
