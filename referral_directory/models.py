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
    text,
)

from referral_directory.terms import KINDS

directory = MetaData()

VISIBILITIES = ("public", "referral_only", "staff_only")
"""Who may see a location or a phone: everybody; somebody who is being referred, from a person; staff of the commune."""

MACHINE = "00000000-0000-0000-0000-000000000000"
"""The member of staff in whose name the command line imports; it can neither sign in, nor approve, nor verify."""

_visibility = f"visibility IN ({', '.join(repr(v) for v in VISIBILITIES)})"


def _key() -> Column[str]:
    return Column("id", String(36), primary_key=True)


def _to(table: str) -> Column[str]:
    key = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(f"{table}_id", String(36), key, nullable=False, index=True)


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
    Column("name_fold", String(200), nullable=False, comment="name without marks, for searching"),
    Column("search_fold", String(480), nullable=False, comment="words of name, kind and place without marks"),
    Column("description", Text, nullable=False, server_default=""),
    Column("kind", String(24), nullable=False),
    Column("status", String(20), nullable=False, comment="HSDS: active, inactive, defunct, temporarily closed"),
    Column("state", String(12), nullable=False, comment="draft, waiting, approved, retired: only approved is shown"),
    Column(
        "published",
        Boolean,
        nullable=False,
        server_default="0",
        comment="everybody may see it once it is approved: a trusted address only by decision and with consent",
    ),
    Column(
        "told",
        Text,
        nullable=False,
        server_default="",
        comment="JSON: hours, terms and languages once more, for a decision to read with one row",
    ),
    Column("commune", Integer, nullable=False, comment="code of today's commune; 0 for the whole province"),
    Column("province", String(40), nullable=False),
    Column("distance_km", Float, comment="kilometres from the commune's centre, where known"),
    Column("assured_date", Date, comment="the day on which somebody called and checked"),
    Column("assurer_email", String(200)),
    Column("last_modified", Float, nullable=False, server_default="0", comment="seconds since 1970"),
    Column("version", Integer, nullable=False, server_default="0", comment="changes approved so far"),
    Column("edited_by", String(36), comment="who wrote what is shown"),
    Column("approved_by", String(36), comment="who approved it: never the same person"),
    Column("sample", Boolean, nullable=False, server_default="0", comment="trial data; never in production"),
    CheckConstraint(f"kind IN ({', '.join(repr(k) for k in KINDS)})", name="service_kind"),
    CheckConstraint("state IN ('draft', 'waiting', 'approved', 'retired')", name="service_state"),
    CheckConstraint("status IN ('active', 'inactive', 'defunct', 'temporarily closed')", name="service_status"),
    CheckConstraint(
        "state <> 'approved' OR sample OR"
        " (edited_by IS NOT NULL AND approved_by IS NOT NULL AND edited_by <> approved_by)",
        name="service_two_persons",
    ),
    CheckConstraint(f"approved_by <> '{MACHINE}'", name="service_machine"),
    Index("service_place", "commune", "province", "state"),
    Index("service_province", "province", "state"),
    # holds all that a list is filtered by, so that a search through everything reads no row that it does not show
    Index("service_search", "search_fold", "id", "state", "kind", "status", "assured_date", "province", "commune"),
    Index(
        "service_shown",
        "id",
        "last_modified",
        sqlite_where=text("state = 'approved' AND published = 1"),
        postgresql_where=text("state = 'approved' AND published"),
    ),
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

schedule = Table(
    "schedule",
    directory,
    _key(),
    _to("service"),
    Column("description", String(120), nullable=False, comment="as people read it"),
    Column("byday", String(20), comment="MO,TU,WE,TH,FR,SA,SU; NULL where the words name no days"),
    Column("opens_at", String(5), comment="HH:MM"),
    Column("closes_at", String(5), comment="HH:MM; 24:00 for the end of the day"),
)

service_area = Table(
    "service_area", directory, _key(), _to("service"), Column("name", String(120)), Column("extent", String(20))
)

language = Table(
    "language",
    directory,
    _key(),
    _to("service"),
    Column("name", String(40), nullable=False),
    Column("code", String(8), nullable=False, comment="ISO 639"),
)

taxonomy_term = Table(
    "taxonomy_term",
    directory,
    _key(),
    Column("code", String(40), nullable=False),
    Column("name", String(120), nullable=False),
    Column("taxonomy", String(40), nullable=False, comment="takes, for, shelter, decision"),
    Index("taxonomy_term_code", "taxonomy", "code", unique=True),
)

attribute = Table(
    "attribute",
    directory,
    _key(),
    Column("link_id", String(36), ForeignKey("service.id", ondelete="CASCADE"), nullable=False),
    Column("link_entity", String(20), nullable=False, server_default="service"),
    _to("taxonomy_term"),
    Column("value", String(200), comment="number and date of a decision; NULL where the term says all"),
    Index("attribute_link", "link_id", "taxonomy_term_id"),
)
