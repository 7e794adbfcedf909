"""Which policies are regulations or normative documents the office itself made, for table two of the yearly report."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("policy", sa.Column("own", sa.String(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Go back."""
    op.drop_column("policy", "own")
