"""The office: staff, their sessions, and who looked at personal data."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from knowledge.tables.columns import UtcDateTime, WideInteger


class Staff(SQLModel, table=True):
    """A member of staff."""

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    name: str
    role: str
    password_hash: str
    must_change: bool = True
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class StaffSession(SQLModel, table=True):
    """A signed-in browser; only the digest of its token is kept."""

    __tablename__ = "staff_session"
    token_sha256: str = Field(primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class AccessRecord(SQLModel, table=True):
    """Who looked at a citizen's original words or contact, when and why; only ever added to.

    Of a question or of an application: one of the two is named.
    """

    __tablename__ = "access_record"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int | None = Field(default=None, foreign_key="question.id", index=True, sa_type=WideInteger)
    application_id: int | None = Field(default=None, foreign_key="application.id", index=True, sa_type=WideInteger)
    staff: str
    at: datetime = Field(sa_type=UtcDateTime)
    why: str
