"""What citizens sent and what became of it: questions, drafts, replies, and their ways out."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, String, Text, text
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime, WideInteger

# Said like this, SQLite proves the partial index by the letter and is not tempted by another index that knows the state.
OPEN = text("(state IN ('clarifying', 'waiting', 'drafted')) IS TRUE")
# Given so that columns can be added to rows that are there already.
NO_TEXT, USUAL, NO = ({"server_default": text(default)} for default in ("''", "1", "false"))


class Question(SQLModel, table=True):
    """What a citizen sent 留言; the text here is masked, the original lies in `QuestionOriginal`."""

    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_question_open", "state", "due", "step", "assignee"),  # all that the desk counts, without the rows
        Index(
            "ix_question_waits", "urgency", "due", "id", "step", "assignee", sqlite_where=OPEN, postgresql_where=OPEN
        ),
        Index("ix_question_state", "state", "id"),
        Index("ix_question_channel_received_at", "channel", "received_at"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    code: str = Field(unique=True)
    channel: str
    external_id: str | None = None
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    kind: str
    text: str = Field(sa_type=Text)
    public: bool
    state: str
    outcome: str
    reason: str
    choices: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    explanation: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    base_version: int
    due: date
    due_provisional: bool = False
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    closing_note: str = Field(default="", sa_type=Text)
    version: int = 1
    urgency: int = Field(default=1, sa_column_kwargs=USUAL)  # 0 stands before 1
    step: str = Field(default="", sa_column_kwargs=NO_TEXT)  # where the office is with its reply; not for the public
    assignee: str = Field(default="", sa_column_kwargs=NO_TEXT)
    closing: str = Field(default="", sa_column_kwargs=NO_TEXT)


class QuestionOriginal(SQLModel, table=True):
    """The words as sent, with name and telephone: kept apart, each look recorded, removed on schedule."""

    __tablename__ = "question_original"
    question_id: int = Field(foreign_key="question.id", primary_key=True, sa_type=WideInteger)
    text: str = Field(sa_type=Text)
    name: str = ""
    phone: str = ""


class QuestionEvent(SQLModel, table=True):
    """The life of a question: who did what, when and why; only ever added to."""

    __tablename__ = "question_event"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    state: str
    note: str = Field(default="", sa_type=Text)
    act: str = Field(default="", sa_column_kwargs=NO_TEXT)


class Draft(SQLModel, table=True):
    """A reply not yet approved 拟稿; each saving is a row, the highest version is the present text."""

    __table_args__ = (UniqueConstraint("question_id", "version"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    version: int
    text: str = Field(sa_type=Text)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    saved_by: str
    entry_key: str = Field(default="", sa_column_kwargs=NO_TEXT)
    public: bool = Field(default=False, sa_column_kwargs=NO)
    auto: bool = Field(default=False, sa_column_kwargs=NO)  # saved by the page itself while somebody wrote


class Reply(SQLModel, table=True):
    """Approved text sent to a citizen 回复; one to a question, by the database's own refusal of a second."""

    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", unique=True, sa_type=WideInteger)
    text: str = Field(sa_type=Text)
    basis: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    by: str
    author: str
    entry_key: str = Field(default="", index=True)
    entry_revision: int = 0
    sent_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Delivery(SQLModel, table=True):
    """A text on its way to a citizen (outbox), by a follower or by an app; written in the transaction of its reply."""

    __table_args__ = (Index("ix_delivery_state_due_at", "state", "due_at"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int | None = Field(default=None, foreign_key="question.id", unique=True, sa_type=WideInteger)
    user_key: str | None = Field(default=None, foreign_key="wechat_user.key", index=True, sa_type=String(64))
    account: str | None = None  # which official account; stays when the follower is forgotten
    app: str | None = None
    text: str = Field(sa_type=Text)
    state: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0


class DeliveryAttempt(SQLModel, table=True):
    """One try to deliver, and what came of it; only ever added to."""

    __tablename__ = "delivery_attempt"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    delivery_id: int = Field(foreign_key="delivery.id", index=True, sa_type=WideInteger)
    at: datetime = Field(sa_type=UtcDateTime)
    way: str
    state: str
    code: int | None = None
    note: str = ""
    by: str | None = None  # who of the staff, where a person did it


class Conversation(SQLModel, table=True):
    """Which follower a question came from; removed with the follower."""

    question_id: int = Field(foreign_key="question.id", primary_key=True, sa_type=WideInteger)
    user_key: str = Field(foreign_key="wechat_user.key", index=True, sa_type=String(64))
