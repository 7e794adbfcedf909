"""Channels as the office runs them: what was switched, by whom and why."""

from datetime import date, datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime


class ChannelSwitch(SQLModel, table=True):
    """One turn of a channel's switch; only ever added to. The highest number of a channel is in force.

    `number` counts a channel's turns from 1: of two people who turn at once the database refuses the slower one.
    """

    __tablename__ = "channel_switch"
    __table_args__ = (UniqueConstraint("channel", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    number: int
    level: str
    reason: str = Field(sa_type=Text)
    until: date | None = None
    keeps: bool = True
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
