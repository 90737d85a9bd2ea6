"""Tables of the directory, named after HSDS 3.1.3 (Open Referral); city = commune, state_province = province."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

directory = MetaData()

KINDS = (
    "trusted_address", "police", "peoples_committee", "womens_union", "health_station",
    "hospital", "legal_aid", "counselling", "social_work",
)  # fmt: skip
"""Kinds of service, in the order in which a commune's entries are offered."""

_visibility = "visibility IN ('public', 'referral_only', 'staff_only')"


def _key() -> Column[str]:
    return Column("id", String(36), primary_key=True)


def _to(table: str) -> Column[str]:
    return Column(f"{table}_id", String(36), ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False)


organization = Table(
    "organization",
    directory,
    _key(),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
)

service = Table(
    "service",
    directory,
    _key(),
    _to("organization"),
    Column("name", String(200), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("status", String(12), nullable=False, comment="HSDS: active, inactive, defunct, temporarily closed"),
    Column(
        "state",
        String(12),
        nullable=False,
        comment="draft, waiting, approved, retired: only approved is shown",
    ),
    Column("commune", Integer, nullable=False, comment="code of today's commune; 0 for the whole province"),
    Column("province", String(40), nullable=False),
    Column("assured_date", Date, comment="the day on which somebody called and checked"),
    Column("assurer_email", String(200)),
    Column("sample", Boolean, nullable=False, server_default="0", comment="trial data; never in production"),
    CheckConstraint(f"kind IN ({', '.join(repr(k) for k in KINDS)})", name="service_kind"),
    CheckConstraint("state IN ('draft', 'waiting', 'approved', 'retired')", name="service_state"),
    Index("service_place", "commune", "state"),
)

location = Table(
    "location",
    directory,
    _key(),
    Column("location_type", String(8), nullable=False, server_default="physical"),
    Column("name", String(200)),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("visibility", String(16), nullable=False, server_default="staff_only"),
    CheckConstraint("location_type IN ('physical', 'postal', 'virtual')", name="location_type"),
    CheckConstraint(_visibility, name="location_visibility"),
)

service_at_location = Table("service_at_location", directory, _key(), _to("service"), _to("location"))

address = Table(
    "address",
    directory,
    _key(),
    _to("location"),
    Column("address_1", String(200), nullable=False),
    Column("city", String(80), nullable=False),
    Column("state_province", String(40), nullable=False),
    Column("country", String(2), nullable=False, server_default="VN"),
    Column("address_type", String(10), nullable=False, server_default="physical"),
)

phone = Table(
    "phone",
    directory,
    _key(),
    _to("service"),
    Column("number", String(32), nullable=False),
    Column("visibility", String(16), nullable=False, server_default="staff_only"),
    CheckConstraint(_visibility, name="phone_visibility"),
)

schedule = Table("schedule", directory, _key(), _to("service"), Column("description", String(120), nullable=False))
