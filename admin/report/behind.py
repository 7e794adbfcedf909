"""The rows behind a figure that counts ledger lines or questions: some at a time, however many there are."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report.records import LEDGER, QUESTIONS, Records
from admin.report.rows import Row, row_of
from admin.report.tallies import BULK, STAFF, SYSTEM, within
from knowledge import clock
from knowledge.disclosing.standing import superseded
from knowledge.vocabulary import Channel, Kind, ReplyBy

BLOCK = 1_000  # rows taken from the database at a time; other requests are served between two blocks


@dataclass(frozen=True)
class Behind:
    """Which ledger lines (of these kinds, by one part of those who reply) or questions (of these channels) are counted."""

    table: str
    groups: tuple[str, ...]
    part: str = ""

    def count(self, records: Records) -> int:
        """How many rows stand behind it."""
        if self.table == "question":
            return sum(records.questions[name].count for name in self.groups)
        parts = (self.part,) if self.part else (SYSTEM, STAFF, BULK)
        return sum(records.ledger[kind, part].count for kind in self.groups for part in parts)


async def page(session: AsyncSession, year: int, behind: Behind, start: int, size: int, count: int) -> list[Row]:
    """`size` rows from the one numbered `start`; the second half of a long list is read from its end."""
    query, order = await _query(session, year, behind)
    connection = await session.connection()
    end = count - start - size
    if end >= start:
        found = await connection.execute(query.order_by(*order).offset(start).limit(size))
        return [_row(behind, line) for line in found]
    backwards = query.order_by(*(column.desc() for column in order))
    found = await connection.execute(backwards.offset(max(end, 0)).limit(min(size, count - start)))
    return [_row(behind, line) for line in found][::-1]


async def stream(session: AsyncSession, year: int, behind: Behind) -> AsyncIterator[list[Row]]:
    """All rows, a block at a time."""
    query, order = await _query(session, year, behind)
    lines = await (await session.connection()).stream(query.order_by(*order))
    async for block in lines.partitions(BLOCK):
        yield [_row(behind, line) for line in block]


async def _query(session: AsyncSession, year: int, behind: Behind) -> tuple[Select[Any], tuple[Any, ...]]:
    if behind.table == "question":
        received = QUESTIONS.c.received_at
        wanted = select(QUESTIONS.c.id, QUESTIONS.c.channel, QUESTIONS.c.kind, received).where(within(received, year))
        if len(behind.groups) < len(Channel):  # all of them need no filter, and the index by day gives the order
            wanted = wanted.where(QUESTIONS.c.channel.in_(behind.groups))
        return wanted, (received, QUESTIONS.c.id)
    names = ("seq", "at", "title", "quantity", "by", "source", "address")
    wanted = select(*(LEDGER.c[name] for name in names)).where(LEDGER.c.kind.in_(behind.groups))
    wanted = wanted.where(within(LEDGER.c.at, year), *_part(behind.part))
    return wanted.where(LEDGER.c.seq.not_in(superseded())), (LEDGER.c.at, LEDGER.c.seq)


def _part(part: str) -> list[Any]:
    by_system = LEDGER.c.by == ReplyBy.SYSTEM.value
    named = LEDGER.c.question_id.is_not(None)
    return {SYSTEM: [by_system], STAFF: [~by_system, named], BULK: [~by_system, ~named]}.get(part, [])


def _row(behind: Behind, line: Any) -> Row:
    """A question's row names its kind, not its words: the row may be published with the report."""
    if behind.table == "question":
        day, source = clock.office_day(line.received_at), Channel(line.channel).label
        return row_of("question", line.id, day, Kind(line.kind).label, 1, "", source)
    source, day = line.source or line.address, clock.office_day(line.at)
    return row_of("ledger", line.seq, day, line.title, line.quantity, line.by, source)
