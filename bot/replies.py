"""The life of a reply after receipt: choose · save a draft · publish · close. Each is one transaction.

Transitions are conditional updates on state and version, so that two people at once never make two replies: the
slower one gets a ConflictError with what the faster one wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import outbox
from knowledge import clock, ledger
from knowledge.db import Database
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import Draft, Question, QuestionEvent, Reply
from knowledge.vocabulary import OPEN_STATES, REPLY_KIND, Channel, QuestionState, Reason, ReplyBy

REPLY_MAX = 20_000
SYSTEM = "system"
CITIZEN = "citizen"


@dataclass(frozen=True)
class Author:
    """Who writes a staff reply."""

    username: str
    name: str


async def choose(
    database: Database,
    question_id: int,
    entry: KnownEntry | None,
    *,
    address: str,
    at: datetime,
    paused: bool = False,
) -> QuestionState:
    """The citizen picks one of the choices offered (None: none of them, a person shall answer); returns the state.

    Where the pick leaves other questions of the message open it is only read, and a person answers the whole.
    Repeating the same pick changes nothing. An entry no longer in force on that day goes to a person as well, and so
    does every pick while automatic answers are off (`paused`).
    """
    if entry and not entry.in_force(clock.office_day(at)):
        entry = None
    async with database.writing() as session:
        question = await _question(session, question_id)
        state, reason = (QuestionState.WAITING, Reason.PAUSED) if paused else _picked(question, entry)
        if entry and entry.key not in [choice["entry"] for choice in question.choices]:
            raise BadInputError("请从给出的几个选项里选一个。", "choice")
        moved = await _move(session, question, [QuestionState.CLARIFYING], state, reason=reason)
        if not moved:
            return QuestionState(question.state)
        note = reason.value if paused else entry.key if entry else ""
        _event(session, question_id, at, CITIZEN, state, note)
        if entry and state is QuestionState.ANSWERED:
            reply = Reply(
                question_id=question_id,
                text=entry.answer,
                basis=[line.as_json() for line in entry.basis_on(clock.office_day(at))],
                by=ReplyBy.SYSTEM,
                author=SYSTEM,
                entry_key=entry.key,
                entry_revision=entry.revision,
                sent_at=at,
            )
            await _send(session, question, reply, title=entry.standard, address=address)
        return state


def _picked(question: Question, entry: KnownEntry | None) -> tuple[QuestionState, Reason]:
    if entry is None:
        return QuestionState.WAITING, Reason.NONE_CHOSEN
    parts = question.explanation.get("parts") or []
    if any(part["covered_by"] != entry.key for part in parts):
        return QuestionState.WAITING, Reason.SEVERAL_ASKED
    return QuestionState.ANSWERED, Reason.CHOSEN


async def save_draft(
    database: Database, question_id: int, text: str, author: Author, *, version: int, at: datetime
) -> int:
    """Keep a draft; returns the question's new version. ConflictError if somebody saved or published meanwhile."""
    _check_text(text)
    async with database.writing() as session:
        question = await _question(session, question_id)
        if not await _move(session, question, OPEN_STATES, QuestionState.DRAFTED, version=version):
            raise await _conflict(session, question)
        session.add(
            Draft(question_id=question_id, version=version + 1, text=text, saved_at=at, saved_by=author.username)
        )
        if question.state != QuestionState.DRAFTED:
            _event(session, question_id, at, author.username, QuestionState.DRAFTED, "")
        return version + 1


async def publish(
    database: Database,
    question_id: int,
    text: str,
    author: Author,
    *,
    version: int,
    at: datetime,
    public: bool,
    address: str,
    entry: KnownEntry | None = None,
) -> None:
    """Send a person's reply: reply, ledger line and (where public) the place on the board in one transaction.

    ConflictError if somebody was faster; the database itself refuses a second reply.
    """
    _check_text(text)
    today = clock.office_day(at)
    if entry and not entry.in_force(today):
        raise BadInputError("所选依据条目今天不在有效期内，请换一个或不选。", "entry")
    try:
        async with database.writing() as session:
            question = await _question(session, question_id)
            if public and not question.public:
                raise BadInputError("网友没有同意公开这条留言，只能答复本人。", "public")
            published = {"published_at": at} if public else {}
            if not await _move(
                session, question, OPEN_STATES, QuestionState.ANSWERED, version=version, values=published
            ):
                raise await _conflict(session, question)
            _event(session, question_id, at, author.username, QuestionState.ANSWERED, "")
            reply = Reply(
                question_id=question_id,
                text=text,
                basis=[line.as_json() for line in entry.basis_on(today)] if entry else [],
                by=ReplyBy.STAFF,
                author=author.username,
                entry_key=entry.key if entry else "",
                entry_revision=entry.revision if entry else 0,
                sent_at=at,
            )
            await _send(session, question, reply, title="", address=address if public else "")
            await outbox.queue(session, question, text, at)
    except IntegrityError:
        raise ConflictError("这条留言刚刚已经有了答复，您的文字没有发出。", text) from None


