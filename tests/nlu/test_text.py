"""Text as people type it, brought to one form: what must change, and what must not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text import fold, normalise, tokens

SPELT = {
    "ck đánh e, ko cho đi": "chồng đánh em , không cho đi",
    "vk mk hok dc ra ngoài": "vợ mình không được ra ngoài",
    "ddanhs toi": "đánh toi",
    "khoong bieets lamf sao": "không biết làm sao",
    "vowj choongf cuwa": "vợ chồng cưa",
    "nguowif ta": "người ta",
    "CỨUUUUU": "cứu",
    "huhuuuuu!!!!!": "huhu ! !",
    "7h30": "7 giờ 30",
}
KEPT = [
    "bị bóp cổ",
    "tung ảnh nóng",
    "tát vào má",
    "sex",
    "box",
    "em her",
    "max",
    "tai nan",
    "hoa mai",
    "xe lam",
    "the boss",
]


@pytest.mark.parametrize(("typed", "meant"), SPELT.items())
def test_short_forms_and_telex_are_spelt_out(typed: str, meant: str) -> None:
    """What a careful writer would have typed."""
    assert normalise(typed) == meant


@pytest.mark.parametrize("text", KEPT)
def test_words_are_not_rewritten(text: str) -> None:
    """Only non-words may change: a fuller table turned "bóp cổ" into "bóp cô ấy"."""
    assert normalise(text) == text


def test_folding_takes_every_mark() -> None:
    """đ too, which no database folds."""
    assert fold("Cẩm Thủy, Đồng Nai ươ ễ") == "cam thuy, dong nai uo e"


@given(st.text(max_size=300))
def test_any_text_is_read_the_same_in_both_unicode_forms(text: str) -> None:
    """NFC and NFD give the same tokens; nothing raises; folding twice changes nothing."""
    assert tokens(unicodedata.normalize("NFC", text)) == tokens(unicodedata.normalize("NFD", text))
    assert fold(fold(text)) == fold(text)


def test_a_long_text_is_cut_and_keeps_its_end() -> None:
    """100,000 characters cost no time, and the last words are read."""
    assert "cứu" in normalise("a " * 50_000 + "cứu em với")
