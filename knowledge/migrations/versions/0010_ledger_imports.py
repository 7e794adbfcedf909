"""Imports of ledger lines, files waiting for one, named mappings, lines sent by programs; the index of corrections holds only these."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CORRECTING = sa.text("corrects IS NOT NULL")


def upgrade() -> None:
    """Go to this version."""
    op.drop_index("ix_ledger_corrects", table_name="ledger")
    op.create_index("ix_ledger_corrects", "ledger", ["corrects"], sqlite_where=CORRECTING, postgresql_where=CORRECTING)
    op.create_table(
        "ledger_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("first_seq", WIDE, nullable=False),
        sa.Column("last_seq", WIDE, nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["undoes"], ["ledger_import.id"], name=op.f("fk_ledger_import_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_import")),
        sa.UniqueConstraint("sha256", "times", name=op.f("uq_ledger_import_sha256_times")),
        sa.UniqueConstraint("undoes", name=op.f("uq_ledger_import_undoes")),
    )
    op.create_table(
        "ledger_upload",
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_ledger_upload")),
    )
    op.create_table(
        "ledger_mapping",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ledger_mapping")),
    )
    op.create_table(
        "ledger_sent",
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("mark", sa.String(length=128), nullable=False),
        sa.Column("seq", WIDE, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("app", "mark", name=op.f("pk_ledger_sent")),
    )


def downgrade() -> None:
    """Go back; the lines stay in the ledger."""
    for name in ("ledger_sent", "ledger_mapping", "ledger_upload", "ledger_import"):
        op.drop_table(name)
    op.drop_index("ix_ledger_corrects", table_name="ledger")
    op.create_index("ix_ledger_corrects", "ledger", ["corrects"])
