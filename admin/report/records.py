"""What one year's report rests on, read from the database: ledger, questions, cases, readings, hand-entered figures, texts.

Sums are made by the database and rows are read only when asked for, so that a large ledger stays a small report.
A correction line stands in place of the line it corrects: with its own day, kind and quantity (0 withdraws).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report.values import NOT_RECORDED, Value, as_json, number
from knowledge import clock
from knowledge.cases.reading import Case, all_cases
from knowledge.disclosing.standing import superseded
from knowledge.tables import DeclaredFigure, LedgerLine, Question, Reading, ReportText
from knowledge.vocabulary import Channel, Kind, LedgerKind, ReplyBy, ValueState

LEDGER = LedgerLine.__table__  # type: ignore[attr-defined]
QUESTIONS = Question.__table__  # type: ignore[attr-defined]
READINGS = Reading.__table__  # type: ignore[attr-defined]
DECLARED = DeclaredFigure.__table__  # type: ignore[attr-defined]
TEXTS = ReportText.__table__  # type: ignore[attr-defined]

BLOCK = 5_000  # rows taken from the database at a time
SYSTEM, STAFF, BULK = "system", "staff", "bulk"


class Row(TypedDict):
    """One record behind a figure."""

    table: str
    id: int
    day: str
    title: str
    quantity: int | float | str
    who: str
    source: str


@dataclass(frozen=True)
class Entered:
    """A value somebody put on record, with the row that shows it."""

    value: Value
    day: date
    row: Row


@dataclass
class Tally:
    """Lines or questions of one group: how many stand, what they add up to, and the rows when they were read."""

    count: int = 0
    quantity: int = 0
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class LedgerTally:
    """What the ledger lines of one kind, replied to by one sort of hand, come to."""

    kind: str
    who: str
    lines: int
    quantity: int
    last: datetime


@dataclass
class Records:
    """Everything one year's figures are reckoned from; `ledger` is keyed by kind and by who replied."""

    year: int
    ledger: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    questions: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    readings: dict[str, Entered] = field(default_factory=dict)
    declared: dict[str, Entered] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    last_moment: datetime | None = None

    def saw(self, moment: datetime | None) -> None:
        """Keep the last moment at which something counted here happened."""
        if moment and (self.last_moment is None or moment > self.last_moment):
            self.last_moment = moment


async def read_year(session: AsyncSession, year: int, *, rows: bool = True) -> Records:
    """Read all records of a year (统计期 1月1日–12月31日, Asia/Shanghai)."""
    connection = await session.connection()
    records = Records(year)
    await _read_ledger(connection, records)
    await _read_questions(connection, records)
    if rows:
        await _read_ledger_rows(connection, records)
        await _read_question_rows(connection, records)
    await _read_readings(connection, records)
    records.declared = await read_declared(session, year)
    records.cases = await all_cases(session)
    for event in (event for one in records.cases for event in one.course.events if event.day.year == year):
        records.saw(clock.day_edges(event.day)[0])
    texts = await connection.execute(select(TEXTS).where(TEXTS.c.year == year).order_by(TEXTS.c.entered_at, TEXTS.c.id))
    records.texts = {row.section: plain(row.text) for row in texts}
    return records


async def read_declared(session: AsyncSession, year: int) -> dict[str, Entered]:
    """The hand-entered figures of a year; of several rows for one key the latest counts."""
    connection = await session.connection()
    found = await connection.execute(
        select(DECLARED).where(DECLARED.c.year == year).order_by(DECLARED.c.entered_at, DECLARED.c.id)
    )
    return {row.key: _entered(row) for row in found}


def plain(text: str) -> str:
    """Text without control characters, which no file format of the report can carry."""
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable() or sign == "\u3000")


def _entered(row: Any) -> Entered:
    state = ValueState(row.state)
    value: Value = state
    if state is ValueState.NUMBER:
        value = NOT_RECORDED if row.value is None else number(row.value)
    day = clock.office_day(row.entered_at)
    return Entered(value, day, _row("declared_figure", row.id, day, row.key, value, row.entered_by, row.source))


def _group() -> Any:
    """Replies by the system, replies of staff to a question on record, and lines for counts taken over in bulk."""
    return case(
        (LEDGER.c.by == ReplyBy.SYSTEM.value, SYSTEM), (LEDGER.c.question_id.is_not(None), STAFF), else_=BULK
    ).label("who")


