"""What the pages show of the ledger: the lines a filter wants, their sums by the report's own rule, and lists to take away."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from admin.report.tallies import read_tallies, within
from knowledge.disclosing.standing import superseded, superseded_among
from knowledge.disclosing.words import plain
from knowledge.ledger import TABLE
from knowledge.vocabulary import Channel, LedgerKind

PAGE_SIZE, BLOCK = 50, 2_000
FIRST_YEAR, LAST_YEAR = 2000, 2100
WORDS_MAX = 60
SHOWN = ("seq", "at", "recorded_at", "kind", "title", "channel", "address", "quantity", "by", "source")
COLUMNS = tuple(TABLE.c[name] for name in (*SHOWN, "question_id", "corrects", "reason"))


@dataclass(frozen=True)
class Filter:
    """Which lines are wanted; it stands in the address of the page. `before`: only lines with smaller numbers."""

    year: int | None = None
    kind: LedgerKind | None = None
    channel: str = ""
    by: str = ""
    words: str = ""
    before: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filter":
        """From an address; what cannot be meant is left out."""
        kind = query.get("kind", "")
        year = _number(query.get("year", ""))
        return cls(
            year if year and FIRST_YEAR <= year <= LAST_YEAR else None,
            LedgerKind(kind) if kind in set(LedgerKind) else None,
            _text(query.get("channel", "")),
            _text(query.get("by", "")),
            _text(query.get("words", "")),
            _number(query.get("before", "")),
        )

    @property
    def narrows(self) -> bool:
        """Whether any line is left out, apart from the page turned to."""
        return replace(self, before=None) != Filter()

    def link(self, path: str = "/ledger", **changes: object) -> str:
        """An address with this filter, or with one thing changed."""
        given: dict[str, object] = {
            "year": self.year,
            "kind": self.kind.value if self.kind else "",
            "channel": self.channel,
        }
        given |= {"by": self.by, "words": self.words, "before": self.before} | changes
        kept = {name: str(value) for name, value in given.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path

    def wanted(self) -> list[ColumnElement[bool]]:
        """The same for the database, without the page turned to."""
        found: list[ColumnElement[bool]] = []
        if self.year:
            found.append(within(TABLE.c.at, self.year))
        if self.kind or self.year:  # with all kinds named, a year is found by the index, which begins with the kind
            found.append(TABLE.c.kind.in_([self.kind] if self.kind else list(LedgerKind)))
        if self.by:
            found.append(TABLE.c.by == self.by)
        if self.channel:
            values = [channel.value for channel in Channel if channel.label == self.channel]
            found.append(TABLE.c.channel.in_([self.channel, *values]))
        if self.words:
            columns = (TABLE.c.title, TABLE.c.address, TABLE.c.source)
            found.append(or_(*(column.contains(self.words, autoescape=True) for column in columns)))
        return found


@dataclass(frozen=True)
class Sums:
    """What the lines wanted come to, kind by kind; superseded lines are not counted."""

    kinds: Mapping[LedgerKind, int]
    lines: int


async def page(connection: AsyncConnection, wanted: Filter) -> tuple[Sequence[Any], int | None, set[int]]:
    """Lines, newest first; the number to go on from, if there are more; which of them another line stands in place of."""
    conditions = wanted.wanted()
    if wanted.before:
        conditions.append(TABLE.c.seq < wanted.before)
    numbers = select(TABLE.c.seq).where(*conditions).order_by(TABLE.c.seq.desc()).limit(PAGE_SIZE + 1)
    query = select(*COLUMNS).where(TABLE.c.seq.in_(numbers)).order_by(TABLE.c.seq.desc())
    rows = (await connection.execute(query)).all()
    shown = rows[:PAGE_SIZE]
    found = await connection.execute(superseded_among([row.seq for row in shown]))
    return shown, shown[-1].seq if len(rows) > PAGE_SIZE else None, {row.seq for row in found}


async def sums(connection: AsyncConnection, wanted: Filter) -> Sums:
    """Counted as the report counts."""
    kinds: dict[LedgerKind, int] = {}
    lines = 0
    for (kind, _who), tally in (await read_tallies(connection, wanted.wanted())).items():
        kinds[LedgerKind(kind)] = kinds.get(LedgerKind(kind), 0) + tally.quantity
        lines += tally.count
    return Sums({kind: kinds[kind] for kind in LedgerKind if kind in kinds}, lines)


async def everything(connection: AsyncConnection, wanted: Filter) -> AsyncIterator[tuple[Any, bool]]:
    """All lines wanted, oldest first, each with whether it stands."""
    gone = set((await connection.execute(superseded())).scalars())
    rows = await connection.stream(select(*COLUMNS).where(*wanted.wanted()).order_by(TABLE.c.seq))
    async for block in rows.partitions(BLOCK):
        for row in block:
            yield row, row.seq not in gone


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 16 else None


def _text(text: str) -> str:
    try:
        return plain(text[:WORDS_MAX])
    except ValueError:
        return ""  # PostgreSQL cannot look for what it cannot store
