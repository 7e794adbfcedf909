"""Similar questions from real messages: what staff answered with an entry, or citizens picked it for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.library.gaps import usable
from knowledge.db import Database
from knowledge.entries import KnownEntry
from knowledge.index import Index
from knowledge.tables import MessageDecision, Question, Reply
from knowledge.text import bare
from knowledge.vocabulary import MessageUse, Reason, ReplyBy

READ_MAX = 2000
ENTRIES_SHOWN = 40
DECIDED = (MessageUse.SIMILAR, MessageUse.NOT_SIMILAR)


@dataclass(frozen=True)
class Offered:
    """An entry with messages that may become similar questions of it."""

    entry: KnownEntry
    messages: tuple[Question, ...]


async def offered(session: AsyncSession, entries: dict[str, KnownEntry], index: Index) -> list[Offered]:
    """What may be taken, the entries with most messages first; decided messages and kept questions are left out."""
    decided = select(MessageDecision.question_id).where(col(MessageDecision.decision).in_(DECIDED))
    wanted = (
        select(Question, Reply.entry_key)
        .join(Reply)
        .where(
            Reply.entry_key != "",
            or_(Reply.by == ReplyBy.STAFF, Question.reason == Reason.CHOSEN),
            col(Question.id).not_in(decided),
        )
        .order_by(col(Question.id).desc())
        .limit(READ_MAX)
    )
    found: dict[str, dict[str, Question]] = {}
    for question, key in (await session.exec(wanted)).all():
        if key in entries and usable(question.text) and not index.exact(question.text):
            found.setdefault(key, {}).setdefault(bare(question.text), question)
    made = [Offered(entries[key], tuple(asked.values())) for key, asked in found.items()]
    return sorted(made, key=lambda one: (-len(one.messages), one.entry.key))[:ENTRIES_SHOWN]


async def decide(
    database: Database, questions: Sequence[Question], key: str, use: MessageUse, who: str, at: datetime
) -> None:
    """Put down what was decided about some messages."""
    async with database.writing() as session:
        session.add_all(
            MessageDecision(question_id=one.id or 0, decision=use, entry_key=key, by=who, at=at) for one in questions
        )
