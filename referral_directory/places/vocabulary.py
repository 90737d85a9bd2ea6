"""The everyday words around place names: what announces a place, a person or a village, and what only sounds so."""

from __future__ import annotations

from dataclasses import dataclass

from referral_directory.places.spelling import Word, letters, marked, plain


@dataclass(frozen=True, slots=True)
class Cue:
    """A set of words; a word typed without marks counts too, unless its bare form means something else."""

    marked: frozenset[str]
    plain: frozenset[str]

    def has(self, word: Word) -> bool:
        """Tell whether the word is one of them."""
        return word.marked in self.marked if word.has_marks else word.plain in self.plain


def _cue(text: str, *, never_plain: str = "") -> Cue:
    listed = text.split()
    bare = {plain(w) for w in listed} - {plain(w) for w in never_plain.split()}
    return Cue(frozenset(marked(w) for w in listed), frozenset(bare))


KINDS: dict[tuple[str, ...], tuple[str, int]] = {
    letters(words): (kind, level)
    for kind, level, forms in (
        ("Xã", 1, "xã"), ("Phường", 1, "phường|phừơng|phươgn"), ("Thị trấn", 1, "thị trấn|thị chấn|tt"),
        ("Đặc khu", 1, "đặc khu|đảo|huyện đảo|quần đảo"), ("Huyện", 2, "huyện|huyên"), ("Quận", 2, "quận"),
        ("Thị xã", 2, "thị xã|tx"), ("Thành phố", 2, "thành phố|tp|t.p|thành phô"), ("Tỉnh", 3, "tỉnh"),
        ("Xã", 1, "x"), ("Phường", 1, "p|f"), ("Huyện", 2, "h"), ("Quận", 2, "q"), ("Tỉnh", 3, "t"),
    )
    for words in forms.split("|")
}  # fmt: skip
"""Words in front of a name that say its kind, and the level: 1 commune, 2 district, 3 province."""
PLAIN_KINDS = {tuple(plain(w) for w in words): kind for words, kind in KINDS.items() if words != letters("đảo")}

AT = _cue("ở tại quê thuộc dưới miệt")
"""Words after which even a name that is also an everyday word is a place."""
TOWARDS = _cue(
    "tận mãi về từ tới đến qua lên xuống vô vào ra sang trên ngoài trong bên gần người dân gốc đi dìa khu vực viện an ubnd "
    "hội nữ trạm tế ban nhân chỉ đc nhà xứ đất vùng phía trọ khẩu ktx đồn",
    never_plain="từ tới đến vào an hội nữ tế ban nhân chỉ nhà bên vô người dân xứ đất vùng phía đi gần vực",
)
"""Words after which a name that sounds like nothing else is a place: "về Kế Sách", "công an Kế Sách"."""
PEOPLE = _cue(
    "anh chị em bà ông cô chú bác dì cậu thằng con bé thầy tên bạn cháu mợ dượng thím a c e ổng bả chế hai ba tư năm "
    "đồng chí ca sĩ tưởng tịch lãnh tụ chồng vợ nó lão mụ nghệ sĩ mc bn"
)
"""Words after which a bare name is a person's."""
SELF = _cue("em tôi mình con cháu tui tớ e t m mik mk mh tao chúng")
"""Words for the writer."""
ROOT = _cue("quê gốc")
NOT_UNITS = _cue(
    "ấp thôn bản khóm tổ xóm buôn làng khu phố kp đội sóc phum plei bon đường hẻm ngõ chợ cầu trường chùa núi sông hồ "
    "kênh rạch suối quán tiệm công-ty ty kcn cảng đèo đình đền tiểu-học thcs thpt học cơ-sở bệnh-viện số quốc-lộ lộ "
    "bến hotel khách-sạn ngân-hàng nhãn hiệu báo đài giải clb đoàn nhóm lớp bài phim chuyện cây hãng xe",
    never_plain="tổ bản thôn số đường cầu hồ báo đài giải lớp bài phim cây xe học bến nhóm đình đền lộ quán đội làng",
)
"""Words after which a bare name is a village, a street, a school, a market: no commune can be told from it."""
VILLAGE = _cue("ấp thôn bản khóm tổ xóm buôn làng kp khu phum sóc", never_plain="tổ bản thôn làng khu sóc")
FILLERS = _cue(
    "dạ vâng ạ à á nha nhé nhá nghen hen ha đó đây ấy là thì thưa ơi chị anh cô chú bác ad admin shop ừ ừm uh um da vang "
    "ở tại quê thuộc bên dưới trên ngoài trong nhà sống trọ hiện đang giờ nay em tôi mình con cháu tui e t m nè nghe "
    "rồi hả thôi gần người xin chào nơi chỗ địa chỉ khu vực bạn đc dc o tai que nhe vo"
)
"""Words that leave a message still a mere address."""
LINKS = _cue("thuộc ở tại dưới bên trên cũ mới nay là trước của ngoài trong", never_plain="của mới là")
"""Words that may stand between a commune and its district or province."""
STRUCTURE = _cue(
    "em tôi mình tui con anh chị ổng bả nó ông bà bị được đã đang sẽ và của là thì mà có không ko k cho với vì nên này "
    "kia đó đây ấy nhà hội đội đoàn rồi nữa ạ ơi ở tại về từ đến đi làm người nhiều các những một mọi vợ chồng muốn "
    "biết gì nào sao nhưng hay đánh cứu giúp sợ cần tin hỏi"
)
"""Words that no misspelt name is made of."""

HERE = _cue("giờ hiện trọ thuê đang nay dâu sống tạm")
MOVED = _cue("lên qua sang vô vào ra xuống tới đến về dọn chuyển dìa", never_plain="tới")
LATER = _cue("định muốn sắp tính mai đòi bắt", never_plain="mai đòi tính định sắp bắt")
KIN = _cue(
    "mẹ má bố ba cha chồng vợ nội ngoại ổng bả nó hắn bạn dì cậu chị anh chú cô bác con",
    never_plain="bố ba con",
)
ORIGIN = _cue("quê gốc khẩu sinh đẻ từ hồi trước")
