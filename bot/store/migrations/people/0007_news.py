"""On which day a subscriber was told of an event of their commune, so that nobody is told twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "people_0007"
down_revision = "people_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("news", sa.Date))


def downgrade() -> None:
    op.drop_column("subscription", "news")
