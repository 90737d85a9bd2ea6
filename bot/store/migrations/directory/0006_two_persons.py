"""Who gave an account and who confirmed it: accounts of before were given by nobody that is known, and stay open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "directory_0006"
down_revision = "directory_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("staff")}
    if "confirmed_by" in there:  # a database that came by 0002 of today's program
        return
    op.execute("ALTER TABLE staff ADD COLUMN given_by VARCHAR(36)")
    op.execute(
        "ALTER TABLE staff ADD COLUMN confirmed_by VARCHAR(36) "
        "CONSTRAINT staff_two_persons CHECK (confirmed_by IS NULL OR (given_by IS NOT NULL AND confirmed_by <> given_by "
        "AND confirmed_by <> id AND confirmed_by <> '00000000-0000-0000-0000-000000000000' AND NOT new_password))"
    )


def downgrade() -> None:
    op.drop_column("staff", "confirmed_by")
    op.drop_column("staff", "given_by")
