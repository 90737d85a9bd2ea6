"""Campaign messages on their way out: settle what ended, claim what may go, in one short transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, TextClause, select, text, update

from bot.clock import VIETNAM, is_quiet
from bot.errors import SettingsError
from bot.store import pace as paces
from bot.store.keys import Keys
from bot.store.pace import Pace
from bot.store.replies import STUCK_SECONDS
from bot.store.schema import campaign

GAP_SECONDS = 1.0
"""Between two messages of one chat, whatever sends them."""
IDLE_SECONDS = 1.0
"""How long a worker sleeps when nothing is due."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One campaign message that this worker may send now."""

    id: int
    campaign: int
    name: str
    policy: str
    contact: int
    chat: str = field(repr=False)
    item: str
    discreet: bool
    attempt: int
    commune: int | None = None
    news: bool = False
    """Whether today's message was planned with the line on an event of the commune."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one row ended, or that it is `ready` again after `delay` seconds; `hold` silences the whole bot.

    The errors "silent" and "stopped" mean that nothing was tried, and are no attempt.
    """

    id: int
    contact: int
    state: str
    message_id: bytes | None = None
    """Sealed."""
    error: str | None = None
    delay: float = 0.0
    hold: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one transaction gave: rows to send now, and how long to sleep before the next."""

    tickets: list[Ticket]
    wait: float


def exchange(
    db: Connection, keys: Keys, bot: str, pace: Pace, owner: str, ended: Sequence[Ended], room: int, calendar: datetime
) -> Exchange:
    """Settle, then claim at most `room` rows of running campaigns as far as the pace, the quota and the night allow."""
    running = _running(db, bot) if room > 0 and not is_quiet(calendar) else []
    if not running and not ended:
        return Exchange([], IDLE_SECONDS)
    tokens, now = paces.refill(db, bot, pace)  # every worker takes this lock before all others
    settle(db, bot, owner, ended, now)
    if not_sent := sum(e.state not in ("sent", "unknown") for e in ended):
        paces.give_back(db, bot, pace, not_sent, calendar)
    if not running:
        return Exchange([], IDLE_SECONDS)
    left = paces.left_for_campaigns(db, bot, pace, calendar)
    want = min(room, pace.batch, int(tokens), room if left is None else left)
    claimed: list[Any] = []
    for one in running:
        if len(claimed) < want:
            claimed += _claim(db, one.id, owner, want - len(claimed), now, calendar.timestamp())
    if claimed:
        paces.take(db, bot, len(claimed))
    if left == 0:
        return Exchange([], IDLE_SECONDS)
    missing = min(float(pace.batch), pace.depth) - (tokens - len(claimed))
    wait = max(0.0, missing / pace.rate)
    if len(claimed) < want:  # nothing more is due
        wait = max(wait, _until_due(db, [c.id for c in running], now))
    tickets = _tickets(db, keys, bot, owner, claimed, running, calendar, now)
    if tickets and pace.monthly:  # counted before they leave: what is on its way may arrive, whatever becomes of us
        paces.count_month(db, bot, len(tickets), calendar)
    return Exchange(tickets, min(wait, IDLE_SECONDS))


def settle(db: Connection, bot: str, owner: str, ended: Sequence[Ended], now: float) -> None:
    """Write down how rows of ours ended, all in one statement; rows that another worker took over are left alone."""
    if not ended:
        return
    rows = json.dumps(
        [
            {"i": e.id, "s": e.state, "m": e.message_id and e.message_id.hex(), "e": e.error, "d": now + e.delay}
            for e in ended
        ]
    )
    done = db.execute(_SETTLE[db.dialect.name], {"rows": rows, "owner": owner}).all()
    _count(db, Counter((r.campaign_id, r.state) for r in done if r.state != "ready"))
    if len(done) < len(ended):  # given up for dead meanwhile: what we know is better than "unknown"
        late = db.execute(_SETTLE_LATE[db.dialect.name], {"rows": rows, "owner": owner}).all()
        _count(db, Counter((r.campaign_id, r.state) for r in late))
        _count(db, Counter((r.campaign_id, "unknown") for r in late), -1)
    if longest := max(e.hold for e in ended):
        paces.hold(db, bot, longest, now)


def release(db: Connection, bot: str, pace: Pace, owner: str, held: Sequence[int], calendar: datetime) -> None:
    """Give back untried what was claimed for us in a transaction whose answer never came: rows that we do not hold."""
    values = {"bot": bot, "owner": owner, "held": json.dumps(held)}
    paces.give_back(db, bot, pace, db.execute(_RELEASE[db.dialect.name], values).rowcount, calendar)


def reap(db: Connection, silent_since: float) -> int:
    """Take over what workers silent since then were sending: by its campaign's policy ready again, or unknown."""
    now = paces.clock(db)
    rows = db.execute(_REAP, {"silent": silent_since, "stuck": now - STUCK_SECONDS, "now": now}).all()
    _count(db, Counter((r.campaign_id, r.state) for r in rows if r.state == "unknown"))
    return len(rows)


