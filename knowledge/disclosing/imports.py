"""Imports of many lines from a file: each on record, refused a second time, and undone as a whole by counter-entries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col
from sqlmodel import select as rows_of
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.db import Database, lock_ledger
from knowledge.disclosing.lines import Hand
from knowledge.disclosing.standing import standing_of
from knowledge.disclosing.writing import CHUNK, Progress, append_all, line_from, reason_of
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.ledger import TABLE, Line
from knowledge.tables import LedgerImport

IMPORTS = LedgerImport.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Source:
    """The file the lines come from."""

    name: str
    sha256: str


def no_progress(lines: int) -> None:
    """For callers who show none."""


async def earlier(connection: AsyncConnection, sha256: str) -> int | None:
    """The import of the very same file that still stands."""
    undone = select(IMPORTS.c.undoes).where(IMPORTS.c.undoes.is_not(None))
    same = select(IMPORTS.c.id).where(IMPORTS.c.sha256 == sha256, IMPORTS.c.id.not_in(undone))
    found: int | None = (await connection.execute(same)).scalars().first()
    return found


async def carry_out(
    database: Database, source: Source, lines: Sequence[Line], hand: Hand, progress: Progress = no_progress
) -> int:
    """Record all lines and the import, or nothing; the import's number. ConflictError for a file already imported."""
    if not lines:
        raise BadInputError("没有可以登记的行，什么都没有改动。", "file")
    async with database.writing_core() as connection:
        await connection.run_sync(lock_ledger)
        before = await earlier(connection, source.sha256)
        if before is not None:
            raise ConflictError(f"这个文件已经导入过（第 {before} 次导入）。要重新导入，请先撤销那一次。")
        tried = select(func.count()).where(IMPORTS.c.sha256 == source.sha256)
        times = (await connection.execute(tried)).scalar_one()
        first, last = await append_all(connection, lines, hand, progress)
        values = {"file_name": source.name, "sha256": source.sha256, "times": times, "reason": "", "undoes": None}
        return await _note(connection, hand, first, last, values)


async def undo(database: Database, number: int, hand: Hand, reason: str, progress: Progress = no_progress) -> int:
    """Withdraw every line of an import that still stands, as corrected since or not; the number of the undoing."""
    why = reason_of(reason)
    async with database.writing_core() as connection:
        await connection.run_sync(lock_ledger)
        row = (await connection.execute(select(IMPORTS).where(IMPORTS.c.id == number))).first()
        if row is None or row.undoes is not None:
            raise NotFoundError("没有这一次导入，编号可能输错了。")
        done = await connection.execute(select(IMPORTS.c.id).where(IMPORTS.c.undoes == number))
        if done.first():
            raise ConflictError("这一次导入已经撤销过了。")
        stands = standing_of(row.first_seq, row.last_seq)
        found = await connection.execute(
            select(TABLE.c.seq).where(TABLE.c.seq.in_(stands), TABLE.c.quantity > 0).order_by(TABLE.c.seq)
        )
        first, last = await _withdraw(connection, list(found.scalars()), hand, why, progress)
        values = {"file_name": row.file_name, "sha256": None, "times": 0, "reason": why, "undoes": number}
        return await _note(connection, hand, first, last, values)


async def listed(session: AsyncSession, limit: int = 50) -> list[tuple[LedgerImport, LedgerImport | None]]:
    """Imports, newest first, each with what undid it."""
    wanted = rows_of(LedgerImport).order_by(col(LedgerImport.id).desc())
    imports = (await session.exec(wanted.where(col(LedgerImport.undoes).is_(None)).limit(limit))).all()
    numbers = [one.id for one in imports]
    undoings = (await session.exec(wanted.where(col(LedgerImport.undoes).in_(numbers)))).all()
    by_number = {one.undoes: one for one in undoings}
    return [(one, by_number.get(one.id)) for one in imports]


async def _withdraw(
    connection: AsyncConnection, numbers: list[int], hand: Hand, why: str, progress: Progress
) -> tuple[int, int]:
    first = last = 0
    for begin in range(0, len(numbers), CHUNK):
        part = numbers[begin : begin + CHUNK]
        rows = await connection.execute(select(TABLE).where(TABLE.c.seq.in_(part)).order_by(TABLE.c.seq))
        lines = [replace(line_from(row, hand.by), quantity=0, corrects=row.seq, reason=why) for row in rows]
        begun, last = await append_all(connection, lines, hand, progress)
        first = first or begun
    return first, last


async def _note(connection: AsyncConnection, hand: Hand, first: int, last: int, values: dict[str, object]) -> int:
    row = {"made_by": hand.by, "made_at": hand.at, "first_seq": first, "last_seq": last}
    row["lines"] = last - first + 1 if last else 0
    made = await connection.execute(insert(IMPORTS).values(**row, **values).returning(IMPORTS.c.id))
    number: int = made.scalar_one()
    return number
