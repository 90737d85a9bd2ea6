"""How old the writer is, in all the ways in which children say it; and who speaks of somebody else, or of the past."""

from __future__ import annotations

import pytest

from bot.conversation.years import in_years
from bot.conversation.young import age_alone, is_under_age
from nlu.text import fold

YEAR = 2026
OWN = (
    "mười bốn tuổi", "em mười lăm", "em mười lăm tuổi", "lớp tám", "học lớp 8", "em học lớp tám", "lớp tám ạ", "em lớp 8A3",
    "sinh năm 2013", "sn 2012", "em sn 2012", "em sinh năm 2013", "em sinh 2014 ạ", "cháu sinh ngày 5/6/2012", "cháu sinh ngày 05.06.2012",
    "em 2k12", "em sinh năm 2k12", "2k13 ạ", "em sinh năm hai nghìn không trăm mười ba", "em sinh năm hai ngàn mười hai",
    "14 tuổi ạ", "dạ 14 tuổi", "học sinh cấp 2", "em là học sinh cấp hai", "em học THCS", "hs lớp 7 ạ", "em là hs cấp 2 bị bạn đánh",
    "cháu đang học tiểu học", "em học trường cấp 2", "tuổi em 14", "tuổi của em là 14", "em tuổi 14", "e 13t r ạ", "năm nay con lên mười ba",
    "con mới lên 13", "em mười nhăm tuổi", "em mừi bốn tuổi", "dạ con mười hai tuổi, con bị đánh", "em mới có mười ba tuổi thôi",
    "em sắp lên lớp chín", "em vừa lên lớp sáu", "cháu lớp bốn", "em lớp 10", "tớ học lớp bảy", "cô ơi con lớp năm", "thưa cô con học lớp 8",
    "em mười bốn, bị bố đánh", "mười bốn tuổi, bị bố đánh", "lớp tám ạ, bị bạn chặn đường", "hôm qua bố đánh em, em mười ba tuổi",
    "bố hay đánh con, năm nay con mười hai tuổi", "em chưa đủ 16 tuổi", "em gần 15 tuổi", "hồi trước bố hay đánh, giờ em 14 tuổi",
    "mẹ đi làm xa, em ở với dượng, em học lớp sáu", "vâng em 15 rồi ạ", "em mười bốn rồi ạ", "nay em 13", "em 14t, đăng ký được không",
    "nhưng em mới mười bốn tuổi", "em tên Lan, mười bốn tuổi", "em tên Lan 14 tuổi", "em là nữ, 14 tuổi", "e hok lp 8", "em hoc l8", "em mới học c2",
    "em (14 tuổi) bị bố đánh", "nữ 14 tuổi bị bố đánh", "em lấy chồng hồi 14 tuổi, nay 15, chồng đánh em", "em chưa 16", "em chưa đủ 15",
    "em dưới 16", "em 14 tủi", "em 14 tuỗi", "em mười 4 tuổi", "em 13-14 tuổi", "em khoảng 13 14 tuổi", "em hơn 14 tuổi", "em hs c2", "lớp 8/2",
    "em 8a3", "em hiện học lớp 8", "em là Lan 14 tuổi", "em nghỉ học từ lớp 6, giờ 14", "I am fourteen", "I'm in grade 8", "im 14",
    "em 2013", "mười lăm tuổi rưỡi", "em thì mười bốn tuổi", "tôi mười bốn tuổi", "em là học sinh lớp 8 trường Cẩm Tân",
    "em 6 tuổi", "em học lớp 1 bị bạn đánh", "cháu học lớp một ạ",
    "em chưa tròn mười lăm", "chưa tròn mười lăm tuổi ạ", "em chưa đầy 14 tuổi", "cháu chưa đầy mười ba", "em chưa tới mười sáu",
    "qua tết là cháu 15", "qua tết em mới mười lăm", "em qua tết này tròn 15 ạ", "sang năm em mới 16", "năm sau cháu mới đủ 16 tuổi",
    "tháng sau em tròn mười bốn", "còn hai tháng nữa em 15 tuổi, em bị bố đánh", "hai năm nữa em 17 tuổi", "hết hè này em lên lớp 7",
    "sang năm em vào lớp mười", "em sinh cuối năm 2012", "em sinh năm 2013, em sợ lắm", "năm nay thi vào 10", "năm nay em thi vào 10, em bị thầy sờ",
    "em đang ôn thi vào lớp 10 mà bị đánh", "em ôn thi vào lớp 10", "em sắp thi chuyển cấp ạ", "em học lớp chín", "em đang cấp hai",
    "em đang cấp 2 bị bạn đánh", "em đang học năm cuối cấp hai", "con mới vô lớp sáu",
)  # fmt: skip
NOT_OWN = (
    "con em lớp 8", "con em lớp tám", "con em mười bốn tuổi", "con tôi sinh năm 2013", "em có con lớp tám", "bé nhà em mười ba tuổi",
    "con bé lớp tám", "thằng lớp tám đánh em", "bạn lớp 8 đánh em", "em bị bạn lớp tám đánh", "em gái em mười bốn tuổi",
    "cháu tôi học lớp bảy", "con 14 tháng", "14 tháng", "bé 14 tháng tuổi", "lớp 8 ngày xưa", "em lớp 8 ngày xưa", "hồi em 14 tuổi",
    "hồi em mười bốn tuổi", "hồi em lớp tám", "hồi đó em 14 tuổi", "hồi đó, em mười bốn tuổi", "lúc em học lớp tám", "năm em mười lăm tuổi",
    "khi tôi mười bốn tuổi", "từ năm em lớp 8", "cách đây mười năm, em 14 tuổi", "em 14 tuổi bị dượng hại, giờ em 25 tuổi",
    "hồi em 14 tuổi bị thầy sờ, giờ em hai mươi lăm tuổi", "tôi học lớp 7 thì nghỉ", "tôi học hết lớp bảy", "tôi từng học cấp 2 ở đó",
    "16 tuổi", "mười sáu tuổi", "em mười sáu", "em mười bảy tuổi", "em lớp mười một", "lớp 12", "em sinh năm 2010", "em sinh năm 2005", "em 2k",
    "tôi ba mươi bốn tuổi", "chị năm mươi tuổi", "sinh năm 1990", "em sn 88", "em là giáo viên cấp 2", "em dạy lớp tám",
    "em chủ nhiệm lớp 8", "em dạy học cấp 2", "em sinh bé năm 2013", "em sinh con năm 2013", "em mới sinh năm 2025", "em lấy chồng mười năm",
    "em chịu mười năm rồi", "con năm tuổi bị cô đánh", "con mười bốn tuổi, nó bị bạn đánh", "bị chồng đánh, con mười hai tuổi",
    "con gái lớp tám bị bạn đánh", "đăng ký cho con lớp 8", "trẻ mười bốn tuổi", "trẻ em dưới 16 tuổi", "quan hệ với người dưới mười sáu tuổi thì sao",
    "14 tuổi lấy chồng được không", "học sinh cấp 2 đánh nhau thì sao", "lớp 8 có được học luật không", "em mười giờ tối rảnh", "em 14 giờ mới rảnh",
    "gửi em 10 tin", "em trai mười bốn tuổi bị đánh", "cháu 13 tuổi nhà hàng xóm bị đánh", "cháu học lớp tám nhà bên bị đánh",
    "em 14 tuổi ở lớp tôi bị bố đánh", "con tôi tên Lan, 14 tuổi", "tôi chỉ học lớp 5", "tôi học lớp năm thôi, không rành chữ",
    "em học cấp 2 xong lấy chồng, chồng đánh em", "em học lớp 9 xong nghỉ", "em 14 tuổi đã đi làm, giờ em 30", "em có con 8 tuổi, nay 9",
    "em gái em 14 tuổi, nay 15", "chồng em (15 năm) đánh em", "em chưa 15 phút đã bị đánh", "em hẹn 8h30",
    "con em tên Lan 14 tuổi", "em đi học lớp tối", "trong lớp không ai chơi với em", "em bị đánh mười lần", "em có ba con",
    "em 30 tuổi", "con em 12 tuổi", "con em chưa tròn mười lăm", "con gái em qua tết là 15", "qua tết là con em 15 tuổi", "còn hai tháng nữa con em 15 tuổi",
    "con em năm nay thi vào 10", "em có con thi vào 10", "em dạy ôn thi vào 10", "em trai em đang ôn thi vào 10", "em thi vào 10 cách đây 20 năm",
    "em thi vào lớp 10 rớt nên lấy chồng", "bé nhà em đang cấp hai", "em gái em đang cấp hai", "em đang cấp một số giấy tờ", "cháu nội tôi học lớp chín",
    "em lấy chồng chưa tròn 15 năm", "em cưới chưa tròn 15 tháng", "em mới sinh chưa đầy 14 ngày", "qua tết là em cưới được 15 năm", "em cưới nhau 14 năm rồi",
    "em chưa tròn 18", "chồng em chưa tròn 30", "qua tết em 20 tuổi", "sang năm em 18", "hai năm nữa em 30", "sang năm em lên lớp 12",
    "tháng sau em 15 lên gặp", "tháng sau em 15", "qua tết là mùng 15", "em đợi qua tết là 15 ngày", "em hẹn ngày 14", "ngày 15 tháng 11",
    "em sinh con cuối năm 2013", "em sinh năm 1993", "năm sau em 15 tuổi thì bỏ nhà đi, nay em 30",
)  # fmt: skip


