"""Switches of channels, health of official accounts, unknown kinds of pushes, and whose account a delivery goes through."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version. Columns are added in place: a table others refer to cannot be made anew on SQLite."""
    op.create_table(
        "channel_switch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("keeps", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_switch")),
        sa.UniqueConstraint("channel", "number", name=op.f("uq_channel_switch_channel_number")),
    )
    op.create_table(
        "wechat_health",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("token_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_wechat_health")),
    )
    op.add_column("delivery", sa.Column("account", sa.String(), nullable=True))
    op.add_column("wechat_push", sa.Column("stranger", sa.String(), nullable=True))
    op.add_column("delivery_attempt", sa.Column("by", sa.String(), nullable=True))
    op.execute(
        "UPDATE delivery SET account = "
        "(SELECT wechat_user.account FROM wechat_user WHERE wechat_user.key = delivery.user_key)"
    )


def downgrade() -> None:
    """Go back."""
    op.drop_column("delivery_attempt", "by")
    op.drop_column("wechat_push", "stranger")
    op.drop_column("delivery", "account")
    op.drop_table("wechat_health")
    op.drop_table("channel_switch")
