"""Who reads which call-back requests: staff of the commune their own, the supervisor of the house those of no commune.

Whoever named no commune, or wishes not to meet anybody of it, may have kin in its office: no commune's staff reads that
request. A supervisor of the province that runs this installation does (`Site.home`); where no province is set nobody
does on the site, and the operator opens it by `tincay callbacks --read` for somebody named. All others see counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement

from bot.staff.visit import Visit
from bot.store import callbacks
from bot.store.callbacks import Desk, Queue
from bot.store.engine import reading
from referral_directory.keeper import CONFIRMED, Keeper
from referral_directory.keeping import audit, staff
from referral_directory.places import Commune, load


@dataclass(frozen=True, slots=True)
class Calls:
    """What waits at a desk: ids and moments of the requests; words are never among them."""

    waiting: tuple[tuple[int, float], ...] = ()
    tried: Mapping[int, float] = field(default_factory=dict)
    """When somebody last called without reaching the person, by request, in seconds."""
    elsewhere: tuple[tuple[Queue, Commune | None, int, int], ...] = ()
    """Of a supervisor: the queues of communes, how many people read each, and how many would once they are confirmed."""

    @property
    def count(self) -> int:
        """Requests that this person may read."""
        return len(self.waiting)

    @property
    def unread(self) -> int:
        """Requests that nobody can read, since their commune has no staff, or none that is confirmed."""
        return sum(queue.count for queue, _, people, _ in self.elsewhere if not people)

    @property
    def unconfirmed(self) -> int:
        """Those of `unread` that somebody reads as soon as their account is confirmed."""
        return sum(queue.count for queue, _, people, waiting in self.elsewhere if waiting and not people)


def desk_of(keeper: Keeper, home: str) -> Desk | None:
    """Return the desk whose requests this person may read, or None; none before an account is confirmed."""
    if not keeper.confirmed:
        return None
    if keeper.role == "commune":
        return Desk(keeper.commune)
    return Desk(None) if keeper.role == "province" and home and keeper.province == home else None


def waiting_calls(visit: Visit) -> Calls:
    """Return what waits for this person, and for a supervisor the counts of the communes."""
    desk = desk_of(visit.keeper, visit.site.home)
    with reading(visit.site.people) as db:
        mine = tuple(callbacks.waiting(db, desk)) if desk else ()
        others = callbacks.queues(db) if visit.keeper.role != "commune" else []
    seen = [q for q in others if _counts_for(visit.keeper, q, desk)]
    communes = [load().commune(q.commune) if q.commune else None for q in seen]
    codes = [c.code if c else 0 for c in communes]
    people, waiting = _staff_of(visit, codes, CONFIRMED), _staff_of(visit, codes, ~CONFIRMED)
    found = [(q, c, people.get(n, 0), waiting.get(n, 0)) for q, c, n in zip(seen, communes, codes, strict=True)]
    return Calls(mine, _tried(visit, mine, desk), tuple(sorted(found, key=lambda one: one[0].oldest)))


def _tried(visit: Visit, mine: tuple[tuple[int, float], ...], desk: Desk | None) -> dict[int, float]:
    """Return when these requests were last tried, as the audit has it."""
    if desk is None or not mine:
        return {}
    left = dict(mine)
    about = (audit.c.action == "try_callback", audit.c.entity_id.in_([str(one) for one in left]))
    query = select(audit.c.entity_id, func.max(audit.c.at)).where(*about, audit.c.commune == (desk.commune or 0))
    found = {int(request): float(at) for request, at in visit.db.execute(query.group_by(audit.c.entity_id))}
    return {request: at for request, at in found.items() if at >= left[request]}


def _counts_for(keeper: Keeper, queue: Queue, desk: Desk | None) -> bool:
    """Tell whether somebody who supervises sees this queue as a count."""
    if queue.commune is None:
        return desk is None and keeper.role == "admin"
    commune = load().commune(queue.commune)
    return keeper.owns(queue.commune, commune.province.name if commune else "")


def _staff_of(visit: Visit, communes: list[int], which: ColumnElement[bool]) -> dict[int, int]:
    """Return how many active people, confirmed or not yet, each commune has; 0 stands for the desk of no commune."""
    reads = (staff.c.active, which)
    query = select(staff.c.commune, func.count()).where(*reads, staff.c.commune.in_(communes))
    found = {int(code): int(n) for code, n in visit.db.execute(query.group_by(staff.c.commune))}
    house = select(func.count()).where(*reads, staff.c.role == "province", staff.c.province == visit.site.home)
    return found | {0: int(visit.db.execute(house).scalar_one()) if visit.site.home else 0}
