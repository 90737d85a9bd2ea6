"""Tables of the people store. No table holds what a person wrote, except the words of a call-back request, sealed."""

from __future__ import annotations

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
    Text,
    text,
)

people = MetaData()

ENDS = ("total", "sent", "gone", "failed", "unknown", "cancelled", "expired")
"""Counters of a campaign: all its rows, and those that ended."""

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
    Column("safe_word", LargeBinary(32), comment="keyed hash of the person's own word that hides at once"),
    Index("contact_lookup", "lookup", unique=True),
)

conversation = Table(
    "conversation",
    people,
    _contact_key(primary_key=True),
    Column("state", LargeBinary, nullable=False, comment="the conversation's step, sealed"),
    Column("expires_at", Float, nullable=False),
)

seen = Table(
    "seen",
    people,
    _contact_key(primary_key=True),
    Column("mark", LargeBinary(32), primary_key=True, comment="keyed hash of the message's id"),
    Column("message_id", LargeBinary, nullable=False, comment="the platform's id, sealed, for a quick exit"),
    Column("at", Float, nullable=False),
    Index("seen_at", "at"),
)

subscription = Table(
    "subscription",
    people,
    _contact_key(primary_key=True),
    Column("minute", Integer, nullable=False, comment="of the day in Vietnam, 0-1439"),
    Column("topics", String(200), nullable=False, server_default="", comment="separated by spaces; '' for all"),
    Column("next_slogan", Integer, nullable=False, server_default="0", comment="slogans already seen on request"),
    Column("youth", Integer, nullable=False, server_default="0", comment="1: asked for the messages of young people"),
    Column("province", String(40), nullable=False, server_default="", comment="told for the messages, or ''"),
    Column("commune", Integer, comment="told for the messages: code of today's commune"),
    Column("discreet", Integer, nullable=False, server_default="0", comment="1: no word of violence"),
    Column("paused_until", Float, nullable=False, server_default="0", comment="seconds since 1970"),
    Column("shown", Text, nullable=False, server_default="", comment="items of this round, separated by spaces"),
    Column("reached", Date, comment="day of the first message of this season that arrived; NULL or older: none yet"),
    Column("news", Date, comment="day whose message told of an event of their commune"),
    CheckConstraint("minute BETWEEN 0 AND 1439", name="minute_of_day"),
    Index("subscription_minute", "minute", "contact_id"),
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
    Column("commune", Integer, comment="code of today's commune; 0: no commune may read it"),
    Column("words", LargeBinary, nullable=False, comment="how and when it is safe to call, sealed"),
    Column("state", String(12), nullable=False, server_default="open"),
    Column("created_at", Float, nullable=False),
    CheckConstraint("state IN ('open', 'closed')", name="callback_state"),
    sqlite_autoincrement=True,  # an id never comes twice: a page of a closed request opens and closes no other
)

campaign = Table(
    "campaign",
    people,
    Column("id", _id, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("day", Date, nullable=False, comment="in Vietnam"),
    Column("bot", String(40), nullable=False, comment="the channel it goes through"),
    Column("state", String(12), nullable=False),
    Column("policy", String(8), nullable=False, comment="what becomes of a message that may have arrived"),
    Column("version", String(16), nullable=False, comment="of the campaign's file"),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("cursor", _id, nullable=False, server_default="0", comment="how far the fan-out has come"),
    Column("created_at", Float, nullable=False),
    *(Column(name, Integer, nullable=False, server_default="0") for name in ENDS),
    CheckConstraint("state IN ('fanning_out', 'running', 'paused', 'cancelled', 'done')", name="campaign_state"),
    CheckConstraint("policy IN ('hold', 'retry')", name="campaign_policy"),
    Index("campaign_once", "name", "day", "bot", unique=True),
)

bucket = Table(
    "bucket",
    people,
    Column("bot", String(40), primary_key=True),
    Column("rate", Float, nullable=False, comment="messages a second"),
    Column("tokens", Float, nullable=False, comment="may be negative: replies never wait"),
    Column("at", Float, nullable=False),
    Column("paused_until", Float, nullable=False, server_default="0"),
    Column("slow_until", Float, nullable=False, server_default="0"),
)

token = Table(
    "token",
    people,
    Column("bot", String(40), primary_key=True),
    Column("pair", LargeBinary, nullable=False, comment="access and refresh token, sealed"),
    Column("version", Integer, nullable=False, comment="one more with each pair"),
    Column("expires_at", Float, nullable=False),
    Column("refreshing_until", Float, nullable=False, server_default="0", comment="one worker at a time"),
)

usage = Table(
    "usage",
    people,
    Column("bot", String(40), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("count", Integer, nullable=False),
)

delivery = Table(
    "delivery",
    people,
    Column("id", _id, primary_key=True),
    _contact_key(),
    Column("campaign_id", _id, ForeignKey("campaign.id"), comment="NULL: a reply"),
    Column("item", String(48), comment="what a campaign sends, with its version"),
    Column("expires", Float, comment="a campaign message is not sent after this moment of the calendar"),
    Column("state", String(12), nullable=False),
    Column("due", Float, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("owner", String(36)),
    Column("body", LargeBinary, comment="sealed; emptied as soon as it is settled"),
    Column("message_id", LargeBinary, comment="the platform's id, sealed, so that a quick exit can delete it"),
    Column("error", String(32), comment="name of the failure, never its text"),
    Column("created_at", Float, nullable=False),
    CheckConstraint(
        "state IN ('ready', 'sending', 'sent', 'gone', 'failed', 'unknown', 'cancelled', 'expired')",
        name="delivery_state",
    ),
    Index(
        "delivery_ready",
        "campaign_id",
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
    Index("delivery_once", "contact_id", "campaign_id", unique=True),
)

worker = Table("worker", people, Column("id", String(36), primary_key=True), Column("beat", Float, nullable=False))

tally = Table(
    "tally",
    people,
    Column("day", Date, primary_key=True),
    Column("province", String(40), primary_key=True, comment="'' when not told"),
    Column(
        "what", String(40), primary_key=True, comment="'told:physical', 'offered:police', 'topic:child', 'reached', …"
    ),
    Column("count", Integer, nullable=False),
)
