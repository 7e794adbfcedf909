"""After the reply: corrected, withdrawn, or a question closed by mistake taken up again. Each is one transaction.

What was sent stays as it was sent. A correction is a row of its own and a ledger line that stands in place of the one
before, with the day of the reply: a corrected reply is still one reply, of the day it was given.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import outbox, wording
from bot.message import clean
from bot.replies import Author
from bot.transitions import check_text, conflict, last_line, move, note, question_of
from knowledge import clock, ledger
from knowledge.db import Database
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.masking import mask
from knowledge.tables import Question, Reply, ReplyChange
from knowledge.vocabulary import Act, Changed, LedgerKind, QuestionState

REASON_MAX = 500


async def correct(
    database: Database,
    question_id: int,
    text: str,
    author: Author,
    *,
    reason: str,
    version: int,
    at: datetime,
    entry: KnownEntry | None = None,
) -> None:
    """The corrected text stands from now on, here and on the board; the citizen is told of it where they can be reached."""
    if entry and not entry.in_force(clock.office_day(at)):
        raise BadInputError("所选依据条目今天不在有效期内，请换一个或不选。", "entry")
    basis = [line.as_json() for line in entry.basis_on(clock.office_day(at))] if entry else []
    change = {"kind": Changed.CORRECTED, "text": text, "basis": basis, "entry_key": entry.key if entry else ""}
    await _change(database, question_id, change, author, reason=reason, version=version, at=at)


async def withdraw(
    database: Database, question_id: int, told: str, author: Author, *, reason: str, version: int, at: datetime
) -> None:
    """Take the reply back; the citizen reads `told` in its place, and nothing of it stays on the board."""
    change = {"kind": Changed.WITHDRAWN, "text": told}
    await _change(database, question_id, change, author, reason=reason, version=version, at=at)


async def reopen(
    database: Database, question_id: int, author: Author, *, reason: str, version: int, days: int, at: datetime
) -> None:
    """Take up a question that was closed without a reply; it has `days` working days again."""
    why = _reason(reason)
    due = clock.add_working_days(clock.office_day(at), days)
    values = {"closing_note": "", "closing": "", "due": due.day, "due_provisional": due.provisional}
    async with database.writing() as session:
        question = await question_of(session, question_id)
        closed = [QuestionState.CLOSED]
        if not await move(session, question, closed, QuestionState.WAITING, version=version, values=values):
            raise await conflict(session, question)
        note(session, question_id, at, author.username, QuestionState.WAITING, why, Act.REOPENED)


async def _change(
    database: Database,
    question_id: int,
    change: dict[str, Any],
    author: Author,
    *,
    reason: str,
    version: int,
    at: datetime,
) -> None:
    check_text(change["text"])
    why, kind = _reason(reason), Changed(change["kind"])
    try:
        async with database.writing() as session:
            question = await question_of(session, question_id)
            values: dict[str, Any] = {"published_at": None} if kind is Changed.WITHDRAWN else {}
            answered = QuestionState.ANSWERED
            if not await move(session, question, [answered], answered, version=version, values=values):
                raise ConflictError("别人刚刚处理过这条留言，您的改动没有登记。", "")
            seq = await _in_ledger(session, question, change, author, why, at)
            seen = select(func.count()).where(ReplyChange.question_id == question_id)
            number = (await session.exec(seen)).one() + 1
            row: dict[str, Any] = {"question_id": question_id, "number": number, "reason": why, "at": at}
            session.add(ReplyChange(ledger_seq=seq, author=author.username, **row, **change))
            act = Act.CORRECTED if kind is Changed.CORRECTED else Act.WITHDRAWN
            note(session, question_id, at, author.username, answered, why, act)
            await outbox.queue(session, question, wording.changed_message(kind, change["text"]), at)
    except IntegrityError:
        raise ConflictError("别人刚刚处理过这条留言，您的改动没有登记。", change["text"]) from None


async def _in_ledger(
    session: AsyncSession, question: Question, change: dict[str, Any], author: Author, why: str, at: datetime
) -> int:
    reply = (await session.exec(select(Reply).where(Reply.question_id == question.id))).one()
    last = await last_line(session, question.id or 0)
    if last is None:
        raise NotFoundError("台账里没有这条答复，请先核对台账。")
    kind = Changed(change["kind"])
    line = ledger.Line(
        at=reply.sent_at,
        kind=LedgerKind(last.kind),
        channel=last.channel,
        title=f"{kind.label}第 {question.id} 号留言的答复",
        address=last.address,
        quantity=1 if kind is Changed.CORRECTED else 0,
        by=author.username,
        source=change.get("entry_key", ""),
        question_id=question.id,
        content=change["text"],
        corrects=last.seq,
        reason=why,
    )
    return (await ledger.record(await session.connection(), [line], at))[0]


def _reason(text: str) -> str:
    """A reason that may stand in the ledger, whose lines stay for good."""
    why = clean(text, "reason", "原因").replace("\n", " ")
    if not why or len(why) > REASON_MAX:
        raise BadInputError(f"请写明原因，最多 {REASON_MAX} 个字。", "reason")
    if mask(why, office=True).count("*") > why.count("*"):
        raise BadInputError("原因会长期留存，请不要写身份证号、手机号、账号。", "reason")
    return why
