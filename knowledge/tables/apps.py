"""What signed requests of apps need remembered: the numbers used once."""

from datetime import datetime

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from knowledge.tables.columns import UtcDateTime


class AppNonce(SQLModel, table=True):
    """A number an app used once, with the body it came with; the same number with another body is refused."""

    __tablename__ = "app_nonce"
    app: str = Field(primary_key=True)
    nonce: str = Field(primary_key=True, sa_type=String(64))
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    body_sha256: str = Field(sa_type=String(64))
