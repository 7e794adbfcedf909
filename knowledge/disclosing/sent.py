"""Lines sent by the office's programs: the program's own mark makes every retry the same line."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from knowledge import ledger
from knowledge.db import Database, lock_ledger
from knowledge.disclosing.lines import Hand
from knowledge.errors import BadInputError
from knowledge.ledger import Line
from knowledge.tables import LedgerSent

SENT = LedgerSent.__table__  # type: ignore[attr-defined]
BY = "app:"  # before an app's name among those who record; no staff account has a colon


@dataclass(frozen=True)
class Marked:
    """A line under the mark its sender gave it."""

    mark: str
    line: Line

    @property
    def digest(self) -> str:
        """What must be the same when the mark comes again."""
        one = self.line
        parts = (one.at.isoformat(), one.kind, one.title, one.channel, one.address, one.quantity, one.source)
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


async def record(database: Database, app: str, sent: Sequence[Marked], hand: Hand) -> list[int]:
    """Record what is new, all or nothing; the number of every line, in the order sent."""
    marks = [one.mark for one in sent]
    known = select(SENT.c.mark, SENT.c.seq, SENT.c.digest).where(SENT.c.app == app, SENT.c.mark.in_(marks))
    async with database.writing_core() as connection:
        await connection.run_sync(lock_ledger)
        stored = {row.mark: row for row in await connection.execute(known)}
        for index, one in enumerate(sent):
            if one.mark in stored and stored[one.mark].digest != one.digest:
                seq = stored[one.mark].seq
                raise BadInputError(
                    f"第 {index + 1} 条：id 已用于台账第 {seq} 行，内容不同。更正请在工作人员网站办理。",
                    f"lines.{index}.id",
                )
        new = [one for one in sent if one.mark not in stored]
        numbers = await ledger.record(connection, [one.line for one in new], hand.at)
        found = {mark: row.seq for mark, row in stored.items()}
        found |= dict(zip((one.mark for one in new), numbers, strict=True))
        if new:
            rows = [{"app": app, "mark": one.mark, "seq": found[one.mark], "digest": one.digest} for one in new]
            await connection.execute(insert(SENT), rows)
    return [found[mark] for mark in marks]
