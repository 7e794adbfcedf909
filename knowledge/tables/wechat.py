"""What WeChat needs remembered: users, pushes and the numbers used once."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from knowledge.tables.columns import UtcDateTime


class WeChatUser(SQLModel, table=True):
    """A follower of one official account; removed on unsubscribing. `key` is a digest: no other table has an openid."""

    __tablename__ = "wechat_user"
    __table_args__ = (UniqueConstraint("account", "openid"),)
    key: str = Field(primary_key=True, sa_type=String(64))
    account: str
    openid: str
    since: datetime = Field(sa_type=UtcDateTime)
    heard_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pushed: int = 0
    choosing: str = ""


class WeChatPush(SQLModel, table=True):
    """One message or event of WeChat, once, with the answer it got: a retry gets the same bytes. Nothing personal."""

    __tablename__ = "wechat_push"
    __table_args__ = (Index("ix_wechat_push_account_at", "account", "at"),)
    mark: str = Field(primary_key=True, sa_type=String(64))
    account: str
    kind: str
    stranger: str | None = None  # what a kind that this version does not know calls itself
    at: datetime = Field(sa_type=UtcDateTime)
    code: str = ""
    reply: str = Field(default="", sa_type=Text)


class WeChatNonce(SQLModel, table=True):
    """Plain mode only: the body that a signed query came with first; another body with it is a forgery."""

    __tablename__ = "wechat_nonce"
    key: str = Field(primary_key=True, sa_type=String(64))
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    body_sha256: str = Field(sa_type=String(64))


class WeChatHealth(SQLModel, table=True):
    """What the processes noted of an account that stands in no other row; each writes its news at most every 30 s."""

    __tablename__ = "wechat_health"
    account: str = Field(primary_key=True)
    token_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    token_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused: int = 0
    refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
