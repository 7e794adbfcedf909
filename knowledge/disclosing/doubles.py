"""Lines that look like lines already there: same kind, same day, and the same title or the same address."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge import clock
from knowledge.disclosing.standing import superseded
from knowledge.ledger import TABLE, Line

BLOCK = 5_000
Key = tuple[str, date, str]


@dataclass(frozen=True)
class Double:
    """Line `index` of those given looks like line `other` of those given, or like line `seq` of the ledger."""

    index: int
    title: str
    other: int | None = None
    seq: int | None = None


def keys(kind: str, day: date, title: str, address: str) -> Iterator[Key]:
    """What two lines must not share: a title and an address never look alike, so one set holds both."""
    yield kind, day, title.casefold()
    if address:
        yield kind, day, address


def among(lines: Sequence[Line]) -> list[Double]:
    """Doubles inside what is given; the first of each is no double."""
    seen: dict[Key, int] = {}
    found = []
    for index, line in enumerate(lines):
        mine = list(keys(line.kind.value, clock.office_day(line.at), line.title, line.address))
        before = next((seen[key] for key in mine if key in seen), None)
        if before is not None:
            found.append(Double(index, line.title, other=before))
        for key in mine:
            seen.setdefault(key, index)
    return found


async def on_record(connection: AsyncConnection, lines: Sequence[Line]) -> list[Double]:
    """Doubles of lines that stand in the ledger, one for each line given; replies sent from here are no candidates."""
    if not lines:
        return []
    wanted: dict[Key, list[int]] = {}
    for index, line in enumerate(lines):
        for key in keys(line.kind.value, clock.office_day(line.at), line.title, line.address):
            wanted.setdefault(key, []).append(index)
    found: dict[int, int] = {}
    rows = await connection.stream(_near(lines))
    async for block in rows.partitions(BLOCK):
        for row in block:
            for key in keys(row.kind, clock.office_day(row.at), row.title, row.address):
                for index in wanted.get(key, ()):
                    found.setdefault(index, row.seq)
    return [Double(index, lines[index].title, seq=seq) for index, seq in sorted(found.items())]


def _near(lines: Sequence[Line]) -> Select[Any]:
    days = [clock.office_day(line.at) for line in lines]
    start, end = clock.day_edges(min(days))[0], clock.day_edges(max(days))[1]
    kinds = {line.kind.value for line in lines}
    shown = (TABLE.c.seq, TABLE.c.kind, TABLE.c.at, TABLE.c.title, TABLE.c.address)
    return (
        select(*shown)
        .where(TABLE.c.kind.in_(kinds), TABLE.c.at >= start, TABLE.c.at < end, TABLE.c.question_id.is_(None))
        .where(TABLE.c.quantity > 0, TABLE.c.seq.not_in(superseded()))
        .order_by(TABLE.c.seq)
    )
