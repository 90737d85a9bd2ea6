"""Whom a season reached: each person once, on the day of the first message that arrived, by province and no closer."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import Connection, func, or_, select, update

from bot.store.engine import upsert
from bot.store.schema import campaign, delivery, subscription, tally

PAGE = 5_000


def count_reached(db: Connection, since: date, after: int = 0) -> int | None:
    """Count one page of subscribers whose first message since a day has arrived; return where the next page begins.

    Rows of messages live two days, so that once an hour is often enough. Who is being changed just now is left for
    the next time; None says that all were looked at.
    """
    s = subscription.c
    page = select(s.contact_id).where(s.contact_id > after).order_by(s.contact_id).limit(PAGE).subquery()
    last = db.execute(select(func.max(page.c.contact_id))).scalar()
    if last is None:
        return None
    arrived = (
        select(func.min(campaign.c.day))
        .join_from(delivery, campaign, campaign.c.id == delivery.c.campaign_id)
        .where(delivery.c.contact_id == s.contact_id, delivery.c.state == "sent", campaign.c.day >= since)
        .scalar_subquery()
    )
    new = (
        select(s.contact_id, s.province, arrived.label("day"))
        .where(s.contact_id > after, s.contact_id <= last, or_(s.reached.is_(None), s.reached < since))
        .where(arrived.is_not(None))
        .with_for_update(skip_locked=True, of=subscription)
    )
    found = db.execute(new).all()
    for day in {row.day for row in found}:
        ids = [row.contact_id for row in found if row.day == day]
        db.execute(update(subscription).where(s.contact_id.in_(ids)).values(reached=day))
    for (day, province), number in sorted(Counter((row.day, row.province) for row in found).items()):
        keys = {"day": day, "province": province, "what": "reached"}
        upsert(db, tally, tuple(keys), {**keys, "count": number}, added=("count",))
    return int(last)
