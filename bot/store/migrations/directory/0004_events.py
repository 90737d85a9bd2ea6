"""Events of the communes."""

from __future__ import annotations

from alembic import op

from referral_directory.events import event

revision = "directory_0004"
down_revision = "directory_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    event.create(op.get_bind(), checkfirst=True)  # a database that came by 0002 of today's program has it already


def downgrade() -> None:
    event.drop(op.get_bind())
