"""What every transition of a question goes through: the conditional update, the line of its story, reply and ledger line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge import ledger
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import Draft, EarlierReply, LedgerLine, Question, QuestionEvent, Reply, ReplyChange
from knowledge.vocabulary import REPLY_KIND, Act, Changed, Channel, QuestionState, Reason

REPLY_MAX = 20_000
INSTEAD = "先前的答复没有答到点子上，由这条答复代替"


async def latest_draft(session: AsyncSession, question_id: int) -> Draft | None:
    """The draft as last saved."""
    wanted = select(Draft).where(Draft.question_id == question_id).order_by(col(Draft.version).desc()).limit(1)
    return (await session.exec(wanted)).one_or_none()


async def withdrawn(session: AsyncSession, question_id: int) -> bool:
    """Whether the reply was taken back, and no other put in its place since."""
    of_this_reply = (ReplyChange.question_id == question_id, ReplyChange.at >= Reply.sent_at)
    changes = (
        select(ReplyChange.kind).join(Reply, col(Reply.question_id) == ReplyChange.question_id).where(*of_this_reply)
    )
    return (await session.exec(changes.order_by(col(ReplyChange.number).desc()).limit(1))).first() == Changed.WITHDRAWN


async def question_of(session: AsyncSession, question_id: int) -> Question:
    """The question, or NotFoundError."""
    question = await session.get(Question, question_id)
    if question is None:
        raise NotFoundError("没有这条留言。")
    return question


async def move(
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


async def send(session: AsyncSession, question: Question, reply: Reply, *, title: str, address: str) -> None:
    """Reply and ledger line, in the caller's transaction."""
    session.add(reply)
    await session.flush()
    channel = Channel(question.channel)
    replaced = await _replaced(session, question.id or 0)
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
        corrects=replaced,
        reason=INSTEAD if replaced else "",
    )
    await ledger.record(await session.connection(), [line], reply.sent_at)


async def last_line(session: AsyncSession, question_id: int) -> LedgerLine | None:
    """The line that stands in the ledger for a question."""
    wanted = select(LedgerLine).where(LedgerLine.question_id == question_id).order_by(col(LedgerLine.seq).desc())
    return (await session.exec(wanted.limit(1))).first()


async def _replaced(session: AsyncSession, question_id: int) -> int | None:
    """The ledger line of the earlier reply that this one takes the place of: a question answered twice is one reply."""
    if (await session.exec(select(EarlierReply.id).where(EarlierReply.question_id == question_id).limit(1))).first():
        line = await last_line(session, question_id)
        return line.seq if line else None
    return None


async def conflict(session: AsyncSession, question: Question) -> ConflictError:
    """What stands now, in words, for whoever was slower."""
    reply = (await session.exec(select(Reply).where(Reply.question_id == question.id))).one_or_none()
    if reply:
        return ConflictError("这条留言已经有人答复，您的文字没有发出。下面是已发出的答复。", reply.text)
    if question.state == QuestionState.CLOSED:
        return ConflictError("这条留言已经有人办结。", question.closing_note)
    draft = await latest_draft(session, question.id or 0)
    return ConflictError("别人刚刚改过这份拟稿。下面是对方的文字，请对照后再保存。", draft.text if draft else "")


def note(
    session: AsyncSession,
    question_id: int,
    at: datetime,
    actor: str,
    state: QuestionState,
    text: str,
    act: Act | None = None,
) -> None:
    """A line of the story."""
    event = QuestionEvent(question_id=question_id, at=at, actor=actor, state=state, note=text)
    event.act = act.value if act else ""
    session.add(event)


def check_text(text: str) -> None:
    """Something is written, and not too much; else BadInputError."""
    if not text.strip():
        raise BadInputError("请写下内容再提交。", "text")
    if len(text) > REPLY_MAX:
        raise BadInputError(f"内容太长：最多 {REPLY_MAX} 个字。", "text")
