"""What the public may read back: one's own question by code and password, and what stands on the board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlmodel import and_, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import codes
from bot.apps import app_of
from knowledge.entries import KnownEntry
from knowledge.errors import NotFoundError
from knowledge.masking import mask
from knowledge.tables import Conversation, Question, Reply, ReplyChange
from knowledge.vocabulary import Level, QuestionState, Reason, ReplyBy

PAGE_SIZE = 20
TOPIC_LASTS = timedelta(minutes=30)
_QUESTION, _REPLY = Question.__table__, Reply.__table__  # type: ignore[attr-defined]
_CONVERSATION = Conversation.__table__  # type: ignore[attr-defined]
NOT_YOURS = "这个应用没有这个编号的留言，请检查编号（12 位数字）。"
WRONG = "编号或查询密码不对，请对照提交留言时给您的编号（12 位数字）和密码（6 位数字）再输一次。"


@dataclass(frozen=True)
class Followed:
    """A question with its reply, if there is one, as it stands: a corrected reply is its corrected text."""

    question: Question
    reply: Reply | None
    change: ReplyChange | None = None


def can_read(question: Question) -> bool:
    """Whether some of the questions of a message can be read about while a person answers the whole."""
    waits = question.state in (QuestionState.WAITING, QuestionState.DRAFTED)
    return waits and question.reason == Reason.SEVERAL_ASKED and bool(question.choices)


def to_read(question: Question, key: str, entries: Mapping[str, KnownEntry], day: date) -> KnownEntry | None:
    """The entry behind an offer, if it may still be read that day."""
    entry = entries.get(key)
    offered = can_read(question) and key in {choice["entry"] for choice in question.choices}
    return entry if offered and entry and entry.in_force(day) and entry.level is not Level.C else None


def topic_of(followed: Followed, entries: Mapping[str, KnownEntry], now: datetime) -> str:
    """What a question was about, for one that follows it within half an hour; else nothing."""
    question, reply = followed.question, followed.reply
    told = Told(question.text, question.received_at, question.explanation, reply.entry_key if reply else "")
    return told.topic(entries, now)


@dataclass(frozen=True)
class Told:
    """As much of a question as tells what it was about; `entry_key` is what answered it, if one entry did."""

    text: str
    received_at: datetime
    explanation: dict[str, Any]
    entry_key: str

    def topic(self, entries: Mapping[str, KnownEntry], now: datetime) -> str:
        """The standard question that answered it, else its own words; nothing half an hour later."""
        if not timedelta(0) <= now - self.received_at <= TOPIC_LASTS:
            return ""
        entry = None if self.explanation.get("parts") else entries.get(self.entry_key)
        return entry.standard if entry else self.text


_LAST = (
    select(_QUESTION.c.text, _QUESTION.c.received_at, _QUESTION.c.explanation, _REPLY.c.entry_key)
    .select_from(_QUESTION.outerjoin(_REPLY).join(_CONVERSATION, _CONVERSATION.c.question_id == _QUESTION.c.id))
    .where(_CONVERSATION.c.user_key == bindparam("user_key"))
    .order_by(_QUESTION.c.id.desc())
    .limit(1)
)


def last_of(connection: Connection, user_key: str) -> Told | None:
    """The newest question of a follower in WeChat."""
    found = connection.execute(_LAST, {"user_key": user_key}).first()
    return Told(found.text, found.received_at, found.explanation, found.entry_key or "") if found else None


async def by_code(session: AsyncSession, code: str, password: str, key: bytes) -> Followed:
    """The citizen's own question; NotFoundError says the same whether the code or the password is wrong."""
    digits = codes.read_digits(code)
    right = codes.password_ok(digits, password, key)  # reckoned first: a wrong code takes as long as a wrong password
    found = await _coded(session, digits)
    if found is None or not right:
        raise NotFoundError(WRONG)
    return found


async def by_app(session: AsyncSession, code: str, app: str) -> Followed:
    """A question by its code, for the app it came through; of others' it says what it says of codes nobody has."""
    digits = codes.read_digits(code)
    found = await _coded(session, digits)
    if found is None or app_of(found.question) != app:
        raise NotFoundError(NOT_YOURS)
    return found


async def _coded(session: AsyncSession, digits: str) -> Followed | None:
    if not codes.is_code(digits):
        return None
    wanted = select(Question, Reply).join(Reply, isouter=True).where(Question.code == digits)
    found = (await session.exec(wanted)).one_or_none()
    return await _as_it_stands(session, *found) if found else None


async def published(session: AsyncSession, question_id: int) -> Followed:
    """One question of the board."""
    found = (
        await session.exec(
            select(Question, Reply)
            .join(Reply)
            .where(Question.id == question_id, col(Question.published_at).is_not(None))
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError("留言板上没有这条留言，它可能没有公开。")
    return await _as_it_stands(session, *found)


async def board(session: AsyncSession, page: int = 1) -> tuple[Sequence[Followed], int]:
    """A page of the board, newest first, and how many questions stand on it in all."""
    shown = col(Question.published_at).is_not(None)
    total = (await session.exec(select(func.count()).select_from(Question).where(shown))).one()
    wanted = (
        select(Question, Reply)
        .join(Reply)
        .where(shown)
        .order_by(col(Question.published_at).desc(), col(Question.id).desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    rows = (await session.exec(wanted)).all()
    return await as_they_stand(session, rows), total


async def as_they_stand(session: AsyncSession, rows: Sequence[tuple[Question, Reply]]) -> list[Followed]:
    """Questions with the replies the public reads now."""
    changes = await last_changes(session, [question.id or 0 for question, _ in rows])
    return [_with(question, reply, changes.get(question.id or 0)) for question, reply in rows]


async def last_changes(session: AsyncSession, question_ids: Sequence[int]) -> dict[int, ReplyChange]:
    """The change that stands, for each question whose reply was corrected or withdrawn."""
    same_reply = (col(Reply.question_id) == ReplyChange.question_id, ReplyChange.at >= Reply.sent_at)
    wanted = select(ReplyChange).join(Reply, and_(*same_reply)).where(col(ReplyChange.question_id).in_(question_ids))
    found = (await session.exec(wanted.order_by(col(ReplyChange.number)))).all()
    return {change.question_id: change for change in found}


async def _as_it_stands(session: AsyncSession, question: Question, reply: Reply | None) -> Followed:
    changes = await last_changes(session, [question.id or 0]) if reply else {}
    return _with(question, reply, changes.get(question.id or 0))


def _with(question: Question, reply: Reply | None, change: ReplyChange | None) -> Followed:
    return Followed(question, standing(reply, change) if reply and change else reply, change)


def standing(reply: Reply, change: ReplyChange) -> Reply:
    """The reply as the public reads it now: the words of the change, by a person, on the day of the first reply."""
    return Reply(
        id=reply.id,
        question_id=reply.question_id,
        text=change.text,
        basis=change.basis,
        by=ReplyBy.STAFF,
        author=change.author,
        entry_key=change.entry_key,
        sent_at=reply.sent_at,
    )


def public_reply(followed: Followed) -> str:
    """The reply as strangers may read it: a person's data that staff repeated in it is masked, the office's own is not."""
    return mask(followed.reply.text, office=True) if followed.reply else ""
