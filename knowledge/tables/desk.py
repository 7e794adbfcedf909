"""What the desk writes with and what it does after a reply: set phrases, and corrections of what was sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime, WideInteger


class Phrase(SQLModel, table=True):
    """A canned part of replies 常用语; one that was changed is a new row, the old one is only put away."""

    id: int | None = Field(default=None, primary_key=True)
    title: str
    text: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    away_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    away_by: str = ""


class ReplyChange(SQLModel, table=True):
    """A reply corrected 更正 or withdrawn 撤回 after it was sent; only ever added to, the reply itself never changes."""

    __tablename__ = "reply_change"
    __table_args__ = (UniqueConstraint("question_id", "number"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", sa_type=WideInteger)
    number: int
    kind: str
    text: str = Field(sa_type=Text)
    basis: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    entry_key: str = ""
    reason: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)
    author: str
    ledger_seq: int = Field(sa_type=WideInteger)
