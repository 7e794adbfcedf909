"""Search of the board: words, topic, kind and year narrow it down; pages from the database, nothing kept in memory.

A reply is masked only when it is shown. Words with figures are therefore looked for in questions alone, which are
stored masked: else a search could tell, bit by bit, what a mask hides.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.following import PAGE_SIZE, Followed, as_they_stand
from knowledge import clock
from knowledge.tables import Entry, Question, Reply, ReplyChange
from knowledge.vocabulary import TOPICS, Kind

WORDS_MAX = 5
WORD_MAX = 40
FIRST_YEAR, LAST_YEAR = 2000, 2999
_MASKED = re.compile(r"[\dXx*@＠]")


@dataclass(frozen=True)
class Wanted:
    """What a visitor looks for; empty means anything."""

    words: tuple[str, ...] = ()
    topic: str = ""
    kind: str = ""
    year: int = 0

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self.words or self.topic or self.kind or self.year)


def wanted(words: str, topic: str, kind: str, year: str) -> Wanted:
    """From what stands in the address; a value that does not exist is no filter."""
    said = unicodedata.normalize("NFKC", words).split()
    number = int(year) if re.fullmatch(r"\d{4}", year, re.ASCII) else 0
    return Wanted(
        tuple(word[:WORD_MAX] for word in said[:WORDS_MAX]),
        topic if topic in TOPICS else "",
        kind if kind in tuple(Kind) else "",
        number if FIRST_YEAR <= number <= LAST_YEAR else 0,
    )


async def found(session: AsyncSession, looked_for: Wanted, page: int = 1) -> tuple[Sequence[Followed], int]:
    """A page of what fits, newest first, and how many fit in all."""
    conditions = _conditions(looked_for)
    joined = select(func.count()).select_from(Question).join(Reply).where(*conditions)
    total = (await session.exec(joined)).one()
    rows = (
        select(Question, Reply)
        .join(Reply)
        .where(*conditions)
        .order_by(col(Question.published_at).desc(), col(Question.id).desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    return await as_they_stand(session, (await session.exec(rows)).all()), total


async def years(session: AsyncSession) -> list[int]:
    """The years from which something stands on the board, newest first."""
    shown = col(Question.published_at).is_not(None)
    wanted_one = select(Question.received_at).where(shown).limit(1)
    first = (await session.exec(wanted_one.order_by(col(Question.received_at)))).one_or_none()
    last = (await session.exec(wanted_one.order_by(col(Question.received_at).desc()))).one_or_none()
    if first is None or last is None:
        return []
    return list(range(clock.office_day(last).year, clock.office_day(first).year - 1, -1))


async def published_numbers(session: AsyncSession, most: int) -> Sequence[int | None]:
    """The numbers of the newest questions on the board."""
    shown = select(Question.id).where(col(Question.published_at).is_not(None))
    return (await session.exec(shown.order_by(col(Question.published_at).desc()).limit(most))).all()


def _conditions(looked_for: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Question.published_at).is_not(None)]
    corrected = (
        select(ReplyChange.text)
        .where(ReplyChange.question_id == Question.id, ReplyChange.at >= Reply.sent_at)
        .order_by(col(ReplyChange.number).desc())
        .limit(1)
        .correlate(Question, Reply)
        .scalar_subquery()
    )
    stands = func.coalesce(corrected, Reply.text)
    for word in looked_for.words:
        in_question = col(Question.text).icontains(word, autoescape=True)
        in_reply = stands.icontains(word, autoescape=True)
        conditions.append(in_question if _MASKED.search(word) else or_(in_question, in_reply))
    if looked_for.topic:
        about = select(Entry.key).where(Entry.topic == looked_for.topic)
        conditions.append(col(Reply.entry_key).in_(about))
    if looked_for.kind:
        conditions.append(col(Question.kind) == looked_for.kind)
    if looked_for.year:
        first, after = clock.year_edges(looked_for.year)
        conditions += [col(Question.received_at) >= first, col(Question.received_at) < after]
    return conditions
