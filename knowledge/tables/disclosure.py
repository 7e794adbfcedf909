"""Disclosure on record: the ledger, readings, hand-entered figures and the texts of the yearly report."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Column, String, Text, text
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime, WideInteger

CORRECTING = text("corrects IS NOT NULL")


class LedgerLine(SQLModel, table=True):
    """One line of the append-only ledger 公开台账; `hash` covers every other column and the line before."""

    __tablename__ = "ledger"
    # The second index holds all that the yearly sums need, so that a million lines are added up without being read.
    __table_args__ = (
        Index("ix_ledger_kind_at", "kind", "at"),
        Index("ix_ledger_sums", "kind", "by", "at", "question_id", "quantity"),
        # Only corrections are in it: the hot path, which never corrects, does not pay for it.
        Index("ix_ledger_corrects", "corrects", sqlite_where=CORRECTING, postgresql_where=CORRECTING),
    )
    seq: int = Field(primary_key=True, sa_type=WideInteger)
    at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    channel: str = ""
    title: str = Field(sa_type=Text)
    address: str = ""
    quantity: int = 1
    by: str
    source: str = ""
    question_id: int | None = Field(default=None, index=True, sa_type=WideInteger)
    content_sha256: str = ""
    corrects: int | None = Field(default=None, sa_type=WideInteger)
    reason: str = ""
    previous: str = Field(sa_type=String(64))
    hash: str = Field(sa_type=String(64), unique=True)


class LedgerImport(SQLModel, table=True):
    """An import of many lines at once, or the undoing of one (`undoes`); the lines stand in one row, first to last.

    `times` counts how often the same file was imported before and undone, so that the key refuses it a second time.
    """

    __tablename__ = "ledger_import"
    __table_args__ = (UniqueConstraint("sha256", "times"),)
    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    file_name: str
    sha256: str | None = Field(default=None, sa_type=String(64))
    times: int = 0
    lines: int
    first_seq: int = Field(sa_type=WideInteger)
    last_seq: int = Field(sa_type=WideInteger)
    undoes: int | None = Field(default=None, foreign_key="ledger_import.id", unique=True)
    reason: str = ""


class LedgerUpload(SQLModel, table=True):
    """A file between its trial run and its import: one for each member of staff, for a day."""

    __tablename__ = "ledger_upload"
    username: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    name: str
    content: bytes


class LedgerMapping(SQLModel, table=True):
    """Which column of a file holds which field, under a name; the latest of a name counts."""

    __tablename__ = "ledger_mapping"
    name: str = Field(primary_key=True)
    columns: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    saved_by: str
    saved_at: datetime = Field(sa_type=UtcDateTime)


class LedgerSent(SQLModel, table=True):
    """A line sent by a program of the office: its own mark, so that a retry is the same line."""

    __tablename__ = "ledger_sent"
    app: str = Field(primary_key=True)
    mark: str = Field(primary_key=True, sa_type=String(128))
    seq: int = Field(sa_type=WideInteger)
    digest: str = Field(sa_type=String(64))


class Reading(SQLModel, table=True):
    """A dated reading with its source, such as follower counts; never changed, a later one stands beside it."""

    __table_args__ = (UniqueConstraint("key", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str
    day: date
    value: Decimal = Field(max_digits=18, decimal_places=4)
    unit: str = ""
    source: str
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class DeclaredFigure(SQLModel, table=True):
    """A figure of the statutory form entered by hand, with who, when and from where; the latest row counts."""

    __tablename__ = "declared_figure"
    __table_args__ = (Index("ix_declared_figure_year_key", "year", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    year: int
    key: str
    state: str
    value: Decimal | None = Field(default=None, max_digits=18, decimal_places=4)
    source: str
    entered_by: str
    entered_at: datetime = Field(sa_type=UtcDateTime)


class ReportText(SQLModel, table=True):
    """The office's own words for a section of one year's report; the latest row counts.

    `follows` is the row a text was written against (0: none); the database refuses a second text against the same one.
    """

    __tablename__ = "report_text"
    __table_args__ = (
        Index("ix_report_text_year_section", "year", "section"),
        UniqueConstraint("year", "section", "follows"),
    )
    id: int | None = Field(default=None, primary_key=True)
    year: int
    section: str
    text: str = Field(sa_type=Text)
    entered_by: str
    entered_at: datetime = Field(sa_type=UtcDateTime)
    follows: int | None = None
