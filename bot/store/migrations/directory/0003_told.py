"""What decisions and lists look for stands in columns and indexes of its own: an older directory gets them, filled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from referral_directory import keeping as keeping  # its tables are of the directory too
from referral_directory import record as records
from referral_directory.models import directory, service

revision = "directory_0003"
down_revision = "directory_0002"
branch_labels = None
depends_on = None

_COLUMNS = {
    "service": (
        sa.Column("search_fold", sa.String(480), nullable=False, server_default=""),
        sa.Column("published", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("told", sa.Text, nullable=False, server_default=""),
    ),
    "staff": (
        sa.Column("search_fold", sa.String(320), nullable=False, server_default=""),
        sa.Column("signed_in_at", sa.Float),
    ),
}
_REBUILT = ("service_place", "service_search", "service_shown", "attribute_link", "staff_name", "revision_state")
_GONE = "ix_attribute_link_id"
_AT_ONCE = 1_000


def upgrade() -> None:
    seen = sa.inspect(op.get_bind())
    for table, columns in _COLUMNS.items():
        there = {column["name"] for column in seen.get_columns(table)}
        for column in columns:
            if column.name not in there:
                op.add_column(table, column)
    op.drop_index(_GONE, if_exists=True)
    for made in directory.sorted_tables:
        for index in made.indexes:
            if index.name in _REBUILT:
                op.drop_index(index.name, if_exists=True)
                index.create(op.get_bind())
    _fill(op.get_bind())


def _fill(db: sa.Connection) -> None:
    ids = list(db.execute(sa.select(service.c.id)).scalars())
    names = ("name_fold", "search_fold", "published", "told")
    change = sa.update(service).where(service.c.id == sa.bindparam("key"))
    change = change.values({name: sa.bindparam(f"its_{name}") for name in names})
    for n in range(0, len(ids), _AT_ONCE):
        found = records.read(db, ids[n : n + _AT_ONCE])
        rows = [{"key": key, **_named(records.derived(record))} for key, record in found.items()]
        db.execute(change, rows)


def _named(columns: dict[str, object]) -> dict[str, object]:
    return {f"its_{name}": value for name, value in columns.items()}


def downgrade() -> None:
    raise NotImplementedError("the columns of before are all still there")
