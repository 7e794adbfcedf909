"""Opinions on replies, attachments, earlier replies, questions that follow others, suggestions looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "suggestion_visit",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened", sa.String(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_suggestion_visit")),
    )
    op.create_index(op.f("ix_suggestion_visit_day"), "suggestion_visit", ["day"])
    op.create_table(
        "follow_up",
        sa.Column("question_id", WIDE, nullable=False),
        sa.Column("after_id", WIDE, nullable=False),
        sa.ForeignKeyConstraint(["after_id"], ["question.id"], name=op.f("fk_follow_up_after_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_follow_up_question_id")),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_follow_up")),
    )
    op.create_index(op.f("ix_follow_up_after_id"), "follow_up", ["after_id"])
    op.create_table(
        "attachment",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("question_id", WIDE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_attachment_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("question_id", "sha256", name=op.f("uq_attachment_question_id_sha256")),
    )
    op.create_index(op.f("ix_attachment_question_id"), "attachment", ["question_id"])
    op.create_table(
        "earlier_reply",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("question_id", WIDE, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("entry_revision", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_earlier_reply_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_reply")),
    )
    op.create_index(op.f("ix_earlier_reply_question_id"), "earlier_reply", ["question_id"])
    op.create_table(
        "opinion",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("question_id", WIDE, nullable=False),
        sa.Column("reply_by", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_opinion_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("question_id", "reply_by", name=op.f("uq_opinion_question_id_reply_by")),
    )
    op.create_index(op.f("ix_opinion_question_id"), "opinion", ["question_id"])
    op.create_index(op.f("ix_opinion_entry_key"), "opinion", ["entry_key"])
    op.create_index(op.f("ix_opinion_at"), "opinion", ["at"])


def downgrade() -> None:
    """Go back."""
    for table in ("opinion", "earlier_reply", "attachment", "follow_up", "suggestion_visit"):
        op.drop_table(table)
