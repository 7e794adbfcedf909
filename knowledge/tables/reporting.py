"""The yearly report on its way to being signed: where it stands, what was said about it, and its frozen versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, Text
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime


class ReportState(SQLModel, table=True):
    """Where one year's report stands; `version` rises with every change, so that nobody acts on a page gone stale."""

    __tablename__ = "report_state"
    year: int = Field(primary_key=True)
    state: str
    version: int = 1
    written_by: str = ""
    reviewed_by: str = ""
    content_sha256: str = ""
    reason: str = Field(default="", sa_type=Text)


class ReportEvent(SQLModel, table=True):
    """Who did what about a year's report, and when; only ever added to."""

    __tablename__ = "report_event"
    __table_args__ = (Index("ix_report_event_year", "year"),)
    id: int | None = Field(default=None, primary_key=True)
    year: int
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    action: str
    note: str = Field(default="", sa_type=Text)


class ReportReason(SQLModel, table=True):
    """Why a warning is accepted as it stands; it holds for these two sides only. The latest row counts."""

    __tablename__ = "report_reason"
    __table_args__ = (Index("ix_report_reason_year", "year"),)
    id: int | None = Field(default=None, primary_key=True)
    year: int
    check_key: str
    text: str = Field(sa_type=Text)
    given_by: str
    given_at: datetime = Field(sa_type=UtcDateTime)


class ReportVersion(SQLModel, table=True):
    """A signed-off report; `hash` covers every other column, the files by their digests, and the version before."""

    __tablename__ = "report_version"
    __table_args__ = (UniqueConstraint("year", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    year: int
    number: int
    signed_at: datetime = Field(sa_type=UtcDateTime)
    signed_by: str
    reviewed_by: str
    written_by: str
    reason: str = Field(default="", sa_type=Text)
    figures: dict[str, Any] = Field(sa_type=JSON)
    files: dict[str, Any] = Field(sa_type=JSON)
    previous: str = Field(sa_type=String(64))
    hash: str = Field(sa_type=String(64), unique=True)


class ReportFile(SQLModel, table=True):
    """A piece of a frozen file, packed; the pieces in their order are the file as it was signed."""

    __tablename__ = "report_file"
    version_id: int = Field(foreign_key="report_version.id", primary_key=True)
    kind: str = Field(primary_key=True)
    part: int = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)
