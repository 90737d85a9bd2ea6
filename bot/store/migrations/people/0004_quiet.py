"""A safe word of one's own; ids of messages sealed, and known again by a keyed hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "people_0004"
down_revision = "people_0003"
branch_labels = None
depends_on = None

_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("contact", sa.Column("safe_word", sa.LargeBinary(32)))
    op.drop_table("seen")  # ids of three days, in the clear; the platforms repeat a message for minutes
    op.create_table(
        "seen",
        sa.Column("contact_id", _id, sa.ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("mark", sa.LargeBinary(32), primary_key=True),
        sa.Column("message_id", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("seen_at", "seen", ["at"])
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_column("message_id")
        delivery.add_column(sa.Column("message_id", sa.LargeBinary))


def downgrade() -> None:
    raise NotImplementedError("what was sealed is not opened again")