def _running(db: Connection, bot: str) -> list[Any]:
    query = (
        select(campaign.c.id, campaign.c.name, campaign.c.policy)
        .where(campaign.c.bot == bot, campaign.c.state.in_(("running", "fanning_out")))
        .order_by(campaign.c.priority.desc(), campaign.c.id)
    )
    return list(db.execute(query).all())


def _claim(db: Connection, one: int, owner: str, room: int, now: float, calendar: float) -> list[Any]:
    values = {"campaign": one, "owner": owner, "room": room, "now": now, "calendar": calendar, "gap": GAP_SECONDS}
    return list(db.execute(_CLAIM[db.dialect.name], values).all())


def _until_due(db: Connection, running: list[int], now: float) -> float:
    """Return the seconds until the next row is due; a row that only waits for its chat's gap is looked at soon."""
    first = [due for one in running if (due := db.execute(_NEXT, {"campaign": one}).scalar()) is not None]
    return max(0.1, min(first) - now) if first else IDLE_SECONDS


def _tickets(
    db: Connection,
    keys: Keys,
    bot: str,
    owner: str,
    claimed: list[Any],
    running: list[Any],
    calendar: datetime,
    now: float,
) -> list[Ticket]:
    """Look once more at each person before anything leaves: consent, pause, whether they are still there."""
    campaigns = {c.id: c for c in running}
    ids = json.dumps([r.id for r in claimed])
    tickets, stopped, today = [], [], f"{calendar.astimezone(VIETNAM):%Y-%m-%d}"
    for r in db.execute(_PEOPLE[db.dialect.name], {"ids": ids}).all() if claimed else ():
        error = None
        if r.minute is None or r.version is None:
            error = "unsubscribed"
        elif r.paused_until > calendar.timestamp():
            error = "paused"
        if r.gone or error:
            stopped.append(Ended(r.id, r.contact_id, "gone" if r.gone else "cancelled", error=error))
            continue
        try:
            chat = keys.open(r.chat, "chat")
        except SettingsError:
            stopped.append(Ended(r.id, r.contact_id, "failed", error="Unreadable"))
            continue
        one = campaigns[r.campaign_id]
        tickets.append(
            Ticket(
                r.id, one.id, one.name, one.policy, r.contact_id, chat, r.item, bool(r.discreet), r.attempt,
                r.commune, str(r.news) == today,
            )
        )  # fmt: skip
    settle(db, bot, owner, stopped, now)
    return tickets


def _count(db: Connection, ends: Counter[tuple[int, str]], sign: int = 1) -> None:
    for (one, state), number in sorted(ends.items()):
        column = campaign.c[state]
        db.execute(update(campaign).where(campaign.c.id == one).values({state: column + sign * number}))


