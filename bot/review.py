"""Four eyes: a reply handed in for review, passed on, returned with a comment, taken back. Each is one transaction.

Whoever passes a reply on passes the text that was handed in, to the letter; who wrote it cannot pass it, and who
passed it at the first step cannot sign it at the second.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.message import clean
from bot.replies import Author
from bot.transitions import conflict, latest_draft, move, note, question_of
from bot.workflow import SENT, Depth, after
from knowledge.db import Database
from knowledge.errors import BadInputError
from knowledge.tables import Draft, Question, QuestionEvent
from knowledge.vocabulary import OPEN_STATES, Act, QuestionState, Step

COMMENT_MAX = 1000
OWN = "自己写的答复不能自己审核，请交给别的同事。"
TWICE = "您已经审核过这份答复，签发要由另一位同事来做。"
NOT_YOURS = "只有写这份答复的人可以撤回送审。"


async def submit(
    database: Database, question_id: int, author: Author, *, version: int, depth: Depth, remark: str = "", at: datetime
) -> None:
    """Hand in the draft as last saved. ConflictError if somebody changed it meanwhile."""
    async with database.writing() as session:
        question, draft = await _both(session, question_id, version)
        step = _step(question, draft, Act.SUBMITTED, depth)
        await _go(session, question, step, version)
        note(session, question_id, at, author.username, QuestionState.DRAFTED, remark, Act.SUBMITTED)


async def hand_on(
    database: Database, question_id: int, by: Author, *, version: int, depth: Depth, at: datetime
) -> Draft | None:
    """Pass a reply on to the next step; where there is none it is given back, to be sent by `replies.publish`."""
    async with database.writing() as session:
        question, draft = await _both(session, question_id, version)
        step = _step(question, draft, Act.PASSED, depth)
        if draft.saved_by == by.username:
            raise BadInputError(OWN, "act")
        if by.username in await _passed_by(session, question_id):
            raise BadInputError(TWICE, "act")
        if step == SENT:
            return draft
        await _go(session, question, step, version)
        note(session, question_id, at, by.username, QuestionState.DRAFTED, "", Act.PASSED)
        return None


async def give_back(
    database: Database, question_id: int, by: Author, comment: str, *, version: int, depth: Depth, at: datetime
) -> None:
    """Return it to its author, with what is to be mended; the question is theirs again."""
    comment = clean(comment, "comment", "退回意见")
    if not comment or len(comment) > COMMENT_MAX:
        raise BadInputError(f"请写明退回的原因和要改的地方，最多 {COMMENT_MAX} 个字。", "comment")
    async with database.writing() as session:
        question, draft = await _both(session, question_id, version)
        step = _step(question, draft, Act.RETURNED, depth)
        await _go(session, question, step, version, assignee=draft.saved_by)
        note(session, question_id, at, by.username, QuestionState.DRAFTED, comment, Act.RETURNED)


async def recall(database: Database, question_id: int, by: Author, *, version: int, depth: Depth, at: datetime) -> None:
    """The author takes it back to go on writing."""
    async with database.writing() as session:
        question, draft = await _both(session, question_id, version)
        step = _step(question, draft, Act.RECALLED, depth)
        if draft.saved_by != by.username:
            raise BadInputError(NOT_YOURS, "act")
        await _go(session, question, step, version)
        note(session, question_id, at, by.username, QuestionState.DRAFTED, "", Act.RECALLED)


async def last_comment(session: AsyncSession, question_id: int) -> QuestionEvent | None:
    """What was said when the reply was last returned."""
    wanted = select(QuestionEvent).where(QuestionEvent.question_id == question_id, QuestionEvent.act == Act.RETURNED)
    return (await session.exec(wanted.order_by(col(QuestionEvent.id).desc()).limit(1))).one_or_none()


async def _both(session: AsyncSession, question_id: int, version: int) -> tuple[Question, Draft]:
    question = await question_of(session, question_id)
    draft = await latest_draft(session, question_id)
    if question.version != version or question.state not in OPEN_STATES:
        raise await conflict(session, question)
    if draft is None:
        raise BadInputError("还没有拟稿，请先写答复。", "text")
    return question, draft


def _step(question: Question, draft: Draft, act: Act, depth: Depth) -> Step | str:
    levels = depth.of(question.kind, question.reason, f"{question.text}\n{draft.text}")
    step = after(question.step, act, levels)
    if step is None:
        raise BadInputError(f"现在不能“{act.label}”：这条留言在“{Step(question.step).label}”。", "act")
    return step


async def _go(session: AsyncSession, question: Question, step: str, version: int, **more: str) -> None:
    values = {"step": str(step), **more}
    if not await move(session, question, OPEN_STATES, QuestionState.DRAFTED, version=version, values=values):
        raise await conflict(session, question)


async def _passed_by(session: AsyncSession, question_id: int) -> Sequence[str]:
    """Who has passed the text since it was last handed in."""
    mine = QuestionEvent.question_id == question_id
    handed_in = select(QuestionEvent.id).where(mine, QuestionEvent.act == Act.SUBMITTED)
    last = (await session.exec(handed_in.order_by(col(QuestionEvent.id).desc()).limit(1))).one_or_none() or 0
    passed = select(QuestionEvent.actor).where(mine, QuestionEvent.act == Act.PASSED, col(QuestionEvent.id) > last)
    return (await session.exec(passed)).all()
