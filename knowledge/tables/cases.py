"""Applications for disclosure 依申请公开: what was asked, who asked (apart), the events of each case, its attachments."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import LargeBinary, String, Text
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime, WideInteger


class Application(SQLModel, table=True):
    """One application; `asked` is masked, its state is reckoned from its events. `version` is the number of the last one."""

    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    code: str = Field(unique=True)
    external_id: str | None = Field(default=None, unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    asked: str = Field(sa_type=Text)
    wanted: str = ""
    version: int = 0


class ApplicationPerson(SQLModel, table=True):
    """Who applied and how to reach them, and the words as sent: kept apart, each look recorded, removed on schedule."""

    __tablename__ = "application_person"
    application_id: int = Field(foreign_key="application.id", primary_key=True, sa_type=WideInteger)
    name: str
    identity: str = ""
    phone: str = ""
    address: str = ""
    email: str = ""
    asked: str = Field(sa_type=Text)


class ApplicationEvent(SQLModel, table=True):
    """One step of a case on its day; only ever added to. `about` is the event undone, or the dispute that was closed."""

    __tablename__ = "application_event"
    __table_args__ = (UniqueConstraint("application_id", "seq"), Index("ix_application_event_step_day", "step", "day"))
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    application_id: int = Field(foreign_key="application.id", sa_type=WideInteger)
    seq: int
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    step: str
    day: date
    until: date | None = None
    days: int = 0
    choice: str = ""
    way: str = ""
    approved_by: str = ""
    amount: Decimal | None = Field(default=None, max_digits=18, decimal_places=2)
    about: int | None = None
    text: str = Field(default="", sa_type=Text)


class ApplicationFile(SQLModel, table=True):
    """An attachment 附件 as it was sent; what it is was told by its content, never by its name."""

    __tablename__ = "application_file"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    application_id: int = Field(foreign_key="application.id", index=True, sa_type=WideInteger)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    media: str
    size: int
    sha256: str = Field(sa_type=String(64))
    content: bytes = Field(sa_type=LargeBinary)
