"""After a reply, or while one is awaited: the asker says what they think of it, reopens the question, adds to it."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import replies, wording
from bot.message import clean
from knowledge import clock
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError
from knowledge.masking import mask
from knowledge.tables import EarlierReply, Opinion, Question, QuestionEvent, QuestionOriginal, Reply
from knowledge.vocabulary import OPEN_STATES, Verdict

NOTE_MAX = 300
SUPPLEMENT_MAX = 1000
SUPPLEMENTS = 5
OPINION_TWICE = "这条答复您已经评价过，不用再评。"


async def rate(
    database: Database, question: Question, reply: Reply, verdict: str, note: str, *, at: datetime, working_days: int
) -> Verdict:
    """Keep the opinion, once for each reply; 答非所问 gives the question to a person in the same transaction."""
    said, masked = _checked(note, "note", NOTE_MAX)
    if verdict not in tuple(Verdict):
        raise BadInputError("请从“有用”“没用”“答非所问”里选一个。", "verdict")
    opinion = Opinion(
        question_id=reply.question_id,
        reply_by=reply.by,
        verdict=verdict,
        entry_key=reply.entry_key,
        note=masked,
        at=at,
    )
    try:
        async with database.writing() as session:
            session.add(opinion)
            await session.flush()
            if verdict == Verdict.NOT_MET:
                due = clock.add_working_days(clock.office_day(at), working_days)
                remark = wording.NOT_MET_NOTE + (f"：{masked}" if masked else "")
                await replies.reopen(session, question, reply, remark, due=due, at=at)
                if said != masked:
                    await _keep_original(session, question, said, at)
    except IntegrityError:
        raise ConflictError(OPINION_TWICE) from None
    return Verdict(verdict)


async def supplement(database: Database, question_id: int, text: str, *, at: datetime) -> None:
    """Add to a question that still waits for a person; masked in its history, the words as sent kept apart."""
    said, masked = _checked(text, "more", SUPPLEMENT_MAX)
    if not said:
        raise BadInputError("请写下要补充的内容。", "more")
    async with database.writing() as session:
        question = await session.get(Question, question_id)
        if question is None or question.state not in OPEN_STATES:
            raise ConflictError("这条留言已经有了答复，不用再补充。还有疑问可以接着问。")
        if await _supplements(session, question_id) >= SUPPLEMENTS:
            raise BadInputError(f"一条留言最多补充 {SUPPLEMENTS} 次，您已经补充满了。", "more")
        note = wording.SUPPLEMENT + masked
        session.add(
            QuestionEvent(question_id=question_id, at=at, actor=replies.CITIZEN, state=question.state, note=note)
        )
        if said != masked:
            await _keep_original(session, question, said, at)


async def opinion_of(session: AsyncSession, reply: Reply | None) -> Opinion | None:
    """What the asker said of this reply."""
    if reply is None:
        return None
    wanted = select(Opinion).where(Opinion.question_id == reply.question_id, Opinion.reply_by == reply.by)
    return (await session.exec(wanted)).one_or_none()


async def earlier_of(session: AsyncSession, question_id: int) -> EarlierReply | None:
    """The reply that a person is to replace, or has replaced; the newest if there are several."""
    wanted = select(EarlierReply).where(EarlierReply.question_id == question_id)
    return (await session.exec(wanted.order_by(col(EarlierReply.id).desc()).limit(1))).one_or_none()


def _checked(text: str, field: str, most: int) -> tuple[str, str]:
    if len(text) > most:
        raise BadInputError(f"写得太长：最多 {most} 个字，现在有 {len(text)} 个字。", field)
    said = clean(text, field, "您写的内容")
    return said, mask(said)


async def _supplements(session: AsyncSession, question_id: int) -> int:
    mine = (QuestionEvent.question_id == question_id, QuestionEvent.actor == replies.CITIZEN)
    wanted = select(func.count()).where(*mine, col(QuestionEvent.note).startswith(wording.SUPPLEMENT))
    return (await session.exec(wanted)).one()


async def _keep_original(session: AsyncSession, question: Question, said: str, at: datetime) -> None:
    original = await session.get(QuestionOriginal, question.id)
    if original is None:
        original = QuestionOriginal(question_id=question.id or 0, text=question.text)
    original.text += f"\n\n{clock.in_words(clock.office_day(at))}{wording.SUPPLEMENT}{said}"
    session.add(original)
