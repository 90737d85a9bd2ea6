"""The people store as it began."""

from alembic import op

from bot.store.schema import people

revision = "people_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    people.create_all(op.get_bind())


def downgrade() -> None:
    people.drop_all(op.get_bind())
