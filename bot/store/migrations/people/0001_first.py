"""The people store as it began: the tables of then, whatever `schema.py` says now."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

people = MetaData()

_id = BigInteger().with_variant(Integer, "sqlite")


def _contact_key(primary_key: bool = False) -> Column[int]:
    key = ForeignKey("contact.id", ondelete="CASCADE")
    return Column("contact_id", _id, key, nullable=False, primary_key=primary_key)


contact = Table(
    "contact",
    people,
    Column("id", _id, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("lookup", LargeBinary(32), nullable=False, comment="keyed hash of channel and chat id"),
    Column("chat", LargeBinary, nullable=False, comment="chat id, sealed"),
    Column("gone", Integer, nullable=False, server_default="0", comment="1: blocked or left the bot"),
    Column("seen_at", Float, nullable=False, comment="last message, seconds since 1970"),
    Index("contact_lookup", "lookup", unique=True),
)

conversation = Table(
    "conversation",
    people,
    _contact_key(primary_key=True),
    Column("state", LargeBinary, nullable=False, comment="the conversation's step, sealed"),
    Column("updated_at", Float, nullable=False),
)

seen = Table(
    "seen",
    people,
    _contact_key(primary_key=True),
    Column("message_id", String(80), primary_key=True),
    Column("at", Float, nullable=False),
    Index("seen_at", "at"),
)

subscription = Table(
    "subscription",
    people,
    _contact_key(primary_key=True),
    Column("minute", Integer, nullable=False, comment="of the day in Vietnam, 0-1439"),
    Column("topics", String(200), nullable=False, server_default=""),
    Column("next_slogan", Integer, nullable=False, server_default="0", comment="slogans already seen on request"),
    CheckConstraint("minute BETWEEN 0 AND 1439", name="minute_of_day"),
)

consent = Table(
    "consent",
    people,
    _contact_key(primary_key=True),
    Column("purpose", String(32), primary_key=True),
    Column("version", String(32), nullable=False),
    Column("at", Float, nullable=False),
)

callback_request = Table(
    "callback_request",
    people,
    Column("id", _id, primary_key=True),
    _contact_key(),
    Column("commune", Integer, comment="code of today's commune"),
    Column("words", LargeBinary, nullable=False, comment="how and when it is safe to call, sealed"),
    Column("state", String(12), nullable=False, server_default="open"),
    Column("created_at", Float, nullable=False),
    CheckConstraint("state IN ('open', 'closed')", name="callback_state"),
)

delivery = Table(
    "delivery",
    people,
    Column("id", _id, primary_key=True),
    _contact_key(),
    Column("state", String(12), nullable=False),
    Column("due", Float, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("owner", String(36)),
    Column("body", LargeBinary, comment="sealed; emptied as soon as it is settled"),
    Column("message_id", String(80), comment="the platform's id, so that a quick exit can delete it"),
    Column("error", String(32), comment="name of the failure, never its text"),
    Column("created_at", Float, nullable=False),
    CheckConstraint(
        "state IN ('ready', 'sending', 'sent', 'gone', 'failed', 'unknown', 'cancelled')",
        name="delivery_state",
    ),
    Index(
        "delivery_ready",
        "due",
        sqlite_where=text("state = 'ready'"),
        postgresql_where=text("state = 'ready'"),
    ),
    Index(
        "delivery_sending",
        "owner",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index("delivery_contact", "contact_id"),
)

worker = Table("worker", people, Column("id", String(36), primary_key=True), Column("beat", Float, nullable=False))

tally = Table(
    "tally",
    people,
    Column("day", Date, primary_key=True),
    Column("province", String(40), primary_key=True, comment="'' when not told"),
    Column("what", String(40), primary_key=True, comment="'told:physical', 'offered:police', 'asked:ask_law', …"),
    Column("count", Integer, nullable=False),
)

revision = "people_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    people.create_all(op.get_bind())


def downgrade() -> None:
    people.drop_all(op.get_bind())
