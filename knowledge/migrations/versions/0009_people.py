"""Departments, second factors, what sessions show of themselves, and what happened to accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this version; sessions begun before say nothing of where they came from, so everybody signs in again."""
    op.execute("DELETE FROM staff_session")  # first: SQLite cannot copy `staff` while rows point to it
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("name", name=op.f("uq_department_name")),
    )
    with op.batch_alter_table("staff") as table:
        table.add_column(sa.Column("department_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_staff_department_id"), "department", ["department_id"], ["id"])
        table.create_index(op.f("ix_staff_department_id"), ["department_id"])
    with op.batch_alter_table("staff_session") as table:
        table.add_column(sa.Column("last_seen_at", MOMENT, nullable=False))
        table.add_column(sa.Column("address", sa.String(), nullable=False))
        table.add_column(sa.Column("browser", sa.String(), nullable=False))
    op.create_table(
        "second_factor",
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("last_step", WIDE, nullable=False),
        _staff("second_factor"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        _staff("recovery_code"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_staff_id"), "recovery_code", ["staff_id"])
    op.create_table(
        "account_event",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_event")),
    )
    op.create_index(op.f("ix_account_event_at"), "account_event", ["at"])
    op.create_index(op.f("ix_account_event_staff"), "account_event", ["staff"])


def downgrade() -> None:
    """Go back."""
    for name in ("account_event", "recovery_code", "second_factor"):
        op.drop_table(name)
    op.execute("DELETE FROM staff_session")
    with op.batch_alter_table("staff_session") as table:
        for name in ("browser", "address", "last_seen_at"):
            table.drop_column(name)
    with op.batch_alter_table("staff") as table:
        table.drop_index(op.f("ix_staff_department_id"))
        table.drop_constraint(op.f("fk_staff_department_id"), type_="foreignkey")
        table.drop_column("department_id")
    op.drop_table("department")


def _staff(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{table}_staff_id"))
