"""How the bot speaks to a person: as they speak of themselves, when that is clear."""

from __future__ import annotations

import pytest

from bot.conversation.address import form_of_address

CLEAR = [
    ("chị ơi em bị đau", "em"), ("nó cầm dao đuổi em", "em"), ("chồng em đánh em", "em"), ("vợ chồng em hay cãi nhau", "em"),
    ("e muon hoi", "em"), ("cứu em với", "em"), ("cháu muốn hỏi ạ", "cháu"), ("cuu chau voi", "cháu"),
    ("con sợ lắm cô ơi", "con"), ("cứu con với", "con"), ("bác năm nay 70 tuổi", "bác"), ("bà muốn hỏi cái này", "bà"),
]  # fmt: skip
UNCLEAR = [
    "em gái tôi bị chồng đánh", "con tôi bị bạn đánh", "em họ tôi", "con mèo nhà ấy", "con Hồng uống thuốc",
    "cháu ngoại tôi bị rôm sảy", "em vợ tôi quay phim", "tôi bị đánh", "tên bạn là gì", "ông ấy đánh vợ", "",
    'bạn ấy nhắn "em đi nhé" rồi tắt máy', "chú ở trong máy hay chú ở ngoài đời", "con gai chi 12t",
    "li hôn thì con ở với ai", "ly dị thì con đi với ai", "bỏ chồng thì con ở với mẹ được không", "ly hon thi con o voi ai",
]  # fmt: skip


@pytest.mark.parametrize(("text", "form"), CLEAR)
def test_a_clear_form_of_address_is_taken_up(text: str, form: str) -> None:
    """The writer's own word for themselves is returned."""
    assert form_of_address(text) == form


@pytest.mark.parametrize("text", UNCLEAR)
def test_an_unclear_form_of_address_is_not_guessed(text: str) -> None:
    """A relative, a third person or somebody quoted is not the writer."""
    assert form_of_address(text) is None
