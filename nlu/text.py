"""Bring Vietnamese text, as people type it, to one form that models, patterns and searches can compare."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LIMIT = 1_500
"""Characters that are read for understanding; a tale is told in its beginning and its end."""


def normalise(text: str) -> str:
    """Return `text` as a careful writer would have typed it: NFC, lower case, telex and teencode spelt out.

    ``"CK đáaaanh e, khoong cho ddi"`` gives ``"chồng đánh em , không cho đi"``. Marks that were not typed are
    not guessed. Tokens are joined by single spaces, punctuation apart.
    """
    return " ".join(tokens(text))


def tokens(text: str) -> list[str]:
    """Return the normalised tokens of `text`: words, numbers, punctuation and emoji, in order."""
    if len(text) > LIMIT:
        text = text[: LIMIT * 2 // 3] + " " + text[-LIMIT // 3 :]
    text = unicodedata.normalize("NFC", text).lower()
    text = _ELONGATED.sub(lambda m: m[1] if m[1].isalpha() else m[1] * 2, text)
    found: list[str] = []
    for word in _TOKEN.findall(text):
        found.extend(_spelt(word).split(" "))
    return found


def fold(text: str) -> str:
    """Return `text` in lower case without any mark: ``"Cẩm Thủy, Đồng Nai"`` gives ``"cam thuy, dong nai"``.

    Length may change; spaces are kept as they are. This is the only folding in the project:
    SQLite and PostgreSQL fold differently (neither folds đ), so ``*_fold`` columns hold its result.
    """
    plain = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))


def is_syllable(word: str) -> bool:
    """Tell whether `word` is spelt like one Vietnamese syllable, whatever its tone: "Cộng" is, "Céng" is not."""
    letters = unicodedata.normalize("NFD", word.lower())
    bare = "".join(c for c in letters if c not in _TONES.values())
    return bool(_SYLLABLE.match(unicodedata.normalize("NFC", bare)))


def is_picture(word: str) -> bool:
    """Tell whether a token is an emoji or belongs to one: tears behind a cry for help made it sound like a joke."""
    return unicodedata.category(word[0]) in ("So", "Sk", "Mn", "Cf", "Cn")


def squeeze(text: str) -> str:
    """Return `text` with every run of white space as one space, and none at the ends."""
    return _SPACES.sub(" ", text).strip()


_SPACES = re.compile(r"\s+")
_ELONGATED = re.compile(r"([^\W\d]|[^\w\s])\1{2,}")
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,:]\d+)*|[^\w\s]|_")

# Only non-words may be rewritten: a fuller table turned "bóp cổ" into "bóp cô ấy" and "ảnh nóng" into "anh ấy nóng".
_TEENCODE = {
    "ck": "chồng", "chg": "chồng", "ckồng": "chồng", "vk": "vợ", "vck": "vợ chồng", "ny": "người yêu",
    "nyc": "người yêu cũ", "ng": "người", "ngta": "người ta", "nta": "người ta", "ngkhac": "người khác",
    "k": "không", "ko": "không", "kh": "không", "kg": "không", "khg": "không", "kog": "không", "hok": "không",
    "hk": "không", "khum": "không", "hem": "không", "dc": "được", "đc": "được", "đk": "được", "dk": "được",
    "đx": "được", "mik": "mình", "mk": "mình", "mjk": "mình", "mjnh": "mình", "cx": "cũng", "cg": "cũng",
    "cũg": "cũng", "j": "gì", "jz": "gì vậy", "z": "vậy", "zậy": "vậy", "v": "vậy", "r": "rồi", "rùi": "rồi",
    "rùj": "rồi", "bh": "bây giờ", "bjo": "bây giờ", "h": "giờ", "vs": "với", "ntn": "như thế nào", "lm": "làm",
    "lmj": "làm gì", "trc": "trước", "nx": "nữa", "bt": "bình thường", "bít": "biết", "bik": "biết", "đt": "điện thoại",
    "dt": "điện thoại", "đthoai": "điện thoại", "sđt": "số điện thoại", "sdt": "số điện thoại", "xl": "xin lỗi",
    "hs": "học sinh", "gv": "giáo viên", "gvcn": "giáo viên chủ nhiệm", "cty": "công ty", "vc": "vợ chồng",
    "e": "em", "a": "anh", "c": "chị", "b": "bạn", "t": "tôi", "m": "mày", "mn": "mọi người", "mng": "mọi người",
    "gđ": "gia đình", "gd": "gia đình", "pn": "phụ nữ", "hpn": "hội phụ nữ", "đg": "đang", "dg": "đang", "nc": "nói chuyện",
    "nt": "nhắn tin", "tn": "tin nhắn", "ns": "nói", "vn": "việt nam", "iu": "yêu", "thik": "thích", "bn": "bạn",
    "chx": "chưa", "chs": "chẳng hiểu sao", "ctay": "chia tay", "ck_": "chồng", "ad": "admin", "tks": "cảm ơn",
    "thx": "cảm ơn", "thanks": "cảm ơn", "hn": "hà nội", "sg": "sài gòn", "hcm": "hồ chí minh", "ubnd": "ủy ban nhân dân",
    "bv": "bệnh viện", "cskv": "công an khu vực", "blgđ": "bạo lực gia đình", "blgd": "bạo lực gia đình", "bđg": "bình đẳng giới",
    "blhđ": "bạo lực học đường", "fb": "facebook", "zl": "zalo", "ib": "nhắn tin", "acc": "tài khoản", "clip": "clip",
}  # fmt: skip
_NOT_TELEX = frozenset(
    "sex ex box max her has his was as is us or of if for six fix mix tax fax sos xx ok okey web wifi wow show "
    "now how low new news few saw law two who view row know own down town slow follow follows tiktok facebook "
    "book good look see need free keep week meet feel seen been boss dss class less miss pass cross across press "
    "stress process ress access case use user house mouse course nurse phase base chase close those these else "
    "false are our your you far car star bar war form from more store order over under after later never number "
    "here there where were ever off offer coffee sofa golf surf self half pdf taxi text next sexy maxi pixel "
    "excel extra exit index ajax java json major join job ninja cax ass gas bus plus focus virus menu usa oppo "
    "aaa ooo eee dd add adddd address aws hahas hihi haha huhu hehe kaka keke sad bad dad mad jj jx xs ss sr "
    "sry srr oz jan jun mars fans fan chats cars bars fees bees seo deep sleep beef reef oops foot food zoom room "
    "moon soon noon cool pool school tool".split()
)
_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_ONSET = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnprstvx]"
_RIME = (
    "(?:iêu|yêu|uôi|ươi|ươu|oai|oay|oeo|uây|uya|uyê|oao|"
    "ai|ao|au|ay|âu|ây|eo|êu|ia|iu|iê|yê|oa|oe|oi|oo|ôi|ơi|ua|uâ|ui|uê|uô|uơ|ưa|ưi|ươ|ưu|uy|uyu|oă|"
    "[aăâeêioôơuưy])(?:ch|ng|nh|[cmnpt])?"
)
_SYLLABLE = re.compile(f"(?:{_ONSET})?{_RIME}$")
_MARKED = re.compile(r"[^\x00-\x7f]")
_OLD_STYLE = {
    bare[0] + marked: unicodedata.normalize("NFC", bare[0] + tone + bare[1])
    for bare in ("oa", "oe", "uy")
    for tone in _TONES.values()
    for marked in [unicodedata.normalize("NFC", bare[1] + tone)]
}
"""Both schools of placing a tone: "khoá" is "khóa"."""
_NEW_STYLE = re.compile(rf"(?<!q)(?:{'|'.join(_OLD_STYLE)})$")


@lru_cache(maxsize=50_000)
def _spelt(word: str) -> str:
    if word in _TEENCODE:
        return _TEENCODE[word]
    if 3 <= len(word) <= 9 and word not in _NOT_TELEX and not _MARKED.search(word) and word.isalpha():
        word = _from_telex(word)
    return _NEW_STYLE.sub(lambda m: _OLD_STYLE[m[0]], word)


def _from_telex(word: str) -> str:
    """Return the syllable that raw telex keys would have given, or `word` when they give none."""
    if _SYLLABLE.match(word) and not re.search("aa|ee|oo|dd|w", word):
        return word
    tone = ""
    keys = word
    spots = [i for i, c in enumerate(keys) if c in _TONES and i and re.search("[aeiouyw]", keys[:i])]
    if spots and not (spots[-1] < len(keys) - 1 and keys[spots[-1] :] in ("r", "x")):
        at = spots[-1]
        tone = _TONES[keys[at]]
        keys = keys[:at] + keys[at + 1 :]
    keys = keys.replace("dd", "đ").replace("aa", "â").replace("ee", "ê").replace("oo", "ô")
    if keys.startswith("d") and keys.endswith("d") and len(keys) > 2:
        keys = "đ" + keys[1:-1]
    keys = (
        keys.replace("uuw", "ưu")
        .replace("uow", "ươ")
        .replace("uwow", "ươ")
        .replace("aw", "ă")
        .replace("ow", "ơ")
        .replace("uw", "ư")
    )
    if keys.endswith("w") and "uo" in keys:
        keys = keys[:-1].replace("uo", "ươ")
    elif keys.endswith("w"):
        body = keys[:-1]
        keys = next(
            (body.replace(a, b, 1) for a, b in (("uo", "ươ"), ("a", "ă"), ("o", "ơ"), ("u", "ư")) if a in body),
            keys,
        )
    for double, one in (("a", "â"), ("e", "ê"), ("o", "ô")):  # "motoj", "congo": the second key typed late
        if keys.endswith(double) and keys.count(double) == 2 and not _SYLLABLE.match(keys):
            keys = keys[:-1].replace(double, one)
    keys = keys.replace("w", "ư")
    if keys == word or not _SYLLABLE.match(keys):
        return word
    return _with_tone(keys, tone) if tone else keys


def _with_tone(syllable: str, tone: str) -> str:
    onset = re.match(f"(?:{_ONSET})?(?=[aăâeêioôơuưyy])", syllable)
    start = onset.end() if onset else 0
    vowels = [i for i in range(start, len(syllable)) if syllable[i] in "aăâeêioôơuưy"]
    if not vowels:
        return syllable
    marked = [i for i in vowels if syllable[i] in "ăâêôơư"]
    closed = vowels[-1] < len(syllable) - 1
    if marked:
        at = marked[-1]
    elif closed or len(vowels) == 3:
        at = vowels[-1] if len(vowels) < 3 else vowels[1]
    else:
        at = (
            vowels[0]
            if len(vowels) == 1 or syllable[vowels[0] : vowels[0] + 2] not in ("oa", "oe", "uy")
            else vowels[1]
        )
    return unicodedata.normalize("NFC", syllable[: at + 1] + tone + syllable[at + 1 :])
