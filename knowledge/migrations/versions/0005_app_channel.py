"""Signed requests of apps, and deliveries to them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "app_nonce",
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("app", "nonce", name=op.f("pk_app_nonce")),
    )
    with op.batch_alter_table("app_nonce", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_app_nonce_at"), ["at"], unique=False)
    op.add_column("delivery", sa.Column("app", sa.String(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("app")
    with op.batch_alter_table("app_nonce", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_app_nonce_at"))
    op.drop_table("app_nonce")
