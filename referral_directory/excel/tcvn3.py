"""Text typed for the old .VnTime fonts (TCVN3, "ABC"): recognised and turned into Unicode. Pure."""

from __future__ import annotations

import re
import unicodedata

from nlu.text import is_syllable

_TABLE: dict[str, str] = {
    pair[0]: pair[1]
    for pair in (
        "¡Ă ¢Â £Ê ¤Ô ¥Ơ ¦Ư §Đ ¨ă ©â ªê «ô ¬ơ \xadư ®đ µà ¸á ¶ả ·ã ¹ạ »ằ ¾ắ ¼ẳ ½ẵ Æặ Çầ Êấ Èẩ Éẫ Ëậ Ìè Ðé Îẻ Ïẽ Ñẹ Òề Õế Óể Ôễ "
        "Öệ ×ì Ýí Øỉ Üĩ Þị ßò ãó áỏ âõ äọ åồ èố æổ çỗ éộ êờ íớ ëở ìỡ îợ ïù óú ñủ òũ ôụ õừ øứ öử ÷ữ ùự úỳ ýý ûỷ üỹ þỵ"
    ).split(" ")
}
"""Signs of Windows-1252 as a .Vn font draws them."""
_TO_UNICODE = str.maketrans(_TABLE)
_OWN = frozenset(c for c in _TABLE if not c.isalpha() or c in "ªµÆÐÑßÞØæçåäëíîïñöøûüþ÷×Ç") - frozenset("íÐ")
"""Signs that no Vietnamese word of Unicode holds."""
_WORD = re.compile(f"[A-Za-z{re.escape(''.join(_TABLE))}]+")
_UNICODE = re.compile(f"[^\\x00-\\x7f{re.escape(''.join(_TABLE))}–—‘’“”…•\xa0°]")
"""A sign that old text never has: neither of the table nor a dash, a quotation mark, a space."""


def is_font(name: str) -> bool:
    """Tell whether a font of this name draws TCVN3: ".VnTime", ".VnArialH"."""
    return name.lower().startswith((".vn", "vntime", "vnarial"))


def to_unicode(text: str, font: str = "") -> str | None:
    """Return TCVN3 `text` in Unicode, or None when it is no TCVN3; `font` is the font it is shown in, where known.

    Without a font of that family, the words decide: "Céng" is none, and read by the table it is "Cộng".
    """
    if text.isascii() or _UNICODE.search(text):
        return None
    if not is_font(font) and not _speaks_for_it(text):
        return None
    found = unicodedata.normalize("NFC", text.translate(_TO_UNICODE))
    capitals = sum(c.isascii() and c.isupper() for c in text) > 1 and not any(c.isascii() and c.islower() for c in text)
    return found.upper() if capitals or (is_font(font) and font.lower().endswith("h")) else found


def _speaks_for_it(text: str) -> bool:
    votes = 0
    for match in _WORD.finditer(text):
        word = match[0]
        if word.isascii() or len(word) == 1:
            continue  # "2 × 3"
        before, after = is_syllable(word), is_syllable(word.translate(_TO_UNICODE))
        if after and not before:
            votes += 1
        elif before and not after:
            votes -= 1
        elif not before and re.search(f"[A-Za-z][{re.escape(''.join(_OWN))}]", word):
            votes += 1  # "Hm«ng": no syllable of the Vietnamese, but such a sign within a word is none of Unicode's
    return votes > 0
