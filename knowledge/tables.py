"""Every table, in one place: `SQLModel.metadata` knows only modules already imported, so there is only this one.

Moments are UTC (`UtcDateTime`), days are days of the office. What is unique is said here, never checked before an insert.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, String, Text, TypeDecorator
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

# SQLite gives out row numbers only for INTEGER keys; PostgreSQL needs the wide kind for a long life.
WideInteger = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC on both databases; a moment without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives moments back without their zone."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


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


class Question(SQLModel, table=True):
    """What a citizen sent 留言; the text here is masked, the original lies in `QuestionOriginal`."""

    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_question_open", "state", "due"),
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


class Draft(SQLModel, table=True):
    """A reply not yet approved 拟稿; each saving is a row, the highest version is the present text."""

    __table_args__ = (UniqueConstraint("question_id", "version"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    version: int
    text: str = Field(sa_type=Text)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    saved_by: str


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


class LedgerLine(SQLModel, table=True):
    """One line of the append-only ledger 公开台账; `hash` covers every other column and the line before."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_kind_at", "kind", "at"),)
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
    """The office's own words for a section of one year's report; the latest row counts."""

    __tablename__ = "report_text"
    __table_args__ = (Index("ix_report_text_year_section", "year", "section"),)
    id: int | None = Field(default=None, primary_key=True)
    year: int
    section: str
    text: str = Field(sa_type=Text)
    entered_by: str
    entered_at: datetime = Field(sa_type=UtcDateTime)


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
    """Who looked at a citizen's original words or contact, when and why; only ever added to."""

    __tablename__ = "access_record"
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=WideInteger)
    staff: str
    at: datetime = Field(sa_type=UtcDateTime)
    why: str


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


class Conversation(SQLModel, table=True):
    """Which follower a question came from; removed with the follower."""

    question_id: int = Field(foreign_key="question.id", primary_key=True, sa_type=WideInteger)
    user_key: str = Field(foreign_key="wechat_user.key", index=True, sa_type=String(64))


class WeChatPush(SQLModel, table=True):
    """One message or event of WeChat, once, with the answer it got: a retry gets the same bytes. Nothing personal."""

    __tablename__ = "wechat_push"
    __table_args__ = (Index("ix_wechat_push_account_at", "account", "at"),)
    mark: str = Field(primary_key=True, sa_type=String(64))
    account: str
    kind: str
    at: datetime = Field(sa_type=UtcDateTime)
    code: str = ""
    reply: str = Field(default="", sa_type=Text)


class WeChatNonce(SQLModel, table=True):
    """Plain mode only: the body that a signed query came with first; another body with it is a forgery."""

    __tablename__ = "wechat_nonce"
    key: str = Field(primary_key=True, sa_type=String(64))
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    body_sha256: str = Field(sa_type=String(64))


class Delivery(SQLModel, table=True):
    """A text on its way to a citizen (outbox); written in the transaction of the reply it carries."""

    __table_args__ = (Index("ix_delivery_state_due_at", "state", "due_at"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=WideInteger)
    question_id: int | None = Field(default=None, foreign_key="question.id", unique=True, sa_type=WideInteger)
    user_key: str | None = Field(default=None, foreign_key="wechat_user.key", index=True, sa_type=String(64))
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
