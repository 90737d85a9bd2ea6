"""The directory as it began."""

from alembic import op

from referral_directory.models import directory

revision = "directory_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    directory.create_all(op.get_bind())


def downgrade() -> None:
    directory.drop_all(op.get_bind())
