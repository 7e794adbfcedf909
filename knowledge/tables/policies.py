"""What answers rest on: policies with their articles, entries with their questions, bases and revisions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, String, Text, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime


class Policy(SQLModel, table=True):
    """A legal or policy document 政策文件."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    title: str
    number: str = ""
    issuer: str = ""
    issued: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    replaces: str = ""
    level: str
    own: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    source: str = ""
    note: str = Field(default="", sa_type=Text)


class PolicyArticle(SQLModel, table=True):
    """The stored text of one article, so that a quote can be proved letter by letter."""

    __tablename__ = "policy_article"
    __table_args__ = (UniqueConstraint("policy_id", "article"),)
    id: int | None = Field(default=None, primary_key=True)
    policy_id: int = Field(foreign_key="policy.id", index=True)
    position: int
    article: str
    text: str = Field(sa_type=Text)
    checked: bool = False


class Entry(SQLModel, table=True):
    """One approved answer 知识条目."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    standard: str
    short: str
    topic: str = Field(index=True)
    region: str
    status: str = Field(index=True)
    level: str
    answer: str = Field(sa_type=Text)
    valid_from: date | None = None
    valid_until: date | None = None
    superseded_by: str = ""
    facts: list[int] = Field(default_factory=list, sa_type=JSON)
    note: str = Field(default="", sa_type=Text)
    revision: int = 1
    changed_at: datetime = Field(sa_type=UtcDateTime)


class EntryQuestion(SQLModel, table=True):
    """A similar question 相似问 or counter-question 反例 of an entry."""

    __tablename__ = "entry_question"
    __table_args__ = (UniqueConstraint("entry_id", "role", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    role: str
    position: int
    text: str = Field(sa_type=Text)


class EntryBasis(SQLModel, table=True):
    """The legal basis of an entry: policy, article, verbatim quote."""

    __tablename__ = "entry_basis"
    __table_args__ = (UniqueConstraint("entry_id", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    position: int
    policy_id: int = Field(foreign_key="policy.id", index=True)
    article: str = ""
    quote: str = Field(default="", sa_type=Text)


class EntryRevision(SQLModel, table=True):
    """What an entry said at each revision, whole; never changed once written."""

    __tablename__ = "entry_revision"
    __table_args__ = (UniqueConstraint("entry_id", "revision"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    revision: int
    content: dict[str, Any] = Field(sa_type=JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str


class BaseState(SQLModel, table=True):
    """One row: the version of the knowledge base, raised by every change of a policy, entry or word."""

    __tablename__ = "base_state"
    id: int | None = Field(default=None, primary_key=True)
    version: int
    vocabulary: str = Field(sa_type=Text)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class LearnedModel(SQLModel, table=True):
    """What `zhengwen learn` made of the base of that version; never changed, the newest is in use."""

    __tablename__ = "learned_model"
    id: int | None = Field(default=None, primary_key=True)
    base_version: int
    made_at: datetime = Field(sa_type=UtcDateTime)
    learned_from: dict[str, Any] = Field(sa_type=JSON)
    proof: dict[str, Any] = Field(sa_type=JSON)
    sha256: str = Field(sa_type=String(64))
    content: str = Field(sa_type=Text)
