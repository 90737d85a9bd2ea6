"""Tables of those who keep the directory true: staff, sessions, revisions, history, verifications, audit."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from referral_directory.models import MACHINE as MACHINE
from referral_directory.models import directory

ROLES = ("commune", "province", "admin")
"""Staff of one commune; supervisors of one province; administrators of everything."""

FOUND = {
    "right": "Đúng như ghi",
    "changed": "Có thay đổi",
    "no_answer": "Không ai nghe máy",
    "closed": "Không còn hoạt động",
}
"""What somebody found who called a service. Only "right" makes it verified."""


def _key() -> Column[str]:
    return Column("id", String(36), primary_key=True)


def _staff(name: str, nullable: bool = False) -> Column[str]:
    return Column(name, String(36), ForeignKey("staff.id"), nullable=nullable)


staff = Table(
    "staff",
    directory,
    _key(),
    Column("login", String(80), nullable=False, comment="lower case"),
    Column("name", String(120), nullable=False),
    Column("search_fold", String(320), nullable=False, server_default="", comment="name, login, place without marks"),
    Column("role", String(8), nullable=False),
    Column("commune", Integer, nullable=False, server_default="0", comment="code of the commune of commune staff"),
    Column("province", String(40), nullable=False, server_default=""),
    Column("password", String(200), nullable=False, server_default="", comment="argon2; empty: cannot sign in"),
    Column("totp", LargeBinary, comment="secret, sealed; NULL where not set up"),
    Column("totp_step", Integer, nullable=False, server_default="0", comment="last time step used: a code counts once"),
    Column("new_password", Boolean, nullable=False, server_default="0", comment="must choose a password first"),
    Column("active", Boolean, nullable=False, server_default="1"),
    Column("created_at", Float, nullable=False),
    Column("signed_in_at", Float, comment="the last time; NULL: never"),
    Column(
        "given_by",
        String(36),
        comment="who last gave the account, its password, role or place; NULL: the command line of the machine",
    ),
    Column(
        "confirmed_by",
        String(36),
        CheckConstraint(
            "confirmed_by IS NULL OR (given_by IS NOT NULL AND confirmed_by <> given_by AND confirmed_by <> id "
            f"AND confirmed_by <> '{MACHINE}' AND NOT new_password)",
            name="staff_two_persons",
        ),
        comment="who then made sure that it is in its owner's hands",
    ),
    CheckConstraint(f"role IN ({', '.join(repr(r) for r in ROLES)})", name="staff_role"),
    CheckConstraint("role <> 'commune' OR commune > 0", name="staff_commune"),
    CheckConstraint("role <> 'province' OR province <> ''", name="staff_province"),
    CheckConstraint(f"id <> '{MACHINE}' OR (password = '' AND totp IS NULL)", name="staff_machine"),
    Index("staff_login", "login", unique=True),
    Index("staff_name", "name", "id"),
)

recovery_code = Table(
    "recovery_code",
    directory,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("staff_id", String(36), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
)

session = Table(
    "session",
    directory,
    Column("token", LargeBinary(32), primary_key=True, comment="SHA-256 of the cookie"),
    Column("staff_id", String(36), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(43), nullable=False),
    Column("full", Boolean, nullable=False, comment="false: the code of the second factor is still missing"),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    CheckConstraint(f"staff_id <> '{MACHINE}'", name="session_machine"),
)

revision = Table(
    "revision",
    directory,
    _key(),
    Column("service_id", String(36), ForeignKey("service.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("base", Integer, nullable=False, comment="version of the service that it changes"),
    Column("record", JSON, nullable=False, comment="the whole record as it shall be"),
    Column("retires", Boolean, nullable=False, server_default="0", comment="the service shall be shown no more"),
    Column("state", String(10), nullable=False),
    Column("source", String(10), nullable=False, comment="form, excel, command"),
    _staff("author"),
    Column("written_at", Float, nullable=False),
    _staff("decided_by", nullable=True),
    Column("decided_at", Float),
    Column(
        "reason",
        String(300),
        nullable=False,
        server_default="",
        comment="why it was returned, or why a service shall go",
    ),
    CheckConstraint("state IN ('draft', 'waiting', 'approved', 'returned', 'replaced')", name="revision_state"),
    CheckConstraint("decided_by IS NULL OR decided_by <> author", name="revision_two_persons"),
    CheckConstraint(f"decided_by <> '{MACHINE}'", name="revision_machine"),
    CheckConstraint("state NOT IN ('approved', 'returned') OR decided_by IS NOT NULL", name="revision_decided"),
    Index(
        "revision_open",
        "service_id",
        unique=True,
        sqlite_where=text("state IN ('draft', 'waiting', 'returned')"),
        postgresql_where=text("state IN ('draft', 'waiting', 'returned')"),
    ),
    Index("revision_state", "state", "written_at", "service_id", "author", "id"),
)

history = Table(
    "history",
    directory,
    Column("id", Integer, primary_key=True),
    Column("service_id", String(36), ForeignKey("service.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("field", String(24), nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    _staff("author"),
    _staff("approver"),
)

verification = Table(
    "verification",
    directory,
    _key(),
    Column("service_id", String(36), ForeignKey("service.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Float, nullable=False),
    _staff("by"),
    Column("found", String(10), nullable=False),
    Column("note", String(300), nullable=False, server_default=""),
    CheckConstraint(f"\"by\" <> '{MACHINE}'", name="verification_machine"),
    CheckConstraint(f"found IN ({', '.join(repr(f) for f in FOUND)})", name="verification_found"),
)

audit = Table(
    "audit",
    directory,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False, index=True),
    _staff("staff_id", nullable=True),
    Column("action", String(24), nullable=False),
    Column("entity", String(24), nullable=False, server_default=""),
    Column("entity_id", String(80), nullable=False, server_default=""),
    Column("commune", Integer, nullable=False, server_default="0"),
)