def within(column: Any, year: int) -> Any:
    """The moments of the office's year."""
    start, end = clock.year_edges(year)
    return and_(column >= start, column < end)


async def read_tallies(connection: AsyncConnection, *wanted: ColumnElement[bool]) -> list[LedgerTally]:
    """The ledger lines wanted, by kind and by who replied: how many stand, what they add up to, and the latest moment."""
    who, gone = _group(), superseded().subquery("gone")
    stands = gone.c.seq.is_(None)
    sums = await connection.execute(
        select(LEDGER.c.kind, who, func.count(case((stands, 1))).label("lines"))
        .add_columns(func.sum(case((stands, LEDGER.c.quantity), else_=0)).label("quantity"))
        .add_columns(func.max(LEDGER.c.at).label("last"))
        .select_from(LEDGER.outerjoin(gone, gone.c.seq == LEDGER.c.seq))
        .where(*wanted)
        .group_by(LEDGER.c.kind, who)
    )
    return [LedgerTally(row.kind, row.who, row.lines, int(row.quantity), row.last) for row in sums]


async def _read_ledger(connection: AsyncConnection, records: Records) -> None:
    # With all kinds named, the year is found by the index, which begins with the kind.
    every_kind = LEDGER.c.kind.in_(list(LedgerKind))
    for found in await read_tallies(connection, within(LEDGER.c.at, records.year), every_kind):
        tally = records.ledger[found.kind, found.who]
        tally.count, tally.quantity = found.lines, found.quantity
        records.saw(found.last)


async def _read_ledger_rows(connection: AsyncConnection, records: Records) -> None:
    gone = set((await connection.execute(superseded())).scalars())
    shown = (LEDGER.c[name] for name in ("seq", "at", "kind", "title", "quantity", "by", "source", "address"))
    query: Select[Any] = select(*shown, _group()).where(within(LEDGER.c.at, records.year))
    lines = await connection.stream(query.order_by(LEDGER.c.at, LEDGER.c.seq))
    async for block in lines.partitions(BLOCK):
        for line in block:
            if line.seq not in gone:
                source, day = line.source or line.address, clock.office_day(line.at)
                row = _row("ledger", line.seq, day, line.title, line.quantity, line.by, source)
                records.ledger[line.kind, line.who].rows.append(row)


async def _read_questions(connection: AsyncConnection, records: Records) -> None:
    received = QUESTIONS.c.received_at
    counts = await connection.execute(
        select(QUESTIONS.c.channel, func.count().label("received"), func.max(received).label("last"))
        .where(within(received, records.year))
        .group_by(QUESTIONS.c.channel)
    )
    for found in counts:
        records.questions[found.channel] = Tally(found.received, found.received)
        records.saw(found.last)


async def _read_question_rows(connection: AsyncConnection, records: Records) -> None:
    """A question's row names its kind, not its words: the row may be published with the report."""
    received = QUESTIONS.c.received_at
    query = select(QUESTIONS.c.id, QUESTIONS.c.channel, QUESTIONS.c.kind, received)
    found = await connection.stream(query.where(within(received, records.year)).order_by(received, QUESTIONS.c.id))
    async for block in found.partitions(BLOCK):
        for question in block:
            day, source = clock.office_day(question.received_at), Channel(question.channel).label
            row = _row("question", question.id, day, Kind(question.kind).label, 1, "", source)
            records.questions[question.channel].rows.append(row)


async def _read_readings(connection: AsyncConnection, records: Records) -> None:
    days = READINGS.c.day.between(date(records.year, 1, 1), date(records.year, 12, 31))
    found = await connection.execute(select(READINGS).where(days).order_by(READINGS.c.day))
    for reading in found:
        value = number(reading.value)
        row = _row("reading", reading.id, reading.day, reading.key, value, reading.recorded_by, reading.source)
        records.readings[reading.key] = Entered(value, reading.day, row)


def _row(table: str, key: int, day: date, title: str, quantity: Value, who: str, source: str) -> Row:
    return Row(
        table=table,
        id=key,
        day=day.isoformat(),
        title=plain(title),
        quantity=as_json(quantity),
        who=plain(who),
        source=plain(source),
    )
