"""The desk: urgency, assignee and step of a question; what a draft rests on; set phrases; corrections of replies."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("(state IN ('clarifying', 'waiting', 'drafted')) IS TRUE")


def upgrade() -> None:
    """Go to this version. Columns are added in place: a table others refer to cannot be made anew on SQLite."""
    for name in ("step", "assignee", "closing"):
        op.add_column("question", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("question", sa.Column("urgency", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.execute("UPDATE question SET urgency = 0 WHERE reason IN ('urgent', 'threat')")
    op.add_column("question_event", sa.Column("act", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("draft", sa.Column("entry_key", sa.String(), nullable=False, server_default=sa.text("''")))
    for name in ("public", "auto"):
        op.add_column("draft", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.drop_index("ix_question_open", "question")
    op.create_index("ix_question_open", "question", ["state", "due", "step", "assignee"])
    waits = ["urgency", "due", "id", "step", "assignee"]
    op.create_index("ix_question_waits", "question", waits, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_question_state", "question", ["state", "id"])
    _tables()


def _tables() -> None:
    op.create_table(
        "phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("away_at", MOMENT, nullable=True),
        sa.Column("away_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
    )
    op.create_table(
        "reply_change",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("question_id", WIDE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("ledger_seq", WIDE, nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_reply_change_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_change")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_reply_change_question_id_number")),
    )


def downgrade() -> None:
    """Go back; what was corrected stands in the ledger."""
    op.drop_table("reply_change")
    op.drop_table("phrase")
    for name in ("ix_question_state", "ix_question_waits", "ix_question_open"):
        op.drop_index(name, "question")
    op.create_index("ix_question_open", "question", ["state", "due"])
    for table, names in (
        ("draft", ("auto", "public", "entry_key")),
        ("question_event", ("act",)),
        ("question", ("urgency", "closing", "assignee", "step")),
    ):
        for name in names:
            op.drop_column(table, name)
