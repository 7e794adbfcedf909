"""What citizens do besides asking: opinions on replies, questions that follow others, suggestions looked at."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime, WideInteger


class Opinion(SQLModel, table=True):
    """What the asker thought of a reply; one on the system's, one on a person's, the database refuses a second."""

    __table_args__ = (UniqueConstraint("question_id", "reply_by"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    reply_by: str
    verdict: str
    entry_key: str = Field(default="", index=True)
    note: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class EarlierReply(SQLModel, table=True):
    """A reply that did not meet the question, as it was sent; a person's takes its place in `Reply`."""

    __tablename__ = "earlier_reply"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    text: str = Field(sa_type=Text)
    basis: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    by: str
    author: str
    entry_key: str = ""
    entry_revision: int = 0
    sent_at: datetime = Field(sa_type=UtcDateTime)
    replaced_at: datetime = Field(sa_type=UtcDateTime)


class Attachment(SQLModel, table=True):
    """A picture or PDF a citizen added to a question; personal like the original words, each look at it recorded."""

    __table_args__ = (UniqueConstraint("question_id", "sha256"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    kind: str
    size: int
    sha256: str = Field(sa_type=String(64))
    content: bytes = Field(sa_type=LargeBinary)
    at: datetime = Field(sa_type=UtcDateTime)


class FollowUp(SQLModel, table=True):
    """A question asked in continuation of an earlier one by somebody who knew its password."""

    __tablename__ = "follow_up"
    question_id: int = Field(foreign_key="question.id", primary_key=True, sa_type=WideInteger)
    after_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)


class SuggestionVisit(SQLModel, table=True):
    """One look at suggested answers, by a random mark: was one opened, was a question sent all the same.

    No words, no address, no time of day: it can be counted and nothing else.
    """

    __tablename__ = "suggestion_visit"
    mark: str = Field(primary_key=True, sa_type=String(64))
    day: date = Field(index=True)
    opened: str = ""
    asked: bool = False
