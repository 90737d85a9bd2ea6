"""A state says when it goes, instead of looking older than it is.

The sweep of before took states of 30 days (2,592,000 seconds); that of a child was written as 29 days old.
"""

from __future__ import annotations

from alembic import op

revision = "people_0006"
down_revision = "people_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE conversation RENAME COLUMN updated_at TO expires_at")
    op.execute("UPDATE conversation SET expires_at = expires_at + 2592000")


def downgrade() -> None:
    op.execute("ALTER TABLE conversation RENAME COLUMN expires_at TO updated_at")
    op.execute("UPDATE conversation SET updated_at = updated_at - 2592000")
