"""What one year's report rests on, read from the database: ledger, questions, cases, readings, hand-entered figures, texts.

Sums are made by the database; the rows behind them are `behind`'s to read, so that a large ledger stays a small report.
A correction line stands in place of the line it corrects: with its own day, kind and quantity (0 withdraws).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report.values import NOT_RECORDED, Value, as_json, number
from knowledge import clock, counts
from knowledge.cases.reading import Case, all_cases
from knowledge.tables import ApplicationEvent, DeclaredFigure, LedgerLine, Question, Reading, ReportText
from knowledge.vocabulary import ReplyBy, ValueState

EVENTS = ApplicationEvent.__table__  # type: ignore[attr-defined]
LEDGER = LedgerLine.__table__  # type: ignore[attr-defined]
QUESTIONS = Question.__table__  # type: ignore[attr-defined]
READINGS = Reading.__table__  # type: ignore[attr-defined]
DECLARED = DeclaredFigure.__table__  # type: ignore[attr-defined]
TEXTS = ReportText.__table__  # type: ignore[attr-defined]

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
    """Lines or questions of one group: how many stand, and what they add up to."""

    count: int = 0
    quantity: int = 0


@dataclass
class KeptSums:
    """Sums of the ledger up to a line, by year, and the cases: since both only grow, a service reads nothing twice."""

    years: dict[int, tuple[int, dict[tuple[str, str], Tally], datetime | None]] = field(default_factory=dict)
    cases: tuple[int, list[Case]] = field(
        default=(0, [])
    )  # the cases as of so many events, which are only ever added to


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


async def read_year(
    session: AsyncSession, year: int, kept: KeptSums | None = None, cases: list[Case] | None = None
) -> Records:
    """Read what a year's figures are reckoned from (统计期 1月1日–12月31日, Asia/Shanghai).

    The cases are of no one year; whoever has read them for another year hands them over.
    """
    connection = await session.connection()
    records = Records(year)
    kept = kept or KeptSums()
    await _read_ledger(connection, records, kept)
    await _read_questions(connection, records)
    await _read_readings(connection, records)
    records.declared = await read_declared(session, year)
    records.cases = await _cases(session, kept) if cases is None else cases
    for event in (event for one in records.cases for event in one.course.events if event.day.year == year):
        records.saw(clock.day_edges(event.day)[0])
    texts = await connection.execute(select(TEXTS).where(TEXTS.c.year == year).order_by(TEXTS.c.entered_at, TEXTS.c.id))
    records.texts = {row.section: plain(row.text) for row in texts}
    return records


async def _cases(session: AsyncSession, kept: KeptSums) -> list[Case]:
    events = (await (await session.connection()).execute(select(func.count()).select_from(EVENTS))).scalar() or 0
    if kept.cases[0] != events:
        kept.cases = events, await all_cases(session)
    return kept.cases[1]


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
    return Entered(value, day, row_of("declared_figure", row.id, day, row.key, value, row.entered_by, row.source))


def within(column: Any, year: int) -> ColumnElement[bool]:
    """Whether a moment lies in the office's year."""
    start, end = clock.year_edges(year)
    return and_(column >= start, column < end)


async def superseded(connection: AsyncConnection) -> dict[int, Any]:
    """Lines another line stands in place of. Of all corrections that go back to one line, the last one stands."""
    shown = [LEDGER.c[name] for name in ("seq", "corrects", "kind", "quantity", "at", "by", "question_id")]
    corrects = LEDGER.c.corrects > 0  # not "is not null", for which SQLite would read the whole ledger
    either = (corrects, LEDGER.c.seq.in_(select(LEDGER.c.corrects).where(corrects)))
    found: dict[int, Any] = {}
    for wanted in either:
        found.update({line.seq: line for line in await connection.execute(select(*shown).where(wanted))})
    first: dict[int, int] = {}
    standing: dict[int, int] = {}
    for seq in sorted(found):  # a line only corrects an earlier one, so its origin is already known
        first[seq] = first.get(found[seq].corrects, seq)
        standing[first[seq]] = seq
    return {seq: found[seq] for seq in sorted(found) if standing[first[seq]] != seq}


def _who(by: str, *, question: bool) -> str:
    """Replies by the system, replies of staff to a question on record, and lines for counts taken over in bulk."""
    if by == ReplyBy.SYSTEM:
        return SYSTEM
    return STAFF if question else BULK


async def _read_ledger(connection: AsyncConnection, records: Records, kept: KeptSums) -> None:
    upto = (await connection.execute(select(func.max(LEDGER.c.seq)))).scalar() or 0
    known, sums, last = kept.years.get(records.year, (0, {}, None))
    if known > upto:  # another database than the one these sums are of
        known, sums, last = 0, {}, None
    sums = {key: Tally(tally.count, tally.quantity) for key, tally in sums.items()}
    records.saw(last)
    if upto > known:
        await _add_up(connection, records, sums, known)
    kept.years[records.year] = (upto, sums, records.last_moment)
    for key, tally in sums.items():
        records.ledger[key] = Tally(tally.count, tally.quantity)
    start, end = clock.year_edges(records.year)
    for line in (await superseded(connection)).values():
        if start <= line.at < end:
            tally = records.ledger[line.kind, _who(line.by, question=line.question_id is not None)]
            tally.count, tally.quantity = tally.count - 1, tally.quantity - line.quantity


async def _add_up(
    connection: AsyncConnection, records: Records, sums: dict[tuple[str, str], Tally], after: int
) -> None:
    """Add the lines after a number. Grouped in the order of an index that holds all these columns."""
    named = case((LEDGER.c.question_id.is_not(None), LEDGER.c.quantity), else_=0)
    query = (
        select(LEDGER.c.kind, LEDGER.c.by, func.count().label("lines"), func.sum(LEDGER.c.quantity).label("quantity"))
        .add_columns(func.count(LEDGER.c.question_id).label("named"), func.sum(named).label("named_quantity"))
        .add_columns(func.max(LEDGER.c.at).label("last"))
        .where(within(LEDGER.c.at, records.year))
        .group_by(LEDGER.c.kind, LEDGER.c.by)
    )
    for found in await connection.execute(query.where(LEDGER.c.seq > after) if after else query):
        parts = (
            (True, found.named, int(found.named_quantity)),
            (False, found.lines - found.named, int(found.quantity) - int(found.named_quantity)),
        )
        for question, lines, quantity in parts:
            if lines:
                tally = sums.setdefault((found.kind, _who(found.by, question=question)), Tally())
                tally.count, tally.quantity = tally.count + lines, tally.quantity + quantity
        records.saw(found.last)


async def _read_questions(connection: AsyncConnection, records: Records) -> None:
    for channel, received in (await counts.received(connection, records.year)).items():
        records.questions[channel] = Tally(received, received)
    records.saw(await counts.last_received(connection, records.year))


async def _read_readings(connection: AsyncConnection, records: Records) -> None:
    days = READINGS.c.day.between(date(records.year, 1, 1), date(records.year, 12, 31))
    found = await connection.execute(select(READINGS).where(days).order_by(READINGS.c.day))
    for reading in found:
        value = number(reading.value)
        row = row_of("reading", reading.id, reading.day, reading.key, value, reading.recorded_by, reading.source)
        records.readings[reading.key] = Entered(value, reading.day, row)


def row_of(table: str, key: int, day: date, title: str, quantity: Value, who: str, source: str) -> Row:
    """A record as it is shown behind a figure."""
    return Row(
        table=table,
        id=key,
        day=day.isoformat(),
        title=plain(title),
        quantity=as_json(quantity),
        who=plain(who),
        source=plain(source),
    )