@pytest.mark.parametrize("said", OWN)
def test_who_is_under_16_is_known_by_any_words(said: str) -> None:
    """In words, by class, school and year of birth, with marks and without."""
    assert is_under_age(said, "bạn", YEAR)
    assert is_under_age(fold(said), "bạn", YEAR)


@pytest.mark.parametrize("said", NOT_OWN)
def test_another_age_makes_nobody_a_child(said: str) -> None:
    """Of the speaker's child, of the past, of 16 and more, of months and hours: with marks and without."""
    assert not is_under_age(said, "bạn", YEAR)
    assert not is_under_age(fold(said), "bạn", YEAR)


def test_a_year_of_birth_counts_from_today() -> None:
    """Whoever was born in 2012 is 14 in 2026, and 16 in 2028."""
    assert in_years("em sinh năm 2012", 2026) == "em 14 tuổi"
    assert is_under_age("em sinh năm 2012", "bạn", 2027)
    assert not is_under_age("em sinh năm 2012", "bạn", 2028)


@pytest.mark.parametrize("you", ["em", "bác"])
def test_a_parent_tells_the_age_of_the_child(you: str) -> None:
    """Who called herself otherwise before is no child for "con lên mười ba"."""
    assert not is_under_age("năm nay con lên mười ba", you, YEAR)


@pytest.mark.parametrize(("said", "years"), [("em mười lăm", 15), ("dạ lớp tám ạ", 13), ("sinh năm 2013", 13), ("em 17", 17), ("14", None), ("em 14 tuổi bị đánh", None)])  # fmt: skip
def test_an_age_alone_is_known(said: str, years: int | None) -> None:
    """Nothing but an age: an answer to nothing, and no telling."""
    assert age_alone(said, YEAR) == years