async def show_on_board(database: Database, question_id: int, author: Author, *, at: datetime) -> None:
    """Put an answered question on the board after a person has read it; only with the citizen's consent."""
    async with database.writing() as session:
        question = await _question(session, question_id)
        if not question.public:
            raise BadInputError("网友没有同意公开这条留言。", "public")
        if question.state != QuestionState.ANSWERED or question.published_at:
            raise ConflictError("这条留言还没有答复，或者已经公开。")
        question.published_at = at
        session.add(question)
        _event(session, question_id, at, author.username, QuestionState.ANSWERED, "公开到留言板")


async def close(database: Database, question_id: int, note: str, author: Author, *, version: int, at: datetime) -> None:
    """End a question without a reply (not ours, invalid, doubled); the note is what the citizen reads."""
    _check_text(note)
    async with database.writing() as session:
        question = await _question(session, question_id)
        values = {"closing_note": note}
        if not await _move(session, question, OPEN_STATES, QuestionState.CLOSED, version=version, values=values):
            raise await _conflict(session, question)
        _event(session, question_id, at, author.username, QuestionState.CLOSED, note)
        await outbox.queue(session, question, note, at)


async def latest_draft(session: AsyncSession, question_id: int) -> Draft | None:
    """The draft as last saved."""
    wanted = select(Draft).where(Draft.question_id == question_id).order_by(col(Draft.version).desc()).limit(1)
    return (await session.exec(wanted)).one_or_none()


async def _question(session: AsyncSession, question_id: int) -> Question:
    question = await session.get(Question, question_id)
    if question is None:
        raise NotFoundError("没有这条留言。")
    return question


async def _move(
    session: AsyncSession,
    question: Question,
    allowed: Sequence[QuestionState],
    state: QuestionState,
    *,
    version: int | None = None,
    reason: Reason | None = None,
    values: dict[str, Any] | None = None,
) -> bool:
    """The conditional update every transition goes through; False if the question is no longer where we saw it."""
    expected = question.version if version is None else version
    statement = (
        update(Question)
        .where(
            col(Question.id) == question.id,
            col(Question.version) == expected,
            col(Question.state).in_([member.value for member in allowed]),
        )
        .values(state=state.value, version=expected + 1, **(values or {}), **({"reason": reason} if reason else {}))
        .execution_options(synchronize_session=False)
    )
    result: CursorResult[Any] = await session.exec(statement)
    return result.rowcount == 1


async def _send(session: AsyncSession, question: Question, reply: Reply, *, title: str, address: str) -> None:
    session.add(reply)
    await session.flush()
    channel = Channel(question.channel)
    line = ledger.Line(
        at=reply.sent_at,
        kind=REPLY_KIND[channel],
        channel=channel.value,
        title=f"答复第 {question.id} 号留言" + (f"：{title}" if title else ""),
        address=address,
        by=reply.author,
        source=reply.entry_key,
        question_id=question.id,
        content=reply.text,
    )
    await ledger.record(await session.connection(), [line], reply.sent_at)


async def _conflict(session: AsyncSession, question: Question) -> ConflictError:
    reply = (await session.exec(select(Reply).where(Reply.question_id == question.id))).one_or_none()
    if reply:
        return ConflictError("这条留言已经有人答复，您的文字没有发出。下面是已发出的答复。", reply.text)
    if question.state == QuestionState.CLOSED:
        return ConflictError("这条留言已经有人办结。", question.closing_note)
    draft = await latest_draft(session, question.id or 0)
    return ConflictError("别人刚刚改过这份拟稿。下面是对方的文字，请对照后再保存。", draft.text if draft else "")


def _event(session: AsyncSession, question_id: int, at: datetime, actor: str, state: QuestionState, note: str) -> None:
    session.add(QuestionEvent(question_id=question_id, at=at, actor=actor, state=state, note=note))


def _check_text(text: str) -> None:
    if not text.strip():
        raise BadInputError("请写下内容再提交。", "text")
    if len(text) > REPLY_MAX:
        raise BadInputError(f"内容太长：最多 {REPLY_MAX} 个字。", "text")
