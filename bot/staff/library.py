"""The library as staff see it: what is served today and why not, how it looks on each channel, poster and bulletin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

import content
from bot.campaign.words import words
from bot.channels.names import CHANNELS
from bot.channels.preview import previews
from bot.clock import VIETNAM
from bot.messages import Button, Outgoing
from bot.staff.files import file
from bot.staff.incoming import whole_number
from bot.staff.visit import Route, Visit
from content import bulletin, check, poster, quiz, seasons
from content.bulletin import Bulletin
from content.check import Standing
from nlu.text import fold
from referral_directory import events
from referral_directory.keeper import OutOfScope

PAGE = 14
"""Items of one page of a list."""
LAPSES = 8
"""The first of what lapses, as the overview tells it."""
KINDS = {"facts": "Điều luật, kiến thức", "slogans": "Khẩu hiệu", "quiz": "Câu đố", "days": "Các ngày"}
STANDINGS = {"served": "đang dùng", "soon": "đang dùng, sắp hết hạn", "held": "đang giữ lại"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list; the id of a day is its date."""

    id: str
    text: str
    below: str
    standing: Standing


def overview(visit: Visit) -> Response:
    """Show what is told today and how the library stands."""
    today = visit.now.date()
    found = [check.standing(f, today).state for f in content.facts().values()]
    return visit.page(
        "content", slogan=seasons.slogans_on(today)[0], today=today, kinds=KINDS, names=STANDINGS,
        counts={state: found.count(state) for state in STANDINGS}, review=content.review_by(),
        sizes={"facts": len(found), "slogans": len(content.slogans()), "quiz": len(quiz.bank())},
        days=content.observances(today), theme=content.theme(today.year), lapses=check.lapses(today, check.SOON_DAYS)[:LAPSES],
        soon=check.SOON_DAYS, facts=content.facts(),
    )  # fmt: skip


def listed(visit: Visit) -> Response:
    """Show one kind of the library, page after page; facts by how they stand and by words."""
    what, state = visit.query.get("what", "facts"), visit.query.get("state", "")
    if what not in KINDS:
        raise OutOfScope("Không có trang này.")
    asked, today = visit.query.get("q", "")[:80], visit.now.date()
    rows = [r for r in _rows(what, today) if state in ("", r.standing.state) and fold(asked) in fold(r.text)]
    pages = max(1, -(-len(rows) // PAGE))
    number = min(pages, whole_number(visit.query.get("page", "")) or 1)
    return visit.page(
        "content_list", what=what, title=KINDS[what], rows=rows[PAGE * (number - 1) : PAGE * number], total=len(rows),
        page=number, pages=pages, state=state, names=STANDINGS, q=asked,
    )  # fmt: skip


def item(visit: Visit) -> Response:
    """Show one item whole: where it stands in the law, how it stands today, and how it looks on each channel.

    A fact and a question may have the same id.
    """
    what, key, today = visit.query.get("what", ""), visit.query.get("id", ""), visit.now.date()
    fact = content.facts().get(key) if what == "facts" else None
    question = quiz.bank().get(key) if what == "quiz" else None
    slogan = next((s for s in content.slogans() if s.id == key), None) if what == "slogans" else None
    if question:
        fact = content.facts().get(question.fact)
        choices = tuple(Button(choice, "quiz") for choice in question.choices(today))
        shown = Outgoing(content.replies()["quiz.question"].format(number="1/5", choice=question.text), choices)
    elif found := seasons.find(key, today, "phong-chong") if fact or slogan else None:
        shown = Outgoing(words(found))
    elif fact:
        shown = Outgoing(f"{fact.text}\n({fact.source})")
    else:
        raise OutOfScope("Không có mục này.")
    return visit.page(
        "content_item", fact=fact, question=question, slogan=slogan, previews=previews(shown), channels=CHANNELS,
        standing=check.standing(fact, today) if fact else None, names=STANDINGS, uses=check.uses(fact.id) if fact else [],
        replaced=content.facts().get(fact.replaced_by) if fact else None,
    )  # fmt: skip


def week(visit: Visit) -> Response:
    """Show the bulletin of a week as it is read aloud."""
    day = _day(visit)
    made = _bulletin(visit, day)
    monday = day - timedelta(days=day.weekday())
    return visit.page("content_week", bulletin=made, monday=monday, week=timedelta(days=7), whose=_whose(visit))


def week_docx(visit: Visit) -> Response:
    """Give the bulletin as a Word document."""
    return file(_bulletin(visit, _day(visit)).as_docx(), f"ban-tin-{_day(visit)}.docx")


def week_text(visit: Visit) -> Response:
    """Give the bulletin as plain text."""
    return file(_bulletin(visit, _day(visit)).as_text().encode(), f"ban-tin-{_day(visit)}.txt")


def square(visit: Visit) -> Response:
    """Give the card of a day as a post."""
    return _card(visit, "square")


def story(visit: Visit) -> Response:
    """Give the card of a day in a phone's height."""
    return _card(visit, "story")


def _rows(what: str, today: date) -> list[Row]:
    """Return the items of one kind, and how each stands today."""
    fine, facts = Standing("served", ""), content.facts()
    match what:
        case "facts":
            return [Row(f.id, f.text, f.source, check.standing(f, today)) for f in facts.values()]
        case "slogans":
            return [Row(s.id, s.as_shown(today), s.plan, fine) for s in content.slogans()]
        case "quiz":
            return [Row(q.id, q.text, q.right, check.standing(facts[q.fact], today)) for q in quiz.bank().values()]
        case _:
            ahead = [today + timedelta(days=n) for n in range(366)]
            first = {name: day for day in reversed(ahead) for name in content.observances(day)}
            return [
                Row(f"{day}", name, f"{day:%d/%m/%Y}", fine) for name, day in sorted(first.items(), key=lambda r: r[1])
            ]


def _bulletin(visit: Visit, day: date) -> Bulletin:
    keeper = visit.keeper
    commune = keeper.commune if keeper.role == "commune" else 0
    province = keeper.province if keeper.role == "province" else visit.site.home
    return bulletin.of_week(day, events.of_week(visit.db, day, VIETNAM, commune, province))


def _whose(visit: Visit) -> str:
    """Return whose events are read."""
    own = {"commune": "xã, phường của bạn", "province": f"các xã, phường của {visit.keeper.province}"}
    return own.get(visit.keeper.role, visit.site.home or "mọi nơi")


def _day(visit: Visit) -> date:
    try:
        day = date.fromisoformat(visit.query.get("day", "")) if visit.query.get("day") else visit.now.date()
    except ValueError:
        raise OutOfScope("Không có ngày này.") from None
    if abs(day - visit.now.date()) > timedelta(days=400):
        raise OutOfScope("Không có ngày này.")
    return day


def _card(visit: Visit, form: str) -> Response:
    day = _day(visit)
    name = {"square": "vuong", "story": "doc"}[form]
    return file(poster.draw(poster.of_day(day), form), f"khau-hieu-{day}-{name}.png")


ROUTES = (
    Route("GET", "/content", overview, "content", nav="Nội dung"),
    Route("GET", "/content/list", listed, "content_list"),
    Route("GET", "/content/item", item, "content_item"),
    Route("GET", "/content/week", week, "content_week"),
    Route("GET", "/content/week.docx", week_docx, "content_docx"),
    Route("GET", "/content/week.txt", week_text, "content_text"),
    Route("GET", "/content/poster.png", square, "content_poster"),
    Route("GET", "/content/story.png", story, "content_story"),
)
