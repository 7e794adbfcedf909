"""Regulations and normative documents in table two, counted from the office's own policies by their dates.

A kind is counted as soon as one document of it is on record; a hand-entered figure then only stands beside (check X1).
A document whose last day is the 31st of December has ended with the year: so last year's documents, those made and
those that ended always add up to this year's (C6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from admin.report.rows import Row, row_of
from knowledge.tables import Policy
from knowledge.vocabulary import OwnDocument

POLICIES = Policy.__table__  # type: ignore[attr-defined]
MADE, REPEALED, VALID = "made", "repealed", "valid"
_STANDS = "只计知识库里标明“本单位制发”的文件"
_RULES = {
    MADE: f"发文日期在统计年度内的文件件数；{_STANDS}。",
    REPEALED: f"最后有效日在统计年度内的文件件数，含宣布失效和到期失效；{_STANDS}。",
    VALID: f"统计年度末以前发文、到12月31日24时没有失效的文件件数；{_STANDS}。",
}


@dataclass(frozen=True)
class OwnPolicy:
    """A document the office made. `until`: its last day, None while no end is set."""

    id: int
    title: str
    kind: OwnDocument
    issued: date
    until: date | None
    issuer: str
    source: str

    def day(self, column: str, year: int) -> date | None:
        """The day that puts it into a column of the year, None where it is not in it."""
        if column == MADE:
            return self.issued if self.issued.year == year else None
        if column == REPEALED:
            return self.until if self.until and self.until.year == year else None
        stands = self.issued.year <= year and (self.until is None or self.until.year > year)
        return self.issued if stands else None


async def read(connection: AsyncConnection) -> list[OwnPolicy]:
    """All documents the office made, in the order of their days."""
    query = select(POLICIES).where(POLICIES.c.own != "", POLICIES.c.issued.is_not(None))
    found = await connection.execute(query.order_by(POLICIES.c.issued, POLICIES.c.id))
    return [
        OwnPolicy(
            row.id,
            f"{row.title}（{row.number}）" if row.number else row.title,
            OwnDocument(row.own),
            row.issued,
            row.valid_until,
            row.issuer,
            row.source,
        )
        for row in found
    ]


@dataclass(frozen=True)
class CountedDocuments:
    """The cells of a year that are counted from documents."""

    year: int
    documents: Sequence[OwnPolicy]

    def at(self, key: str) -> Sequence[Row] | None:
        """The rows behind a cell; None where the cell is not counted from documents."""
        table, line, column = (*key.split("."), "", "")[:3]
        mine = [one for one in self.documents if one.kind == line]
        if table != "t2" or column not in _RULES or not any(one.issued.year <= self.year for one in mine):
            return None
        placed = [(one, one.day(column, self.year)) for one in mine]
        return [row_of("policy", one.id, day, one.title, 1, one.issuer, one.source) for one, day in placed if day]

    def rule(self, key: str) -> str:
        """How the cell is counted, in words."""
        return _RULES[key.rsplit(".", 1)[1]]