_DUE = """
    SELECT d.id FROM delivery d
    WHERE d.state = 'ready' AND d.campaign_id = :campaign AND d.due <= :now
      AND (d.expires IS NULL OR d.expires > :calendar)
      AND NOT EXISTS (
        SELECT 1 FROM delivery o
        WHERE o.contact_id = d.contact_id AND o.id <> d.id
          AND (o.state = 'sending' OR (o.state <> 'ready' AND o.due > :now - :gap AND o.due <= :now + :gap)))
    ORDER BY d.due LIMIT :room
"""
_CLAIM: dict[str, TextClause] = {
    "sqlite": text(f"""
        UPDATE delivery SET state = 'sending', owner = :owner, due = :now WHERE id IN ({_DUE})
        RETURNING id"""),  # noqa: S608 - our own words
    "postgresql": text(f"""
        WITH picked AS MATERIALIZED ({_DUE} FOR UPDATE OF d SKIP LOCKED)
        UPDATE delivery d SET state = 'sending', owner = :owner, due = :now FROM picked WHERE d.id = picked.id
        RETURNING d.id"""),  # noqa: S608 - our own words
}
_NEXT = text("SELECT min(due) FROM delivery WHERE campaign_id = :campaign AND state = 'ready'")
_WHO = """
    SELECT d.id, d.campaign_id, d.contact_id, d.item, d.attempt, c.chat, c.gone,
           s.minute, s.discreet, s.paused_until, s.commune, s.news, k.version
    FROM delivery d JOIN contact c ON c.id = d.contact_id
    LEFT JOIN subscription s ON s.contact_id = d.contact_id
    LEFT JOIN consent k ON k.contact_id = d.contact_id AND k.purpose = 'campaign'
    WHERE d.id IN (SELECT {value} FROM {rows}) ORDER BY d.id
"""
_PEOPLE: dict[str, TextClause] = {
    "sqlite": text(_WHO.format(value="value", rows="json_each(:ids)")),
    "postgresql": text(_WHO.format(value="value::bigint", rows="json_array_elements_text(CAST(:ids AS json))")),
}
_ROWS = {
    "sqlite": "(SELECT json_extract(value, '$.i') AS i, json_extract(value, '$.s') AS s,"
    " from_hex(json_extract(value, '$.m')) AS m, json_extract(value, '$.e') AS e, json_extract(value, '$.d') AS d"
    " FROM json_each(:rows))",
    "postgresql": "(SELECT i, s, decode(m, 'hex') AS m, e, d"
    " FROM json_to_recordset(CAST(:rows AS json)) AS r(i bigint, s text, m text, e text, d float8))",
}
_SETTLED = """
    UPDATE delivery SET state = j.s, message_id = j.m, error = j.e, due = j.d,
           attempt = attempt + CASE WHEN j.e IN ('silent', 'stopped') THEN 0 ELSE 1 END,
           owner = CASE WHEN j.s = 'ready' THEN NULL ELSE owner END
    FROM {rows} AS j WHERE delivery.id = j.i AND {plus}delivery.owner = :owner AND {plus}delivery.state = '{state}' {more}
    RETURNING campaign_id, state
"""


def _settled(state: str, more: str = "") -> dict[str, TextClause]:
    """SQLite is kept from walking the index of all rows that are being sent: the row's id is the way to it."""
    return {
        "sqlite": text(_SETTLED.format(rows=_ROWS["sqlite"], plus="+", state=state, more=more)),
        "postgresql": text(_SETTLED.format(rows=_ROWS["postgresql"], plus="", state=state, more=more)),
    }


_SETTLE = _settled("sending")
_SETTLE_LATE = _settled("unknown", "AND j.s NOT IN ('ready', 'unknown')")
_OURS = """
    UPDATE delivery SET state = 'ready', owner = NULL
    WHERE state = 'sending' AND owner = :owner AND campaign_id IN (SELECT id FROM campaign WHERE bot = :bot)
      AND id NOT IN (SELECT {value} FROM {rows})
"""
_RELEASE = {
    "sqlite": text(_OURS.format(value="value", rows="json_each(:held)")),
    "postgresql": text(_OURS.format(value="value::bigint", rows="json_array_elements_text(CAST(:held AS json))")),
}
_REAP = text("""
    UPDATE delivery SET due = :now,
           state = CASE (SELECT policy FROM campaign WHERE campaign.id = delivery.campaign_id)
                   WHEN 'retry' THEN 'ready' ELSE 'unknown' END
    WHERE state = 'sending' AND campaign_id IS NOT NULL
      AND (due < :stuck OR owner IS NULL OR owner NOT IN (SELECT id FROM worker WHERE beat >= :silent))
    RETURNING campaign_id, state
""")
