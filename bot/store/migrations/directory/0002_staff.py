"""The directory that staff keep: new tables throughout. The first directory held nothing but sample rows, which come back."""

from __future__ import annotations

from alembic import op

from referral_directory import keeping as keeping  # its tables are of the directory too
from referral_directory.models import directory

revision = "directory_0002"
down_revision = "directory_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    directory.drop_all(op.get_bind())
    directory.create_all(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("the tables of before held nothing that is worth coming back to")
