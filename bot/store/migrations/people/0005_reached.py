"""When the first message of a season reached a subscriber, so that each is counted once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "people_0005"
down_revision = "people_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("reached", sa.Date))


def downgrade() -> None:
    op.drop_column("subscription", "reached")
