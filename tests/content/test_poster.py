"""Cards of the slogans: the right size, the whole text, and marks that are there."""

from __future__ import annotations

import struct
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

import content
from content import poster
from content.poster import FORMATS, Card, draw
from content.seasons import season_on, slogans_on
from tests.conftest import Bench

FONTS = Path(poster.__file__).parent / "posters"
SVG = "{http://www.w3.org/2000/svg}"


def texts(card: Card, form: str) -> list[tuple[str, float]]:
    """Return the lines that stand on a card, with the size of their letters."""
    root = ElementTree.fromstring(poster._svg(card, form))
    return [(t.text or "", float(t.get("font-size", "0"))) for t in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("form", FORMATS)
def test_every_slogan_fits(form: str) -> None:
    """Verbatim and whole, in letters that a phone shows large enough."""
    for slogan in content.slogans():
        lines = texts(Card(slogan.text, (slogan.plan,)), form)
        told = " ".join(line for line, size in lines if size >= 40).replace("\N{NO-BREAK SPACE}", " ")
        assert told == " ".join(slogan.text.split())


@pytest.mark.parametrize("form", FORMATS)
def test_a_card_is_a_png_of_its_size(form: str) -> None:
    """What a phone gets is an image of the size asked for, with something drawn on it."""
    png = draw(Card("Chấm dứt bạo lực, vun đắp yêu thương."), form)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == FORMATS[form]
    assert png != draw(Card("Chấm dứt bạo lực, vun đắp yêu thuơng."), form)


def test_the_fonts_hold_every_letter_of_the_content() -> None:
    """No box instead of a letter: both fonts know all that slogans and facts are written with."""
    wanted = {c for s in content.slogans() for c in s.text + s.plan} | {
        c for f in content.facts().values() for c in f.text
    }
    for font in poster._FONTS:
        with TTFont(FONTS / font, lazy=True) as known:
            assert wanted - {chr(code) for code in known.getBestCmap()} - {"\n"} == set(), font


def test_words_of_two_syllables_stay_together_and_lines_end_alike() -> None:
    """ "bạo lực" is not parted, and what is typed with signs of XML stands there as typed."""
    lines = [line for line, _ in texts(Card("Nói không với bạo lực & xâm hại <trẻ em>"), "square")]
    assert not any(line.endswith(("bạo", "xâm", "<trẻ")) for line in lines)
    assert "& xâm" in " ".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def test_too_long_a_text_is_refused() -> None:
    """Nothing is cut silently."""
    with pytest.raises(ValueError, match="too long"):
        draw(Card("bình đẳng giới " * 60))
    with pytest.raises(ValueError, match="too long"):
        draw(Card("a" * 60))


def test_the_card_of_a_day_is_the_slogan_of_that_day(bench: Bench) -> None:
    """Who asks the bot and who gets the card read the same words; the action month stands on its own days only."""
    for moment in ("2026-11-25T14:00", "2026-07-01T14:00"):
        bench.at(moment)
        card = poster.of_day(date.fromisoformat(moment[:10]))
        assert card.text in bench.say("khẩu hiệu hôm nay")
        assert ("15/11" in "".join(card.foot)) == (moment[5:7] == "11")


def test_one_slogan_belongs_to_a_day() -> None:
    """What all subscribers get on 15 and 25 November is the slogan of that day; it is never shown on days it is not about."""
    for number in range(366):
        day = date(2026, 1, 1) + timedelta(days=number)
        season = season_on(day)
        sent = season.special(day) if season else None
        known = slogans_on(day)
        assert sent is None or known[0].as_shown(day) == sent.text
        assert known[0].around_disclosure
        assert any("25/11" in s.text for s in known) == (f"{day:%m-%d}" == "11-25")
        assert any(s.text.startswith("Hưởng ứng Tháng") for s in known) == ("11-15" <= f"{day:%m-%d}" <= "12-15")


def test_a_card_names_no_other_authority() -> None:
    """What a commune shares carries no name of the province in whose plan the slogan was read."""
    for day in (date(2026, 11, 25), date(2026, 7, 1)):
        assert "UBND" not in poster._svg(poster.of_day(day), "square")
