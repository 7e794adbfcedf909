"""The office: staff, their sessions and second factors, what happened to accounts, and who looked at personal data."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from knowledge.tables.columns import UtcDateTime, WideInteger


class Department(SQLModel, table=True):
    """A department 科室 of the office."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


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
    department_id: int | None = Field(default=None, foreign_key="department.id", index=True)


class StaffSession(SQLModel, table=True):
    """A signed-in browser; only the digest of its token is kept. `browser` is its kind in words, never what it sent."""

    __tablename__ = "staff_session"
    token_sha256: str = Field(primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    address: str
    browser: str


class SecondFactor(SQLModel, table=True):
    """The secret an account's codes come from, sealed; in force once confirmed.

    `last_step` is the time step of the newest code taken: one code is good once, whatever process it is sent to.
    """

    __tablename__ = "second_factor"
    staff_id: int = Field(primary_key=True, foreign_key="staff.id", sa_column_kwargs={"autoincrement": False})
    sealed: bytes
    made_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_step: int = Field(default=0, sa_type=WideInteger)


class RecoveryCode(SQLModel, table=True):
    """A code that stands in for the second factor once; only its digest is kept, and a used one is removed."""

    __tablename__ = "recovery_code"
    digest: str = Field(primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)


class AccountEvent(SQLModel, table=True):
    """Something that happened to an account or was done with it; only ever added to.

    `staff` is the account, empty where a sign-in named none that there is: what was typed is not kept, it may have been
    a password. `by` is who did it, `address` where the request came from.
    """

    __tablename__ = "account_event"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    kind: str
    staff: str = Field(index=True)
    by: str
    address: str = ""
    note: str = Field(default="", sa_type=Text)


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
