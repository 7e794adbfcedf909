"""The library's own records: proposed changes, what was decided about messages, what staff think of automatic answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime, WideInteger


class Proposal(SQLModel, table=True):
    """A change of the knowledge base that waits for a second person; until then it changes nothing that answers."""

    __table_args__ = (Index("ix_proposal_state_id", "state", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str = Field(default="", index=True)
    title: str
    change: dict[str, Any] = Field(sa_type=JSON)
    why: str = Field(sa_type=Text)
    warnings: list[str] = Field(default_factory=list, sa_type=JSON)
    reason: str = Field(default="", sa_type=Text)
    question_id: int | None = Field(default=None, foreign_key="question.id", index=True, sa_type=WideInteger)
    state: str
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    version: int = 1


class ProposalEvent(SQLModel, table=True):
    """The life of a proposal: who did what, when, with which words; only ever added to."""

    __tablename__ = "proposal_event"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    state: str
    note: str = Field(default="", sa_type=Text)


class MessageDecision(SQLModel, table=True):
    """What somebody decided about a message as a source of knowledge; only ever added to, the last of a kind counts."""

    __tablename__ = "message_decision"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    decision: str
    entry_key: str = ""
    why: str = Field(default="", sa_type=Text)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class Judgement(SQLModel, table=True):
    """What one member of staff thinks of an automatic answer; a change of mind is the next row, the last one counts."""

    __table_args__ = (UniqueConstraint("question_id", "by", "number"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    by: str
    number: int
    verdict: str
    right_entry: str = ""
    note: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)
