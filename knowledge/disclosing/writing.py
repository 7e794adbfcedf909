"""Recording lines by hand and correcting them; checked and written in one transaction that holds the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge import clock, ledger
from knowledge.db import Database, lock_ledger
from knowledge.disclosing import doubles
from knowledge.disclosing.lines import Hand
from knowledge.disclosing.words import plain
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.ledger import TABLE, Line
from knowledge.vocabulary import LedgerKind

REASON_MAX = 200
CHUNK = 1_000  # lines written at a time; in between others get their turn
Progress = Callable[[int], None]


class DoubleError(BadInputError):
    """The line looks like one already there; whoever means it says so, and it is recorded."""

    def __init__(self, seq: int) -> None:
        super().__init__(
            f"台账第 {seq} 行已经登记过同一天、同一类、同样标题或链接的信息。确实是另外一条的，请勾选后再登记。"
        )
        self.seq = seq


@dataclass(frozen=True)
class Change:
    """What a correction puts in a line's place. `seen` is the line the person had before their eyes."""

    seen: int
    line: Line
    reason: str


async def record_one(database: Database, line: Line, hand: Hand, *, meant: bool) -> int:
    """Record one line; DoubleError where it looks like another, unless it is `meant`."""
    async with database.writing_core() as connection:
        await connection.run_sync(lock_ledger)
        found = [] if meant else await doubles.on_record(connection, [line])
        if found:
            raise DoubleError(found[0].seq or 0)
        return (await ledger.record(connection, [line], hand.at))[0]


async def correct(database: Database, change: Change, hand: Hand) -> int:
    """Put a new line in place of one; quantity 0 withdraws. ConflictError where somebody corrected it meanwhile."""
    why = reason_of(change.reason)
    async with database.writing_core() as connection:
        await connection.run_sync(lock_ledger)
        row = await line_at(connection, change.seen)
        refuse_reply(row)
        newer = await connection.execute(select(TABLE.c.seq).where(TABLE.c.corrects == change.seen))
        after = newer.scalars().first()
        if after is not None:
            raise ConflictError(f"第 {change.seen} 行已经被第 {after} 行更正过。请核对后更正第 {after} 行。")
        line = replace(change.line, corrects=change.seen, reason=why)
        if _same(line, row):
            raise BadInputError("与原来的一行完全相同，没有要更正的内容。", "title")
        return (await ledger.record(connection, [line], hand.at))[0]


async def line_at(connection: AsyncConnection, seq: int) -> Any:
    """One line as it is stored."""
    row = (await connection.execute(select(TABLE).where(TABLE.c.seq == seq))).first()
    if row is None:
        raise NotFoundError(f"台账里没有第 {seq} 行。")
    return row


def refuse_reply(row: Any) -> None:
    """A reply sent from here is proved by its text; its line follows the question and is never changed by hand."""
    if row.question_id is not None:
        raise BadInputError("这一行是本系统发出的答复，由留言的办理自动登记，不能在这里更正。")


def line_from(row: Any, by: str) -> Line:
    """The line again, as somebody's own: the beginning of a correction."""
    return Line(
        at=row.at,
        kind=LedgerKind(row.kind),
        title=row.title,
        by=by,
        channel=row.channel,
        address=row.address,
        quantity=row.quantity,
        source=row.source,
    )


async def append_all(
    connection: AsyncConnection, lines: Sequence[Line], hand: Hand, progress: Progress
) -> tuple[int, int]:
    """Append many lines within the caller's transaction, some at a time; first and last number."""
    first = last = 0
    for begin in range(0, len(lines), CHUNK):
        numbers = await ledger.record(connection, lines[begin : begin + CHUNK], hand.at)
        first, last = first or numbers[0], numbers[-1]
        progress(len(numbers))
    return first, last


def reason_of(text: str) -> str:
    """The reason for a correction, checked."""
    try:
        why = plain(text)
    except ValueError as error:
        raise BadInputError(f"理由里{error}。", "reason") from None
    if not why or len(why) > REASON_MAX:
        raise BadInputError(f"请写明更正的理由，最多 {REASON_MAX} 个字。", "reason")
    return why


def _same(line: Line, row: Any) -> bool:
    mine = (line.kind.value, line.title, line.channel, line.address, line.quantity, line.source)
    stored = (row.kind, row.title, row.channel, row.address, row.quantity, row.source)
    return mine == stored and clock.office_day(line.at) == clock.office_day(row.at)
