"""How the writer speaks of themselves, so that they are spoken to in the same way."""

from __future__ import annotations

import re

from nlu.text import fold, tokens

CHILD = ("cháu", "con")
"""What a child calls itself to a grown-up."""
YOUNG = ("em", *CHILD)
"""… and what the young do; but also many a wife."""
MAYBE_YOUNG = ("bạn", *YOUNG)
"""… and whoever did not let us know."""


def form_of_address(text: str) -> str | None:
    """Return how the writer speaks of themselves ("em", "cháu", "bác" …), or None when it is not clear."""
    plain = " ".join(tokens(_SAID.sub(" ", text)))
    found = {m[1] or "" for m in _OPENING.finditer(plain) if not _is_a_noun(m, plain)} | {
        m[1] or m[2] for m in _TO_ME.finditer(plain)
    }
    found = {"cháu" if f == "chau" else f for f in found}
    if len(found) == 1 and not _OTHER_SELF.search(plain):
        (form,) = found
        others = re.search(
            r"\bem\b|\bcháu\b" if form == "con" else r"\bem\b|\bbà\b|\bbác\b" if form == "cháu" else r"$^", plain
        )
        return None if others else form
    child = _CHILD_OF.search(plain)
    if (
        child
        and not _OTHER_SELF.search(re.sub(r"\btoi (?:nao|qua|khuya|ngủ|ngu)\b", " ", plain))
        and not _OF_A_PARENT.search(plain)
    ):
        return {"chau": "cháu"}.get(child[1], child[1])
    elder = _ELDER.search(plain)
    return elder[1] if elder and not found and not _OTHER_SELF.search(plain) else None


def _is_a_noun(found: re.Match[str], plain: str) -> bool:
    """Tell whether "con" is the child of a divorce: "li hôn thì con ở với ai"."""
    return found[1] == "con" and found[0].split()[0] in _AND_THEN and _PARTING.search(plain) is not None


def speaks_of_self(text: str, you: str) -> bool:
    """Tell whether a child tells of what was done to itself: its own word for itself is the one hurt."""
    plain = " ".join(tokens(_SAID.sub(" ", text)))
    return bool(_CHILD_OF.search(plain)) and form_of_address(text) == you


_VERBS = (
    "bị đang không muốn hỏi xin chào cần phải vừa mới đã sẽ ở tên là ạ cũng được sợ đi về làm nghe thấy nằm trốn núp "
    "nhắn kể viết nghĩ ngồi đứng cảm cám hay chưa chỉ còn vẫn lại tính định có mệt khóc chạy chịu lỡ tưởng đây nè chết "
    "buồn khổ đau nói gọi cầm ôm đến tới giữ quen lấy ký đưa nộp mất vô vào cắn nhịn lo yêu dạ uống mặc"
).split()
_SAID = re.compile(r'["“”«»][^"“”«»]*["“”«»]')
_OPENING = re.compile(
    r"(?:^|[.!?,;] |(?:dạ|da|ạ|ơi|oi|mà|ma|nên|nen|cho|thì|thi) )(em|cháu|chau|con) "
    rf"(?:{'|'.join(sorted({*_VERBS, *map(fold, _VERBS)}, key=len, reverse=True))})\b"
)
_TO_ME = re.compile(
    r"\b(?:chồng|chong|giúp|giup|cứu|cuu|đuổi|duoi|đánh|danh|nhốt|nhot|dọa|doa|chửi|chui|rượt|ruot|bóp cổ|bop co"
    r"|ép|cho|nhà|vợ|con gái|con trai|mẹ con|vợ chồng|vo chong) (em)"
    r"(?= (?:với|voi|ạ|hỏi|hoi|đi|nè|rồi|roi|đánh|danh|bị|bi|là|la|không|khong|hay|đang|dang|nó|uống|nhậu|[.,!?;])|$)"
    r"|^(?:\w+ ơi )?(?:cứu|cuu|giúp|giup) (cháu|chau|con)(?= (?:với|voi|ạ|[.,!?])|$)"
)
_AND_THEN = ("thì", "thi", "mà", "ma", "cho", "nên", "nen")
_PARTING = re.compile(
    r"\b(?:l[yi] h[ôo]n|l[yi] d[ịi]|b[ỏo] (?:chồng|chong|vợ|vo)|(?:vợ chồng|vo chong) (?:chia|bỏ|bo)|(?:với|voi|theo) ai|chia tay|ra tòa|ra toa)\b"
)
_ELDER = re.compile(
    r"^(?:dạ )?(bác|cô|bà|ông|chú|dì) (?:năm nay|già rồi|muốn hỏi|hỏi (?!cưới|thăm|vợ)|không biết chữ|không rành)"
)
_HOME = r"(?:ba|bố|bo|cha|tía|tia|dượng|duong|mẹ|me|má|ma|mẹ kế|me ke)"
_CHILD_OF = re.compile(  # "ba dượng tối nào cũng vô phòng con": a child tells of a parent, and ends with itself
    rf"^(?:(?:em|cháu|chau|con) )?(?:(?:năm nay |nam nay |mới |moi )?\d+ (?:tuổi|tuoi)(?: ,)? )?(?:hôm qua |tối qua |tối nào |toi nao )?{_HOME} (?:dượng |duong |kế |ke |ghẻ |ghe )?"
    r"(?!nó|no |chồng|chong|vợ|vo |sắp|sap|mấy|may)(?:\w+ ){1,8}(con|cháu|chau|em)(?: (?:hoài|hoai|nữa|nua|quá|qua|rồi|roi|đau|dau|lắm|lam))*(?= ?[.,!?]|$)"
)
_OF_A_PARENT = re.compile(
    r"\b(?:con|cháu|chau|em) (?:gái|gai|trai|tôi|toi|em|chị|chi|bé|be|nhỏ|nho|mình|minh|dâu|dau|rể|re)\b|\bmẹ con\b|\bme con\b|\bvợ\b|\bchồng\b|\bchong\b"
)
_OTHER_SELF = re.compile(r"\b(?:tôi|toi|tui|tao|mình|minh|chị em|học sinh em)\b")
