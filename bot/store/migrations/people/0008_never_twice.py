"""The id of a call-back request never comes twice; PostgreSQL's sequences kept that already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "people_0008"
down_revision = "people_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_anew(counts_on=True)


def downgrade() -> None:
    _make_anew(counts_on=False)


def _make_anew(counts_on: bool) -> None:
    """Move the rows, with their ids, to a table of the same columns: SQLite changes none in place."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.rename_table("callback_request", "callback_before")
    op.create_table(
        "callback_request",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("commune", sa.Integer),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(12), nullable=False, server_default="open"),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name="callback_state"),
        sqlite_autoincrement=counts_on,
    )
    columns = "id, contact_id, commune, words, state, created_at"
    op.execute(f"INSERT INTO callback_request ({columns}) SELECT {columns} FROM callback_before")  # noqa: S608 - our own names
    op.drop_table("callback_before")
