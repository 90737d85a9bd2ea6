"""The words of a campaign message: neutral at the start, in today's version or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

import content
from bot.clock import Clock
from bot.messages import Outgoing
from bot.store.outbox import Ticket
from content import poster, seasons
from content.seasons import Item


def renderer(
    now: Clock, coming: Callable[[], Mapping[int, Collection[date]]] = dict
) -> Callable[[str, Ticket], Outgoing | None]:
    """Return what puts a ticket into words; None for what is no longer served in the version that was planned.

    `coming` tells the days with an approved event, by commune, as they are now: one taken back is not announced.
    """

    def render(bot: str, ticket: Ticket) -> Outgoing | None:
        day = now().date()
        name = ticket.item.partition("@")[0]
        season = seasons.season_on(day)
        topic = next((t for t, i in season.items if i == name), "phong-chong") if season else "phong-chong"
        item = seasons.find(name, day, "" if name in seasons.onces() else topic)
        if item is None or item.key != ticket.item or (ticket.discreet and not item.calm):
            return None
        is_daily = name not in seasons.onces()
        news = is_daily and ticket.news and not ticket.discreet and bool(coming().get(ticket.commune or 0))
        return Outgoing(words(item, news), card=() if ticket.discreet else card(name, day))

    return render


def card(name: str, day: date) -> tuple[str, ...]:
    """Return the lines of the picture of a slogan that anybody may see on a screen; nothing for other items."""
    slogan = next((s for s in content.slogans() if s.id == name and s.around_disclosure), None)
    if slogan is None:
        return ()
    drawn = poster.of_slogan(slogan, day)
    return (drawn.text, *drawn.foot)


def words(item: Item, news: bool = False) -> str:
    """Return the whole message, with `news` the line on an event nearby; a lock screen shows only the neutral beginning."""
    texts = content.replies()
    event = (texts["push.event"],) if news else ()
    return "\n".join((texts["push.head"], item.text, *event, texts["push.tail"]))
