"""Which lines of the ledger stand: of a line and all corrections that go back to it, the last one (docs/report.md)."""

from collections.abc import Sequence

from sqlalchemy import CTE, ColumnElement, Select, func, select

from knowledge.ledger import TABLE


def families(origins: ColumnElement[bool]) -> CTE:
    """Lines with all that correct them, at any remove; `first` is the line each goes back to."""
    begun = select(TABLE.c.seq, TABLE.c.seq.label("first")).where(origins).cte("family", recursive=True)
    later = TABLE.alias("later")
    return begun.union_all(select(later.c.seq, begun.c.first).join(begun, later.c.corrects == begun.c.seq))


def superseded() -> Select[tuple[int]]:
    """The numbers of lines another line stands in place of."""
    correcting = TABLE.alias("correcting")
    corrected = select(correcting.c.corrects).where(correcting.c.corrects.is_not(None))
    return _outdone(families(TABLE.c.corrects.is_(None) & TABLE.c.seq.in_(corrected)))


def superseded_among(numbers: Sequence[int]) -> Select[tuple[int]]:
    """The same of a few lines: only their own families are looked through."""
    mine = select(TABLE.c.seq, TABLE.c.corrects).where(TABLE.c.seq.in_(numbers)).cte("mine", recursive=True)
    before = TABLE.alias("before")
    back = mine.union_all(select(before.c.seq, before.c.corrects).join(mine, mine.c.corrects == before.c.seq))
    found = _outdone(families(TABLE.c.seq.in_(select(back.c.seq).where(back.c.corrects.is_(None))))).subquery("found")
    return select(found.c.seq).where(found.c.seq.in_(numbers))


def _outdone(family: CTE) -> Select[tuple[int]]:
    last = func.max(family.c.seq).over(partition_by=family.c.first).label("last")
    ranked = select(family.c.seq, last).subquery("ranked")
    return select(ranked.c.seq).where(ranked.c.seq < ranked.c.last)


def standing_of(first: int, last: int) -> Select[tuple[int]]:
    """The numbers of the lines that stand for those from `first` to `last`."""
    family = families(TABLE.c.seq.between(first, last) & TABLE.c.corrects.is_(None))
    return select(func.max(family.c.seq)).group_by(family.c.first)
