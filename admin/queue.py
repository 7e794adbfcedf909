"""What the desk reads: the automatic answers, one question with its story; a look at the original is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot import replies
from bot.message import clean
from bot.transitions import latest_draft
from knowledge.db import Database
from knowledge.errors import BadInputError, NotFoundError
from knowledge.tables import (
    AccessRecord,
    Attachment,
    Draft,
    LedgerLine,
    Question,
    QuestionEvent,
    QuestionOriginal,
    Reply,
    Staff,
)
from knowledge.vocabulary import OPEN_STATES, ReplyBy

PAGE_SIZE = 50
ANSWERS_PAGE_SIZE = 20
WHY_MAX = 200
OPEN = tuple(state.value for state in OPEN_STATES)
OTHER_ACTORS = {replies.SYSTEM: "系统", replies.CITIZEN: "网友", "import": "导入", "command": "命令行"}


@dataclass(frozen=True)
class Page:
    """One page of a list, and how many rows the whole list has."""

    rows: Sequence[Any]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class Detail:
    """One question with everything the desk shows of it."""

    question: Question
    reply: Reply | None
    draft: Draft | None
    events: Sequence[QuestionEvent]
    has_original: bool
    ledger_line: int | None

    @property
    def is_open(self) -> bool:
        """Whether a reply can still be written."""
        return self.question.state in OPEN

    @property
    def standing(self) -> str:
        """The text that stands now: what was sent or noted, else the draft."""
        if self.reply:
            return self.reply.text
        return self.question.closing_note or (self.draft.text if self.draft else "")


async def automatic_answers(session: AsyncSession, number: int, *, for_board: bool) -> Page:
    """What the engine answered, newest first; `for_board`: only what may go on the board and is not there yet."""
    wanted = select(Question).join(Reply).where(Reply.by == ReplyBy.SYSTEM)
    if for_board:
        wanted = wanted.where(col(Question.public), col(Question.published_at).is_(None))
    found = await paged(session, wanted.order_by(col(Question.id).desc()), number, ANSWERS_PAGE_SIZE)
    ids = [question.id for question in found.rows]
    sent = (await session.exec(select(Reply).where(col(Reply.question_id).in_(ids)))).all()
    by_question = {reply.question_id: reply for reply in sent}
    return Page([(one, by_question[one.id]) for one in found.rows], found.number, found.size, found.total)


async def detail(session: AsyncSession, question_id: int) -> Detail:
    """One question. It is read before its draft: a draft saved in between then shows as a conflict, not unseen."""
    question = await session.get(Question, question_id)
    if question is None:
        raise NotFoundError("没有这条留言，编号可能输错了。")
    reply = (await session.exec(select(Reply).where(Reply.question_id == question_id))).one_or_none()
    events = select(QuestionEvent).where(QuestionEvent.question_id == question_id).order_by(col(QuestionEvent.id))
    original = select(QuestionOriginal.question_id).where(QuestionOriginal.question_id == question_id)
    lines = select(LedgerLine.seq).where(LedgerLine.question_id == question_id)
    line = lines.order_by(col(LedgerLine.seq).desc()).limit(
        1
    )  # where a reply replaced another: that of the present one
    return Detail(
        question,
        reply,
        await latest_draft(session, question_id),
        (await session.exec(events)).all(),
        (await session.exec(original)).first() is not None,
        (await session.exec(line)).first(),
    )


async def ledger_line(session: AsyncSession, seq: int) -> tuple[LedgerLine, Sequence[int]]:
    """One line, and the numbers of the lines that correct it."""
    line = await session.get(LedgerLine, seq)
    if line is None:
        raise NotFoundError("公开台账里没有这一行。")
    corrections = select(LedgerLine.seq).where(LedgerLine.corrects == seq).order_by(col(LedgerLine.seq))
    return line, (await session.exec(corrections)).all()


async def names(session: AsyncSession) -> dict[str, str]:
    """Who is meant by an actor in a history or a ledger line."""
    return OTHER_ACTORS | dict((await session.exec(select(Staff.username, Staff.name))).all())


async def reveal(database: Database, question_id: int, username: str, why: str, at: datetime) -> QuestionOriginal:
    """The words as sent, with name and telephone; that somebody looked, and why, is recorded in the same transaction."""
    why = clean(why, "why", "理由")
    if not why or len(why) > WHY_MAX:
        raise BadInputError(f"请写明查看原文的理由，最多 {WHY_MAX} 个字。", "why")
    async with database.writing() as session:
        original = await session.get(QuestionOriginal, question_id)
        if original is None:
            raise NotFoundError("这条留言没有另存的原文：里面没有个人信息，或者已按规定清除。")
        session.add(AccessRecord(question_id=question_id, staff=username, at=at, why=why))
        return original


async def download(
    database: Database, question_id: int, number: int, username: str, why: str, at: datetime
) -> Attachment:
    """A file a citizen added; that somebody took it, and why, is recorded in the same transaction."""
    why = clean(why, "why", "理由")
    if not why or len(why) > WHY_MAX:
        raise BadInputError(f"请写明下载附件的理由，最多 {WHY_MAX} 个字。", "why")
    async with database.writing() as session:
        found = await session.get(Attachment, number)
        if found is None or found.question_id != question_id:
            raise NotFoundError("没有这个附件，或者已按规定清除。")
        session.add(AccessRecord(question_id=question_id, staff=username, at=at, why=f"下载附件 {number}：{why}"))
        return found


async def paged(session: AsyncSession, wanted: SelectOfScalar[Any], number: int, size: int) -> Page:
    """A page beyond the last one is the last one: a list may have shrunk since the link was made."""
    counted = select(func.count()).select_from(wanted.order_by(None).subquery())
    empty = Page([], 1, size, (await session.exec(counted)).one())
    number = min(max(number, 1), empty.last)
    rows = (await session.exec(wanted.offset((number - 1) * size).limit(size))).all()
    return Page(rows, number, size, empty.total)
