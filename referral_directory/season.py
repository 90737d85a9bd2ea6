"""What a unit tells of its action month in the report: its activities, and the words around the numbers."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy import ForeignKey as Key

from content.printable import printable
from referral_directory.keeper import Keeper, OutOfScope, note
from referral_directory.models import directory

activity = Table(
    "activity",
    directory,
    Column("id", String(36), primary_key=True),
    Column("province", String(40), nullable=False, comment="'' for a unit of the whole country"),
    Column("year", Integer, nullable=False, comment="of the action month"),
    Column("day", Date, nullable=False),
    Column("what", String(300), nullable=False),
    Column("place", String(120), nullable=False, server_default=""),
    Column("people", Integer, comment="who took part; NULL where nobody counted"),
    Column("written_by", String(36), Key("staff.id"), nullable=False),
    Column("written_at", Float, nullable=False),
    CheckConstraint("people >= 0", name="activity_people"),
    Index("activity_season", "province", "year", "day"),
)

season_words = Table(
    "season_words",
    directory,
    Column("province", String(40), primary_key=True, comment="'' for a unit of the whole country"),
    Column("year", Integer, primary_key=True),
    Column("words", JSON, nullable=False, comment="fields of `Words`"),
    Column("written_by", String(36), Key("staff.id"), nullable=False),
    Column("written_at", Float, nullable=False),
)

TABLES = (activity, season_words)
MOST = 200
"""Activities of one season that are kept and printed."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of a unit; `people` is None where nobody counted who took part."""

    day: date
    what: str
    place: str = ""
    people: int | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What only people know and the document needs; "" leaves a line to fill in by hand."""

    above: str = ""
    """The authority above the unit."""
    unit: str = ""
    number: str = ""
    place: str = ""
    plan: str = ""
    """Number and day of the plan that the report answers: "số 214/KH-UBND ngày 05/11/2026"."""
    theme: str = ""
    troubles: str = ""
    wishes: str = ""
    copies: str = ""
    """Who gets the report, one a line."""
    position: str = ""
    signer: str = ""


_LETTERHEAD = {"above", "unit", "place", "copies", "position", "signer"}
"""What stays the same from one season to the next."""


def activities_of(db: Connection, province: str, year: int) -> tuple[Activity, ...]:
    """Return the activities of a season by day."""
    mine = (activity.c.province == province, activity.c.year == year)
    query = select(activity).where(*mine).order_by(activity.c.day, activity.c.written_at, activity.c.id).limit(MOST)
    return tuple(Activity(r.day, printable(r.what), printable(r.place), r.people, r.id) for r in db.execute(query))


def add_activity(db: Connection, keeper: Keeper, province: str, year: int, made: Activity, now: datetime) -> None:
    """Keep an activity."""
    key = str(uuid.uuid4())
    written = {"written_by": keeper.id, "written_at": now.timestamp()}
    values = {"day": made.day, "what": made.what, "place": made.place, "people": made.people}
    db.execute(insert(activity).values(id=key, province=province, year=year, **values, **written))
    note(db, keeper, "add_activity", "activity", key, now)


def drop_activity(db: Connection, keeper: Keeper, province: str, key: str, now: datetime) -> int:
    """Delete an activity of this province and return its year; raise `OutOfScope` where there is none."""
    mine = delete(activity).where(activity.c.id == key, activity.c.province == province).returning(activity.c.year)
    year = db.execute(mine).scalar()
    if year is None:
        raise OutOfScope("Không có hoạt động này.")
    note(db, keeper, "drop_activity", "activity", key, now)
    return int(year)


def words_of(db: Connection, province: str, year: int) -> Words:
    """Return the words of a season; those of the letterhead of the last one where this one has none yet."""
    mine = (season_words.c.province == province, season_words.c.year <= year)
    row = db.execute(select(season_words).where(*mine).order_by(season_words.c.year.desc()).limit(1)).first()
    kept = dict(row.words) if row else {}
    names = {f.name for f in fields(Words)} if row and row.year == year else _LETTERHEAD
    return Words(**{name: printable(str(value)) for name, value in kept.items() if name in names})


def keep_words(db: Connection, keeper: Keeper, province: str, year: int, words: Words, now: datetime) -> None:
    """Keep the words of a season; what was there before is gone."""
    values = {"words": asdict(words), "written_by": keeper.id, "written_at": now.timestamp()}
    mine = (season_words.c.province == province, season_words.c.year == year)
    if not db.execute(update(season_words).where(*mine).values(**values)).rowcount:
        db.execute(insert(season_words).values(province=province, year=year, **values))
    note(db, keeper, "write_report", "report", f"{province} {year}".strip(), now)
