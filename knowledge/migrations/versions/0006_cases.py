"""Applications for disclosure."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "application",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("wanted", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("code", name=op.f("uq_application_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_application_external_id")),
    )
    op.create_table(
        "application_person",
        sa.Column("application_id", WIDE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        _application(),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_application_person")),
    )
    op.create_table(
        "application_event",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("application_id", WIDE, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("about", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        _application("application_event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_event")),
        sa.UniqueConstraint("application_id", "seq", name=op.f("uq_application_event_application_id_seq")),
    )
    op.create_index("ix_application_event_step_day", "application_event", ["step", "day"])
    op.create_table(
        "application_file",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("application_id", WIDE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("media", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _application("application_file"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_file")),
    )
    op.create_index(op.f("ix_application_file_application_id"), "application_file", ["application_id"])
    with op.batch_alter_table("access_record") as table:
        table.alter_column("question_id", existing_type=WIDE, nullable=True)
        table.add_column(sa.Column("application_id", WIDE, nullable=True))
        table.create_foreign_key(op.f("fk_access_record_application_id"), "application", ["application_id"], ["id"])
        table.create_index(op.f("ix_access_record_application_id"), ["application_id"])


def downgrade() -> None:
    """Go back; looks at applications go with the applications."""
    op.execute("DELETE FROM access_record WHERE question_id IS NULL")
    with op.batch_alter_table("access_record") as table:
        table.drop_index(op.f("ix_access_record_application_id"))
        table.drop_constraint(op.f("fk_access_record_application_id"), type_="foreignkey")
        table.drop_column("application_id")
        table.alter_column("question_id", existing_type=WIDE, nullable=False)
    for name in ("application_file", "application_event", "application_person", "application"):
        op.drop_table(name)


def _application(table: str = "application_person") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_application_id")
    return sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=name)
