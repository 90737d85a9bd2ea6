"""Cells that name one or several of the directory's terms: kind, shelter, languages, violence, who is received. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from referral_directory.excel.cells import Cell, Misread, key, read_flag
from referral_directory.terms import FOR, KIND_NAMES, LANGUAGES, STATUSES, TAKES

_KIND_WORDS = {
    "trusted_address": "tincay|dctc|tamlanh",
    "police": "congan|canhsat|^ca(?:x|p|h|t|tt)?$|^ca(?:xa|phuong|huyen|thitran)",
    "legal_aid": "phaply|tgpl|luatsu|doanluat",
    "womens_union": "phunu|lhpn|^hpn|hoilienhiepphunu",
    "peoples_committee": "uyban|uybannhandan|ubnd",
    "hospital": "benhvien|^bv|trungtamyte|ttyt",
    "health_station": "tramyte|tyt|^yte|tramxa|phongkham",
    "social_work": "congtacxahoi|ctxh|baotroxahoi|btxh",
    "counselling": "tuvan|thamvan|tamly",
}


@lru_cache(maxsize=4_096)
def read_kind(text: str) -> str:
    """Return the key of `KINDS` that a text tells; raise `Misread` when it tells none."""
    said = key(text)
    for kind, name in KIND_NAMES.items():
        if said in (key(name), key(kind)):
            return kind
    for kind, words in _KIND_WORDS.items():
        if re.search(words, said):
            return kind
    raise Misread(f"Ghi một trong các loại: {'; '.join(KIND_NAMES.values())}.")


@lru_cache(maxsize=65_536)
def kinds_in(text: str) -> frozenset[str]:
    """Return the keys of `KINDS` of which a text speaks: more than one where a list is of several."""
    said = key(text)
    return frozenset(kind for kind, words in _KIND_WORDS.items() if re.search(words, said))


def read_shelter(cell: Cell) -> str:
    """Return a key of `SHELTER`: "có" is a night, "không" a first reception."""
    said = key(cell.text)
    beds = re.match(r"(\d+)(?:cho|giuong|nguoi|phong)", said)
    if beds:
        return "overnight" if int(beds[1]) else "receive"
    if re.search("tiepnhan|bandau|tamthoi", said) or re.match("khong(?:co|cho|o)", said):
        return "receive"
    if re.search("quadem|olai|tamlanh|luutru|choo", said):
        return "overnight"
    try:
        return "overnight" if read_flag(cell) else "receive"
    except Misread:
        raise Misread("Ghi “có” (cho ở lại qua đêm) hoặc “không” (chỉ tiếp nhận ban đầu).") from None


_SPLIT = re.compile(r"[,;/&+|]|\s(?:và|va)\s|\s-\s")
_LANGUAGE_WORDS = {
    "vi": "viet|kinh|phothong", "km": "khome", "hmn": "hmong|mong|homong|meo", "blt": "thai",
    "rad": "ede|rade|rhade", "jra": "giarai|jrai", "bdq": "bana|bahnar", "sed": "xodang|xedang|sedang",
    "kpm": "coho|koho|kho", "zh": "hoa|trung|trungquoc|quangdong", "en": "anh|english", "vsl": "kyhieu|thungu|ngonngukyhieu",
}  # fmt: skip
_FOR_WORDS = {
    "physical": "thexac|thechat|danhdap|thanthe", "sexual": "tinhduc|xamhaitinhduc|hiepdam",
    "harassment": "quayroi|quayroitinhduc", "psychological": "tamly|tinhthan", "child": "treem|baolucvoitreem|baohanhtreem",
    "school": "hocduong", "trafficking": "muabannguoi|buonbannguoi|buonnguoi", "online": "mang|khonggianmang|tructuyen",
    "forced_marriage": "ephon|taohon|cuongepkethon",
}  # fmt: skip
_TAKES_WORDS = {
    "men": "nam|namgioi|danong", "lgbt": "lgbt|lgbtq|lgbtqi|dongtinh|chuyengioi|nguoidongtinh",
    "disabled": "khuyettat|nguoikhuyettat", "children": "treem|tre|emnho",
}  # fmt: skip
_ALL = frozenset("tatca moiloai cacloai moihinhthuc moidoituong baolucgiadinh baoluctrencosogioi baolucgioi".split())


def read_languages(cell: Cell) -> tuple[str, ...]:
    """Return keys of `LANGUAGES`, sorted."""
    return _several(cell.text, LANGUAGES, _LANGUAGE_WORDS, r"^(?:tieng|nguoi|dantoc|biet|noi)+", "Ghi tên tiếng")


def read_types(cell: Cell) -> tuple[str, ...]:
    """Return keys of `FOR`, sorted; none when a list says that it is for every kind of violence."""
    if key(cell.text) in _ALL:
        return ()
    return _several(cell.text, FOR, _FOR_WORDS, r"^(?:baoluc|vebaoluc)(?!voi)", "Ghi loại bạo lực")


def read_takes(cell: Cell) -> tuple[str, ...]:
    """Return keys of `TAKES`, sorted; women, whom every place receives, are left out."""
    if key(cell.text) in _ALL:
        return tuple(sorted(TAKES))
    women = re.sub(r"(?i)phụ nữ|phu nu|nữ giới|(?<!\w)nữ(?!\w)", "", cell.text)
    return _several(women, TAKES, _TAKES_WORDS, r"^(?:nhan|tiepnhan)", "Ghi đối tượng")


def _several(text: str, names: Mapping[str, str], words: Mapping[str, str], before: str, ask: str) -> tuple[str, ...]:
    spelt = {key(name): code for code, name in names.items()} | {
        word: code for code, several in words.items() for word in several.split("|")
    }
    found = set()
    for part in _SPLIT.split(_with_whole_names(text, names)):
        said = key(part)
        code = spelt.get(said) or spelt.get(re.sub(before, "", said))
        if code is None and said:
            raise Misread(f"{ask}, cách nhau bằng dấu phẩy: {', '.join(names.values())}.")
        if code:
            found.add(code)
    return tuple(sorted(found))


def _with_whole_names(text: str, names: Mapping[str, str]) -> str:
    """Return the text with names that hold a comma themselves written without it."""
    for name in names.values():
        if "," in name:
            text = text.replace(name, name.replace(",", ""))
    return text


def read_status(cell: Cell) -> str:
    """Return a key of `STATUSES`."""
    said = key(cell.text)
    for status, name in STATUSES.items():
        if said in (key(name), key(status)):
            return status
    for pattern, status in (
        ("khongcon|giaithe", "defunct"),
        ("tam", "temporarily closed"),
        ("ngung|dung|nghi", "inactive"),
    ):
        if re.search(pattern, said):
            return status
    if re.search("hoatdong|conmo|binhthuong", said):
        return "active"
    raise Misread(f"Ghi một trong: {'; '.join(STATUSES.values())}.")
