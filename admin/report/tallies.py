"""What ledger lines come to, kind by kind and by who replied, counting only the lines that stand.

Sums are made by the database in the order of one index, so that a year of a large ledger is added up without being read;
the few lines another line stands in place of are taken off again.
"""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge import clock
from knowledge.disclosing.standing import superseded
from knowledge.ledger import TABLE
from knowledge.vocabulary import ReplyBy

SYSTEM, STAFF, BULK = "system", "staff", "bulk"
GROUPED = tuple(TABLE.c[name] for name in ("kind", "by", "at", "question_id", "quantity"))


@dataclass
class Tally:
    """Lines or questions of one group: how many stand, and what they add up to."""

    count: int = 0
    quantity: int = 0


Tallies = MutableMapping[tuple[str, str], Tally]


def within(column: Any, year: int) -> ColumnElement[bool]:
    """Whether a moment lies in the office's year."""
    start, end = clock.year_edges(year)
    return and_(column >= start, column < end)


async def read_tallies(connection: AsyncConnection, wanted: Iterable[ColumnElement[bool]]) -> Tallies:
    """The lines wanted, keyed by kind and by who replied."""
    sums: Tallies = {}
    conditions = tuple(wanted)
    await add_up(connection, sums, conditions)
    await take_off(connection, sums, conditions)
    return sums


async def add_up(connection: AsyncConnection, sums: Tallies, wanted: Iterable[ColumnElement[bool]]) -> datetime | None:
    """Add all lines wanted, standing or not; returns the day of the latest."""
    named = case((TABLE.c.question_id.is_not(None), TABLE.c.quantity), else_=0)
    query = (
        select(TABLE.c.kind, TABLE.c.by, func.count().label("lines"), func.sum(TABLE.c.quantity).label("quantity"))
        .add_columns(func.count(TABLE.c.question_id).label("named"), func.sum(named).label("named_quantity"))
        .add_columns(func.max(TABLE.c.at).label("last"))
        .where(*wanted)
        .group_by(TABLE.c.kind, TABLE.c.by)
    )
    last: datetime | None = None
    for found in await connection.execute(query):
        rest = found.lines - found.named, int(found.quantity) - int(found.named_quantity)
        for question, (lines, quantity) in ((True, (found.named, int(found.named_quantity))), (False, rest)):
            if lines:
                tally = sums.setdefault((found.kind, _who(found.by, question=question)), Tally())
                tally.count, tally.quantity = tally.count + lines, tally.quantity + quantity
        last = max(last, found.last) if last else found.last
    return last


async def take_off(connection: AsyncConnection, sums: Tallies, wanted: Iterable[ColumnElement[bool]]) -> None:
    """Take off those of the lines wanted that another line stands in place of."""
    gone = select(*GROUPED).where(TABLE.c.seq.in_(superseded()), *wanted)
    for line in await connection.execute(gone):
        tally = sums[line.kind, _who(line.by, question=line.question_id is not None)]
        tally.count, tally.quantity = tally.count - 1, tally.quantity - line.quantity


def _who(by: str, *, question: bool) -> str:
    """Replies by the system, replies of staff to a question on record, and lines for counts taken over in bulk."""
    if by == ReplyBy.SYSTEM:
        return SYSTEM
    return STAFF if question else BULK
