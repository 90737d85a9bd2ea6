"""A word of the person's own that hides the conversation at once; only a keyed hash of it is kept."""

from __future__ import annotations

import re

from bot.conversation.safety import screen
from bot.conversation.state import Conversation, Heard, SafeWord, Step, World, rest
from bot.conversation.words import exit_button, message, say
from nlu.text import fold, normalise

_SET = re.compile(
    r"^(?:(?:cho )?(?:em|toi|tui|minh|chau|con|chi|bac|co) (?:muon |xin )?)?(?:dat|doi|chon|luu) (?:mot |lai )?tu an toan\b"
    r"(?: (?:moi|cua (?:em|toi|tui|minh|chau|con|chi)))*(?: (?:la|thanh))?[ :]*(.*)$"
)
_DROP = re.compile(r"^(?:bo|xoa|huy) tu an toan\b")
_LETTERS, _LONGEST = 4, 40
_TAKEN = frozenset(
    "thoat,thoat nhanh,xoa,xoa het,ngung,dung,stop,menu,chao,xin chao,chao ban,cam on,dong y,khong dong y,khong,bo qua,"
    "tiep tuc,bat dau lai,nhan lai,dang ky,khau hieu,khau hieu hom nay,do vui,kin dao,bo kin dao,giup,giup voi,giup toi,"
    "giup em,cuu,cuu voi,cuu toi,cuu em,toi so,em so,tro giup,dia chi tin cay,cong an".split(",")
)
"""Words, without marks, that mean something else here: who types them must get that."""


def keep_or_drop(talk: Conversation, heard: Heard, world: World) -> Step | None:
    """Keep or drop a safe word, as the message asks; None for any other message."""
    text = plain(heard.text)
    if _DROP.search(text):
        return Step((message(say("safe_word.dropped", talk.you)),), rest(talk), (SafeWord(""),))
    found = _SET.search(text)
    if found is None:
        return None
    word = plain(found[1])
    if not word:
        return Step((message(say("safe_word.ask", talk.you)),), rest(talk))
    if not may_hide(word):
        return Step((message(say("safe_word.other", talk.you)),), rest(talk))
    return Step((message(say("safe_word.kept", talk.you), buttons=(exit_button(),)),), rest(talk), (SafeWord(word),))


def may_hide(word: str) -> bool:
    """Tell whether a word, as `plain` gives it, can be one's own: no command, no answer, no cry for help."""
    letters = sum(c.isalpha() for c in word)
    return letters >= _LETTERS and len(word) <= _LONGEST and word not in _TAKEN and screen(word) is None


def plain(text: str) -> str:
    """Return a message as a safe word is compared: in lower case, without marks and without what stands around it."""
    return fold(normalise(text)).strip(" .,!?:;\"'“”‘’")
