"""The yearly report as a desk: state, events, reasons, frozen versions; indexes that add up a large ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "report_state",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.Column("content_sha256", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_report_state")),
    )
    op.create_table(
        "report_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_event")),
    )
    op.create_table(
        "report_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("check_key", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_reason")),
    )
    _versions()
    for index, table, columns in _indexes():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(index, columns, unique=False)
    with op.batch_alter_table("report_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("follows", sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_report_text_year_section_follows"), ["year", "section", "follows"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("report_text", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_report_text_year_section_follows"), type_="unique")
        batch_op.drop_column("follows")
    for index, table, _columns in _indexes():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(index)
    for table in ("report_file", "report_version", "report_reason", "report_event", "report_state"):
        op.drop_table(table)


def _versions() -> None:
    op.create_table(
        "report_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_version")),
        sa.UniqueConstraint("hash", name=op.f("uq_report_version_hash")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_report_version_year_number")),
    )
    op.create_table(
        "report_file",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["report_version.id"], name=op.f("fk_report_file_version_id")),
        sa.PrimaryKeyConstraint("version_id", "kind", "part", name=op.f("pk_report_file")),
    )


def _indexes() -> tuple[tuple[str, str, list[str]], ...]:
    return (
        ("ix_report_event_year", "report_event", ["year"]),
        ("ix_report_reason_year", "report_reason", ["year"]),
        ("ix_ledger_sums", "ledger", ["kind", "by", "at", "question_id", "quantity"]),
        ("ix_ledger_corrects", "ledger", ["corrects"]),
        ("ix_question_channel_received_at", "question", ["channel", "received_at"]),
    )
