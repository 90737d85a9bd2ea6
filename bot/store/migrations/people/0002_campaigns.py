"""Campaigns: their rows, the pace of each bot, what a subscriber chose, and delivery rows that belong to a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "people_0002"
down_revision = "people_0001"
branch_labels = None
depends_on = None

STATES = "'ready', 'sending', 'sent', 'gone', 'failed', 'unknown', 'cancelled'"
ENDS = ("total", "sent", "gone", "failed", "unknown", "cancelled", "expired")
_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", _id, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("bot", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("policy", sa.String(8), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cursor", _id, nullable=False, server_default="0"),
        sa.Column("created_at", sa.Float, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in ENDS),
        sa.CheckConstraint("state IN ('fanning_out', 'running', 'paused', 'cancelled', 'done')", name="campaign_state"),
        sa.CheckConstraint("policy IN ('hold', 'retry')", name="campaign_policy"),
    )
    op.create_index("campaign_once", "campaign", ["name", "day", "bot"], unique=True)
    op.create_table(
        "bucket",
        sa.Column("bot", sa.String(40), primary_key=True),
        sa.Column("rate", sa.Float, nullable=False),
        sa.Column("tokens", sa.Float, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("paused_until", sa.Float, nullable=False, server_default="0"),
        sa.Column("slow_until", sa.Float, nullable=False, server_default="0"),
    )
    op.create_table(
        "usage",
        sa.Column("bot", sa.String(40), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    for column in (
        sa.Column("youth", sa.Integer, nullable=False, server_default="0"),
        sa.Column("province", sa.String(40), nullable=False, server_default=""),
        sa.Column("commune", sa.Integer),
        sa.Column("discreet", sa.Integer, nullable=False, server_default="0"),
        sa.Column("paused_until", sa.Float, nullable=False, server_default="0"),
        sa.Column("shown", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column("subscription", column)
    op.create_index("subscription_minute", "subscription", ["minute", "contact_id"])
    for name in ("delivery_ready", "delivery_sending", "delivery_contact"):
        op.drop_index(name, "delivery")
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_constraint("delivery_state", type_="check")
        delivery.create_check_constraint("delivery_state", f"state IN ({STATES}, 'expired')")
        delivery.add_column(sa.Column("campaign_id", _id, sa.ForeignKey("campaign.id", name="delivery_campaign")))
        delivery.add_column(sa.Column("item", sa.String(48)))
        delivery.add_column(sa.Column("expires", sa.Float))
    _index("delivery_ready", ["campaign_id", "due"], "state = 'ready'")
    _index("delivery_sending", ["owner"], "state = 'sending'")
    op.create_index("delivery_once", "delivery", ["contact_id", "campaign_id"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("campaign rows have no place in the tables of before")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "delivery", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
