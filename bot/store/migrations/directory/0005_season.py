"""What a unit tells of its action month in the report."""

from __future__ import annotations

from alembic import op

from referral_directory.season import TABLES

revision = "directory_0005"
down_revision = "directory_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in TABLES:  # a database that came by 0002 of today's program has them already
        table.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
